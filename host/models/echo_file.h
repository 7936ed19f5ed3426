/** Result files of the model `echo-chamber`: writing a run, and the numbers of a summary. */
#ifndef DG_ECHO_FILE_H
#define DG_ECHO_FILE_H

#include "host/models/model.h"

extern const dg_store_layout dg_echo_layout;

/** Write one run; dg_model.store, echo_file.c. */
DG_MUST_CHECK dg_status dg_echo_store(dg_store *store, const dg_kept_run *run);

/** Read the numbers of the last snapshots; dg_model.summarise, echo_summary.c. */
DG_MUST_CHECK dg_status dg_echo_summarise(const dg_results *results, dg_statistic statistic,
                                          dg_metric metric[DG_SUMMARY_METRICS]);

#endif
