/** The calls of `digico run` and `digico merge` in a directory; see standing_calls.h. */
#include "host/directory/lock.h"
#include "host/directory/standing_calls.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* a call writes its status file every second; where locks give no answer, it counts as dead if it
   has not written for this long */
#define SILENT_SECONDS 120.0

static dg_status no_memory(void)
{
    return dg_fail(DG_ERR_MEMORY, "no memory for the calls of a sweep");
}

/* ---- state of a call ------------------------------------------------------------------------- */

static dg_call_life reported_life(dg_call_state state)
{
    switch (state) {
    case DG_CALL_RUNNING: return DG_LIFE_RUNNING;
    case DG_CALL_MERGING: return DG_LIFE_MERGING;
    case DG_CALL_DONE: return DG_LIFE_DONE;
    case DG_CALL_STOPPED: return DG_LIFE_STOPPED;
    case DG_CALL_FAILED: break;
    }
    return DG_LIFE_FAILED;
}

static bool process_is_gone(const dg_call_report *r)
{
    return r->process <= 0 || (kill((pid_t)r->process, 0) != 0 && errno == ESRCH);
}

/** State of a call whose status file says that it is running or merging. */
static dg_call_life life_at_work(const dg_sweep_call *c, dg_lock_state lock)
{
    const bool gone = dg_call_is_here(&c->report) && process_is_gone(&c->report);
    const dg_call_life reported = reported_life(c->report.state);
    /* lock held but process gone: a new call holds it and has not written its status file yet */
    if (lock == DG_LOCK_HELD)
        return !gone ? reported : c->call.merge ? DG_LIFE_DEAD : DG_LIFE_STARTING;
    if (gone || (lock == DG_LOCK_FREE && dg_call_is_here(&c->report))) return DG_LIFE_DEAD;
    return c->silent < SILENT_SECONDS ? reported : DG_LIFE_DEAD;
}

static dg_call_life life_of(const dg_sweep_call *c, dg_lock_state lock)
{
    const dg_call_life reported = reported_life(c->report.state);
    if (dg_call_is_active(reported)) return life_at_work(c, lock);
    return lock == DG_LOCK_HELD && !c->call.merge ? DG_LIFE_STARTING : reported;
}

/* ---- status files ---------------------------------------------------------------------------- */

/** Parse "status.json", "status-merge.json" or "status-2-of-8.json"; false: another file. */
static bool call_of_name(dg_call *out, const char *name)
{
    int end = 0;
    dg_shard shard = {0, 0};
    *out = (dg_call){.merge = strcmp(name, "status-merge.json") == 0};
    if (out->merge || strcmp(name, "status.json") == 0) return true;
    const int found = sscanf(name, "status-%9d-of-%9d.json%n", &shard.index, &shard.count, &end);
    out->shard = shard;
    return found == 2 && end > 0 && !name[end] && shard.index >= 1 &&
           dg_shard_check(shard) == DG_OK;
}

static dg_sweep_call *add_call(dg_standing *s, dg_call call)
{
    dg_sweep_call *grown = realloc(s->call, (s->calls + 1) * sizeof *grown);
    if (!grown) return NULL;
    s->call = grown;
    grown[s->calls] =
        (dg_sweep_call){.call = call, .last = call.shard.index, .silent = (double)NAN};
    return &grown[s->calls++];
}

static dg_status read_report(dg_sweep_call *c, const char *path)
{
    const dg_call call = c->call;
    DG_TRY(dg_status_file_read(&c->report, path));
    c->call = c->report.call = call; /* the name of the file counts, not its contents */
    c->silent = dg_seconds_since(c->report.updated);
    return DG_OK;
}

/** @param merging  a merge is running: the lock of all runs is its own */
static dg_status determine_life(dg_standing *s, dg_sweep_call *c, const char *path, bool merging)
{
    dg_status status = read_report(c, path);
    for (int k = 0; k < 2 && status == DG_OK; k++) {
        const dg_lock_state lock = dg_directory_locked(s->directory, c->call.shard);
        const bool of_merge = merging && !c->call.merge && lock == DG_LOCK_HELD;
        c->life = life_of(c, of_merge ? DG_LOCK_FREE : lock);
        if (c->life != DG_LIFE_DEAD) return DG_OK;
        /* it may have ended normally between the two reads: then its file says so now */
        status = read_report(c, path);
    }
    if (status == DG_ERR_IO && dg_file_exists(path)) {
        c->life = DG_LIFE_DEAD;
        return dg_standing_note(s);
    }
    return status == DG_ERR_IO ? DG_OK : status;
}

/** Read one status file if it is (`merge`) or is not (!merge) that of a merge. */
static dg_status read_call(dg_standing *s, const char *name, bool merge, bool *merging)
{
    dg_call call;
    if (!call_of_name(&call, name) || call.merge != merge) return DG_OK;
    dg_sweep_call *c = add_call(s, call);
    char *path = dg_text("%s/%s", s->directory, name);
    const dg_status status = c && path ? determine_life(s, c, path, *merging) : no_memory();
    if (status == DG_OK && merge) *merging = c->life == DG_LIFE_MERGING;
    free(path);
    return status;
}

/** Read all status files, that of the merge first: whether it is running affects the others. */
static dg_status read_files(dg_standing *s)
{
    dg_names names = {0};
    bool merging = false;
    dg_status status = dg_directory_list(&names, s->directory, ".json");
    for (int others = 0; others < 2; others++)
        for (size_t k = 0; k < names.count && status == DG_OK; k++)
            status = read_call(s, names.name[k], others == 0, &merging);
    dg_names_free(&names);
    return status;
}

/** Add a first call that holds the lock but has not written its status file yet. */
static dg_status add_starting_call(dg_standing *s)
{
    if (s->calls > 0 || dg_directory_locked(s->directory, (dg_shard){0, 0}) != DG_LOCK_HELD)
        return DG_OK;
    dg_sweep_call *c = add_call(s, (dg_call){{0, 0}, false});
    if (!c) return no_memory();
    c->life = DG_LIFE_STARTING;
    return DG_OK;
}

/* ---- runs of each call ----------------------------------------------------------------------- */

/** One shard of a partition. */
typedef struct part {
    size_t planned, ended; /* runs */
    bool active;
    bool has_file; /* a status file: it was started */
} part;

static bool has_ended(dg_sweep_run run)
{
    return run < DG_STANDING_RUNNING;
}

/** Count the runs of each shard of a partition; set unfinished runs of active calls to running. */
static void count_parts(dg_standing *s, const dg_shard_order *order, int32_t shards, part *p)
{
    for (size_t k = 0; k < order->runs; k++) {
        dg_sweep_run *run = &s->run[order->run[k]];
        part *shard = &p[dg_shard_of(order, k, shards) - 1];
        shard->planned++;
        shard->ended += has_ended(*run);
        if (shard->active && !has_ended(*run)) *run = DG_STANDING_RUNNING;
    }
}

static bool is_of(const dg_sweep_call *c, int32_t count)
{
    return c->call.shard.count == count && !c->call.merge;
}

/** Add an entry for each range of shards that have runs left and were never started. */
static dg_status add_unstarted(dg_standing *s, int32_t count, const part *p)
{
    dg_sweep_call *open = NULL;
    for (int32_t i = 1; i <= count; i++) {
        const part *shard = &p[i - 1];
        if (shard->has_file || shard->ended == shard->planned) {
            open = NULL;
            continue;
        }
        if (!open) open = add_call(s, (dg_call){{i, count}, false});
        if (!open) return no_memory();
        open->last = i;
        open->planned += shard->planned;
        open->ended += shard->ended;
    }
    return DG_OK;
}

/** Count the runs of all calls of the partition into `count` shards; 0: calls of all runs. */
static dg_status count_partition(dg_standing *s, const dg_shard_order *order, int32_t count)
{
    const int32_t shards = count > 0 ? count : 1;
    const size_t calls = s->calls;
    part *p = calloc((size_t)shards, sizeof *p);
    if (!p) return no_memory();
    for (size_t k = 0; k < calls; k++) {
        const int32_t index = s->call[k].call.shard.index;
        if (!is_of(&s->call[k], count)) continue;
        part *shard = &p[index > 0 ? index - 1 : 0];
        shard->has_file = true;
        shard->active = dg_call_is_active(s->call[k].life);
    }
    count_parts(s, order, shards, p);
    for (size_t k = 0; k < calls; k++) {
        const int32_t index = s->call[k].call.shard.index;
        if (!is_of(&s->call[k], count)) continue;
        s->call[k].planned = p[index > 0 ? index - 1 : 0].planned;
        s->call[k].ended = p[index > 0 ? index - 1 : 0].ended;
    }
    const dg_status status = add_unstarted(s, count, p);
    free(p);
    return status;
}

/** Merges last; then by the number of shards, then by the index of the shard. */
static int compare_calls(const void *a, const void *b)
{
    const dg_call *left = &((const dg_sweep_call *)a)->call,
                  *right = &((const dg_sweep_call *)b)->call;
    if (left->merge != right->merge) return left->merge - right->merge;
    if (left->shard.count != right->shard.count)
        return left->shard.count < right->shard.count ? -1 : 1;
    return (left->shard.index > right->shard.index) - (left->shard.index < right->shard.index);
}

/** Count the runs of a merge: all runs of the sweep. */
static void count_merge(dg_standing *s, dg_sweep_call *c)
{
    c->planned = s->experiment->runs;
    for (size_t r = 0; r < s->experiment->runs; r++) c->ended += has_ended(s->run[r]);
}

/** Count the runs of all calls, each partition once; s->call is sorted by compare_calls(). */
static dg_status count_all(dg_standing *s, const dg_shard_order *order)
{
    const size_t calls = s->calls;
    int32_t before = -1;
    for (size_t k = 0; k < calls; k++) {
        const int32_t count = s->call[k].call.shard.count;
        if (s->call[k].call.merge) count_merge(s, &s->call[k]);
        if (s->call[k].call.merge || count == before) continue;
        DG_TRY(count_partition(s, order, count));
        before = count;
    }
    return DG_OK;
}

dg_status dg_sweep_calls_read(dg_standing *s)
{
    dg_shard_order order = {0};
    DG_TRY(read_files(s));
    DG_TRY(add_starting_call(s));
    if (s->calls == 0) return DG_OK;
    qsort(s->call, s->calls, sizeof *s->call, compare_calls);
    DG_TRY(dg_shard_order_make(&order, s->experiment));
    const dg_status status = count_all(s, &order);
    dg_shard_order_free(&order);
    qsort(s->call, s->calls, sizeof *s->call, compare_calls);
    return status;
}
