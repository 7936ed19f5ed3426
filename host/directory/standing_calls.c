/** The calls of `digico run` and `digico merge` in a directory, dead or alive; see standing.h. */
#include "host/directory/lock.h"
#include "host/directory/standing_calls.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* a call writes every second; after this long without a word, where no lock tells, it is taken for dead */
#define SILENT_SECONDS 120.0

static dg_status no_memory(void)
{
    return dg_fail(DG_ERR_MEMORY, "no memory for the calls of a sweep");
}

/* ---- dead or alive ---------------------------------------------------------------------------- */

static dg_call_life life_told(dg_call_state state)
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

static bool is_here(const dg_call_report *r)
{
    char host[256] = "";
    return gethostname(host, sizeof host - 1) == 0 && strcmp(host, r->host) == 0;
}

static bool process_is_gone(const dg_call_report *r)
{
    return r->process <= 0 || (kill((pid_t)r->process, 0) != 0 && errno == ESRCH);
}

/** Of a call that says it is at work. */
static dg_call_life life_at_work(const dg_sweep_call *c, dg_lock_state lock)
{
    const bool gone = is_here(&c->report) && process_is_gone(&c->report);
    const dg_call_life told = life_told(c->report.state);
    /* somebody else holds it: a new call that has not written yet */
    if (lock == DG_LOCK_HELD) return !gone ? told : c->call.merge ? DG_LIFE_DEAD : DG_LIFE_STARTING;
    if (gone || (lock == DG_LOCK_FREE && is_here(&c->report))) return DG_LIFE_DEAD;
    return c->silent < SILENT_SECONDS ? told : DG_LIFE_DEAD;
}

static dg_call_life life_of(const dg_sweep_call *c, dg_lock_state lock)
{
    const dg_call_life told = life_told(c->report.state);
    if (dg_call_lives(told)) return life_at_work(c, lock);
    return lock == DG_LOCK_HELD && !c->call.merge ? DG_LIFE_STARTING : told;
}

/* ---- status files ----------------------------------------------------------------------------- */

/** "status.json", "status-merge.json", "status-2-of-8.json"; false: another file. */
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
    c->call = c->report.call = call; /* the name decides */
    c->silent = dg_seconds_since(c->report.updated);
    return DG_OK;
}

/** @param merging  a merge is at work, and holds the lock of all runs */
static dg_status judge(dg_standing *s, dg_sweep_call *c, const char *path, bool merging)
{
    dg_status status = read_report(c, path);
    for (int k = 0; k < 2 && status == DG_OK; k++) {
        const dg_lock_state lock = dg_directory_locked(s->directory, c->call.shard);
        const bool of_merge = merging && !c->call.merge && lock == DG_LOCK_HELD;
        c->life = life_of(c, of_merge ? DG_LOCK_FREE : lock);
        if (c->life != DG_LIFE_DEAD) return DG_OK;
        /* it may have ended, properly, between the file and the lock: then the file says so now */
        status = read_report(c, path);
    }
    if (status == DG_ERR_IO && dg_file_exists(path)) {
        c->life = DG_LIFE_DEAD;
        return dg_names_add(&s->damages, dg_error()) ? DG_OK : no_memory();
    }
    return status == DG_ERR_IO ? DG_OK : status;
}

/** One status file: those of `merge` calls, or all others. */
static dg_status read_call(dg_standing *s, const char *name, bool merge, bool *merging)
{
    dg_call call;
    if (!call_of_name(&call, name) || call.merge != merge) return DG_OK;
    dg_sweep_call *c = add_call(s, call);
    char *path = dg_text("%s/%s", s->directory, name);
    const dg_status status = c && path ? judge(s, c, path, *merging) : no_memory();
    if (status == DG_OK && merge) *merging = c->life == DG_LIFE_MERGING;
    free(path);
    return status;
}

/** The merge first: it tells whose lock the others meet. */
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

/** A first call that has locked the directory and not written yet has no file. */
static dg_status note_beginner(dg_standing *s)
{
    if (s->calls > 0 || dg_directory_locked(s->directory, (dg_shard){0, 0}) != DG_LOCK_HELD)
        return DG_OK;
    dg_sweep_call *c = add_call(s, (dg_call){{0, 0}, false});
    if (!c) return no_memory();
    c->life = DG_LIFE_STARTING;
    return DG_OK;
}

/* ---- runs of each call ------------------------------------------------------------------------ */

/** Of one shard. */
typedef struct part {
    size_t planned, ended;
    bool lives, told; /* told: it has a status file */
} part;

static bool has_ended(dg_sweep_run run)
{
    return run < DG_STANDING_RUNNING;
}

/** What the calls of one partition hold; runs of those at work are marked. */
static void count_parts(dg_standing *s, const dg_shard_order *order, int32_t shards, part *p)
{
    for (size_t k = 0; k < order->runs; k++) {
        dg_sweep_run *run = &s->run[order->run[k]];
        part *own = &p[dg_shard_of(order, k, shards) - 1];
        own->planned++;
        own->ended += has_ended(*run);
        if (own->lives && !has_ended(*run)) *run = DG_STANDING_RUNNING;
    }
}

static bool is_of(const dg_sweep_call *c, int32_t count)
{
    return c->call.shard.count == count && !c->call.merge;
}

/** Shards side by side that have runs left and that nobody has started. */
static dg_status add_unstarted(dg_standing *s, int32_t count, const part *p)
{
    dg_sweep_call *open = NULL;
    for (int32_t i = 1; i <= count; i++) {
        const part *own = &p[i - 1];
        if (own->told || own->ended == own->planned) {
            open = NULL;
            continue;
        }
        if (!open) open = add_call(s, (dg_call){{i, count}, false});
        if (!open) return no_memory();
        open->last = i;
        open->planned += own->planned;
        open->ended += own->ended;
    }
    return DG_OK;
}

/** All calls of the partition into `count` shards, 0: those of all runs. */
static dg_status count_partition(dg_standing *s, const dg_shard_order *order, int32_t count)
{
    const int32_t shards = count > 0 ? count : 1;
    const size_t calls = s->calls;
    part *p = calloc((size_t)shards, sizeof *p);
    if (!p) return no_memory();
    for (size_t k = 0; k < calls; k++) {
        const int32_t index = s->call[k].call.shard.index;
        if (!is_of(&s->call[k], count)) continue;
        part *own = &p[index > 0 ? index - 1 : 0];
        own->told = true;
        own->lives = dg_call_lives(s->call[k].life);
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

/** Runs before merges, few shards before many, in the order of shards. */
static int compare_calls(const void *a, const void *b)
{
    const dg_call *left = &((const dg_sweep_call *)a)->call,
                  *right = &((const dg_sweep_call *)b)->call;
    if (left->merge != right->merge) return left->merge - right->merge;
    if (left->shard.count != right->shard.count)
        return left->shard.count < right->shard.count ? -1 : 1;
    return (left->shard.index > right->shard.index) - (left->shard.index < right->shard.index);
}

/** A merge is of all runs. */
static void count_merge(dg_standing *s, dg_sweep_call *c)
{
    c->planned = s->experiment->runs;
    for (size_t r = 0; r < s->experiment->runs; r++) c->ended += has_ended(s->run[r]);
}

/** Every partition that calls have used, once: sorted, calls of one stand side by side. */
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
    DG_TRY(note_beginner(s));
    if (s->calls == 0) return DG_OK;
    qsort(s->call, s->calls, sizeof *s->call, compare_calls);
    DG_TRY(dg_shard_order_make(&order, s->experiment));
    const dg_status status = count_all(s, &order);
    dg_shard_order_free(&order);
    qsort(s->call, s->calls, sizeof *s->call, compare_calls);
    return status;
}
