/** How far a call has come, as one line: plain for a log, with a bar for a terminal. */
#ifndef DG_PROGRESS_LINE_H
#define DG_PROGRESS_LINE_H

#include "digico/digico.h"

/* bytes that any line of either kind fits into */
#define DG_PROGRESS_LINE_BYTES 256

/** Part of the work that is done, 0 ... 1. Runs may end early: once all have, it is 1. */
double dg_progress_share(const dg_progress *progress);

/** "61.2 %  49/80 runs  5.41 M agent-steps/s  0:12 elapsed, 0:08 left"; returns a place in `text`. */
const char *dg_progress_text(const dg_progress *progress, double rate, char *text, size_t size);

/**
 * The same behind a bar, some characters short of `columns`, so that no terminal wraps it. In the bar `=` is
 * what earlier calls have done, `#` what this one has. A narrow terminal is told less.
 *
 * @param text  DG_PROGRESS_LINE_BYTES; returned
 */
const char *dg_progress_line(const dg_progress *progress, double rate, int columns, char *text);

#endif
