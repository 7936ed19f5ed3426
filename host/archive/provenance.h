/** Provenance: which program, machine and device computed a batch, and when. */
#ifndef DG_PROVENANCE_H
#define DG_PROVENANCE_H

#include "host/archive/archive.h"
#include "host/base/json.h"
#include "host/config/tree.h"
#include "host/backends/devices.h"
#include "host/store/store.h"

/** How a batch was computed. */
typedef struct dg_provenance {
    const char *backend; /* "cpu" */
    const char *device;  /* "cuda:0 NVIDIA H100" */
    const char *vector;  /* "avx512"; "" on a GPU */
    int threads;
    char started[32]; /* dg_now() */
} dg_provenance;

/** The current time as ISO 8601 in UTC, cut to `size` bytes; returns `text`. */
const char *dg_now(char *text, size_t size);

/**
 * Append the section DG_PART_PROVENANCE, a JSON object: this program, this machine, `how`, and the
 * current time as `finished`.
 */
DG_MUST_CHECK dg_status dg_provenance_add(dg_archive_writer *writer, const dg_provenance *how);

/**
 * Read the section DG_PART_PROVENANCE.
 *
 * @param root  receives an object whose members are texts and numbers; it lives in `pool`
 * @return DG_OK; DG_ERR_IO: there is none, or it is something else; DG_ERR_MEMORY
 */
DG_MUST_CHECK dg_status dg_provenance_read(dg_node **root, dg_pool *pool,
                                           const dg_archive *archive);

/** As dg_provenance_read(), for its status. */
DG_MUST_CHECK dg_status dg_provenance_check(const dg_archive *archive);

/** What to say of an archive that has none that can be read; freed by the caller; NULL: no memory. */
char *dg_provenance_unknown(const dg_archive *archive);

/** Write the provenance of an archive as a member of a JSON object; nothing if it has none. */
void dg_provenance_put(dg_json *json, const char *key, const dg_archive *archive);

#endif
