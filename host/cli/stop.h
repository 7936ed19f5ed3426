/** Signals that request a stop of a command that has something to bring to an end, such as files to write. */
#ifndef DG_STOP_H
#define DG_STOP_H

#include <stdbool.h>

/**
 * From now on the signals SIGINT, SIGTERM, SIGHUP, SIGUSR1 and SIGXCPU set the flag of a stop, and say so on
 * stderr; who reads messages or a log no more does not end the program (SIGPIPE). Signals that were ignored at the
 * start, as by nohup, stay ignored.
 *
 * @param quiet  say nothing
 * @param what   what is said to be done, such as "saving and stopping"
 * @param cost   what a second Ctrl-C costs, such as ", without saving"
 */
void dg_stop_catch(bool quiet, const char *what, const char *cost);

/** From now on these signals end the program again. */
void dg_stop_release(void);

/** Not 0 once a stop was requested. */
const volatile int *dg_stop_flag(void);

/** Request a stop as a signal does, but say nothing: from now on no message waits for its reader. */
void dg_stop_request(void);

#endif
