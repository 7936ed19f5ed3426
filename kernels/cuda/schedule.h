/**
 * The CUDA schedule: what the host hands to the kernels of a batch, and the calls that enqueue them.
 *
 * A generation is one launch of the generation kernel (all its steps), the diversity kernel where it
 * is due, and the evolution kernels. None of them waits for the host: each run's generation number
 * lies on the device. Every kernel takes one dg_device_batch by value.
 */
#ifndef DG_SCHEDULE_CUDA_H
#define DG_SCHEDULE_CUDA_H

#include "kernels/science/measures.h"
#include "kernels/science/params.h"
#include "kernels/science/state.h"

#include <cuda_runtime_api.h>

#ifdef __cplusplus
extern "C" {
#endif

/* clang-format off */
/* in the shared memory of a block; s: dg_shape, l: dg_cuda_layout; two halves: by the parity of the step */
/*    type       name          elements                                                meaning */
#define DG_BLOCK_FIELDS(X)                                                                         \
    X(dg_params, params,       1,                                                                  \
      "of the run, copied at the start of a launch")                                               \
    X(dg_pages,  pages,        1,                                                                  \
      "where this generation is measured")                                                         \
    X(float,     scale,        dg_round_up(s->values, DG_VALUE_FOLD),                              \
      "[values, whole tiles] C_b / D of a distance")                                               \
    /* what all agents of the run read: shared by their owners, or a copy of what these wrote */   \
    X(int32_t,   belief,       l->mirrored ? 2 * dg_mirror_row(s, l->packed) : 0,                    \
      "[2][mirror row] b_j before the step")                                                         \
    X(int32_t,   message,      l->mirrored ? 2 * dg_mirror_row(s, l->packed) : 0,                    \
      "[2][mirror row] m_j of the step, -1: silent")                                                 \
    X(int32_t,   views,        l->mirrored ? 2 * dg_mirror_row(s, l->packed) : 0,                    \
      "[2][mirror row] views of j in the step")                                                      \
    X(int32_t,   last_message, l->mirrored ? s->row : 0,                                           \
      "[row] latest m_j >= 0, -1: none yet")                                                       \
    /* packed: rows of all agents, as the fields of dg_state of these names */                     \
    X(int32_t,   observed,     l->packed ? (int64_t)s->agents * s->capacity : 0,                   \
      "[agents][capacity]")                                                                        \
    X(int32_t,   registers,    l->packed ? (int64_t)s->agents * s->capacity : 0,                   \
      "[agents][capacity]")                                                                        \
    X(float,     static_cost,  l->packed ? (int64_t)s->agents * s->row : 0,                        \
      "[agents][row]")                                                                             \
    X(float,     weight,       l->packed ? (int64_t)s->agents * s->row : 0,                        \
      "[agents][row] written back at the end of a launch")                                         \
    X(float,     momentum,     l->packed ? (int64_t)s->agents * s->row : 0,                        \
      "[agents][row] likewise")                                                                    \
    X(float,     base,         l->packed ? (int64_t)s->agents * s->hidden : 0,                     \
      "[agents][hidden]")                                                                          \
    X(float,     second,       l->packed ? s->agents * dg_second_floats(s) : 0,                    \
      "[agents][dg_second_floats] second layers")                                                  \
    /* not packed: scratch of each warp */                                                         \
    X(uint32_t,  row,          l->packed ? 0 : (int64_t)l->warps * s->row,                         \
      "[warps][row] keys of candidates or senders, bits of costs, or marks")                      \
    X(float,     hidden,       l->packed ? 0 : (int64_t)l->warps * s->hidden,                      \
      "[warps][hidden] activations")                                                               \
    X(uint32_t,  cost,         l->packed ? 0 : (int64_t)l->warps * s->values,                      \
      "[warps][values] bits of costs of values: of messages, then of beliefs")
/* clang-format on */

/** Values that a warp folds at once: two lanes a value. */
#define DG_VALUE_FOLD 16

/** Hidden units of the paper: loops of this length are made for it. */
#define DG_PAPER_HIDDEN 64

/**
 * Second layer of dg_shape_tiles(), a row of so many floats a lane: its weights of unit l, then of unit l + 32, slot k
 * for value k ^ (l / 2) (fold.h); then the bias of value l / 2. A multiple of 4, and odd in fours, so
 * that lanes read four floats at once without a bank conflict.
 */
#define DG_LANE_ROW 36

/** Are the policies of this shape small enough for a lane to hold two units, and for one tile of values? */
DG_HD int32_t dg_shape_tiles(const dg_shape *s)
{
    return s->values <= DG_VALUE_FOLD && s->hidden <= 2 * DG_LANES;
}

/** May a run of this shape be packed: beside that, a lane a candidate? */
DG_HD int32_t dg_shape_packs(const dg_shape *s)
{
    return s->agents <= DG_LANES && dg_shape_tiles(s);
}

/** Floats of one agent's second layer: a row a lane, or by value, units contiguous, and then its biases. */
DG_HD int64_t dg_second_floats(const dg_shape *s)
{
    return dg_shape_tiles(s)
               ? (int64_t)DG_LANE_ROW * DG_LANES
               : (int64_t)s->values * s->hidden + dg_round_up(s->values, DG_VALUE_FOLD);
}

/** Elements of a half of what is mirrored: a lane an agent where packed, so that a half is a constant. */
DG_HD int32_t dg_mirror_row(const dg_shape *s, int32_t packed)
{
    return packed ? DG_LANES : s->row;
}

/** Where a generation's measures go. */
typedef struct dg_pages {
    int64_t *record; /* [dg_record_words] */
    int16_t *trace;  /* [DG_TRACES][steps][agents], NULL: not traced */
} dg_pages;

/** Where the fields lie within a block's shared memory, in bytes. */
typedef struct dg_block_offsets {
#define DG_BLOCK_OFFSET(type, name, elements, meaning) int32_t name;
    DG_BLOCK_FIELDS(DG_BLOCK_OFFSET)
#undef DG_BLOCK_OFFSET
} dg_block_offsets;

/** How the generation kernel is laid over a device; cannot change a bit of any result. */
typedef struct dg_cuda_layout {
    int32_t warps;        /* per block; a warp takes every (warps x blocks)-th agent of its run */
    int32_t blocks;       /* per run; > 1: with a barrier in global memory, launched together */
    int32_t packed;       /* 1: dg_shape_packs(), a warp an agent, and its rows in shared memory */
    int32_t mirrored;     /* 1: beliefs, messages and views lie in shared memory; packed: always */
    int64_t shared_bytes; /* dynamic shared memory per block */
    dg_block_offsets at;
} dg_cuda_layout;

/** What a device allows. */
typedef struct dg_cuda_limits {
    int32_t multiprocessors;
    int64_t shared_bytes; /* most per block, opted in */
} dg_cuda_limits;

/* clang-format off */
/* s: dg_shape, o: dg_batch_options, r: runs, ring: generations whose measures are kept */
/*    type       name       elements                             meaning */
#define DG_DEVICE_FIELDS(X)                                                                        \
    X(char,      state,     r * dg_state_bytes(s),               "[runs][state_bytes] dg_state of each run") \
    X(dg_params, params,    r,                                   "[runs]")                         \
    X(int32_t,   clock,     r,                                   "[runs] generation to compute next") \
    X(int32_t,   ended,     r,                                   "[runs] dg_ended_after(), side by side for the host") \
    X(int32_t,   stage,     r,                                   "[runs] generation under way, -1: the run has ended") \
    X(int64_t,   record,    r * ring * dg_record_words(s),       "[runs][ring][dg_record_words] measures") \
    X(int16_t,   trace,     r * ring * dg_trace_page(s, o),      "[runs][ring][DG_TRACES][steps][agents]; NULL: no trace") \
    /* made anew in every generation */                                                            \
    X(float,     second,    r * s->agents * dg_second_floats(s), "[runs][agents][dg_second_floats] second layers") \
    X(int32_t,   order,     r * s->row,                          "[runs][row] agents of a group by rank") \
    X(float,     step_mean, r * s->solvers,                      "[runs][solvers] y_w")            \
    X(float,     rank_mu,   r * s->solvers,                      "[runs][solvers] sum of w_i y_i^2") \
    X(float,     stall,     r * DG_MAX_GROUPS,                   "[runs][DG_MAX_GROUPS] h_sigma")  \
    X(int32_t,   imbalance, r * DG_MAX_GROUPS,                   "[runs][DG_MAX_GROUPS] dg_evolve_imbalance()") \
    X(int32_t,   unsound,   r * DG_MAX_GROUPS,                   "[runs][DG_MAX_GROUPS] 1 + generation in which dg_evolve_sound() failed") \
    X(int32_t,   exchange,  r * DG_EXCHANGES * 2 * s->row,       "[runs][DG_EXCHANGES][2][row] what blocks of a run share") \
    X(uint32_t,  arrived,   r,                                   "[runs] arrivals of blocks at the barrier since the launch began") \
    /* policy.forward: cublas */                                                                   \
    X(float,     registers, o->cublas ? r * s->agents * s->row : 0,    "[runs][agents][row] inputs of the policy") \
    X(float,     hidden,    o->cublas ? r * s->agents * s->hidden : 0, "[runs][agents][hidden] b1, then W1 o + b1, then tanh") \
    X(float,     logits,    o->cublas ? r * s->agents * s->values : 0, "[runs][agents][values] b2, then logits")
/* clang-format on */

/** A batch on the device: every kernel's argument. Pointers are to device memory. */
typedef struct dg_device_batch {
    dg_shape shape;
    dg_cuda_layout layout;
    int32_t runs;
    int32_t ring; /* generations whose records and traces are kept: slot = generation mod ring */
    int32_t step_first; /* steps of this launch; all but with cuBLAS: 0 ... T-1 */
    int32_t step_count;
    int32_t cublas;           /* 1: logits are given */
    int32_t begin;            /* 1: the first samples, of runs whose clock shows 0 */
    int32_t parameter_blocks; /* per solver, of kernels that take parameters; set at their launch */
    int32_t trace_first;      /* as dg_batch_options */
    int32_t trace_last;
    int32_t trace_every;
    int64_t state_bytes; /* dg_state_bytes(shape) */
    dg_state first;      /* fields of run 0; those of run r lie r state_bytes further */
#define DG_DEVICE_POINTER(type, name, elements, meaning) type *name;
    DG_DEVICE_FIELDS(DG_DEVICE_POINTER)
#undef DG_DEVICE_POINTER
} dg_device_batch;

/** What `exchange` holds, each twice, by the parity of the step. */
enum { DG_EXCHANGE_BELIEF, DG_EXCHANGE_MESSAGE, DG_EXCHANGE_VIEWS, DG_EXCHANGES };

/**
 * Choose a layout, and let the kernels have the shared memory that it needs. The one place where it is
 * chosen.
 *
 * @param blocks, warps  what the caller asks for, 0: chosen
 */
cudaError_t dg_cuda_layout_choose(dg_cuda_layout *out, const dg_shape *shape, int32_t runs,
                                  int32_t blocks, int32_t warps, const dg_cuda_limits *limits);

/** Blocks of this layout that the device holds at once. generation.cu */
cudaError_t dg_cuda_blocks_together(int32_t *out, const dg_cuda_layout *layout,
                                    const dg_cuda_limits *limits);

/** Let the layout's generation kernel have the device's shared memory. generation.cu */
cudaError_t dg_cuda_generation_prepare(const dg_cuda_layout *layout, const dg_cuda_limits *limits);

/**
 * Load the code of the generation kernels for the device that is set: cudaErrorNoKernelImageForDevice where
 * the program has none for its compute capability. generation.cu
 */
cudaError_t dg_cuda_code_present(void);

/** First genotypes of runs at generation 0; of the others what follows from their genotypes. */
cudaError_t dg_cuda_begin(const dg_device_batch *batch, cudaStream_t stream);

/** Steps step_first ... step_first + step_count - 1 of every run's generation. */
cudaError_t dg_cuda_generation(const dg_device_batch *batch, cudaStream_t stream);

/** Registers as floats and biases in their places: what cuBLAS's products start from. */
cudaError_t dg_cuda_dense_inputs(const dg_device_batch *batch, cudaStream_t stream);

/** tanh of the hidden units, between the products. */
cudaError_t dg_cuda_dense_hidden(const dg_device_batch *batch, cudaStream_t stream);

/** Genotype diversity into the records. */
cudaError_t dg_cuda_diversity(const dg_device_batch *batch, cudaStream_t stream);

/** Solvers that are due: rank, update, new samples. Ends the generation: the clocks advance. */
cudaError_t dg_cuda_evolve(const dg_device_batch *batch, cudaStream_t stream);

/** Kernels that dg_cuda_evolve() launches; the other calls launch one. */
#define DG_EVOLVE_LAUNCHES 5

#ifdef __cplusplus
}
#endif

#endif
