/** host/models/world.c: the initial state is a function of the seed, shared by conditions. */
#include "tests/support/chance.h"
#include "tests/support/fixture.h"
#include "host/models/world.h"

#include <criterion/criterion.h>

#include <math.h>

Test(world, starts_as_the_model_says)
{
    const dg_config c = fixture_config(4);
    fixture_run run = fixture_begin(&c);
    const dg_shape *s = &run.shape;
    const dg_state *st = &run.state;
    for (int i = 0; i < s->agents; i++) {
        cr_assert(st->belief[i] >= 0 && st->belief[i] < s->values);
        cr_assert(st->message[i] == -1 && st->last_message[i] == -1);
        for (int k = 0; k < s->capacity; k++) cr_assert_eq(st->observed[i * s->capacity + k], -1);
        for (int j = 0; j < s->agents; j++) {
            const int64_t at = (int64_t)i * s->row + j;
            cr_assert(st->weight[at] > 0 && st->weight[at] < 1);
            cr_assert(st->momentum[at] >= -0.1f && st->momentum[at] <= 0.1f);
        }
        cr_assert_eq(st->static_cost[(int64_t)i * s->row + i], 0);
    }
    for (int g = 0; g < s->groups; g++) {
        cr_assert(st->sigma[g] == 0.1f && st->path_decay[g] == 1);
        for (int p = 0; p < s->group[g].parameters; p++) {
            const int64_t at = s->group[g].solver + p;
            cr_assert(st->mean[at] == 0 && st->variance[at] == 1);
            cr_assert(st->path_sigma[at] == 0 && st->path_c[at] == 0);
        }
    }
    fixture_free(&run);
}

/** early_stop.share in hundredths: the least count can be computed with integers. */
static void check_counts(dg_config *c, int64_t agents)
{
    for (int64_t hundredths = 1; hundredths <= 100; hundredths++) {
        dg_shape shape;
        dg_params params;
        const int64_t pairs = agents * c->steps;
        c->early_stop_share = (double)hundredths / 100;
        dg_config_shape(c, &shape);
        cr_assert_eq(dg_config_params(c, &shape, &params), DG_OK);
        cr_assert_eq(params.early_stop_count, (hundredths * pairs + 99) / 100, "%lld %% of %lld",
                     (long long)hundredths, (long long)pairs);
    }
}

Test(world, early_stop_count_is_the_least_that_makes_the_share)
{
    static const int64_t steps[] = {1, 2, 6, 7, 50, 100, 999, 165191049};
    dg_config c = fixture_config(1);
    for (size_t k = 0; k < sizeof steps / sizeof *steps; k++) {
        c.steps = steps[k];
        c.early_stop_scope = DG_SCOPE_HUMANS;
        check_counts(&c, 9);
        c.early_stop_scope = DG_SCOPE_POPULATION;
        check_counts(&c, 13);
    }
}

Test(world, early_stop_count_is_0_without_a_share)
{
    const dg_config c = fixture_config(1);
    fixture_run run = fixture_begin(&c);
    cr_expect_eq(run.params.early_stop_count, 0);
    fixture_free(&run);
}

/** 0 if two arrays of a field hold the same bytes. */
#define DIFFER(a, b, field, count) memcmp((a).state.field, (b).state.field, (size_t)(count)*4)

Test(world, conditions_of_one_seed_have_the_same_start)
{
    dg_config c = fixture_config(4);
    fixture_run plain = fixture_begin(&c);
    c.group[0].influence_bonus = 2;
    c.group[1].act_period = 2;
    c.update = DG_UPDATE_RANDOM;
    c.belief_factor = 0;
    c.group[0].belief = 7;
    fixture_run other = fixture_begin(&c);
    const int64_t pairs = (int64_t)plain.shape.agents * plain.shape.row;
    cr_assert_eq(DIFFER(plain, other, weight, pairs), 0);
    cr_assert_eq(DIFFER(plain, other, momentum, pairs), 0);
    for (int i = 0; i < plain.shape.agents; i++)
        cr_assert_eq(other.state.belief[i], i < 4 ? 7 : plain.state.belief[i]);
    fixture_free(&plain);
    fixture_free(&other);
}

Test(world, other_seeds_have_another_start)
{
    const dg_config a = fixture_config(4), b = fixture_config(5);
    fixture_run one = fixture_begin(&a), two = fixture_begin(&b);
    const int64_t pairs = (int64_t)one.shape.agents * one.shape.row;
    cr_assert_neq(DIFFER(one, two, weight, pairs), 0);
    cr_assert_neq(DIFFER(one, two, static_cost, pairs), 0);
    cr_assert_neq(DIFFER(one, two, belief, one.shape.agents), 0);
    fixture_free(&one);
    fixture_free(&two);
}

Test(world, a_bonus_lowers_the_cost_of_its_group)
{
    /* -log S_ij = K_c ||c(i) - c(j)|| + K_I exp(C_i - C_j): a bonus of j lowers the second term by
       e^-2, one of i raises it by e^2, one of both changes nothing */
    dg_config c = fixture_config(4);
    c.coordinate_factor = 0;
    fixture_run plain = fixture_begin(&c);
    c.group[0].influence_bonus = 2;
    fixture_run bonus = fixture_begin(&c);
    for (int i = 0; i < plain.shape.agents; i++)
        for (int j = 0; j < plain.shape.agents; j++) {
            if (i == j) continue;
            const int64_t at = (int64_t)i * plain.shape.row + j;
            const double ratio = exp(2.0 * (i < 4) - 2.0 * (j < 4));
            cr_assert_float_eq(bonus.state.static_cost[at] / plain.state.static_cost[at], ratio,
                               1e-5 * ratio);
        }
    fixture_free(&plain);
    fixture_free(&bonus);
}

/** With K_c = 0 and K_I = 1 the costs are exp(C_i - C_j), where the agents' niches give C_i. */
Test(world, costs_follow_from_the_niches_of_agents)
{
    dg_config c = fixture_config(4);
    dg_niche niche;
    int32_t niche_of[13];
    c.coordinate_factor = 0;
    c.group[1].influence_bonus = 0.5;
    fixture_run run = fixture_begin(&c);
    const dg_niche_keys keys = dg_niche_keys_of(&c);
    cr_assert_eq(dg_niche_make(&niche, &keys), DG_OK);
    cr_assert_eq(dg_niche_assign(&niche, &c, niche_of), DG_OK);
    double influence[13]; /* C_i */
    for (int i = 0; i < 13; i++) {
        cr_assert(niche_of[i] >= 0 && niche_of[i] < c.niche_centroids);
        influence[i] = dg_niche_influence_of(&niche, niche_of[i]) + (i >= 4 && i < 8 ? 0.5 : 0);
    }
    for (int i = 0; i < 13; i++)
        for (int j = 0; j < 13; j++) {
            const double cost = i == j ? 0 : exp(influence[i] - influence[j]);
            cr_assert_float_eq(run.state.static_cost[(int64_t)i * run.shape.row + j], cost,
                               1e-6 * cost);
        }
    dg_niche_free(&niche);
    fixture_free(&run);
}

Test(world, niches_compare_by_seed_and_niche_keys_only)
{
    const dg_config a = fixture_config(4);
    dg_config b[5] = {a, a, a, a, a}, same = a;
    b[0].seed++;
    b[1].niche_points++;
    b[2].niche_dimensions++;
    b[3].niche_centroids++;
    b[4].niche_iterations++;
    const dg_niche_keys of_a = dg_niche_keys_of(&a);
    for (int k = 0; k < 5; k++) {
        const dg_niche_keys of_b = dg_niche_keys_of(&b[k]);
        const int order = dg_niche_compare(&of_a, &of_b);
        cr_assert_neq(order, 0, "key %d", k);
        cr_assert_eq(order<0, dg_niche_compare(&of_b, &of_a)> 0, "key %d", k);
    }
    same.group[0].influence_bonus = same.coordinate_factor = 7;
    same.agents++;
    const dg_niche_keys of_same = dg_niche_keys_of(&same);
    cr_assert_eq(dg_niche_compare(&of_a, &of_same), 0);
}

Test(world, beliefs_start_uniform)
{
    int64_t count[10] = {0};
    double p[10];
    dg_config c = fixture_config(0);
    c.niche_points = 10;
    for (int v = 0; v < 10; v++) p[v] = 0.1;
    for (c.seed = 0; c.seed < 2000; c.seed++) {
        fixture_run run = fixture_begin(&c);
        for (int i = 0; i < run.shape.agents; i++) count[run.state.belief[i]]++;
        fixture_free(&run);
    }
    chance_assert("initial beliefs", count, p, 10);
}

Test(world, sparsity_rounds_to_whole_agents)
{
    dg_config c = fixture_config(1);
    const double sparsity[] = {0, 0.03, 0.04, 0.5, 1};
    const int dropped[] = {0, 0, 1, 7, 13}; /* of 13 agents, halves up */
    for (int k = 0; k < 5; k++) {
        c.observation_sparsity = c.contagion_sparsity = sparsity[k];
        fixture_run run = fixture_begin(&c);
        cr_assert_eq(run.params.observation_dropped, dropped[k], "%g", sparsity[k]);
        cr_assert_eq(run.params.contagion_dropped, dropped[k], "%g", sparsity[k]);
        fixture_free(&run);
    }
}
