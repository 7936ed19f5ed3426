/**
 * Runs within an archive: what a batch of finished runs and a checkpoint consist of.
 *
 * Tags of sections are a dg_part. Each run is a section of DG_PART_HEAD and after it, with the same index, the parts whose sizes the
 * head tells. A batch holds measures alone, a checkpoint the state of runs that have not ended, too.
 */
#ifndef DG_RUN_ARCHIVE_H
#define DG_RUN_ARCHIVE_H

#include "host/directory/archive.h"
#include "host/config/fingerprint.h"
#include "host/models/model.h"

/** Of one run; stored as it lies in memory. */
typedef struct dg_run_head {
    dg_fingerprint id;
    uint64_t hash;           /* of its state */
    int32_t status;          /* dg_run_status; DG_RUN_PLANNED: has not ended */
    int32_t generations;     /* recorded ones that are finished (dg_model.generations) */
    int64_t bytes[DG_PARTS]; /* of each part, 0: none */
} dg_run_head;

_Static_assert(sizeof(dg_run_head) == 16 + 8 + 8 + 8 * DG_PARTS, "no padding");

/** Append a run; `part[p]` of head->bytes[p] bytes each. */
DG_MUST_CHECK dg_status dg_run_add(dg_archive_writer *writer, uint32_t index,
                                   const dg_run_head *head, const void *const part[DG_PARTS]);

/** Where a run lies. */
typedef struct dg_run_place {
    dg_run_head head; /* first: places are sorted by fingerprint */
    const dg_archive *archive;
    size_t section; /* of its head */
} dg_run_place;

/** Find the runs of an archive whose sections are all there; appends to a growing array. */
DG_MUST_CHECK dg_status dg_run_places(dg_run_place **places, size_t *count,
                                      const dg_archive *archive);

/** Read every section of a run and compare checksums: DG_OK, or DG_ERR_IO that names the damage. */
DG_MUST_CHECK dg_status dg_run_check(const dg_run_place *place);

/** A part in new memory, freed by the caller; NULL if the run has none of it. */
DG_MUST_CHECK dg_status dg_run_part(const dg_run_place *place, dg_part part, void **out);

/**
 * A part of a run, like dg_run_part(), that must have these many bytes.
 *
 * @return DG_ERR_UNSUPPORTED, too: of another size, so another build keeps other measures or traces
 */
DG_MUST_CHECK dg_status dg_run_part_for(const dg_run_place *place, dg_part part, int64_t expected,
                                        void **out);

/** Append a run as it stands elsewhere, without its state. */
DG_MUST_CHECK dg_status dg_run_copy(dg_archive_writer *writer, uint32_t index,
                                    const dg_run_place *place);

#endif
