# The CUDA backend. Three ways to build:
#
#   CUDA=1      nvcc compiles kernels/cuda/*.cu; the program still starts where there is no GPU and no driver.
#               The default where nvcc is found, for gcc without sanitizers
#   CUDA=0      kernels/cuda/*.cu stay out, host/backends/absent.c answers for them
#   EMULATE=1   the host compiler takes kernels/cuda/*.cu, and tests/emulator/ stands in for the GPU
#
# NVCC names the compiler, SM the architectures: by default A100, H100 and H200, B200, RTX 50, as far as this
# nvcc has them. GPUs between and beyond these run the code of an older one of their family, or translate
# the PTX of the first one.

NVCC ?= $(firstword $(shell command -v nvcc 2>/dev/null) $(wildcard /usr/local/cuda/bin/nvcc))

SM_WANTED := 80 90 100 120
ifndef SM
SM := $(filter $(if $(NVCC),$(patsubst sm_%,%,$(shell $(NVCC) --list-gpu-code 2>/dev/null)),%),$(SM_WANTED))
endif

comma := ,

cuda_sources   := $(wildcard kernels/cuda/*.cu)
cuda_host      := $(wildcard host/backends/cuda*.c)
emulator_parts := $(filter-out tests/emulator/test_%,$(wildcard tests/emulator/*.cpp))

# what is built: nvcc, emulated or none
backend_kind := none
ifneq ($(and $(cuda_sources),$(cuda_host)),)
ifeq ($(EMULATE),1)
backend_kind := emulated
else ifeq ($(CUDA),1)
backend_kind := nvcc
else ifeq ($(CUDA),auto)
# nvcc takes few versions of clang, and its code cannot be sanitized
backend_kind := $(if $(or $(findstring clang,$(CC)),$(strip $(SANITIZE))),none,$(if $(NVCC),nvcc,none))
endif
endif
ifeq ($(backend_kind)$(NVCC),nvcc)
$(error CUDA=1 and no nvcc: put it on the PATH, or say NVCC=/path/to/nvcc)
endif

backend_text := $(strip $(if $(filter emulated,$(backend_kind)),and cuda on an emulated device,\
    $(if $(filter nvcc,$(backend_kind)),and cuda ($(NVCC)$(comma) sm $(SM)))))

# ---- what the library gets ----------------------------------------------------------------------

cuda_objects      := $(cuda_sources:%.cu=$(BUILD)/%.cu.o)
cuda_test_objects := $(BUILD)/tests/cuda/fmath_kernel.cu.o
cuda_host_objects := $(cuda_host:%.c=$(BUILD)/%.o)
emulator_objects  := $(emulator_parts:%.cpp=$(BUILD)/%.o)
# what stays out of the library, as C sources
backend_others    := $(if $(filter none,$(backend_kind)),$(cuda_host),host/backends/absent.c)

ifeq ($(backend_kind),nvcc)
backend_objects := $(cuda_objects)
# nvcc may be a link or a script; its libraries lie beside the real one
cuda_home := $(abspath $(dir $(realpath $(NVCC)))..)
cudart    := $(firstword $(wildcard $(foreach d,lib64 lib targets/*/lib,$(cuda_home)/$(d)/libcudart_static.a)))
# the runtime is linked in; it looks for the driver when the program runs
backend_libs    = $(cudart) -ldl -lrt
cuda_flags     := -isystem $(cuda_home)/include \
    -DDG_CUDA_CODE='"$(foreach s,$(SM),sm_$(s)) and, for others from $(firstword $(SM)) on, PTX"'
# messages name the architectures
$(cuda_host_objects): $(BUILD)/cuda.stamp
endif

ifeq ($(backend_kind),emulated)
backend_objects := $(cuda_objects)
backend_libs    = -lstdc++
endif
ifeq ($(EMULATE),1)
backend_objects += $(emulator_objects)
backend_libs    = -lstdc++
cuda_flags     := -DDG_EMULATOR=1 -DDG_CUDA_CODE='"the emulator"' -Itests/emulator/include -Itests/emulator
endif
# C sources that call the CUDA runtime
$(cuda_host_objects): PRIVATE_FLAGS = $(cuda_flags)

# ---- nvcc ---------------------------------------------------------------------------------------

# -fmad=false: for the reason that stands beside -ffp-contract=off. The next three are nvcc's defaults,
# exact subnormals, quotients and roots: said, so that --use_fast_math of NVCC_APPEND_FLAGS leaves them.
# $(SWITCHES) reaches what host and device share, the science headers; nvcc has no such warning of its own for
# device code, so kernels/cuda/ makes no choice but by their functions, or by the lists of choices.h.
# -lineinfo: profilers and compute-sanitizer name lines; the code is the same. Without exceptions and
# guarded statics (nvcc's own, in launches by <<< >>>, which nobody makes) the program needs no C++
# library
NVCC_FLAGS := -std=c++17 -O3 -fmad=false -ftz=false -prec-div=true -prec-sqrt=true -lineinfo \
    -Werror all-warnings -ccbin $(CXX) -Xcompiler $(subst $(space),$(comma),$(strip -g $(FLOAT) $(SWITCHES) \
    -fno-exceptions -fno-threadsafe-statics)) $(PROBES)
NVCC_CODE  := $(foreach s,$(SM),-gencode arch=compute_$(s)$(comma)code=sm_$(s)) \
    -gencode arch=compute_$(firstword $(SM))$(comma)code=compute_$(firstword $(SM))

$(BUILD)/cuda.stamp: FORCE
	$(call stamp,$(NVCC) $(NVCC_FLAGS) $(NVCC_CODE))

ifeq ($(backend_kind),nvcc)
$(cuda_objects) $(cuda_test_objects): $(BUILD)/%.cu.o: %.cu $(BUILD)/cuda.stamp
	$(call say,NVCC)
	@mkdir -p $(@D)
	$(Q)$(NVCC) $(NVCC_FLAGS) $(NVCC_CODE) -I. -Iinclude -MMD -MP -MF $(@:.o=.d) -c $< -o $@
endif

# every .cu for every architecture, whatever else is built
check_sources := $(cuda_sources) $(wildcard tests/cuda/*.cu)
check_objects := $(foreach s,$(SM),$(check_sources:%=$(BUILD)/cuda-check/sm_$(s)/%.o))
.PHONY: cuda-check
cuda-check: $(if $(NVCC),$(check_objects))
	@echo "cuda-check: $(if $(NVCC),$(check_sources) compile for sm $(SM),no nvcc here: skipped)"

define check_rule
$(BUILD)/cuda-check/sm_$(1)/%.cu.o: %.cu $(wildcard kernels/*.h kernels/*/*.h) $(BUILD)/cuda.stamp
	$$(call say,NVCC)
	@mkdir -p $$(@D)
	$$(Q)$$(NVCC) $$(NVCC_FLAGS) -arch=sm_$(1) -I. -Iinclude -c $$< -o $$@
endef
$(foreach s,$(SM),$(eval $(call check_rule,$(s))))

# ---- emulator -----------------------------------------------------------------------------------

# unrolling is a word to nvcc; vptr checks would need the C++ sanitizer runtime, and nothing is virtual
EMULATOR_FLAGS = -std=gnu++17 $(COMMON) $(WARN) -Wno-unknown-pragmas \
    $(if $(filter 1,$(UBSAN)),-fno-sanitize=vptr) $(CFLAGS) $(cuda_flags)

ifeq ($(EMULATE),1)
$(cuda_objects) $(cuda_test_objects): $(BUILD)/%.cu.o: %.cu $(BUILD)/flags.stamp
	$(call say,C++)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(EMULATOR_FLAGS) -I. -Iinclude -MMD -MP -MF $(@:.o=.d) -x c++ -c $< -o $@

$(BUILD)/tests/emulator/%.o: tests/emulator/%.cpp $(BUILD)/flags.stamp
	$(call say,C++)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(EMULATOR_FLAGS) $(PRIVATE_FLAGS) $(INCLUDES) -MMD -MP -c $< -o $@
endif

-include $(patsubst %.o,%.d,$(cuda_objects) $(emulator_objects))
