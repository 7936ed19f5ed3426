/** kernels/science/convergence.h, and runs that it ends: against a count over the trace of single agents. */
#include "tests/support/fixture.h"

#include "kernels/science/convergence.h"

#include <criterion/criterion.h>

#include <stdlib.h>

/* ---- a generation ---------------------------------------------------------------------------- */

/** A record of three groups, the first AI, in which every value is held by a few. */
static fixture_run counted(int64_t **record)
{
    const dg_config c = fixture_config(1);
    fixture_run run = fixture_begin(&c);
    *record = fixture_memory(dg_record_words(&run.shape) * (int64_t)sizeof **record);
    for (int32_t g = 0; g < 3; g++)
        for (int32_t v = 0; v < 10; v++)
            (*record)[dg_record_group(&run.shape, g) + DG_COUNTS + v] = 100 * g + v;
    return run;
}

Test(convergence, counts_the_groups_of_the_scope)
{
    int64_t *record;
    fixture_run run = counted(&record);
    run.params.early_stop_scope = DG_SCOPE_HUMANS;
    run.params.early_stop_count = 100 + 200 + 2 * 7;
    cr_expect(!dg_convergence_reached(&run.shape, &run.params, record, 6));
    cr_expect(dg_convergence_reached(&run.shape, &run.params, record, 7));
    run.params.early_stop_scope = DG_SCOPE_POPULATION;
    run.params.early_stop_count += 7;
    cr_expect(!dg_convergence_reached(&run.shape, &run.params, record, 6));
    cr_expect(dg_convergence_reached(&run.shape, &run.params, record, 7));
    free(record);
    fixture_free(&run);
}

Test(convergence, ends_a_run_with_the_last_of_so_many_in_a_row)
{
    static const int32_t converged[] = {1, 1, 0, 1, 1, 1};
    int32_t ended[DG_ROW_ALIGN] = {0};
    dg_params p = {.early_stop_generations = 3};
    for (int32_t g = 0; g < 5; g++) dg_convergence_follow(ended, &p, g, converged[g]);
    cr_expect_eq(dg_ended_after(ended), 0);
    cr_expect_eq(ended[DG_ENDED_STREAK], 2);
    dg_convergence_follow(ended, &p, 5, converged[5]);
    cr_expect_eq(dg_ended_after(ended), 6);
    cr_expect_eq(ended[DG_ENDED_NONFINITE], 0);
}

/* ---- whole runs ------------------------------------------------------------------------------ */

enum { GENERATIONS = 12 };

/** Beliefs that drift together: contagion from all, so that shares rise and fall over generations. */
static dg_config drifting(uint64_t seed)
{
    dg_config c = fixture_config(seed);
    fixture_tables(&c);
    c.overflow = DG_OVERFLOW_EXACT;
    c.update = DG_UPDATE_MOMENTUM;
    c.contagion_factor = 0.35;
    c.generations = GENERATIONS;
    c.values = 3;
    c.diversity_every = 2;
    return c;
}

/** Pairs that the most common belief of a generation holds, counted agent by agent. */
static int32_t most_common(const fixture_run *run, int32_t generation, dg_scope scope)
{
    int32_t held[16] = {0}, most = 0;
    const int32_t first = scope == DG_SCOPE_HUMANS ? run->shape.group[0].size : 0;
    for (int32_t t = 0; t < run->shape.steps; t++)
        for (int32_t i = first; i < run->shape.agents; i++)
            held[fixture_trace(run, generation, DG_TRACE_BELIEF, t)[i]]++;
    for (int32_t v = 0; v < run->shape.values; v++) most = held[v] > most ? held[v] : most;
    return most;
}

/** Generations until `row` in a row have reached `count`; all of them if that never happens. */
static int32_t expected_end(const fixture_run *whole, dg_scope scope, int32_t count, int32_t row)
{
    for (int32_t g = row - 1; g < GENERATIONS; g++) {
        int32_t reached = 0;
        for (int32_t k = g - row + 1; k <= g; k++) reached += most_common(whole, k, scope) >= count;
        if (reached == row) return g + 1;
    }
    return GENERATIONS;
}

/** Run on the CPU with early stop; `out` is a run at its start. Generations that it took. */
static int32_t run_until(fixture_run *out, dg_scope scope, int32_t count, int32_t row)
{
    const dg_backend *backend = dg_backend_cpu();
    const dg_batch_options options = {.runs = 1, .threads = 1};
    dg_batch *batch = NULL;
    out->params.early_stop_scope = scope;
    out->params.early_stop_count = count;
    out->params.early_stop_generations = row;
    cr_assert_eq(backend->create(&batch, &out->shape, &options), DG_OK);
    cr_assert_eq(backend->upload(batch, 0, &out->params, out->block), DG_OK);
    cr_assert_eq(backend->advance(batch, 5, NULL), DG_OK);
    cr_assert_eq(backend->advance(batch, GENERATIONS, NULL), DG_OK);
    const int32_t finished = backend->generations(batch, 0);
    out->records = fixture_memory(finished * dg_record_words(&out->shape) * 8);
    memcpy(out->records, backend->records(batch, 0),
           (size_t)(finished * dg_record_words(&out->shape)) * sizeof *out->records);
    cr_assert_eq(backend->download(batch, 0, out->block), DG_OK);
    backend->destroy(&batch);
    return finished;
}

/** What an early end leaves is what a run of that length leaves, but for the words that say so. */
static void assert_as_planned_so(const dg_config *config, fixture_run *early, int32_t finished,
                                 const fixture_run *whole)
{
    dg_config c = *config;
    c.generations = finished;
    fixture_run planned = fixture_finish(&c, (fixture_how){0});
    memset(early->state.ended, 0, DG_ROW_ALIGN * sizeof *early->state.ended);
    cr_assert_arr_eq(early->block, planned.block, (size_t)dg_state_bytes(&planned.shape));
    /* no special measurement at an early end: records are those of the whole run */
    cr_assert_arr_eq(early->records, whole->records,
                     (size_t)(finished * dg_record_words(&whole->shape)) * sizeof(int64_t));
    fixture_free(&planned);
}

/** One threshold on one run; 1: it ended the run before its last generation. */
static int try_threshold(const dg_config *c, const fixture_run *whole, dg_scope scope,
                         int32_t count, int32_t row)
{
    fixture_run early = fixture_begin(c);
    const int32_t finished = run_until(&early, scope, count, row);
    const int32_t expected = expected_end(whole, scope, count, row);
    cr_assert_eq(finished, expected, "scope %d, %d pairs, %d in a row: %d, expected %d", scope,
                 count, row, finished, expected);
    if (finished < GENERATIONS) {
        cr_assert_eq(early.state.ended[DG_ENDED_CONVERGED], finished);
        cr_assert_eq(early.state.ended[DG_ENDED_STREAK], row);
        assert_as_planned_so(c, &early, finished, whole);
    }
    fixture_free(&early);
    return finished < GENERATIONS;
}

Test(convergence, ends_runs_where_a_count_over_all_agents_says_so)
{
    int ended[GENERATIONS + 1] = {0}, early = 0, tried = 0;
    for (uint64_t seed = 1; seed <= 2; seed++) {
        const dg_config c = drifting(seed);
        fixture_run whole = fixture_finish(&c, (fixture_how){.trace = 1});
        for (int scope = 0; scope < 2; scope++)
            for (int32_t g = 0; g < GENERATIONS; g += 2)
                for (int32_t row = 1; row <= 3; row++, tried++) {
                    const int32_t count = most_common(&whole, g, (dg_scope)scope);
                    early += try_threshold(&c, &whole, (dg_scope)scope, count, row);
                    ended[expected_end(&whole, (dg_scope)scope, count, row)]++;
                }
        fixture_free(&whole);
    }
    /* the runs drift enough for the test to mean something */
    int places = 0;
    for (int32_t g = 1; g < GENERATIONS; g++) places += ended[g] > 0;
    cr_assert(early > tried / 4 && early < tried && places > 3, "%d of %d, at %d places", early,
              tried, places);
}

Test(convergence, at_the_last_generation_is_still_noted)
{
    dg_config c = drifting(1);
    fixture_run run = fixture_begin(&c);
    cr_expect_eq(run_until(&run, DG_SCOPE_HUMANS, 1, GENERATIONS), GENERATIONS);
    cr_expect_eq(run.state.ended[DG_ENDED_CONVERGED], GENERATIONS);
    fixture_free(&run);
}

Test(convergence, is_not_watched_unless_asked)
{
    dg_config c = drifting(1);
    for (int32_t g = 0; g < 3; g++) c.group[g].belief = DG_BELIEF_FIXED;
    fixture_run run = fixture_begin(&c);
    cr_expect_eq(run_until(&run, DG_SCOPE_HUMANS, 0, 1), GENERATIONS);
    for (int32_t k = 0; k < DG_ROW_ALIGN; k++) cr_expect_eq(run.state.ended[k], 0);
    fixture_free(&run);
}

Test(convergence, of_a_run_in_trouble_does_not_hide_the_trouble)
{
    dg_config c = drifting(1);
    c.update = DG_UPDATE_RANDOM;
    c.carry = DG_CARRY_RUN;
    fixture_run run = fixture_begin(&c);
    run.state.weight[1] = (float)INFINITY;
    cr_expect_eq(run_until(&run, DG_SCOPE_HUMANS, 1, 1), 1);
    cr_expect_eq(run.state.ended[DG_ENDED_NONFINITE], 1);
    cr_expect_eq(run.state.ended[DG_ENDED_CONVERGED], 1);
    fixture_free(&run);
}
