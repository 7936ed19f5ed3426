/** Words and counts of run statuses; see run_status.h. */
#include "host/base/run_status.h"

const char *dg_run_status_word(dg_run_status status)
{
    static const char *const words[DG_RUN_STATUSES] = {
#define RUN_STATUS_WORD(code, word, text) [code] = word,
        DG_RUN_STATUS_LIST(RUN_STATUS_WORD)
#undef RUN_STATUS_WORD
    };
    return words[status];
}

const char *dg_run_status_text(dg_run_status status)
{
    static const char *const texts[DG_RUN_STATUSES] = {
#define RUN_STATUS_TEXT(code, word, text) [code] = text,
        DG_RUN_STATUS_LIST(RUN_STATUS_TEXT)
#undef RUN_STATUS_TEXT
    };
    return texts[status];
}

size_t dg_run_counts_ended(const dg_run_counts *counts)
{
    size_t ended = 0;
    for (int k = 0; k < DG_RUN_STATUSES; k++) ended += k == DG_RUN_PLANNED ? 0 : counts->of[k];
    return ended;
}

void dg_outcome_add(dg_outcome *outcome, const dg_run_counts *counts)
{
    outcome->runs_completed += counts->of[DG_RUN_COMPLETED];
    outcome->runs_converged += counts->of[DG_RUN_CONVERGED];
    outcome->runs_nonfinite += counts->of[DG_RUN_NONFINITE];
}
