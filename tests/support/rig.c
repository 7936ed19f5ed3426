/** One solver without a model; see rig.h. */
#include "rig.h"

#include "kernels/cpu/lanes.h"
#include "kernels/cpu/schedule.h"
#include "kernels/cpu/workspace.h"

#include <stdlib.h>

rig rig_begin(uint64_t seed, int32_t size, int32_t hidden, int32_t variant, int32_t sampling)
{
    rig r;
    const int64_t sizes[] = {size};
    dg_config c = fixture_config(seed);
    fixture_groups(&c, 1, sizes, 0);
    c.values = 2;
    c.diversity_every = 0;
    c.group[0].hidden = hidden;
    c.group[0].observation_capacity = 1;
    c.variant = variant;
    c.sampling = sampling;
    r.run = fixture_begin(&c);
    r.workspace = fixture_memory(dg_workspace_bytes(&r.run.shape));
    r.record = fixture_memory(dg_record_words(&r.run.shape) * (int64_t)sizeof *r.record);
    r.generation = 0;
    r.size = size;
    r.n = r.run.shape.group[0].parameters;
    return r;
}

static dg_run_cpu view_of(const rig *r)
{
    const dg_run_cpu view = {.shape = &r->run.shape,
                             .params = &r->run.params,
                             .state = r->run.state,
                             .workspace = r->workspace,
                             .generation = r->generation,
                             .record = r->record};
    return view;
}

void rig_sample(rig *r)
{
    const dg_run_cpu view = view_of(r);
    DG_VECTORED(dg_evolve_begin)(&view);
}

const float *rig_genotype(const rig *r, int32_t k)
{
    const dg_group_shape *group = &r->run.shape.group[0];
    return r->run.state.genotype + group->genotype + (int64_t)k * group->stride;
}

void rig_evolve(rig *r, const double *fitness)
{
    /* the fitness consists of views only: one for every sample that is worse */
    for (int32_t k = 0; k < r->size; k++) {
        r->run.state.views[k] = r->run.state.penalty[k] = 0;
        for (int32_t l = 0; l < r->size; l++) r->run.state.views[k] += fitness[l] < fitness[k];
    }
    const dg_run_cpu view = view_of(r);
    DG_VECTORED(dg_evolve)(&view);
    r->generation++;
}

void rig_end(rig *r)
{
    fixture_free(&r->run);
    free(r->workspace);
    free(r->record);
}
