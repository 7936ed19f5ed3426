/**
 * What the host knows of a backend: a batch of runs of one shape, created, advanced, measured.
 *
 * State lives with the backend from create to destroy; it crosses only through upload (the start of a
 * run) and download (end, hash, checkpoint). A record of measures per generation and, where asked, a
 * trace of single agents come back. The CPU and the CUDA backend fill the same table.
 */
#ifndef DG_BACKEND_H
#define DG_BACKEND_H

#include "digico/digico.h"
#include "kernels/science/measures.h"
#include "kernels/science/params.h"
#include "kernels/science/state.h"

/** Runs of one shape, held by a backend; each backend defines its own. */
typedef struct dg_batch dg_batch;

/** Where the time of a generation goes. */
/* clang-format off */
#define DG_STAGE_LIST(X)                                                                           \
    X(DG_STAGE_MESSAGES, "messages")       /* policy: gather, tanh, logits, race */                \
    X(DG_STAGE_OBSERVATION, "observation") /* clocks of all candidates, the smallest */            \
    X(DG_STAGE_REWARD, "reward")                                                                   \
    X(DG_STAGE_WEIGHTS, "weights")         /* belief weights W and their start again */            \
    X(DG_STAGE_CONTAGION, "contagion")                                                             \
    X(DG_STAGE_MEASURES, "measures")       /* histograms, moments, trace, diversity */             \
    X(DG_STAGE_UPDATE, "update")           /* ranks, recombination, paths, C, sigma */             \
    X(DG_STAGE_SAMPLES, "samples")         /* new genotypes and base vectors */
/* clang-format on */

typedef enum dg_stage {
#define DG_STAGE_ENUM(code, name) code,
    DG_STAGE_LIST(DG_STAGE_ENUM)
#undef DG_STAGE_ENUM
        DG_STAGES
} dg_stage;

/** How a batch is made; none of it but `trace_*` and `cublas` is visible in what comes back. */
typedef struct dg_batch_options {
    int32_t runs;        /* >= 1 */
    int32_t device;      /* which of the backend's devices */
    int32_t cublas;      /* 1: all runs have forward = cublas, 0: none has */
    int32_t blocks;      /* CUDA: blocks per run, 0: chosen */
    int32_t warps;       /* CUDA: warps per block, 0: chosen */
    int32_t threads;     /* CPU threads, 0: all */
    const char *vector;  /* instruction set, NULL: the widest here */
    int32_t trace_first; /* generations trace_first, + trace_every, ... <= trace_last are traced */
    int32_t trace_last;
    int32_t trace_every;   /* 0: no trace */
    double *stage_seconds; /* [DG_STAGES] added to, with threads = 1; NULL: not timed */
} dg_batch_options;

/** Pairs of agents in the steps that are counted as done together: some tenths of a millisecond. */
#define DG_WATCH_PAIRS 65536

/** Shared with the caller while a batch advances. */
typedef struct dg_watch {
    const volatile int *pause;           /* stop after this generation once non-zero; may be NULL */
    const volatile int *stop;            /* drop or end it, whatever is sooner; may be NULL */
    _Atomic int64_t *generations_done;   /* added to as runs finish generations; may be NULL */
    _Atomic int64_t *agent_steps_done;   /* of these, and of long ones under way; may be NULL */
    _Atomic int64_t *runs_done;          /* added to as runs reach their end; may be NULL */
    _Atomic int64_t *generations_spared; /* as runs end before their last generation; may be NULL */
    _Atomic int64_t *agent_steps_spared; /* agents x steps of these; may be NULL */
} dg_watch;

/** A processor that a backend computes on. */
typedef struct dg_device_info {
    char name[128];          /* as its maker names it */
    int64_t memory_total;    /* bytes; 0: unknown */
    int64_t memory_free;     /* bytes; 0: unknown */
    int32_t multiprocessors; /* CPU: hardware threads */
    int32_t capability;      /* 90 for sm_90; CPU: 0 */
} dg_device_info;

/** What a batch has asked of its device since it was made; all 0 on a CPU. */
typedef struct dg_traffic {
    int64_t generations;      /* of the batch as a whole */
    int64_t launches;         /* kernels, those inside graphs included */
    int64_t graphs;           /* graph launches */
    int64_t synchronisations; /* calls in which the host waited for the device */
    int64_t bytes_to_host;
    int64_t bytes_to_device;
} dg_traffic;

/** Generations of a batch that are traced. */
static inline int32_t dg_trace_count(const dg_batch_options *o)
{
    return o->trace_every > 0 && o->trace_last >= o->trace_first
               ? (o->trace_last - o->trace_first) / o->trace_every + 1
               : 0;
}

/** Slot of a generation within the trace, -1 if it is not traced. */
static inline int32_t dg_trace_slot(const dg_batch_options *o, int32_t generation)
{
    return dg_trace_place(o->trace_first, o->trace_last, o->trace_every, generation);
}

/** int16 words of one traced generation of a run; 0 without a trace. */
static inline int64_t dg_trace_page(const dg_shape *s, const dg_batch_options *o)
{
    return dg_trace_count(o) > 0 ? (int64_t)DG_TRACES * s->steps * s->agents : 0;
}

/** int16 words of a run's whole trace. */
static inline int64_t dg_trace_words(const dg_shape *s, const dg_batch_options *o)
{
    return dg_trace_count(o) * dg_trace_page(s, o);
}

/** Is a flag of another thread or of a signal handler set? NULL: there is none. */
static inline int dg_flag_set(const volatile int *flag)
{
    return flag && __atomic_load_n(flag, __ATOMIC_RELAXED);
}

/** Must a generation under way be left? */
static inline int dg_watch_leaves(const dg_watch *watch)
{
    return watch && dg_flag_set(watch->stop);
}

/** May no further generation begin? */
static inline int dg_watch_stopped(const dg_watch *watch)
{
    return watch && (dg_flag_set(watch->pause) || dg_flag_set(watch->stop));
}

/** Count generations of a run and their agent-steps as done; `over`: the run has come to its end. */
static inline void dg_watch_add(const dg_watch *watch, int64_t generations, int64_t agent_steps,
                                int over)
{
    if (!watch) return;
    if (watch->generations_done) *watch->generations_done += generations;
    if (watch->agent_steps_done) *watch->agent_steps_done += agent_steps;
    if (over && watch->runs_done) ++*watch->runs_done;
}

/**
 * Steps of a generation that are counted together. Where a step is long (pairs of agents), it is each one;
 * short ones would make threads wait for the counter that they share.
 */
static inline int32_t dg_watch_stride(const dg_shape *s)
{
    const int64_t pairs = (int64_t)s->agents * s->agents;
    return pairs >= DG_WATCH_PAIRS ? 1 : (int32_t)(DG_WATCH_PAIRS / pairs);
}

/** Agent-steps that dg_watch_step() has counted after so many steps of a generation. */
static inline int64_t dg_watch_told(const dg_shape *s, int32_t steps)
{
    return (int64_t)s->agents * (steps - steps % dg_watch_stride(s));
}

/** A run has finished `steps` of the steps of its generation. */
static inline void dg_watch_step(const dg_watch *watch, const dg_shape *s, int32_t steps)
{
    const int32_t stride = dg_watch_stride(s);
    if (watch && steps % stride == 0) dg_watch_add(watch, 0, (int64_t)s->agents * stride, 0);
}

/**
 * A run of this shape has come from one generation to another; `over`: it comes to no further one. What it
 * leaves of the planned ones is spared.
 *
 * @param told  agent-steps of these generations that are counted already
 */
static inline void dg_watch_report(const dg_watch *watch, const dg_shape *s, int32_t from,
                                   int32_t to, int over, int64_t told)
{
    const int64_t of_generation = (int64_t)s->agents * s->steps;
    dg_watch_add(watch, to - from, (to - from) * of_generation - told, over);
    if (!watch || !over) return;
    if (watch->generations_spared) *watch->generations_spared += s->generations - to;
    if (watch->agent_steps_spared)
        *watch->agent_steps_spared += (s->generations - to) * of_generation;
}

/** May a run that stands at `now` be set to `generation`? */
static inline int dg_may_restore(const dg_shape *s, int32_t now, int32_t generation)
{
    return now == 0 && generation >= 0 && generation <= s->generations;
}

/**
 * The functions of a backend. No entry is NULL. Different batches may be created, advanced and destroyed
 * by different threads at once; the calls on one batch come from one thread at a time, apart from
 * upload() and restore(), which several threads may call at once for different runs. devices(),
 * describe(), open(), accepts(), fits() and bytes_per_run() may be called by any thread at any time.
 */
typedef struct dg_backend {
    /* a word of --device, "cpu" or "cuda". One device is named "cuda:1" (dg_device_name), and --device
       takes that, too: plan and verify use it. All but "cpu" count as GPUs (dg_devices_are_cpu) */
    const char *name;

    /** Devices that answer here; 0: none, dg_error() says why, and nothing else may be called. */
    int32_t (*devices)(void);

    /** What a device is. Takes nothing of it: memory_free stays 0 where asking would. */
    dg_status (*describe)(int32_t device, dg_device_info *out);

    /**
     * Make a device ready for batches and set info->memory_free. On a GPU this makes the context of the
     * process: some 0.5 GB, held until the program ends. DG_ERR_UNSUPPORTED where this build has no code
     * for the device, DG_ERR_BACKEND where others hold it alone.
     */
    dg_status (*open)(int32_t device, dg_device_info *info);

    /** Can it compute this policy.forward? DG_ERR_UNSUPPORTED says why not. */
    dg_status (*accepts)(int32_t forward);

    /** Can options->device compute runs of this shape? DG_ERR_UNSUPPORTED says why not. */
    dg_status (*fits)(const dg_shape *shape, const dg_batch_options *options);

    /** Bytes that one run of this shape takes while it is held, measures and trace included. */
    int64_t (*bytes_per_run)(const dg_shape *shape, const dg_batch_options *options);

    /** Make room for options->runs runs. The caller destroys the batch. */
    dg_status (*create)(dg_batch **batch, const dg_shape *shape, const dg_batch_options *options);

    /** Free a batch and set *batch to NULL; accepts NULL inside. */
    void (*destroy)(dg_batch **batch);

    /**
     * Set run `run` to a state at generation 0; both are copied. DG_ERR_ARGUMENT once the batch has
     * advanced.
     */
    dg_status (*upload)(dg_batch *batch, int32_t run, const dg_params *params, const void *block);

    /**
     * Say that the state just uploaded is that of a later generation; the records so far
     * ([generation][dg_record_words]) and the trace (whole; NULL without one) are copied. The run goes
     * on from there to the bytes of one that was never interrupted. On a GPU all runs of a batch stand
     * at one generation: else the first advance() is DG_ERR_ARGUMENT.
     */
    dg_status (*restore)(dg_batch *batch, int32_t run, int32_t generation, const int64_t *records,
                         const int16_t *trace);

    /**
     * Advance every run by up to `generations`, at most to the shape's last one. A stop leaves every run
     * between two generations, with the bytes of one that went so far without it.
     */
    dg_status (*advance)(dg_batch *batch, int32_t generations, const dg_watch *watch);

    /** Generations that a run has finished. */
    int32_t (*generations)(const dg_batch *batch, int32_t run);

    /** Records of a run, [finished generations][dg_record_words]; valid until the next call. */
    const int64_t *(*records)(const dg_batch *batch, int32_t run);

    /** Trace of a run, [dg_trace_count][DG_TRACES][steps][agents]; NULL if none was asked. */
    const int16_t *(*trace)(const dg_batch *batch, int32_t run);

    /** Copy a run's state block (dg_state_bytes) out. */
    dg_status (*download)(const dg_batch *batch, int32_t run, void *block);

    /** What the batch has asked of its device so far. */
    void (*traffic)(const dg_batch *batch, dg_traffic *out);

    /**
     * The state block of a run where it lies in the host's memory: what upload writes and download reads,
     * which copy nothing when they are given it. NULL: it lies elsewhere.
     */
    void *(*block)(const dg_batch *batch, int32_t run);

    /** Bytes that a batch of options->runs takes on the host beside those of its runs: scratch of threads. */
    int64_t (*bytes_beside)(const dg_shape *shape, const dg_batch_options *options);
} dg_backend;

/** The CPU backend; always there. */
const dg_backend *dg_backend_cpu(void);

/** The CUDA backend; NULL where the build has none. Its devices() is 0 without a driver or a GPU. */
const dg_backend *dg_backend_cuda(void);

/**
 * Name of the instruction set that the CPU backend takes for a request; NULL if this CPU does not support it. The
 * request NULL stands for the widest, "generic" for the one that every CPU of this architecture has.
 */
const char *dg_backend_cpu_vector(const char *request);

/** Instruction sets of this build by number, from 0, widest first; NULL: there are fewer. */
const char *dg_backend_cpu_vector_at(int32_t index);

#endif
