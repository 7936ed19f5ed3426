/** Sizes and options that all runs of a batch share, and sizes of the parts of a stored run. */
#ifndef DG_BATCH_SHAPE_H
#define DG_BATCH_SHAPE_H

#include "host/models/model.h"

/**
 * Shape, traced generations and use of cuBLAS of a run.
 *
 * @param how      threads and vector are used
 * @param shape    written
 * @param options  written; options->runs is 1
 */
void dg_batch_describe(const dg_config *config, const dg_options *how, dg_shape *shape,
                       dg_batch_options *options);

/** Bytes of a part of a run after this many generations; 0: runs of this batch do not have it. */
int64_t dg_batch_part_bytes(dg_part part, const dg_shape *shape, const dg_batch_options *options,
                            int32_t generations);

#endif
