/** One step of a run; see one_step.h. */
#include "one_step.h"
#include "sums.h"

#include "kernels/cpu/schedule.h"
#include "kernels/cpu/workspace.h"
#include "kernels/science/contagion.h"
#include "kernels/science/observe.h"
#include "kernels/science/rng.h"

#include <criterion/criterion.h>

#include <stdlib.h>

dg_config one_step_config(int64_t agents, int64_t values, int64_t capacity)
{
    const int64_t third = agents / 3, size[] = {third, third, agents - 2 * third};
    dg_config c = fixture_config(1);
    fixture_groups(&c, 3, size, 1);
    for (int g = 0; g < 3; g++) {
        c.group[g].observation_capacity = capacity;
        c.group[g].hidden = 1;
    }
    c.values = values;
    c.generations = c.steps = 1;
    c.diversity_every = 0;
    c.update = DG_UPDATE_FIXED;
    return c;
}

one_step one_step_begin(const dg_config *config)
{
    one_step s = {.run = fixture_begin(config)};
    s.block = fixture_memory(dg_state_bytes(&s.run.shape));
    s.after = dg_state_at(&s.run.shape, s.block);
    s.workspace = fixture_memory(dg_workspace_bytes(&s.run.shape));
    s.record = fixture_memory(dg_record_words(&s.run.shape) * (int64_t)sizeof *s.record);
    return s;
}

void one_step_end(one_step *s)
{
    fixture_free(&s->run);
    free(s->block);
    free(s->workspace);
    free(s->record);
}

int one_step_take(one_step *s, int k)
{
    static const struct {
        const char *name;
        int32_t (*generation)(const dg_run_cpu *run);
    } sets[] = {
#define SET(set) {#set, dg_generation_##set},
        DG_VECTOR_LIST(SET)
#undef SET
    };
    const dg_run_cpu run = {.shape = &s->run.shape,
                            .params = &s->run.params,
                            .state = s->after,
                            .workspace = s->workspace,
                            .record = s->record};
    for (size_t all = 0; all < sizeof sets / sizeof *sets; all++) {
        if (!dg_backend_cpu_vector(sets[all].name) || k-- > 0) continue;
        memcpy(s->block, s->run.block, (size_t)dg_state_bytes(&s->run.shape));
        s->set = sets[all].name;
        return sets[all].generation(&run);
    }
    return 0;
}

uint32_t one_step_word(uint32_t what, uint32_t index)
{
    return dg_word(dg_draw_of(99, DG_STREAM_NOISE, 0, 0), what, index);
}

void one_step_costs(one_step *s, float (*cost)(int32_t i, int32_t j, int32_t agents))
{
    const dg_shape *shape = &s->run.shape;
    for (int32_t i = 0; i < shape->agents; i++)
        for (int32_t j = 0; j < shape->agents; j++)
            s->run.state.static_cost[(int64_t)i * shape->row + j] = cost(i, j, shape->agents);
}

/* ---- observation ----------------------------------------------------------------------------- */

static int ascending(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

static int32_t capacity_of(const dg_shape *shape, int32_t i)
{
    int32_t g = 0;
    while (i >= shape->group[g].first + shape->group[g].size) g++;
    return shape->group[g].capacity;
}

int64_t one_step_assert_observed(const one_step *s, const char *what)
{
    const dg_shape *shape = &s->run.shape;
    const dg_state *st = &s->run.state;
    const int32_t n = shape->agents, silent = s->run.params.silent;
    float *cost = fixture_memory(n * (int64_t)sizeof *cost);
    int *drawn = fixture_memory(n * (int64_t)sizeof *drawn);
    int64_t anew = 0;
    for (int32_t i = 0; i < n; i++) {
        for (int32_t j = 0; j < n; j++) {
            const int32_t offered =
                dg_observe_offered(silent, s->after.message[j], s->after.last_message[j]);
            cost[j] = i == j || dg_observe_barred(silent, offered)
                          ? DG_OBSERVE_NEVER
                          : dg_observe_cost(st->static_cost[(int64_t)i * shape->row + j],
                                            s->run.params.belief_factor,
                                            dg_observe_gap(st->belief[i], offered));
        }
        const dg_draw draw = dg_draw_of(s->run.params.seed, DG_STREAM_OBSERVE, 0, 0);
        const int count =
            sums_draw(cost, n, capacity_of(shape, i), draw, (uint32_t)i, drawn, &anew);
        qsort(drawn, (size_t)count, sizeof *drawn, ascending);
        for (int slot = 0; slot < shape->capacity; slot++)
            cr_assert_eq(s->after.observed[i * shape->capacity + slot],
                         slot < count ? drawn[slot] : -1, "%s, %s, agent %d, slot %d", what, s->set,
                         i, slot);
    }
    free(cost);
    free(drawn);
    return anew;
}

float one_step_equal(int32_t i, int32_t j, int32_t agents)
{
    (void)i, (void)j, (void)agents;
    return 0;
}

float one_step_three(int32_t i, int32_t j, int32_t agents)
{
    const int32_t behind = (j - i + agents) % agents;
    return behind <= 3 ? 0 : 40 + (float)(one_step_word(0, (uint32_t)(i * agents + j)) >> 24);
}

int64_t one_step_draw(const char *what, int64_t agents, int64_t values, int64_t capacity,
                      float (*cost)(int32_t i, int32_t j, int32_t agents))
{
    dg_config c = one_step_config(agents, values, capacity);
    int64_t anew = 0;
    one_step s = one_step_begin(&c);
    if (cost) one_step_costs(&s, cost);
    for (int k = 0; one_step_take(&s, k); k++) anew = one_step_assert_observed(&s, what);
    one_step_end(&s);
    return anew;
}

/* ---- contagion ------------------------------------------------------------------------------- */

/** Sum of W_ij over those whom i received and that send v. */
static float weights_for(const one_step *s, int32_t i, int32_t v)
{
    const dg_shape *shape = &s->run.shape;
    float sum = 0;
    for (int32_t slot = 0; slot < shape->capacity; slot++) {
        const int64_t at = (int64_t)i * shape->capacity + slot;
        const int32_t j = s->after.observed[at], held = s->after.registers[at];
        if (held < 0) continue;
        if (dg_contagion_content(s->run.params.content, held, s->run.state.belief[j]) == v)
            sum += s->run.state.weight[(int64_t)i * shape->row + j];
    }
    return sum;
}

/** The value that i draws. */
static int32_t next_belief(const one_step *s, int32_t i)
{
    const dg_params *p = &s->run.params;
    const int32_t values = s->run.shape.values;
    float x[64], largest = 0;
    for (int32_t v = 0; v < values; v++) {
        const float distance =
            dg_contagion_distance(v, s->run.state.belief[i], p->distance, p->contagion_delta);
        x[v] = dg_contagion_exponent(dg_contagion_scale(p->contagion_factor, distance),
                                     weights_for(s, i, v));
        largest = x[v] > largest ? x[v] : largest;
    }
    const int32_t uniform = dg_contagion_uniform(p->overflow, largest);
    for (int32_t v = 0; v < values; v++) x[v] = dg_contagion_drawn(x[v], uniform);
    const dg_draw draw = dg_choice_draw(p->seed, 0, 0);
    return sums_softmax(x, values, dg_word(draw, dg_choice_word(0, DG_CHOICE_BELIEF), (uint32_t)i));
}

void one_step_assert_beliefs(const one_step *s, const char *what)
{
    for (int32_t i = 0; i < s->run.shape.agents; i++)
        cr_assert_eq(s->after.belief[i], next_belief(s, i), "%s, %s, agent %d", what, s->set, i);
}
