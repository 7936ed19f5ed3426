/** Result files written by hand: a file for an experiment's model, and echo-chamber runs from plain arrays. */
#ifndef KEPT_H
#define KEPT_H

#include "host/models/echo_pack.h"
#include "host/models/model.h"

/** dg_store_begin() with the layout of the experiment's model. */
dg_status kept_begin(dg_store **out, const dg_experiment *experiment, const char *folder);

/** Pack copies of these arrays as the run's; freed by the caller with free(). */
void *kept_echo(dg_kept_run *run, const dg_echo_arrays *arrays);

#endif
