/** Searches the folders above the running program; see source_tree.h. */
#include "host/base/source_tree.h"

#include "host/base/files.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *dg_source_tree_find(const char *name, int mode)
{
    char folder[PATH_MAX];
    const ssize_t length = readlink("/proc/self/exe", folder, sizeof folder - 1);
    char *slash = NULL;
    if (length < 0) return NULL;
    folder[length] = '\0';
    while ((slash = strrchr(folder, '/')) != NULL) {
        *slash = '\0';
        char *path = dg_text("%s/%s", folder, name);
        if (!path || access(path, mode) == 0) return path;
        free(path);
    }
    return NULL;
}
