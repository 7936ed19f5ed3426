/**
 * The start of a run: a function of its configuration and seed alone (MODEL.md, section 2).
 * Conditions that share a seed share their niche, coordinates, beliefs and weights.
 */
#ifndef DG_WORLD_H
#define DG_WORLD_H

#include "host/config/config.h"

/** A tessellation, shared by all runs with the same seed and `niche.*`. */
typedef struct dg_niche {
    int64_t dimensions, centroids;
    double *centroid; /* [centroids][dimensions], freed by dg_niche_free() */
} dg_niche;

/** What a tessellation is made of. */
typedef struct dg_niche_keys {
    uint64_t seed;
    int64_t points, dimensions, centroids, iterations;
} dg_niche_keys;

dg_niche_keys dg_niche_keys_of(const dg_config *config);

/** Order of keys; 0: the tessellation is the same. */
int dg_niche_compare(const dg_niche_keys *a, const dg_niche_keys *b);

/** Make the tessellation of these keys; free with dg_niche_free(). DG_ERR_MEMORY. */
DG_MUST_CHECK dg_status dg_niche_make(dg_niche *out, const dg_niche_keys *keys);

/** Free the centroids; accepts a zeroed niche. */
void dg_niche_free(dg_niche *niche);

/**
 * Find the niche of each agent: the index of its nearest centroid.
 *
 * @param niche     the tessellation of this configuration
 * @param of_agent  [agents] written
 * @return DG_OK or DG_ERR_MEMORY
 */
DG_MUST_CHECK dg_status dg_niche_assign(const dg_niche *niche, const dg_config *config,
                                        int32_t *of_agent);

/** C_i of an agent in niche k, without the bonus of its group (MODEL.md, section 2). */
double dg_niche_influence_of(const dg_niche *niche, int64_t k);

/**
 * Write a run's state at generation 0, except its first genotypes, which the backend samples.
 *
 * @param niche  the tessellation of this configuration
 * @param block  dg_state_bytes(shape) long, 64-byte aligned; all of it is written
 * @return DG_OK or DG_ERR_MEMORY
 */
DG_MUST_CHECK dg_status dg_world_begin(const dg_config *config, const dg_shape *shape,
                                       const dg_params *params, const dg_niche *niche, void *block);

#endif
