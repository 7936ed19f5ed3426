/** Writing an archive; see archive.h. */
#include "host/archive/archive_format.h"
#include "host/base/file_open.h"
#include "host/base/files.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

/* level 1 reduces records and traces to a tenth, nearly at the speed of a disk; higher levels gain
   little */
#define PACK_LEVEL 1

struct dg_archive_writer {
    char *path, *part;
    int file;
    int64_t offset;
    uint32_t sections;
};

static void writer_free(dg_archive_writer **writer)
{
    if ((*writer)->file >= 0) close((*writer)->file);
    free((*writer)->path);
    free((*writer)->part);
    free(*writer);
    *writer = NULL;
}

static dg_status put(dg_archive_writer *w, const void *data, size_t bytes)
{
    DG_TRY(dg_file_write(w->file, w->part, data, bytes));
    w->offset += (int64_t)bytes;
    return DG_OK;
}

static dg_status put_header(dg_archive_writer *w, dg_archive_kind kind)
{
    dg_archive_header header = {.version = DG_ARCHIVE_VERSION,
                                .order = DG_ARCHIVE_ORDER,
                                .kind = kind,
                                .model_version = DG_MODEL_VERSION};
    memcpy(header.magic, DG_ARCHIVE_MAGIC, sizeof header.magic);
    header.hash = dg_archive_header_hash(&header);
    return put(w, &header, sizeof header);
}

dg_status dg_archive_create(dg_archive_writer **out, const char *path, dg_archive_kind kind)
{
    dg_status status = DG_OK;
    dg_archive_writer *w = calloc(1, sizeof *w);
    if (!w) return dg_fail(DG_ERR_MEMORY, "no memory to write %s", path);
    w->file = -1;
    w->path = strdup(path);
    w->part = dg_text("%s" DG_ARCHIVE_PART, path);
    if (!w->path || !w->part) {
        status = dg_fail(DG_ERR_MEMORY, "no memory to write %s", path);
        goto failed;
    }
    DG_TRY_GOTO(dg_file_create(&w->file, w->part, 0666), failed);
    DG_TRY_GOTO(put_header(w, kind), failed);
    *out = w;
    return DG_OK;
failed:
    dg_archive_discard(&w);
    return status;
}

static dg_status put_section(dg_archive_writer *w, uint32_t tag, uint32_t index, const void *stored,
                             int64_t stored_bytes, int64_t bytes)
{
    static const char zeros[8] = {0};
    dg_section_header header = {.tag = tag,
                                .index = index,
                                .bytes = bytes,
                                .stored = stored_bytes,
                                .contents = dg_hash_bytes(stored, stored_bytes),
                                .offset = (uint64_t)w->offset};
    header.hash = dg_section_header_hash(&header);
    DG_TRY(put(w, &header, sizeof header));
    DG_TRY(put(w, stored, (size_t)stored_bytes));
    return put(w, zeros, (size_t)(-w->offset & 7));
}

dg_status dg_archive_add(dg_archive_writer *w, uint32_t tag, uint32_t index, const void *data,
                         int64_t bytes, bool pack)
{
    w->sections++;
    if (!pack) return put_section(w, tag, index, data, bytes, bytes);
    const size_t bound = ZSTD_compressBound((size_t)bytes);
    void *packed = malloc(bound);
    if (!packed) return dg_fail(DG_ERR_MEMORY, "%s: no memory for %zu bytes", w->part, bound);
    const size_t size = ZSTD_compress(packed, bound, data, (size_t)bytes, PACK_LEVEL);
    const bool smaller = !ZSTD_isError(size) && size < (size_t)bytes;
    const dg_status status = smaller ? put_section(w, tag, index, packed, (int64_t)size, bytes)
                                     : put_section(w, tag, index, data, bytes, bytes);
    free(packed);
    return status;
}

dg_status dg_archive_copy(dg_archive_writer *w, uint32_t index, const dg_archive *from,
                          const dg_archive_section *s)
{
    void *stored = NULL;
    DG_TRY(dg_archive_load_stored(from, s, &stored));
    w->sections++;
    const dg_status status = put_section(w, s->tag, index, stored, s->stored, s->bytes);
    free(stored);
    return status;
}

static dg_status end(dg_archive_writer *w)
{
    DG_TRY(put_section(w, DG_ARCHIVE_END, w->sections, "", 0, 0));
    if (fsync(w->file) != 0) return dg_fail_errno(w->part, "cannot sync to disk");
    const int file = w->file;
    w->file = -1;
    if (close(file) != 0) return dg_fail_errno(w->part, "cannot close");
    return dg_file_rename(w->part, w->path);
}

dg_status dg_archive_commit(dg_archive_writer **writer)
{
    const dg_status status = end(*writer);
    if (status == DG_OK)
        writer_free(writer);
    else
        dg_archive_discard(writer);
    return status;
}

void dg_archive_discard(dg_archive_writer **writer)
{
    if (!*writer) return;
    if ((*writer)->part) unlink((*writer)->part);
    writer_free(writer);
}
