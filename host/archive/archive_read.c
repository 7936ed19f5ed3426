/** Reading an archive; see archive.h. */
#include "host/archive/archive_format.h"
#include "host/base/file_open.h"
#include "host/base/files.h"
#include "host/base/version.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

/* Zstandard stores at most a block of 128 KiB in 4 bytes: larger claims are false */
#define PACKED_MOST ((128 << 10) / 4)

/* ---- structure ------------------------------------------------------------------------------- */

static dg_status fail_memory(const char *path)
{
    return dg_fail(DG_ERR_MEMORY, "no memory to read %s", path);
}

static dg_status check_header(const char *path, const dg_archive_header *header,
                              dg_archive_kind kind)
{
    static const char *const name[] = {[DG_ARCHIVE_MANIFEST] = "manifest",
                                       [DG_ARCHIVE_BATCH] = "batch of runs",
                                       [DG_ARCHIVE_CHECKPOINT] = "checkpoint"};
    if (memcmp(header->magic, DG_ARCHIVE_MAGIC, sizeof header->magic) != 0 ||
        header->order != DG_ARCHIVE_ORDER || header->hash != dg_archive_header_hash(header))
        return dg_fail(DG_ERR_IO, "%s: damaged: its header is not that of a %s", path, name[kind]);
    DG_TRY(dg_model_version_check(path, header->model_version));
    if (header->version < 1 || header->version > DG_ARCHIVE_VERSION)
        return dg_fail(DG_ERR_UNSUPPORTED, "%s: format version %u, expected %d", path,
                       header->version, DG_ARCHIVE_VERSION);
    if (header->kind != (uint32_t)kind)
        return dg_fail(DG_ERR_IO, "%s: an archive of another kind, expected a %s", path,
                       name[kind]);
    return DG_OK;
}

/** Append to the list of sections; its capacity doubles at each power of 2. False: no memory. */
static bool add_section(dg_archive *a, const dg_section_header *header, int64_t offset)
{
    if ((a->sections & (a->sections - 1)) == 0) {
        const size_t room = a->sections ? 2 * a->sections : 1;
        dg_archive_section *grown = realloc(a->section, room * sizeof *grown);
        if (!grown) return false;
        a->section = grown;
    }
    a->section[a->sections++] = (dg_archive_section){.tag = header->tag,
                                                     .index = header->index,
                                                     .bytes = header->bytes,
                                                     .stored = header->stored,
                                                     .offset = offset,
                                                     .hash = header->contents,
                                                     .packed = header->stored < header->bytes};
    return true;
}

/** Size of stored contents with their padding to a multiple of 8 bytes. */
static int64_t padded(int64_t stored)
{
    return stored + (-stored & 7);
}

static bool header_is_valid(const dg_section_header *header, int64_t at, int64_t size)
{
    return header->hash == dg_section_header_hash(header) && header->offset == (uint64_t)at &&
           header->stored >= 0 && header->stored <= header->bytes &&
           header->bytes / PACKED_MOST <= header->stored &&
           padded(header->stored) <= size - at - (int64_t)sizeof *header;
}

static dg_status note_damage(dg_archive *a, int64_t at, int64_t size)
{
    a->damage = at >= size
                    ? dg_text("%s: damaged: truncated at byte %lld", a->path, (long long)size)
                    : dg_text("%s: damaged: no valid section header at byte %lld of %lld", a->path,
                              (long long)at, (long long)size);
    return a->damage ? DG_OK : fail_memory(a->path);
}

/** List all sections up to the end section or to the first damaged header. */
static dg_status read_sections(dg_archive *a, int file, int64_t size)
{
    dg_section_header header;
    int64_t at = sizeof(dg_archive_header);
    for (;;) {
        if (size - at < (int64_t)sizeof header) return note_damage(a, size, size);
        DG_TRY(dg_file_read(file, a->path, &header, sizeof header, at));
        if (!header_is_valid(&header, at, size)) return note_damage(a, at, size);
        at += (int64_t)sizeof header;
        if (header.tag == DG_ARCHIVE_END)
            return header.index == a->sections && at == size ? DG_OK : note_damage(a, at, size);
        if (!add_section(a, &header, at)) return fail_memory(a->path);
        at += padded(header.stored);
    }
}

static dg_status read_structure(dg_archive *a, int file, dg_archive_kind kind)
{
    struct stat info;
    dg_archive_header header = {0};
    if (fstat(file, &info) != 0) return dg_fail_errno(a->path, "cannot read");
    if (info.st_size < (int64_t)sizeof header)
        return dg_fail(DG_ERR_IO, "%s: damaged: truncated at byte %lld", a->path,
                       (long long)info.st_size);
    DG_TRY(dg_file_read(file, a->path, &header, sizeof header, 0));
    DG_TRY(check_header(a->path, &header, kind));
    a->version = header.version;
    return read_sections(a, file, info.st_size);
}

dg_status dg_archive_open(dg_archive **out, const char *path, dg_archive_kind kind)
{
    int file = -1;
    DG_TRY(dg_file_open(&file, path, O_RDONLY));
    dg_archive *a = calloc(1, sizeof *a);
    if (a) a->path = strdup(path);
    dg_status status = a && a->path ? read_structure(a, file, kind) : fail_memory(path);
    close(file);
    if (status == DG_OK) {
        *out = a;
        return DG_OK;
    }
    dg_archive_close(&a);
    return status;
}

void dg_archive_close(dg_archive **archive)
{
    if (!*archive) return;
    free((*archive)->path);
    free((*archive)->section);
    free((*archive)->damage);
    free(*archive);
    *archive = NULL;
}

const dg_archive_section *dg_archive_find(const dg_archive *a, uint32_t tag, uint32_t index)
{
    for (size_t k = 0; k < a->sections; k++)
        if (a->section[k].tag == tag && a->section[k].index == index) return &a->section[k];
    return NULL;
}

/* ---- contents -------------------------------------------------------------------------------- */

/** No hash covers the padding; a bit that is not 0 there still reveals a failing disk. */
static dg_status check_padding(const dg_archive *a, const dg_archive_section *s, int file)
{
    char padding[8] = {0};
    static const char zeros[8] = {0};
    const int64_t end = s->offset + s->stored;
    DG_TRY(dg_file_read(file, a->path, padding, (size_t)(-s->stored & 7), end));
    if (memcmp(padding, zeros, sizeof zeros) == 0) return DG_OK;
    return dg_fail(DG_ERR_IO, "%s: damaged: padding at byte %lld is not 0", a->path,
                   (long long)end);
}

static dg_status read_stored(const dg_archive *a, const dg_archive_section *s, void *to)
{
    int file = -1;
    DG_TRY(dg_file_open(&file, a->path, O_RDONLY));
    dg_status status = dg_file_read(file, a->path, to, (size_t)s->stored, s->offset);
    if (status == DG_OK) status = check_padding(a, s, file);
    close(file);
    if (status == DG_OK && dg_hash_bytes(to, s->stored) != s->hash)
        status = dg_fail(DG_ERR_IO, "%s: damaged: wrong checksum of %lld bytes at byte %lld",
                         a->path, (long long)s->stored, (long long)s->offset);
    return status;
}

dg_status dg_archive_read(const dg_archive *a, const dg_archive_section *s, void *to)
{
    if (!s->packed) return read_stored(a, s, to);
    void *packed = malloc((size_t)s->stored + 1);
    if (!packed) return fail_memory(a->path);
    dg_status status = read_stored(a, s, packed);
    if (status == DG_OK &&
        ZSTD_decompress(to, (size_t)s->bytes, packed, (size_t)s->stored) != (size_t)s->bytes)
        status = dg_fail(DG_ERR_IO, "%s: damaged: cannot decompress the section at byte %lld",
                         a->path, (long long)s->offset);
    free(packed);
    return status;
}

dg_status dg_archive_load_stored(const dg_archive *a, const dg_archive_section *s, void **out)
{
    void *stored = malloc((size_t)s->stored + 1);
    if (!stored) return fail_memory(a->path);
    const dg_status status = read_stored(a, s, stored);
    if (status == DG_OK)
        *out = stored;
    else
        free(stored);
    return status;
}

dg_status dg_archive_check(const dg_archive *a, const dg_archive_section *s)
{
    void *stored = NULL;
    const dg_status status = dg_archive_load_stored(a, s, &stored);
    free(stored);
    return status;
}

dg_status dg_archive_load_small(const dg_archive *a, const dg_archive_section *s, int64_t most,
                                void **out)
{
    if (s->bytes <= most) return dg_archive_load(a, s, out);
    return dg_fail(DG_ERR_IO,
                   "%s: damaged: the section at byte %lld has %lld bytes, expected at "
                   "most %lld",
                   a->path, (long long)s->offset, (long long)s->bytes, (long long)most);
}

dg_status dg_archive_load(const dg_archive *a, const dg_archive_section *s, void **out)
{
    char *memory = malloc((size_t)s->bytes + 1);
    if (!memory) return fail_memory(a->path);
    const dg_status status = dg_archive_read(a, s, memory);
    if (status != DG_OK) {
        free(memory);
        return status;
    }
    memory[s->bytes] = '\0';
    *out = memory;
    return DG_OK;
}
