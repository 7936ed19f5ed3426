/**
 * The result file: netCDF-4, one per experiment, filled run by run and renamed when whole.
 *
 * Reading it needs nothing of ours: dimensions run, generation, group, belief (step, agent, niche and
 * recorded_generation where per-agent output is asked), a coordinate per swept key, units and long
 * names, version and configuration as attributes. Its bytes depend on the experiment, this program and
 * its libraries, and on the order in which runs are written; on no clock and no machine.
 */
#ifndef DG_STORE_H
#define DG_STORE_H

#include "host/base/run_status.h"
#include "host/config/config.h"
#include "kernels/backend.h"

/** Name of the file within its directory; ".part" follows it until the file is whole. */
#define DG_RESULT_NAME "results.nc"

typedef struct dg_store dg_store;

/** A finished `digico` run, borrowed for the length of one call. */
typedef struct dg_run_result {
    size_t run; /* index within the experiment */
    dg_run_status status;
    int32_t generations; /* finished ones; records beyond are not read */
    uint64_t hash;       /* of the final state */
    const dg_shape *shape;
    const int64_t *records;         /* [generations][dg_record_words] */
    const int16_t *trace;           /* dg_backend.trace, or NULL */
    const dg_batch_options *traced; /* which generations `trace` holds; NULL if none */
} dg_run_result;

/** A finished echo-chamber run, borrowed for the length of one call. */
typedef struct dg_echo_result {
    size_t run;
    dg_run_status status;
    uint64_t hash;
    int32_t agents;
    int32_t snapshots;
    const int64_t *step;     /* [snapshots] steps done */
    const float *belief;     /* [snapshots][agents] */
    const float *evidence;   /* [agents] */
    const float *initial;    /* [agents] b_i(0) */
    const double *utility;   /* [snapshots] mean over agents, taken before the step's update */
    const double *deviation; /* [snapshots] largest |belief - closed form|, nan: has none */
} dg_echo_result;

/**
 * Begin `directory`/results.nc under a temporary name beside it. The directory is there, and nobody else
 * writes into it (directory_lock.h); a temporary file that a crash left behind is replaced.
 *
 * @param experiment  borrowed until dg_store_finish()
 * @return DG_OK, or DG_ERR_IO (no space; no permission)
 */
DG_MUST_CHECK dg_status dg_store_begin(dg_store **out, const dg_experiment *experiment,
                                       const char *directory);

/** Write one run of a `digico` experiment. Not thread-safe: netCDF is not. */
DG_MUST_CHECK dg_status dg_store_run(dg_store *store, const dg_run_result *result);

/** Write one run of an `echo-chamber` experiment. */
DG_MUST_CHECK dg_status dg_store_echo(dg_store *store, const dg_echo_result *result);

/**
 * Close, sync to disk and rename into place; frees the store in every case. A whole file that cannot be
 * renamed is removed: what it was made of is still there.
 */
DG_MUST_CHECK dg_status dg_store_finish(dg_store **store);

/** Remove the temporary file and free the store; accepts NULL inside. */
void dg_store_abandon(dg_store **store);

#endif
