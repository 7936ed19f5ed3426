/**
 * The result file: netCDF-4, one per experiment, filled run by run and renamed when whole.
 *
 * Reading it needs nothing of ours: named dimensions, a coordinate per swept key, units and long names,
 * version and configuration as attributes. Its bytes depend on the experiment, this program and its
 * libraries, and on the order in which runs are written; on no clock and no machine.
 *
 * This floor knows runs, swept keys and outcomes. What else a run has is the model's: it hands in a
 * dg_store_layout and writes with writer.h.
 */
#ifndef DG_STORE_H
#define DG_STORE_H

#include "host/base/run_status.h"
#include "host/config/config.h"

/** Name of the file within its directory; ".part" follows it until the file is whole. */
#define DG_RESULT_NAME "results.nc"

typedef struct dg_store dg_store;

/** What a model puts into the file. All entries are given but where they may be NULL. */
typedef struct dg_store_layout {
    const char *model; /* attribute `model` */
    const char *title; /* attribute `title` */

    /** Set the lengths of the model's dimensions; DG_ERR_UNSUPPORTED: the file cannot hold it. */
    dg_status (*measure)(dg_store *store);

    /** Define its variables and write what is known before any run. */
    dg_status (*define)(dg_store *store);

    /** Free what the two have kept in store->own; NULL: nothing. */
    void (*release)(dg_store *store);

    /** Which runs other machines do not repeat byte for byte, static text; NULL, also returned: none. */
    const char *(*differs)(const dg_experiment *experiment);
} dg_store_layout;

/** Outcome of one run, of any model. */
typedef struct dg_run_outcome {
    size_t run; /* index within the experiment */
    dg_run_status status;
    int32_t generations; /* finished ones; written where the file has that dimension */
    uint64_t hash;       /* of the final state */
} dg_run_outcome;

/**
 * Begin `directory`/results.nc under a temporary name beside it. The directory is there, and nobody else
 * writes into it (host/directory/lock.h); a temporary file that a crash left behind is replaced.
 *
 * @param experiment  borrowed until dg_store_finish()
 * @param layout      borrowed as long
 * @return DG_OK, DG_ERR_IO (no space; no permission), DG_ERR_UNSUPPORTED (layout->measure)
 */
DG_MUST_CHECK dg_status dg_store_begin(dg_store **out, const dg_experiment *experiment,
                                       const dg_store_layout *layout, const char *directory);

/**
 * Close, sync to disk and rename into place; frees the store in every case. A whole file that cannot be
 * renamed is removed: what it was made of is still there.
 */
DG_MUST_CHECK dg_status dg_store_finish(dg_store **store);

/** Remove the temporary file and free the store; accepts NULL inside. */
void dg_store_abandon(dg_store **store);

#endif
