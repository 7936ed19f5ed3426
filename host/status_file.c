/** status.json; see status_file.h. */
#include "host/status_file.h"

#include "host/build_info.h"
#include "host/clock.h"
#include "host/files.h"
#include "host/json.h"
#include "host/provenance.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#define TICK_SECONDS 1.0

const char *dg_call_state_text(dg_call_state state)
{
    static const char *const text[] = {
#define STATE_TEXT(code, word) word,
        DG_CALL_STATE_LIST(STATE_TEXT)
#undef STATE_TEXT
    };
    return text[state];
}

dg_status dg_status_file_open(dg_status_file *out, const char *directory, dg_shard shard,
                              const char *devices)
{
    *out = (dg_status_file){.shard = shard, .devices = devices};
    out->path = shard.count > 0
                    ? dg_text("%s/status-%d-of-%d.json", directory, shard.index, shard.count)
                    : dg_text("%s/status.json", directory);
    dg_now(out->started, sizeof out->started);
    return out->path ? DG_OK : dg_fail(DG_ERR_MEMORY, "no memory for a status file");
}

static void put_progress(dg_json *json, const dg_progress *p)
{
    const double rate = dg_progress_rate(p);
    dg_json_integer(json, "runs_planned", (int64_t)p->runs_planned);
    dg_json_integer(json, "runs_done", (int64_t)p->runs_done);
    dg_json_integer(json, "runs_kept", (int64_t)p->runs_kept);
    dg_json_integer(json, "agent_steps_planned", p->agent_steps_planned);
    dg_json_integer(json, "agent_steps_done", p->agent_steps_done);
    dg_json_real(json, "agent_steps_per_second", rate);
    dg_json_real(json, "seconds_elapsed", p->seconds);
    dg_json_real(json, "seconds_left",
                 rate > 0 ? (double)(p->agent_steps_planned - p->agent_steps_done) / rate
                          : (double)NAN);
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

void dg_status_file_write(const dg_status_file *s, dg_call_state state, const dg_progress *progress,
                          const char *message)
{
    char *text = NULL;
    size_t size = 0;
    dg_json json;
    FILE *file = open_memstream(&text, &size);
    if (!file) return;
    dg_json_open(&json, file, "  ");
    dg_json_text(&json, "state", dg_call_state_text(state));
    dg_json_integer(&json, "shard", s->shard.index);
    dg_json_integer(&json, "shards", s->shard.count);
    dg_json_text(&json, "message", message);
    put_progress(&json, progress);
    put_call(&json, s);
    dg_json_close(&json);
    fputc('\n', file);
    if (fclose(file) == 0 && text && dg_file_replace(s->path, text, false) != DG_OK) {
        /* the next one may fit */
    }
    free(text);
}

void dg_status_file_tick(dg_status_file *file, const dg_progress *progress)
{
    const double now = dg_clock();
    if (now < file->written + TICK_SECONDS) return;
    file->written = now;
    dg_status_file_write(file, DG_CALL_RUNNING, progress, "");
}

void dg_status_file_saved(dg_status_file *file)
{
    dg_now(file->checkpoint, sizeof file->checkpoint);
}

void dg_status_file_close(dg_status_file *file)
{
    free(file->path);
    *file = (dg_status_file){0};
}
