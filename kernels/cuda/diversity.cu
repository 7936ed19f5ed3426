/**
 * Genotype diversity on the GPU: distances of all pairs of genotypes, in generations where they are due
 * (MODEL.md, section 6). A warp takes 4 x 4 pairs, a lane the parameters lane, lane + 32, ...: its
 * partials of the 16 squared distances are those of sum.h.
 */
#include "kernels/science/evolve.h"
#include "kernels/cuda/fold.h"
#include "kernels/science/measures.h"

enum { SIDE = 4, WARPS = 4 };

/** Tiles of a group's agents. */
DG_HD int32_t tiles_of(const dg_group_shape *group)
{
    return (group->size + SIDE - 1) / SIDE;
}

/** Pairs of tiles of all pairs of groups. */
DG_HD int64_t tile_pairs(const dg_shape *s)
{
    int64_t pairs = 0;
    for (int32_t g = 0; g < s->groups; g++)
        for (int32_t h = g; h < s->groups; h++)
            pairs += (int64_t)tiles_of(&s->group[g]) * tiles_of(&s->group[h]);
    return pairs;
}

/** Two tiles: agents i ... i + 3 of group g, j ... j + 3 of group h. */
typedef struct tile_view {
    int32_t g, h, i, j;
} tile_view;

DG_DEVICE tile_view tile_at(const dg_shape *s, int64_t pair)
{
    tile_view t = {0, 0, 0, 0};
    for (t.g = 0; t.g < s->groups; t.g++)
        for (t.h = t.g; t.h < s->groups; t.h++) {
            const int32_t columns = tiles_of(&s->group[t.h]);
            const int64_t here = (int64_t)tiles_of(&s->group[t.g]) * columns;
            if (pair < here) {
                t.i = static_cast<int32_t>(pair / columns) * SIDE;
                t.j = static_cast<int32_t>(pair % columns) * SIDE;
                return t;
            }
            pair -= here;
        }
    return t; /* not reached: pair < tile_pairs() */
}

/** Genotype of an agent of a group; beyond the last one: the last one again, not counted. */
DG_DEVICE const float *genotype_at(const dg_state &st, const dg_group_shape *group, int32_t agent)
{
    const int32_t a = agent < group->size ? agent : group->size - 1;
    return st.genotype + group->genotype + (int64_t)a * group->stride;
}

/** Squared distances of 4 x 4 pairs; lanes 2k and 2k + 1 receive that of row k / 4, column k % 4. */
DG_DEVICE float tile_squares(const dg_state &st, const dg_shape *s, const tile_view &t)
{
    const dg_group_shape *of_rows = &s->group[t.g], *of_columns = &s->group[t.h];
    const float *a[SIDE], *b[SIDE];
    float sum[DG_VALUE_FOLD];
#pragma unroll
    for (int32_t k = 0; k < SIDE; k++) {
        a[k] = genotype_at(st, of_rows, t.i + k);
        b[k] = genotype_at(st, of_columns, t.j + k);
    }
#pragma unroll
    for (int32_t k = 0; k < DG_VALUE_FOLD; k++) sum[k] = 0.0f;
    for (int32_t p = dg_lane(); p < of_rows->parameters; p += DG_LANES) {
        float row[SIDE], column[SIDE];
#pragma unroll
        for (int32_t k = 0; k < SIDE; k++) {
            row[k] = a[k][p];
            column[k] = b[k][p];
        }
#pragma unroll
        for (int32_t k = 0; k < DG_VALUE_FOLD; k++)
            sum[k] = dg_evolve_norm_term(sum[k], row[k / SIDE] - column[k % SIDE]);
    }
    return dg_fold(sum);
}

/** Add the distance of this lane's pair to the record, both ways; each pair of agents once. */
DG_DEVICE void add_distance(int64_t *record, const dg_shape *s, const tile_view &t, float square)
{
    const int32_t pair = dg_folded_value(0);
    const int32_t i = t.i + pair / SIDE, j = t.j + pair % SIDE;
    const dg_group_shape *a = &s->group[t.g], *b = &s->group[t.h];
    const bool counts = i < a->size && j < b->size && (t.g != t.h || i < j);
    if (!counts || (dg_lane() & 1) != 0) return;
    const int64_t fixed = dg_distance_fixed(sqrtf(square), (int64_t)a->size * b->size);
    dg_add_long(record + dg_record_distance(s, t.g, t.h), fixed);
    if (t.g != t.h) dg_add_long(record + dg_record_distance(s, t.h, t.g), fixed);
}

__global__ void __launch_bounds__((WARPS * DG_LANES)) dg_diversity(DG_ARGUMENT b)
{
    const dg_shape *s = &b.shape;
    const int64_t pairs = tile_pairs(s), blocks = (pairs + WARPS - 1) / WARPS;
    const int32_t run = static_cast<int32_t>(dg_block_index() / blocks);
    const int64_t pair = dg_block_index() % blocks * WARPS + dg_warp();
    const int32_t generation = b.stage[run];
    if (pair >= pairs || generation < 0 || !dg_diversity_due(s, generation)) return;
    const tile_view t = tile_at(s, pair);
    const bool counted = t.g == t.h && t.i > t.j;
    if (counted || s->group[t.g].parameters != s->group[t.h].parameters) return;
    const dg_state st = dg_state_at(s, b.state + run * b.state_bytes);
    add_distance(dg_record_at(&b, run, generation), s, t, tile_squares(st, s, t));
}

cudaError_t dg_cuda_diversity(const dg_device_batch *batch, cudaStream_t stream)
{
    const int64_t blocks = batch->runs * ((tile_pairs(&batch->shape) + WARPS - 1) / WARPS);
    return dg_launch(dg_diversity, blocks, WARPS * DG_LANES, 0, false, *batch, stream);
}
