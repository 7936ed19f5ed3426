/**
 * How a sweep stands, read from its directory: what `digico status` prints.
 *
 * Nothing is locked, changed or created, and no call that runs is waited for: it may be read as often as
 * one likes, from any machine that sees the directory.
 */
#ifndef DG_STANDING_H
#define DG_STANDING_H

#include "host/directory/inventory.h"
#include "host/directory/status_file.h"

/** How a run stands: ended, in the vocabulary of dg_run_status, or where it is. Each run is one of these. */
typedef enum dg_sweep_run {
    DG_STANDING_COMPLETED,
    DG_STANDING_CONVERGED,
    DG_STANDING_NONFINITE,
    DG_STANDING_RUNNING, /* not ended, of a call that runs */
    DG_STANDING_SAVED,   /* in a checkpoint, and no call goes on with it */
    DG_STANDING_MISSING,
    DG_STANDING_RUNS
} dg_sweep_run;

/** What has become of a call: what its status file says, and whether its process lives. */
#define DG_CALL_LIFE_LIST(X)                                                                       \
    X(DG_LIFE_NONE, "unstarted")                                                                   \
    X(DG_LIFE_STARTING, "starting")                                                                \
    X(DG_LIFE_RUNNING, "running")                                                                  \
    X(DG_LIFE_MERGING, "merging")                                                                  \
    X(DG_LIFE_DONE, "done")                                                                        \
    X(DG_LIFE_STOPPED, "stopped")                                                                  \
    X(DG_LIFE_FAILED, "failed")                                                                    \
    X(DG_LIFE_DEAD, "dead") /* it said `running`, but its process is gone, or silent for minutes */

typedef enum dg_call_life {
#define DG_CALL_LIFE_ENUM(code, words) code,
    DG_CALL_LIFE_LIST(DG_CALL_LIFE_ENUM)
#undef DG_CALL_LIFE_ENUM
} dg_call_life;

/** Word of it for programs, and for people; static storage. */
const char *dg_sweep_run_key(dg_sweep_run run);
const char *dg_sweep_run_text(dg_sweep_run run);
const char *dg_call_life_text(dg_call_life life);

/** Does it compute or write now? */
bool dg_call_lives(dg_call_life life);

/** One call, or shards side by side that were never started. */
typedef struct dg_sweep_call {
    dg_call call;
    int32_t last; /* never started: shards call.shard.index ... last */
    dg_call_life life;
    dg_call_report report; /* zeroed where there is none */
    double silent;         /* seconds since it last wrote; NaN */
    size_t planned, ended; /* runs of its part, by what is on disk */
} dg_sweep_call;

/** The sweep as a whole, and what `digico status` exits with. */
typedef enum dg_sweep_state {
    DG_STANDING_FINISHED, /* all runs have ended */
    DG_STANDING_OPEN,     /* some have not; calls run or can go on */
    DG_STANDING_TROUBLE   /* a call with runs left is failed or dead, or a file is damaged */
} dg_sweep_state;

typedef enum dg_sweep_result {
    DG_STANDING_NO_RESULT,
    DG_STANDING_OLD_RESULT, /* the sweep has grown, or runs have ended, since */
    DG_STANDING_RESULT
} dg_sweep_result;

typedef struct dg_standing {
    char *directory;
    dg_experiment *experiment;
    char *build;       /* that made the directory */
    dg_sweep_run *run; /* [experiment->runs] */
    size_t count[DG_STANDING_RUNS];
    size_t begun;       /* runs in checkpoints that are in no batch */
    double begun_share; /* how far these are, 0 ... 1, on average of their work */
    int64_t agent_steps, agent_steps_safe; /* of all runs; of them on disk */
    dg_sweep_call *call;                   /* [calls] */
    size_t calls;
    dg_names damages;                      /* one line each */
    size_t batches, checkpoints;           /* files */
    int64_t batch_bytes, checkpoint_bytes; /* of the whole folders */
    dg_sweep_result result;
} dg_standing;

/** Free and set *status to NULL; accepts NULL inside. */
void dg_standing_free(dg_standing **status);

/** Runs that have ended, however. */
size_t dg_sweep_ended(const dg_standing *status);

/** Calls at work now. */
size_t dg_sweep_living(const dg_standing *status);

dg_sweep_state dg_sweep_state_of(const dg_standing *status);

/** Is this call one that somebody should look at? */
bool dg_sweep_call_troubled(const dg_standing *status, const dg_sweep_call *call);

/** What to do next, one line of at most `size` bytes; returns `text`. */
const char *dg_sweep_next(const dg_standing *status, char *text, size_t size);

#endif
