/** What the program needs of the surroundings it was started in, before it does anything. */
#ifndef DG_STARTUP_H
#define DG_STARTUP_H

#include <stdbool.h>

/**
 * Open those of the descriptors 0, 1 and 2 that are closed: else the next file that is opened gets the
 * number, and what is meant for the terminal is written into a result. False: it cannot be done; prints why.
 */
bool dg_startup_descriptors(void);

/**
 * At the end, an output that could not be written is an error of every command, also of --help.
 * Signals of limits on files become errors of the calls that met them.
 */
void dg_startup_output(void);

/** Refuse stacks that are too small to compute or to read files with; prints why. */
bool dg_startup_stacks(void);

#endif
