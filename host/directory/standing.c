/** Words for the state of a sweep, and its summary; see standing.h. */
#include "host/directory/standing.h"

#include <stdlib.h>
#include <string.h>

/* ---- words ----------------------------------------------------------------------------------- */

dg_sweep_run dg_sweep_run_of(int32_t status)
{
    switch (status) {
    case DG_RUN_COMPLETED: return DG_STANDING_COMPLETED;
    case DG_RUN_CONVERGED: return DG_STANDING_CONVERGED;
    case DG_RUN_NONFINITE: return DG_STANDING_NONFINITE;
    default: return DG_STANDING_MISSING;
    }
}

const char *dg_sweep_run_key(dg_sweep_run run)
{
    switch (run) {
    case DG_STANDING_COMPLETED: return dg_run_status_word(DG_RUN_COMPLETED);
    case DG_STANDING_CONVERGED: return dg_run_status_word(DG_RUN_CONVERGED);
    case DG_STANDING_NONFINITE: return dg_run_status_word(DG_RUN_NONFINITE);
    case DG_STANDING_RUNNING: return "running";
    case DG_STANDING_SAVED: return "saved";
    case DG_STANDING_MISSING:
    case DG_STANDING_RUNS: break;
    }
    return "missing";
}

const char *dg_sweep_run_text(dg_sweep_run run)
{
    switch (run) {
    case DG_STANDING_COMPLETED: return dg_run_status_text(DG_RUN_COMPLETED);
    case DG_STANDING_CONVERGED: return dg_run_status_text(DG_RUN_CONVERGED);
    case DG_STANDING_NONFINITE: return dg_run_status_text(DG_RUN_NONFINITE);
    case DG_STANDING_SAVED: return "saved half-way";
    case DG_STANDING_RUNNING:
    case DG_STANDING_MISSING:
    case DG_STANDING_RUNS: break;
    }
    return dg_sweep_run_key(run);
}

const char *dg_call_life_text(dg_call_life life)
{
    static const char *const text[] = {
#define LIFE_TEXT(code, words) words,
        DG_CALL_LIFE_LIST(LIFE_TEXT)
#undef LIFE_TEXT
    };
    return text[life];
}

bool dg_call_is_active(dg_call_life life)
{
    return life == DG_LIFE_STARTING || life == DG_LIFE_RUNNING || life == DG_LIFE_MERGING;
}

void dg_standing_free(dg_standing **status)
{
    dg_standing *s = *status;
    if (!s) return;
    dg_experiment_free(&s->experiment);
    dg_names_free(&s->damages);
    dg_names_free(&s->unreadable);
    dg_names_free(&s->notes);
    free(s->directory);
    free(s->build);
    free(s->run);
    free(s->call);
    free(s);
    *status = NULL;
}

dg_status dg_standing_note(dg_standing *s)
{
    dg_names *names = dg_error_reason() != 0 ? &s->unreadable : &s->damages;
    /* each run of a file that cannot be read tells the same */
    if (names->count > 0 && strcmp(names->name[names->count - 1], dg_error()) == 0) return DG_OK;
    return dg_names_add(names, dg_error())
               ? DG_OK
               : dg_fail(DG_ERR_MEMORY, "no memory for the status of a sweep");
}

/* ---- summary --------------------------------------------------------------------------------- */

void dg_standing_count(dg_standing *s)
{
    memset(s->count, 0, sizeof s->count);
    for (size_t r = 0; r < s->experiment->runs; r++) s->count[s->run[r]]++;
}

size_t dg_sweep_ended(const dg_standing *s)
{
    return s->count[DG_STANDING_COMPLETED] + s->count[DG_STANDING_CONVERGED] +
           s->count[DG_STANDING_NONFINITE];
}

bool dg_sweep_call_troubled(const dg_standing *s, const dg_sweep_call *call)
{
    if (call->life != DG_LIFE_FAILED && call->life != DG_LIFE_DEAD) return false;
    return call->call.merge ? s->result != DG_STANDING_RESULT : call->ended < call->planned;
}

dg_sweep_state dg_sweep_state_of(const dg_standing *s)
{
    bool trouble = s->damages.count > 0 || s->unreadable.count > 0;
    for (size_t k = 0; k < s->calls && !trouble; k++)
        trouble = dg_sweep_call_troubled(s, &s->call[k]);
    if (trouble) return DG_STANDING_TROUBLE;
    return dg_sweep_ended(s) == s->experiment->runs ? DG_STANDING_FINISHED : DG_STANDING_OPEN;
}

size_t dg_sweep_active_calls(const dg_standing *s)
{
    size_t count = 0;
    for (size_t k = 0; k < s->calls; k++) count += dg_call_is_active(s->call[k].life);
    return count;
}
