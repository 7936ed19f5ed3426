/**
 * The start of a run: a function of its configuration and seed alone (MODEL.md, section 2).
 * Conditions that share a seed share their niche, coordinates, beliefs and weights.
 */
#ifndef DG_WORLD_H
#define DG_WORLD_H

#include "host/config.h"

/** A tessellation, kept while consecutive runs share it. Zero-initialise; free with dg_niche_free. */
typedef struct dg_niche {
    uint64_t seed;
    int64_t points, dimensions, centroids, iterations;
    double *centroid; /* [centroids][dimensions]; NULL: none yet */
} dg_niche;

/** Free the centroids; accepts a zeroed niche. */
void dg_niche_free(dg_niche *niche);

/**
 * Fill in a run's state at generation 0, but for its first genotypes, which the backend samples.
 *
 * @param niche  reused if it fits this configuration, else made anew
 * @param block  dg_state_bytes(shape), 64-byte aligned, written whole
 * @return DG_OK or DG_ERR_MEMORY
 */
DG_MUST_CHECK dg_status dg_world_begin(const dg_config *config, const dg_shape *shape,
                                       const dg_params *params, dg_niche *niche, void *block);

#endif
