/**
 * The result that stands in a directory: what provenance.json records of it, and whether it is one
 * of the session's experiment.
 */
#ifndef DG_RECORDED_H
#define DG_RECORDED_H

#include "host/directory/session.h"

/** Appended to the name of a result of another experiment that a new one replaces. */
#define DG_REPLACED ".replaced"

/** Hash of an experiment: its runs in order, name and text of its file, and the build. */
uint64_t dg_recorded_experiment_hash(const dg_experiment *experiment, const dg_fingerprint *id,
                                     const char *build);

/**
 * Is results.nc complete, intact, and of exactly this experiment? The batches are not needed.
 *
 * @param out      receives the counts of its runs if so, else is unchanged
 * @param options  a damaged result is reported to options->log; may be NULL
 */
bool dg_assembled_already(dg_run_counts *out, const dg_session *session, const dg_options *options);

/**
 * Refuse to compute where that would replace a result that nothing here can make again: results.nc
 * is damaged or has runs of another experiment, and no batch has a run of this one.
 *
 * @return DG_OK, DG_ERR_ARGUMENT or DG_ERR_MEMORY
 */
DG_MUST_CHECK dg_status dg_recorded_check(const dg_session *session);

/**
 * Before results.nc is replaced: if it is damaged, has runs of another experiment, or its hash is not
 * recorded, rename it to results.nc.replaced, or a name with a number that no file has.
 *
 * @param written  hash of the new file: equal bytes are not kept
 * @param options  log and user are used; may be NULL
 */
DG_MUST_CHECK dg_status dg_recorded_keep_other(const dg_session *session, uint64_t written,
                                               const dg_options *options);

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

#endif
