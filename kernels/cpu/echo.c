/**
 * The echo-chamber model on the CPU: one run from start to end (MODEL.md, section 10).
 *
 * Loops only; utility, slope and ascent are echo.h's.
 */
#include "kernels/science/echo.h"
#include "kernels/cpu/echo.h"
#include "kernels/cpu/lanes.h"
#include "kernels/science/rng.h"

/** Mean utility of a step over agents, before its update; agents without a partner count as 0. */
static double mean_utility(const dg_echo_run *run, const float *other)
{
    const dg_echo_params *p = &run->params;
    double sum = 0;
    for (int32_t i = 0; i < run->agents; i++)
        sum += dg_echo_value(p->echo_utility, run->belief[i], other[i], p->echo_confidence);
    return sum / run->agents;
}

/** What each agent's utility is taken against in this step: evidence, or the belief it meets. */
static const float *step_partners(const dg_echo_run *run, int32_t step)
{
    if (!dg_echo_meets(run->params.echo_utility)) return run->evidence;
    const dg_draw draw = dg_draw_of(run->seed, DG_STREAM_ECHO_PAIR, 0, 0);
    const dg_philox_block words = dg_philox(draw, 0, (uint32_t)step);
    const int32_t i = dg_uniform_integer(words.word[0], run->agents);
    const int32_t j = dg_uniform_integer(words.word[1], run->agents - 1);
    const int32_t partner = j + (j >= i);
    memcpy(run->other, run->belief, (size_t)run->agents * sizeof *run->other);
    run->other[i] = run->belief[partner];
    run->other[partner] = run->belief[i];
    return run->other;
}

void DG_VECTORED(dg_echo)(const dg_echo_run *run)
{
    const int32_t agents = run->agents;
    const dg_echo_params *p = &run->params;
    const float rate = p->echo_rate, bound = p->echo_confidence;
    for (int32_t step = run->first; step < run->last; step++) {
        const float *other = step_partners(run, step);
        float *belief = run->belief;
        if (step == run->last - 1) *run->mean_utility = mean_utility(run, other);
        DG_SIMD
        for (int32_t i = 0; i < agents; i++)
            belief[i] = dg_echo_ascend(belief[i], rate,
                                       dg_echo_slope(p->echo_utility, belief[i], other[i], bound));
    }
}
