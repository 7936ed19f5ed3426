/** Limits of control groups; see cgroup.h and the kernel's admin-guide/cgroup-v1 and cgroup-v2. */
#include "host/machine/cgroup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* a path of the kernel has at most 4096 bytes; a longer one is not there */
#define PATH_BYTES 8192

double dg_cgroup_number(const char *folder, const char *file, const char *key)
{
    char path[PATH_BYTES + 64], line[256];
    const size_t skip = key ? strlen(key) : 0;
    double number = -1;
    snprintf(path, sizeof path, "%s/%s", folder, file);
    FILE *in = fopen(path, "re");
    if (!in) return -1;
    while (number < 0 && fgets(line, sizeof line, in)) {
        if (key && (strncmp(line, key, skip) != 0 || line[skip] != ' ')) continue;
        if (sscanf(line + skip, "%lf", &number) != 1) number = -1;
        if (!key) break;
    }
    fclose(in);
    return number;
}

/** Ask the group `path` of the tree mounted at `mount`, and all above it. */
static double least_of(const char *mount, const char *path, dg_cgroup_limit limit,
                       dg_cgroup_version version)
{
    char folder[PATH_BYTES];
    const int root = snprintf(folder, sizeof folder, "%s", mount);
    const int all = snprintf(folder, sizeof folder, "%s%s", mount, path);
    double least = -1;
    if (all < root || all >= (int)sizeof folder) return -1;
    for (size_t end = (size_t)all; end >= (size_t)root; end--) {
        if (end > (size_t)root && folder[end] != '/' && folder[end] != '\0') continue;
        folder[end] = '\0';
        least = dg_limit_least(least, limit(folder, version));
    }
    return least;
}

/** Is `controller` in a list such as "cpu,cpuacct"? */
static int is_in(const char *list, const char *controller)
{
    const size_t length = strlen(controller);
    for (const char *at = list; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
        if (strncmp(at, controller, length) == 0 && (at[length] == ',' || at[length] == '\0'))
            return 1;
    return 0;
}

/** Ask the groups of one line of /proc/self/cgroup, "number:controllers:path". */
static double least_of_line(const char *root, char *line, const char *controller,
                            dg_cgroup_limit limit)
{
    char mount[PATH_BYTES];
    double least = -1;
    char *list = strchr(line, ':');
    char *path = list ? strchr(++list, ':') : NULL;
    if (!path) return -1;
    *path++ = '\0';
    path[strcspn(path, "\n")] = '\0';
    if (*list != '\0' && !is_in(list, controller)) return -1;
    const dg_cgroup_version version = *list ? DG_CGROUP_V1 : DG_CGROUP_V2;
    /* version 1 is mounted under the list or the name of the controller; version 2 alone or beside 1 */
    const char *const mounts[][2] = {{list, controller}, {"", "unified"}};
    for (int k = 0; k < 2; k++) {
        const char *name = mounts[version][k];
        if (k == 1 && strcmp(name, mounts[version][0]) == 0) continue;
        snprintf(mount, sizeof mount, "%s/sys/fs/cgroup%s%s", root, *name ? "/" : "", name);
        least = dg_limit_least(least, least_of(mount, path, limit, version));
    }
    return least;
}

double dg_cgroup_least(const char *root, const char *controller, dg_cgroup_limit limit)
{
    char path[PATH_BYTES];
    char *line = NULL;
    size_t capacity = 0;
    double least = -1;
    snprintf(path, sizeof path, "%s/proc/self/cgroup", root);
    FILE *in = fopen(path, "re");
    if (!in) return -1;
    while (getline(&line, &capacity, in) > 0)
        least = dg_limit_least(least, least_of_line(root, line, controller, limit));
    free(line);
    fclose(in);
    return least;
}
