/**
 * Measures of one generation (MODEL.md, section 6): what the schedules count, and what follows.
 *
 * A schedule writes one record of 64-bit words per run and generation. Everything in it is an integer
 * (counts, sums of integers, fixed point), so no order of summation can show. Rates, means, spreads
 * and the health of the ecosystem follow on the host, in double precision.
 */
#ifndef DG_MEASURES_H
#define DG_MEASURES_H

#include "kernels/science/choices.h"
#include "kernels/science/shape.h"

/** Words of a group's part of a record; the belief histogram of V words follows them. */
typedef enum dg_count {
    DG_COUNT_VIEWS,         /* sum over agents of v_i, the views of a generation */
    DG_COUNT_PENALTY,       /* sum of p_i = sum over steps of |b_i - m_i|, unscaled */
    DG_COUNT_VIEWS_SQUARED, /* sum of v_i^2 */
    DG_COUNT_VIEWS_PENALTY, /* sum of v_i p_i */
    DG_COUNT_PENALTY_SQUARED,
    DG_COUNT_MESSAGES, /* messages sent (agents x steps less silence) */
    DG_COUNT_SIGMA,    /* bits of the float step size that made the generation's genotypes */
#ifdef DG_PROBE
    DG_COUNT_PROBE, /* probe.h */
#endif
    DG_COUNTS
} dg_count;

/** Fraction bits of a genotype distance in fixed point. */
#define DG_DISTANCE_SCALE 16777216.0f

/** A distance that was not measured in a generation. */
#define DG_DISTANCE_ABSENT INT64_MIN

/** Words of a record: groups x (counts + histogram), then groups x groups distance sums. */
DG_HD int64_t dg_record_words(const dg_shape *s)
{
    return (int64_t)s->groups * (DG_COUNTS + s->values) + (int64_t)s->groups * s->groups;
}

/** Offset of a group's counts; its histogram starts DG_COUNTS later. */
DG_HD int64_t dg_record_group(const dg_shape *s, int32_t group)
{
    return (int64_t)group * (DG_COUNTS + s->values);
}

/** Offset of the sum of genotype distances between groups a and b; symmetric, both are written. */
DG_HD int64_t dg_record_distance(const dg_shape *s, int32_t a, int32_t b)
{
    return (int64_t)s->groups * (DG_COUNTS + s->values) + (int64_t)a * s->groups + b;
}

/** Are a group's beliefs counted in a dg_scope? */
DG_HD int32_t dg_scope_holds(const dg_shape *s, int32_t scope, int32_t group)
{
    switch ((dg_scope)scope) {
    case DG_SCOPE_HUMANS: return dg_kind_is_human(s->group[group].kind);
    case DG_SCOPE_POPULATION: break;
    }
    return 1;
}

/** (agent, step) pairs of a scope that hold a value in a record. */
DG_HD int64_t dg_record_holders(const dg_shape *s, const int64_t *record, int32_t scope,
                                int32_t value)
{
    int64_t sum = 0;
    for (int32_t g = 0; g < s->groups; g++)
        if (dg_scope_holds(s, scope, g)) sum += record[dg_record_group(s, g) + DG_COUNTS + value];
    return sum;
}

/** What a trace holds per step and agent, int16 each. */
typedef enum dg_trace_field {
    DG_TRACE_BELIEF,
    DG_TRACE_MESSAGE,
    DG_TRACE_VIEWS,
    DG_TRACE_RECEIVED,    /* messages received in the step: over all agents as many as views */
    DG_TRACE_RECEIVED_AI, /* of them, messages of AI agents */
    DG_TRACES
} dg_trace_field;

/** Place of a generation among the traced ones first, first + every, ... <= last; -1: not traced. */
DG_HD int32_t dg_trace_place(int32_t first, int32_t last, int32_t every, int32_t generation)
{
    const int32_t past = generation - first;
    if (every <= 0 || past < 0 || generation > last || past % every != 0) return -1;
    return past / every;
}

/** Is genotype diversity measured in this generation? Every so many, and always in the last. */
DG_HD int32_t dg_diversity_due(const dg_shape *s, int32_t generation)
{
    return s->diversity_every > 0 &&
           (generation % s->diversity_every == 0 || generation == s->generations - 1);
}

/**
 * Fixed point of one of `pairs` distances: truncated 2^24 d, so that sums have no order. Capped so
 * that no sum of them overflows; nan counts as the cap.
 */
DG_HD int64_t dg_distance_fixed(float distance, int64_t pairs)
{
    const int64_t cap = INT64_MAX / pairs;
    const float scaled = distance * DG_DISTANCE_SCALE;
    return scaled < (float)cap * 0.5f ? (int64_t)scaled : cap;
}

#endif
