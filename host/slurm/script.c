/** The scripts for Slurm: the job array, one task per shard, and the job that merges the shards. */
#include "host/slurm/slurm.h"

#include "host/base/files.h"
#include "host/base/shell.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

static void put_variable(FILE *out, const char *name, const char *value)
{
    fprintf(out, "%s=", name);
    dg_shell_quote(out, value);
    fputc('\n', out);
}

/* ---- options for Slurm ----------------------------------------------------------------------- */

/**
 * Write the options of both jobs. They contain no absolute path, because sbatch has its own rules
 * for blanks, % and \ in these lines. Log names are relative to the folder of the script, which is
 * also the folder from which it is submitted.
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

/** Write the processors and the memory of a shard. */
static void put_resources(FILE *out, const dg_slurm *job)
{
    if (job->gpu) {
        const char *type = job->gpu_type != NULL ? job->gpu_type : "";
        fprintf(out, "#SBATCH --gres=gpu:%s%s1\n", type, job->gpu_type != NULL ? ":" : "");
    }
    if (job->cpus > 0) {
        fprintf(out, "#SBATCH --cpus-per-task=%d\n", job->cpus);
    } else if (!job->gpu) {
        /* one shard per node: request the whole node, since Slurm's default is one CPU */
        fputs("#SBATCH --exclusive\n", out);
        if (job->memory == NULL) fputs("#SBATCH --mem=0\n", out);
    }
}

/** Write the options of --sbatch. They come last: of two values, sbatch uses the later one. */
static void put_extra(FILE *out, const dg_slurm *job)
{
    for (size_t i = 0; i < job->sbatches; i++) fprintf(out, "#SBATCH %s\n", job->sbatch[i]);
}

/* ---- array ----------------------------------------------------------------------------------- */

/*
 * With --signal=B: Slurm signals only the script, which forwards the signal to digico. USR1 means
 * "save and continue later": Slurm sends it before the time limit, users send it to request a
 * checkpoint. TERM comes from scancel, and also before Slurm itself requeues a task (pre-emption,
 * scontrol requeue). The script cannot distinguish these, and requeueing would restart a cancelled
 * task; so after TERM it only stops.
 */
static const char array_body[] =
    "\n"
    "log() {\n"
    "    printf '%s shard %s/%s: %s\\n' \"$(date +%FT%T)\" \"$SLURM_ARRAY_TASK_ID\" \"$shards\" "
    "\"$1\"\n"
    "}\n"
    "\n"
    "# USR1 (the time limit is near, or scancel --signal=USR1 --batch): save, then requeue.\n"
    "# TERM (scancel, or Slurm will requeue this task itself): save, then end.\n"
    "child='' got_usr1='' got_term='' signalled='' early=''\n"
    "forward() {\n"
    "    signalled=yes\n"
    "    if [ -z \"$child\" ]; then early=$1; else kill -s \"$1\" \"$child\" 2>/dev/null; fi\n"
    "}\n"
    "trap 'got_usr1=yes; forward USR1' USR1\n"
    "trap 'got_term=yes; forward TERM' TERM\n"
    "\n"
    "cd -- \"$folder/slurm\" || exit 1\n"
    "log \"start ${SLURM_RESTART_COUNT:-0} on $(hostname), GPU ${CUDA_VISIBLE_DEVICES:-none}\"\n"
    "\"$program\" run --output \"$folder\" --shard \"$SLURM_ARRAY_TASK_ID/$shards\" "
    "--device \"$device\" \\\n"
    "    --threads \"$SLURM_CPUS_ON_NODE\" ${extra[@]+\"${extra[@]}\"} -- \"$file\" &\n"
    "child=$!\n"
    "# forward a signal that came before digico was started\n"
    "[ -z \"$early\" ] || forward \"$early\"\n"
    "\n"
    "# a signal interrupts `wait`: repeat it until digico has ended\n"
    "while :; do\n"
    "    signalled=''\n"
    "    wait \"$child\"\n"
    "    code=$?\n"
    "    [ -n \"$signalled\" ] || break\n"
    "done\n"
    "\n"
    "# 3: stopped, the same command continues. 128 + a forwarded signal: digico was killed before "
    "it\n"
    "# had set up its signal handlers\n"
    "case $code in\n"
    "3) ;;\n"
    "$((128 + $(kill -l USR1))) | $((128 + $(kill -l TERM)))) "
    "[ -n \"$got_usr1$got_term\" ] || exit \"$code\" ;;\n"
    "*)\n"
    "    [ \"$code\" -eq 0 ] || log \"failed with exit code $code\"\n"
    "    exit \"$code\"\n"
    "    ;;\n"
    "esac\n"
    "if [ -n \"$got_term\" ] || [ -z \"$got_usr1\" ]; then\n"
    "    log 'stopped'\n"
    "    exit 3\n"
    "fi\n"
    "if [ \"${SLURM_RESTART_COUNT:-0}\" -ge \"$max_requeues\" ]; then\n"
    "    log \"stopped, not requeued: restart $SLURM_RESTART_COUNT is the limit (--max-requeue)\"\n"
    "    exit 3\n"
    "fi\n"
    "log 'stopped, back to the queue'\n"
    "for pause in 5 10 0; do\n"
    "    scontrol requeue \"${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID\" && exit 0\n"
    "    sleep \"$pause\"\n"
    "    [ -z \"$got_term\" ] || break\n"
    "done\n"
    "log 'cannot be requeued; submit the experiment again to continue'\n"
    "exit 3\n";

static void put_array(FILE *out, const dg_slurm *job, const char *copy)
{
    fprintf(out,
            "#!/usr/bin/env bash\n"
            "# Computes one shard of an experiment. " DG_SLURM_MARK
            "; submit it from this folder.\n"
            "#SBATCH --array=1-%" PRId64 "\n"
            "#SBATCH --signal=B:USR1@%d\n",
            job->shards, job->signal_seconds);
    put_common(out, job, "", "%A_%a.log");
    put_resources(out, job);
    put_extra(out, job);
    fputs("set -u\n\n", out);
    put_variable(out, "program", job->program);
    put_variable(out, "folder", job->directory);
    put_variable(out, "file", copy);
    put_variable(out, "device", job->device);
    fprintf(out, "shards=%" PRId64 "\nmax_requeues=%d\nextra=(", job->shards, job->max_requeues);
    if (job->batch > 0) fprintf(out, "--batch %d ", job->batch);
    if (job->mixed_builds) fputs("--mixed-builds", out);
    for (size_t i = 0; i < job->sets; i++) {
        fputs(i > 0 || job->mixed_builds ? " --set " : "--set ", out);
        dg_shell_quote(out, job->set[i]);
    }
    fputs(")\n", out);
    fputs(array_body, out);
}

/* ---- merge ----------------------------------------------------------------------------------- */

/* summary.txt and summary.csv are names that users give their own files, too */
static const char merge_body[] =
    "\n"
    "# `table NAME OPTION...`: a table is complete when it appears. What is there under its name, "
    "and\n"
    "# is not the table that this script left there (slurm/NAME), is kept\n"
    "table() {\n"
    "    name=$1 kept=$folder/$1.replaced number=2\n"
    "    shift\n"
    "    \"$program\" summary \"$@\" \"$folder\" >\"$folder/slurm/$name.part\"\n"
    "    while [ -e \"$kept\" ] || [ -L \"$kept\" ]; do\n"
    "        kept=$folder/$name.replaced-$number\n"
    "        number=$((number + 1))\n"
    "    done\n"
    "    if { [ -e \"$folder/$name\" ] || [ -L \"$folder/$name\" ]; } &&\n"
    "        ! cmp -s -- \"$folder/$name\" \"$folder/slurm/$name\"; then\n"
    "        mv -- \"$folder/$name\" \"$kept\"\n"
    "        echo \"$folder/$name: not written by this script: renamed to $kept\"\n"
    "    fi\n"
    "    cp -- \"$folder/slurm/$name.part\" \"$folder/slurm/$name\"\n"
    "    mv -- \"$folder/slurm/$name.part\" \"$folder/$name\"\n"
    "}\n"
    "table summary.txt\n"
    "table summary.csv --csv\n";

static void put_merge(FILE *out, const dg_slurm *job)
{
    fputs("#!/usr/bin/env bash\n"
          "# Merges all shards, then writes the tables. " DG_SLURM_MARK "; submit it from this "
          "folder.\n",
          out);
    put_common(out, job, "-merge", "merge_%j.log");
    put_extra(out, job);
    fputs("set -eu\n\n", out);
    put_variable(out, "program", job->program);
    put_variable(out, "folder", job->directory);
    fprintf(out, "\n\"$program\" merge%s \"$folder\"\n",
            job->mixed_builds ? " --mixed-builds" : "");
    fputs(merge_body, out);
}

/* ---- texts ----------------------------------------------------------------------------------- */

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
    const bool complete = file != NULL && fclose(file) == 0;
    free(copy);
    if (complete) {
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
