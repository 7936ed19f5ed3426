/** Sizes and options of a batch from a configuration; see batch_shape.h. */
#include "host/models/batch_shape.h"

#include "host/models/world.h"

#include <string.h>

void dg_batch_describe(const dg_config *config, const dg_options *how, dg_shape *shape,
                       dg_batch_options *options)
{
    dg_config_shape(config, shape);
    memset(options, 0, sizeof *options);
    options->runs = 1;
    options->threads = how->threads;
    options->vector = how->vector;
    options->cublas = config->policy_forward == DG_FORWARD_CUBLAS;
    if (!config->output_agents) return;
    options->trace_first = (int32_t)config->output_first;
    options->trace_last = (int32_t)config->output_last;
    options->trace_every = (int32_t)config->output_every;
}

/* shapes are compared with memcmp(): they must not have padding */
_Static_assert(sizeof(dg_group_shape) == 8 * sizeof(int32_t) + 2 * sizeof(int64_t), "no padding");
_Static_assert(sizeof(dg_shape) == 10 * sizeof(int32_t) + 2 * sizeof(int64_t) +
                                       DG_MAX_GROUPS * sizeof(dg_group_shape),
               "no padding");

int64_t dg_batch_part_bytes(dg_part part, const dg_shape *shape, const dg_batch_options *options,
                            int32_t generations)
{
    switch (part) {
    case DG_PART_STATE: return dg_state_bytes(shape);
    case DG_PART_RECORDS: return generations * dg_record_words(shape) * (int64_t)sizeof(int64_t);
    case DG_PART_TRACE: return dg_trace_words(shape, options) * (int64_t)sizeof(int16_t);
    case DG_PART_HEAD:
    case DG_PART_PACKED:
    case DG_PARTS:
    case DG_PART_PROVENANCE: break;
    }
    return 0;
}
