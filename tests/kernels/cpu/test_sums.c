/** kernels/cpu/sums.h: draws from rows of many agents, against one candidate after another. */
#include "kernels/science/observe.h"
#include "tests/support/one_step.h"

#include <criterion/criterion.h>

static int64_t draw(const char *what, int64_t agents, int64_t capacity,
                    float (*cost)(int32_t i, int32_t j, int32_t agents))
{
    return one_step_draw(what, agents, 2, capacity, cost);
}

/** All but every seventh are out of reach. */
static float few(int32_t i, int32_t j, int32_t agents)
{
    (void)agents;
    return (i + j) % 7 == 0 ? (float)(j % 5) : DG_OBSERVE_NEVER;
}

static float nobody(int32_t i, int32_t j, int32_t agents)
{
    (void)i, (void)j, (void)agents;
    return DG_OBSERVE_NEVER;
}

Test(sums, draws_by_the_words_of_an_agent)
{
    const int64_t size[][2] = {{33, 4}, {48, 1}, {49, 9}, {99, 4}, {144, 12}, {300, 4}};
    for (size_t n = 0; n < sizeof size / sizeof *size; n++) {
        (void)draw("usual costs", size[n][0], size[n][1], NULL);
        (void)draw("equal costs", size[n][0], size[n][1], one_step_equal);
        (void)draw("few", size[n][0], size[n][1], few);
        (void)draw("nobody", size[n][0], size[n][1], nobody);
    }
}

Test(sums, weights_are_made_anew_where_few_outweigh_all_others)
{
    cr_expect_gt(draw("three senders", 33, 5, one_step_three), 33);
    cr_expect_gt(draw("three senders", 99, 9, one_step_three), 99);
}

Test(sums, draws_everyone_else)
{
    (void)draw("everyone", 33, 32, NULL);
    (void)draw("everyone, far apart", 35, 34, one_step_three);
    (void)draw("everyone", 99, 98, one_step_equal);
}

Test(sums, totals_beyond_a_word)
{
    (void)draw("as many as are drawn by sums", DG_OBSERVE_SUMS, 4, one_step_equal);
}
