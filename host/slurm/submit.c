/** Submits the scripts with sbatch; see slurm.h. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* posix_spawn_file_actions_addchdir_np() */
#endif

#include "host/slurm/slurm.h"

#include "host/base/files.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static dg_status no_memory(void)
{
    return dg_fail(DG_ERR_MEMORY, "no memory to submit job scripts");
}

/* ---- sbatch ---------------------------------------------------------------------------------- */

/** A program whose outputs are redirected to temporary files. */
typedef struct call {
    FILE *out, *err;
    int code;   /* exit code; -1 if it did not exit by itself */
    int killed; /* the signal that ended it; 0: none */
} call;

static int set_files(posix_spawn_file_actions_t *actions, const call *program, const char *folder)
{
    const int out = fileno(program->out), err = fileno(program->err);
    int failure = posix_spawn_file_actions_addchdir_np(actions, folder);
    if (failure == 0)
        failure = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (failure == 0) failure = posix_spawn_file_actions_adddup2(actions, out, STDOUT_FILENO);
    if (failure == 0) failure = posix_spawn_file_actions_adddup2(actions, err, STDERR_FILENO);
    return failure;
}

/**
 * Start a program in `folder`; returns an errno. It gets a process group of its own: a terminal sends Ctrl-C to the
 * whole group of this program, which then still has a job to submit.
 */
static int start(pid_t *child, const call *program, const char *folder, char *const *arguments)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int failure = posix_spawn_file_actions_init(&actions);
    if (failure != 0) return failure;
    failure = posix_spawnattr_init(&attributes);
    if (failure == 0) {
        failure = set_files(&actions, program, folder);
        if (failure == 0) failure = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
        if (failure == 0)
            failure = posix_spawnp(child, arguments[0], &actions, &attributes, arguments, environ);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return failure;
}

/** Run a program in `folder` and wait for its end. */
static dg_status run_program(call *program, const char *folder, char *const *arguments)
{
    pid_t child = -1;
    int state = 0;
    const int failure = start(&child, program, folder, arguments);
    if (failure == ENOENT) {
        return dg_fail(DG_ERR_UNSUPPORTED,
                       "%s: not found on this machine; submit from a login node of the cluster",
                       arguments[0]);
    }
    if (failure != 0)
        return dg_fail(dg_status_of_errno(failure), "cannot start %s: %s", arguments[0],
                       strerror(failure));
    while (waitpid(child, &state, 0) < 0) {
        if (errno != EINTR)
            return dg_fail(DG_ERR_IO, "cannot wait for %s: %s", arguments[0], strerror(errno));
    }
    program->code = WIFEXITED(state) ? WEXITSTATUS(state) : -1;
    program->killed = WIFSIGNALED(state) ? WTERMSIG(state) : 0;
    return DG_OK;
}

/** Join all lines of a file, without the prefixes that sbatch writes at the begin of each. */
static void read_lines(FILE *file, char *text, size_t size)
{
    static const char *const prefix[] = {"sbatch: ", "error: ", "fatal: "};
    char line[512];
    size_t length = 0;
    text[0] = '\0';
    rewind(file);
    while (fgets(line, sizeof line, file) != NULL && length + 1 < size) {
        const char *message = line;
        for (size_t i = 0; i < sizeof prefix / sizeof *prefix; i++) {
            if (strncmp(message, prefix[i], strlen(prefix[i])) == 0) message += strlen(prefix[i]);
        }
        line[strcspn(line, "\n")] = '\0';
        const int more =
            snprintf(text + length, size - length, "%s%s", length > 0 ? "; " : "", message);
        length += more > 0 ? (size_t)more : 0;
    }
}

/** Read the answer of `sbatch --parsable`, "id" or "id;cluster". */
static dg_status read_answer(dg_slurm_submitted *out, const call *sbatch, const char *script)
{
    char answer[256];
    dg_slurm_submitted got = {.killed = sbatch->killed != 0};
    read_lines(sbatch->err, got.remark, sizeof got.remark);
    read_lines(sbatch->out, answer, sizeof answer);
    if (got.killed) {
        *out = got;
        return dg_fail(
            DG_ERR_IO,
            "sbatch was killed by signal %d (%s) while it submitted %s: squeue shows whether "
            "the job is queued",
            sbatch->killed, strsignal(sbatch->killed), script);
    }
    const size_t digits = strspn(answer, "0123456789");
    if (sbatch->code != 0 || digits == 0 || digits >= sizeof got.id) {
        return dg_fail(DG_ERR_IO, "sbatch refused %s: %s", script,
                       got.remark[0] != '\0' ? got.remark
                       : answer[0] != '\0'   ? answer
                                             : "it gave no reason");
    }
    memcpy(got.id, answer, digits);
    *out = got;
    return DG_OK;
}

/** Find "NAME = number" in the output of a program; 0: it is not there. */
static long number_in(FILE *file, const char *name)
{
    char line[512];
    rewind(file);
    while (fgets(line, sizeof line, file) != NULL) {
        const char *at = strchr(line, '=');
        if (strncmp(line, name, strlen(name)) == 0 && at != NULL) return strtol(at + 1, NULL, 10);
    }
    return 0;
}

/** MaxArraySize of the cluster: array indices are below it. 0: not known. */
static long largest_array(const char *folder)
{
    char *const arguments[] = {"scontrol", "show", "config", NULL};
    call asked = {tmpfile(), tmpfile(), -1, 0};
    long size = 0;
    if (asked.out != NULL && asked.err != NULL && run_program(&asked, folder, arguments) == DG_OK)
        size = number_in(asked.out, "MaxArraySize");
    if (asked.out != NULL) fclose(asked.out);
    if (asked.err != NULL) fclose(asked.err);
    return size;
}

/** Add the way out to the refusal of an array that may be too large. */
static dg_status explain_array(const dg_slurm *job, const char *folder, dg_status refused)
{
    char words[1024];
    snprintf(words, sizeof words, "%s", dg_error());
    const long size = largest_array(folder);
    if (size > 0 && job->shards >= size)
        return dg_fail(refused,
                       "%s; %" PRId64 " shards, expected at most %ld here (MaxArraySize is %ld): "
                       "use fewer --nodes",
                       words, job->shards, size - 1, size);
    if (size == 0 && strstr(words, "job array") != NULL)
        return dg_fail(refused,
                       "%s; if %" PRId64 " shards are too many (MaxArraySize of `scontrol show "
                       "config`, 1001 by default), use fewer --nodes",
                       words, job->shards);
    return dg_fail(refused, "%s", words);
}

/** Submit a script; `dependency` is an option of sbatch or NULL. */
static dg_status call_sbatch(dg_slurm_submitted *out, const char *folder, const char *script,
                             char *dependency)
{
    /* if a shard fails, Slurm cancels the dependent job, which would otherwise wait for ever */
    char *const dependent[] = {"sbatch",   "--parsable",   "--kill-on-invalid-dep=yes",
                               dependency, (char *)script, NULL};
    char *const independent[] = {"sbatch", "--parsable", (char *)script, NULL};
    call sbatch = {tmpfile(), tmpfile(), -1, 0};
    dg_status status = DG_OK;
    if (sbatch.out == NULL || sbatch.err == NULL) {
        status = dg_fail(DG_ERR_IO, "cannot create a temporary file: %s", strerror(errno));
        goto done;
    }
    DG_TRY_GOTO(run_program(&sbatch, folder, dependency != NULL ? dependent : independent), done);
    DG_TRY_GOTO(read_answer(out, &sbatch, script), done);
done:
    if (sbatch.out != NULL) fclose(sbatch.out);
    if (sbatch.err != NULL) fclose(sbatch.err);
    return status;
}

dg_status dg_slurm_submit(dg_slurm_submitted *out, const dg_slurm *job, const char *script,
                          const char *after)
{
    *out = (dg_slurm_submitted){.killed = false};
    char *folder = dg_text("%s/slurm", job->directory);
    char *dependency = after != NULL ? dg_text("--dependency=afterok:%s", after) : NULL;
    dg_status status = folder == NULL || (after != NULL && dependency == NULL)
                           ? no_memory()
                           : call_sbatch(out, folder, script, dependency);
    if (status == DG_ERR_IO && after == NULL && !out->killed)
        status = explain_array(job, folder, status);
    free(folder);
    free(dependency);
    return status;
}
