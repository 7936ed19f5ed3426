/** kernels/science/measures.h and the records of a run: counted again from the trace of single agents. */
#include "tests/support/fixture.h"

#include "kernels/science/fmath.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdlib.h>

static dg_config silent_config(void)
{
    dg_config c = fixture_config(6);
    c.group[1].act_period = 2;
    c.group[2].evolve_period = 2;
    c.generations = 4;
    return c;
}

/** Record of a generation, at a group's counts. */
static const int64_t *counts_of(const fixture_run *run, int32_t generation, int32_t group)
{
    return run->records + generation * dg_record_words(&run->shape) +
           dg_record_group(&run->shape, group);
}

/** Views and penalties of one agent over a generation; `belief` is that before its first step. */
static void count_agent(const fixture_run *run, int32_t g, int32_t i, int belief, int64_t *views,
                        int64_t *penalty)
{
    *views = *penalty = 0;
    for (int32_t t = 0; t < run->shape.steps; t++) {
        const int message = fixture_trace(run, g, DG_TRACE_MESSAGE, t)[i];
        *views += fixture_trace(run, g, DG_TRACE_VIEWS, t)[i];
        *penalty += abs(belief - message);
        belief = fixture_trace(run, g, DG_TRACE_BELIEF, t)[i];
    }
}

static void check_group(const fixture_run *run, const fixture_run *start, int32_t g, int32_t group)
{
    const dg_group_shape *at = &run->shape.group[group];
    const int64_t *count = counts_of(run, g, group);
    int64_t sum[5] = {0};
    for (int32_t i = at->first; i < at->first + at->size; i++) {
        const int before =
            g == 0 ? start->state.belief[i]
                   : fixture_trace(run, g - 1, DG_TRACE_BELIEF, run->shape.steps - 1)[i];
        int64_t v, p;
        count_agent(run, g, i, before, &v, &p);
        sum[0] += v;
        sum[1] += p;
        sum[2] += v * v;
        sum[3] += v * p;
        sum[4] += p * p;
    }
    cr_assert_eq(count[DG_COUNT_VIEWS], sum[0]);
    cr_assert_eq(count[DG_COUNT_PENALTY], sum[1]);
    cr_assert_eq(count[DG_COUNT_VIEWS_SQUARED], sum[2]);
    cr_assert_eq(count[DG_COUNT_VIEWS_PENALTY], sum[3]);
    cr_assert_eq(count[DG_COUNT_PENALTY_SQUARED], sum[4]);
}

Test(measures, moments_are_those_of_the_agents)
{
    const dg_config c = silent_config();
    fixture_run start = fixture_begin(&c), run = fixture_finish(&c, (fixture_how){.trace = 1});
    for (int32_t g = 0; g < run.shape.generations; g++)
        for (int32_t group = 0; group < 3; group++) check_group(&run, &start, g, group);
    fixture_free(&start);
    fixture_free(&run);
}

Test(measures, histograms_and_messages_are_those_of_the_trace)
{
    const dg_config c = silent_config();
    fixture_run run = fixture_finish(&c, (fixture_how){.trace = 1});
    for (int32_t g = 0; g < run.shape.generations; g++)
        for (int32_t group = 0; group < 3; group++) {
            const dg_group_shape *at = &run.shape.group[group];
            int64_t histogram[10] = {0}, messages = 0;
            for (int32_t t = 0; t < run.shape.steps; t++)
                for (int32_t i = at->first; i < at->first + at->size; i++) {
                    histogram[fixture_trace(&run, g, DG_TRACE_BELIEF, t)[i]]++;
                    messages += fixture_trace(&run, g, DG_TRACE_MESSAGE, t)[i] >= 0;
                }
            const int64_t *count = counts_of(&run, g, group);
            cr_assert_arr_eq(count + DG_COUNTS, histogram, sizeof histogram);
            cr_assert_eq(count[DG_COUNT_MESSAGES], messages);
        }
    fixture_free(&run);
}

Test(measures, views_are_as_many_as_registers_that_hold_a_message)
{
    /* nobody is silent: every agent observes its capacity of 4 in every step */
    const dg_config c = fixture_config(6);
    fixture_run run = fixture_finish(&c, (fixture_how){0});
    for (int32_t g = 0; g < run.shape.generations; g++) {
        int64_t views = 0;
        for (int32_t group = 0; group < 3; group++)
            views += counts_of(&run, g, group)[DG_COUNT_VIEWS];
        cr_assert_eq(views, 4 * 13 * c.steps);
    }
    fixture_free(&run);
}

/** Sum of a trace field in a step over agents first ... end-1. */
static int sum_of(const fixture_run *run, int32_t g, int32_t t, dg_trace_field field, int32_t first,
                  int32_t end)
{
    int sum = 0;
    for (int32_t i = first; i < end; i++) sum += fixture_trace(run, g, field, t)[i];
    return sum;
}

/** Group 0 is AI: what is received of it is what it is observed; returns the messages received. */
static int check_received(const fixture_run *run, int32_t g, int32_t t)
{
    const int32_t ai = run->shape.group[0].size, agents = run->shape.agents;
    const int received = sum_of(run, g, t, DG_TRACE_RECEIVED, 0, agents);
    cr_assert_eq(received, sum_of(run, g, t, DG_TRACE_VIEWS, 0, agents));
    cr_assert_eq(sum_of(run, g, t, DG_TRACE_RECEIVED_AI, 0, agents),
                 sum_of(run, g, t, DG_TRACE_VIEWS, 0, ai));
    for (int32_t i = 0; i < agents; i++) {
        const int all = fixture_trace(run, g, DG_TRACE_RECEIVED, t)[i];
        const int of_ai = fixture_trace(run, g, DG_TRACE_RECEIVED_AI, t)[i];
        cr_assert(0 <= of_ai && of_ai <= all && all <= 4, "agent %d: %d of %d", i, of_ai, all);
    }
    return received;
}

Test(measures, what_is_received_is_what_is_viewed)
{
    static const int32_t silent[] = {DG_SILENT_MARKER, DG_SILENT_EXCLUDED, DG_SILENT_LAST};
    for (int k = 0; k < 3; k++) {
        dg_config c = silent_config();
        c.silent = silent[k];
        c.group[0].act_period = 3; /* steps in which AI agents are silent, too */
        fixture_run run = fixture_finish(&c, (fixture_how){.trace = 1});
        int all_speak = 0, some_speak = 0;
        for (int32_t g = 0; g < run.shape.generations; g++)
            for (int32_t t = 0; t < run.shape.steps; t++)
                *(t == 0 ? &all_speak : &some_speak) += check_received(&run, g, t);
        cr_assert_eq(all_speak, 4 * 13 * run.shape.generations);
        /* of those who speak in every step there are five, enough for every register */
        cr_assert_eq(some_speak == 5 * all_speak, c.silent == DG_SILENT_EXCLUDED);
        fixture_free(&run);
    }
}

Test(measures, sigma_is_the_one_that_made_the_genotypes)
{
    dg_config c = silent_config();
    fixture_run run = fixture_finish(&c, (fixture_how){0});
    for (c.generations = 1; c.generations < 4; c.generations++) {
        /* a run that ends after g generations holds the step size of generation g */
        fixture_run part = fixture_finish(&c, (fixture_how){0});
        for (int32_t group = 0; group < 3; group++)
            cr_assert_eq((uint32_t)counts_of(&run, (int32_t)c.generations, group)[DG_COUNT_SIGMA],
                         dg_bits_of(part.state.sigma[group]));
        fixture_free(&part);
    }
    cr_assert_eq((uint32_t)counts_of(&run, 0, 0)[DG_COUNT_SIGMA], dg_bits_of(0.1f));
    fixture_free(&run);
}

/* ---- genotype diversity ---------------------------------------------------------------------- */

/** Euclidean distance of agents a of group g and b of group h, in double. */
static double distance(const fixture_run *run, int32_t g, int32_t a, int32_t h, int32_t b)
{
    const dg_group_shape *left = &run->shape.group[g], *right = &run->shape.group[h];
    const float *x = run->state.genotype + left->genotype + (int64_t)a * left->stride;
    const float *y = run->state.genotype + right->genotype + (int64_t)b * right->stride;
    double sum = 0;
    for (int32_t p = 0; p < left->parameters; p++) sum += pow((double)x[p] - (double)y[p], 2);
    return sqrt(sum);
}

Test(measures, distances_in_fixed_point_never_overflow_their_sum)
{
    static const float odd[] = {1e12f, 1e30f, (float)INFINITY, (float)NAN};
    static const int64_t pairs[] = {1, 4, 45, 100000000};
    for (int k = 0; k < 4; k++)
        for (int d = 0; d < 4; d++) {
            const int64_t fixed = dg_distance_fixed(odd[d], pairs[k]);
            cr_assert(fixed >= 0 && fixed <= INT64_MAX / pairs[k], "%g among %lld", (double)odd[d],
                      (long long)pairs[k]);
        }
    cr_assert_eq(dg_distance_fixed(1.5f, 45), 25165824);
    cr_assert_eq(dg_distance_fixed(0.0f, 45), 0);
}

Test(measures, diversity_sums_the_distances_of_pairs)
{
    dg_config c = fixture_config(6);
    /* nobody evolves: the state still holds the genotypes that were measured */
    for (int32_t g = 0; g < 3; g++) c.group[g].evolve_period = 0;
    fixture_run run = fixture_finish(&c, (fixture_how){0});
    for (int32_t g = 0; g < 3; g++)
        for (int32_t h = 0; h < 3; h++) {
            double sum = 0;
            for (int32_t a = 0; a < run.shape.group[g].size; a++)
                for (int32_t b = g == h ? a + 1 : 0; b < run.shape.group[h].size; b++)
                    sum += distance(&run, g, a, h, b);
            const double got =
                (double)run.records[dg_record_distance(&run.shape, g, h)] / 16777216.0;
            cr_assert_float_eq(got, sum, 1e-5 * sum, "groups %d and %d", g, h);
        }
    fixture_free(&run);
}

Test(measures, diversity_is_absent_where_it_was_not_asked_or_has_no_meaning)
{
    dg_config c = fixture_config(6);
    c.generations = 6;
    c.diversity_every = 4;
    c.group[2].hidden = 7; /* genotypes of another length */
    fixture_run run = fixture_finish(&c, (fixture_how){0});
    const dg_shape *s = &run.shape;
    for (int32_t g = 0; g < 6; g++) {
        const int64_t *record = run.records + g * dg_record_words(s);
        const int due = g == 0 || g == 4 || g == 5;
        cr_assert_eq(record[dg_record_distance(s, 0, 1)] != DG_DISTANCE_ABSENT, due);
        cr_assert_eq(record[dg_record_distance(s, 2, 2)] != DG_DISTANCE_ABSENT, due);
        cr_assert_eq(record[dg_record_distance(s, 1, 0)], record[dg_record_distance(s, 0, 1)]);
        cr_assert_eq(record[dg_record_distance(s, 0, 2)], DG_DISTANCE_ABSENT);
    }
    fixture_free(&run);
}

Test(measures, parts_of_a_record_do_not_overlap)
{
    const dg_config c = fixture_config(6);
    dg_shape s;
    dg_config_shape(&c, &s);
    const int64_t words = dg_record_words(&s);
    int64_t *used = fixture_memory(words * (int64_t)sizeof *used);
    for (int32_t g = 0; g < s.groups; g++) {
        for (int64_t k = 0; k < DG_COUNTS + s.values; k++) used[dg_record_group(&s, g) + k]++;
        for (int32_t h = 0; h < s.groups; h++) used[dg_record_distance(&s, g, h)]++;
    }
    for (int64_t k = 0; k < words; k++) cr_assert_eq(used[k], 1);
    free(used);
}
