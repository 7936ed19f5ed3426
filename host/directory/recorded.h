/**
 * What provenance.json records of the result that stands in a directory.
 */
#ifndef DG_RECORDED_H
#define DG_RECORDED_H

#include "host/directory/session.h"

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

/** Does provenance.json state that results.nc is of exactly this experiment, by any build? */
bool dg_recorded_as_of(const char *directory, const dg_experiment *experiment,
                       const dg_fingerprint *id);

/**
 * *out: dg_manifest_build() of the program that wrote results.nc, freed by the caller; NULL: there is
 * no result, or it is not recorded. DG_OK or DG_ERR_MEMORY.
 */
DG_MUST_CHECK dg_status dg_recorded_build(char **out, const char *directory);

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
