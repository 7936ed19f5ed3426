/**
 * Status files: the progress of a call, for programs that poll. DIR/status.json of `digico run`,
 * status-I-of-N.json of a shard, status-merge.json of `digico merge`.
 *
 * A status file is a small JSON object, replaced atomically about once a second: a reader never
 * sees half of it. `digico status` reads it. A call that is refused before it begins leaves it
 * unchanged.
 */
#ifndef DG_STATUS_FILE_H
#define DG_STATUS_FILE_H

#include "host/base/rate.h"
#include "host/directory/lock.h"

#include <pthread.h>

/** State of a call. */
#define DG_CALL_STATE_LIST(X)                                                                      \
    X(DG_CALL_RUNNING, "running")                                                                  \
    X(DG_CALL_MERGING, "merging") /* all runs have ended; results.nc is being written */           \
    X(DG_CALL_DONE, "done")       /* all runs of the call have ended */                            \
    X(DG_CALL_STOPPED, "stopped") /* on request, after saving: the same command continues */       \
    X(DG_CALL_FAILED, "failed")   /* `message` is the reason */

typedef enum dg_call_state {
#define DG_CALL_STATE_ENUM(code, word) code,
    DG_CALL_STATE_LIST(DG_CALL_STATE_ENUM)
#undef DG_CALL_STATE_ENUM
} dg_call_state;

/** State of a call that has ended with this status. */
dg_call_state dg_call_state_of(dg_status status);

/** Word of a state in status files; static storage. */
const char *dg_call_state_text(dg_call_state state);

/** Identity of a call: `digico run` of a shard, of all runs ({0, 0}), or `digico merge`. */
typedef struct dg_call {
    dg_shard shard;
    bool merge;
} dg_call;

/** Path of the status file of a call, freed by the caller; NULL: no memory. */
char *dg_status_file_path(const char *directory, dg_call call);

/* ---- writing --------------------------------------------------------------------------------- */

typedef struct dg_status_file {
    char *path, *directory;
    int held; /* lock of the directory; -1: none */
    dg_call call;
    char started[32];
    const char *devices;  /* borrowed */
    pthread_mutex_t lock; /* of the fields below: ticker and devices call from their own threads */
    dg_call_state state;  /* that ticks write: running or merging */
    char checkpoint[32];  /* time of the last checkpoint; "": none yet */
    double written;       /* dg_clock() of the last tick that wrote; 0: none */
    dg_rate recent;
} dg_status_file;

/**
 * Initialise; no file is written. DG_ERR_MEMORY.
 *
 * @param lock  of the directory, -1: none; nothing is written once it belongs to another directory
 */
DG_MUST_CHECK dg_status dg_status_file_open(dg_status_file *out, const char *directory, int lock,
                                            dg_call call, const char *devices);

/** Report progress; may be called at any rate. Replaces the file about once a second. */
void dg_status_file_tick(dg_status_file *file, const dg_progress *progress);

/** A checkpoint has just been written. */
void dg_status_file_saved(dg_status_file *file);

/** From now on ticks write the state `merging`. */
void dg_status_file_merging(dg_status_file *file);

/** Replace the file now. Failures are ignored: no run depends on it. */
void dg_status_file_write(dg_status_file *file, dg_call_state state, const dg_progress *progress,
                          const char *message);

/** Free; the file stays. Accepts a zeroed struct. */
void dg_status_file_close(dg_status_file *file);

/* ---- reading --------------------------------------------------------------------------------- */

/** Contents of a status file. Missing texts are "", integers 0, real numbers NaN. */
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

/** Read a status file. DG_ERR_IO: it is missing or not a status file; DG_ERR_MEMORY. */
DG_MUST_CHECK dg_status dg_status_file_read(dg_call_report *out, const char *path);

/** Was it written on this machine? */
bool dg_call_is_here(const dg_call_report *report);

/** Seconds since a date that dg_now() wrote, 0 for a future one; NaN if it is not such a date. */
double dg_seconds_since(const char *date);

#endif
