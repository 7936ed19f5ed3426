# The PTX that nvcc makes of kernels/cuda/, run on the CPU: tools/ptx turns it into C++ that takes the place of
# the kernels in the emulator. Proves nvcc's own code up to ptxas, which makes machine code of it.
#
#   PTX_SM=90         architecture whose PTX runs; test-ptx runs all, those with the same PTX once
#   PTX_VARIANT=name  a folder of its own under build/emulator/ptx: profile counts what warps execute
#   PTX_ALTER='...'   options of `tools/ptx alter`: the PTX is altered before it is run, for tests of the tests

PTX_ARCHITECTURES := $(filter $(SM),90 80 100 120)
PTX_SM      ?= 90
PTX_VARIANT ?=
PTX_ALTER   ?=

ptx_sources := $(filter-out kernels/cuda/layout.cu,$(cuda_sources)) tests/cuda/fmath_kernel.cu
ptx_text    := $(BUILD)/ptx/text
ptx         := $(BUILD)/ptx/sm_$(PTX_SM)$(if $(PTX_VARIANT),-$(PTX_VARIANT))
ptx_files   := $(foreach s,$(PTX_ARCHITECTURES),$(ptx_sources:%.cu=$(ptx_text)/sm_$(s)/%.ptx))
ptx_objects := $(ptx_sources:%.cu=$(ptx)/%.o)
ptx_library := $(filter-out $(ptx)/tests/%,$(ptx_objects)) $(ptx)/counter.o
ptx_tool    := $(wildcard tools/ptx/*.py)
# integers wrap as a GPU's do; floats as everywhere (FLOAT)
PTX_FLAGS   := -std=gnu++17 -O1 -g1 -fwrapv $(FLOAT) $(SANITIZE) $(WARN) -Wno-unused-label -Wno-pedantic \
    $(if $(filter profile,$(PTX_VARIANT)),-DPTX_PROFILE) -Itests/emulator/include -Itests/emulator -I.

# .ptx.d: the headers, as nvcc says them
define ptx_rule
$(ptx_text)/sm_$(1)/%.ptx: %.cu $(BUILD)/cuda.stamp
	$$(call say,NVCC)
	@mkdir -p $$(@D)
	$$(Q)$$(NVCC) $$(NVCC_FLAGS) -arch=sm_$(1) -I. -Iinclude -MMD -MP -MF $$@.d -ptx $$< -o $$@
$(ptx_text)/sm_$(1)/%.ptxas: $(ptx_text)/sm_$(1)/%.ptx
	$$(call say,PTXAS)
	$$(Q)$$(NVCC) $$(NVCC_FLAGS) -arch=sm_$(1) -Xptxas -v -cubin $$< -o $$(@:.ptxas=.cubin) >$$@.new 2>&1 && mv $$@.new $$@
endef
$(foreach s,$(PTX_ARCHITECTURES),$(eval $(call ptx_rule,$(s))))
-include $(ptx_files:%=%.d)

$(ptx)/%.ptx: $(ptx_text)/sm_$(PTX_SM)/%.ptx $(ptx_tool) $(ptx)/alter.stamp
	@mkdir -p $(@D)
	$(Q)$(if $(PTX_ALTER),python3 -B tools/ptx alter $< $@.new $(PTX_ALTER),cp $< $@.new)
	$(Q)cmp -s $@.new $@ || cp $@.new $@

$(ptx)/alter.stamp: FORCE
	$(call stamp,$(PTX_ALTER))

$(ptx)/%.cpp: $(ptx)/%.ptx $(ptx_tool)
	$(call say,PTX)
	$(Q)python3 -B tools/ptx translate $< $@

$(ptx)/%.o: $(ptx)/%.cpp tests/ptx/machine.h tests/ptx/counter.h
	$(call say,C++)
	$(Q)$(CXX) $(PTX_FLAGS) -c $< -o $@

$(ptx)/counter.o: tests/ptx/counter.cpp tests/ptx/counter.h
	$(call say,C++)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(PTX_FLAGS) -c $< -o $@

# the kernels of the PTX come first: of two definitions the linker takes that one. tests/ptx/run checks that
# each was called
ptx_programs := $(addprefix $(ptx)/,equal cublas fmath)
$(ptx)/equal $(ptx)/cublas: $(ptx)/%: $(BUILD)/tests/cuda/%.o $(cuda_help:%.c=$(BUILD)/%.o) $(ptx_library) $(library)
$(ptx)/fmath: $(BUILD)/tests/cuda/fmath.o $(ptx)/tests/cuda/fmath_kernel.o $(cuda_test_objects) $(ptx)/counter.o $(library)
$(ptx_programs):
	$(call say,LINK)
	$(Q)$(CC) $(COMMON) $(LDFLAGS) $(filter %.o,$^) $(library) -o $@ -Wl,-z,muldefs $(LIBS)

.PRECIOUS: $(ptx)/%.ptx $(ptx)/%.cpp $(ptx)/%.o
.PHONY: test-ptx test-ptx-long ptx-programs ptx-run ptx-all \
    test-ptx-instructions ptx-instructions-all ptx-instructions-run test-ptx-gates ptx-gates-run test-ptx-probe ptx-probe-run
ptx_make = @$(if $(NVCC),$(MAKE) $(parallel) --no-print-directory EMULATE=1,echo '$@: no nvcc here: skipped'; :)

ptx-programs: $(ptx_programs) $(ptx_files)

ptx-run: ptx-programs
	@tests/ptx/run $(ptx) $(ARGS)

# a target for each architecture whose PTX is not that of another
ptx_each = set -e; for sm in $$(python3 -B tools/ptx distinct $(PTX_ARCHITECTURES:%=$(ptx_text)/sm_%)); do \
    $(MAKE) --no-print-directory PTX_SM=$$sm $(1); done

# every architecture whose PTX is not that of another; then what an alteration does
ptx-all: $(ptx_files)
	+@$(call ptx_each,ptx-run)
	@MAKE='$(MAKE) --no-print-directory EMULATE=1' tests/ptx/altered $(BUILD)/ptx

test-ptx:
	$(ptx_make) ptx-all

# warp instructions per agent-step beside recorded ones; ARGS=--record
test-ptx-instructions:
	$(ptx_make) PTX_VARIANT=profile ptx-instructions-all

ptx-instructions-all: $(ptx_files)
	+@$(call ptx_each,ptx-instructions-run)

ptx-instructions-run: ptx-programs
	@tests/ptx/instructions $(ptx) $(ARGS)

# registers, spills and fused operations; ARGS=--record
test-ptx-gates:
	$(ptx_make) ptx-gates-run

ptx-gates-run: $(ptx_files:.ptx=.ptxas)
	@tests/ptx/gates $(ptx_text) $(ARGS)

# the same in a probe build (kernels/science/probe.h): what the cases alone are blind to
test-ptx-probe:
	$(ptx_make) PROBE=1 PTX_ARCHITECTURES=90 ptx-probe-run

ptx-probe-run: ptx-programs
	@MAKE='$(MAKE) --no-print-directory EMULATE=1 PROBE=1 PTX_ARCHITECTURES=90' \
	    tests/ptx/altered $(BUILD)/ptx --probe

test-ptx-long:
	$(ptx_make) ARGS=--long ptx-all
