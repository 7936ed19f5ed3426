/**
 * Limits of the control groups that this process is in. A batch system or a container gives a job part of
 * a machine; the kernel says so here alone.
 */
#ifndef DG_CGROUP_H
#define DG_CGROUP_H

#include <stdint.h>

typedef enum dg_cgroup_version { DG_CGROUP_V1, DG_CGROUP_V2 } dg_cgroup_version;

/** The least of two limits, of which a negative one does not limit. */
static inline double dg_limit_least(double a, double b)
{
    return a < 0 || (b >= 0 && b < a) ? b : a;
}

/** Reads a limit from the files of one group; negative: it has none. */
typedef double (*dg_cgroup_limit)(const char *folder, dg_cgroup_version version);

/**
 * The least limit of the process's group and all groups above it, in both versions of control groups.
 *
 * @param root        of the tree of files that holds proc/self/cgroup and sys/fs/cgroup; "" is the machine's
 * @param controller  "memory", "cpu": whose groups are asked in version 1; version 2 has one tree for all
 * @return negative if no group has a limit
 */
double dg_cgroup_least(const char *root, const char *controller, dg_cgroup_limit limit);

/** A number in a file of a group, after `key` and a space where there are several; negative: none, or "max". */
double dg_cgroup_number(const char *folder, const char *file, const char *key);

#endif
