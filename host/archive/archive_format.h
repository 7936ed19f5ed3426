/** Binary format of an archive, shared by the writer and the reader. */
#ifndef DG_ARCHIVE_FORMAT_H
#define DG_ARCHIVE_FORMAT_H

#include "host/archive/archive.h"
#include "host/base/hash.h"

#include <stddef.h>

/* as in PNG: the first byte is not ASCII, and the line feed reveals a transfer that converts line
   ends */
#define DG_ARCHIVE_MAGIC                                                                           \
    "\x89"                                                                                         \
    "DIGICO\n"
#define DG_ARCHIVE_ORDER UINT32_C(0x01020304)

/** First bytes of the file. */
typedef struct dg_archive_header {
    char magic[8];
    uint32_t version; /* DG_ARCHIVE_VERSION */
    uint32_t order;   /* DG_ARCHIVE_ORDER in the byte order of the machine */
    uint32_t kind;    /* dg_archive_kind */
    uint32_t model_version;
    uint64_t hash; /* of the fields above */
} dg_archive_header;

/** Precedes the contents of each section, 8-byte aligned; contents are zero-padded to 8 bytes. */
typedef struct dg_section_header {
    uint32_t tag; /* DG_ARCHIVE_END: end of the file; then `index` is the number of sections */
    uint32_t index;
    int64_t bytes;
    int64_t stored;    /* < bytes: compressed with Zstandard; else == bytes */
    uint64_t contents; /* hash of the stored bytes */
    uint64_t offset;   /* of this header in the file: detects sections that were moved */
    uint64_t hash;     /* of the fields above */
} dg_section_header;

#define DG_ARCHIVE_END UINT32_C(0x80000000)

_Static_assert(sizeof(dg_archive_header) == 32, "no padding: the struct is written as it is");
_Static_assert(sizeof(dg_section_header) == 48, "no padding: the struct is written as it is");

/** Load a section as it is stored, packed or not, with its hash checked; freed by the caller. */
DG_MUST_CHECK dg_status dg_archive_load_stored(const dg_archive *archive,
                                               const dg_archive_section *section, void **out);

static inline uint64_t dg_archive_header_hash(const dg_archive_header *header)
{
    return dg_hash_bytes(header, offsetof(dg_archive_header, hash));
}

static inline uint64_t dg_section_header_hash(const dg_section_header *header)
{
    return dg_hash_bytes(header, offsetof(dg_section_header, hash));
}

#endif
