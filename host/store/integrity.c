/** Comparing a result with its recorded hash; see integrity.h. */
#include "host/store/integrity.h"

#include "host/base/file_open.h"
#include "host/base/files.h"
#include "host/config/value.h"
#include "host/store/store.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* a file that is replaced while it is read is read again, once */
#define TRIES 2

/** How a file is compared with its recorded hash. */
typedef enum effort {
    AFRESH, /* read all of it */
    ONCE,   /* the same if its hash is not remembered; remember it */
    GLANCE  /* see dg_integrity_glance() */
} effort;

/** What provenance.json records of results.nc. */
typedef struct record {
    bool there;
    uint64_t hash;
    int64_t bytes; /* -1: not recorded */
} record;

static dg_status no_memory(void)
{
    return dg_fail(DG_ERR_MEMORY, "no memory to check a result");
}

/* ---- the recorded hash ----------------------------------------------------------------------- */

/** A hash of 16 hexadecimal digits, and nothing else. */
static bool read_hash(const char *text, uint64_t *hash)
{
    char *end = NULL;
    if (!text || strlen(text) != 16 || strspn(text, "0123456789abcdef") != 16) return false;
    *hash = strtoull(text, &end, 16);
    return true;
}

dg_status dg_integrity_read(const dg_node **out, dg_pool *pool, const char *directory)
{
    dg_node *root = NULL;
    char *text = NULL, *path = dg_text("%s/" DG_PROVENANCE_NAME, directory);
    size_t length = 0;
    *out = NULL;
    if (!path) return no_memory();
    const dg_status opens = dg_file_check_opens(path);
    dg_status status = opens;
    if (status == DG_OK)
        status = dg_file_exists(path) ? dg_file_load(path, &text, &length) : DG_ERR_IO;
    if (status == DG_OK) status = dg_tree_parse_own(&root, pool, DG_PROVENANCE_NAME, text, length);
    if (status == DG_OK) *out = root;
    free(text);
    free(path);
    return status == DG_ERR_MEMORY ? status : opens;
}

dg_status dg_integrity_opens(const char *directory)
{
    static const char *const name[] = {DG_RESULT_NAME, DG_PROVENANCE_NAME};
    dg_status status = DG_OK;
    for (int k = 0; k < 2 && status == DG_OK; k++) {
        char *path = dg_text("%s/%s", directory, name[k]);
        status = path ? dg_file_check_opens(path) : no_memory();
        free(path);
    }
    return status;
}

/** out->there: provenance.json can be read and records a hash. As dg_integrity_read(). */
static dg_status read_record(record *out, const char *directory)
{
    dg_pool pool = {0};
    const dg_node *root = NULL;
    const dg_status status = dg_integrity_read(&root, &pool, directory);
    out->there = status == DG_OK && read_hash(dg_node_text(root, "xxh3_64", NULL), &out->hash);
    if (!dg_integer_read(&out->bytes, dg_node_text(root, "bytes", "-1"))) out->bytes = -1;
    dg_pool_free(&pool);
    return status;
}

/* ---- the hash of the file -------------------------------------------------------------------- */

static int64_t nanoseconds(struct timespec time)
{
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_size == b->st_size &&
           nanoseconds(a->st_mtim) == nanoseconds(b->st_mtim) &&
           nanoseconds(a->st_ctim) == nanoseconds(b->st_ctim);
}

/** "inode bytes modified changed ", what a remembered hash holds for; freed by the caller. */
static char *identity_of(const struct stat *file)
{
    return dg_text("%ju %jd %" PRId64 " %" PRId64 " ", (uintmax_t)file->st_ino,
                   (intmax_t)file->st_size, nanoseconds(file->st_mtim), nanoseconds(file->st_ctim));
}

/**
 * Find the remembered hash of this file.
 *
 * A file that is changed within the resolution of its dates, some milliseconds or a second, keeps
 * them: a hash that is not younger than the file counts for nothing.
 */
static bool recall(const char *remembered, const struct stat *file, uint64_t *hash)
{
    struct stat info;
    char *text = NULL, *identity = identity_of(file);
    size_t length = 0;
    const bool younger = stat(remembered, &info) == 0 && S_ISREG(info.st_mode) &&
                         nanoseconds(info.st_mtim) > nanoseconds(file->st_mtim);
    bool found = younger && identity && dg_file_load(remembered, &text, &length) == DG_OK;
    const size_t begin = identity ? strlen(identity) : 0;
    if (found) {
        text[strcspn(text, "\n")] = '\0';
        found = strncmp(text, identity, begin) == 0 && read_hash(text + begin, hash);
    }
    free(identity);
    free(text);
    return found;
}

/** Remember the hash; that may fail, as in a folder of another user. */
static void remember(const char *remembered, const struct stat *file, uint64_t hash)
{
    char *identity = identity_of(file);
    char *line = identity ? dg_text("%s%016" PRIx64 "\n", identity, hash) : NULL;
    const dg_status status = line ? dg_file_replace(remembered, line, false) : DG_OK;
    (void)status;
    free(identity);
    free(line);
}

static dg_status look_at(const char *path, struct stat *file)
{
    if (stat(path, file) != 0) return dg_fail_errno(path, "cannot open");
    return S_ISREG(file->st_mode) ? DG_OK : dg_fail(DG_ERR_IO, "%s: not a regular file", path);
}

/** The names of a result, and how it is compared. */
typedef struct result {
    const char *directory;
    char *path, *remembered;
    effort how;
} result;

/**
 * Hash the file, or recall its hash, and compare it with the recorded one. *steady: the file was not changed
 * meanwhile.
 */
static dg_status compare_once(dg_integrity *out, uint64_t *hash, const result *r,
                              const record *recorded, bool *steady)
{
    struct stat before, after;
    int64_t bytes = 0;
    *steady = true;
    DG_TRY(look_at(r->path, &before));
    if (r->how == AFRESH || !recall(r->remembered, &before, hash)) {
        const bool as_long = recorded->bytes < 0 || recorded->bytes == before.st_size;
        *out = as_long ? DG_RESULT_UNCHECKED : DG_RESULT_DIFFERS;
        if (r->how == GLANCE && before.st_size > DG_GLANCE_BYTES) return DG_OK;
        DG_TRY(dg_file_hash(r->path, hash, &bytes));
        DG_TRY(look_at(r->path, &after));
        *steady = same_file(&before, &after);
        if (*steady && r->how != GLANCE) remember(r->remembered, &before, *hash);
    }
    *out = *hash == recorded->hash ? DG_RESULT_INTACT : DG_RESULT_DIFFERS;
    return DG_OK;
}

/* ---- both ------------------------------------------------------------------------------------ */

/** A call that replaces both files meanwhile makes them differ: then they are read again. */
static dg_status compare(dg_integrity *out, uint64_t *hash, const result *r)
{
    struct stat file;
    bool steady = false;
    DG_TRY(look_at(r->path, &file));
    for (int k = 0; k < TRIES && !steady; k++) {
        record recorded = {0}, again = {0};
        DG_TRY(read_record(&recorded, r->directory));
        *out = DG_RESULT_UNRECORDED;
        if (!recorded.there) return DG_OK;
        DG_TRY(compare_once(out, hash, r, &recorded, &steady));
        if (*out != DG_RESULT_DIFFERS) return DG_OK;
        DG_TRY(read_record(&again, r->directory));
        steady = steady && again.there && again.hash == recorded.hash;
    }
    return DG_OK;
}

/** Are the first bytes those of HDF5? */
static dg_status check_signature(const char *path)
{
    static const char signature[8] = "\211HDF\r\n\032\n";
    char begin[sizeof signature] = "";
    struct stat info;
    int file = -1;
    DG_TRY(dg_file_open(&file, path, O_RDONLY));
    const bool whole = fstat(file, &info) == 0 && info.st_size >= (off_t)sizeof begin;
    const dg_status status = whole ? dg_file_read(file, path, begin, sizeof begin, 0) : DG_OK;
    close(file);
    if (status != DG_OK || memcmp(begin, signature, sizeof begin) == 0) return status;
    return dg_fail(DG_ERR_IO, "%s: damaged: no netCDF-4 file, of %jd bytes", path,
                   (intmax_t)info.st_size);
}

static dg_status compare_in(dg_integrity *out, uint64_t *hash, const char *directory, effort how)
{
    const result r = {directory, dg_text("%s/" DG_RESULT_NAME, directory),
                      dg_text("%s/" DG_REMEMBERED_NAME, directory), how};
    dg_status status = r.path && r.remembered ? DG_OK : no_memory();
    if (status == DG_OK && how == GLANCE) status = check_signature(r.path);
    if (status == DG_OK) status = compare(out, hash, &r);
    free(r.path);
    free(r.remembered);
    return status;
}

dg_status dg_integrity_of(dg_integrity *out, uint64_t *hash, const char *directory, bool afresh)
{
    uint64_t ignored = 0;
    return compare_in(out, hash ? hash : &ignored, directory, afresh ? AFRESH : ONCE);
}

dg_status dg_integrity_glance(dg_integrity *out, const char *directory)
{
    uint64_t ignored = 0;
    return compare_in(out, &ignored, directory, GLANCE);
}

dg_status dg_integrity_refuse(const char *directory, dg_integrity integrity)
{
    return dg_fail(DG_ERR_IO, "%s/" DG_RESULT_NAME ": %s", directory,
                   integrity == DG_RESULT_UNRECORDED
                       ? "cannot be checked: its hash is not in " DG_PROVENANCE_NAME
                       : "damaged or replaced: its hash is not the one in " DG_PROVENANCE_NAME);
}
