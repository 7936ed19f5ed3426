/** The progress of a call as one line: plain text for a log, with a bar for a terminal. */
#ifndef DG_PROGRESS_LINE_H
#define DG_PROGRESS_LINE_H

#include "digico/digico.h"

/* size of a buffer that holds any of these lines */
#define DG_PROGRESS_LINE_BYTES 256

/** Completed share of the work, 0 ... 1; it is 1 once all runs have ended, also if early. */
double dg_progress_share(const dg_progress *progress);

/**
 * "61.2 %  49/80 runs  5.41 M agent-steps/s  0:12 elapsed, 0:08 left".
 *
 * @param rate  agent-steps per second, from dg_rate_now()
 * @return      a pointer into `text`
 */
const char *dg_progress_text(const dg_progress *progress, double rate, char *text, size_t size);

/**
 * The same after a bar, shorter than `columns`, so that no terminal wraps the line. In the bar, `=`
 * stands for the work of earlier calls and `#` for the work of this one. A narrow terminal gets a
 * shorter text.
 *
 * @param text  DG_PROGRESS_LINE_BYTES bytes; returned
 */
const char *dg_progress_line(const dg_progress *progress, double rate, int columns, char *text);

#endif
