/** Available memory; see memory.h. */
#include "host/machine/memory.h"

#include "host/machine/cgroup.h"
#include "host/machine/threads.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/** A limit that is not known or not set. */
#define NONE -1.0

/** What is left of a limit; NONE without one. */
static double left_of(double limit, double used)
{
    return limit < 0 ? NONE : limit > used ? limit - used : 0;
}

static double of_machine(const char *root)
{
    char path[1024], line[256];
    double kib = NONE;
    snprintf(path, sizeof path, "%s/proc/meminfo", root);
    FILE *file = fopen(path, "re");
    if (file == NULL) return NONE;
    while (fgets(line, sizeof line, file) != NULL) {
        if (sscanf(line, "MemAvailable: %lf", &kib) == 1) break;
    }
    fclose(file);
    return kib < 0 ? NONE : kib * 1024;
}

/** Pages of files that a group holds are given back when it needs memory, as in MemAvailable. */
static double of_group(const char *folder, dg_cgroup_version version)
{
    static const char *const names[][4] = {
        [DG_CGROUP_V1] = {"memory.limit_in_bytes", "memory.usage_in_bytes", "total_active_file",
                          "total_inactive_file"},
        [DG_CGROUP_V2] = {"memory.max", "memory.current", "active_file", "inactive_file"}};
    const char *const *name = names[version];
    const double used = dg_cgroup_number(folder, name[1], NULL);
    const double active = dg_cgroup_number(folder, "memory.stat", name[2]);
    const double inactive = dg_cgroup_number(folder, "memory.stat", name[3]);
    const double cached = (active > 0 ? active : 0) + (inactive > 0 ? inactive : 0);
    return left_of(dg_cgroup_number(folder, name[0], NULL), used > cached ? used - cached : 0);
}

static double of_address_space(const char *root)
{
    char path[1024];
    double pages = 0;
    struct rlimit limit;
    if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return NONE;
    snprintf(path, sizeof path, "%s/proc/self/statm", root);
    FILE *file = fopen(path, "re");
    if (file != NULL && fscanf(file, "%lf", &pages) != 1) pages = 0;
    if (file != NULL) fclose(file);
    return left_of((double)limit.rlim_cur,
                   pages * (double)sysconf(_SC_PAGESIZE) + dg_threads_stacks());
}

/** A positive number at the start of a variable; NONE: there is none, or 0 (Slurm: no limit). */
static double variable(const char *name)
{
    const char *text = getenv(name);
    const double number = text != NULL ? strtod(text, NULL) : 0;
    return number > 0 ? number : NONE;
}

/** Megabytes of 2^20 bytes, as Slurm counts. */
static double of_slurm(void)
{
    const double node = variable("SLURM_MEM_PER_NODE"), cpu = variable("SLURM_MEM_PER_CPU");
    const double cpus = variable("SLURM_CPUS_ON_NODE");
    const double megabytes = node > 0 ? node : cpu > 0 && cpus > 0 ? cpu * cpus : NONE;
    return megabytes > 0 ? megabytes * 1048576 : NONE;
}

/** Tasks that `srun` started on this node, at most: "2", or "4(x2),1" for nodes that differ. */
static double tasks_here(void)
{
    const char *at = getenv("SLURM_STEP_TASKS_PER_NODE");
    double most = 1;
    while (at != NULL && *at != '\0') {
        const double tasks = strtod(at, NULL);
        most = tasks > most ? tasks : most;
        at = strchr(at, ',');
        if (at != NULL) at++;
    }
    return most;
}

/** A part of a limit; NONE without one. */
static double part_of(double limit, double parts)
{
    return limit < 0 ? NONE : limit / parts;
}

int64_t dg_memory_available_in(const char *root, int32_t sharing)
{
    const double tasks = tasks_here(), all = sharing > tasks ? sharing : tasks;
    const double here = getenv("SLURM_ARRAY_TASK_ID") != NULL ? tasks : all;
    double least = part_of(of_machine(root), all);
    least = dg_limit_least(least, part_of(dg_cgroup_least(root, "memory", of_group), here));
    least = dg_limit_least(least, part_of(of_slurm(), here));
    least = dg_limit_least(least, of_address_space(root));
    if (least < 0) return 0;
    return least >= 9e18 ? 0 : least > 1 ? (int64_t)least : 1;
}

int64_t dg_memory_available(int32_t sharing)
{
    return dg_memory_available_in("", sharing);
}
