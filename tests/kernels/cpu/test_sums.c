/**
 * kernels/cpu/sums.h: draws from rows of many agents, against one candidate after another. First the functions
 * themselves, at the words where a candidate begins and ends; then whole steps.
 */
#include "kernels/science/observe.h"
#include "tests/support/draws.h"
#include "tests/support/one_step.h"
#include "tests/support/sums.h"

#include <criterion/criterion.h>

#include <stdlib.h>

/* ---- words where a candidate begins and ends ------------------------------------------------- */

/* weights: as large as they may be, of all sizes, most of them 0, all 1 */
enum { LARGEST, MIXED, SPARSE, ONES, SPREADS };

static uint32_t weight_of(int spread, int k)
{
    if (spread == LARGEST) return DG_SUMS_UNIT;
    if (spread == SPARSE && k % 5 != 1) return 0;
    return spread == ONES ? 1 : 1 + ((uint32_t)rand() >> (4 + rand() % 26)); /* rand() < 2^31 */
}

Test(sums, a_place_ends_where_its_prefix_sum_does)
{
    for (int spread = 0; spread < SPREADS; spread++) {
        uint32_t weight[DG_ROW_ALIGN], before = 0;
        for (int k = 0; k < DG_ROW_ALIGN; k++) weight[k] = weight_of(spread, k);
        for (int k = 0; k < DG_ROW_ALIGN; before += weight[k++]) {
            if (weight[k] == 0) continue;
            const draws *d;
            for (int set = 0; (d = draws_at(set)) != NULL; set++) {
                cr_assert_eq(d->place(weight, before), k, "%s, %d: %d", d->set, spread, k);
                cr_assert_eq(d->place(weight, before + weight[k] - 1), k, "%s, %d: end of %d",
                             d->set, spread, k);
            }
        }
    }
}

/** A row of integers, whole tiles, and the sums of its tiles. */
typedef struct row {
    uint32_t weight[1024];
    uint64_t upto[1024 / DG_ROW_ALIGN];
    int count;
} row;

static row row_of(int count, int spread)
{
    row r = {.count = count};
    for (int k = 0; k < count; k++) r.weight[k] = weight_of(spread, k);
    return r;
}

static dg_sums sums_of(row *r)
{
    const dg_sums sums = {r->weight, r->upto, (int32_t)dg_round_up(r->count, DG_ROW_ALIGN)};
    for (int32_t t = 0; t < dg_sums_tiles(&sums); t++)
        sums.upto[t] = sums_total(r->weight, (t + 1) * DG_ROW_ALIGN);
    return sums;
}

/** What a word draws of a row, and what that leaves. */
static void assert_row_draws(const draws *d, const row *from, uint32_t word)
{
    row r = *from;
    const dg_sums sums = sums_of(&r);
    const int k = sums_find(from->weight, from->count, word);
    cr_assert_eq(d->row(&sums, word), k, "%s, %d candidates, word %u", d->set, r.count, word);
    cr_assert_eq(r.weight[k], 0);
    cr_assert_eq(dg_sums_total(&sums), sums_total(from->weight, from->count) - from->weight[k]);
}

Test(sums, a_row_draws_each_candidate_from_its_first_word_on)
{
    const int count[] = {2, 3, 15, 16, 17, 31, 32, 33, 48, 99, 300, 1023, 1024};
    const draws *d;
    for (size_t n = 0; n < sizeof count / sizeof *count; n++)
        for (int spread = 0; spread < SPREADS; spread++) {
            const row r = row_of(count[n], spread);
            /* of a long row the first and the last place of each tile */
            const int apart = r.count > 100 ? DG_ROW_ALIGN - 1 : 1;
            for (int k = 0; k < r.count; k += k % DG_ROW_ALIGN < DG_ROW_ALIGN - 1 ? apart : 1)
                for (int edge = 0; edge < SUMS_EDGES; edge++)
                    for (int set = 0; (d = draws_at(set)) != NULL; set++)
                        assert_row_draws(d, &r, sums_edge(r.weight, r.count, k, edge));
        }
}

/** One after another, each at an edge of what is left. */
static void assert_row_is_drawn(const draws *d, row *r)
{
    sums_left left = {.count = r->count};
    const dg_sums sums = sums_of(r);
    memcpy(left.weight, r->weight, sizeof left.weight);
    for (int n = 0; n < 40 && dg_sums_total(&sums) > 0; n++) {
        const uint32_t word =
            sums_edge(left.weight, left.count, rand() % left.count, rand() % SUMS_EDGES);
        cr_assert_eq(d->row(&sums, word), sums_take(&left, word), "%s, draw %d of %d candidates",
                     d->set, n, r->count);
        cr_assert_eq(dg_sums_total(&sums), sums_total(left.weight, left.count));
    }
}

Test(sums, a_row_is_drawn_one_after_another)
{
    const int count[] = {2, 16, 17, 33, 64, 100, 1024};
    const draws *d;
    for (int set = 0; (d = draws_at(set)) != NULL; set++)
        for (size_t n = 0; n < sizeof count / sizeof *count; n++)
            for (int spread = 0; spread < SPREADS; spread++) {
                row r = row_of(count[n], spread);
                assert_row_is_drawn(d, &r);
            }
}

/** 0, or a number up to 60 below it. */
static float number_of(int spread, int k)
{
    return spread == LARGEST ? 0 : -30.0f * (float)rand() / (float)RAND_MAX * (float)(k % 3);
}

Test(sums, few_values_are_drawn_each_from_its_first_word_on)
{
    const draws *d;
    for (int count = 1; count <= DG_ROW_ALIGN; count++)
        for (int spread = LARGEST; spread <= MIXED; spread++) {
            float x[DG_ROW_ALIGN];
            uint32_t weight[DG_ROW_ALIGN];
            for (int k = 0; k < DG_ROW_ALIGN; k++) {
                x[k] = 5 + number_of(spread, k); /* the first is the largest */
                weight[k] = dg_sums_weight(x[0] - x[k]);
            }
            for (int w = 0; w < SUMS_EDGES * count; w++) {
                const uint32_t word = sums_edge(weight, count, w / SUMS_EDGES, w % SUMS_EDGES);
                for (int set = 0; (d = draws_at(set)) != NULL; set++)
                    cr_assert_eq(d->softmax_of_16(x, count, word), sums_find(weight, count, word),
                                 "%s, %d values, word %u", d->set, count, word);
            }
        }
}

/* ---- steps ----------------------------------------------------------------------------------- */

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

/**
 * One has nearly all of the weight, the others DG_SUMS_ENOUGH together, nearly a half of a unit of each rounded off:
 * half of them up, half of them down. So weights made anew have other sums.
 */
static float just_enough(int32_t i, int32_t j, int32_t agents)
{
    const int32_t others = agents - 2, rank = (j - i + agents) % agents - 2;
    const int32_t each = (int32_t)DG_SUMS_ENOUGH / others, more = (int32_t)DG_SUMS_ENOUGH % others;
    if (rank < 0) return 0; /* the agent itself, and the one behind it */
    const float off = rank < others / 2 ? 0.45f : -0.45f;
    return -logf(((float)(each + (rank < more)) + off) / (float)DG_SUMS_UNIT);
}

Test(sums, weights_stay_where_what_is_left_is_just_enough)
{
    enum { AGENTS = 500 };
    uint64_t total = 0;
    for (int32_t j = 2; j < AGENTS; j++) total += dg_sums_weight(just_enough(0, j, AGENTS));
    cr_assert_eq(total, DG_SUMS_ENOUGH);
    dg_config c = one_step_config(AGENTS, 2, 2);
    c.belief_factor = 0;
    one_step s = one_step_begin(&c);
    one_step_costs(&s, just_enough);
    for (int k = 0; one_step_take(&s, k); k++)
        cr_expect_eq(one_step_assert_observed(&s, "just enough"), AGENTS);
    one_step_end(&s);
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
