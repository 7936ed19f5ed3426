/**
 * Writing the result file: netCDF-4, one per experiment, written run by run and renamed when
 * complete.
 *
 * Any netCDF reader can use it: it has named dimensions, a coordinate for each swept key, units and
 * long names, and version and configuration as attributes. Its bytes depend on the experiment, this
 * program and its libraries, and the order in which runs are written; not on time or machine.
 *
 * This folder writes runs, swept keys and outcomes. All other variables of a run are the model's:
 * it passes a dg_store_layout and writes with the functions of writer.h.
 */
#ifndef DG_STORE_H
#define DG_STORE_H

#include "host/base/run_status.h"
#include "host/config/config.h"

/** Name of the file in its directory; ".part" is appended until the file is complete. */
#define DG_RESULT_NAME "results.nc"

/** Name of the file beside it that records its hash, and who computed it (assemble.h). */
#define DG_PROVENANCE_NAME "provenance.json"

typedef struct dg_store dg_store;

/** The model's part of the file. Entries must be set unless NULL is mentioned. */
typedef struct dg_store_layout {
    const char *model; /* attribute `model` */
    const char *title; /* attribute `title` */

    /** Set the lengths of the model's dimensions. DG_ERR_UNSUPPORTED: too large for the format. */
    dg_status (*measure)(dg_store *store);

    /** Define the model's variables; write those that do not depend on results of runs. */
    dg_status (*define)(dg_store *store);

    /** Write what only all runs together tell, after the last one; NULL: there is nothing. */
    dg_status (*finish)(dg_store *store);

    /** Free store->model_data, set by the two functions above; NULL: there is nothing to free. */
    void (*release)(dg_store *store);

    /**
     * Static text of the attribute `same_everywhere` if some runs do not give the same bytes on
     * every machine, else NULL. The entry may be NULL: all runs do.
     */
    const char *(*differs)(const dg_experiment *experiment);
} dg_store_layout;

/** Outcome of one run, of any model. */
typedef struct dg_run_outcome {
    size_t run; /* index in the experiment */
    dg_run_status status;
    int32_t generations; /* number finished; stored if the file has the dimension `generation` */
    uint64_t hash;       /* of the final state */
} dg_run_outcome;

/**
 * Create the file `directory`/results.nc under a temporary name. The directory must exist, and no
 * other process may write into it (host/directory/lock.h). A temporary file of a killed process is
 * replaced.
 *
 * @param out         receives the store; dg_store_finish() or dg_store_abandon() frees it
 * @param experiment  borrowed until then
 * @param layout      borrowed until then
 * @return DG_OK, DG_ERR_IO (no space, no permission), DG_ERR_UNSUPPORTED (from layout->measure),
 *         DG_ERR_MEMORY
 */
DG_MUST_CHECK dg_status dg_store_begin(dg_store **out, const dg_experiment *experiment,
                                       const dg_store_layout *layout, const char *directory);

/**
 * Close the file, sync it to disk and hash it. It keeps its temporary name; only dg_store_finish()
 * or dg_store_abandon() may follow.
 */
DG_MUST_CHECK dg_status dg_store_seal(dg_store *store, uint64_t *hash, int64_t *bytes);

/**
 * Close the file, sync it to disk and rename it; always frees the store. After a failure the
 * temporary file is removed: it can be written again from the batches.
 */
DG_MUST_CHECK dg_status dg_store_finish(dg_store **store);

/** Remove the temporary file and free the store; *store may be NULL. */
void dg_store_abandon(dg_store **store);

#endif
