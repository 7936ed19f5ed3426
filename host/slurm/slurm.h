/**
 * An experiment as jobs of Slurm: an array with one shard per task, and one job that merges.
 *
 * Called by command_submit.c. Scripts are texts here, files and jobs in slurm_submit.c; nothing prints.
 */
#ifndef DG_SLURM_H
#define DG_SLURM_H

#include "host/base/error.h"

#include <stdbool.h>

/** Options of sbatch that are handed over as they are: member, option, argument, help. */
#define DG_SLURM_OPTION_LIST(X)                                                                    \
    X(partition, "partition", "NAME", "Partition (default: the cluster's)")                        \
    X(account, "account", "NAME", "Account that is charged")                                       \
    X(qos, "qos", "NAME", "Quality of service")                                                    \
    X(constraint, "constraint", "LIST", "Features that a node must have")                          \
    X(memory, "mem", "SIZE", "Memory of a shard and of the merge, such as 16G")

/** What to run and what to ask Slurm for. Texts are borrowed. */
typedef struct dg_slurm {
    const char *program;   /**< digico as nodes find it, absolute */
    const char *build;     /**< file that is copied to `program` first, or NULL */
    const char *directory; /**< of the result, absolute; scripts and logs go to directory/slurm */
    const char *file;      /**< last part of the configuration's name */
    const char *text;      /**< the configuration */
    const char *const *set;
    size_t sets;
    bool mixed_builds;  /**< go on with what another build began */
    const char *device; /**< --device of each shard */

    int64_t shards;            /**< tasks of the array, >= 1 */
    bool gpu;                  /**< one GPU per shard */
    const char *gpu_type;      /**< as the cluster names it; NULL: any */
    int cpus;                  /**< per shard; 0: with a GPU Slurm's default, else the whole node */
    const char *time;          /**< limit of a shard, in a form of dg_duration_parse() */
    int signal_seconds;        /**< a shard is told to stop that long before its limit */
    int most_requeues;         /**< then a shard no longer requeues itself */
    const char *name;          /**< of the array; the other job is called NAME-merge */
    const char *const *sbatch; /**< further options, a line each */
    size_t sbatches;
#define DG_SLURM_MEMBER(member, option, argument, help) const char *member; /**< NULL: not asked */
    DG_SLURM_OPTION_LIST(DG_SLURM_MEMBER)
#undef DG_SLURM_MEMBER
} dg_slurm;

/**
 * Can these values stand in a script, and does the time limit leave time to compute?
 *
 * @return DG_OK or DG_ERR_ARGUMENT
 */
DG_MUST_CHECK dg_status dg_slurm_check(const dg_slurm *job);

/**
 * Where the copy of the configuration lies, below directory/slurm; the caller frees it, NULL without
 * memory. The folder is named by the content: shards read it whenever they start, and a file that was
 * edited and submitted again must not change under those that wait.
 */
char *dg_slurm_copy(const dg_slurm *job);

/**
 * Where a copy of `build` lies in directory/slurm; the caller frees it. As with the configuration, and for
 * one more reason: a sweep is of one build, so shards that are requeued after a rebuild would refuse to go
 * on.
 *
 * @return DG_OK, DG_ERR_IO (`build` cannot be read) or DG_ERR_MEMORY
 */
DG_MUST_CHECK dg_status dg_slurm_program(char **out, const char *directory, const char *build);

/** Script of the array; the caller frees it with free(). */
DG_MUST_CHECK dg_status dg_slurm_array_script(char **out, const dg_slurm *job);

/** Script of the job that merges and prints the summary; the caller frees it with free(). */
DG_MUST_CHECK dg_status dg_slurm_merge_script(char **out, const dg_slurm *job);

/* ---- files and jobs (slurm_submit.c) ---------------------------------------------------------- */

/** Names in directory/slurm. */
#define DG_SLURM_ARRAY "array.sh"
#define DG_SLURM_MERGE "merge.sh"

/**
 * Write both scripts and the copies they need to directory/slurm, each whole or not at all.
 * Folders are made if absent.
 */
DG_MUST_CHECK dg_status dg_slurm_write(const dg_slurm *job);

/** What sbatch answered. */
typedef struct dg_slurm_submitted {
    char id[64];       /**< of the job, digits; "" if it was refused */
    char remark[1024]; /**< what it said beside, one line; "" if nothing */
} dg_slurm_submitted;

/**
 * Hand directory/slurm/`script` to sbatch.
 *
 * @param after  id of a job that must end well before this one starts, or NULL
 * @return DG_OK, DG_ERR_UNSUPPORTED (no sbatch here), DG_ERR_IO (refused: dg_error() has its words)
 */
DG_MUST_CHECK dg_status dg_slurm_submit(dg_slurm_submitted *out, const dg_slurm *job,
                                        const char *script, const char *after);

#endif
