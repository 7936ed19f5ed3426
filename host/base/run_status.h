/**
 * What becomes of a run: one vocabulary for results.nc, JSON, CSV, provenance and C.
 */
#ifndef DG_RUN_STATUS_H
#define DG_RUN_STATUS_H

#include "digico/digico.h"

#include <stddef.h>
#include <stdint.h>

/** Code (stored: the order stays), word for files and programs, text for people. */
#define DG_RUN_STATUS_LIST(X)                                                                      \
    X(DG_RUN_PLANNED, "planned", "planned")        /* has not ended: stopped or never begun */     \
    X(DG_RUN_COMPLETED, "completed", "completed")  /* reached the last generation, all finite */   \
    X(DG_RUN_NONFINITE, "nonfinite", "not finite") /* met a number that is not finite; ended */    \
    X(DG_RUN_CONVERGED, "converged", "converged early") /* ended by early_stop.share, all finite */

typedef enum dg_run_status {
#define DG_RUN_STATUS_ENUM(code, word, text) code,
    DG_RUN_STATUS_LIST(DG_RUN_STATUS_ENUM)
#undef DG_RUN_STATUS_ENUM
        DG_RUN_STATUSES
} dg_run_status;

/** Word of a status for files and programs, and for people; static storage. */
const char *dg_run_status_word(dg_run_status status);
const char *dg_run_status_text(dg_run_status status);

/** Runs by what became of them. */
typedef struct dg_run_counts {
    size_t of[DG_RUN_STATUSES];
} dg_run_counts;

/** Count one run. A status that this program does not know counts as planned: such a run is computed anew. */
static inline void dg_run_count(dg_run_counts *counts, int32_t status)
{
    counts->of[status > 0 && status < DG_RUN_STATUSES ? status : DG_RUN_PLANNED]++;
}

/** Runs that have ended, however: all but the planned ones. */
size_t dg_run_counts_ended(const dg_run_counts *counts);

/** Add runs that have ended to what a call reports. */
void dg_outcome_add(dg_outcome *outcome, const dg_run_counts *counts);

#endif
