/** Rewards on the GPU (reward.h of science): made anew from what agents shared, wherever they are asked for. */
#ifndef DG_REWARD_CUDA_H
#define DG_REWARD_CUDA_H

#include "kernels/cuda/block.h"
#include "kernels/science/reward.h"

template <bool Packed>
DG_DEVICE int32_t dg_penalty_of(const dg_block_view<Packed> &v, int32_t step, int32_t j)
{
    return dg_reward_penalty(dg_belief_of(v, step, j), dg_message_of(v, step, j),
                             v.p->penalise_silence);
}

/** r_j of this step. */
template <bool Packed>
DG_DEVICE float dg_reward_of(const dg_block_view<Packed> &v, int32_t step, int32_t j)
{
    return dg_reward(dg_views_of(v, step, j), dg_penalty_of(v, step, j), v.p->truthfulness);
}

#endif
