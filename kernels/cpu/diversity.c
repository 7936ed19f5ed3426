/**
 * Genotype diversity of one run on the CPU: distances of all pairs of genotypes, in generations where they
 * are due (MODEL.md, section 6). Loops only; the formulas are evolve.h's and measures.h's.
 */
#include "kernels/cpu/lanes.h"
#include "kernels/cpu/schedule.h"
#include "kernels/science/evolve.h"

/* Genotypes are compared in tiles of pairs, a chunk of their parameters at a time: 20 chunks fit the
   second-level cache, and each is read from memory once for 16 rows. */
enum { PAIR_ROWS = 16, PAIR_COLUMNS = 4, PAIR_CHUNK = 1024 };

/** Lanes at `first` of the squared distances of a to four others, over whole rows of DG_LANES. */
DG_INLINE void distance_lanes(float partial[PAIR_COLUMNS][DG_LANES], const float *a,
                              const float *const *b, int32_t rows, int first)
{
    dg_lanes sum[PAIR_COLUMNS];
    for (int c = 0; c < PAIR_COLUMNS; c++) sum[c] = dg_lanes_load(partial[c] + first);
    for (int32_t p = first; p < rows * DG_LANES; p += DG_LANES) {
        const dg_lanes x = dg_lanes_load(a + p);
        for (int c = 0; c < PAIR_COLUMNS; c++) {
            const dg_lanes gap = x - dg_lanes_load(b[c] + p);
            sum[c] = dg_lanes_sum_term(sum[c], gap, gap);
        }
    }
    for (int c = 0; c < PAIR_COLUMNS; c++) memcpy(partial[c] + first, &sum[c], sizeof sum[c]);
}

/**
 * Add a chunk of parameters to the partials of four squared distances. Four at once, because one
 * sum per lane would wait for its own last addition.
 */
static void distance_partials(float partial[PAIR_COLUMNS][DG_LANES], const float *a,
                              const float *const *b, int32_t count)
{
    const int32_t rows = count / DG_LANES;
    for (int first = 0; first < DG_LANES; first += DG_LANES_WIDTH)
        distance_lanes(partial, a, b, rows, first);
    for (int c = 0; c < PAIR_COLUMNS; c++)
        for (int32_t p = rows * DG_LANES; p < count; p++) {
            const int l = p % DG_LANES;
            partial[c][l] = dg_evolve_norm_term(partial[c][l], a[p] - b[c][p]);
        }
}

/** Sum of distances between a's agents from i on and b's from j on, a tile of each; pairs once. */
static int64_t tile_distance(const dg_run_cpu *run, const dg_group_shape *a,
                             const dg_group_shape *b, int32_t i, int32_t j)
{
    const float *of_a = run->state.genotype + a->genotype + (int64_t)i * a->stride;
    const float *of_b = run->state.genotype + b->genotype + (int64_t)j * b->stride;
    const int32_t rows = a->size - i < PAIR_ROWS ? a->size - i : PAIR_ROWS;
    const int32_t columns = b->size - j < PAIR_COLUMNS ? b->size - j : PAIR_COLUMNS;
    float partial[PAIR_ROWS][PAIR_COLUMNS][DG_LANES] = {{{0}}};
    for (int32_t p = 0; p < a->parameters; p += PAIR_CHUNK) {
        const int32_t left = a->parameters - p, count = left < PAIR_CHUNK ? left : PAIR_CHUNK;
        const float *others[PAIR_COLUMNS];
        for (int32_t c = 0; c < PAIR_COLUMNS;
             c++) /* beyond the last column: it again, not counted */
            others[c] = of_b + (int64_t)(c < columns ? c : columns - 1) * b->stride + p;
        for (int32_t r = 0; r < rows && (a != b || i + r < j + columns); r++)
            distance_partials(partial[r], of_a + (int64_t)r * a->stride + p, others, count);
    }
    const int64_t pairs = (int64_t)a->size * b->size; /* at least as many as there are */
    int64_t sum = 0;
    for (int32_t r = 0; r < rows; r++)
        for (int32_t c = 0; c < columns; c++)
            if (a != b || i + r < j + c)
                sum += dg_distance_fixed(sqrtf(dg_sum_tree(partial[r][c])), pairs);
    return sum;
}

/** Sum of the distances between two groups' genotypes; 0: the watch asked to leave. */
static int group_distance(const dg_run_cpu *run, int32_t g, int32_t h, int64_t *out)
{
    const dg_group_shape *a = &run->shape->group[g], *b = &run->shape->group[h];
    int64_t sum = 0;
    for (int32_t i = 0; i < a->size && a->parameters == b->parameters; i += PAIR_ROWS) {
        if (dg_watch_leaves(run->watch)) return 0;
        for (int32_t j = g == h ? i : 0; j < b->size; j += PAIR_COLUMNS)
            sum += tile_distance(run, a, b, i, j);
    }
    *out = a->parameters == b->parameters ? sum : DG_DISTANCE_ABSENT;
    return 1;
}

int DG_VECTORED(dg_diversity)(const dg_run_cpu *run)
{
    const dg_shape *s = run->shape;
    const int32_t due = dg_diversity_due(s, run->generation);
    for (int32_t g = 0; g < s->groups; g++)
        for (int32_t h = g; h < s->groups; h++) {
            int64_t sum = DG_DISTANCE_ABSENT;
            if (due && !group_distance(run, g, h, &sum)) return 0;
            run->record[dg_record_distance(s, g, h)] = sum;
            run->record[dg_record_distance(s, h, g)] = sum;
        }
    return 1;
}
