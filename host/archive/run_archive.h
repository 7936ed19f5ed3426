/**
 * Runs in an archive: the sections of batches and checkpoints.
 *
 * The tag of a section is a dg_part. A run is a section DG_PART_HEAD and after it, with the same
 * index, the parts whose sizes the head states. A batch holds measures only; a checkpoint also
 * holds the state of unfinished runs.
 */
#ifndef DG_RUN_ARCHIVE_H
#define DG_RUN_ARCHIVE_H

#include "host/archive/archive.h"
#include "host/config/fingerprint.h"
#include "host/models/model.h"

/** Head of a run; the struct is written as it is. */
typedef struct dg_run_head {
    dg_fingerprint id;
    uint64_t hash;           /* of its state */
    int32_t status;          /* dg_run_status; DG_RUN_PLANNED: has not ended */
    int32_t generations;     /* finished recorded generations (dg_model.generations) */
    int64_t bytes[DG_PARTS]; /* size of each part; 0: the run does not have it */
} dg_run_head;

_Static_assert(sizeof(dg_run_head) == 16 + 8 + 8 + 8 * DG_PARTS, "no padding");

/** Append a run; part[p] has head->bytes[p] bytes. */
DG_MUST_CHECK dg_status dg_run_add(dg_archive_writer *writer, uint32_t index,
                                   const dg_run_head *head, const void *const part[DG_PARTS]);

/** Where a run is stored. */
typedef struct dg_run_place {
    dg_run_head head; /* first member: dg_fingerprint_compare() compares places, too */
    const dg_archive *archive;
    size_t section; /* index of the section of its head */
} dg_run_place;

/**
 * Find the runs of an archive that have all their sections; contents are not checked.
 *
 * @param places  [*count] array to append to, NULL at first; the caller frees it
 */
DG_MUST_CHECK dg_status dg_run_places(dg_run_place **places, size_t *count,
                                      const dg_archive *archive);

/** Read every section of a run and check its hash. DG_OK, or DG_ERR_IO with the damaged section. */
DG_MUST_CHECK dg_status dg_run_check(const dg_run_place *place);

/** Load a part into new memory, freed by the caller; NULL if the run does not have this part. */
DG_MUST_CHECK dg_status dg_run_part(const dg_run_place *place, dg_part part, void **out);

/**
 * As dg_run_part(), for a part that must have `expected` bytes.
 *
 * @return as dg_run_part(); DG_ERR_UNSUPPORTED: it has another size, as the build that wrote it
 *         records other measures or traces
 */
DG_MUST_CHECK dg_status dg_run_part_for(const dg_run_place *place, dg_part part, int64_t expected,
                                        void **out);

/** As dg_run_part_for(), into `to`, which has room for `expected` bytes. */
DG_MUST_CHECK dg_status dg_run_part_into(const dg_run_place *place, dg_part part, int64_t expected,
                                         void *to);

/** Append a copy of a run from another archive, without its state. */
DG_MUST_CHECK dg_status dg_run_copy(dg_archive_writer *writer, uint32_t index,
                                    const dg_run_place *place);

#endif
