/** Bytes of an archive, shared by its writer and its reader. */
#ifndef DG_ARCHIVE_FORMAT_H
#define DG_ARCHIVE_FORMAT_H

#include "host/directory/archive.h"
#include "host/base/hash.h"

#include <stddef.h>

/* the first byte is no text, the line feed shows a transfer that converts them (as PNG does) */
#define DG_ARCHIVE_MAGIC                                                                           \
    "\x89"                                                                                         \
    "DIGICO\n"
#define DG_ARCHIVE_VERSION 1
#define DG_ARCHIVE_ORDER   UINT32_C(0x01020304)

/** The file begins with this. */
typedef struct dg_archive_header {
    char magic[8];
    uint32_t version; /* DG_ARCHIVE_VERSION */
    uint32_t order;   /* DG_ARCHIVE_ORDER as this machine writes it */
    uint32_t kind;    /* dg_archive_kind */
    uint32_t model_version;
    uint64_t hash; /* of all before it */
} dg_archive_header;

/** Each section begins with this, 8-byte aligned; `stored` bytes follow, then zeros to 8 bytes. */
typedef struct dg_archive_mark {
    uint32_t tag; /* DG_ARCHIVE_END ends the file; its index is the number of sections */
    uint32_t index;
    int64_t bytes;
    int64_t stored;    /* < bytes: Zstandard, else as it is */
    uint64_t contents; /* hash of the stored bytes */
    uint64_t place;    /* offset of this mark: one that moved is not one */
    uint64_t hash;     /* of all before it */
} dg_archive_mark;

#define DG_ARCHIVE_END UINT32_C(0x80000000)

_Static_assert(sizeof(dg_archive_header) == 32, "written as it lies in memory");
_Static_assert(sizeof(dg_archive_mark) == 48, "written as it lies in memory");

static inline uint64_t dg_archive_header_hash(const dg_archive_header *header)
{
    return dg_hash_bytes(header, offsetof(dg_archive_header, hash));
}

static inline uint64_t dg_archive_mark_hash(const dg_archive_mark *mark)
{
    return dg_hash_bytes(mark, offsetof(dg_archive_mark, hash));
}

#endif
