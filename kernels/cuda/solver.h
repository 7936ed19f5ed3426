/** One group's solver as the kernels of evolution see it, and the launch that samples from it. */
#ifndef DG_SOLVER_CUDA_H
#define DG_SOLVER_CUDA_H

#include "kernels/cuda/block.h"
#include "kernels/science/evolve.h"

/** One group's solver on the device. */
typedef struct dg_solver_view {
    const dg_device_batch *b;
    const dg_group_shape *group;
    const dg_params *p;
    const dg_evolve_constants *c;
    int32_t run, index;
    int32_t generation; /* under way; -1: the run has ended */
    bool due;
} dg_solver_view;

DG_DEVICE dg_solver_view dg_solver_at(const dg_device_batch *b, int32_t run, int32_t g)
{
    dg_solver_view v;
    v.b = b;
    v.run = run;
    v.index = g;
    v.group = &b->shape.group[g];
    v.p = b->params + run;
    v.c = &v.p->group[g].evolve;
    v.generation = b->stage[run];
    v.due = v.generation >= 0 && dg_evolve_due(v.generation, v.p->group[g].evolve_period);
    return v;
}

/** A field of the run's state. Pointers are made where they are used: all of them take 200 instructions. */
#define DG_OF_RUN(v, name) dg_held((v).b, (v).run, (v).b->first.name)

/** Per solver and run: a place in arrays [runs][DG_MAX_GROUPS]. */
DG_DEVICE int32_t dg_solver_slot(const dg_solver_view &v)
{
    return v.run * DG_MAX_GROUPS + v.index;
}

/** New genotypes, base vectors and second layers of the agents whose solver is due; samples.cu */
cudaError_t dg_cuda_samples(const dg_device_batch *batch, cudaStream_t stream);

#endif
