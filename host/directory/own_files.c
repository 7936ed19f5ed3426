/** Which names in a result directory are those of this program's data; see own_files.h. */
#include "host/directory/own_files.h"

#include "host/archive/run_archive.h"
#include "host/base/files.h"
#include "host/directory/inventory.h"
#include "host/directory/manifest.h"
#include "host/store/integrity.h"
#include "host/store/store.h"

#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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

/** Is this folder "directory/name"? A missing one is none. */
static bool is_folder(const struct stat *folder, const char *directory, const char *name)
{
    struct stat info;
    char path[PATH_MAX];
    const int length = snprintf(path, sizeof path, "%s/%s", directory, name);
    return length > 0 && (size_t)length < sizeof path && stat(path, &info) == 0 &&
           info.st_dev == folder->st_dev && info.st_ino == folder->st_ino;
}

static bool owns(const char *directory, const char *folder, const char *name)
{
    struct stat info;
    if (stat(folder, &info) != 0) return false;
    return is_folder(&info, directory, DG_BATCH_FOLDER) ||
           is_folder(&info, directory, DG_CHECKPOINT_FOLDER) ||
           (is_folder(&info, directory, ".") && is_own_name(name));
}

dg_status dg_directory_owns(bool *out, const char *directory, const char *path)
{
    /* dirname() and basename() may change their argument */
    char *target = realpath(path, NULL);
    char *folder = strdup(target ? target : path), *name = strdup(target ? target : path);
    const dg_status status =
        folder && name ? DG_OK : dg_fail(DG_ERR_MEMORY, "no memory for the name of a file");
    if (status == DG_OK) *out = owns(directory, dirname(folder), basename(name));
    free(target);
    free(folder);
    free(name);
    return status;
}
