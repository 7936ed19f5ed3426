# Style and static analysis. All of it reads tracked and new files alike, so nothing slips by.

# the layout is clang-format 14's; other versions differ in details
CLANG_FORMAT ?= $(firstword $(shell command -v clang-format-14 clang-format 2>/dev/null) clang-format)
CLANG_TIDY   ?= $(firstword $(shell command -v clang-tidy-14 clang-tidy 2>/dev/null) clang-tidy)
FUZZ_SECONDS ?= 30

own = $(wildcard $(foreach d,include/digico kernels kernels/* host/* bench bench/gpu bench/cmaes examples \
    tests/host/* tests/kernels/* tests/*,$(d)/*.c $(d)/*.h $(d)/*.cpp $(d)/*.cu))

.PHONY: format format-check tidy cppcheck fuzz
format:
	$(Q)$(CLANG_FORMAT) -i $(own)

format-check:
	@$(CLANG_FORMAT) --version
	$(Q)$(CLANG_FORMAT) --dry-run --Werror $(own)

tidy_files = $(filter %.c,$(filter-out tests/%,$(own)))
# the emulator's headers name what the project uses of CUDA, with or without the toolkit
tidy_flags = -DDG_VECTOR=generic -DDG_CUDA_CODE='""' -Itests/emulator/include
tidy:
	$(Q)printf '%s\n' $(tidy_files) | xargs -P $(JOBS) -I{} $(CLANG_TIDY) --quiet {} -- \
	    -std=gnu11 $(FLOAT) -fopenmp $(tidy_flags) $(INCLUDES)

# shiftTooManyBitsSigned: gcc and clang define >> of a negative number, the kernels rely on it
cppcheck:
	$(Q)cppcheck --std=c11 --language=c -j $(JOBS) --enable=warning,performance,portability \
	    --inline-suppr --suppress=missingIncludeSystem --suppress=shiftTooManyBitsSigned --error-exitcode=1 --quiet \
	    -I. -Iinclude $(tidy_flags) $(tidy_files)

# every tests/fuzz/fuzz_<stem>.c runs for a while on libFuzzer; needs clang. A crash keeps its input
# under build/fuzz; tests/fuzz/<stem>/ holds starting inputs.
fuzz_sources = $(wildcard tests/fuzz/fuzz_*.c)
fuzz:
	@$(MAKE) $(parallel) --no-print-directory BUILD=build/fuzz CC=clang ASAN=1 UBSAN=1 \
	    CFLAGS='$(CFLAGS) -fsanitize=fuzzer-no-link' fuzz-run

fuzz_programs = $(fuzz_sources:%.c=$(BUILD)/%)
.SECONDARY: $(fuzz_sources:%.c=$(BUILD)/%.o)
.PHONY: fuzz-run
fuzz-run: $(fuzz_programs)
	@set -e; for fuzz in $(fuzz_programs); do \
	    stem=$$(basename $$fuzz | sed 's/^fuzz_//'); found=$(BUILD)/found/$$stem; log=$$fuzz.log; \
	    mkdir -p $$found; echo "$$fuzz: $(FUZZ_SECONDS) s"; \
	    $$fuzz -max_total_time=$(FUZZ_SECONDS) -max_len=4096 -timeout=10 -print_final_stats=1 \
	        -artifact_prefix=$(BUILD)/ $$found $$(ls -d tests/fuzz/$$stem configs 2>/dev/null) \
	        >$$log 2>&1 || { cat $$log; exit 1; }; \
	    sed -n 's/^stat:://p' $$log; \
	done

$(BUILD)/tests/fuzz/%: $(BUILD)/tests/fuzz/%.o $(library)
	$(call say,LINK)
	$(Q)$(CC) $(COMMON) -fsanitize=fuzzer $^ -o $@ $(LIBS)
