/** Checks the options of a job: valid in a script, and a time limit that leaves time to compute. */
#include "host/slurm/slurm.h"

#include "host/base/duration.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Slurm checks limits periodically: by its manual, a signal may come this many seconds early */
#define SIGNAL_EARLY 60

/** sbatch splits its option lines at blanks and interprets quotes, backslashes and comments. */
static dg_status check_word(const char *option, const char *value)
{
    if (value == NULL) return DG_OK;
    for (const char *c = value; *c != '\0'; c++) {
        if (isgraph((unsigned char)*c) && strchr("\"'\\#", *c) == NULL) continue;
        return dg_fail(DG_ERR_ARGUMENT, "--%s: `%s', expected a text without blanks and \" ' \\ #",
                       option, value);
    }
    if (*value != '\0') return DG_OK;
    return dg_fail(DG_ERR_ARGUMENT, "--%s: expected a value, got an empty text", option);
}

static dg_status check_line(const char *line)
{
    const char *c = line;
    while (*c != '\0' && !iscntrl((unsigned char)*c)) c++;
    if (line[0] == '-' && *c == '\0') return DG_OK;
    return dg_fail(DG_ERR_ARGUMENT,
                   "--sbatch: `%.*s%s', expected an option of sbatch that begins with - and is on "
                   "one line, such as --sbatch=--mail-type=END",
                   (int)(c - line), line, *c != '\0' ? " ..." : "");
}

static dg_status check_time(const dg_slurm *job)
{
    int64_t seconds = 0;
    if (dg_duration_parse(&seconds, job->time) != DG_OK) {
        char why[256];
        snprintf(why, sizeof why, "%s", dg_error());
        return dg_fail(DG_ERR_ARGUMENT, "--time: %s", why);
    }
    const int64_t least = (int64_t)job->signal_seconds + SIGNAL_EARLY;
    if (seconds > least) return DG_OK;
    return dg_fail(DG_ERR_ARGUMENT,
                   "--time: %s, expected more than %" PRId64 " s: Slurm signals shards %d s before "
                   "the limit (--signal-seconds), and possibly %d s earlier",
                   job->time, least, job->signal_seconds, SIGNAL_EARLY);
}

/** Names of logs contain job numbers, which Slurm inserts only if the path has no backslash. */
static dg_status check_directory(const char *directory)
{
    if (strchr(directory, '\\') == NULL) return DG_OK;
    return dg_fail(DG_ERR_ARGUMENT,
                   "-o: %s, expected a path without backslash: Slurm cannot insert job numbers "
                   "into names of logs there",
                   directory);
}

dg_status dg_slurm_check(const dg_slurm *job)
{
    DG_TRY(check_time(job));
    DG_TRY(check_directory(job->directory));
    DG_TRY(check_word("job-name", job->name));
    DG_TRY(check_word("gpus", job->gpu_type));
#define CHECK_OPTION(member, option, argument, help) DG_TRY(check_word(option, job->member));
    DG_SLURM_OPTION_LIST(CHECK_OPTION)
#undef CHECK_OPTION
    for (size_t i = 0; i < job->sbatches; i++) DG_TRY(check_line(job->sbatch[i]));
    return DG_OK;
}
