/** Words and verdicts on how a sweep stands; see standing.h. */
#include "host/directory/standing.h"

#include <stdlib.h>
#include <string.h>

/* ---- words ------------------------------------------------------------------------------------ */

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

bool dg_call_lives(dg_call_life life)
{
    return life == DG_LIFE_STARTING || life == DG_LIFE_RUNNING || life == DG_LIFE_MERGING;
}

void dg_standing_free(dg_standing **status)
{
    dg_standing *s = *status;
    if (!s) return;
    dg_experiment_free(&s->experiment);
    dg_names_free(&s->damages);
    free(s->directory);
    free(s->build);
    free(s->run);
    free(s->call);
    free(s);
    *status = NULL;
}

/* ---- verdict ---------------------------------------------------------------------------------- */

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
    bool trouble = s->damages.count > 0;
    for (size_t k = 0; k < s->calls && !trouble; k++)
        trouble = dg_sweep_call_troubled(s, &s->call[k]);
    if (trouble) return DG_STANDING_TROUBLE;
    return dg_sweep_ended(s) == s->experiment->runs ? DG_STANDING_FINISHED : DG_STANDING_OPEN;
}

/** Of two calls with runs left the one to tell of: what was begun comes before what was not. */
static const dg_sweep_call *more_pressing(const dg_sweep_call *a, const dg_sweep_call *b)
{
    return !a || (a->life == DG_LIFE_NONE && b->life != DG_LIFE_NONE) ? b : a;
}

/** The first call that can be, or must be, begun again, NULL: none; and how many others. */
static const dg_sweep_call *first_left(const dg_standing *s, size_t *others)
{
    const dg_sweep_call *first = NULL;
    size_t shards = 0;
    for (size_t k = 0; k < s->calls; k++) {
        const dg_sweep_call *c = &s->call[k];
        if (c->call.merge || dg_call_lives(c->life) || c->ended == c->planned) continue;
        first = more_pressing(first, c);
        shards += (size_t)(c->last - c->call.shard.index) + 1;
    }
    *others = shards > 0 ? shards - 1 : 0;
    return first;
}

size_t dg_sweep_living(const dg_standing *s)
{
    size_t count = 0;
    for (size_t k = 0; k < s->calls; k++) count += dg_call_lives(s->call[k].life);
    return count;
}

static void say_go_on(const dg_standing *s, const dg_sweep_call *call, size_t others, char *text,
                      size_t size)
{
    char shard[64] = "", more[64] = "";
    const bool begin = call && call->life == DG_LIFE_NONE;
    if (call && call->call.shard.count > 0)
        snprintf(shard, sizeof shard, " --shard %d/%d", call->call.shard.index,
                 call->call.shard.count);
    if (others > 0)
        snprintf(more, sizeof more, "; so do %zu other shard%s", others, others == 1 ? "" : "s");
    snprintf(text, size, "`digico run %s -o %s%s` %s%s", s->experiment->name, s->directory, shard,
             begin ? "begins" : "goes on", more);
}

const char *dg_sweep_next(const dg_standing *s, char *text, size_t size)
{
    size_t others = 0;
    const size_t alive = dg_sweep_living(s);
    const dg_sweep_call *left = first_left(s, &others);
    if (dg_sweep_ended(s) == s->experiment->runs && s->result == DG_STANDING_RESULT)
        snprintf(text, size, "nothing is left to do; `digico summary %s` shows the result",
                 s->directory);
    else if (alive > 0 && (!left || left->life == DG_LIFE_NONE))
        snprintf(text, size, "nothing to do but wait: %zu call%s at work", alive,
                 alive == 1 ? " is" : "s are");
    else if (dg_sweep_ended(s) == s->experiment->runs)
        snprintf(text, size, "`digico merge %s` makes the result", s->directory);
    else
        say_go_on(s, left, others, text, size);
    return text;
}
