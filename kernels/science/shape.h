/**
 * Sizes: what all runs of a batch agree on, and what follows from it.
 */
#ifndef DG_SHAPE_H
#define DG_SHAPE_H

#include "kernels/science/choices.h"
#include "kernels/science/hd.h"

/** Most groups a run may have; a bound of arrays, not of the model. */
#define DG_MAX_GROUPS 16

/** Rows of per-agent vectors are padded to this many elements; the padding stays 0. */
#define DG_ROW_ALIGN 16

/** One group; AI groups come first. */
typedef struct dg_group_shape {
    int32_t first;      /* index of its first agent */
    int32_t size;       /* agents, >= 1 */
    int32_t kind;       /* dg_kind */
    int32_t capacity;   /* observation capacity N_o, 1 ... N-1 */
    int32_t hidden;     /* hidden units H, >= 1 */
    int32_t parameters; /* n = N H + H + H V + V */
    int32_t stride;     /* floats from one genotype to the next: n rounded up, see dg_shape_build */
    int32_t reserved;   /* 0: shapes are compared as bytes */
    int64_t genotype;   /* offset of its first genotype within the field `genotype` */
    int64_t solver;     /* offset of its row within `mean`, `variance`, `path_sigma`, `path_c` */
} dg_group_shape;

/** What all runs of a batch agree on. Zero-initialised padding: shapes compare by memcmp. */
typedef struct dg_shape {
    int32_t agents;          /* N */
    int32_t values;          /* V */
    int32_t groups;          /* 1 ... DG_MAX_GROUPS */
    int32_t steps;           /* T */
    int32_t generations;     /* G */
    int32_t diversity_every; /* genotype diversity every so many generations, and at the last one;
                                0: never */
    int32_t row;             /* N rounded up to DG_ROW_ALIGN */
    int32_t capacity;        /* largest of the groups' */
    int32_t hidden;          /* largest of the groups', rounded up to DG_LANES */
    int32_t reserved;
    int64_t genotypes; /* floats of the field `genotype` */
    int64_t solvers;   /* floats of `mean` and its like */
    dg_group_shape group[DG_MAX_GROUPS];
} dg_shape;

/** Round up to a multiple. */
DG_HD int64_t dg_round_up(int64_t x, int64_t multiple)
{
    return (x + multiple - 1) / multiple * multiple;
}

/** Fill in everything that follows from the sizes and each group's size, capacity and hidden. */
DG_HD void dg_shape_build(dg_shape *s)
{
    s->row = (int32_t)dg_round_up(s->agents, DG_ROW_ALIGN);
    s->capacity = 0;
    s->hidden = 0;
    s->genotypes = 0;
    s->solvers = 0;
    int32_t first = 0;
    for (int32_t g = 0; g < s->groups; g++) {
        dg_group_shape *group = &s->group[g];
        const int64_t n = (int64_t)s->agents * group->hidden + group->hidden +
                          (int64_t)group->hidden * s->values + s->values;
        group->first = first;
        group->parameters = (int32_t)n;
        /* whole philox blocks of whole lanes, and room to read a full vector past the last row */
        group->stride = (int32_t)dg_round_up(n + DG_ROW_ALIGN, 64);
        group->genotype = s->genotypes;
        group->solver = s->solvers;
        first += group->size;
        s->genotypes += (int64_t)group->size * group->stride;
        s->solvers += group->stride;
        s->capacity = group->capacity > s->capacity ? group->capacity : s->capacity;
        s->hidden = group->hidden > s->hidden ? group->hidden : s->hidden;
    }
    s->hidden = (int32_t)dg_round_up(s->hidden, DG_LANES);
}

/** Is a group of this dg_kind made of AI agents? */
DG_HD int32_t dg_kind_is_ai(int32_t kind)
{
    switch ((dg_kind)kind) {
    case DG_KIND_AI: return 1;
    case DG_KIND_HUMAN: break;
    }
    return 0;
}

/** Is a group of this dg_kind made of humans? */
DG_HD int32_t dg_kind_is_human(int32_t kind)
{
    switch ((dg_kind)kind) {
    case DG_KIND_AI: break;
    case DG_KIND_HUMAN: return 1;
    }
    return 0;
}

/** Index of the group that an agent belongs to. */
DG_HD int32_t dg_group_of(const dg_shape *s, int32_t agent)
{
    int32_t g = 0;
    while (g + 1 < s->groups && agent >= s->group[g + 1].first) g++;
    return g;
}

#endif
