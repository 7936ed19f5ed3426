/**
 * A file of sections that a crash cannot leave half-written and that no damage passes through.
 *
 * Manifests, batches of finished runs and checkpoints are archives. A file is a header, sections, and a
 * section that ends it; header, section headers and contents carry an XXH3 hash each, so that damage
 * is named by the section it hit, and what lies before or beside it stays readable. It is written
 * under its name with ".part" appended, synced, and renamed: a name without it is a whole file.
 *
 * Numbers are little-endian, as on every machine that CUDA runs on; a file of another byte order is
 * refused. Functions may be called by several threads for different writers, and for one archive
 * that is only read.
 */
#ifndef DG_ARCHIVE_H
#define DG_ARCHIVE_H

#include "host/base/error.h"

#include <stdbool.h>

/** What an archive is for; stored, so numbers stay. */
typedef enum dg_archive_kind {
    DG_ARCHIVE_MANIFEST = 1,
    DG_ARCHIVE_BATCH = 2,
    DG_ARCHIVE_CHECKPOINT = 3
} dg_archive_kind;

/** Appended to a name while the file is written. */
#define DG_ARCHIVE_PART ".part"

/* ---- writing (archive_write.c) ---------------------------------------------------------------- */

typedef struct dg_archive_writer dg_archive_writer;

/** Begin `path`.part; an older one of that name is replaced. */
DG_MUST_CHECK dg_status dg_archive_create(dg_archive_writer **out, const char *path,
                                          dg_archive_kind kind);

/**
 * Append a section.
 *
 * @param tag    what it is, 1 ... 2^31 - 1; the kind of the archive says which there are
 * @param index  which one of them
 * @param pack   compress it (Zstandard, level 1); what gains nothing is better stored as it is
 */
DG_MUST_CHECK dg_status dg_archive_add(dg_archive_writer *writer, uint32_t tag, uint32_t index,
                                       const void *data, int64_t bytes, bool pack);

/** End the file, sync it, rename it, sync its directory. Frees the writer in every case. */
DG_MUST_CHECK dg_status dg_archive_commit(dg_archive_writer **writer);

/** Remove what was written and free the writer; accepts NULL inside. */
void dg_archive_discard(dg_archive_writer **writer);

/* ---- reading (archive_read.c) ----------------------------------------------------------------- */

typedef struct dg_archive_section {
    uint32_t tag, index;
    int64_t bytes;  /* once unpacked */
    int64_t stored; /* in the file */
    int64_t offset; /* of its contents in the file */
    uint64_t hash;  /* of its contents as stored */
    bool packed;
} dg_archive_section;

/** The sections of a file. Owned by the caller; no file stays open. */
typedef struct dg_archive {
    char *path;
    dg_archive_section *section; /* [sections] in the order written */
    size_t sections;
    uint32_t model_version; /* DG_MODEL_VERSION of the program that wrote it */
    char *damage; /* what is wrong with its structure, NULL: nothing. Sections before it stand */
} dg_archive;

/**
 * Read the structure of a file, not its contents.
 *
 * @return DG_OK, also for a file whose end is damaged (see `damage`); DG_ERR_IO: not there, cannot be
 *         read, or not even its header is that of such an archive; DG_ERR_UNSUPPORTED: a later version
 */
DG_MUST_CHECK dg_status dg_archive_open(dg_archive **out, const char *path, dg_archive_kind kind);

/** Free and set *archive to NULL; accepts NULL inside. */
void dg_archive_close(dg_archive **archive);

/** The section of a tag and index, NULL: there is none. */
const dg_archive_section *dg_archive_find(const dg_archive *archive, uint32_t tag, uint32_t index);

/** Read a section of `section->bytes` into `to`. DG_ERR_IO: damaged or unreadable. */
DG_MUST_CHECK dg_status dg_archive_read(const dg_archive *archive,
                                        const dg_archive_section *section, void *to);

/** The same into new memory with a NUL behind it, to be freed by the caller. */
DG_MUST_CHECK dg_status dg_archive_take(const dg_archive *archive,
                                        const dg_archive_section *section, void **out);

/** Compare the checksum of a section as it is stored. DG_ERR_IO: damaged or unreadable. */
DG_MUST_CHECK dg_status dg_archive_check(const dg_archive *archive,
                                         const dg_archive_section *section);

#endif
