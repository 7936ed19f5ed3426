/**
 * The probe word of a probe build (make PROBE=1), for tests: in other builds nothing here exists in the code.
 *
 * Floats of a step reach the state through draws alone, so that an error of a last bit hardly ever shows
 * there. Each schedule of a probe build adds mixed bits of every logit, cost and exponent that is drawn from
 * to a word of the group's record: an integer sum, whatever the order.
 */
#ifndef DG_PROBE_H
#define DG_PROBE_H

#include "kernels/science/fmath.h"

/** What a float of a step is. */
typedef enum dg_probed {
    DG_PROBE_LOGIT,
    DG_PROBE_COST,    /* of those who can be drawn; inf and nan count as 0 */
    DG_PROBE_EXPONENT /* of values that somebody sends, before overflow; 0 counts as 0 */
} dg_probed;

/** A float's share of the word: which one it is, and its bits, mixed by the finaliser of SplitMix64. */
DG_HD int64_t dg_probe_term(dg_probed what, int32_t step, int32_t agent, int32_t element,
                            float number)
{
    const uint64_t place = ((uint64_t)(uint32_t)step << 20 ^ (uint64_t)(uint32_t)agent) << 3 | what;
    uint64_t mixed = dg_bits_of(number) | (uint64_t)(uint32_t)element << 32;
    if (what == DG_PROBE_COST && !(number < (float)INFINITY)) return 0;
    if (what == DG_PROBE_EXPONENT && number == 0) return 0;
    mixed += place * 0x9e3779b97f4a7c15u;
    mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebu;
    return (int64_t)(mixed ^ mixed >> 31);
}

#endif
