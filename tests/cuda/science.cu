/**
 * Compiles every science header for the device, from the same source that gcc takes, and calls one
 * function of each from a kernel. Nothing runs: a machine with the toolkit and no GPU can check it.
 */
#include "kernels/science/contagion.h"
#include "kernels/science/echo.h"
#include "kernels/science/evolve.h"
#include "kernels/science/measures.h"
#include "kernels/science/observe.h"
#include "kernels/science/policy.h"
#include "kernels/science/reward.h"
#include "kernels/science/rng.h"
#include "kernels/science/sum.h"
#include "kernels/science/sums.h"
#include "kernels/science/weights.h"

/** One call into each header; the results are stored so that nothing is optimised away. */
__global__ void science(const dg_shape *shape, const dg_params *params, float *out, int64_t *record)
{
    const dg_draw draw = dg_draw_of(params->seed, DG_STREAM_RACE, 1, 2);
    const uint32_t word = dg_word(draw, threadIdx.x, blockIdx.x);
    const dg_evolve_constants *c = &params->group[0].evolve;
    float partial[DG_LANES] = {0};
    partial[0] = dg_sum_term(0, dg_exp(out[0]), dg_tanh(out[1]));
    out[0] = dg_sum_tree(partial);
    out[1] = dg_observe_clock(dg_observe_cost(out[2], params->belief_factor, dg_observe_gap(1, 2)),
                              dg_log_exponential(word));
    out[2] = dg_policy_gather_term(out[3], out[4], 1) + (float)dg_sums_weight(out[5]);
    out[3] = dg_reward(1, dg_reward_penalty(1, 2, params->penalise_silence), params->truthfulness);
    const dg_weight weight = {out[4], out[5]};
    const dg_weight_inputs inputs = {dg_normal(draw, 3, 4), 1, out[6]};
    out[4] = dg_weight_next(params, params->update, weight, inputs).weight;
    out[5] = dg_contagion_exponent(
        dg_contagion_scale(params->contagion_factor,
                           dg_contagion_distance(1, 2, params->distance, out[6])),
        out[5]);
    out[6] = dg_evolve_sigma(c, dg_evolve_variance(c, out[6], out[7], out[8], 1), out[9]);
    out[7] = dg_echo_ascend(out[7], out[8], dg_echo_slope(DG_ECHO_PRODUCT, out[9], out[10], 1));
    record[dg_record_distance(shape, 0, 0)] = dg_distance_fixed(out[8], 3);
}
