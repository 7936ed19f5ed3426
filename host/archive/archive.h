/**
 * Archives: files of checksummed sections, written atomically.
 *
 * Manifests, batches of finished runs and checkpoints are archives. A file is a header, sections,
 * and an end section. The header, each section header and each section's contents have an XXH3
 * hash, so that damage is detected and located; the other sections stay readable. The file is
 * written under its name with ".part" appended, synced, then renamed: a name without ".part" is a
 * complete file.
 *
 * Numbers are little-endian, as on every machine that CUDA runs on; a file of another byte order is
 * refused. Thread safety: different writers may be used by different threads; one open archive may
 * be read by several threads.
 */
#ifndef DG_ARCHIVE_H
#define DG_ARCHIVE_H

#include "host/base/error.h"

#include <stdbool.h>

/** What an archive holds. The numbers are stored in files and must not change. */
typedef enum dg_archive_kind {
    DG_ARCHIVE_MANIFEST = 1,
    DG_ARCHIVE_BATCH = 2,
    DG_ARCHIVE_CHECKPOINT = 3
} dg_archive_kind;

/** Version of the format. Archives of version 1 identify runs by dg_fingerprint_old_of(). */
#define DG_ARCHIVE_VERSION 2

/** Appended to the file name while the file is being written. */
#define DG_ARCHIVE_PART ".part"

/* ---- writing (archive_write.c) --------------------------------------------------------------- */

typedef struct dg_archive_writer dg_archive_writer;

/** Create `path`.part and write the header; an existing file of that name is replaced. */
DG_MUST_CHECK dg_status dg_archive_create(dg_archive_writer **out, const char *path,
                                          dg_archive_kind kind);

/**
 * Append a section.
 *
 * @param tag    type of the section, 1 ... 2^31 - 1; each kind of archive defines its own
 * @param index  distinguishes sections of the same tag
 * @param pack   compress with Zstandard, level 1; false for contents that do not compress
 */
DG_MUST_CHECK dg_status dg_archive_add(dg_archive_writer *writer, uint32_t tag, uint32_t index,
                                       const void *data, int64_t bytes, bool pack);

/** Write the end section, sync, rename and sync the directory. Always frees the writer. */
DG_MUST_CHECK dg_status dg_archive_commit(dg_archive_writer **writer);

/** Remove the unfinished file and free the writer; *writer may be NULL. */
void dg_archive_discard(dg_archive_writer **writer);

/* ---- reading (archive_read.c) ---------------------------------------------------------------- */

typedef struct dg_archive_section {
    uint32_t tag, index;
    int64_t bytes;  /* size when unpacked */
    int64_t stored; /* size in the file */
    int64_t offset; /* of the contents in the file */
    uint64_t hash;  /* of the contents as stored */
    bool packed;
} dg_archive_section;

/** The list of sections of a file; the file itself is not kept open. */
typedef struct dg_archive {
    char *path;
    dg_archive_section *section; /* [sections] in the order written */
    size_t sections;
    uint32_t version; /* 1 ... DG_ARCHIVE_VERSION */
    char *damage;     /* message: where the structure is damaged. NULL: intact. The listed sections,
                     all before the damage, are valid */
} dg_archive;

/**
 * Read the header and the list of sections, not the contents.
 *
 * @param out  receives the archive; the caller frees it with dg_archive_close()
 * @return DG_OK, also for a file whose later part is damaged (see `damage`); DG_ERR_IO: the file is
 *         missing or unreadable, or its header is damaged or of another kind; DG_ERR_ARGUMENT:
 *         another model version; DG_ERR_UNSUPPORTED: another version of the format; DG_ERR_MEMORY
 */
DG_MUST_CHECK dg_status dg_archive_open(dg_archive **out, const char *path, dg_archive_kind kind);

/** Free and set *archive to NULL; *archive may be NULL. */
void dg_archive_close(dg_archive **archive);

/** The first section of this tag and index; NULL if there is none. */
const dg_archive_section *dg_archive_find(const dg_archive *archive, uint32_t tag, uint32_t index);

/** Read and unpack a section into `to`, section->bytes long. DG_ERR_IO: damaged or unreadable. */
DG_MUST_CHECK dg_status dg_archive_read(const dg_archive *archive,
                                        const dg_archive_section *section, void *to);

/** As dg_archive_read(), into new memory with a NUL appended; the caller frees it with free(). */
DG_MUST_CHECK dg_status dg_archive_load(const dg_archive *archive,
                                        const dg_archive_section *section, void **out);

/**
 * As dg_archive_load(), for a section of at most `most` bytes: a small file may unpack to a thousand
 * times its size. DG_ERR_IO: it is larger.
 */
DG_MUST_CHECK dg_status dg_archive_load_small(const dg_archive *archive,
                                              const dg_archive_section *section, int64_t most,
                                              void **out);

/** Check the hash of a section without unpacking it. DG_ERR_IO: damaged or unreadable. */
DG_MUST_CHECK dg_status dg_archive_check(const dg_archive *archive,
                                         const dg_archive_section *section);

/** Append a section as another archive stores it, unread but for its hash. archive_write.c */
DG_MUST_CHECK dg_status dg_archive_copy(dg_archive_writer *writer, uint32_t index,
                                        const dg_archive *from, const dg_archive_section *section);

#endif
