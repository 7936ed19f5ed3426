/**
 * A session: one call of `digico run` or `digico merge` that works in a result directory.
 *
 *   DIR/manifest.digico    the experiment (manifest.h)
 *   DIR/batches/           finished runs, one file per batch (run_archive.h)
 *   DIR/checkpoints/       unfinished runs, the last two checkpoints of each batch
 *   DIR/results.nc         written from the batches once all runs are finished (assemble.h)
 *   DIR/provenance.json    where, when and by which program each batch was computed
 *   DIR/status.json        progress of the call; of a shard status-I-of-N.json (status_file.h)
 *   DIR/run.log            dated lines; of a shard run-I-of-N.log
 *
 * The name of a batch or checkpoint is a hash of its runs' fingerprints: shards need no
 * coordination, and writing the same runs again replaces the same file.
 */
#ifndef DG_SESSION_H
#define DG_SESSION_H

#include "host/directory/lock.h"
#include "host/directory/inventory.h"

typedef struct dg_session {
    const dg_experiment *experiment; /* borrowed */
    char *directory;
    dg_shard shard;
    int lock;           /* of dg_directory_lock(); -1: none */
    dg_fingerprint *id; /* [experiment->runs] */
    size_t *shard_run;  /* [shard_runs] runs of this shard, in the order of computing */
    size_t shard_runs;
    size_t *todo; /* [left] those that were not finished when the session was opened */
    size_t left;
    dg_inventory inventory;   /* after repairs */
    const volatile int *stop; /* of the options, while the session is opened; then NULL */
} dg_session;

/** Unlock, free and set *session to NULL; *session may be NULL. */
void dg_session_close(dg_session **session);

/** Path of the batch of these runs, freed by the caller; NULL: no memory. */
char *dg_session_batch_path(const dg_session *session, const size_t *run, size_t count);

/** Path of the `number`-th checkpoint of these runs, freed by the caller; NULL: no memory. */
char *dg_session_checkpoint_path(const dg_session *session, const size_t *run, size_t count,
                                 int number);

/** DG_ERR_IO if the directory of this name is no longer the one that the session has locked. */
DG_MUST_CHECK dg_status dg_session_check_place(const dg_session *session);

/** As dg_archive_create() and dg_archive_commit(), in the directory that the session has locked. */
DG_MUST_CHECK dg_status dg_session_archive_create(dg_archive_writer **out,
                                                  const dg_session *session, const char *path,
                                                  dg_archive_kind kind);
DG_MUST_CHECK dg_status dg_session_archive_commit(dg_archive_writer **writer,
                                                  const dg_session *session);

typedef void dg_line(void *user, const char *line);

/** options->warn, or options->log where there is none; may be NULL. */
dg_line *dg_session_warner(const dg_options *options);

/**
 * Read the inventory again.
 *
 * @param check   true: check every byte of the runs of all shards; false: only the structure of
 *                files
 * @param report  called for each damage found; may be NULL
 * @return as dg_inventory_make()
 */
DG_MUST_CHECK dg_status dg_session_reread(dg_session *session, bool check,
                                          void (*report)(void *user, const char *line), void *user);

/** Remove checkpoints whose runs are all finished. Call dg_session_reread() before. */
void dg_session_prune(dg_session *session);

/**
 * Remove all checkpoints of a complete sweep: a call that was killed may have left some. Only for a
 * session of all runs, not of a shard.
 */
void dg_session_remove_checkpoints(const dg_session *session);

#endif
