/** Writing and reading status.json; see status_file.h. */
#include "host/directory/status_file.h"

#include "host/base/build_info.h"
#include "host/base/clock.h"
#include "host/config/tree.h"
#include "host/base/files.h"
#include "host/base/json.h"
#include "host/base/progress_line.h"
#include "host/archive/provenance.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TICK_SECONDS 1.0

static const char *const state_text[] = {
#define STATE_TEXT(code, word) word,
    DG_CALL_STATE_LIST(STATE_TEXT)
#undef STATE_TEXT
};

#define STATES (sizeof state_text / sizeof *state_text)

dg_call_state dg_call_state_of(dg_status status)
{
    if (status == DG_OK) return DG_CALL_DONE;
    return status == DG_ERR_STOPPED ? DG_CALL_STOPPED : DG_CALL_FAILED;
}

const char *dg_call_state_text(dg_call_state state)
{
    return state_text[state];
}

/* ---- writing --------------------------------------------------------------------------------- */

char *dg_status_file_path(const char *directory, dg_call call)
{
    if (call.merge) return dg_text("%s/status-merge.json", directory);
    if (call.shard.count == 0) return dg_text("%s/status.json", directory);
    return dg_text("%s/status-%d-of-%d.json", directory, call.shard.index, call.shard.count);
}

dg_status dg_status_file_open(dg_status_file *out, const char *directory, int lock, dg_call call,
                              const char *devices)
{
    char *path = dg_status_file_path(directory, call), *copy = strdup(directory);
    if (!path || !copy) {
        free(path);
        free(copy);
        return dg_fail(DG_ERR_MEMORY, "no memory for a status file");
    }
    *out = (dg_status_file){
        .path = path, .directory = copy, .held = lock, .call = call, .devices = devices};
    pthread_mutex_init(&out->lock, NULL);
    dg_now(out->started, sizeof out->started);
    return DG_OK;
}

/** Progress and rate: during a call that of the last half minute, afterwards of the whole call. */
static void put_progress(dg_json *json, const dg_status_file *s, dg_call_state state,
                         const dg_progress *p)
{
    const bool active = state == DG_CALL_RUNNING || state == DG_CALL_MERGING;
    const double rate = active ? dg_rate_now(&s->recent, p) : dg_progress_rate(p);
    dg_json_integer(json, "runs_planned", (int64_t)p->runs_planned);
    dg_json_integer(json, "runs_done", (int64_t)p->runs_done);
    dg_json_integer(json, "runs_kept", (int64_t)p->runs_kept);
    dg_json_integer(json, "agent_steps_planned", p->agent_steps_planned);
    dg_json_integer(json, "agent_steps_done", p->agent_steps_done);
    dg_json_real(json, "share_done", dg_progress_share(p));
    dg_json_real(json, "agent_steps_per_second", rate);
    dg_json_real(json, "seconds_elapsed", p->seconds);
    dg_json_real(json, "seconds_left", dg_rate_left(p, rate));
}

static void put_call(dg_json *json, const dg_status_file *s)
{
    char text[256] = "";
    dg_json_text(json, "started", s->started);
    dg_json_text(json, "updated", dg_now(text, sizeof text));
    dg_json_text(json, "checkpoint", s->checkpoint);
    if (gethostname(text, sizeof text - 1) == 0) dg_json_text(json, "host", text);
    dg_json_integer(json, "process", getpid());
    dg_json_text(json, "devices", s->devices);
    dg_json_text(json, "digico_version", dg_version());
    dg_json_text(json, "git_commit", dg_build_git_commit());
}

static void put_all(FILE *file, const dg_status_file *s, dg_call_state state,
                    const dg_progress *progress, const char *message)
{
    dg_json json;
    dg_json_open(&json, file, "  ");
    dg_json_text(&json, "command", s->call.merge ? "merge" : "run");
    dg_json_text(&json, "state", dg_call_state_text(state));
    dg_json_integer(&json, "shard", s->call.shard.index);
    dg_json_integer(&json, "shards", s->call.shard.count);
    dg_json_text(&json, "message", message);
    put_progress(&json, s, state, progress);
    put_call(&json, s);
    dg_json_close(&json);
    fputc('\n', file);
}

/** Replace the file; a failure is ignored, as the next update may succeed. Keeps dg_error(). */
static void replace_quietly(const char *path, const char *text)
{
    char error[1024];
    snprintf(error, sizeof error, "%s", dg_error());
    dg_status status = dg_file_replace(path, text, false);
    if (status != DG_OK) status = dg_fail(status, "%s", error);
    (void)status;
}

/** The caller holds the lock. */
static void replace(const dg_status_file *s, dg_call_state state, const dg_progress *progress,
                    const char *message)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    if (!file) return;
    put_all(file, s, state, progress, message);
    if (fclose(file) == 0 && text && dg_directory_is_locked_by(s->held, s->directory))
        replace_quietly(s->path, text);
    free(text);
}

void dg_status_file_write(dg_status_file *file, dg_call_state state, const dg_progress *progress,
                          const char *message)
{
    pthread_mutex_lock(&file->lock);
    replace(file, state, progress, message);
    pthread_mutex_unlock(&file->lock);
}

void dg_status_file_tick(dg_status_file *file, const dg_progress *progress)
{
    const double now = dg_clock();
    pthread_mutex_lock(&file->lock);
    dg_rate_note(&file->recent, progress);
    if (file->written == 0 || now >= file->written + TICK_SECONDS) {
        file->written = now;
        replace(file, file->state, progress, "");
    }
    pthread_mutex_unlock(&file->lock);
}

void dg_status_file_saved(dg_status_file *file)
{
    pthread_mutex_lock(&file->lock);
    dg_now(file->checkpoint, sizeof file->checkpoint);
    pthread_mutex_unlock(&file->lock);
}

void dg_status_file_merging(dg_status_file *file)
{
    pthread_mutex_lock(&file->lock);
    file->state = DG_CALL_MERGING;
    file->written = 0; /* the next tick writes at once */
    pthread_mutex_unlock(&file->lock);
}

void dg_status_file_close(dg_status_file *file)
{
    if (!file->path) return;
    pthread_mutex_destroy(&file->lock);
    free(file->path);
    free(file->directory);
    file->path = NULL;
}

/* ---- reading --------------------------------------------------------------------------------- */

static void read_text(char *to, size_t size, const dg_node *root, const char *key)
{
    snprintf(to, size, "%s", dg_node_text(root, key, ""));
}

static int64_t read_integer(const dg_node *root, const char *key)
{
    return strtoll(dg_node_text(root, key, ""), NULL, 10);
}

/** NaN if the key is missing, null or not a number. */
static double read_real(const dg_node *root, const char *key)
{
    const char *text = dg_node_text(root, key, "");
    char *end = NULL;
    const double value = strtod(text, &end);
    return end == text || *end ? (double)NAN : value;
}

static void read_call(dg_call_report *out, const dg_node *root)
{
    out->call.merge = strcmp(dg_node_text(root, "command", ""), "merge") == 0;
    out->call.shard.index = (int32_t)read_integer(root, "shard");
    out->call.shard.count = (int32_t)read_integer(root, "shards");
    read_text(out->message, sizeof out->message, root, "message");
    read_text(out->started, sizeof out->started, root, "started");
    read_text(out->updated, sizeof out->updated, root, "updated");
    read_text(out->checkpoint, sizeof out->checkpoint, root, "checkpoint");
    read_text(out->host, sizeof out->host, root, "host");
    read_text(out->devices, sizeof out->devices, root, "devices");
    out->process = read_integer(root, "process");
}

static void read_progress(dg_call_report *out, const dg_node *root)
{
    out->runs_planned = (size_t)read_integer(root, "runs_planned");
    out->runs_done = (size_t)read_integer(root, "runs_done");
    out->agent_steps_planned = read_integer(root, "agent_steps_planned");
    out->agent_steps_done = read_integer(root, "agent_steps_done");
    out->rate = read_real(root, "agent_steps_per_second");
    out->seconds_elapsed = read_real(root, "seconds_elapsed");
    out->seconds_left = read_real(root, "seconds_left");
}

static dg_status read_report(dg_call_report *out, const dg_node *root, const char *path)
{
    size_t state = 0;
    if (!root || root->kind != DG_NODE_MAP)
        return dg_fail(DG_ERR_IO, "%s: damaged: not a status file", path);
    while (state < STATES && strcmp(dg_node_text(root, "state", ""), state_text[state]) != 0)
        state++;
    if (state == STATES) return dg_fail(DG_ERR_IO, "%s: damaged: not a status file", path);
    *out = (dg_call_report){.state = (dg_call_state)state};
    read_call(out, root);
    read_progress(out, root);
    return DG_OK;
}

dg_status dg_status_file_read(dg_call_report *out, const char *path)
{
    dg_pool pool = {0};
    dg_node *root = NULL;
    char *text = NULL;
    size_t length = 0;
    DG_TRY(dg_file_load(path, &text, &length));
    dg_status status = dg_tree_parse(&root, &pool, path, 0, text, length);
    if (status == DG_ERR_CONFIG)
        status = dg_fail(DG_ERR_IO, "%s: damaged: not a status file", path);
    if (status == DG_OK) status = read_report(out, root, path);
    dg_pool_free(&pool);
    free(text);
    return status;
}

bool dg_call_is_here(const dg_call_report *report)
{
    char host[256] = "";
    return gethostname(host, sizeof host - 1) == 0 && strcmp(host, report->host) == 0;
}

double dg_seconds_since(const char *date)
{
    struct tm t = {0};
    int end = 0;
    const int fields = sscanf(date, "%4d-%2d-%2dT%2d:%2d:%2dZ%n", &t.tm_year, &t.tm_mon, &t.tm_mday,
                              &t.tm_hour, &t.tm_min, &t.tm_sec, &end);
    if (fields != 6 || end == 0 || date[end]) return (double)NAN;
    t.tm_year -= 1900;
    t.tm_mon -= 1;
    const double seconds = difftime(time(NULL), timegm(&t));
    return seconds > 0 ? seconds : 0;
}
