/** kernels/cpu/contagion_tile.h: beliefs of 16 agents at once, against one value after another. */
#include "kernels/science/observe.h"
#include "tests/support/one_step.h"

#include <criterion/criterion.h>

/** One step with these weights, if any; by all instruction sets. */
static void spread(const char *what, const dg_config *c, float (*weight)(uint32_t word))
{
    one_step s = one_step_begin(c);
    const dg_shape *shape = &s.run.shape;
    for (int32_t i = 0; weight && i < shape->agents; i++)
        for (int32_t j = 0; j < shape->agents; j++)
            s.run.state.weight[(int64_t)i * shape->row + j] =
                weight(one_step_word(0, (uint32_t)(i * shape->agents + j)));
    for (int k = 0; one_step_take(&s, k); k++) one_step_assert_beliefs(&s, what);
    one_step_end(&s);
}

/** Of both signs, up to what outweighs all others. */
static float both_signs(uint32_t word)
{
    return (float)(int32_t)word * 0x1p-26f;
}

/** Of both signs, up to what no exponent can be. */
static float enormous(uint32_t word)
{
    return word % 4 == 0 ? (float)(int32_t)word * 1e25f : both_signs(word);
}

static float none(uint32_t word)
{
    (void)word;
    return 0;
}

/** All of it for sizes on both sides of what is taken 16 agents at once. */
static void spread_all(void (*alter)(dg_config *c), const char *what)
{
    const int64_t size[][3] = {/* agents, values, capacity */
                               {30, 10, 4}, {30, 16, 4}, {30, 17, 4}, {7, 5, 4},  {33, 4, 4},
                               {16, 3, 1},  {17, 9, 8},  {30, 10, 9}, {31, 2, 1}, {99, 16, 8}};
    for (size_t k = 0; k < sizeof size / sizeof *size; k++) {
        dg_config c = one_step_config(size[k][0], size[k][1], size[k][2]);
        if (alter) alter(&c);
        spread(what, &c, NULL);
        spread(what, &c, both_signs);
        spread(what, &c, enormous);
        spread(what, &c, none);
    }
}

Test(contagion_tile, draws_by_the_word_of_an_agent)
{
    spread_all(NULL, "usual");
}

static void catch_beliefs(dg_config *c)
{
    c->content = DG_CONTENT_BELIEF;
}

Test(contagion_tile, draws_among_beliefs)
{
    spread_all(catch_beliefs, "beliefs");
}

static void overflow(dg_config *c)
{
    c->overflow = DG_OVERFLOW_FLOAT32;
    c->contagion_factor = 60;
}

Test(contagion_tile, draws_uniformly_where_a_float_overflows)
{
    spread_all(overflow, "overflow");
}

/** Two can be observed, or one, or nobody. */
static float few(int32_t i, int32_t j, int32_t agents)
{
    const int32_t behind = (j - i + agents) % agents;
    return behind <= i % 3 ? (float)behind : DG_OBSERVE_NEVER;
}

Test(contagion_tile, empty_registers_send_nothing)
{
    dg_config c = one_step_config(30, 10, 4);
    one_step s = one_step_begin(&c);
    one_step_costs(&s, few);
    for (int k = 0; one_step_take(&s, k); k++) one_step_assert_beliefs(&s, "empty registers");
    one_step_end(&s);
}
