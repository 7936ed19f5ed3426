/**
 * digico: an engine for the Digital Ecosystem of Beliefs, on CPUs and CUDA GPUs.
 *
 * The public interface, plain C11 that also compiles as C++. An experiment (one YAML text: a base
 * and a sweep) is a list of runs; each run is a function of its own configuration and seed alone.
 * Either hand the whole experiment to dg_experiment_run(), which writes a netCDF-4 file, or keep
 * runs in memory as an ensemble and advance them generation by generation.
 *
 * The library never prints and never exits. A function that can fail returns a dg_status;
 * dg_error() then holds one line that says what was expected.
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

/** Version of the model's science: a change means that the same seed gives other numbers. */
#define DG_MODEL_VERSION 1

/** Every status with its text. A failed call leaves its out-parameters untouched. */
/* clang-format off */
#define DG_STATUS_LIST(X)                                                      \
    X(DG_OK, "success")                                                        \
    X(DG_ERR_ARGUMENT, "argument out of its documented range")                 \
    X(DG_ERR_CONFIG, "configuration refused")                                  \
    X(DG_ERR_IO, "file could not be read or written")                          \
    X(DG_ERR_MEMORY, "out of memory")                                          \
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

/** Text of a status; static storage, never NULL. */
const char *dg_status_text(dg_status status);

/** What the last failed call of this thread had to say, one line; "" before any failure. */
const char *dg_error(void);

/** "MAJOR.MINOR.PATCH"; static storage. */
const char *dg_version(void);

/* ---- experiments ------------------------------------------------------------------------- */

/** A checked configuration: base, sweep and the list of runs they make. Immutable once made. */
typedef struct dg_experiment dg_experiment;

/**
 * Read and check an experiment file.
 *
 * @param out        receives the experiment; the caller frees it with dg_experiment_free()
 * @param path       a YAML file; configs/default.yaml documents every key
 * @param overrides  `count` texts "key=value" laid over the file (and over its sweep); may be NULL
 * @return DG_OK, DG_ERR_CONFIG (dg_error() names file:line: key: value, what was expected),
 *         DG_ERR_IO or DG_ERR_MEMORY
 */
DG_MUST_CHECK dg_status dg_experiment_load(dg_experiment **out, const char *path,
                                           const char *const *overrides, size_t count);

/** As dg_experiment_load(), from `length` bytes of YAML in memory; `name` stands for the file. */
DG_MUST_CHECK dg_status dg_experiment_parse(dg_experiment **out, const char *name, const char *text,
                                            size_t length, const char *const *overrides,
                                            size_t count);

/** Free an experiment and set *experiment to NULL; accepts NULL inside. */
void dg_experiment_free(dg_experiment **experiment);

/** Number of planned runs, >= 1. */
size_t dg_experiment_runs(const dg_experiment *experiment);

/** Effective values of one run as YAML that loads again; the caller frees it with free(). */
DG_MUST_CHECK dg_status dg_experiment_print(char **out, const dg_experiment *experiment,
                                            size_t run);

/* ---- running to a file ------------------------------------------------------------------- */

/** How far a call has come; handed to dg_options.progress a few times a second. */
typedef struct dg_progress {
    int64_t generations_done; /**< generations of all runs together */
    int64_t
        generations_planned;  /**< the same when all is done; less what runs that end early spare */
    int64_t generations_kept; /**< of those done: by earlier calls */
    int64_t agent_steps_done; /**< agents x steps of those generations: the measure of work */
    int64_t agent_steps_planned; /**< the same when all is done */
    int64_t agent_steps_kept;    /**< of those done: by earlier calls */
    size_t runs_done;            /**< runs that reached their end */
    size_t runs_planned;         /**< runs of this call: of its shard */
    size_t runs_kept;            /**< of those done: finished by earlier calls */
    double seconds;              /**< since the call began */
} dg_progress;

/** Agent-steps per second of this call; 0 before it has any. */
static inline double dg_progress_rate(const dg_progress *p)
{
    return p->seconds > 0.0 ? (double)(p->agent_steps_done - p->agent_steps_kept) / p->seconds
                            : 0.0;
}

/** How to run; none of it changes a result. Zero-initialise, then set what matters. */
typedef struct dg_options {
    /**
     * "cpu", "cuda" (all GPUs), "cuda:k" (one of them), "auto" or NULL: GPUs if any answers, else the
     * CPU. Batches are spread over all devices named.
     */
    const char *device;
    int threads;        /**< CPU threads; 0: all. On GPUs they make the starts of runs */
    const char *vector; /**< of a CPU: "avx512", "avx2", "generic"; NULL: the widest it has */
    int batch;          /**< runs that a device holds at most; 0: as memory allows */
    int overwrite;      /**< non-zero: forget what the directory holds and start anew */
    int shard, shards;  /**< compute part `shard` = 1 ... `shards`; both 0: all runs */
    double walltime;    /**< seconds after which the call must have ended, saved; 0: no limit */
    int mixed_builds;   /**< non-zero: go on with what another build of this program began */
    const volatile int *stop; /**< save runs under way and return once *stop != 0; may be NULL */
    /** How far it has come, a few times a second from another thread; may be NULL. */
    void (*progress)(void *user, const dg_progress *progress);
    /** One event a call, from any thread; may be NULL. */
    void (*log)(void *user, const char *line);
    void *user; /**< handed to both */
} dg_options;

/** What a call did. Runs are those of its shard, finished before or in it. */
typedef struct dg_outcome {
    size_t runs_planned;
    size_t runs_completed; /**< reached the last generation: status `completed` */
    size_t runs_converged; /**< ended by early_stop.share: status `converged` */
    size_t runs_nonfinite; /**< met a number that is not finite: status `nonfinite` */
    size_t runs_kept;      /**< of all three: finished by earlier calls */
    int64_t agent_steps;   /**< computed in this call */
    double seconds;        /**< wall time of this call */
    /* of them, several devices added up: */
    double seconds_start;   /**< starts of runs (tessellation, weights) */
    double seconds_advance; /**< advancing generations */
    double seconds_store;   /**< writing the file */
} dg_outcome;

/**
 * Compute every planned run that `directory` does not hold yet, then write `directory`/results.nc.
 *
 * A call may be repeated until it is done, whatever ended the one before: finished batches are kept,
 * runs under way go on from their checkpoint, and the result is byte for byte that of a call which was
 * never interrupted. The experiment may have grown: what is there is kept. Shards may run at the same
 * time, also on several machines that share the directory; dg_experiment_merge() makes their result.
 *
 * @param options  may be NULL: all defaults
 * @param outcome  may be NULL
 * @return DG_OK; DG_ERR_STOPPED after options->stop or near the walltime, with all work saved;
 *         DG_ERR_ARGUMENT (options; the directory holds another configuration, or a result that this
 *         program did not make: overwrite is 0), DG_ERR_IO (another process writes there, disk full),
 *         DG_ERR_MEMORY, DG_ERR_BACKEND, DG_ERR_UNSUPPORTED (no such device here, or it cannot
 *         compute the policy.forward of a run: refused before anything is written; the directory is
 *         of another model version)
 */
DG_MUST_CHECK dg_status dg_experiment_run(const dg_experiment *experiment, const char *directory,
                                          const dg_options *options, dg_outcome *outcome);

/**
 * Make `directory`/results.nc of what shards have computed there.
 *
 * @param partial  non-zero: runs that are missing are left as `planned`; 0: DG_ERR_MISSING names them
 * @param options  mixed_builds, log and user alone are looked at; may be NULL
 * @param outcome  runs_planned and what became of them, also after DG_ERR_MISSING; may be NULL
 * @return DG_OK, DG_ERR_MISSING, DG_ERR_ARGUMENT (batches of another build), DG_ERR_IO (a shard still
 *         writes there, no such directory, disk full), DG_ERR_UNSUPPORTED (another model version),
 *         DG_ERR_MEMORY
 */
DG_MUST_CHECK dg_status dg_experiment_merge(const char *directory, int partial,
                                            const dg_options *options, dg_outcome *outcome);

/* ---- running in memory ------------------------------------------------------------------- */

/** Runs of one shape, held by a backend from create to free. */
typedef struct dg_ensemble dg_ensemble;

/** Sizes of one run, for arrays of the calls below. */
typedef struct dg_sizes {
    int32_t agents;      /**< N */
    int32_t values;      /**< V, beliefs and messages are 0 ... V-1 */
    int32_t groups;      /**< in written order, AI groups first */
    int32_t steps;       /**< T, steps of a generation */
    int32_t generations; /**< G */
} dg_sizes;

/** One generation of one run, summed over groups of a kind (MODEL.md, section 6). */
typedef struct dg_generation_summary {
    double ai_views;       /**< views of AI agents / all views; NaN if there were none */
    double ai_fitness;     /**< sum of AI fitness / sum of all fitness */
    double human_belief_0; /**< share of (human, step) pairs whose belief is 0 */
} dg_generation_summary;

/**
 * Make runs first ... first+count-1 of an experiment and hold them at generation 0. All must share
 * one shape (agents, groups, values, capacities, hidden units, steps, generations), and all or none
 * have policy.forward = cublas. Of several devices the first one holds them.
 *
 * @return DG_OK, DG_ERR_ARGUMENT (range, differing shapes, model is not `digico`), DG_ERR_MEMORY,
 *         DG_ERR_UNSUPPORTED (device, policy.forward)
 */
DG_MUST_CHECK dg_status dg_ensemble_create(dg_ensemble **out, const dg_experiment *experiment,
                                           size_t first, size_t count, const dg_options *options);

/** Free an ensemble and set *ensemble to NULL; accepts NULL inside. The experiment may go first. */
void dg_ensemble_free(dg_ensemble **ensemble);

/** Advance every run by `generations` >= 0, at most to its last one or the one that ends it early. */
DG_MUST_CHECK dg_status dg_ensemble_advance(dg_ensemble *ensemble, int32_t generations);

/** Sizes that all runs of the ensemble share. */
dg_sizes dg_ensemble_sizes(const dg_ensemble *ensemble);

/** Generations finished by `run` (0 ... count-1 of the ensemble), or -1 if there is no such run. */
int32_t dg_ensemble_generations(const dg_ensemble *ensemble, size_t run);

/** Dominance metrics of one finished generation, 0-based. */
DG_MUST_CHECK dg_status dg_ensemble_summary(const dg_ensemble *ensemble, size_t run,
                                            int32_t generation, dg_generation_summary *out);

/** Beliefs of one finished generation over its steps: counts[groups][values], agents x steps. */
DG_MUST_CHECK dg_status dg_ensemble_histogram(const dg_ensemble *ensemble, size_t run,
                                              int32_t generation, int64_t *counts);

/** Current beliefs, one per agent: beliefs[agents]. */
DG_MUST_CHECK dg_status dg_ensemble_beliefs(const dg_ensemble *ensemble, size_t run,
                                            int32_t *beliefs);

/** 64-bit hash of the whole state of a run, equal on every machine and backend (but with cublas). */
DG_MUST_CHECK dg_status dg_ensemble_hash(const dg_ensemble *ensemble, size_t run, uint64_t *hash);

#ifdef __cplusplus
}
#endif

#endif
