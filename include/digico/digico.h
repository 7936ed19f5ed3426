/**
 * digico: an engine for the Digital Ecosystem of Beliefs, on CPUs and CUDA GPUs.
 *
 * This is the public interface: plain C11 that also compiles as C++. An experiment (one YAML text
 * with a base configuration and a sweep) is a list of runs. The result of a run depends only on its
 * own configuration and seed. Either pass the whole experiment to dg_experiment_run(), which writes
 * a netCDF-4 file, or hold runs in memory as an ensemble and advance them generation by generation.
 *
 * Errors: the library never prints and never exits. A function that can fail returns a dg_status;
 * dg_error() then returns a message of one line.
 *
 * Threads: the library installs no signal handlers. Of environment variables it reads those of Slurm that
 * say what memory a job has, and OMP_NUM_THREADS; it sets HDF5_USE_FILE_LOCKING to FALSE where it is not set.
 * - A limit on file sizes (RLIMIT_FSIZE) ends a process that does not ignore SIGXFSZ; if it does,
 *   as the program digico, the call fails with DG_ERR_IO.
 * - dg_error() is thread-local: call it in the thread of the failed call.
 * - dg_status_text(), dg_version() and dg_progress_rate() may be called at any time.
 * - A dg_experiment never changes: any number of threads may use one at the same time, and
 *   different threads may load, print and free different ones. Free one only when no thread uses
 *   it.
 * - dg_experiment_run() and dg_experiment_merge(): at most one call at a time in a process, even
 *   for different directories, because both use netCDF, which is not thread-safe. For the same
 *   reason no other thread may use netCDF meanwhile. Other processes may run calls at the same
 *   time.
 * - Different ensembles are independent: different threads may use them at the same time, also
 *   during a dg_experiment_run(). Of the functions on one ensemble, those that take a const pointer
 *   may be called at the same time; dg_ensemble_advance() and dg_ensemble_free() need exclusive
 *   use. One ensemble may be used by different threads one after the other.
 * - Each call has OpenMP threads of its own. To share the cores between calls, set
 *   dg_options.threads.
 */
#ifndef DIGICO_H
#define DIGICO_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define DG_MUST_CHECK __attribute__((warn_unused_result))
#else
#define DG_MUST_CHECK
#endif

/** Version of the model: it changes when the same configuration and seed give other results. */
#define DG_MODEL_VERSION 2

/** Every status with its text. A failed call does not change its output parameters. */
/* clang-format off */
#define DG_STATUS_LIST(X)                                                      \
    X(DG_OK, "success")                                                        \
    X(DG_ERR_ARGUMENT, "argument out of its documented range")                 \
    X(DG_ERR_CONFIG, "configuration refused")                                  \
    X(DG_ERR_IO, "file could not be read or written")                          \
    X(DG_ERR_MEMORY, "out of memory or file descriptors")                      \
    X(DG_ERR_UNSUPPORTED, "not supported by this build or machine")            \
    X(DG_ERR_BACKEND, "the backend failed")                                    \
    X(DG_ERR_STOPPED, "stopped; the same call goes on from there")             \
    X(DG_ERR_MISMATCH, "a repeated run differs from the stored one")           \
    X(DG_ERR_MISSING, "runs are missing")
/* clang-format on */

typedef enum dg_status {
#define DG_STATUS_ENUM(code, text) code,
    DG_STATUS_LIST(DG_STATUS_ENUM)
#undef DG_STATUS_ENUM
} dg_status;

/** Text of a status in static storage, never NULL. */
const char *dg_status_text(dg_status status);

/** Message of the last failed call in this thread, one line; "" if none failed yet. Not freed. */
const char *dg_error(void);

/** Version of the software, "MAJOR.MINOR.PATCH", in static storage. */
const char *dg_version(void);

/* ---- experiments ----------------------------------------------------------------------------- */

/** A checked configuration: the base, the sweep and the resulting list of runs. Immutable. */
typedef struct dg_experiment dg_experiment;

/**
 * Read and check an experiment file.
 *
 * @param out        receives the experiment; the caller frees it with dg_experiment_free()
 * @param path       a YAML file; configs/default.yaml documents every key
 * @param overrides  `count` texts "key=value", which replace values of the file and of its sweep;
 *                   may be NULL if count is 0
 * @return DG_OK, DG_ERR_CONFIG (the message is "file:line: key: value, what was expected"),
 *         DG_ERR_IO or DG_ERR_MEMORY
 */
DG_MUST_CHECK dg_status dg_experiment_load(dg_experiment **out, const char *path,
                                           const char *const *overrides, size_t count);

/** As dg_experiment_load(), from `length` bytes of YAML in memory; messages use `name` as file. */
DG_MUST_CHECK dg_status dg_experiment_parse(dg_experiment **out, const char *name, const char *text,
                                            size_t length, const char *const *overrides,
                                            size_t count);

/** Free an experiment and set *experiment to NULL; *experiment may be NULL. */
void dg_experiment_free(dg_experiment **experiment);

/** Number of planned runs, >= 1. */
size_t dg_experiment_runs(const dg_experiment *experiment);

/**
 * Write the effective values of all keys of one run as YAML that can be loaded.
 *
 * @param out  receives the text; the caller frees it with free()
 * @param run  0 ... dg_experiment_runs()-1
 * @return DG_OK, DG_ERR_ARGUMENT (no such run) or DG_ERR_MEMORY
 */
DG_MUST_CHECK dg_status dg_experiment_print(char **out, const dg_experiment *experiment,
                                            size_t run);

/* ---- running to a file ----------------------------------------------------------------------- */

/** Progress of a call, for dg_options.progress. */
typedef struct dg_progress {
    int64_t generations_done;    /**< sum over all runs, including earlier calls */
    int64_t generations_planned; /**< value at the end; decreases when runs end early */
    int64_t generations_kept;    /**< part of generations_done that earlier calls computed */
    int64_t agent_steps_done;    /**< agents x steps of the generations done: measures the work */
    int64_t agent_steps_planned; /**< value at the end */
    int64_t agent_steps_kept;    /**< part of agent_steps_done that earlier calls computed */
    size_t runs_done;            /**< runs that have ended, including earlier calls */
    size_t runs_planned;         /**< runs of the experiment, or of the shard */
    size_t runs_kept;            /**< part of runs_done that earlier calls finished */
    double seconds;              /**< time since the call began */
} dg_progress;

/** Average rate of this call in agent-steps per second; 0 at its start. */
static inline double dg_progress_rate(const dg_progress *p)
{
    return p->seconds > 0.0 ? (double)(p->agent_steps_done - p->agent_steps_kept) / p->seconds
                            : 0.0;
}

/** How to compute; no option changes a result. Zero-initialise, then set the options needed. */
typedef struct dg_options {
    /**
     * "cpu", "cuda" (all usable GPUs), "cuda:k" (GPU number k, from 0), "auto" or NULL (all usable
     * GPUs, or the CPU if there is none). Batches are distributed over all devices.
     */
    const char *device;
    int threads; /**< CPU threads; 0: all. With GPUs they prepare the initial states */
    /** For CPUs: "avx512", "avx2", "neon" (aarch64), "generic"; NULL: the widest supported. */
    const char *vector;
    int batch;         /**< maximum number of runs that a device holds; 0: as memory allows */
    int overwrite;     /**< non-zero: delete previous results in the directory first */
    int shard, shards; /**< compute part `shard` of 1 ... `shards`; both 0: all runs */
    double walltime;   /**< time limit of the call in seconds, saving included; 0: no limit */
    int mixed_builds;  /**< non-zero: continue a sweep that another build of the program started */
    /** Any thread or signal handler may set *stop != 0: then save and return. May be NULL. */
    const volatile int *stop;
    /** Called about four times a second, from a thread of its own; may be NULL. */
    void (*progress)(void *user, const dg_progress *progress);
    /** Called for each event with one line, from any thread, one call at a time; may be NULL. */
    void (*log)(void *user, const char *line);
    void
        *user; /**< first argument of all; progress and the others may be called at the same time */
    /** As log, for what a user should see: damage, a file that is renamed. NULL: log gets it. */
    void (*warn)(void *user, const char *line);
} dg_options;

/** Outcome of a call. It counts the runs of the experiment, or of the shard. */
typedef struct dg_outcome {
    size_t runs_planned;
    size_t runs_completed; /**< reached the last generation: status `completed` */
    size_t runs_converged; /**< ended by early_stop.share: status `converged` */
    size_t runs_nonfinite; /**< ended because a number was not finite: status `nonfinite` */
    size_t runs_kept;      /**< part of these three that earlier calls finished */
    int64_t agent_steps;   /**< computed in this call */
    double seconds;        /**< wall time of this call */
    /* parts of the time; sums over all devices */
    double seconds_start;   /**< initial states of runs (tessellation, weights) */
    double seconds_advance; /**< advancing generations */
    double seconds_store;   /**< writing files */
} dg_outcome;

/**
 * Compute all planned runs that `directory` does not contain yet, then write its results.nc.
 *
 * After an interruption of any kind, call it again: finished batches are kept, unfinished runs
 * continue from their last checkpoint, and the result has the same bytes as without interruption.
 * The experiment may have more runs than in earlier calls. Shards may run at the same time in
 * different processes, also on several machines that share the directory; dg_experiment_merge()
 * combines them.
 *
 * @param options  may be NULL: all defaults
 * @param outcome  may be NULL
 * @return DG_OK;
 *         DG_ERR_STOPPED (options->stop or walltime; all work is saved);
 *         DG_ERR_ARGUMENT (invalid options; or overwrite is 0 and the directory contains another
 *         configuration or model version, or a result that this program did not make);
 *         DG_ERR_UNSUPPORTED (no such device, or it cannot compute the policy.forward of a run:
 *         nothing is written);
 *         DG_ERR_IO (another call writes there, disk full), DG_ERR_MEMORY or DG_ERR_BACKEND
 */
DG_MUST_CHECK dg_status dg_experiment_run(const dg_experiment *experiment, const char *directory,
                                          const dg_options *options, dg_outcome *outcome);

/**
 * Write `directory`/results.nc from the batches that shards have computed there.
 *
 * @param partial  non-zero: missing runs get the status `planned`; 0: they are an error
 * @param options  only mixed_builds, stop, log and user are used; may be NULL
 * @param outcome  counts of runs, also after DG_ERR_MISSING; may be NULL
 * @return DG_OK, DG_ERR_MISSING (the message names the first missing run), DG_ERR_STOPPED (before
 *         results.nc was replaced), DG_ERR_ARGUMENT (batches of another build or model version, no sweep
 *         there, or its manifest cannot be read), DG_ERR_IO (a shard still writes there, disk full),
 *         DG_ERR_UNSUPPORTED (another version of the file format) or DG_ERR_MEMORY
 */
DG_MUST_CHECK dg_status dg_experiment_merge(const char *directory, int partial,
                                            const dg_options *options, dg_outcome *outcome);

/* ---- running in memory ----------------------------------------------------------------------- */

/** Runs of equal sizes in the memory of one device. */
typedef struct dg_ensemble dg_ensemble;

/** Sizes of a run, for the arrays of the functions below. */
typedef struct dg_sizes {
    int32_t agents;      /**< N */
    int32_t values;      /**< V; beliefs and messages are 0 ... V-1 */
    int32_t groups;      /**< in the order of the configuration, AI groups first */
    int32_t steps;       /**< T, steps per generation */
    int32_t generations; /**< G, planned generations */
} dg_sizes;

/** Dominance metrics of one generation of one run (MODEL.md, section 6). */
typedef struct dg_generation_summary {
    double ai_views;       /**< views of AI agents / all views; NaN if there were no views */
    double ai_fitness;     /**< sum of AI fitness / sum of all fitness; a share only if neither the
                                AI nor the human sum is negative */
    double human_belief_0; /**< share of (human, step) pairs with belief 0 */
} dg_generation_summary;

/**
 * Create runs first ... first+count-1 of an experiment at generation 0. All must have the same
 * agents, groups, values, capacities, hidden units, steps and generations; and either all or none
 * have policy.forward = cublas. If several devices are chosen, the first one holds the runs.
 *
 * @param out         receives the ensemble; the caller frees it with dg_ensemble_free()
 * @param experiment  may be freed before the ensemble
 * @param options     only device, threads, vector and stop are used; may be NULL. `stop` must stay
 *                    valid until the ensemble is freed
 * @return DG_OK, DG_ERR_ARGUMENT (range, different sizes, model is not `digico`, options),
 *         DG_ERR_UNSUPPORTED (device, policy.forward), DG_ERR_MEMORY or DG_ERR_BACKEND
 */
DG_MUST_CHECK dg_status dg_ensemble_create(dg_ensemble **out, const dg_experiment *experiment,
                                           size_t first, size_t count, const dg_options *options);

/** Free an ensemble and set *ensemble to NULL; *ensemble may be NULL. */
void dg_ensemble_free(dg_ensemble **ensemble);

/**
 * Advance each run by up to `generations` >= 0: a run stops at its last generation, at the one that
 * ends it early, and once *options.stop != 0: on a CPU before the current one, which is dropped
 * unless it is all but done, on a GPU after it.
 *
 * @return DG_OK (also after a stop), DG_ERR_ARGUMENT (generations < 0), DG_ERR_MEMORY or
 *         DG_ERR_BACKEND
 */
DG_MUST_CHECK dg_status dg_ensemble_advance(dg_ensemble *ensemble, int32_t generations);

/** Sizes of the runs of an ensemble. */
dg_sizes dg_ensemble_sizes(const dg_ensemble *ensemble);

/** Number of finished generations of `run` (0 ... count-1); -1 if there is no such run. */
int32_t dg_ensemble_generations(const dg_ensemble *ensemble, size_t run);

/**
 * Dominance metrics of a finished generation.
 *
 * @param generation  0 ... dg_ensemble_generations()-1, here and in dg_ensemble_histogram()
 * @return DG_OK or DG_ERR_ARGUMENT (no such run or generation)
 */
DG_MUST_CHECK dg_status dg_ensemble_summary(const dg_ensemble *ensemble, size_t run,
                                            int32_t generation, dg_generation_summary *out);

/** Number of (agent, step) pairs of a finished generation per belief: counts[groups][values]. */
DG_MUST_CHECK dg_status dg_ensemble_histogram(const dg_ensemble *ensemble, size_t run,
                                              int32_t generation, int64_t *counts);

/** Current beliefs of all agents of a run: beliefs[agents]. */
DG_MUST_CHECK dg_status dg_ensemble_beliefs(const dg_ensemble *ensemble, size_t run,
                                            int32_t *beliefs);

/** 64-bit hash of the state of a run; equal on all machines and devices, except with cublas. */
DG_MUST_CHECK dg_status dg_ensemble_hash(const dg_ensemble *ensemble, size_t run, uint64_t *hash);

#ifdef __cplusplus
}
#endif

#endif
