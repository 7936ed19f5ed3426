/**
 * kernels/cpu/generation.c: a generation, choice by choice, against the plain reference in double
 * precision. Once for every key of MODEL.md, section 3, then for random combinations of them.
 */
#include "tests/support/agree.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>

/** One key set to one value on top of a base. */
typedef struct variation {
    const char *name;
    void (*set)(dg_config *c);
} variation;

/* silence occurs only where some group acts seldom */
static void seldom(dg_config *c)
{
    c->group[1].act_period = 2;
    c->group[2].act_period = 3;
}

#define SET(name, code)                                                                            \
    static void name(dg_config *c)                                                                 \
    {                                                                                              \
        code                                                                                       \
    }
#define LIST(name, code) {#name, name},

/* clang-format off */
#define VARIATIONS(X)                                                                              \
    X(defaults, (void)c;)                                                                          \
    X(reading_tables, fixture_tables(c);)                                                          \
    X(tables_with_belief_factor, fixture_tables(c); c->belief_factor = 1;)                         \
    X(argmax, c->policy_output = DG_OUTPUT_ARGMAX;)                                                \
    X(argmax_silent, c->policy_output = DG_OUTPUT_ARGMAX; seldom(c);)                              \
    X(dense, c->policy_forward = DG_FORWARD_DENSE;)                                                \
    X(silent_marker, seldom(c);)                                                                   \
    X(silent_excluded, seldom(c); c->silent = DG_SILENT_EXCLUDED;)                                 \
    X(silent_last, seldom(c); c->silent = DG_SILENT_LAST;)                                         \
    X(silent_last_tables, fixture_tables(c); seldom(c); c->silent = DG_SILENT_LAST;)               \
    X(all_groups_seldom, seldom(c); c->group[0].act_period = 2; c->silent = DG_SILENT_EXCLUDED;)   \
    X(silence_is_free, seldom(c); c->penalise_silence = false;)                                    \
    X(observation_sparsity, c->observation_sparsity = 0.5;)                                        \
    X(observation_sparsity_binds, c->observation_sparsity = 0.8; seldom(c);)                       \
    X(observation_sparsity_excluded, c->observation_sparsity = 0.3; seldom(c);                     \
      c->silent = DG_SILENT_EXCLUDED;)                                                             \
    X(no_belief_factor, c->belief_factor = 0;)                                                     \
    X(other_factors, c->belief_factor = 0.3; c->coordinate_factor = 2; c->influence_factor = 0.2;) \
    X(truthfulness, c->truthfulness = 0.37; c->reward_scale = 0.1;)                                \
    X(weights_fixed, c->update = DG_UPDATE_FIXED;)                                                 \
    X(weights_random, c->update = DG_UPDATE_RANDOM;)                                               \
    X(weights_momentum, c->update = DG_UPDATE_MOMENTUM; c->momentum_sigma = 0.5;)                  \
    X(weights_random_again, c->update = DG_UPDATE_RANDOM; c->carry = DG_CARRY_GENERATION;)         \
    X(weights_momentum_again, c->update = DG_UPDATE_MOMENTUM; c->carry = DG_CARRY_GENERATION;)     \
    X(weights_reward_again, c->carry = DG_CARRY_GENERATION;)                                       \
    X(weights_decay, c->update = DG_UPDATE_DECAY; c->decay_factor = 0.8;)                          \
    X(weights_decay_again, c->update = DG_UPDATE_DECAY; c->carry = DG_CARRY_GENERATION;)           \
    X(weights_decay_last, seldom(c); c->silent = DG_SILENT_LAST; c->update = DG_UPDATE_DECAY;)     \
    X(weights_decay_tables, fixture_tables(c); seldom(c); c->update = DG_UPDATE_DECAY;             \
      c->decay_factor = 0.5;)                                                                      \
    X(weights_decay_at_once, c->update = DG_UPDATE_DECAY; c->decay_factor = 0;)                    \
    X(weights_decay_never, c->update = DG_UPDATE_DECAY; c->decay_factor = 1;)                      \
    X(weights_reward_last, seldom(c); c->silent = DG_SILENT_LAST; c->reward_scale = 0.5;)          \
    X(clip_reward, c->clip = true; c->clip_low = 0; c->clip_high = 1;)                             \
    X(clip_random, c->clip = true; c->clip_low = -1; c->clip_high = 1.5;                           \
      c->update = DG_UPDATE_RANDOM;)                                                               \
    X(clip_decay, c->clip = true; c->clip_low = 0.25; c->clip_high = 1;                            \
      c->update = DG_UPDATE_DECAY;)                                                                \
    X(clip_fixed, c->clip = true; c->clip_low = 0.25; c->clip_high = 0.5;                          \
      c->update = DG_UPDATE_FIXED;)                                                                \
    X(all_message, c->sources = DG_SOURCES_ALL;)                                                   \
    X(received_belief, c->content = DG_CONTENT_BELIEF; seldom(c);)                                 \
    X(all_belief, c->sources = DG_SOURCES_ALL; c->content = DG_CONTENT_BELIEF;)                    \
    X(distance_offset, c->distance = DG_DISTANCE_OFFSET;)                                          \
    X(distance_floor_2, c->contagion_delta = 2.5;)                                                 \
    X(distance_offset_tables, fixture_tables(c); c->distance = DG_DISTANCE_OFFSET;                 \
      c->contagion_delta = 0.5;)                                                                   \
    X(overflow_float32, c->overflow = DG_OVERFLOW_FLOAT32; c->contagion_factor = 60;)              \
    X(overflow_tables_random, fixture_tables(c); c->update = DG_UPDATE_RANDOM;                     \
      c->contagion_factor = 30;)                                                                   \
    X(contagion_sparsity, c->contagion_sparsity = 0.5;)                                            \
    X(contagion_sparsity_tables, fixture_tables(c); c->contagion_sparsity = 0.4;                   \
      c->update = DG_UPDATE_RANDOM;)                                                               \
    X(groups_of_their_own, c->group[0].observation_capacity = 1;                                   \
      c->group[1].observation_capacity = 7; c->group[0].hidden = 5; c->group[1].hidden = 33;)      \
    X(few_candidates, c->group[1].observation_capacity = 12; c->silent = DG_SILENT_EXCLUDED;       \
      seldom(c);)                                                                                  \
    X(two_values, c->values = 2;)                                                                  \
    X(seventeen_values, c->values = 17; fixture_tables(c);)                                        \
    X(thirty_three_values, c->values = 33;)                                                        \
    X(influence, c->group[0].influence_bonus = 2;)                                                 \
    X(fixed_beliefs, c->group[0].belief = DG_BELIEF_FIXED;)                                        \
    X(fixed_at_three, c->group[0].belief = 3; c->group[2].belief = 0;)                             \
    X(evolves_seldom, c->group[1].evolve_period = 2; c->group[2].evolve_period = 0;                \
      c->generations = 5;)                                                                         \
    X(ros_hansen, c->variant = DG_VARIANT_ROS_HANSEN; c->sampling = DG_SAMPLING_DIAGONAL;          \
      c->generations = 5;)                                                                         \
    X(evosax_diagonal, c->sampling = DG_SAMPLING_DIAGONAL; c->generations = 5;)                    \
    X(own_rates, c->mean_rate = 0.001; c->covariance_rate = 0.01;)
/* clang-format on */

VARIATIONS(SET)
static const variation variations[] = {VARIATIONS(LIST)};

/* by index: a worker process may have the code at another address */
ParameterizedTestParameters(generation, follows_the_model)
{
    enum { COUNT = sizeof variations / sizeof *variations };
    static int index[COUNT];
    for (int k = 0; k < COUNT; k++) index[k] = k;
    return cr_make_param_array(int, index, COUNT);
}

ParameterizedTest(const int *k, generation, follows_the_model)
{
    dg_config c = fixture_config(1);
    variations[*k].set(&c);
    agree(variations[*k].name, &c);
}

/* ---- sizes ----------------------------------------------------------------------------------- */

static void agree_for_groups(int32_t count, const int64_t *size, int32_t ai, int64_t capacity)
{
    dg_config c = fixture_config(2);
    fixture_groups(&c, count, size, ai);
    for (int32_t g = 0; g < count; g++) {
        c.group[g].observation_capacity = capacity;
        c.group[g].evolve_period = size[g] > 1; /* a single agent has nobody to learn from */
    }
    c.generations = 2;
    agree("reading text", &c);
    fixture_tables(&c);
    c.update = DG_UPDATE_MOMENTUM;
    agree("reading tables", &c);
}

Test(generation, follows_the_model_with_one_group)
{
    agree_for_groups(1, (const int64_t[]){7}, 1, 3);
}

Test(generation, follows_the_model_with_five_groups)
{
    agree_for_groups(5, (const int64_t[]){3, 2, 5, 9, 2}, 2, 4);
}

Test(generation, follows_the_model_with_two_agents)
{
    agree_for_groups(1, (const int64_t[]){2}, 0, 1);
}

Test(generation, follows_the_model_with_31_agents)
{
    agree_for_groups(2, (const int64_t[]){17, 14}, 1, 30);
}

Test(generation, follows_the_model_with_33_agents)
{
    agree_for_groups(3, (const int64_t[]){16, 16, 1}, 1, 4);
}

/* ---- random combinations --------------------------------------------------------------------- */

/** Next of a congruential sequence (Knuth's MMIX), 0 ... n-1: which combinations are tried. */
static int64_t pick(uint64_t *x, int64_t n)
{
    *x = *x * 6364136223846793005u + 1442695040888963407u;
    return (int64_t)((*x >> 33) % (uint64_t)n);
}

static void pick_groups(dg_config *c, uint64_t *x)
{
    int64_t size[5];
    const int32_t count = (int32_t)(1 + pick(x, 5));
    for (int32_t g = 0; g < count; g++) size[g] = 2 + pick(x, 7);
    fixture_groups(c, count, size, (int32_t)pick(x, count + 1));
    for (int32_t g = 0; g < count; g++) {
        c->group[g].act_period = 1 + pick(x, 3);
        c->group[g].evolve_period = pick(x, 3);
        c->group[g].influence_bonus = 0.5 * (double)pick(x, 3);
        c->group[g].belief = DG_BELIEF_FREE + pick(x, 4);
        if (c->group[g].belief >= c->values) c->group[g].belief = DG_BELIEF_FREE;
        c->group[g].observation_capacity = 1 + pick(x, c->agents - 1);
        c->group[g].hidden = 1 + pick(x, 70);
    }
}

static void pick_keys(dg_config *c, uint64_t *x)
{
    c->policy_output = (int32_t)pick(x, DG_OUTPUT_COUNT);
    c->policy_forward = (int32_t)pick(x, DG_FORWARD_COUNT - 1); /* the last is cublas */
    c->silent = (int32_t)pick(x, DG_SILENT_COUNT);
    c->update = (int32_t)pick(x, DG_UPDATE_COUNT);
    c->carry = (int32_t)pick(x, DG_CARRY_COUNT);
    c->sources = (int32_t)pick(x, DG_SOURCES_COUNT);
    c->content = (int32_t)pick(x, DG_CONTENT_COUNT);
    c->distance = (int32_t)pick(x, DG_DISTANCE_COUNT);
    c->overflow = (int32_t)pick(x, DG_OVERFLOW_COUNT);
    c->variant = (int32_t)pick(x, DG_VARIANT_COUNT);
    c->sampling = c->variant == DG_VARIANT_ROS_HANSEN ? DG_SAMPLING_DIAGONAL
                                                      : (int32_t)pick(x, DG_SAMPLING_COUNT);
    c->clip = pick(x, 2);
    c->clip_low = -0.5;
    c->clip_high = 2;
    c->penalise_silence = pick(x, 2);
    c->belief_factor = 0.5 * (double)pick(x, 3);
    c->observation_sparsity = 0.3 * (double)pick(x, 3);
    c->contagion_sparsity = 0.3 * (double)pick(x, 3);
    c->contagion_factor = 5.0 * (double)(1 + pick(x, 4));
    c->contagion_delta = 0.5 * (double)(1 + pick(x, 3));
}

Test(generation, follows_the_model_in_random_combinations)
{
    uint64_t x = 1;
    for (int k = 0; k < 300; k++) {
        char name[32];
        snprintf(name, sizeof name, "combination %d", k);
        dg_config c = fixture_config((uint64_t)pick(&x, 1000000));
        c.values = 2 + pick(&x, 20);
        pick_groups(&c, &x);
        pick_keys(&c, &x);
        agree(name, &c);
    }
}
