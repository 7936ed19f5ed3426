/** The scripts that Slurm starts: an array of shards, and the job that merges them. */
#include "host/slurm/slurm.h"

#include "host/base/files.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* ---- words of bash ---------------------------------------------------------------------------- */

/* nothing is special between single quotes but their end */
static void put_quoted(FILE *out, const char *text)
{
    fputc('\'', out);
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            fputs("'\\''", out);
        else
            fputc(*text, out);
    }
    fputc('\'', out);
}

static void put_variable(FILE *out, const char *name, const char *value)
{
    fprintf(out, "%s=", name);
    put_quoted(out, value);
    fputc('\n', out);
}

/* ---- what Slurm is asked for ------------------------------------------------------------------ */

/*
 * No path stands in these lines: sbatch reads them with rules of its own for blanks, % and \. Logs are
 * named relative to the folder that a script is submitted from, which is its own.
 */
static void put_common(FILE *out, const dg_slurm *job, const char *name_end, const char *log)
{
    fprintf(out,
            "#SBATCH --job-name=%s%s\n"
            "#SBATCH --output=%s\n"
            "#SBATCH --open-mode=append\n"
            "#SBATCH --requeue\n"
            "#SBATCH --time=%s\n"
            "#SBATCH --nodes=1\n"
            "#SBATCH --ntasks=1\n",
            job->name, name_end, log, job->time);
#define PUT_OPTION(member, option, argument, help)                                                 \
    if (job->member != NULL) fprintf(out, "#SBATCH --" option "=%s\n", job->member);
    DG_SLURM_OPTION_LIST(PUT_OPTION)
#undef PUT_OPTION
}

/** Processors and memory of a shard. */
static void put_resources(FILE *out, const dg_slurm *job)
{
    if (job->gpu) {
        const char *type = job->gpu_type != NULL ? job->gpu_type : "";
        fprintf(out, "#SBATCH --gres=gpu:%s%s1\n", type, job->gpu_type != NULL ? ":" : "");
    }
    if (job->cpus > 0) {
        fprintf(out, "#SBATCH --cpus-per-task=%d\n", job->cpus);
    } else if (!job->gpu) {
        /* a shard per node: all of it, where Slurm's default would be one CPU */
        fputs("#SBATCH --exclusive\n", out);
        if (job->memory == NULL) fputs("#SBATCH --mem=0\n", out);
    }
}

/* last, because of two values sbatch takes the later one */
static void put_further(FILE *out, const dg_slurm *job)
{
    for (size_t i = 0; i < job->sbatches; i++) fprintf(out, "#SBATCH %s\n", job->sbatch[i]);
}

/* ---- array ------------------------------------------------------------------------------------ */

/*
 * B: signals the script alone, which tells digico. USR1 is the signal that means "go on later": from
 * Slurm before the limit, or from whoever asks for a checkpoint. TERM comes with scancel, and also
 * before Slurm itself requeues a task (pre-emption, scontrol requeue). A script cannot tell these apart,
 * and requeueing would bring a cancelled task back: after TERM it only stops.
 */
static const char array_body[] =
    "\n"
    "say() {\n"
    "    printf '%s shard %s/%s: %s\\n' \"$(date +%FT%T)\" \"$SLURM_ARRAY_TASK_ID\" \"$shards\" "
    "\"$1\"\n"
    "}\n"
    "\n"
    "# USR1 (time is nearly over, or scancel --signal=USR1 --batch): checkpoint, back to the "
    "queue.\n"
    "# TERM (scancel, or Slurm is about to requeue this task itself): checkpoint, end.\n"
    "child='' again='' ended='' told='' missed=''\n"
    "tell() {\n"
    "    told=yes\n"
    "    if [ -z \"$child\" ]; then missed=$1; else kill -s \"$1\" \"$child\" 2>/dev/null; fi\n"
    "}\n"
    "trap 'again=yes; tell USR1' USR1\n"
    "trap 'ended=yes; tell TERM' TERM\n"
    "\n"
    "cd -- \"$folder/slurm\" || exit 1\n"
    "say \"start ${SLURM_RESTART_COUNT:-0} on $(hostname), GPU ${CUDA_VISIBLE_DEVICES:-none}\"\n"
    "\"$program\" run --output \"$folder\" --shard \"$SLURM_ARRAY_TASK_ID/$shards\" "
    "--device \"$device\" \\\n"
    "    --threads \"$SLURM_CPUS_ON_NODE\" ${further[@]+\"${further[@]}\"} -- \"$file\" &\n"
    "child=$!\n"
    "# a signal that came before there was anybody to tell\n"
    "[ -z \"$missed\" ] || tell \"$missed\"\n"
    "\n"
    "# a signal interrupts `wait`: ask again until it answers of itself\n"
    "while :; do\n"
    "    told=''\n"
    "    wait \"$child\"\n"
    "    code=$?\n"
    "    [ -n \"$told\" ] || break\n"
    "done\n"
    "\n"
    "# 3: stopped, go on with the same command. Killed by a signal passed on: had not begun to "
    "listen\n"
    "case $code in\n"
    "3) ;;\n"
    "$((128 + $(kill -l USR1))) | $((128 + $(kill -l TERM)))) "
    "[ -n \"$again$ended\" ] || exit \"$code\" ;;\n"
    "*)\n"
    "    [ \"$code\" -eq 0 ] || say \"failed with code $code\"\n"
    "    exit \"$code\"\n"
    "    ;;\n"
    "esac\n"
    "if [ -n \"$ended\" ] || [ -z \"$again\" ]; then\n"
    "    say 'stopped'\n"
    "    exit 3\n"
    "fi\n"
    "if [ \"${SLURM_RESTART_COUNT:-0}\" -ge \"$most_requeues\" ]; then\n"
    "    say \"stopped; not requeued: this was restart $SLURM_RESTART_COUNT (--max-requeue)\"\n"
    "    exit 3\n"
    "fi\n"
    "say 'stopped, back to the queue'\n"
    "for pause in 5 10 0; do\n"
    "    scontrol requeue \"${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID\" && exit 0\n"
    "    sleep \"$pause\"\n"
    "    [ -z \"$ended\" ] || break\n"
    "done\n"
    "say 'could not be requeued; submit the experiment again to go on'\n"
    "exit 3\n";

static void put_array(FILE *out, const dg_slurm *job, const char *copy)
{
    fprintf(out,
            "#!/usr/bin/env bash\n"
            "# One shard of an experiment; written by digico submit, for sbatch in this folder.\n"
            "#SBATCH --array=1-%" PRId64 "\n"
            "#SBATCH --signal=B:USR1@%d\n",
            job->shards, job->signal_seconds);
    put_common(out, job, "", "%A_%a.log");
    put_resources(out, job);
    put_further(out, job);
    fputs("set -u\n\n", out);
    put_variable(out, "program", job->program);
    put_variable(out, "folder", job->directory);
    put_variable(out, "file", copy);
    put_variable(out, "device", job->device);
    fprintf(out, "shards=%" PRId64 "\nmost_requeues=%d\nfurther=(", job->shards,
            job->most_requeues);
    if (job->mixed_builds) fputs("--mixed-builds", out);
    for (size_t i = 0; i < job->sets; i++) {
        fputs(i > 0 || job->mixed_builds ? " --set " : "--set ", out);
        put_quoted(out, job->set[i]);
    }
    fputs(")\n", out);
    fputs(array_body, out);
}

/* ---- merge ------------------------------------------------------------------------------------ */

static const char merge_body[] =
    "# tables appear whole or not at all\n"
    "\"$program\" summary \"$folder\" >\"$folder/summary.txt.part\"\n"
    "mv -- \"$folder/summary.txt.part\" \"$folder/summary.txt\"\n"
    "\"$program\" summary --csv \"$folder\" >\"$folder/summary.csv.part\"\n"
    "mv -- \"$folder/summary.csv.part\" \"$folder/summary.csv\"\n";

static void put_merge(FILE *out, const dg_slurm *job)
{
    fputs("#!/usr/bin/env bash\n"
          "# Merge all shards, then the tables; written by digico submit, for sbatch in this "
          "folder.\n",
          out);
    put_common(out, job, "-merge", "merge_%j.log");
    put_further(out, job);
    fputs("set -eu\n\n", out);
    put_variable(out, "program", job->program);
    put_variable(out, "folder", job->directory);
    fprintf(out, "\n\"$program\" merge%s \"$folder\"\n",
            job->mixed_builds ? " --mixed-builds" : "");
    fputs(merge_body, out);
}

/* ---- texts ------------------------------------------------------------------------------------ */

char *dg_slurm_copy(const dg_slurm *job)
{
    const XXH64_hash_t hash = XXH3_64bits(job->text, strlen(job->text));
    return dg_text("%016" PRIx64 "/%s", (uint64_t)hash, job->file);
}

static dg_status no_memory(void)
{
    return dg_fail(DG_ERR_MEMORY, "no memory for a job script");
}

dg_status dg_slurm_array_script(char **out, const dg_slurm *job)
{
    size_t size = 0;
    char *text = NULL;
    char *copy = dg_slurm_copy(job);
    FILE *file = copy != NULL ? open_memstream(&text, &size) : NULL;
    if (file != NULL) put_array(file, job, copy);
    const bool whole = file != NULL && fclose(file) == 0;
    free(copy);
    if (whole) {
        *out = text;
        return DG_OK;
    }
    free(text);
    return no_memory();
}

dg_status dg_slurm_merge_script(char **out, const dg_slurm *job)
{
    size_t size = 0;
    char *text = NULL;
    FILE *file = open_memstream(&text, &size);
    if (file != NULL) put_merge(file, job);
    if (file != NULL && fclose(file) == 0) {
        *out = text;
        return DG_OK;
    }
    free(text);
    return no_memory();
}
