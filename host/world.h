/**
 * The start of a run: a function of its configuration and seed alone (MODEL.md, section 2).
 * Conditions that share a seed share their niche, coordinates, beliefs and weights.
 */
#ifndef DG_WORLD_H
#define DG_WORLD_H

#include "host/config.h"

/** A tessellation, shared by all runs that agree on what made it. */
typedef struct dg_niche {
    uint64_t seed;
    int64_t points, dimensions, centroids, iterations;
    double *centroid; /* [centroids][dimensions], owned */
} dg_niche;

/** Does a niche serve a run? Only the seed and the keys `niche.*` matter. */
bool dg_niche_fits(const dg_niche *niche, const dg_config *config);

/** Tessellate; free with dg_niche_free(). */
DG_MUST_CHECK dg_status dg_niche_make(dg_niche *out, const dg_config *config);

/** Free the centroids; accepts a zeroed niche. */
void dg_niche_free(dg_niche *niche);

/**
 * Fill in a run's state at generation 0, but for its first genotypes, which the backend samples.
 *
 * @param niche  one that fits this configuration
 * @param block  dg_state_bytes(shape), 64-byte aligned, written whole
 * @return DG_OK or DG_ERR_MEMORY
 */
DG_MUST_CHECK dg_status dg_world_begin(const dg_config *config, const dg_shape *shape,
                                       const dg_params *params, const dg_niche *niche, void *block);

#endif
