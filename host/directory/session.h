/**
 * A call of `digico run` in its result directory: what is there, what is left to do.
 *
 *   DIR/manifest.digico    the experiment (manifest.h)
 *   DIR/batches/           finished runs, a file per batch (run_archive.h)
 *   DIR/checkpoints/       runs under way, two generations of each batch
 *   DIR/results.nc         made of the batches once all runs are finished (assemble.h)
 *   DIR/provenance.json    who computed what, when
 *   DIR/status.json        how far a call has come; of a shard status-I-of-N.json (status_file.h)
 *   DIR/run.log            dated lines; of a shard run-I-of-N.log
 *
 * Batches and checkpoints are named by what they hold, so shards need not speak with each other, and a
 * repeated write of the same runs is the same file.
 */
#ifndef DG_SESSION_H
#define DG_SESSION_H

#include "host/directory/lock.h"
#include "host/directory/inventory.h"

typedef struct dg_session {
    const dg_experiment *experiment; /* borrowed */
    char *directory;
    dg_shard shard;
    int lock;
    dg_fingerprint *id; /* [runs] */
    size_t *own;        /* [owned] runs of the shard in order of computing */
    size_t owned;
    size_t *todo; /* [left] those that are not finished */
    size_t left;
    dg_inventory inventory; /* when the session was opened, repairs done */
} dg_session;

/** Unlock and free; accepts NULL inside. */
void dg_session_close(dg_session **session);

/** Path of the batch of these runs, freed by the caller; NULL without memory. */
char *dg_session_batch_path(const dg_session *session, const size_t *run, size_t count);

/** Path of the `number`-th checkpoint of these runs, freed by the caller; NULL without memory. */
char *dg_session_checkpoint_path(const dg_session *session, const size_t *run, size_t count,
                                 int number);

/**
 * Read all folders anew.
 *
 * @param check  every byte of all runs, whosoever; else names and sizes
 * @param tell   hears of damages; may be NULL
 */
DG_MUST_CHECK dg_status dg_session_look(dg_session *session, bool check,
                                        void (*tell)(void *user, const char *line), void *user);

/** Remove checkpoints whose runs are all finished. Call dg_session_look() before. */
void dg_session_prune(dg_session *session);

/** Remove all checkpoints of a sweep that is done, which an earlier call could not. Without a shard only. */
void dg_session_remove_checkpoints(const dg_session *session);

#endif
