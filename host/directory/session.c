/** What a session knows of its directory: names, contents; see session.h. */
#include "host/directory/session_internal.h"

#include "host/base/files.h"

#include <stdlib.h>
#include <string.h>

void dg_session_say(const dg_options *options, const char *line)
{
    if (options->log) options->log(options->user, line);
}

/* ---- names ------------------------------------------------------------------------------------ */

/** Name of a set of runs. */
static uint64_t name_of(const dg_session *s, const size_t *run, size_t count)
{
    dg_fingerprint *id = malloc((count + 1) * sizeof *id);
    if (!id) return 0;
    for (size_t k = 0; k < count; k++) id[k] = s->id[run[k]];
    const uint64_t name = dg_fingerprints_hash(id, count);
    free(id);
    return name;
}

char *dg_session_batch_path(const dg_session *s, const size_t *run, size_t count)
{
    return dg_text("%s/" DG_BATCH_FOLDER "/%016llx" DG_BATCH_ENDING, s->directory,
                   (unsigned long long)name_of(s, run, count));
}

char *dg_session_checkpoint_path(const dg_session *s, const size_t *run, size_t count, int number)
{
    return dg_text("%s/" DG_CHECKPOINT_FOLDER "/%016llx-%06d" DG_CHECKPOINT_ENDING, s->directory,
                   (unsigned long long)name_of(s, run, count), number);
}

/* ---- looking ---------------------------------------------------------------------------------- */

dg_status dg_session_look_at(dg_session *s, const dg_fingerprint *own, size_t owned,
                             void (*tell)(void *user, const char *line), void *user)
{
    const dg_inventory_request request = {s->directory, own, owned, tell, user};
    dg_inventory_free(&s->inventory);
    return dg_inventory_make(&s->inventory, &request);
}

/** Fingerprints of all runs in order, freed by the caller; NULL without memory. */
dg_fingerprint *dg_session_sorted_ids(const dg_session *s)
{
    const size_t runs = s->experiment->runs;
    dg_fingerprint *sorted = malloc(runs * sizeof *sorted);
    if (!sorted) return NULL;
    memcpy(sorted, s->id, runs * sizeof *sorted);
    qsort(sorted, runs, sizeof *sorted, dg_fingerprint_compare);
    return sorted;
}

dg_status dg_session_look(dg_session *s, bool check, void (*tell)(void *user, const char *line),
                          void *user)
{
    const size_t runs = s->experiment->runs;
    dg_fingerprint *sorted = dg_session_sorted_ids(s);
    if (!sorted) return dg_session_no_memory();
    const dg_status status = dg_session_look_at(s, sorted, check ? runs : 0, tell, user);
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
    free(s->own);
    free(s->todo);
    free(s);
    *session = NULL;
}
