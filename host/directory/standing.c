/** Words for the state of a sweep, and its summary; see standing.h. */
#include "host/directory/standing.h"

#include "host/base/shell.h"
#include "host/store/store.h"

#include <stdlib.h>
#include <string.h>

/* ---- words ----------------------------------------------------------------------------------- */

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
    dg_names_free(&s->notes);
    free(s->directory);
    free(s->build);
    free(s->run);
    free(s->call);
    free(s);
    *status = NULL;
}

/* ---- summary --------------------------------------------------------------------------------- */

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

/** Of two calls with runs left the one to name: a started one before one that was never started. */
static const dg_sweep_call *more_urgent(const dg_sweep_call *a, const dg_sweep_call *b)
{
    return !a || (a->life == DG_LIFE_NONE && b->life != DG_LIFE_NONE) ? b : a;
}

/**
 * The call with runs left that must be started next, NULL: none. *others receives the number of
 * other shards with runs left.
 */
static const dg_sweep_call *first_unfinished(const dg_standing *s, size_t *others)
{
    const dg_sweep_call *first = NULL;
    size_t shards = 0;
    for (size_t k = 0; k < s->calls; k++) {
        const dg_sweep_call *c = &s->call[k];
        if (c->call.merge || dg_call_is_active(c->life) || c->ended == c->planned) continue;
        first = more_urgent(first, c);
        shards += (size_t)(c->last - c->call.shard.index) + 1;
    }
    *others = shards > 0 ? shards - 1 : 0;
    return first;
}

size_t dg_sweep_active_calls(const dg_standing *s)
{
    size_t count = 0;
    for (size_t k = 0; k < s->calls; k++) count += dg_call_is_active(s->call[k].life);
    return count;
}

/** Write an option with its value, or a path, quoted for a shell. */
static void put_word(FILE *out, const char *before, char *quoted)
{
    fprintf(out, "%s%s", before, quoted ? quoted : "");
    free(quoted);
}

/** "run `digico run a.yaml -o out --shard 1/5` to start it; 3 other shards have runs left, too" */
static void put_run_command(FILE *out, const dg_standing *s, const dg_sweep_call *call,
                            size_t others)
{
    const bool start = call && call->life == DG_LIFE_NONE;
    put_word(out, "run `digico run ", dg_shell_path(s->experiment->name));
    for (size_t k = 0; k < s->experiment->sets; k++)
        put_word(out, " --set ", dg_shell_word(s->experiment->set[k]));
    put_word(out, " -o ", dg_shell_path(s->directory));
    if (call && call->call.shard.count > 0)
        fprintf(out, " --shard %d/%d", call->call.shard.index, call->call.shard.count);
    fprintf(out, "` to %s", start ? "start it" : "continue");
    if (others > 0)
        fprintf(out, "; %zu other shard%s runs left, too", others, others == 1 ? " has" : "s have");
}

static void put_next(FILE *out, const dg_standing *s)
{
    size_t others = 0;
    const size_t active = dg_sweep_active_calls(s);
    const dg_sweep_call *left = first_unfinished(s, &others);
    if (dg_sweep_ended(s) == s->experiment->runs && s->result == DG_STANDING_RESULT) {
        put_word(out, "nothing is left to do; `digico summary ", dg_shell_path(s->directory));
        fputs("` shows the result", out);
    } else if (active > 0 && (!left || left->life == DG_LIFE_NONE)) {
        fprintf(out, "wait: %zu call%s running", active, active == 1 ? " is" : "s are");
    } else if (dg_sweep_ended(s) == s->experiment->runs) {
        put_word(out, "run `digico merge ", dg_shell_path(s->directory));
        fputs("` to write the result", out);
    } else {
        if (s->blocked) {
            put_word(out, "move ", dg_shell_path(s->directory));
            fputs("/" DG_RESULT_NAME " away, as nothing here can write it again; then ", out);
        }
        put_run_command(out, s, left, others);
    }
}

char *dg_sweep_next(const dg_standing *s)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out) return NULL;
    put_next(out, s);
    if (fclose(out) == 0) return text;
    free(text);
    return NULL;
}
