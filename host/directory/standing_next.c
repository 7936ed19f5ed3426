/** The command that a sweep needs next; see standing.h. */
#include "host/directory/standing.h"

#include "host/base/file_open.h"
#include "host/base/shell.h"
#include "host/directory/manifest.h"
#include "host/directory/session_manifest.h"
#include "host/store/store.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- which call ------------------------------------------------------------------------------ */

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

/* ---- would it be accepted? ------------------------------------------------------------------- */

/**
 * Can the file of the experiment be read again from where this process is? Not a pipe, which the call that read it
 * may have been given.
 */
static bool is_here(const char *file)
{
    const bool of_process = strncmp(file, "/dev/", 5) == 0 || strncmp(file, "/proc/", 6) == 0;
    const int opened = of_process ? -1 : dg_file_try(file, O_RDONLY);
    if (opened >= 0) close(opened);
    return opened >= 0;
}

/** The same for `digico run`, with the file as it is now; one that is not here is taken as it was. */
static dg_status ask_run(const dg_standing *s, bool here, bool *mixed)
{
    const dg_experiment *stored = s->experiment;
    dg_experiment *now = NULL;
    *mixed = !dg_manifest_is_ours(s->build);
    if (s->blocked) return DG_OK; /* the result that would be refused is to be moved away before */
    if (!here) return dg_session_check_mixed(stored, s->directory, mixed);
    dg_status status =
        dg_experiment_load(&now, stored->name, (const char *const *)stored->set, stored->sets);
    if (status == DG_OK) status = dg_session_check_mixed(now, s->directory, mixed);
    dg_experiment_free(&now);
    return status;
}

/* ---- words ----------------------------------------------------------------------------------- */

/** Write an option with its value, or a path, quoted for a shell. */
static void put_word(FILE *out, const char *before, char *quoted)
{
    fprintf(out, "%s%s", before, quoted ? quoted : "");
    free(quoted);
}

static void put_refusal(FILE *out)
{
    fprintf(out, "no command continues this as it is: %s", dg_error());
}

/** "`digico run a.yaml -o out --shard 1/5`"; the folder as an absolute path where the file is not here. */
static void put_run(FILE *out, const dg_standing *s, const dg_sweep_call *call, bool here,
                    bool mixed)
{
    char *absolute = here ? NULL : realpath(s->directory, NULL);
    put_word(out, "`digico run ", dg_shell_path(s->experiment->name));
    for (size_t k = 0; k < s->experiment->sets; k++)
        put_word(out, " --set ", dg_shell_word(s->experiment->set[k]));
    put_word(out, " -o ", dg_shell_path(absolute ? absolute : s->directory));
    if (call && call->call.shard.count > 0)
        fprintf(out, " --shard %d/%d", call->call.shard.index, call->call.shard.count);
    fputs(mixed ? " --mixed-builds`" : "`", out);
    free(absolute);
}

/** "run `digico run a.yaml -o out --shard 1/5` to start it; 3 other shards have runs left, too" */
static void put_run_command(FILE *out, const dg_standing *s, const dg_sweep_call *call,
                            size_t others)
{
    bool mixed = false;
    const bool here = is_here(s->experiment->name);
    if (ask_run(s, here, &mixed) != DG_OK) {
        put_refusal(out);
        return;
    }
    if (s->blocked) {
        put_word(out, "move ", dg_shell_path(s->directory));
        fputs("/" DG_RESULT_NAME " away, as nothing here can write it again; then ", out);
    }
    fputs("run ", out);
    put_run(out, s, call, here, mixed);
    fprintf(out, " to %s", call && call->life == DG_LIFE_NONE ? "start it" : "continue");
    if (others > 0)
        fprintf(out, "; %zu other shard%s runs left, too", others, others == 1 ? " has" : "s have");
    if (here) return;
    put_word(out, "; ", dg_shell_path(s->experiment->name));
    fputs(" cannot be read from here", out);
}

static void put_merge_command(FILE *out, const dg_standing *s)
{
    bool mixed = false;
    if (dg_session_check_mixed(s->experiment, s->directory, &mixed) != DG_OK) {
        put_refusal(out);
        return;
    }
    put_word(out, "run `digico merge ", dg_shell_path(s->directory));
    fputs(mixed ? " --mixed-builds` to write the result" : "` to write the result", out);
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
    } else if (s->stored == s->experiment->runs) {
        put_merge_command(out, s);
    } else {
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

char *dg_sweep_next_partial(const dg_standing *s)
{
    bool mixed = false;
    if (s->stored == 0 || dg_session_check_mixed(s->experiment, s->directory, &mixed) != DG_OK)
        return NULL;
    char *folder = dg_shell_path(s->directory);
    char *text =
        folder ? dg_text("`digico merge %s --partial%s`", folder, mixed ? " --mixed-builds" : "")
               : NULL;
    free(folder);
    return text;
}
