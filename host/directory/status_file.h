/**
 * How far a call has come, for programs that poll: DIR/status.json of `digico run`, status-I-of-N.json of
 * one of its shards, status-merge.json of `digico merge`.
 *
 * One small JSON object, replaced as a whole every second or so; `digico status` reads it, and so may
 * anybody: a reader never meets half of it. A call that is refused before it begins leaves it as it was.
 */
#ifndef DG_STATUS_FILE_H
#define DG_STATUS_FILE_H

#include "host/base/rate.h"
#include "host/config/shard.h"

#include <pthread.h>

/** How a call stands. */
#define DG_CALL_STATE_LIST(X)                                                                      \
    X(DG_CALL_RUNNING, "running")                                                                  \
    X(DG_CALL_MERGING, "merging") /* all runs have ended; results.nc is being written */           \
    X(DG_CALL_DONE, "done")       /* all runs of the call have ended */                            \
    X(DG_CALL_STOPPED, "stopped") /* on request, with a checkpoint: the same command goes on */    \
    X(DG_CALL_FAILED, "failed")   /* `message` tells why */

typedef enum dg_call_state {
#define DG_CALL_STATE_ENUM(code, word) code,
    DG_CALL_STATE_LIST(DG_CALL_STATE_ENUM)
#undef DG_CALL_STATE_ENUM
} dg_call_state;

/** The state in words; static storage. */
const char *dg_call_state_text(dg_call_state state);

/** Which call: `digico run` of a shard, {0, 0} of all runs, or `digico merge`. */
typedef struct dg_call {
    dg_shard shard;
    bool merge;
} dg_call;

/* ---- writing ---------------------------------------------------------------------------------- */

typedef struct dg_status_file {
    char *path;
    dg_call call;
    char started[32];
    const char *devices;  /* borrowed */
    pthread_mutex_t lock; /* of all below: the ticker and devices call from threads of their own */
    dg_call_state state;  /* that ticks tell of */
    char checkpoint[32];  /* when runs under way were last saved, "": not yet */
    double written;       /* dg_clock() of the last tick that wrote */
    dg_rate recent;
} dg_status_file;

/** Prepare; nothing is written. DG_ERR_MEMORY. */
DG_MUST_CHECK dg_status dg_status_file_open(dg_status_file *out, const char *directory,
                                            dg_call call, const char *devices);

/** While the call runs, as often as it likes: replaces the file about once a second. */
void dg_status_file_tick(dg_status_file *file, const dg_progress *progress);

/** Runs under way have just been saved. */
void dg_status_file_saved(dg_status_file *file);

/** From now on the result is being written. */
void dg_status_file_merging(dg_status_file *file);

/** Replace the file; a disk that has no room for it is not the sweep's trouble. */
void dg_status_file_write(dg_status_file *file, dg_call_state state, const dg_progress *progress,
                          const char *message);

/** Accepts a zeroed one. */
void dg_status_file_close(dg_status_file *file);

/* ---- reading ---------------------------------------------------------------------------------- */

/** What a status file says; a text that it lacks is "", a number 0 or, where it is real, NaN. */
typedef struct dg_call_report {
    dg_call_state state;
    dg_call call;
    size_t runs_planned, runs_done;
    int64_t agent_steps_planned, agent_steps_done;
    double rate, seconds_elapsed, seconds_left; /* rate in agent-steps per second */
    char started[32], updated[32], checkpoint[32];
    char host[256], devices[256], message[1024];
    int64_t process;
} dg_call_report;

/** DG_OK; DG_ERR_IO: not there, or not a status file; DG_ERR_MEMORY. */
DG_MUST_CHECK dg_status dg_status_file_read(dg_call_report *out, const char *path);

/** Seconds since a date of dg_now(), 0 for one to come; NaN for another text. */
double dg_seconds_since(const char *date);

#endif
