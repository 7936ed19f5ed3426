/** Rows of an agent between the state in global memory and the shared memory of a packed run. */
#ifndef DG_ROWS_CUDA_H
#define DG_ROWS_CUDA_H

#include "kernels/cuda/block.h"

template <typename Type> DG_DEVICE void dg_copy(Type *to, const Type *from, int64_t count)
{
    for (int64_t k = dg_lane(); k < count; k += DG_LANES) to[k] = from[k];
}

/** An agent's rows into shared memory, and those that changed back. */
DG_DEVICE void dg_load_rows(const dg_block_view<true> &v, int32_t i)
{
    const dg_shape *s = v.s;
    const int64_t slots = (int64_t)i * s->capacity, row = (int64_t)i * s->row;
    const int64_t base = (int64_t)i * s->hidden, second = dg_second_floats(s);
    dg_copy(DG_MINE(v, int32_t, observed) + slots, DG_HELD(v, observed) + slots, s->capacity);
    dg_copy(DG_MINE(v, int32_t, registers) + slots, DG_HELD(v, registers) + slots, s->capacity);
    dg_copy(DG_MINE(v, float, static_cost) + row, DG_HELD(v, static_cost) + row, s->row);
    dg_copy(DG_MINE(v, float, weight) + row, DG_HELD(v, weight) + row, s->row);
    dg_copy(DG_MINE(v, float, momentum) + row, DG_HELD(v, momentum) + row, s->row);
    dg_copy(DG_MINE(v, float, base) + base, DG_HELD(v, base) + base, s->hidden);
    dg_copy(DG_MINE(v, float, second) + i * second,
            v.b->second + ((int64_t)v.run * s->agents + i) * second, second);
}

DG_DEVICE void dg_store_rows(const dg_block_view<true> &v, int32_t i)
{
    const dg_shape *s = v.s;
    const int64_t slots = (int64_t)i * s->capacity, row = (int64_t)i * s->row;
    dg_copy(DG_HELD(v, observed) + slots, DG_MINE(v, int32_t, observed) + slots, s->capacity);
    dg_copy(DG_HELD(v, registers) + slots, DG_MINE(v, int32_t, registers) + slots, s->capacity);
    dg_copy(DG_HELD(v, weight) + row, DG_MINE(v, float, weight) + row, s->row);
    dg_copy(DG_HELD(v, momentum) + row, DG_MINE(v, float, momentum) + row, s->row);
}

/* not packed: rows stay in global memory */
DG_DEVICE void dg_load_rows(const dg_block_view<false> &v, int32_t i)
{
    (void)v;
    (void)i;
}

DG_DEVICE void dg_store_rows(const dg_block_view<false> &v, int32_t i)
{
    (void)v;
    (void)i;
}

#endif
