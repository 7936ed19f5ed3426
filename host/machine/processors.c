/** Processors of this process; see processors.h. */
#include "host/machine/processors.h"

#include "host/machine/cgroup.h"
#include "host/machine/threads.h"

#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>

/** Processors that a group may use at a time: its share of time, quota / period. */
static double of_group(const char *folder, dg_cgroup_version version)
{
    double quota = -1, period = -1;
    if (version == DG_CGROUP_V1) {
        quota = dg_cgroup_number(folder, "cpu.cfs_quota_us", NULL);
        period = dg_cgroup_number(folder, "cpu.cfs_period_us", NULL);
    } else {
        char path[8300];
        snprintf(path, sizeof path, "%s/cpu.max", folder);
        FILE *file = fopen(path, "re");
        if (file && fscanf(file, "%lf %lf", &quota, &period) != 2) quota = -1; /* "max" */
        if (file) fclose(file);
    }
    return quota > 0 && period > 0 ? quota / period : -1;
}

/* a part of a processor counts as a whole: better that threads wait a little than that time is lost */
int dg_processors_in(const char *root)
{
    const int all = omp_get_num_procs();
    const double share = ceil(dg_cgroup_least(root, "cpu", of_group));
    return share >= 1 && share < all ? (int)share : all;
}

int dg_processors(void)
{
    return dg_processors_in("");
}

int dg_threads_wanted(int asked)
{
    if (asked > 0) return asked;
    const int openmp = omp_get_max_threads(), here = dg_processors();
    return getenv("OMP_NUM_THREADS") || openmp < here ? openmp : here;
}

int dg_thread_count(int asked)
{
    return dg_threads_possible(dg_threads_wanted(asked));
}
