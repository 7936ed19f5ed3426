/**
 * The state of a sweep, read from its directory: what `digico status` prints.
 *
 * Reading locks, changes and creates nothing, but the hash of results.nc that is remembered, and waits for no
 * running call: it may be done as often as needed, from any machine that has access to the directory.
 */
#ifndef DG_STANDING_H
#define DG_STANDING_H

#include "host/directory/inventory.h"
#include "host/directory/status_file.h"

/** State of a run: how it ended (see dg_run_status), or where it is. */
typedef enum dg_sweep_run {
    DG_STANDING_COMPLETED,
    DG_STANDING_CONVERGED,
    DG_STANDING_NONFINITE,
    DG_STANDING_RUNNING, /* not ended, of a running call; it may still be waiting there */
    DG_STANDING_SAVED,   /* in a checkpoint, and of no running call */
    DG_STANDING_MISSING,
    DG_STANDING_RUNS
} dg_sweep_run;

/** State of a call, from its status file and from whether its process still exists. */
#define DG_CALL_LIFE_LIST(X)                                                                       \
    X(DG_LIFE_NONE, "unstarted")                                                                   \
    X(DG_LIFE_STARTING, "starting")                                                                \
    X(DG_LIFE_RUNNING, "running")                                                                  \
    X(DG_LIFE_MERGING, "merging")                                                                  \
    X(DG_LIFE_DONE, "done")                                                                        \
    X(DG_LIFE_STOPPED, "stopped")                                                                  \
    X(DG_LIFE_FAILED, "failed")                                                                    \
    X(DG_LIFE_DEAD, "dead") /* its file says `running`, but its process is gone or writes no more */

typedef enum dg_call_life {
#define DG_CALL_LIFE_ENUM(code, words) code,
    DG_CALL_LIFE_LIST(DG_CALL_LIFE_ENUM)
#undef DG_CALL_LIFE_ENUM
} dg_call_life;

/** Of a run with this dg_run_status: how it ended, else missing. */
dg_sweep_run dg_sweep_run_of(int32_t status);

/** Words for programs (key) and for people (text); static storage. */
const char *dg_sweep_run_key(dg_sweep_run run);
const char *dg_sweep_run_text(dg_sweep_run run);
const char *dg_call_life_text(dg_call_life life);

/** Is a call in this state computing or writing now? */
bool dg_call_is_active(dg_call_life life);

/** One call, or consecutive shards that were never started. */
typedef struct dg_sweep_call {
    dg_call call;
    int32_t last; /* never started: this entry is the shards call.shard.index ... last */
    dg_call_life life;
    dg_call_report report; /* zeroed if it has no status file */
    double silent;         /* seconds since it last wrote its status file; NaN: unknown */
    size_t planned, ended; /* runs of its shard: all, and those ended on disk */
} dg_sweep_call;

/** State of the whole sweep; it determines the exit code of `digico status`. */
typedef enum dg_sweep_state {
    DG_STANDING_FINISHED, /* all runs have ended */
    DG_STANDING_OPEN,     /* some have not; calls are running or can be continued */
    DG_STANDING_TROUBLE /* a call with runs left has failed or is dead, or a file is not readable */
} dg_sweep_state;

typedef enum dg_sweep_result {
    DG_STANDING_NO_RESULT,
    DG_STANDING_DAMAGED_RESULT,    /* it is not the file that was written */
    DG_STANDING_UNREADABLE_RESULT, /* the system does not let it, or provenance.json, be read */
    DG_STANDING_OTHER_RESULT,      /* it has runs of another experiment */
    DG_STANDING_OLD_RESULT, /* since it was written the sweep has grown, or runs have ended */
    DG_STANDING_RESULT
} dg_sweep_result;

typedef struct dg_standing {
    char *directory;
    dg_experiment *experiment; /* of the manifest */
    char *build;               /* of the manifest */
    dg_sweep_run *run;         /* [experiment->runs] */
    size_t count[DG_STANDING_RUNS];
    size_t begun;       /* unfinished runs that are in a checkpoint */
    double begun_share; /* share of the work of these runs that is done, 0 ... 1 */
    int64_t agent_steps, agent_steps_safe; /* of all runs: planned, and stored on disk */
    dg_sweep_call *call;                   /* [calls] */
    size_t calls;
    size_t stored;                         /* ended runs in batches, of which a result is made */
    dg_names damages;                      /* one line each */
    dg_names unreadable;                   /* the same of what the system does not let be read */
    dg_names notes;                        /* what is no damage, one line each */
    size_t batches, checkpoints;           /* number of files */
    int64_t batch_bytes, checkpoint_bytes; /* of all files in these folders */
    dg_sweep_result result;
    /* the result is OLD by the dates of files alone: what it holds is not recorded */
    bool by_dates;
    /* results.nc is not surely of this sweep, and without batches no call replaces it */
    bool blocked;
} dg_standing;

/** Free and set *status to NULL; *status may be NULL. */
void dg_standing_free(dg_standing **status);

/** Fill status->count from the states of the runs. */
void dg_standing_count(dg_standing *status);

/** Number of runs that have ended, in any way. */
size_t dg_sweep_ended(const dg_standing *status);

/** Number of calls that compute or write now. */
size_t dg_sweep_active_calls(const dg_standing *status);

dg_sweep_state dg_sweep_state_of(const dg_standing *status);

/** Note dg_error() as a file that cannot be read or as damage (dg_error_reason()). DG_OK or DG_ERR_MEMORY. */
DG_MUST_CHECK dg_status dg_standing_note(dg_standing *status);

/** Has this call failed or died before its work was done? */
bool dg_sweep_call_troubled(const dg_standing *status, const dg_sweep_call *call);

/**
 * What the user should do next, one line. The command in it can be pasted into a shell, and the directory is
 * asked whether it would accept it; if it accepts none, the line tells why. Freed by the caller; NULL: no
 * memory. standing_next.c
 */
char *dg_sweep_next(const dg_standing *status);

/** "`digico merge out --partial`", accepted as it is; NULL: none is, or no memory. standing_next.c */
char *dg_sweep_next_partial(const dg_standing *status);

#endif
