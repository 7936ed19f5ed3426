/** Writes result files without the engine: for any model, and echo-chamber runs from arrays. */
#ifndef KEPT_H
#define KEPT_H

#include "host/models/echo_pack.h"
#include "host/models/model.h"

/** dg_store_begin() with the layout of the experiment's model. */
dg_status kept_begin(dg_store **out, const dg_experiment *experiment, const char *folder);

/** Pack copies of these arrays into the run; the caller frees the returned memory with free(). */
void *kept_echo(dg_kept_run *run, const dg_echo_arrays *arrays);

#endif
