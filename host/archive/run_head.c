/** Checking the head of a stored run; see run_head.h. */
#include "host/archive/run_head.h"

#include <limits.h>
#include <math.h>

static dg_status fail(const dg_run_place *place, const char *what)
{
    return dg_fail(DG_ERR_IO, "%s: damaged: section %zu: %s", place->archive->path, place->section,
                   what);
}

/** Can a run of so many generations have this status after `done` of them? */
static bool can_be(dg_run_status status, int64_t done, int64_t all, const dg_config *config)
{
    if (done < 1 || done > all) return false;
    switch (status) {
    case DG_RUN_PLANNED: return done < all;
    case DG_RUN_COMPLETED: return !config || done == all;
    case DG_RUN_NONFINITE: return true;
    case DG_RUN_CONVERGED: return !config || !isnan(config->early_stop_share);
    case DG_RUN_STATUSES: break;
    }
    return false;
}

dg_status dg_run_head_check(const dg_run_place *place, const dg_config *config, bool ended)
{
    const dg_run_head *head = &place->head;
    char what[128];
    if (head->status < 0 || head->status >= DG_RUN_STATUSES)
        return fail(place, "a run with an unknown status");
    for (int p = 0; p < DG_PARTS; p++)
        if (head->bytes[p] < 0) return fail(place, "a run with a part of negative size");
    const int64_t all = config ? dg_model_of(config->model)->generations(config) : INT32_MAX;
    const dg_run_status status = (dg_run_status)head->status;
    if (can_be(status, head->generations, all, config) && !(ended && status == DG_RUN_PLANNED))
        return DG_OK;
    snprintf(what, sizeof what, "a run that is %s after %d of %lld generations",
             dg_run_status_word(status), head->generations, (long long)all);
    return fail(place, config ? what : "a run that has not ended");
}
