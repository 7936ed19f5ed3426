# What one does with a build: demo, bench, example, run, info, help, clean.

# as many jobs as cores where the caller said nothing
parallel = $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j$(JOBS))

FILE ?= configs/quickstart.yaml
OUT  ?= build/run

.PHONY: setup demo demo-run bench run examples configure info help clean
setup:
	@tools/setup build

demo:
	@tools/setup build
	@$(MAKE) $(parallel) --no-print-directory demo-run

demo-run: all
	$(program) run configs/quickstart.yaml -o build/demo --overwrite
	$(program) summary build/demo --compare

# figures are kept per machine, so that a reader can tell whose they are
machine_name = $(shell sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1 | \
    tr 'A-Z ' 'a-z-' | tr -cd 'a-z0-9-')-$(shell nproc)-threads
BENCH ?= bench/results/$(machine_name).json

bench: all
	@mkdir -p $(dir $(BENCH))
	$(program) bench --json $(BENCH)

run: all
	$(program) run $(FILE) -o $(OUT)

$(BUILD)/examples/%: examples/%.c $(library)
	$(call say,LINK)
	@mkdir -p $(@D)
	$(Q)$(CC) -std=c11 $(COMMON) $(WARN) -Iinclude $< $(library) -o $@ $(LIBS)

example_programs := $(patsubst %.c,$(BUILD)/%,$(wildcard examples/*.c))
examples: $(example_programs)
	@set -e; for example in $(example_programs); do echo "$$example"; $$example; done

# save variables for later calls: make configure CC=clang DEBUG=1
knobs := CC CXX BUILD DEBUG ASAN UBSAN TSAN CUDA EMULATE NVCC SM WERROR CFLAGS LDFLAGS JOBS
configure:
	@{ echo '# written by make configure; remove to forget'; \
	   $(foreach k,$(knobs),$(if $(filter command,$(firstword $(origin $(k)))),echo '$(k) = $($(k))';)) } >config.mk
	@cat config.mk

info:
	@echo 'compiler   $(shell $(CC) --version 2>/dev/null | head -n 1)'
	@echo 'C++        $(shell $(CXX) --version 2>/dev/null | head -n 1)'
	@echo 'machine    $(machine)'
	@echo 'flags      $(C_FLAGS)'
	@echo 'vectors    $(vectors)'
	@echo 'libraries  $(foreach l,netcdf yaml-0.1 libzstd criterion,$(l) $(shell pkg-config --modversion $(l) 2>/dev/null || echo absent))'
	@echo 'backends   cpu $(backend_text)'
	@echo 'commit     $(commit)'
	@echo 'build      $(BUILD)'

print-%:
	@echo '$* = $($*)'

help:
	@sed 's/^#//' make/help.txt

clean:
	rm -rf build
