# The CUDA backend's place: with kernels/*_cuda.cu it will be compiled by nvcc (-fmad=false, for the
# reason that stands beside -ffp-contract=off) and linked in. Until then CUDA=1 changes nothing.

NVCC ?= $(shell command -v nvcc 2>/dev/null)

ifeq ($(CUDA),1)
$(info CUDA: not in this build yet)
endif
