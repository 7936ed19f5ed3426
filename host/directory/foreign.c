/** Files of others under names that a call writes; see own_files.h. */
#include "host/directory/own_files.h"

#include "host/archive/archive_format.h"
#include "host/base/file_open.h"
#include "host/base/files.h"
#include "host/config/tree.h"
#include "host/directory/inventory.h"
#include "host/directory/manifest.h"
#include "host/directory/status_file.h"
#include "host/store/integrity.h"
#include "host/store/store.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static dg_status no_memory(void)
{
    return dg_fail(DG_ERR_MEMORY, "no memory to look through a result directory");
}

/* ---- is a file ours by its content? ---------------------------------------------------------- */

/** Its first bytes, at most `size`; -1: it cannot be opened. */
static ssize_t read_first(const char *path, char *text, size_t size)
{
    const int file = dg_file_try(path, O_RDONLY);
    if (file < 0) return -1;
    const ssize_t length = pread(file, text, size, 0);
    close(file);
    return length;
}

/** An archive, or the begin of one that is being written. */
static bool is_archive(const char *path)
{
    char text[sizeof((dg_archive_header *)0)->magic];
    const ssize_t length = read_first(path, text, sizeof text);
    return length > 0 && memcmp(text, DG_ARCHIVE_MAGIC, (size_t)length) == 0;
}

static bool is_manifest(const char *path)
{
    return is_archive(path);
}

static bool is_status(const char *path)
{
    dg_call_report report;
    return dg_status_file_read(&report, path) == DG_OK && report.started[0] != '\0';
}

static bool is_provenance(const char *path)
{
    dg_pool pool = {0};
    dg_node *root = NULL;
    char *text = NULL;
    size_t length = 0;
    const bool ours = dg_file_load(path, &text, &length) == DG_OK &&
                      dg_tree_parse_own(&root, &pool, DG_PROVENANCE_NAME, text, length) == DG_OK &&
                      root && root->kind == DG_NODE_MAP &&
                      strcmp(dg_node_text(root, "result", ""), DG_RESULT_NAME) == 0;
    dg_pool_free(&pool);
    free(text);
    return ours;
}

/** Four numbers and a hash of 16 digits (integrity.c). */
static bool is_remembered(const char *path)
{
    char text[160], hash[17] = "";
    const ssize_t length = read_first(path, text, sizeof text - 1);
    if (length < 0) return false;
    text[length] = '\0';
    return sscanf(text, "%*u %*d %*d %*d %16[0-9a-f]", hash) == 1 && strlen(hash) == 16;
}

/** HDF5 itself cannot tell a half result of ours from another file. */
static bool is_result(const char *path)
{
    (void)path;
    return false;
}

/* ---- names that a call writes or removes ----------------------------------------------------- */

typedef struct own_name {
    const char *begin, *end, *part; /* the end of a half file's name */
    bool (*is_ours)(const char *path);
} own_name;

static const own_name own[] = {
#define OWN_NAME(file, begin, end) {begin, end, end DG_ARCHIVE_PART, is_##file},
    DG_OWN_FILE_LIST(OWN_NAME)
#undef OWN_NAME
};
#define OWN (sizeof own / sizeof *own)

/** NULL: a name that no call writes. */
static const own_name *find_name(const char *name)
{
    for (size_t k = 0; k < OWN; k++) {
        if (strncmp(name, own[k].begin, strlen(own[k].begin)) != 0) continue;
        const bool whole =
            own[k].end[0] != '\0' ? dg_ends_in(name, own[k].end) : strcmp(name, own[k].begin) == 0;
        if (whole || dg_ends_in(name, own[k].part)) return &own[k];
    }
    return NULL;
}

static bool is_log(const char *name)
{
    return strcmp(name, "run.log") == 0 ||
           (strncmp(name, "run-", 4) == 0 && dg_ends_in(name, ".log"));
}

/* ---- foreign files --------------------------------------------------------------------------- */

static bool has_archives(const char *directory, const char *folder, const char *ending)
{
    dg_names names = {0};
    char *path = dg_text("%s/%s", directory, folder);
    const bool has = path && dg_directory_list(&names, path, ending) == DG_OK && names.count > 0;
    dg_names_free(&names);
    free(path);
    return has;
}

/** Is there a sweep of ours, if damaged? One whole file that only this program writes tells. */
static bool holds_sweep(const char *directory)
{
    char *manifest = dg_text("%s/" DG_MANIFEST_NAME, directory);
    char *provenance = dg_text("%s/" DG_PROVENANCE_NAME, directory);
    const bool holds = (manifest && is_archive(manifest)) ||
                       has_archives(directory, DG_BATCH_FOLDER, DG_BATCH_ENDING) ||
                       has_archives(directory, DG_CHECKPOINT_FOLDER, DG_CHECKPOINT_ENDING) ||
                       (provenance && is_provenance(provenance));
    free(manifest);
    free(provenance);
    return holds;
}

/**
 * What is empty, or no regular file, has nothing that can be lost; what cannot be opened is refused with that cause
 * by who needs it.
 */
static bool is_foreign(const char *path, const char *name)
{
    char first;
    struct stat info;
    const own_name *known = find_name(name);
    /* a whole results.nc is judged by dg_session_check_foreign() */
    if (!known || strcmp(name, DG_RESULT_NAME) == 0) return false;
    /* a link in place of a half file is removed and not followed */
    const bool part = dg_ends_in(name, DG_ARCHIVE_PART);
    if ((part ? lstat(path, &info) : stat(path, &info)) != 0 || !S_ISREG(info.st_mode))
        return false;
    return read_first(path, &first, 1) == 1 && !known->is_ours(path);
}

/** Names in the directory. One that cannot be read, or is a file, is refused where it is opened. */
static dg_status list_names(dg_names *out, const char *directory)
{
    const dg_status status = dg_directory_list(out, directory, "");
    return status == DG_ERR_IO ? DG_OK : status;
}

/** *out: path of the first foreign file, freed by the caller; NULL: there is none. */
static dg_status find_foreign(char **out, const char *directory)
{
    dg_names names = {0};
    dg_status status = list_names(&names, directory);
    *out = NULL;
    for (size_t k = 0; k < names.count && status == DG_OK && !*out; k++) {
        char *path = dg_text("%s/%s", directory, names.name[k]);
        if (!path) status = no_memory();
        if (path && is_foreign(path, names.name[k]))
            *out = path;
        else
            free(path);
    }
    dg_names_free(&names);
    return status;
}

/** Refuse another file in place of a folder that a call needs. */
static dg_status check_folder(const char *directory, const char *folder)
{
    struct stat info;
    char *path = dg_text("%s/%s", directory, folder);
    if (!path) return no_memory();
    dg_status status = DG_OK;
    if (stat(path, &info) == 0 && !S_ISDIR(info.st_mode))
        status = dg_fail(DG_ERR_ARGUMENT,
                         "%s: expected a directory, found a file; move it away, or use another "
                         "folder (-o)",
                         path);
    free(path);
    return status;
}

dg_status dg_own_files_check(const char *directory)
{
    char *path = NULL;
    DG_TRY(check_folder(directory, DG_BATCH_FOLDER));
    DG_TRY(check_folder(directory, DG_CHECKPOINT_FOLDER));
    if (!dg_file_exists(directory) || holds_sweep(directory)) return DG_OK;
    dg_status status = find_foreign(&path, directory);
    /* asked again: a shard that began in between may just be writing what was found */
    if (status == DG_OK && path && !holds_sweep(directory))
        status = dg_fail(DG_ERR_ARGUMENT,
                         "%s: of unknown origin, and a sweep in this folder would replace it; move "
                         "it away, or use another folder (-o)",
                         path);
    free(path);
    return status;
}

/* ---- the configuration ----------------------------------------------------------------------- */

static bool is_same(const struct stat *file, const char *directory, const char *name)
{
    struct stat info;
    char *path = dg_text("%s/%s", directory, name);
    const bool same = path && stat(path, &info) == 0 && dg_file_is_same(&info, file);
    free(path);
    return same;
}

/** Does a file lie in the folder of batches or checkpoints, where files are replaced and removed? */
static bool is_among_runs(const char *path, const char *directory)
{
    struct stat folder;
    char real[PATH_MAX];
    char *slash = realpath(path, real) ? strrchr(real, '/') : NULL;
    if (!slash) return false;
    slash[slash == real ? 1 : 0] = '\0';
    return stat(real, &folder) == 0 && (is_same(&folder, directory, DG_BATCH_FOLDER) ||
                                        is_same(&folder, directory, DG_CHECKPOINT_FOLDER));
}

dg_status dg_own_files_spare(const char *directory, const char *path)
{
    struct stat file;
    dg_names names = {0};
    if (stat(path, &file) != 0) return DG_OK;
    bool own_file = is_among_runs(path, directory);
    DG_TRY(list_names(&names, directory));
    for (size_t k = 0; k < names.count && !own_file; k++)
        own_file = (find_name(names.name[k]) || is_log(names.name[k]) ||
                    strcmp(names.name[k], ".lock") == 0) &&
                   is_same(&file, directory, names.name[k]);
    dg_names_free(&names);
    if (!own_file) return DG_OK;
    return dg_fail(DG_ERR_ARGUMENT,
                   "%s: also the name of a file that this call writes in %s; expected the "
                   "configuration under another name",
                   path, directory);
}
