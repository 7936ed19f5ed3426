/**
 * kernels/cpu/lane_sums.h: draws with an agent a lane, against one value after another. First the functions
 * themselves, at the words where a value begins and ends; then the messages of whole steps.
 */
#include "kernels/science/policy.h"
#include "tests/support/draws.h"
#include "tests/support/one_step.h"
#include "tests/support/sums.h"

#include <criterion/criterion.h>

#include <stdlib.h>

/* ---- words where a value begins and ends ----------------------------------------------------- */

/** As large as it may be in every third row, else of any size, or 0. */
static uint32_t some_weight(int row)
{
    if (row % 3 == 0) return DG_SUMS_UNIT;
    return rand() % 4 ? (uint32_t)rand() >> (4 + rand() % 26) : 0; /* rand() < 2^31 */
}

/** Words of all lanes, each at an edge of some value of its weights. */
static void assert_found(uint32_t weight[DG_AGENT_TILE][DG_VALUE_TILE], int32_t values)
{
    uint32_t upto[DG_VALUE_TILE][DG_AGENT_TILE], word[DG_AGENT_TILE];
    int32_t chosen[DG_AGENT_TILE];
    for (int l = 0; l < DG_AGENT_TILE; l++) {
        for (int32_t k = 0; k < values; k++) upto[k][l] = (uint32_t)sums_total(weight[l], k + 1);
        word[l] = sums_edge(weight[l], values, rand() % values, rand() % SUMS_EDGES);
    }
    const draws *d;
    for (int set = 0; (d = draws_at(set)) != NULL; set++) {
        d->find(upto[0], values, word, chosen);
        for (int l = 0; l < DG_AGENT_TILE; l++)
            cr_assert_eq(chosen[l], sums_find(weight[l], values, word[l]), "%s, %d of %d values",
                         d->set, l, values);
    }
}

Test(lane_sums, each_value_is_found_from_its_first_word_on)
{
    for (int32_t values = 1; values <= DG_VALUE_TILE; values++)
        for (int row = 0; row < 100; row++) {
            uint32_t weight[DG_AGENT_TILE][DG_VALUE_TILE];
            for (int l = 0; l < DG_AGENT_TILE; l++)
                for (int32_t k = 0; k < values; k++)
                    weight[l][k] = k == 0 ? 1 : some_weight(row + l);
            assert_found(weight, values);
        }
}

/** Numbers in all lanes, a word of an edge in each. */
static void assert_drawn(const float *x, const uint32_t *weight, int32_t values)
{
    const draws *d;
    for (int set = 0; (d = draws_at(set)) != NULL; set++) {
        uint32_t word[DG_VALUE_TILE];
        int32_t chosen[DG_VALUE_TILE];
        for (int l = 0; l < d->width; l++)
            word[l] = sums_edge(weight, values, rand() % values, rand() % SUMS_EDGES);
        d->softmax(x, values, word, chosen);
        for (int l = 0; l < d->width; l++)
            cr_assert_eq(chosen[l], sums_find(weight, values, word[l]), "%s, %d values", d->set,
                         values);
    }
}

Test(lane_sums, each_value_is_drawn_from_its_first_word_on)
{
    for (int32_t values = 2; values <= DG_VALUE_TILE; values++)
        for (int row = 0; row < 100; row++) {
            float x[DG_VALUE_TILE];
            uint32_t weight[DG_VALUE_TILE];
            const int32_t largest = rand() % values;
            for (int32_t k = 0; k < values; k++) {
                const float behind = row % 3 ? 25 * (float)rand() / (float)RAND_MAX : 0;
                x[k] = 3 - (k == largest ? 0 : behind);
                weight[k] = dg_sums_weight(3 - x[k]);
            }
            assert_drawn(x, weight, values);
        }
}

/* ---- steps ----------------------------------------------------------------------------------- */

/** Genotypes of an agent whose logits are b2: all else is 0. */
static void set_logits(one_step *s, float (*logit)(int32_t i, int32_t v))
{
    const dg_shape *shape = &s->run.shape;
    for (int32_t i = 0, g = 0; i < shape->agents; i++) {
        while (i >= shape->group[g].first + shape->group[g].size) g++;
        const dg_group_shape *group = &shape->group[g];
        const dg_policy_layout at =
            dg_policy_layout_of(shape->agents, group->hidden, shape->values);
        float *genotype =
            s->run.state.genotype + group->genotype + (int64_t)(i - group->first) * group->stride;
        for (int32_t v = 0; v < shape->values; v++) genotype[at.bias_2 + v] = logit(i, v);
    }
}

static int32_t drawn(int32_t i, int32_t values, float (*logit)(int32_t i, int32_t v))
{
    float x[64];
    for (int32_t v = 0; v < values; v++) x[v] = logit(i, v);
    const dg_draw draw = dg_choice_draw(1, 0, 0);
    return sums_softmax(x, values,
                        dg_word(draw, dg_choice_word(0, DG_CHOICE_MESSAGE), (uint32_t)i));
}

static int32_t first_largest(int32_t i, int32_t values, float (*logit)(int32_t i, int32_t v))
{
    int32_t best = 0;
    for (int32_t v = 1; v < values; v++)
        if (logit(i, v) > logit(i, best)) best = v;
    return best;
}

/** Messages of a step in which these are the logits, of sizes on both sides of a tile and of a vector. */
static void speak(dg_output output, float (*logit)(int32_t i, int32_t v),
                  int32_t (*expected)(int32_t i, int32_t values,
                                      float (*logit)(int32_t i, int32_t v)))
{
    const int64_t size[][2] = {{30, 10}, {7, 2}, {16, 16}, {17, 17}, {33, 15}, {31, 33}, {300, 16}};
    for (size_t n = 0; n < sizeof size / sizeof *size; n++) {
        dg_config c = one_step_config(size[n][0], size[n][1], 1);
        c.policy_output = output;
        one_step s = one_step_begin(&c);
        set_logits(&s, logit);
        for (int k = 0; one_step_take(&s, k); k++)
            for (int32_t i = 0; i < s.run.shape.agents; i++)
                cr_assert_eq(s.after.message[i], expected(i, s.run.shape.values, logit),
                             "%s, agent %d of %d", s.set, i, s.run.shape.agents);
        one_step_end(&s);
    }
}

static float usual(int32_t i, int32_t v)
{
    return (float)(int32_t)one_step_word(0, (uint32_t)(64 * i + v)) * 0x1p-30f;
}

static float equal(int32_t i, int32_t v)
{
    (void)i, (void)v;
    return -3;
}

/** From what outweighs all others to what weighs nothing. */
static float wide(int32_t i, int32_t v)
{
    return usual(i, v) * (i % 3 == 0 ? 1e30f : 12);
}

/** The first, or the last, has nearly all of the weight. */
static float one(int32_t i, int32_t v)
{
    return v == (i % 2 ? 0 : i % 3) ? 0 : -17;
}

Test(lane_sums, messages_are_drawn_by_the_word_of_an_agent)
{
    speak(DG_OUTPUT_SAMPLE, usual, drawn);
    speak(DG_OUTPUT_SAMPLE, equal, drawn);
    speak(DG_OUTPUT_SAMPLE, wide, drawn);
    speak(DG_OUTPUT_SAMPLE, one, drawn);
}

Test(lane_sums, of_equal_logits_the_first_is_the_largest)
{
    speak(DG_OUTPUT_ARGMAX, usual, first_largest);
    speak(DG_OUTPUT_ARGMAX, equal, first_largest);
    speak(DG_OUTPUT_ARGMAX, one, first_largest);
}
