/** What the model `echo-chamber` puts into a result file, and what a summary reads of it; echo_file.c. */
#ifndef DG_ECHO_FILE_H
#define DG_ECHO_FILE_H

#include "host/models/model.h"

extern const dg_store_layout dg_echo_layout;

/** Write one run; dg_model.store. */
DG_MUST_CHECK dg_status dg_echo_store(dg_store *store, const dg_kept_run *run);

/** Numbers of the last snapshots; dg_model.summarise, echo_summary.c. */
DG_MUST_CHECK dg_status dg_echo_summarise(const dg_results *results, dg_statistic statistic,
                                          dg_metric metric[DG_SUMMARY_METRICS]);

#endif
