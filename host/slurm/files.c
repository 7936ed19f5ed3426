/** Writes the scripts of the jobs and what they need; see slurm.h. */
#include "host/slurm/slurm.h"

#include "host/base/file_open.h"
#include "host/base/files.h"
#include "host/directory/lock.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static dg_status no_memory(void)
{
    return dg_fail(DG_ERR_MEMORY, "no memory to write job scripts");
}

static dg_status write_script(const dg_slurm *job, const char *name, const char *text)
{
    char *path = dg_text("%s/slurm/%s", job->directory, name);
    if (path == NULL) return no_memory();
    dg_status status = dg_file_replace(path, text, true);
    /* sbatch does not need this; users may want to start a script directly */
    if (status == DG_OK && chmod(path, 0755) != 0)
        status = dg_fail_errno(path, "cannot make the script executable");
    free(path);
    return status;
}

static dg_status write_scripts(const dg_slurm *job)
{
    char *array = NULL;
    char *merge = NULL;
    dg_status status = DG_OK;
    DG_TRY_GOTO(dg_slurm_array_script(&array, job), done);
    DG_TRY_GOTO(dg_slurm_merge_script(&merge, job), done);
    DG_TRY_GOTO(write_script(job, DG_SLURM_ARRAY, array), done);
    DG_TRY_GOTO(write_script(job, DG_SLURM_MERGE, merge), done);
done:
    free(array);
    free(merge);
    return status;
}

static dg_status make_folder_of(const char *path)
{
    char *folder = strndup(path, (size_t)(strrchr(path, '/') - path));
    const dg_status status = folder != NULL ? dg_directory_make(folder) : no_memory();
    free(folder);
    return status;
}

/** Write the copy of the configuration. */
static dg_status write_copy(const dg_slurm *job)
{
    char *copy = dg_slurm_copy(job);
    char *path = copy != NULL ? dg_text("%s/slurm/%s", job->directory, copy) : NULL;
    dg_status status = path != NULL ? make_folder_of(path) : no_memory();
    if (status == DG_OK) status = dg_file_replace(path, job->text, true);
    free(copy);
    free(path);
    return status;
}

dg_status dg_slurm_program(char **out, const char *directory, const char *build)
{
    uint64_t hash = 0;
    int64_t bytes = 0;
    DG_TRY(dg_file_hash(build, &hash, &bytes));
    char *path = dg_text("%s/slurm/%016" PRIx64 "/digico", directory, hash);
    if (path == NULL) return no_memory();
    *out = path;
    return DG_OK;
}

static dg_status write_program(const dg_slurm *job)
{
    if (job->build == NULL || dg_file_exists(job->program)) return DG_OK;
    char *data = NULL;
    size_t length = 0;
    DG_TRY(make_folder_of(job->program));
    dg_status status = dg_file_load(job->build, &data, &length);
    if (status == DG_OK) status = dg_file_replace_bytes(job->program, data, length, 0777, true);
    free(data);
    return status;
}

dg_status dg_slurm_write(const dg_slurm *job)
{
    DG_TRY(write_copy(job));
    DG_TRY(write_program(job));
    return write_scripts(job);
}

/* ---- before they are written ------------------------------------------------------------------ */

static dg_status check_script(const char *path)
{
    char *text = NULL;
    size_t length = 0;
    bool ours = false;
    if (!dg_file_exists(path)) return DG_OK;
    if (!dg_file_is_odd(path)) {
        DG_TRY(dg_file_load(path, &text, &length));
        ours = strstr(text, DG_SLURM_MARK) != NULL;
        free(text);
    }
    if (ours) return DG_OK;
    return dg_fail(DG_ERR_ARGUMENT,
                   "%s: not written by digico submit, which would replace it: rename it, or use "
                   "another folder",
                   path);
}

dg_status dg_slurm_check_scripts(const dg_slurm *job)
{
    static const char *const name[] = {DG_SLURM_ARRAY, DG_SLURM_MERGE};
    for (size_t k = 0; k < sizeof name / sizeof *name; k++) {
        char *path = dg_text("%s/slurm/%s", job->directory, name[k]);
        const dg_status status = path != NULL ? check_script(path) : no_memory();
        free(path);
        DG_TRY(status);
    }
    return DG_OK;
}

dg_status dg_slurm_lock(int *lock, const dg_slurm *job)
{
    char *folder = dg_text("%s/slurm", job->directory);
    dg_status status = folder != NULL ? dg_directory_make(folder) : no_memory();
    if (status == DG_OK) status = dg_directory_lock(lock, folder, (dg_shard){0, 0});
    free(folder);
    return status;
}
