/** The two jobs of digico submit; see submit_jobs.h. */
#include "host/cli/submit_jobs.h"

#include "host/base/shell.h"
#include "host/base/utf8.h"
#include "host/cli/stop.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- printing -------------------------------------------------------------------------------- */

/* of a path, as it is shown */
#define FOLDER_BYTES 8192

dg_exit dg_submit_print_scripts(const dg_slurm *job)
{
    char *array = NULL;
    char *merge = NULL;
    char folder[FOLDER_BYTES];
    dg_status status = dg_slurm_array_script(&array, job);
    if (status == DG_OK) status = dg_slurm_merge_script(&merge, job);
    if (status == DG_OK) {
        dg_printable(folder, sizeof folder, job->directory);
        printf("# ==== %s/slurm/" DG_SLURM_ARRAY "\n%s\n", folder, array);
        printf("# ==== %s/slurm/" DG_SLURM_MERGE ", after all tasks of the array\n%s", folder,
               merge);
    }
    free(array);
    free(merge);
    return status == DG_OK ? dg_command_flush() : dg_command_fail(status);
}

static void print_remark(const dg_slurm_submitted *job)
{
    if (job->remark[0] != '\0') dg_command_say("sbatch: %s", job->remark);
}

/** First, as nothing is to be submitted where its number cannot be told. */
static dg_exit announce(const dg_slurm *job)
{
    char folder[FOLDER_BYTES];
    printf("submitting " DG_SLURM_ARRAY " and " DG_SLURM_MERGE " of %s/slurm\n",
           dg_printable(folder, sizeof folder, job->directory));
    const dg_exit code = dg_command_flush();
    if (code != DG_EXIT_OK) dg_command_say("nothing was submitted");
    return code;
}

static dg_exit print_jobs(const dg_slurm *job, size_t runs, const char *array, const char *merge)
{
    printf("array %s: %zu run%s in %" PRId64 " shard%s; then %s: merge and summary\n", array, runs,
           runs == 1 ? "" : "s", job->shards, job->shards == 1 ? "" : "s", merge);
    char folder[FOLDER_BYTES], *quoted = dg_shell_path(job->directory);
    dg_printable(folder, sizeof folder, job->directory);
    printf("  watch       digico status %s; squeue --jobs=%s,%s\n", quoted ? quoted : folder, array,
           merge);
    free(quoted);
    printf("  checkpoint  scancel --signal=USR1 --batch %s    (shards save and are requeued)\n",
           array);
    printf("  stop        scancel %s %s    (submit again to continue)\n", array, merge);
    printf("  logs        %s/slurm/\n", folder);
    printf("  result      %s/results.nc, summary.txt, summary.csv\n", folder);
    const dg_exit code = dg_command_flush();
    if (code != DG_EXIT_OK)
        dg_command_say("array %s and its merge job %s are queued all the same; to cancel them: "
                       "scancel %s %s",
                       array, merge, array, merge);
    return code;
}

/* ---- submitting ------------------------------------------------------------------------------ */

/* the files stay, so that the user can submit the scripts with sbatch */
static dg_exit refused(const dg_slurm *job, dg_status status)
{
    dg_command_say("%s; the scripts are in %s/slurm", dg_error(), job->directory);
    return dg_command_code(status);
}

static dg_exit merge_refused(const dg_slurm *job, const char *array, bool unknown, dg_status status)
{
    dg_command_say(
        "%s; array %s is queued%s without its merge job: cancel it with `scancel %s`, or "
        "run `sbatch --dependency=afterok:%s " DG_SLURM_MERGE "` in %s/slurm",
        dg_error(), array, unknown ? ", maybe" : "", array, array, job->directory);
    return dg_command_code(status);
}

/** A signal, or who no longer reads the remarks, must not leave the array without the job that merges. */
static dg_exit submit_jobs(const dg_slurm *job, size_t runs)
{
    dg_slurm_submitted array;
    dg_slurm_submitted merge;
    dg_stop_catch(false, "stopping once both jobs are submitted", ", maybe without the merge job");
    dg_status status = dg_slurm_submit(&array, job, DG_SLURM_ARRAY, NULL);
    if (status != DG_OK) return refused(job, status);
    print_remark(&array);
    status = dg_slurm_submit(&merge, job, DG_SLURM_MERGE, array.id);
    if (status != DG_OK) return merge_refused(job, array.id, merge.killed, status);
    print_remark(&merge);
    dg_stop_release();
    return print_jobs(job, runs, array.id, merge.id);
}

dg_exit dg_submit_jobs(const dg_slurm *job, size_t runs)
{
    const dg_exit code = announce(job);
    if (code != DG_EXIT_OK) return code;
    const dg_status status = dg_slurm_write(job);
    return status == DG_OK ? submit_jobs(job, runs) : dg_command_fail(status);
}
