/** Small runs for the science tests. */
#include "fixture.h"

#include "host/models/world.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdlib.h>

void fixture_groups(dg_config *config, int32_t count, const int64_t *size, int32_t ai)
{
    config->group_count = count;
    config->agents = 0;
    for (int32_t g = 0; g < count; g++) {
        dg_group_config *group = &config->group[g];
        memset(group, 0, sizeof *group);
        snprintf(group->name, sizeof group->name, "group%d", g);
        group->kind = g < ai ? DG_KIND_AI : DG_KIND_HUMAN;
        group->size = size[g];
        group->act_period = 1;
        group->evolve_period = 1;
        group->belief = DG_BELIEF_FREE;
        group->observation_capacity = 4;
        group->hidden = 64;
        config->agents += size[g];
    }
}

static void default_choices(dg_config *c)
{
    c->policy_output = DG_OUTPUT_SAMPLE;
    c->policy_forward = DG_FORWARD_GATHER;
    c->silent = DG_SILENT_MARKER;
    c->update = DG_UPDATE_REWARD;
    c->carry = DG_CARRY_RUN;
    c->sources = DG_SOURCES_RECEIVED;
    c->content = DG_CONTENT_MESSAGE;
    c->distance = DG_DISTANCE_FLOOR;
    c->overflow = DG_OVERFLOW_EXACT;
    c->variant = DG_VARIANT_EVOSAX;
    c->sampling = DG_SAMPLING_ISOTROPIC;
}

static void default_numbers(dg_config *c)
{
    c->coordinate_factor = c->influence_factor = c->belief_factor = 1;
    c->truthfulness = 0.1;
    c->penalise_silence = true;
    c->random_sigma = 1;
    c->momentum_sigma = 0.05;
    c->momentum_factor = 0.2;
    c->reward_scale = 1;
    c->decay_factor = 0.99;
    c->contagion_factor = 5;
    c->contagion_delta = 1;
    c->sigma = 0.1;
    c->mean_rate = c->covariance_rate = c->early_stop_share = (double)NAN;
    c->early_stop_generations = 10;
}

dg_config fixture_config(uint64_t seed)
{
    static const int64_t size[] = {4, 4, 5};
    dg_config c;
    memset(&c, 0, sizeof c);
    c.seed = seed;
    c.values = 10;
    c.generations = 3;
    c.steps = 6;
    c.niche_points = 200;
    c.niche_dimensions = 10;
    c.niche_centroids = 10;
    c.niche_iterations = 3;
    c.diversity_every = 1;
    fixture_groups(&c, 3, size, 1);
    default_choices(&c);
    default_numbers(&c);
    return c;
}

void fixture_tables(dg_config *config)
{
    config->reading = DG_READING_TABLES;
    config->sources = DG_SOURCES_ALL;
    config->content = DG_CONTENT_BELIEF;
    config->overflow = DG_OVERFLOW_FLOAT32;
    config->carry = DG_CARRY_GENERATION;
    config->belief_factor = 0;
}

void *fixture_memory(int64_t bytes)
{
    const size_t size = (size_t)dg_round_up(bytes > 0 ? bytes : 1, 64);
    void *memory = aligned_alloc(64, size);
    cr_assert_not_null(memory);
    memset(memory, 0, size);
    return memory;
}

fixture_run fixture_begin(const dg_config *config)
{
    fixture_run run;
    dg_niche niche;
    memset(&run, 0, sizeof run);
    run.config = *config;
    dg_config_shape(config, &run.shape);
    cr_assert_eq(dg_config_params(config, &run.shape, &run.params), DG_OK);
    const dg_niche_keys keys = dg_niche_keys_of(config);
    cr_assert_eq(dg_niche_make(&niche, &keys), DG_OK);
    run.block = fixture_memory(dg_state_bytes(&run.shape));
    cr_assert_eq(dg_world_begin(config, &run.shape, &run.params, &niche, run.block), DG_OK);
    run.state = dg_state_at(&run.shape, run.block);
    dg_niche_free(&niche);
    return run;
}

/** Copy state, records and trace out of a batch before it is destroyed. */
static void copy_out(fixture_run *run, const dg_backend *backend, const dg_batch *batch,
                     const dg_batch_options *options)
{
    const dg_shape *s = &run->shape;
    const int64_t words = s->generations * dg_record_words(s) * (int64_t)sizeof(int64_t);
    const int64_t page = (int64_t)dg_trace_count(options) * DG_TRACES * s->steps * s->agents;
    cr_assert_eq(backend->download(batch, 0, run->block), DG_OK);
    run->records = fixture_memory(words);
    memcpy(run->records, backend->records(batch, 0), (size_t)words);
    if (page == 0) return;
    run->trace = fixture_memory(page * (int64_t)sizeof(int16_t));
    memcpy(run->trace, backend->trace(batch, 0), (size_t)page * sizeof(int16_t));
}

fixture_run fixture_finish(const dg_config *config, fixture_how how)
{
    const dg_backend *backend = dg_backend_cpu();
    fixture_run run = fixture_begin(config);
    const dg_batch_options options = {.runs = 1,
                                      .threads = how.threads > 0 ? how.threads : 1,
                                      .vector = how.vector,
                                      .trace_last = run.shape.generations - 1,
                                      .trace_every = how.trace};
    dg_batch *batch = NULL;
    cr_assert_eq(backend->create(&batch, &run.shape, &options), DG_OK);
    cr_assert_eq(backend->upload(batch, 0, &run.params, run.block), DG_OK);
    cr_assert_eq(backend->advance(batch, run.shape.generations, NULL), DG_OK);
    copy_out(&run, backend, batch, &options);
    backend->destroy(&batch);
    return run;
}

void fixture_free(fixture_run *run)
{
    free(run->block);
    free(run->records);
    free(run->trace);
    memset(run, 0, sizeof *run);
}

const int16_t *fixture_trace(const fixture_run *run, int32_t generation, dg_trace_field field,
                             int32_t step)
{
    const dg_shape *s = &run->shape;
    return run->trace + (((int64_t)generation * DG_TRACES + field) * s->steps + step) * s->agents;
}
