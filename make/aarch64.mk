# aarch64 where no such machine is at hand: the whole library is cross-built with all warnings, and tests of the
# kernels, linked statically with it, run under qemu's emulation of a user program. Of the target's libraries the C
# library and libgomp alone are needed: Criterion has a stand-in (tests/aarch64), the sources of a run's start and of
# the kernels read no YAML and write no netCDF. Static, because in Debian 12 a dynamic program hangs under qemu in
# pthread_create.

CROSS ?= aarch64-linux-gnu-gcc
QEMU  ?= $(firstword $(shell command -v qemu-aarch64-static qemu-aarch64) qemu-aarch64-static)

# not these: all floats, or many whole runs, take minutes under emulation; parameters the stand-in does not know
aarch64_leaves  := $(patsubst %,tests/kernels/%.c,science/test_fmath science/test_sums \
    $(patsubst %,cpu/test_%,backend overflow stop trouble generation ai_types))
aarch64_tests   := $(filter-out $(aarch64_leaves),$(filter tests/kernels/%,$(test_sources)))
aarch64_objects := $(patsubst %.c,$(BUILD)/%.o,$(aarch64_tests) tests/aarch64/main.c)
# as a library, of which only what the tests call is linked
aarch64_help    := $(patsubst %.c,$(BUILD)/%.o,$(filter tests/support/%,$(help_sources))) $(vector_help)
aarch64_missing = $(strip $(foreach c,$(CROSS) $(QEMU),$(if $(shell command -v $(c) 2>/dev/null),,$(c))))

.PHONY: test-aarch64 aarch64-run
# the headers of this machine's libraries come last: they say nothing of the architecture
test-aarch64:
	@$(if $(aarch64_missing),echo 'test-aarch64: no $(aarch64_missing) here: not run (tools/setup ci)',\
	    $(MAKE) $(parallel) --no-print-directory BUILD=build/aarch64 CC='$(CROSS)' CUDA=0 \
	        CFLAGS='$(CFLAGS) -Itests/aarch64/include -idirafter /usr/include' aarch64-run)

aarch64-run: $(BUILD)/aarch64-tests $(program_objects)
	$(QEMU) $< $(search)

$(BUILD)/aarch64-help.a: $(aarch64_help)
	$(call say,AR)
	$(Q)rm -f $@ && ar qcs $@ $^

# its warning is that OpenACC, which nothing here uses, would load a library
$(BUILD)/aarch64-tests: $(aarch64_objects) $(BUILD)/aarch64-help.a $(library)
	$(call say,LINK)
	$(Q)$(CC) $(COMMON) -static $(LDFLAGS) $^ -o $@ -lm -lpthread -Wl,--no-warnings 2>/dev/null || \
	    $(CC) $(COMMON) -static $(LDFLAGS) $^ -o $@ -lm -lpthread

-include $(BUILD)/tests/aarch64/main.d
