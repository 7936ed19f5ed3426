# The CUDA backend's place: with kernels/*_cuda.cu it will be compiled by nvcc and linked in. Until
# then CUDA=1 changes nothing, but nvcc, where there is one, must take the science headers.

NVCC ?= $(shell command -v nvcc 2>/dev/null)
SM   ?= 80 90

# -fmad=false: for the reason that stands beside -ffp-contract=off
NVCC_FLAGS := -std=c++17 -fmad=false -Werror all-warnings

ifeq ($(CUDA),1)
$(info CUDA: not in this build yet)
endif

.PHONY: cuda-check
cuda-check: $(if $(NVCC),$(SM:%=$(BUILD)/tests/cuda/science.sm_%.o))
	@echo "cuda-check: $(if $(NVCC),science headers compile for sm $(SM),no nvcc here: skipped)"

$(BUILD)/tests/cuda/science.sm_%.o: tests/cuda/science.cu $(wildcard kernels/*.h)
	@mkdir -p $(@D)
	$(Q)$(NVCC) $(NVCC_FLAGS) -arch=sm_$* -I. -Iinclude -c $< -o $@
