/**
 * What tells runs apart: 128 bits of all that a run is computed from, the model version and the keys
 * that differ from its defaults (dg_config_write_identity). A key that is added changes no fingerprint.
 *
 * Two runs of one fingerprint have the same result, whatever sweep they stand in, in whatever place and
 * under whatever name of their condition: so a sweep that grows finds again what it has.
 */
#ifndef DG_FINGERPRINT_H
#define DG_FINGERPRINT_H

#include "host/config/config.h"

typedef struct dg_fingerprint {
    uint64_t word[2];
} dg_fingerprint;

/** Of one effective configuration. DG_ERR_MEMORY. */
DG_MUST_CHECK dg_status dg_fingerprint_of(dg_fingerprint *out, const dg_config *config);

/** Of every run of an experiment, [runs], freed by the caller. DG_ERR_MEMORY. */
DG_MUST_CHECK dg_status dg_fingerprints_of(dg_fingerprint **out, const dg_experiment *experiment);

/* ---- several --------------------------------------------------------------------------------- */

/** Of several runs in this order: the name of their batch. */
uint64_t dg_fingerprints_hash(const dg_fingerprint *run, size_t count);

/** A sorted copy, freed by the caller; NULL if out of memory. */
dg_fingerprint *dg_fingerprints_sorted(const dg_fingerprint *id, size_t count);

/** Order of fingerprints, as qsort() wants it; both point to a struct that begins with one. */
int dg_fingerprint_compare(const void *a, const void *b);

#endif
