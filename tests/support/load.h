/** Experiments from YAML text, for tests. */
#ifndef DG_TEST_LOAD_H
#define DG_TEST_LOAD_H

#include "host/config/config.h"

/** Parse as file a.yaml with up to two overrides (NULL: none); fails the test if it is refused. */
dg_experiment *load_text(const char *yaml, const char *first, const char *second);

/** A run's configuration, as a pointer that is valid within the block it stands in. */
#define RUN_CONFIG(experiment, run) ((const dg_config[]){dg_run_config(experiment, run)})

/** The error message of the same call; fails the test if the text is accepted. */
const char *load_refusal(const char *yaml, const char *first, const char *second);

/** Value of a key in a run, as YAML; valid until the next call. */
const char *load_value(const dg_experiment *experiment, size_t run, const char *key);

/** Values of a key over all runs, separated by blanks; valid until the next call. */
const char *load_values(const dg_experiment *experiment, const char *key);

#endif
