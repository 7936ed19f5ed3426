/**
 * The table of models: everything that engine, directory and command line use of a model.
 *
 * A model is a row of functions: how much work, memory and disk space its runs need, how they are
 * computed, which variables a result file has, and what a summary shows. No folder above this one
 * names a model. The keys of a model and their check are in host/config.
 *
 * There are two ways to compute. If `compute` is NULL, backends hold runs of one shape in batches,
 * advance them generation by generation, save and trace them (kernels/backend.h,
 * host/engine/batch.c). Else `compute` computes a run from start to end on one CPU thread and packs
 * its results into one block of memory whose format only the model knows.
 */
#ifndef DG_MODEL_H
#define DG_MODEL_H

#include "host/store/results.h"
#include "host/store/store.h"
#include "kernels/backend.h"

/** Parts of a run in an archive. The numbers are stored in files and must not change. */
typedef enum dg_part {
    DG_PART_HEAD = 1,
    DG_PART_STATE = 2,   /* backends: dg_state_bytes; random numbers, which do not compress */
    DG_PART_RECORDS = 3, /* backends: [generations][dg_record_words] */
    DG_PART_TRACE = 4,   /* backends: dg_trace_words of int16 */
    DG_PART_PACKED = 5,  /* results of dg_model.compute */
    DG_PARTS = 6,
    DG_PART_PROVENANCE = 16 /* not of a run, index 0: how all runs were computed, a JSON object */
} dg_part;

/** A finished run read from an archive, borrowed for one call. */
typedef struct dg_kept_run {
    dg_run_outcome outcome;
    /* of a model on backends, else NULL */
    const dg_shape *shape;
    const int64_t *records;         /* [outcome.generations][dg_record_words] */
    const int16_t *trace;           /* dg_backend.trace, NULL: none */
    const dg_batch_options *traced; /* which generations `trace` has; NULL: none */
    /* of a model with `compute`, else NULL */
    const void *packed; /* [packed_bytes] */
    int64_t packed_bytes;
} dg_kept_run;

/** A run computed by dg_model.compute. */
typedef struct dg_computed_run {
    dg_run_status status; /* DG_RUN_PLANNED: stopped; nothing below is set but `packed` */
    int32_t generations;
    uint64_t hash; /* of the final state */
    void *packed;  /* [packed_bytes] freed by the caller with free() */
    int64_t packed_bytes;
    int64_t agent_steps; /* computed */
} dg_computed_run;

/** Options of dg_model.compute. */
typedef struct dg_compute_options {
    const char *vector;          /* instruction set, see dg_backend_cpu_vector(); never NULL */
    bool (*stopped)(void *user); /* called every few milliseconds; true: stop. May be NULL */
    void *user;                  /* argument of stopped() */
    const dg_watch *watch;       /* counters to add to; may be NULL */
} dg_compute_options;

/** Which number of a run is averaged over runs. */
typedef enum dg_statistic {
    DG_STATISTIC_LAST, /* that of its last generation, as in the tables of the paper */
    DG_STATISTIC_MEAN  /* the mean over all its generations */
} dg_statistic;

/** Number of metrics in a summary: every model has exactly so many. */
#define DG_SUMMARY_METRICS 3

typedef struct dg_metric {
    const char *name;  /* "ai_views", for columns of files; static storage */
    const char *label; /* "AI views", for people; static storage */
    double *value;     /* [runs] freed by the caller, also after a failure */
    /* runs whose value would make a mean meaningless: shown as a count, in no statistic */
    double *left_out; /* [runs] > 0: left out; freed like `value`; NULL: never */
    const char *why;  /* "it is no share where ...", for people; NULL if `left_out` is */
} dg_metric;

/** A model. Entries must be set unless NULL is mentioned; functions may be called concurrently. */
typedef struct dg_model {
    const char *word; /* value of the key `model` */

    /* ---- work */

    /** Recorded generations of a whole run, >= 1: the unit of progress. */
    int64_t (*generations)(const dg_config *config);

    /** Agent-steps of the first `generations` recorded generations: the measure of work. */
    int64_t (*agent_steps)(const dg_config *config, int64_t generations);

    /** Do two configurations of this model need the same memory and about the same time? */
    bool (*same_shape)(const dg_config *a, const dg_config *b);

    /** Sizes of a run as text, "30 agents, 3 groups, ...", cut to `size` bytes; returns `text`. */
    const char *(*describe)(const dg_config *config, char *text, size_t size);

    /* ---- memory and disk */

    /** Memory of a run while it is computed, bytes; NULL: see dg_backend.bytes_per_run. */
    int64_t (*memory_bytes)(const dg_config *config);

    /** Bytes of a run in the variables of `layout`, before compression. */
    int64_t (*file_bytes)(const dg_config *config);

    /**
     * Bytes of results.nc that do not depend on its runs: dimensions, attributes, text. Measured: size of
     * the file of one small run, without compression, less file_bytes().
     */
    int64_t file_fixed;

    /** Bytes of a part of a run in an archive after `generations`; 0: there is no such part. */
    int64_t (*part_bytes)(const dg_config *config, dg_part part, int32_t generations);

    /* ---- computing */

    /** Compute a run from its start on the calling thread; NULL: backends compute it. */
    dg_status (*compute)(const dg_config *config, const dg_compute_options *options,
                         dg_computed_run *out);

    /** Seconds per agent-step on one thread, for `digico plan`, if `compute` is given; 0 else: the plan
     *  measures what backends compute. */
    double seconds_per_agent_step;

    /** Does this run give the same bytes on every machine? NULL: always. */
    bool (*same_everywhere)(const dg_config *config);

    /* ---- results */

    const dg_store_layout *layout;

    /** Write a run into a file of this layout. Not thread-safe, as netCDF is not. */
    dg_status (*store)(dg_store *store, const dg_kept_run *run);

    /** Read the metrics of all runs of a file; the caller frees each metric[k].value. */
    dg_status (*summarise)(const dg_results *results, dg_statistic statistic,
                           dg_metric metric[DG_SUMMARY_METRICS]);

    /** Heading of these metrics, "last generation"; static storage. */
    const char *(*heading)(dg_statistic statistic);

    /** Did the paper publish numbers of this model? */
    bool published;
} dg_model;

/** The row of a model; static storage. */
const dg_model *dg_model_of(int32_t kind);

/** The row of an experiment's model, which is the same in all its runs. */
const dg_model *dg_model_of_experiment(const dg_experiment *experiment);

/** The row of a result file's model. */
const dg_model *dg_model_of_results(const dg_results *results);

/** Do backends compute this model, in batches? */
bool dg_model_on_backends(const dg_model *model);

/** Agent-steps of a whole run. */
int64_t dg_model_work(const dg_config *config);

extern const dg_model dg_model_digico;
extern const dg_model dg_model_echo;

#endif
