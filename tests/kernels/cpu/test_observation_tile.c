/**
 * kernels/cpu/observation_tile.h: draws of up to 32 agents at once, against one candidate after another. First the
 * draws themselves, at the words where a candidate begins and ends; then whole steps.
 */
#include "kernels/science/observe.h"
#include "tests/support/draws.h"
#include "tests/support/one_step.h"
#include "tests/support/sums.h"

#include <criterion/criterion.h>

#include <stdlib.h>

/* ---- words where a candidate begins and ends ------------------------------------------------- */

/*
 * how costs spread: all equal, near each other, of any size, few that can be drawn; one that has nearly all of the
 * weight, and the others DG_SUMS_ENOUGH together, or one less in every second lane
 */
enum { EQUAL, NEAR, FAR, FEW, ENOUGH, SPREADS };

/** Cost of the candidate that lies so far behind the agent of a lane. */
static float cost_of(int spread, int lane, int behind, int agents)
{
    const uint32_t others = (uint32_t)agents - 2, enough = (uint32_t)DG_SUMS_ENOUGH;
    const float u = (float)rand() / (float)RAND_MAX;
    if (behind == 0) return DG_OBSERVE_NEVER;
    if (spread == FEW) return behind % 3 == lane % 3 ? u : DG_OBSERVE_NEVER;
    if (spread != ENOUGH) return spread == EQUAL ? 1.5f : spread == NEAR ? 3 * u : 25 * u;
    if (behind == 1) return 0;
    return sums_behind(enough / others + (behind == 2 ? enough % others - (uint32_t)lane % 2 : 0));
}

/** All lanes as they are left by the draws so far. */
typedef struct lanes {
    dg_observation_lanes o;
    float cost[DG_TILE_AGENTS][DG_TILE_AGENTS], least[DG_TILE_AGENTS]; /* [lane][candidate] */
    sums_left left[DG_TILE_AGENTS];
    int32_t capacity[DG_TILE_AGENTS];
    uint32_t low[DG_TILE_AGENTS], drawn[DG_TILE_AGENTS]; /* drawn: a mask of candidates */
    int agents;
} lanes;

static void begin(lanes *s, int agents, int most, int spread)
{
    memset(s, 0, sizeof *s);
    s->agents = agents;
    for (int l = 0; l < DG_TILE_AGENTS; l++) {
        s->capacity[l] = 1 + (l % 3 ? most - 1 : l % most);
        s->least[l] = DG_OBSERVE_NEVER;
        for (int j = 0; j < agents; j++) {
            const float cost = cost_of(spread, l, (j - l % agents + agents) % agents, agents);
            s->cost[l][j] = s->o.cost[j][l] = cost;
            s->least[l] = cost < s->least[l] ? cost : s->least[l];
        }
        sums_begin(&s->left[l], s->cost[l], agents);
        s->low[l] = !sums_weigh(&s->left[l]);
    }
}

/** Words at edges of what is left. */
static void choose_words(const lanes *s, uint32_t *word)
{
    for (int l = 0; l < DG_TILE_AGENTS; l++) {
        const int at = rand() % s->agents, edge = rand() % SUMS_EDGES;
        word[l] = sums_total(s->left[l].weight, s->agents) == 0
                      ? 0
                      : sums_edge(s->left[l].weight, s->agents, at, edge);
    }
}

/** The lane draws as its reference does, up to the draw that asks for new weights. */
static void assert_lane(const char *set, lanes *s, int k, int l, uint32_t word)
{
    sums_left *left = &s->left[l];
    uint32_t drawn = 0;
    if (k < s->capacity[l]) s->low[l] |= sums_total(left->weight, s->agents) < DG_SUMS_ENOUGH;
    cr_assert_eq(s->o.low[l], s->low[l], "%s, lane %d of %d, draw %d: low", set, l, s->agents, k);
    if (s->low[l]) return;
    if (k < s->capacity[l]) s->drawn[l] |= 1u << sums_take(left, word);
    for (int d = 0; d <= k; d++) {
        const int32_t j = s->o.place[d][l], before = d > 0 ? s->o.place[d - 1][l] : -1;
        cr_assert_eq(j >= 0, d < s->capacity[l]);
        if (j < 0) continue;
        cr_assert_gt(j, before);
        drawn |= 1u << j;
    }
    cr_assert_eq(drawn, s->drawn[l], "%s, lane %d of %d, draw %d: %x, not %x", set, l, s->agents, k,
                 drawn, s->drawn[l]);
}

/** Returns how many lanes asked for new weights. */
static int assert_lanes(const draws *d, int agents, int most, int spread)
{
    static lanes s;
    int low = 0;
    begin(&s, agents, most, spread);
    d->weigh(&s.o, agents, s.least);
    for (int k = 0; k < most; k++) {
        uint32_t word[DG_TILE_AGENTS];
        choose_words(&s, word);
        d->draw(&s.o, k, agents, word, s.capacity);
        for (int l = 0; l < DG_TILE_AGENTS; l++) assert_lane(d->set, &s, k, l, word[l]);
    }
    for (int l = 0; l < DG_TILE_AGENTS; l++) low += (int)s.low[l];
    return low;
}

Test(observation_tile, each_candidate_is_drawn_from_its_first_word_on)
{
    const draws *d;
    for (int set = 0; (d = draws_at(set)) != NULL; set++)
        for (int spread = 0; spread < SPREADS; spread++) {
            int low = 0;
            for (int agents = 3; agents <= DG_TILE_AGENTS; agents++) {
                const int most = agents - 1 < DG_TILE_DRAWS ? agents - 1 : DG_TILE_DRAWS;
                for (int row = 0; row < 10; row++) low += assert_lanes(d, agents, most, spread);
            }
            cr_expect((spread >= FAR) == (low > 0), "%s, spread %d: %d lanes low", d->set, spread,
                      low);
        }
}

/* ---- steps ----------------------------------------------------------------------------------- */

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
