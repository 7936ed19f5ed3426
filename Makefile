# digico: build, test, demonstrate. `make help` lists targets and variables.
#
# A clean checkout needs nothing but make: `make demo` and `make test` first run tools/setup, which
# installs what is missing. `make` alone builds and never installs.

-include config.mk
.DEFAULT_GOAL := all

# ---- variables (command line, environment or config.mk) --------------------------------------

ifeq ($(origin CC),default)
CC := gcc
endif
ifeq ($(origin CXX),default)
CXX := $(if $(findstring clang,$(CC)),$(subst clang,clang++,$(CC)),g++)
endif
DEBUG   ?= 0
ASAN    ?= 0
UBSAN   ?= 0
TSAN    ?= 0
CUDA    ?= auto
EMULATE ?= 0
PROBE   ?= 0
V       ?= 0
# warnings stop the build where nobody reads them
WERROR  ?= $(if $(CI),1,0)
JOBS    ?= $(shell nproc 2>/dev/null || echo 2)

# one folder per variant, so that switching never rebuilds: build, build/clang, build/asan-ubsan ...
empty   :=
space   := $(empty) $(empty)
variant := $(subst $(space),-,$(strip \
    $(filter-out gcc,$(notdir $(CC))) $(if $(filter 1,$(EMULATE)),emulator) $(if $(filter 1,$(PROBE)),probe) \
    $(if $(filter 1,$(DEBUG)),debug) $(if $(filter 1,$(ASAN)),asan) $(if $(filter 1,$(UBSAN)),ubsan) \
    $(if $(filter 1,$(TSAN)),tsan)))
BUILD ?= build$(if $(variant),/$(variant))

# ---- flags ------------------------------------------------------------------------------------

# -O3 below stays within IEEE 754. What may not appear: -ffast-math and -Ofast reorder sums and drop
# signed zeros; -march=native would make the binary depend on the machine that built it.
# -Og calls no function through a pointer inline, which xxHash demands of its own (an error, not a
# warning): there its hints are left out, the hashes are the same
OPTIMISE := $(if $(filter 1,$(DEBUG)),-Og -DXXH_NO_INLINE_HINTS=1,$(if $(filter 1,$(ASAN) $(UBSAN) $(TSAN)),-O2,-O3))
# a*b+c is fused only where the source says fmaf; else gcc, clang and each instruction set differ
FLOAT    := -ffp-contract=off
# errno after sqrt is never read: lets sqrtf become one (exactly rounded) instruction
FLOAT    += -fno-math-errno
# no floating-point exception is ever unmasked: lets loops with selects vectorise, values unchanged
FLOAT    += -fno-trapping-math
SWITCHES := -Werror=switch -Werror=switch-enum
WARN     := -Wall -Wextra -Wpedantic -Wshadow $(if $(filter 1,$(WERROR)),-Werror)
# a word of a choice that some switch forgets is a mistake everywhere, and no default hides it
WARN     += $(SWITCHES)
# clang's remark that a loop marked simd stayed scalar is about speed, not a mistake
WARN     += $(if $(findstring clang,$(CC)),-Wno-pass-failed)
SANITIZE := $(if $(filter 1,$(ASAN)),-fsanitize=address) \
            $(if $(filter 1,$(UBSAN)),-fsanitize=undefined -fno-sanitize-recover=all) \
            $(if $(filter 1,$(TSAN)),-fsanitize=thread)
SANITIZE := $(strip $(SANITIZE) $(if $(strip $(SANITIZE)),-fno-omit-frame-pointer))

CFLAGS   ?=
LDFLAGS  ?=
# a word in the records that two schedules share only if every logit, exponent and clock has the same bits
PROBES   := $(if $(filter 1,$(PROBE)),-DDG_PROBE)
COMMON   := $(strip $(OPTIMISE) -g $(FLOAT) $(PROBES) -fopenmp $(SANITIZE))
C_FLAGS  := $(strip -std=gnu11 $(COMMON) $(WARN) -Wmissing-prototypes $(CFLAGS))
INCLUDES  = -I. -Iinclude $(shell pkg-config --cflags netcdf yaml-0.1 libzstd)
LIBS      = $(shell pkg-config --libs netcdf yaml-0.1 libzstd) $(backend_libs) -lm -lpthread

include make/cuda.mk

# ---- sources ----------------------------------------------------------------------------------

# the program: what prints and exits. Everything else of host/ and kernels/ is the library.
program_sources := $(wildcard host/cli/*.c) \
    $(filter-out bench/gpu.c,$(wildcard bench/*.c))
vector_sources  := $(wildcard kernels/cpu/*.c)
library_sources := $(filter-out $(program_sources) $(vector_sources) $(backend_others),\
    $(wildcard host/*/*.c))

# the schedules are compiled once per instruction set and picked at run time (DG_VECTOR_LIST, schedule.h);
# levels as the psABI names them (gcc >= 11, clang >= 12), so that the list of instructions is the same
# everywhere. Every aarch64 has NEON and fused multiply-add, so one set serves all
machine      := $(shell $(CC) -dumpmachine 2>/dev/null)
vectors      := $(if $(filter x86_64%,$(machine)),avx512 avx2 generic,$(if $(filter aarch64%,$(machine)),neon,generic))
FLAGS_avx512  := -march=x86-64-v4 -mprefer-vector-width=512
FLAGS_avx2    := -march=x86-64-v3
FLAGS_neon    := -march=armv8-a
FLAGS_generic :=

program_objects := $(program_sources:%.c=$(BUILD)/%.o)
library_objects := $(library_sources:%.c=$(BUILD)/%.o) \
    $(foreach v,$(vectors),$(vector_sources:%.c=$(BUILD)/%.$(v).o)) $(backend_objects)
library         := $(BUILD)/libdigico.a
program         := $(BUILD)/digico

# ---- what this binary says about itself ---------------------------------------------------------

# a commit names the sources if it has all of them; where none does, a hash of them follows, so that builds
# of unlike sources are not taken for one. A copy may lie, untracked, within another checkout
described   := $(shell git ls-files --error-unmatch Makefile >/dev/null 2>&1 && \
    git describe --always --dirty --abbrev=12 --exclude '*' 2>/dev/null || echo unknown)
source_hash  = $(shell find Makefile make host kernels include bench -type f | LC_ALL=C sort | xargs sha256sum | \
    sha256sum | cut -c1-12)
commit      := $(described)$(if $(filter unknown %-dirty,$(described)),-$(source_hash))
$(BUILD)/host/base/version.o: PRIVATE_FLAGS = -DDG_GIT_COMMIT='"$(commit)"'
$(BUILD)/host/base/version.o: $(BUILD)/commit.stamp
$(BUILD)/host/base/build_info.o: PRIVATE_FLAGS = -DDG_BUILD_FLAGS='"$(C_FLAGS)"'

# a stamp changes only when its text does: a new commit or new flags rebuild what depends on them
define stamp
	@mkdir -p $(@D)
	@printf '%s\n' '$(strip $(1))' | cmp -s - $@ || printf '%s\n' '$(strip $(1))' >$@
endef

.PHONY: FORCE
FORCE: ;
$(BUILD)/commit.stamp: FORCE
	$(call stamp,$(commit))
$(BUILD)/flags.stamp: FORCE
	@pkg-config --exists netcdf yaml-0.1 libzstd || \
	    { echo 'digico: netCDF, libyaml or Zstandard not found (pkg-config); run: make setup' >&2; exit 1; }
	$(call stamp,$(CC) $(shell $(CC) -dumpfullversion -dumpversion 2>/dev/null) $(C_FLAGS) $(LDFLAGS))

# ---- rules ------------------------------------------------------------------------------------

Q := $(if $(filter 1,$(V)),,@)
say = $(if $(filter 1,$(V)),,@printf '  %-4s %s\n' '$(1)' '$@')

.PHONY: all
all: $(library) $(program)

$(program): $(program_objects) $(library)
	$(call say,LINK)
	$(Q)$(CC) $(COMMON) $(LDFLAGS) $^ -o $@ $(LIBS)

# with CUDA=0 the same folder holds another list of objects
$(BUILD)/objects.stamp: FORCE
	$(call stamp,$(library_objects))

$(library): $(library_objects) $(BUILD)/objects.stamp
	$(call say,AR)
	$(Q)rm -f $@ && ar qcs $@ $(library_objects)

$(BUILD)/%.o: %.c $(BUILD)/flags.stamp
	$(call say,CC)
	@mkdir -p $(@D)
	$(Q)$(CC) $(C_FLAGS) $(INCLUDES) $(PRIVATE_FLAGS) -MMD -MP -c $< -o $@

define vector_rule
$(BUILD)/%.$(1).o: %.c $(BUILD)/flags.stamp
	$$(call say,CC)
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(C_FLAGS) $$(FLAGS_$(1)) -DDG_VECTOR=$(1) $$(INCLUDES) -MMD -MP -c $$< -o $$@
endef
$(foreach v,$(vectors),$(eval $(call vector_rule,$(v))))

include make/test.mk
include make/check.mk
include make/layers.mk
include make/use.mk
include make/report.mk
include make/instructions.mk
include make/ptx.mk
include make/aarch64.mk
include make/scaling.mk
include make/cmaes.mk
include make/peers.mk

-include $(patsubst %.o,%.d,$(program_objects) $(library_objects) $(help_objects) \
    $(test_programs:%=%.o) $(emulator_tests:%=%.o) $(gpu_objects) $(fuzz_sources:%.c=$(BUILD)/%.o))
