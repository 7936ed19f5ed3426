# Tests. Each test_<stem>.c in tests/host/, tests/kernels/ and tests/support/ is a Criterion program; the other
# sources of these folders are linked into all of them. tests/include/ compiles the public header as C and as
# C++, links the library, and uses it from several threads. tests/tools/ tests the tools that read sources.
# tests/vectors/ is compiled once per instruction set, and linked into all of them too.

test_folders := $(patsubst %/,%,$(sort $(dir $(wildcard tests/kernels/*/ tests/host/*/)))) tests/support
test_sources := $(wildcard $(test_folders:%=%/test_*.c))
help_sources := $(filter-out $(test_sources),$(wildcard $(test_folders:%=%/*.c)))
test_programs := $(test_sources:%.c=$(BUILD)/%)
vector_help   := $(foreach v,$(vectors),$(patsubst %.c,$(BUILD)/%.$(v).o,$(wildcard tests/vectors/*.c)))
help_objects  := $(help_sources:%.c=$(BUILD)/%.o) $(vector_help)
header_tests  := $(patsubst %,$(BUILD)/tests/include/header_%,\
    $(patsubst .%,%,$(suffix $(wildcard tests/include/header.c tests/include/header.cpp))))
thread_test   := $(BUILD)/tests/include/header_threads
header_tests  += $(thread_test)
tool_tests    := $(wildcard tests/tools/test_*.py)

$(BUILD)/tests/%.o: INCLUDES += $(shell pkg-config --cflags criterion)
# Criterion's macros leave fields out and shadow their own temporaries
$(test_programs:%=%.o): PRIVATE_FLAGS = -Wno-missing-field-initializers

$(test_programs): $(BUILD)/%: $(BUILD)/%.o $(help_objects) $(library)
	$(call say,LINK)
	$(Q)$(CC) $(COMMON) $(LDFLAGS) $^ -o $@ $(LIBS) $(shell pkg-config --libs criterion)

$(BUILD)/tests/include/header_c: tests/include/header.c $(library)
	$(call say,LINK)
	@mkdir -p $(@D)
	$(Q)$(CC) -std=c11 $(COMMON) $(WARN) -Iinclude $< $(library) -o $@ $(LIBS)

$(BUILD)/tests/include/header_cpp: tests/include/header.cpp $(library)
	$(call say,LINK)
	@mkdir -p $(@D)
	$(Q)$(CXX) -std=c++17 $(COMMON) $(WARN) -Iinclude $< $(library) -o $@ $(LIBS)

$(thread_test): tests/include/threads.c $(library)
	$(call say,LINK)
	@mkdir -p $(@D)
	$(Q)$(CC) -std=c11 $(COMMON) $(WARN) -Iinclude $< $(library) -o $@ $(LIBS)

# ---- the emulator: CUDA kernels on the CPU (tests/emulator/), under the address sanitizer -----------

emulator_tests := $(patsubst %,$(BUILD)/%,$(basename $(wildcard tests/emulator/test_*.c tests/emulator/test_*.cpp)))
$(emulator_tests:%=%.o): PRIVATE_FLAGS = $(cuda_flags) -Wno-missing-field-initializers \
    -Wno-pedantic -Wno-shadow

# sums.o: the law of draws, one candidate after another
$(emulator_tests): $(BUILD)/%: $(BUILD)/%.o $(BUILD)/tests/support/sums.o $(library)
	$(call say,LINK)
	$(Q)$(CXX) $(COMMON) $(LDFLAGS) $^ -o $@ $(LIBS) $(shell pkg-config --libs criterion)

.PHONY: test-emulator test-emulator-run
test-emulator:
	@$(MAKE) $(parallel) --no-print-directory EMULATE=1 ASAN=1 UBSAN=1 test-emulator-run

# the emulator itself; the engine on three emulated GPUs; the first of the cases that tools/gpu-check
# compares on a real one; runs that are cut into blocks to even out multiprocessors; cuBLAS step by step
uneven := agents=129 policy.hidden=2 observation.capacity=2 generations=3 steps=3 output.agents=true @runs=5
emulated_tests := $(addprefix $(BUILD)/tests/host/engine/test_,devices engine ensemble estimate_time)
test-emulator-run: $(program) $(emulator_tests) $(emulated_tests) $(BUILD)/equal $(BUILD)/cublas $(BUILD)/fmath
	@tests/run '$(search)' $(emulator_tests)
	@DIGICO_EMULATED_DEVICES=3 tests/run '$(search)' $(emulated_tests)
	DIGICO_EMULATED_MULTIPROCESSORS=64 $(BUILD)/equal --short
	DIGICO_EMULATED_MULTIPROCESSORS=8 $(BUILD)/equal $(uneven)
	$(BUILD)/cublas --steps
	$(BUILD)/fmath --every 104729

# ---- programs for a machine with a GPU: each has a main, the other sources of its folder help it ------

cuda_tests   := $(filter tests/cuda/equal.c tests/cuda/cublas.c tests/cuda/fmath.c,$(wildcard tests/cuda/*.c))
cuda_help    := $(filter-out $(cuda_tests),$(wildcard tests/cuda/*.c))
gpu_bench    := $(wildcard bench/gpu.c bench/gpu/*.c bench/trace.c)
gpu_programs := $(cuda_tests:tests/cuda/%.c=$(BUILD)/%) $(if $(wildcard bench/gpu.c),$(BUILD)/gpu-bench)
gpu_objects  := $(patsubst %.c,$(BUILD)/%.o,$(cuda_tests) $(cuda_help) $(gpu_bench))
$(gpu_objects): PRIVATE_FLAGS = $(cuda_flags)

$(cuda_tests:tests/cuda/%.c=$(BUILD)/%): $(BUILD)/%: $(BUILD)/tests/cuda/%.o $(cuda_help:%.c=$(BUILD)/%.o)
$(BUILD)/fmath: $(BUILD)/tests/cuda/fmath_kernel.cu.o
$(BUILD)/gpu-bench: $(gpu_bench:%.c=$(BUILD)/%.o)
# they travel to machines that have little: libyaml and Zstandard are linked in, and netCDF nothing of theirs calls
$(gpu_programs): $(library)
	$(call say,LINK)
	$(Q)$(CC) $(COMMON) $(LDFLAGS) $(filter %.o,$^) $(library) -o $@ -Wl,-Bstatic -lyaml -lzstd -Wl,-Bdynamic $(backend_libs) -lm -lpthread

.PHONY: gpu-programs gpu-programs-run gpu-check test-gpu
gpu-programs:
	@$(if $(NVCC),$(MAKE) $(parallel) --no-print-directory BUILD=build/gpu CUDA=1 gpu-programs-run,\
	    echo 'gpu-programs: no nvcc here: skipped')

gpu-programs-run: $(gpu_programs)

gpu-check: gpu-programs
	tools/gpu-check

test-gpu: gpu-programs
	tools/gpu-check --only fmath --only equal --only golden --only cublas

# keep the objects: else make removes them as intermediate and `search=` relinks from scratch
.SECONDARY: $(test_programs:%=%.o) $(help_objects) $(emulator_tests:%=%.o) $(gpu_objects)

.PHONY: tests check test
tests: $(program) $(test_programs) $(header_tests)

# build and run, no set-up; then the floors, which take no time
check: tests
	@DIGICO=$(program) tests/run '$(search)' $(header_tests) $(tool_tests) $(test_programs)
	@$(MAKE) --no-print-directory layers

# a second make, because set-up may bring the libraries that the first one did not find
test:
	@tools/setup test
	@$(MAKE) $(parallel) --no-print-directory check

# digico submit against a real Slurm of one node; search=<scenario> picks one (tests/slurm/run)
.PHONY: test-slurm
test-slurm:
	@tools/setup slurm
	@$(MAKE) $(parallel) --no-print-directory all
	@tests/slurm/run $(program) $(search)

# clang's OpenMP runtime tells the thread sanitizer of its locks through an OMPT tool, archer, which it
# loads by itself; gcc's runtime has none and would drown in false alarms
.PHONY: race race-run
race:
	@$(MAKE) $(parallel) --no-print-directory CC=clang TSAN=1 race-run

race-run: $(program) $(thread_test)
	tests/race $(program) $(thread_test)

# ---- crash tests: kills, failing calls, full disks, damaged files (tests/crash/run) --------------------

# `only` picks cases by a pattern, SEED repeats a failure; `torture` goes on for TORTURE_MINUTES
fault_library := $(BUILD)/tests/crash/fault.so
$(fault_library): tests/crash/fault.c $(BUILD)/flags.stamp
	$(call say,LINK)
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -O2 -g $(WARN) -shared -fPIC $< -o $@ -ldl

crash = tests/crash/run $(if $(SEED),--seed $(SEED)) $(if $(only),--only '$(only)')
.PHONY: test-crash torture
test-crash: $(program) $(fault_library)
	@$(crash) $^

torture: $(program) $(fault_library)
	@$(crash) --long $^
