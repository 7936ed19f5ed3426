/** `digico status` as text. */
#include "host/cli/command_status.h"
#include "host/directory/standing_conditions.h"
#include "host/base/quantity.h"
#include "host/base/utf8.h"
#include "host/base/text_table.h"

#include <math.h>
#include <stdlib.h>

/* columns of the table of calls */
enum { CALL, STATE, HOST, DEVICE, RUNS, DONE, SPEED, LEFT, SAVED, UPDATED, COLUMNS };

/* of a path or message */
#define SHOWN_BYTES 8192

/* ---- the sweep ------------------------------------------------------------------------------- */

static void print_runs(FILE *file, const dg_standing *s)
{
    const char *gap = ": ";
    fprintf(file, "runs      %zu planned", s->experiment->runs);
    for (int k = 0; k < DG_STANDING_RUNS; k++) {
        if (s->count[k] == 0) continue;
        fprintf(file, "%s%zu %s", gap, s->count[k], dg_sweep_run_text((dg_sweep_run)k));
        gap = ", ";
    }
    fputc('\n', file);
}

static void print_disk(FILE *file, const dg_standing *s)
{
    char work[32], bytes[32];
    const double share =
        s->agent_steps > 0 ? (double)s->agent_steps_safe / (double)s->agent_steps : 0;
    fprintf(file, "on disk   %.1f %% of %s agent-steps", 100 * share,
            dg_quantity_si((double)s->agent_steps, work, sizeof work));
    fprintf(file, "; %zu batch%s, %s", s->batches, s->batches == 1 ? "" : "es",
            dg_quantity_bytes(s->batch_bytes, bytes, sizeof bytes));
    if (s->checkpoints > 0)
        fprintf(file, "; %zu checkpoint%s, %s", s->checkpoints, s->checkpoints == 1 ? "" : "s",
                dg_quantity_bytes(s->checkpoint_bytes, bytes, sizeof bytes));
    if (s->begun > 0)
        fprintf(file, " (%zu run%s, %.1f %% done)", s->begun, s->begun == 1 ? "" : "s",
                100 * s->begun_share);
    fputc('\n', file);
}

static const char *result_text(const dg_standing *s)
{
    switch (s->result) {
    case DG_STANDING_NO_RESULT: return "none yet";
    case DG_STANDING_DAMAGED_RESULT: return "results.nc, damaged";
    case DG_STANDING_UNREADABLE_RESULT: return "results.nc, cannot be read";
    case DG_STANDING_OTHER_RESULT: return "results.nc, of another experiment";
    case DG_STANDING_OLD_RESULT:
        return s->by_dates ? "results.nc, older than a batch by their dates; what it has is not "
                             "recorded"
                           : "results.nc, older than the runs";
    case DG_STANDING_RESULT: break;
    }
    return "results.nc";
}

static void print_trouble(FILE *file, const dg_standing *s)
{
    const size_t damaged = s->damages.count, unreadable = s->unreadable.count;
    if (damaged + unreadable == 0) return;
    fputs("trouble   ", file);
    if (damaged > 0) fprintf(file, "%zu damaged%s", damaged, unreadable > 0 ? ", " : "\n");
    if (unreadable > 0) fprintf(file, "%zu cannot be read\n", unreadable);
}

static void print_sweep(FILE *file, const dg_standing *s)
{
    char name[1024], directory[SHOWN_BYTES], build[256];
    fprintf(file, "sweep     %s in %s, started by digico %s\n",
            dg_printable(name, sizeof name, s->experiment->name),
            dg_printable(directory, sizeof directory, s->directory),
            dg_printable(build, sizeof build, s->build));
    print_runs(file, s);
    print_disk(file, s);
    fprintf(file, "result    %s\n", result_text(s));
    print_trouble(file, s);
}

/* ---- calls ----------------------------------------------------------------------------------- */

/** Write the name of a call: "all", "2/8", "3-7/8" or "merge"; returns `text`. */
static const char *call_text(const dg_sweep_call *c, char *text, size_t size)
{
    const dg_shard shard = c->call.shard;
    if (c->call.merge || shard.count == 0)
        snprintf(text, size, "%s", c->call.merge ? "merge" : "all");
    else if (c->last > shard.index)
        snprintf(text, size, "%d-%d/%d", shard.index, c->last, shard.count);
    else
        snprintf(text, size, "%d/%d", shard.index, shard.count);
    return text;
}

/** The counts of a running call come from its status file, unless batches on disk show more. */
static dg_status fill_runs(dg_text_table *table, size_t row, const dg_sweep_call *c)
{
    const bool lives = dg_call_is_active(c->life) && c->report.runs_planned > 0;
    const size_t planned = lives ? c->report.runs_planned : c->planned;
    const bool ahead = lives && c->report.runs_done > c->ended;
    const size_t ended = ahead ? c->report.runs_done : c->ended;
    double share = planned > 0 ? (double)ended / (double)planned : 1;
    if ((lives || c->life == DG_LIFE_STOPPED) && c->report.agent_steps_planned > 0 &&
        ended < planned)
        share = (double)c->report.agent_steps_done / (double)c->report.agent_steps_planned;
    if (c->call.merge) return DG_OK;
    DG_TRY(dg_text_table_set(table, row, RUNS, "%zu/%zu", ended, planned));
    return dg_text_table_set(table, row, DONE, "%.1f %%", 100 * share);
}

static dg_status fill_times(dg_text_table *table, size_t row, const dg_sweep_call *c)
{
    char text[32];
    const double saved = dg_seconds_since(c->report.checkpoint);
    if (c->life == DG_LIFE_RUNNING && c->report.rate > 0)
        DG_TRY(dg_text_table_set(table, row, SPEED, "%s/s",
                                 dg_quantity_si(c->report.rate, text, sizeof text)));
    if (c->life == DG_LIFE_RUNNING)
        DG_TRY(dg_text_table_set(table, row, LEFT, "%s",
                                 dg_quantity_clock(c->report.seconds_left, text, sizeof text)));
    if (!isnan(saved))
        DG_TRY(dg_text_table_set(table, row, SAVED, "%s",
                                 dg_quantity_clock(saved, text, sizeof text)));
    if (!isnan(c->silent))
        DG_TRY(dg_text_table_set(table, row, UPDATED, "%s",
                                 dg_quantity_clock(c->silent, text, sizeof text)));
    return DG_OK;
}

static dg_status fill_call(dg_text_table *table, size_t row, const dg_sweep_call *c)
{
    char text[64];
    DG_TRY(dg_text_table_set(table, row, CALL, "%s", call_text(c, text, sizeof text)));
    DG_TRY(dg_text_table_set(table, row, STATE, "%s", dg_call_life_text(c->life)));
    DG_TRY(dg_text_table_set(table, row, HOST, "%s", c->report.host));
    DG_TRY(dg_text_table_set(table, row, DEVICE, "%s", c->report.devices));
    DG_TRY(fill_runs(table, row, c));
    return fill_times(table, row, c);
}

static dg_status print_calls(FILE *file, const dg_standing *s)
{
    static const char *const headers[COLUMNS] = {"call", "state", "host", "device", "runs",
                                                 "done", "speed", "left", "saved",  "updated"};
    dg_text_table *table = NULL;
    dg_status status = DG_OK;
    if (s->calls == 0) return DG_OK;
    DG_TRY(dg_text_table_make(&table, s->calls + 1, COLUMNS));
    table->labels = RUNS;
    for (size_t c = 0; c < COLUMNS && status == DG_OK; c++)
        status = dg_text_table_set(table, 0, c, "%s", headers[c]);
    for (size_t k = 0; k < s->calls && status == DG_OK; k++)
        status = fill_call(table, k + 1, &s->call[k]);
    if (status == DG_OK) {
        fputc('\n', file);
        dg_text_table_print(table, file);
    }
    dg_text_table_free(&table);
    return status;
}

/* ---- conditions ------------------------------------------------------------------------------ */

/** Set the values of a condition, then its counts; a count of 0 is left empty, easy to see. */
static dg_status fill_condition(dg_text_table *table, size_t row, const dg_standing *s,
                                const dg_sweep_condition *c)
{
    char text[128];
    size_t column = 0;
    for (size_t a = 0; a < s->experiment->axes; a++) {
        const dg_axis *axis = &s->experiment->axis[a];
        if (!dg_sweep_axis_is_condition(axis)) continue;
        dg_sweep_axis_text(s->experiment, axis, c->first, text, sizeof text);
        DG_TRY(dg_text_table_set(table, row, column++, "%s", text));
    }
    DG_TRY(dg_text_table_set(table, row, column++, "%zu", c->planned));
    for (int k = 0; k < DG_STANDING_RUNS; k++) {
        if (s->count[k] == 0) continue;
        if (c->count[k] > 0) DG_TRY(dg_text_table_set(table, row, column, "%zu", c->count[k]));
        column++;
    }
    return DG_OK;
}

static dg_status fill_condition_headers(dg_text_table *table, const dg_standing *s)
{
    size_t column = 0;
    for (size_t a = 0; a < s->experiment->axes; a++)
        if (dg_sweep_axis_is_condition(&s->experiment->axis[a]))
            DG_TRY(dg_text_table_set(table, 0, column++, "%s", s->experiment->axis[a].key));
    table->labels = column;
    DG_TRY(dg_text_table_set(table, 0, column++, "planned"));
    for (int k = 0; k < DG_STANDING_RUNS; k++)
        if (s->count[k] > 0)
            DG_TRY(dg_text_table_set(table, 0, column++, "%s", dg_sweep_run_text((dg_sweep_run)k)));
    return DG_OK;
}

static dg_status print_condition_table(FILE *file, const dg_standing *s,
                                       const dg_sweep_condition *condition, size_t count)
{
    dg_text_table *table = NULL;
    size_t columns = 1;
    for (size_t a = 0; a < s->experiment->axes; a++)
        columns += dg_sweep_axis_is_condition(&s->experiment->axis[a]);
    for (int k = 0; k < DG_STANDING_RUNS; k++) columns += s->count[k] > 0;
    DG_TRY(dg_text_table_make(&table, count + 1, columns));
    dg_status status = fill_condition_headers(table, s);
    for (size_t k = 0; k < count && status == DG_OK; k++)
        status = fill_condition(table, k + 1, s, &condition[k]);
    if (status == DG_OK) {
        fputc('\n', file);
        dg_text_table_print(table, file);
    }
    dg_text_table_free(&table);
    return status;
}

static dg_status print_conditions(FILE *file, const dg_standing *s)
{
    dg_sweep_condition *condition = NULL;
    size_t count = 0;
    DG_TRY(dg_sweep_conditions(&condition, &count, s));
    const dg_status status = print_condition_table(file, s, condition, count);
    free(condition);
    return status;
}

/* ---- the whole text -------------------------------------------------------------------------- */

static void print_lines(FILE *file, const dg_names *lines)
{
    char shown[SHOWN_BYTES];
    if (lines->count > 0) fputc('\n', file);
    for (size_t k = 0; k < lines->count; k++)
        fprintf(file, "%s\n", dg_printable(shown, sizeof shown, lines->name[k]));
}

static void print_errors(FILE *file, const dg_standing *s)
{
    char text[64], shown[SHOWN_BYTES];
    print_lines(file, &s->damages);
    print_lines(file, &s->unreadable);
    print_lines(file, &s->notes);
    for (size_t k = 0; k < s->calls; k++) {
        const dg_sweep_call *c = &s->call[k];
        if (c->life != DG_LIFE_FAILED || !dg_sweep_call_troubled(s, c)) continue;
        fprintf(file, "\n%s failed: %s\n", call_text(c, text, sizeof text),
                dg_printable(shown, sizeof shown, c->report.message));
    }
}

dg_status dg_status_print_text(FILE *file, const dg_standing *s, bool conditions)
{
    print_sweep(file, s);
    DG_TRY(print_calls(file, s));
    if (conditions) DG_TRY(print_conditions(file, s));
    print_errors(file, s);
    char *next = dg_sweep_next(s);
    fprintf(file, "\nnext      %s\n", next ? next : "");
    free(next);
    return DG_OK;
}
