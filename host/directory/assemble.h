/**
 * Writing results.nc from the batches, run by run in the order of the experiment: its bytes do not
 * depend on how, where, in how many batches or with how many interruptions the runs were computed.
 */
#ifndef DG_ASSEMBLE_H
#define DG_ASSEMBLE_H

#include "host/directory/session.h"

/** Count the runs of the experiment by status; runs that are in no batch count as planned. */
dg_run_counts dg_assembled_count(const dg_session *session);

/**
 * Is results.nc complete, intact, and of exactly this experiment? The batches are not needed.
 *
 * @param out      receives the counts of its runs if so, else is unchanged
 * @param options  a damaged result is reported to options->log; may be NULL
 */
bool dg_assembled_already(dg_run_counts *out, const dg_session *session, const dg_options *options);

typedef enum dg_result_age {
    DG_RESULT_UNKNOWN, /* provenance.json is missing or does not record it */
    DG_RESULT_OLD,     /* of a smaller sweep, or without runs that have ended since */
    DG_RESULT_NEW
} dg_result_age;

/**
 * Age of results.nc as provenance.json records it, without reading results.nc. File dates are less
 * reliable: the clocks of machines differ, and copying a directory changes them.
 *
 * @param id     [runs] fingerprints of the experiment's runs
 * @param ended  number of runs that have ended
 */
dg_result_age dg_result_recorded_age(const char *directory, const dg_experiment *experiment,
                                     const dg_fingerprint *id, size_t ended);

/**
 * Write results.nc and provenance.json, each atomically. Missing runs have the status `planned`.
 *
 * @return DG_OK; DG_ERR_IO: a batch is damaged or the disk is full, both files are unchanged;
 *         DG_ERR_UNSUPPORTED: a batch has parts of another size than this build; DG_ERR_MEMORY
 */
DG_MUST_CHECK dg_status dg_assemble(const dg_session *session);

#endif
