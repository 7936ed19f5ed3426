/** `digico status --json`. Names of members are stable; new members may be added. */
#include "host/cli/command_status.h"
#include "host/directory/standing_conditions.h"
#include "host/base/json.h"

#include <math.h>
#include <stdlib.h>

/* ---- parts ----------------------------------------------------------------------------------- */

static void put_counts(dg_json *json, const char *key, size_t planned, const size_t *count)
{
    dg_json inner;
    dg_json_key(json, key);
    dg_json_open(&inner, json->file, NULL);
    dg_json_integer(&inner, "planned", (int64_t)planned);
    for (int k = 0; k < DG_STANDING_RUNS; k++)
        dg_json_integer(&inner, dg_sweep_run_key((dg_sweep_run)k), (int64_t)count[k]);
    dg_json_close(&inner);
}

static void put_disk(dg_json *json, const dg_standing *s)
{
    dg_json inner;
    dg_json_integer(json, "agent_steps", s->agent_steps);
    dg_json_integer(json, "agent_steps_on_disk", s->agent_steps_safe);
    dg_json_key(json, "disk");
    dg_json_open(&inner, json->file, NULL);
    dg_json_integer(&inner, "batches", (int64_t)s->batches);
    dg_json_integer(&inner, "batch_bytes", s->batch_bytes);
    dg_json_integer(&inner, "checkpoints", (int64_t)s->checkpoints);
    dg_json_integer(&inner, "checkpoint_bytes", s->checkpoint_bytes);
    dg_json_integer(&inner, "checkpointed_runs", (int64_t)s->begun);
    dg_json_real(&inner, "checkpointed_share", s->begun_share);
    dg_json_close(&inner);
}

/** Write a list of `count` items, each written by `put` on a line of its own. */
static void put_list(dg_json *json, const char *key, size_t count,
                     void (*put)(FILE *file, const dg_standing *s, const void *items, size_t k),
                     const dg_standing *s, const void *items)
{
    dg_json_key(json, key);
    fputc('[', json->file);
    for (size_t k = 0; k < count; k++) {
        fputs(k > 0 ? ",\n    " : "\n    ", json->file);
        put(json->file, s, items, k);
    }
    fputs(count > 0 ? "\n  ]" : "]", json->file);
}

/* ---- items of lists -------------------------------------------------------------------------- */

static void put_report(dg_json *json, const dg_sweep_call *c)
{
    const dg_call_report *r = &c->report;
    dg_json_integer(json, "agent_steps_planned", r->agent_steps_planned);
    dg_json_integer(json, "agent_steps_done", r->agent_steps_done);
    dg_json_real(json, "agent_steps_per_second", r->rate);
    dg_json_real(json, "seconds_left", r->seconds_left);
    dg_json_real(json, "seconds_silent", c->silent);
    dg_json_text(json, "started", r->started);
    dg_json_text(json, "updated", r->updated);
    dg_json_text(json, "checkpoint", r->checkpoint);
    dg_json_text(json, "host", r->host);
    dg_json_integer(json, "process", r->process);
    dg_json_text(json, "devices", r->devices);
    dg_json_text(json, "message", r->message);
}

static void put_call(FILE *file, const dg_standing *s, const void *items, size_t k)
{
    const dg_sweep_call *c = (const dg_sweep_call *)items + k;
    dg_json json;
    dg_json_open(&json, file, NULL);
    dg_json_text(&json, "command", c->call.merge ? "merge" : "run");
    dg_json_integer(&json, "shard", c->call.shard.index);
    dg_json_integer(&json, "last_shard", c->last);
    dg_json_integer(&json, "shards", c->call.shard.count);
    dg_json_text(&json, "state", dg_call_life_text(c->life));
    dg_json_boolean(&json, "trouble", dg_sweep_call_troubled(s, c));
    dg_json_integer(&json, "runs_planned", (int64_t)c->planned);
    dg_json_integer(&json, "runs_ended", (int64_t)c->ended);
    if (c->life != DG_LIFE_NONE) put_report(&json, c);
    dg_json_close(&json);
}

static void put_condition(FILE *file, const dg_standing *s, const void *items, size_t k)
{
    const dg_sweep_condition *c = (const dg_sweep_condition *)items + k;
    char text[128];
    dg_json json, values;
    dg_json_open(&json, file, NULL);
    dg_json_key(&json, "values");
    dg_json_open(&values, file, NULL);
    for (size_t a = 0; a < s->experiment->axes; a++) {
        const dg_axis *axis = &s->experiment->axis[a];
        if (!dg_sweep_axis_is_condition(axis)) continue;
        dg_sweep_axis_text(s->experiment, axis, c->first, text, sizeof text);
        dg_json_text(&values, axis->key, text);
    }
    dg_json_close(&values);
    put_counts(&json, "runs", c->planned, c->count);
    dg_json_close(&json);
}

/** Write a message about a file as an item of a list. */
static void put_line(FILE *file, const dg_standing *s, const void *items, size_t k)
{
    (void)s;
    dg_json_string(file, ((const dg_names *)items)->name[k]);
}

/* ---- the object ------------------------------------------------------------------------------ */

static const char *state_text(dg_sweep_state state)
{
    switch (state) {
    case DG_STANDING_FINISHED: return "finished";
    case DG_STANDING_OPEN: return "open";
    case DG_STANDING_TROUBLE: break;
    }
    return "trouble";
}

static const char *result_text(dg_sweep_result result)
{
    switch (result) {
    case DG_STANDING_NO_RESULT: return "none";
    case DG_STANDING_DAMAGED_RESULT: return "damaged";
    case DG_STANDING_UNREADABLE_RESULT: return "unreadable";
    case DG_STANDING_OTHER_RESULT: return "other";
    case DG_STANDING_OLD_RESULT: return "old";
    case DG_STANDING_RESULT: break;
    }
    return "current";
}

dg_status dg_status_print_json(FILE *file, const dg_standing *s, bool conditions)
{
    dg_json json;
    dg_sweep_condition *condition = NULL;
    size_t count = 0;
    if (conditions) DG_TRY(dg_sweep_conditions(&condition, &count, s));
    dg_json_open(&json, file, "  ");
    dg_json_text(&json, "state", state_text(dg_sweep_state_of(s)));
    dg_json_text(&json, "directory", s->directory);
    dg_json_text(&json, "configuration", s->experiment->name);
    dg_json_text(&json, "build", s->build);
    put_counts(&json, "runs", s->experiment->runs, s->count);
    put_disk(&json, s);
    dg_json_text(&json, "result", result_text(s->result));
    put_list(&json, "calls", s->calls, put_call, s, s->call);
    put_list(&json, "damages", s->damages.count, put_line, s, &s->damages);
    put_list(&json, "unreadable", s->unreadable.count, put_line, s, &s->unreadable);
    put_list(&json, "notes", s->notes.count, put_line, s, &s->notes);
    if (conditions) put_list(&json, "conditions", count, put_condition, s, condition);
    char *next = dg_sweep_next(s);
    dg_json_text(&json, "next", next ? next : "");
    free(next);
    dg_json_close(&json);
    fputc('\n', file);
    free(condition);
    return DG_OK;
}
