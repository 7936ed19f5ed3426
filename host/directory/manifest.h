/**
 * What a result directory is for: the experiment that is computed there, kept as it was read.
 *
 * DIR/manifest.digico is written before anything else. A later call must plan every run that the
 * manifest plans: then it may go on, and add runs of its own.
 */
#ifndef DG_MANIFEST_H
#define DG_MANIFEST_H

#include "host/config/config.h"

#define DG_MANIFEST_NAME "manifest.digico"

/** Version and commit, "0.1.0 d376c2e": what must be the same for one sweep; static storage. */
const char *dg_manifest_build(void);

DG_MUST_CHECK dg_status dg_manifest_write(const char *directory, const dg_experiment *experiment);

/**
 * Read a manifest and expand its experiment anew.
 *
 * @param build  receives the build that wrote it, freed by the caller
 * @return DG_OK; DG_ERR_ARGUMENT: none there; DG_ERR_IO: damaged; DG_ERR_UNSUPPORTED: of another model version;
 *         DG_ERR_CONFIG: this program does not read its keys any more
 */
DG_MUST_CHECK dg_status dg_manifest_read(dg_experiment **out, char **build, const char *directory);

/**
 * Keys in which two experiments differ, "contagion.factor: 1 there, 2 here; seed: ...", at most `size`
 * bytes with the terminator; returns `text`. manifest_difference.c
 */
const char *dg_manifest_difference(const dg_experiment *there, const dg_experiment *here,
                                   char *text, size_t size);

#endif
