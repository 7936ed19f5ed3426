/** host/models/model.c, digico.c, echo.c: every model has a complete row; the work of its runs. */
#include "host/models/model.h"
#include "tests/support/load.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static dg_experiment *experiment_of(const char *text)
{
    dg_experiment *experiment = NULL;
    cr_assert_eq(dg_experiment_parse(&experiment, "model.yaml", text, strlen(text), NULL, 0), DG_OK,
                 "%s", dg_error());
    return experiment;
}

Test(model, every_word_has_a_row)
{
    static const char *const word[] = {
#define WORD(code, text) [code] = text,
        DG_MODEL_LIST(WORD)
#undef WORD
    };
    for (int32_t kind = 0; kind < (int32_t)(sizeof word / sizeof *word); kind++) {
        const dg_model *m = dg_model_of(kind);
        cr_assert_not_null(m, "%s", word[kind]);
        cr_expect_str_eq(m->word, word[kind]);
        cr_expect_str_eq(m->layout->model, word[kind], "results.c finds the model by this word");
        cr_expect(m->generations && m->agent_steps && m->same_shape && m->describe, "%s", m->word);
        cr_expect(m->file_bytes && m->part_bytes && m->store && m->summarise && m->heading);
        cr_expect(m->layout->measure && m->layout->define && m->layout->title);
        /* memory is known by the model if it computes, else by the backend */
        cr_expect_eq(m->compute != NULL, m->memory_bytes != NULL, "%s", m->word);
        /* nothing measures what the model computes itself: plan would refuse it */
        cr_expect_eq(m->compute != NULL, m->seconds_per_agent_step > 0, "%s", m->word);
        cr_expect_gt(m->file_fixed, 0, "%s", m->word);
    }
}

Test(model, work_of_an_ecosystem_is_agents_times_steps_times_generations)
{
    dg_experiment *e = experiment_of("agents: 9\nsteps: 7\ngenerations: 5\nvalues: 4\n");
    const dg_model *m = dg_model_of_experiment(e);
    cr_expect_eq(m->generations(RUN_CONFIG(e, 0)), 5);
    cr_expect_eq(m->agent_steps(RUN_CONFIG(e, 0), 5), 9 * 7 * 5);
    cr_expect_eq(m->agent_steps(RUN_CONFIG(e, 0), 2), 9 * 7 * 2);
    cr_expect_eq(m->agent_steps(RUN_CONFIG(e, 0), 0), 0);
    dg_experiment_free(&e);
}

/** 10 steps with a snapshot every 4: the last interval has 2 steps. */
Test(model, work_of_an_echo_chamber_counts_a_short_last_snapshot)
{
    dg_experiment *e =
        experiment_of("model: echo-chamber\necho: {agents: 3, steps: 10, snapshot_every: 4}\n");
    const dg_model *m = dg_model_of_experiment(e);
    cr_expect_eq(m->generations(RUN_CONFIG(e, 0)), 3);
    cr_expect_eq(m->agent_steps(RUN_CONFIG(e, 0), 1), 3 * 4);
    cr_expect_eq(m->agent_steps(RUN_CONFIG(e, 0), 2), 3 * 8);
    cr_expect_eq(m->agent_steps(RUN_CONFIG(e, 0), 3), 3 * 10);
    dg_experiment_free(&e);
}

static bool never(void *user)
{
    ++*(int *)user;
    return false;
}

static bool at_the_third_call(void *user)
{
    return ++*(int *)user == 3;
}

Test(model, an_echo_chamber_is_computed_in_memory_and_reports_its_work)
{
    dg_experiment *e =
        experiment_of("model: echo-chamber\necho: {agents: 3, steps: 10, snapshot_every: 4}\n");
    const dg_model *m = dg_model_of_experiment(e);
    _Atomic int64_t generations = 0, agent_steps = 0, runs = 0;
    int asked = 0;
    const dg_watch watch = {
        .generations_done = &generations, .agent_steps_done = &agent_steps, .runs_done = &runs};
    dg_compute_options how = {dg_backend_cpu_vector("generic"), never, &asked, &watch};
    dg_computed_run run, again;
    cr_assert_eq(m->compute(RUN_CONFIG(e, 0), &how, &run), DG_OK);
    cr_expect_eq(run.status, DG_RUN_COMPLETED);
    cr_expect_eq(run.agent_steps, 30);
    cr_expect_eq(run.packed_bytes,
                 m->part_bytes(RUN_CONFIG(e, 0), DG_PART_PACKED, run.generations));
    cr_expect(generations == 3 && agent_steps == 30 && runs == 1 && asked == 3);
    /* without watch and stop: the same run */
    how = (dg_compute_options){.vector = dg_backend_cpu_vector("generic")};
    cr_assert_eq(m->compute(RUN_CONFIG(e, 0), &how, &again), DG_OK);
    cr_expect_eq(again.hash, run.hash);
    cr_expect_eq(memcmp(again.packed, run.packed, (size_t)run.packed_bytes), 0);
    free(run.packed);
    free(again.packed);
    dg_experiment_free(&e);
}

Test(model, a_stopped_echo_chamber_stays_planned)
{
    dg_experiment *e =
        experiment_of("model: echo-chamber\necho: {agents: 3, steps: 10, snapshot_every: 4}\n");
    int asked = 0;
    const dg_compute_options how = {dg_backend_cpu_vector("generic"), at_the_third_call, &asked,
                                    NULL};
    dg_computed_run run;
    cr_assert_eq(dg_model_echo.compute(RUN_CONFIG(e, 0), &how, &run), DG_OK);
    cr_expect_eq(run.status, DG_RUN_PLANNED);
    cr_expect_eq(run.agent_steps, 0, "two snapshots were done, and are dropped");
    free(run.packed);
    dg_experiment_free(&e);
}

Test(model, seeds_have_the_same_shape_and_sizes_do_not)
{
    dg_experiment *e = experiment_of("sweep: {product: {seed: [1, 2], steps: [5, 6]}}\n");
    const dg_model *m = dg_model_of_experiment(e);
    cr_expect(m->same_shape(RUN_CONFIG(e, 0), RUN_CONFIG(e, 2)), "seeds cost the same");
    cr_expect_not(m->same_shape(RUN_CONFIG(e, 0), RUN_CONFIG(e, 1)));
    dg_experiment_free(&e);
    e = experiment_of(
        "model: echo-chamber\nsweep: {product: {seed: [1, 2], echo.agents: [5, 6]}}\n");
    m = dg_model_of_experiment(e);
    cr_expect(m->same_shape(RUN_CONFIG(e, 0), RUN_CONFIG(e, 2)));
    cr_expect_not(m->same_shape(RUN_CONFIG(e, 0), RUN_CONFIG(e, 1)));
    dg_experiment_free(&e);
}
