/**
 * The manifest of a result directory: the experiment that is computed there.
 *
 * DIR/manifest.digico stores the text of the experiment and its overrides as they were read. It is
 * written before anything else. A later call is accepted if its experiment has every run of the
 * manifest's; it may have more.
 */
#ifndef DG_MANIFEST_H
#define DG_MANIFEST_H

#include "host/config/config.h"

#define DG_MANIFEST_NAME "manifest.digico"

/** Version and commit of this program, "0.1.0 d376c2e"; one sweep is one build. Static storage. */
const char *dg_manifest_build(void);

/** Is dg_manifest_build() of another program surely that of the sources of this one? */
bool dg_manifest_is_ours(const char *build);

/** Write DIR/manifest.digico atomically. DG_ERR_IO or DG_ERR_MEMORY. */
DG_MUST_CHECK dg_status dg_manifest_write(const char *directory, const dg_experiment *experiment);

/**
 * Read a manifest and expand its experiment.
 *
 * @param out    receives the experiment, freed by the caller with dg_experiment_free()
 * @param build  receives dg_manifest_build() of the program that wrote it, freed by the caller
 * @return DG_OK; DG_ERR_ARGUMENT: there is no manifest, or it is of another model version;
 *         DG_ERR_IO: damaged; DG_ERR_CONFIG: it has a key or value that this program does not
 *         accept; DG_ERR_MEMORY
 */
DG_MUST_CHECK dg_status dg_manifest_read(dg_experiment **out, char **build, const char *directory);

/**
 * The keys in which two experiments differ, "contagion.factor: stored 1, given [2, 3]; seed: ...",
 * cut to `size` bytes with the terminator; returns `text`. manifest_difference.c
 *
 * @param stored  experiment of the manifest
 * @param given   experiment of the call
 */
const char *dg_manifest_difference(const dg_experiment *stored, const dg_experiment *given,
                                   char *text, size_t size);

#endif
