/** kernels/cpu/observation_tile.h: draws of 16 agents at once, against one candidate after another. */
#include "kernels/science/observe.h"
#include "tests/support/one_step.h"

#include <criterion/criterion.h>

static int64_t draw(const char *what, int64_t agents, int64_t capacity,
                    float (*cost)(int32_t i, int32_t j, int32_t agents))
{
    return one_step_draw(what, agents, 10, capacity, cost);
}

/** As far apart as the influence of a bonus makes them: weights of e^-500. */
static float wide(int32_t i, int32_t j, int32_t agents)
{
    return (float)(one_step_word(1, (uint32_t)(i * agents + j)) >> 16) * (500.0f / 65536);
}

/** Two can be drawn, or one, or nobody. */
static float few(int32_t i, int32_t j, int32_t agents)
{
    const int32_t behind = (j - i + agents) % agents;
    return behind <= i % 3 ? (float)behind : DG_OBSERVE_NEVER;
}

Test(observation_tile, draws_by_the_words_of_an_agent)
{
    const int64_t agents[] = {3, 7, 15, 16, 17, 30, 31, 32, 33};
    for (size_t n = 0; n < sizeof agents / sizeof *agents; n++)
        for (int64_t capacity = 1; capacity < agents[n] && capacity <= 9; capacity++)
            (void)draw("usual costs", agents[n], capacity, NULL);
}

Test(observation_tile, equal_weights_of_32_agents_fill_a_word)
{
    for (int64_t capacity = 1; capacity <= 8; capacity++) {
        dg_config c = one_step_config(32, 10, capacity);
        c.belief_factor = 0;
        one_step s = one_step_begin(&c);
        one_step_costs(&s, one_step_equal);
        for (int k = 0; one_step_take(&s, k); k++)
            cr_expect_eq(one_step_assert_observed(&s, "equal weights"), 32);
        one_step_end(&s);
    }
}

Test(observation_tile, weights_are_made_anew_where_few_outweigh_all_others)
{
    const int64_t agents[] = {7, 16, 30, 32};
    for (size_t n = 0; n < sizeof agents / sizeof *agents; n++)
        for (int64_t capacity = 1; capacity < agents[n] && capacity <= 8; capacity++) {
            const int64_t anew = draw("three senders", agents[n], capacity, one_step_three);
            cr_expect(capacity <= 3 || anew > agents[n]);
            (void)draw("far apart", agents[n], capacity, wide);
        }
}

Test(observation_tile, draws_everyone_else)
{
    for (int64_t agents = 3; agents <= 32; agents++) {
        (void)draw("everyone", agents, agents - 1, NULL);
        (void)draw("everyone, far apart", agents, agents - 1, wide);
    }
}

Test(observation_tile, draws_no_more_than_there_are)
{
    (void)draw("few", 30, 4, few);
    (void)draw("few", 9, 8, few);
}

Test(observation_tile, groups_draw_as_many_as_they_may)
{
    dg_config c = one_step_config(30, 10, 4);
    c.group[0].observation_capacity = 1;
    c.group[2].observation_capacity = 7;
    one_step s = one_step_begin(&c);
    for (int k = 0; one_step_take(&s, k); k++)
        (void)one_step_assert_observed(&s, "groups of their own");
    one_step_costs(&s, one_step_three);
    for (int k = 0; one_step_take(&s, k); k++)
        (void)one_step_assert_observed(&s, "groups of their own, three senders");
    one_step_end(&s);
}
