/**
 * An experiment as Slurm jobs: an array with one task per shard, and a job that merges the shards.
 *
 * Called by command_submit.c. script.c makes the text of the scripts, files.c writes them and
 * submit.c submits them. Nothing here prints.
 */
#ifndef DG_SLURM_H
#define DG_SLURM_H

#include "host/base/error.h"

#include <stdbool.h>

/** Options that are passed to sbatch unchanged: member, option, argument, help. */
#define DG_SLURM_OPTION_LIST(X)                                                                    \
    X(partition, "partition", "NAME", "Partition (default: the default of the cluster)")           \
    X(account, "account", "NAME", "Account to charge")                                             \
    X(qos, "qos", "NAME", "Quality of service")                                                    \
    X(constraint, "constraint", "LIST", "Required features of the nodes")                          \
    X(memory, "mem", "SIZE", "Memory of each shard and of the merge job, such as 16G")

/** What to run, and the options for Slurm. Texts are borrowed. */
typedef struct dg_slurm {
    const char *program;   /**< absolute path of digico on the nodes */
    const char *build;     /**< program that is first copied to `program`; NULL: none */
    const char *directory; /**< absolute result directory; scripts and logs go to directory/slurm */
    const char *file;      /**< file name of the configuration, without its folder */
    const char *text;      /**< the configuration */
    const char *const *set; /**< [sets] arguments of --set */
    size_t sets;
    bool mixed_builds;  /**< continue a sweep that another build started */
    const char *device; /**< --device of each shard */
    int batch;          /**< --batch of each shard; 0: as memory allows */

    int64_t shards;            /**< number of tasks of the array, >= 1 */
    bool gpu;                  /**< one GPU per shard */
    const char *gpu_type;      /**< name of the GPU type in the cluster; NULL: any */
    int cpus;                  /**< per shard; 0: Slurm's default with a GPU, else the whole node */
    const char *time;          /**< time limit of a shard, in a format of dg_duration_parse() */
    int signal_seconds;        /**< Slurm signals a shard this long before its time limit */
    int max_requeues;          /**< a shard that was restarted this often ends at its limit */
    const char *name;          /**< name of the array job; the other job is NAME-merge */
    const char *const *sbatch; /**< [sbatches] more options of sbatch */
    size_t sbatches;
#define DG_SLURM_MEMBER(member, option, argument, help) const char *member; /**< NULL: not set */
    DG_SLURM_OPTION_LIST(DG_SLURM_MEMBER)
#undef DG_SLURM_MEMBER
} dg_slurm;

/**
 * Check that the values are valid in a script, and that the time limit leaves time to compute.
 *
 * @return DG_OK or DG_ERR_ARGUMENT
 */
DG_MUST_CHECK dg_status dg_slurm_check(const dg_slurm *job);

/**
 * Path of the copy of the configuration, relative to directory/slurm. Its folder is named by the
 * hash of the contents: shards read the copy each time they start, and a file that is edited and
 * submitted again must not change for shards that still wait.
 *
 * @return the path, freed by the caller; NULL if out of memory
 */
char *dg_slurm_copy(const dg_slurm *job);

/**
 * Path of the copy of `build`, absolute; the caller frees *out. It is copied for the same reason as
 * the configuration, and because all shards of a sweep must have the same build: requeued shards
 * would refuse to continue with a program that was rebuilt meanwhile.
 *
 * @return DG_OK, DG_ERR_IO (`build` cannot be read) or DG_ERR_MEMORY
 */
DG_MUST_CHECK dg_status dg_slurm_program(char **out, const char *directory, const char *build);

/** Text of the script of the array; the caller frees it with free(). */
DG_MUST_CHECK dg_status dg_slurm_array_script(char **out, const dg_slurm *job);

/** Text of the script of the merge job; the caller frees it with free(). */
DG_MUST_CHECK dg_status dg_slurm_merge_script(char **out, const dg_slurm *job);

/* ---- files (files.c) -------------------------------------------------------------------------- */

/** File names in directory/slurm. */
#define DG_SLURM_ARRAY "array.sh"
#define DG_SLURM_MERGE "merge.sh"

/** In the first comment of both scripts: one without it is not replaced. */
#define DG_SLURM_MARK "Written by digico submit"

/** DG_ERR_ARGUMENT if directory/slurm holds a script of these names that digico did not write; DG_ERR_IO. */
DG_MUST_CHECK dg_status dg_slurm_check_scripts(const dg_slurm *job);

/**
 * Create directory/slurm and lock it until both jobs are submitted: of two calls at once, each would submit the
 * scripts of the other. Not the directory: the array may start before its merge job is submitted.
 *
 * @param lock  released with dg_directory_unlock()
 * @return DG_OK; DG_ERR_IO: another call submits from there, or it cannot be written
 */
DG_MUST_CHECK dg_status dg_slurm_lock(int *lock, const dg_slurm *job);

/**
 * Write both scripts and the copies that they need to directory/slurm, each atomically. Creates the
 * folders.
 */
DG_MUST_CHECK dg_status dg_slurm_write(const dg_slurm *job);

/* ---- jobs (submit.c) -------------------------------------------------------------------------- */

/** The answer of sbatch. */
typedef struct dg_slurm_submitted {
    char id[64];       /**< number of the job; "" if sbatch refused it */
    char remark[1024]; /**< its messages on stderr as one line; "" if there are none */
    bool killed;       /**< a signal ended it: whether the job is queued is not known */
} dg_slurm_submitted;

/**
 * Submit directory/slurm/`script` with sbatch. *out is set also on failure.
 *
 * @param after  id of a job that must succeed before this one starts, or NULL
 * @return DG_OK, DG_ERR_UNSUPPORTED (no sbatch on this machine), DG_ERR_IO (sbatch refused the job, and
 *         dg_error() contains its message; or it was killed) or DG_ERR_MEMORY
 */
DG_MUST_CHECK dg_status dg_slurm_submit(dg_slurm_submitted *out, const dg_slurm *job,
                                        const char *script, const char *after);

#endif
