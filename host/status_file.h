/**
 * How far a call has come, for programs that poll: DIR/status.json, or status-I-of-N.json of a shard.
 *
 * One small JSON object, replaced as a whole every second or so; `digico status` reads it, and so may
 * anybody: a reader never meets half of it.
 */
#ifndef DG_STATUS_FILE_H
#define DG_STATUS_FILE_H

#include "host/shard.h"

/** How a call stands. */
#define DG_CALL_STATE_LIST(X)                                                                      \
    X(DG_CALL_RUNNING, "running")                                                                  \
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

typedef struct dg_status_file {
    char *path;
    dg_shard shard;
    char started[32];
    const char *devices; /* borrowed */
    char checkpoint[32]; /* when runs under way were last saved, "": not yet */
    double written;      /* dg_clock() of the last tick that wrote */
} dg_status_file;

/** Prepare; nothing is written. DG_ERR_MEMORY. */
DG_MUST_CHECK dg_status dg_status_file_open(dg_status_file *out, const char *directory,
                                            dg_shard shard, const char *devices);

/** While the call runs, as often as it likes: replaces the file about once a second. */
void dg_status_file_tick(dg_status_file *file, const dg_progress *progress);

/** Runs under way have just been saved. */
void dg_status_file_saved(dg_status_file *file);

/** Replace the file; a disk that has no room for it is not the sweep's trouble. */
void dg_status_file_write(const dg_status_file *file, dg_call_state state,
                          const dg_progress *progress, const char *message);

/** Accepts a zeroed one. */
void dg_status_file_close(dg_status_file *file);

#endif
