#include "tests/support/kept.h"

#include <stdlib.h>
#include <string.h>

dg_status kept_begin(dg_store **out, const dg_experiment *experiment, const char *folder)
{
    return dg_store_begin(out, experiment, dg_model_of_experiment(experiment)->layout, folder);
}

void *kept_echo(dg_kept_run *run, const dg_echo_arrays *from)
{
    const size_t A = (size_t)from->agents, S = (size_t)from->snapshots;
    dg_echo_arrays to;
    run->packed_bytes = dg_echo_packed_bytes(from->agents, from->snapshots);
    void *packed = malloc((size_t)run->packed_bytes);
    if (!packed) abort();
    dg_echo_pack(&to, packed, from->agents, from->snapshots);
    memcpy(to.step, from->step, S * sizeof *to.step);
    memcpy(to.utility, from->utility, S * sizeof *to.utility);
    memcpy(to.deviation, from->deviation, S * sizeof *to.deviation);
    memcpy(to.belief, from->belief, S * A * sizeof *to.belief);
    memcpy(to.evidence, from->evidence, A * sizeof *to.evidence);
    memcpy(to.initial, from->initial, A * sizeof *to.initial);
    run->packed = packed;
    return packed;
}
