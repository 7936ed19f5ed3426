/** Which paths are those of this program's data; see own_files.h. */
#include "host/directory/own_files.h"

#include "host/archive/run_archive.h"
#include "host/base/files.h"
#include "host/directory/inventory.h"
#include "host/directory/manifest.h"
#include "host/store/integrity.h"
#include "host/store/store.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* as many as the system follows */
#define LINKS 40

/** Beginnings of names: what is unfinished, damaged or replaced has an ending more. */
static const char *const own[] = {DG_MANIFEST_NAME,   DG_RESULT_NAME, DG_PROVENANCE_NAME,
                                  DG_REMEMBERED_NAME, ".lock",        "status.json",
                                  "status-"};

static bool is_own_name(const char *name)
{
    for (size_t k = 0; k < sizeof own / sizeof *own; k++)
        if (strncmp(name, own[k], strlen(own[k])) == 0) return true;
    return false;
}

/* ---- paths ----------------------------------------------------------------------------------- */

/**
 * Cut a path before its last component: "a/b" to "a", "/a" to "/", "a" to "."; returns the component. "." and "/"
 * stay as they are.
 */
static char *cut_last(char *path, char **folder)
{
    static char here[] = ".", root[] = "/";
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/') path[--length] = '\0';
    char *slash = strrchr(path, '/');
    *folder = slash == NULL ? here : slash == path ? root : path;
    if (slash == NULL || length == 1) return path;
    *slash = '\0';
    return slash + 1;
}

static char *join(const char *folder, const char *name)
{
    return strcmp(name, ".") == 0 ? strdup(folder)
                                  : dg_text("%s/%s", strcmp(folder, "/") == 0 ? "" : folder, name);
}

/** What a link leads to, as a path from here; NULL: no link, or no memory. */
static char *link_target(const char *path)
{
    char target[PATH_MAX], *folder = NULL;
    const ssize_t length = readlink(path, target, sizeof target - 1);
    char *copy = length > 0 ? strdup(path) : NULL;
    if (copy == NULL) return NULL;
    target[length] = '\0';
    (void)cut_last(copy, &folder);
    char *to = target[0] == '/' ? strdup(target) : join(folder, target);
    free(copy);
    return to;
}

/** As realpath(3), also of what does not exist yet; freed by the caller. NULL: errno says why. */
static char *resolve(const char *path, int links)
{
    char *real = realpath(path, NULL), *folder = NULL;
    if (real != NULL || links == 0 || strcmp(path, ".") == 0 || strcmp(path, "/") == 0) return real;
    char *target = link_target(path);
    if (target != NULL) {
        real = resolve(target, links - 1);
        free(target);
        return real;
    }
    char *copy = strdup(path);
    if (copy == NULL) return NULL;
    const char *name = cut_last(copy, &folder);
    char *parent = resolve(folder, links);
    if (parent != NULL) real = join(parent, name);
    free(parent);
    free(copy);
    return real;
}

/* ---- places ---------------------------------------------------------------------------------- */

static bool is_folder_of_runs(const char *name)
{
    return strcmp(name, DG_BATCH_FOLDER) == 0 || strcmp(name, DG_CHECKPOINT_FOLDER) == 0;
}

/** Is this the directory or above it? */
static bool is_above(const char *path, const char *mine)
{
    const size_t length = strlen(path);
    if (strcmp(path, "/") == 0) return true;
    return strncmp(path, mine, length) == 0 && (mine[length] == '/' || mine[length] == '\0');
}

static bool is_sweep(const char *directory, const char *mine)
{
    return strcmp(directory, mine) == 0 || dg_directory_has(directory, DG_MANIFEST_NAME);
}

/** @param path  resolved, cut by this function */
static dg_place place_of(const char *mine, char *path)
{
    char *folder = NULL, *above = NULL;
    if (is_above(path, mine)) return DG_PLACE_FOLDER;
    const char *name = cut_last(path, &folder);
    if (is_sweep(folder, mine) && is_own_name(name)) return DG_PLACE_OWN;
    if (is_sweep(folder, mine) && (is_folder_of_runs(name) || strcmp(name, "slurm") == 0))
        return DG_PLACE_FOLDER;
    if (strcmp(folder, mine) == 0) return DG_PLACE_INSIDE;
    const char *last = cut_last(folder, &above);
    return is_folder_of_runs(last) && is_sweep(above, mine) ? DG_PLACE_OWN : DG_PLACE_ELSEWHERE;
}

dg_status dg_place_of(dg_place *out, const char *directory, const char *path)
{
    char *mine = resolve(directory, LINKS), *file = mine ? resolve(path, LINKS) : NULL;
    const dg_status status = file ? DG_OK : dg_fail_errno(path, "cannot find where it lies");
    if (file) *out = place_of(mine, file);
    free(mine);
    free(file);
    return status;
}
