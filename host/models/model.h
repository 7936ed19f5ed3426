/**
 * The table of models: all that the engine, the directory and the program know of one.
 *
 * A model is a row: what its runs are, how much work and room they take, how they are computed, what a
 * result file holds of them and what a summary shows. Nothing above this folder names a model. Its keys
 * and their check stand with the loader (host/config), which lies below.
 *
 * There are two ways to compute. Where `compute` is NULL, runs of one shape are held in batches by the
 * backends, advanced generation by generation, checkpointed and traced (kernels/backend.h; host/engine/
 * batch.c). Else `compute` computes a run from start to end on one CPU thread; what it kept is packed into
 * one piece of memory that the model alone understands.
 */
#ifndef DG_MODEL_H
#define DG_MODEL_H

#include "host/store/results.h"
#include "host/store/store.h"
#include "kernels/backend.h"

/** Parts of a run as archives keep them. Stored: numbers stay. */
typedef enum dg_part {
    DG_PART_HEAD = 1,
    DG_PART_STATE = 2, /* backends: dg_state_bytes, not compressed: random numbers do not shrink */
    DG_PART_RECORDS = 3, /* backends: [generations][dg_record_words] */
    DG_PART_TRACE = 4,   /* backends: dg_trace_words of int16 */
    DG_PART_PACKED = 5,  /* what dg_model.compute keeps of a run */
    DG_PARTS = 6,
    DG_PART_PROVENANCE = 16 /* index 0: who computed these runs, a JSON object */
} dg_part;

/** A finished run as archives keep it, borrowed for the length of one call. */
typedef struct dg_kept_run {
    dg_run_outcome outcome;
    const dg_shape *shape;          /* of a model on backends, as the four below; else NULL */
    const int64_t *records;         /* [outcome.generations][dg_record_words] */
    const int16_t *trace;           /* dg_backend.trace, NULL: none */
    const dg_batch_options *traced; /* which generations `trace` holds; NULL: none */
    const void *packed;             /* [packed_bytes] of a model that computes; else NULL */
    int64_t packed_bytes;
} dg_kept_run;

/** What dg_model.compute made of a run. */
typedef struct dg_computed_run {
    dg_run_status
        status; /* DG_RUN_PLANNED: it was stopped; then nothing below but agent_steps is set */
    int32_t generations;
    uint64_t hash; /* of the final state */
    void *packed;  /* [packed_bytes] freed by the caller with free() */
    int64_t packed_bytes;
    int64_t agent_steps; /* computed in this call */
} dg_computed_run;

/** How a run is computed on one thread. */
typedef struct dg_compute_options {
    const char *vector;          /* instruction set, as of dg_backend_cpu_vector() */
    bool (*stopped)(void *user); /* asked after each recorded generation; NULL: never */
    void *user;                  /* handed to it */
    const dg_watch *watch;       /* counters to add to; may be NULL */
} dg_compute_options;

/** Which number of a run is averaged over runs. */
typedef enum dg_statistic {
    DG_STATISTIC_LAST, /* that of its last generation, as the paper's tables */
    DG_STATISTIC_MEAN  /* the mean over all its generations */
} dg_statistic;

/** Numbers of a run that a summary shows. */
#define DG_SUMMARY_METRICS 3

typedef struct dg_metric {
    const char *name;  /* "ai_views", of columns for machines; static storage */
    const char *label; /* "AI views" */
    double *value;     /* [runs] freed by the caller, also after a failure */
} dg_metric;

/** A model. Entries are given but where they may be NULL; all may be called by several threads at once. */
typedef struct dg_model {
    const char *word; /* of the key `model` */

    /* ---- work --------------------------------------------------------------------------------- */

    /** Recorded generations of a whole run, >= 1: what progress counts. */
    int64_t (*generations)(const dg_config *config);

    /** Agent-steps of the first so many of them: the measure of work. */
    int64_t (*agent_steps)(const dg_config *config, int64_t generations);

    /** Do two configurations of this model take the same room and about the same time? */
    bool (*same_shape)(const dg_config *a, const dg_config *b);

    /** The sizes of a run in words, "30 agents, 3 groups, ..."; returns `text`. */
    const char *(*describe)(const dg_config *config, char *text, size_t size);

    /* ---- room --------------------------------------------------------------------------------- */

    /** Memory of a run while it is computed; NULL: a backend says it. */
    int64_t (*memory_bytes)(const dg_config *config);

    /** Bytes of a run in results.nc, before compression, but for what every run has. */
    int64_t (*file_bytes)(const dg_config *config);

    /** Bytes of results.nc that do not grow with its runs: dimensions, attributes, the experiment's text. */
    int64_t file_fixed;

    /** Bytes of a part of a run in an archive, after so many generations; 0: it has no such part. */
    int64_t (*part_bytes)(const dg_config *config, dg_part part, int32_t generations);

    /* ---- computing ---------------------------------------------------------------------------- */

    /** Compute a run from its start on the calling thread; NULL: backends compute it. */
    dg_status (*compute)(const dg_config *config, const dg_compute_options *options,
                         dg_computed_run *out);

    /** Seconds of an agent-step, for `digico plan`; 0: to be measured. */
    double seconds_per_agent_step;

    /** Does every machine repeat this run byte for byte? NULL: always. */
    bool (*same_everywhere)(const dg_config *config);

    /* ---- results ------------------------------------------------------------------------------ */

    const dg_store_layout *layout;

    /** Write a run into a file of this layout. Not by several threads: netCDF is not thread-safe. */
    dg_status (*store)(dg_store *store, const dg_kept_run *run);

    /** Fill in the numbers of all runs of a file; see dg_metric for what to free. */
    dg_status (*summarise)(const dg_results *results, dg_statistic statistic,
                           dg_metric metric[DG_SUMMARY_METRICS]);

    /** What these numbers are, "last generation"; static storage. */
    const char *(*heading)(dg_statistic statistic);

    /** Has the paper published numbers of it? */
    bool published;
} dg_model;

/** The row of a model; static storage. */
const dg_model *dg_model_of(int32_t kind);

/** The row of an experiment's model: `model` is the same in all of its runs. */
const dg_model *dg_model_of_experiment(const dg_experiment *experiment);

/** The row of the model that a result file is of. */
const dg_model *dg_model_of_results(const dg_results *results);

/** Do backends compute it, in batches? */
bool dg_model_on_backends(const dg_model *model);

/** Recorded generations and agent-steps of a whole run. */
int64_t dg_model_work(const dg_config *config);

extern const dg_model dg_model_digico;
extern const dg_model dg_model_echo;

#endif
