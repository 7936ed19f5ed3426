/** Names and inventory of a session's directory; see session.h. */
#include "host/directory/session_internal.h"

#include "host/base/files.h"

#include <stdlib.h>
#include <string.h>

void dg_session_log(const dg_options *options, const char *line)
{
    if (options->log) options->log(options->user, line);
}

dg_line *dg_session_warner(const dg_options *options)
{
    return options->warn ? options->warn : options->log;
}

void dg_session_warn(const dg_options *options, const char *line)
{
    dg_line *write_line = dg_session_warner(options);
    if (write_line) write_line(options->user, line);
}

/* ---- names ----------------------------------------------------------------------------------- */

/** Hash of the fingerprints of these runs, for file names; 0: no memory. */
static uint64_t hash_of_runs(const dg_session *s, const size_t *run, size_t count)
{
    dg_fingerprint *id = malloc((count + 1) * sizeof *id);
    if (!id) return 0;
    for (size_t k = 0; k < count; k++) id[k] = s->id[run[k]];
    const uint64_t hash = dg_fingerprints_hash(id, count);
    free(id);
    return hash;
}

char *dg_session_batch_path(const dg_session *s, const size_t *run, size_t count)
{
    return dg_text("%s/" DG_BATCH_FOLDER "/%016llx" DG_BATCH_ENDING, s->directory,
                   (unsigned long long)hash_of_runs(s, run, count));
}

char *dg_session_checkpoint_path(const dg_session *s, const size_t *run, size_t count, int number)
{
    return dg_text("%s/" DG_CHECKPOINT_FOLDER "/%016llx-%06d" DG_CHECKPOINT_ENDING, s->directory,
                   (unsigned long long)hash_of_runs(s, run, count), number);
}

/* ---- place ----------------------------------------------------------------------------------- */

dg_status dg_session_check_place(const dg_session *s)
{
    return dg_directory_check_lock(s->lock, s->directory);
}

dg_status dg_session_archive_create(dg_archive_writer **out, const dg_session *s, const char *path,
                                    dg_archive_kind kind)
{
    DG_TRY(dg_session_check_place(s));
    return dg_archive_create(out, path, kind);
}

dg_status dg_session_archive_commit(dg_archive_writer **writer, const dg_session *s)
{
    DG_TRY(dg_session_check_place(s));
    return dg_archive_commit(writer);
}

/* ---- inventory ------------------------------------------------------------------------------- */

dg_status dg_session_read_inventory(dg_session *s, const dg_fingerprint *check, size_t check_count,
                                    void (*report)(void *user, const char *line), void *user)
{
    const dg_inventory_request request = {.directory = s->directory,
                                          .check = check,
                                          .check_count = check_count,
                                          .report = report,
                                          .user = user,
                                          .experiment = s->experiment,
                                          .id = s->id,
                                          .stop = s->stop};
    dg_inventory_free(&s->inventory);
    return dg_inventory_make(&s->inventory, &request);
}

dg_fingerprint *dg_session_sorted_ids(const dg_session *s)
{
    return dg_fingerprints_sorted(s->id, s->experiment->runs);
}

dg_status dg_session_reread(dg_session *s, bool check, void (*report)(void *user, const char *line),
                            void *user)
{
    const size_t runs = s->experiment->runs;
    DG_TRY(dg_session_check_place(s));
    dg_fingerprint *sorted = check ? dg_session_sorted_ids(s) : NULL;
    if (check && !sorted) return dg_session_no_memory();
    const dg_status status = dg_session_read_inventory(s, sorted, check ? runs : 0, report, user);
    free(sorted);
    return status;
}

void dg_session_close(dg_session **session)
{
    dg_session *s = *session;
    if (!s) return;
    dg_directory_unlock(s->lock);
    dg_inventory_free(&s->inventory);
    free(s->directory);
    free(s->id);
    free(s->shard_run);
    free(s->todo);
    free(s);
    *session = NULL;
}
