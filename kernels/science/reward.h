/**
 * Reward: views less untruthfulness (MODEL.md, section 3.3; Eq. 5, 8).
 *
 * r_i = views_i - lambda |b_i - m_i|, with b_i before contagion and m_i = -1 while silent.
 */
#ifndef DG_REWARD_H
#define DG_REWARD_H

#include "kernels/science/fmath.h"

/** |b_i - m_i|, the penalty before lambda; silence costs b_i + 1 where it is penalised, else 0. */
DG_HD int32_t dg_reward_penalty(int32_t belief, int32_t message, int32_t penalise_silence)
{
    const int32_t gap = belief - message;
    const int32_t size = gap < 0 ? -gap : gap;
    return message < 0 && !penalise_silence ? 0 : size;
}

/**
 * r_i of one step. Over a generation it is linear in its integers, so the same function of the sums
 * of views and penalties is the fitness f_i (Eq. 6), rounded once instead of T times.
 */
DG_HD float dg_reward(int32_t views, int32_t penalty, float truthfulness)
{
    return fmaf(-truthfulness, (float)penalty, (float)views);
}

#endif
