/** What a batch on a backend must agree on, from a configuration: sizes, trace, cuBLAS; and parts of its runs. */
#ifndef DG_BATCH_SHAPE_H
#define DG_BATCH_SHAPE_H

#include "host/models/model.h"

/** Shape, trace and cuBLAS of one run; options->runs is 1, threads and vector come from `how`. */
void dg_batch_describe(const dg_config *config, const dg_options *how, dg_shape *shape,
                       dg_batch_options *options);

/** Bytes of a part of a run that this program keeps after so many generations; 0: none. */
int64_t dg_batch_part_bytes(dg_part part, const dg_shape *shape, const dg_batch_options *options,
                            int32_t generations);

#endif
