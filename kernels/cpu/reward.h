/** Rewards of all agents on the CPU (MODEL.md, section 3.3); the formulas are reward.h's of science. */
#ifndef DG_REWARD_CPU_H
#define DG_REWARD_CPU_H

#include "kernels/cpu/step.h"
#include "kernels/science/reward.h"

/** r_i of this step into ws.reward; views and penalties are added to those of the generation. */
DG_PHASE void dg_reward_phase(const dg_step_view *v)
{
    for (int32_t i = 0; i < v->s->agents; i++) {
        const int32_t views = v->ws.step_views[i];
        const int32_t penalty =
            dg_reward_penalty(v->st.belief[i], v->st.message[i], v->p->penalise_silence);
        v->ws.reward[i] = dg_reward(views, penalty, v->p->truthfulness);
        v->st.views[i] += views;
        v->st.penalty[i] += penalty;
    }
}

#endif
