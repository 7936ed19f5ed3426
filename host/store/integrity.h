/**
 * Is a result the file that was written? provenance.json beside it records its hash.
 *
 * The hash is compared before HDF5 opens a file: it may crash in a damaged one. To hash a file is to
 * read all of it; what was found is therefore remembered in DIR/.results.nc.hash. It holds as long
 * as inode, size and times of results.nc are the same, and it was written after the file. Where the
 * directory cannot be written, the file is hashed each time.
 */
#ifndef DG_INTEGRITY_H
#define DG_INTEGRITY_H

#include "host/config/tree.h"

#include <stdbool.h>
#include <stdint.h>

/** Name of the file that remembers the hash of a result. */
#define DG_REMEMBERED_NAME ".results.nc.hash"

/** A result of at most this size is read even by who only looks. */
#define DG_GLANCE_BYTES ((int64_t)16 << 20)

typedef enum dg_integrity {
    DG_RESULT_INTACT,     /* it has the recorded hash */
    DG_RESULT_DIFFERS,    /* it has another one: damaged, or another file */
    DG_RESULT_UNRECORDED, /* no hash is recorded: provenance.json is missing, older or damaged */
    DG_RESULT_UNCHECKED   /* the hashes were not compared, as the caller asked */
} dg_integrity;

/**
 * Compare `directory`/results.nc with its recorded hash.
 *
 * @param hash    receives the hash of the file; unchanged if none is recorded. May be NULL
 * @param afresh  read the file even if its hash is remembered
 * @return DG_OK with any of the first three; DG_ERR_IO: the file is missing, cannot be read or is
 *         not a regular file, or provenance.json cannot be opened; DG_ERR_MEMORY
 */
DG_MUST_CHECK dg_status dg_integrity_of(dg_integrity *out, uint64_t *hash, const char *directory,
                                        bool afresh);

/**
 * As dg_integrity_of(), for who only looks: nothing is written, and a large file whose hash is not remembered is
 * not read. Then its size, and the first bytes of any netCDF-4 file, have to be right.
 *
 * @return DG_OK with any; DG_ERR_IO: as dg_integrity_of(), or it is no netCDF-4 file; DG_ERR_MEMORY
 */
DG_MUST_CHECK dg_status dg_integrity_glance(dg_integrity *out, const char *directory);

/**
 * DG_ERR_IO if results.nc or provenance.json is there and cannot be opened, as for want of permission:
 * such a file may be intact.
 */
DG_MUST_CHECK dg_status dg_integrity_opens(const char *directory);

/**
 * Read provenance.json.
 *
 * @param out   receives its tree, which lives in `pool`; NULL if it is missing or damaged
 * @param pool  freed by the caller, also on failure
 * @return DG_OK; DG_ERR_IO: it cannot be opened now; DG_ERR_MEMORY
 */
DG_MUST_CHECK dg_status dg_integrity_read(const dg_node **out, dg_pool *pool,
                                          const char *directory);

/** DG_ERR_IO: the message for DG_RESULT_DIFFERS or DG_RESULT_UNRECORDED. What to do about it: dg_sweep_next(). */
DG_MUST_CHECK dg_status dg_integrity_refuse(const char *directory, dg_integrity integrity);

#endif
