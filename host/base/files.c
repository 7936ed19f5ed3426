/** Files and directories; see files.h. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* vasprintf() */
#endif
#include "host/base/files.h"

#include "host/base/file_open.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* bytes read at a time to hash a file */
#define CHUNK_BYTES ((size_t)1 << 20)

char *dg_text(const char *format, ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    const int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    return length < 0 ? NULL : text;
}

/* ---- files ----------------------------------------------------------------------------------- */

dg_status dg_file_write(int file, const char *path, const void *data, size_t bytes)
{
    const char *at = data;
    while (bytes > 0) {
        const ssize_t written = write(file, at, bytes);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return dg_fail_errno(path, "cannot write");
        at += written;
        bytes -= (size_t)written;
    }
    return DG_OK;
}

dg_status dg_file_read(int file, const char *path, void *data, size_t bytes, int64_t offset)
{
    char *at = data;
    while (bytes > 0) {
        const ssize_t got = pread(file, at, bytes, offset);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return dg_fail_errno(path, "cannot read");
        if (got == 0)
            return dg_fail(DG_ERR_IO, "%s: damaged: cut off at byte %lld", path, (long long)offset);
        at += got;
        offset += got;
        bytes -= (size_t)got;
    }
    return DG_OK;
}

dg_status dg_file_load(const char *path, char **text, size_t *length)
{
    struct stat info;
    dg_status status = DG_OK;
    char *memory = NULL;
    int file = -1;
    DG_TRY(dg_file_open(&file, path, O_RDONLY));
    if (fstat(file, &info) != 0) {
        status = dg_fail_errno(path, "cannot read");
        goto end;
    }
    memory = malloc((size_t)info.st_size + 1);
    if (!memory) {
        status = dg_fail(DG_ERR_MEMORY, "no memory to read %s", path);
        goto end;
    }
    DG_TRY_GOTO(dg_file_read(file, path, memory, (size_t)info.st_size, 0), end);
    memory[info.st_size] = '\0';
    *text = memory;
    *length = (size_t)info.st_size;
    memory = NULL;
end:
    free(memory);
    close(file);
    return status;
}

static dg_status hash_chunks(int file, const char *path, XXH3_state_t *state, void *chunk,
                             int64_t *bytes)
{
    for (;;) {
        const ssize_t got = pread(file, chunk, CHUNK_BYTES, *bytes);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return dg_fail_errno(path, "cannot read");
        if (got == 0) return DG_OK;
        XXH3_64bits_update(state, chunk, (size_t)got);
        *bytes += got;
    }
}

dg_status dg_file_hash(const char *path, uint64_t *hash, int64_t *bytes)
{
    int64_t length = 0;
    int file = -1;
    DG_TRY(dg_file_open(&file, path, O_RDONLY));
    XXH3_state_t *state = XXH3_createState();
    void *chunk = malloc(CHUNK_BYTES);
    dg_status status = state && chunk && XXH3_64bits_reset(state) == XXH_OK
                           ? hash_chunks(file, path, state, chunk, &length)
                           : dg_fail(DG_ERR_MEMORY, "no memory to read %s", path);
    if (status == DG_OK) {
        *hash = XXH3_64bits_digest(state);
        *bytes = length;
    }
    XXH3_freeState(state);
    free(chunk);
    close(file);
    return status;
}

/* some file systems cannot sync a directory; that is not an error */
static void sync_directory_of(const char *path)
{
    char directory[PATH_MAX];
    const char *slash = strrchr(path, '/');
    snprintf(directory, sizeof directory, "%.*s", slash ? (int)(slash - path) + 1 : 1,
             slash ? path : ".");
    const int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return;
    (void)fsync(fd);
    close(fd);
}

static dg_status rename_to(const char *from, const char *to)
{
    if (rename(from, to) == 0) return DG_OK;
    return dg_fail(DG_ERR_IO, "%s: cannot rename to %s: %s", from, to, strerror(errno));
}

dg_status dg_file_rename(const char *from, const char *to)
{
    DG_TRY(rename_to(from, to));
    sync_directory_of(to);
    return DG_OK;
}

static dg_status write_new(const char *path, const char *data, size_t length, mode_t mode,
                           bool sync)
{
    int file = -1;
    DG_TRY(dg_file_create(&file, path, mode));
    dg_status status = dg_file_write(file, path, data, length);
    if (status == DG_OK && sync && fsync(file) != 0)
        status = dg_fail_errno(path, "cannot sync to disk");
    if (close(file) != 0 && status == DG_OK) status = dg_fail_errno(path, "cannot close");
    return status;
}

dg_status dg_file_replace(const char *path, const char *text, bool sync)
{
    return dg_file_replace_bytes(path, text, strlen(text), 0666, sync);
}

dg_status dg_file_replace_bytes(const char *path, const char *data, size_t length, mode_t mode,
                                bool sync)
{
    char *part = dg_text("%s.part", path);
    if (!part) return dg_fail(DG_ERR_MEMORY, "no memory to write %s", path);
    dg_status status = write_new(part, data, length, mode, sync);
    if (status == DG_OK) status = sync ? dg_file_rename(part, path) : rename_to(part, path);
    if (status != DG_OK) unlink(part);
    free(part);
    return status;
}

bool dg_file_exists(const char *path)
{
    return access(path, F_OK) == 0 ||
           (errno != ENOENT && errno != ENOTDIR && errno != ENAMETOOLONG);
}

bool dg_directory_has(const char *directory, const char *name)
{
    char path[PATH_MAX]; /* the system opens no longer one */
    const int length = snprintf(path, sizeof path, "%s/%s", directory, name);
    return length > 0 && (size_t)length < sizeof path && dg_file_exists(path);
}

/* ---- directories ----------------------------------------------------------------------------- */

dg_status dg_directory_check(const char *path)
{
    struct stat info;
    DIR *directory = opendir(path);
    if (directory) {
        closedir(directory);
        return DG_OK;
    }
    const int reason = errno;
    if (stat(path, &info) == 0 && S_ISREG(info.st_mode))
        return dg_fail(DG_ERR_IO, "%s: a file, expected a directory", path);
    errno = reason;
    return dg_fail_errno(path, "cannot read this directory");
}

dg_status dg_directory_make(const char *path)
{
    char part[PATH_MAX];
    struct stat info;
    const size_t length = strlen(path);
    if (length == 0 || length >= sizeof part)
        return dg_fail(DG_ERR_IO, "%s: expected a directory name of 1 to %zu bytes", path,
                       sizeof part - 1);
    for (size_t i = 1; i <= length; i++) {
        if (path[i] != '/' && path[i] != '\0') continue;
        memcpy(part, path, i);
        part[i] = '\0';
        if (mkdir(part, 0777) != 0 && errno != EEXIST) return dg_fail_errno(part, "cannot create");
    }
    if (stat(path, &info) != 0) return dg_fail_errno(path, "cannot open this link");
    if (!S_ISDIR(info.st_mode)) return dg_fail(DG_ERR_IO, "%s: expected a directory", path);
    return DG_OK;
}

bool dg_ends_in(const char *text, const char *ending)
{
    const size_t length = strlen(text), tail = strlen(ending);
    return length >= tail && strcmp(text + length - tail, ending) == 0;
}

static bool has_suffix(const char *name, const char *suffix)
{
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) return false;
    return dg_ends_in(name, suffix) && strcmp(name, suffix) != 0;
}

bool dg_names_add(dg_names *names, const char *name)
{
    char **grown = realloc(names->name, (names->count + 1) * sizeof *grown);
    if (!grown) return false;
    names->name = grown;
    grown[names->count] = strdup(name);
    return grown[names->count] && ++names->count;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/** readdir() also returns NULL on an error, as on a failing server: then the list is incomplete. */
static dg_status list_entries(dg_names *names, DIR *directory, const char *path, const char *suffix)
{
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(directory);
        if (!entry) return errno == 0 ? DG_OK : dg_fail_errno(path, "cannot list directory");
        if (has_suffix(entry->d_name, suffix) && !dg_names_add(names, entry->d_name))
            return dg_fail(DG_ERR_MEMORY, "no memory to list %s", path);
    }
}

dg_status dg_directory_list(dg_names *out, const char *path, const char *suffix)
{
    dg_names names = {0};
    DIR *directory = opendir(path);
    *out = names;
    if (!directory) return errno == ENOENT ? DG_OK : dg_fail_errno(path, "cannot open directory");
    const dg_status status = list_entries(&names, directory, path, suffix);
    closedir(directory);
    if (status != DG_OK) {
        dg_names_free(&names);
        return status;
    }
    if (names.count > 0) qsort(names.name, names.count, sizeof *names.name, compare_names);
    *out = names;
    return DG_OK;
}

void dg_names_free(dg_names *names)
{
    for (size_t k = 0; k < names->count; k++) free(names->name[k]);
    free(names->name);
    *names = (dg_names){0};
}
