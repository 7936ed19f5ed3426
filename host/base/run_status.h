/**
 * Status of a run: the same words in results.nc, JSON, CSV, provenance.json and C.
 */
#ifndef DG_RUN_STATUS_H
#define DG_RUN_STATUS_H

#include "digico/digico.h"

#include <stddef.h>
#include <stdint.h>

/** Code (stored in files: keep the order), word for files and programs, text for users. */
#define DG_RUN_STATUS_LIST(X)                                                                      \
    X(DG_RUN_PLANNED, "planned", "planned")        /* not ended: not started, or interrupted */    \
    X(DG_RUN_COMPLETED, "completed", "completed")  /* reached the last generation, all finite */   \
    X(DG_RUN_NONFINITE, "nonfinite", "not finite") /* ended because a number was not finite */     \
    X(DG_RUN_CONVERGED, "converged", "converged early") /* ended by early_stop.share, all finite */

typedef enum dg_run_status {
#define DG_RUN_STATUS_ENUM(code, word, text) code,
    DG_RUN_STATUS_LIST(DG_RUN_STATUS_ENUM)
#undef DG_RUN_STATUS_ENUM
        DG_RUN_STATUSES
} dg_run_status;

/** Word of a status for files and programs, and its text for users; static storage. */
const char *dg_run_status_word(dg_run_status status);
const char *dg_run_status_text(dg_run_status status);

/** Number of runs with each status. */
typedef struct dg_run_counts {
    size_t of[DG_RUN_STATUSES];
} dg_run_counts;

/** Count one run. An unknown status counts as planned, so that the run is computed again. */
static inline void dg_run_count(dg_run_counts *counts, int32_t status)
{
    counts->of[status > 0 && status < DG_RUN_STATUSES ? status : DG_RUN_PLANNED]++;
}

/** Number of runs that have ended: all but the planned ones. */
size_t dg_run_counts_ended(const dg_run_counts *counts);

/** Add the runs that have ended to the outcome of a call. */
void dg_outcome_add(dg_outcome *outcome, const dg_run_counts *counts);

#endif
