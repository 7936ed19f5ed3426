/**
 * Runs within an archive: what a batch of finished runs and a checkpoint consist of.
 *
 * Each run is a section of DG_PART_HEAD and after it, with the same index, the parts whose sizes the
 * head tells. A batch holds measures alone, a checkpoint the state of runs that have not ended, too.
 */
#ifndef DG_RUN_ARCHIVE_H
#define DG_RUN_ARCHIVE_H

#include "host/directory/archive.h"
#include "host/config/fingerprint.h"
#include "host/store/store.h"

/** Tags of sections; stored, so numbers stay. */
typedef enum dg_part {
    DG_PART_HEAD = 1,
    DG_PART_STATE = 2,   /* dg_state_bytes, not packed: random numbers do not shrink */
    DG_PART_RECORDS = 3, /* [generations][dg_record_words] */
    DG_PART_TRACE = 4,   /* dg_trace_words of int16 */
    DG_PART_ECHO = 5,    /* what store_echo.c makes of a dg_echo_result */
    DG_PARTS = 6,
    DG_PART_PROVENANCE = 16 /* index 0: who computed these runs, a JSON object */
} dg_part;

/** Of one run; stored as it lies in memory. */
typedef struct dg_run_head {
    dg_fingerprint id;
    uint64_t hash;           /* of its state */
    int32_t status;          /* dg_run_status; DG_RUN_PLANNED: has not ended */
    int32_t generations;     /* finished; echo-chamber: snapshots */
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

/** Bytes of a part of a `digico` run that this program keeps after so many generations. */
int64_t dg_run_bytes(dg_part part, const dg_shape *shape, const dg_batch_options *options,
                     int32_t generations);

/**
 * A part of a `digico` run of this shape, like dg_run_part().
 *
 * @return DG_ERR_UNSUPPORTED, too: of another size than dg_run_bytes(), so another build keeps other
 *         measures or traces
 */
DG_MUST_CHECK dg_status dg_run_part_for(const dg_run_place *place, dg_part part,
                                        const dg_shape *shape, const dg_batch_options *options,
                                        void **out);

/** Append a run as it stands elsewhere, without its state. */
DG_MUST_CHECK dg_status dg_run_copy(dg_archive_writer *writer, uint32_t index,
                                    const dg_run_place *place);

#endif
