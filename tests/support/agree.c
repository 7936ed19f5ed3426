/** Compares a run of the CPU backend with the reference implementation. */
#include "agree.h"

#include "reference.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdlib.h>

/** The two sides of a comparison. */
typedef struct sides {
    const char *name; /* of the case, for messages */
    fixture_run run;
    reference *r;
} sides;

static void same_integer(const sides *s, const char *what, int t, int i, int got, int expected)
{
    cr_assert_eq(got, expected,
                 "%s: generation %d step %d: %s of %d is %d, expected %d (closest "
                 "choice so far %g)",
                 s->name, s->r->generation, t, what, i, got, expected, s->r->closest);
}

/** Compare float32 with double: the error may be `tolerance` times the larger of 1 and |value|. */
static void near_real(const sides *s, const char *what, int64_t at, double got, double expected,
                      double tolerance)
{
    const double allowed = tolerance * fmax(1, fabs(expected));
    cr_assert(fabs(got - expected) <= allowed, "%s: %s[%lld] is %.9g, expected %.9g", s->name, what,
              (long long)at, got, expected);
}

/** Number of messages of this step in the registers of agent i; with of_ai, only of AI agents. */
static int received(const reference *r, int i, bool of_ai)
{
    int sum = 0;
    for (int j = 0; j < r->N; j++)
        sum += r->drawn[i][j] && r->message[j] != -1 &&
               (!of_ai || r->config.group[r->group[j]].kind == DG_KIND_AI);
    return sum;
}

/** Compare the trace of one step. */
static void compare_step(const sides *s, int t)
{
    const int g = s->r->generation;
    const int16_t *message = fixture_trace(&s->run, g, DG_TRACE_MESSAGE, t);
    const int16_t *views = fixture_trace(&s->run, g, DG_TRACE_VIEWS, t);
    const int16_t *belief = fixture_trace(&s->run, g, DG_TRACE_BELIEF, t);
    const int16_t *all = fixture_trace(&s->run, g, DG_TRACE_RECEIVED, t);
    const int16_t *of_ai = fixture_trace(&s->run, g, DG_TRACE_RECEIVED_AI, t);
    for (int i = 0; i < s->r->N; i++)
        same_integer(s, "message", t, i, message[i], s->r->message[i]);
    for (int i = 0; i < s->r->N; i++) same_integer(s, "views", t, i, views[i], s->r->step_views[i]);
    for (int i = 0; i < s->r->N; i++) {
        same_integer(s, "received", t, i, all[i], received(s->r, i, false));
        same_integer(s, "received from AI", t, i, of_ai[i], received(s->r, i, true));
    }
    for (int i = 0; i < s->r->N; i++) same_integer(s, "belief", t, i, belief[i], s->r->belief[i]);
}

/** `observed` and `registers` list, in ascending order, the agents that the reference drew. */
static void compare_registers(const sides *s, int i)
{
    const dg_state *st = &s->run.state;
    const int32_t capacity = s->run.shape.capacity;
    int slot = 0;
    for (int j = 0; j < s->r->N; j++) {
        if (!s->r->drawn[i][j]) continue;
        const int at = i * capacity + slot++;
        same_integer(s, "an observed agent", -1, i, st->observed[at], j);
        same_integer(s, "a register", -1, i, st->registers[at], s->r->reg[i][j]);
    }
    for (; slot < capacity; slot++)
        same_integer(s, "an empty slot", -1, i, st->observed[i * capacity + slot], -1);
}

static void compare_agents(const sides *s)
{
    const dg_state *st = &s->run.state;
    for (int i = 0; i < s->r->N; i++) {
        compare_registers(s, i);
        same_integer(s, "final belief", -1, i, st->belief[i], s->r->belief[i]);
        same_integer(s, "last message", -1, i, st->last_message[i], s->r->last[i]);
        same_integer(s, "sum of views", -1, i, st->views[i], s->r->views[i]);
        same_integer(s, "sum of penalties", -1, i, st->penalty[i], s->r->penalty[i]);
        for (int j = 0; j < s->r->N; j++) {
            const int64_t at = (int64_t)i * s->run.shape.row + j;
            near_real(s, "W", at, st->weight[at], s->r->W[i][j], 1e-5);
            near_real(s, "Delta", at, st->momentum[at], s->r->delta[i][j], 1e-6);
        }
    }
}

static void compare_solver(const sides *s, int g)
{
    const dg_group_shape *group = &s->run.shape.group[g];
    const dg_state *st = &s->run.state;
    const reference_solver *solver = &s->r->solver[g];
    near_real(s, "sigma", g, st->sigma[g], solver->sigma, 1e-5);
    for (int p = 0; p < solver->n; p++) {
        const int64_t at = group->solver + p;
        near_real(s, "m", p, st->mean[at], solver->m[p], 1e-5);
        near_real(s, "C", p, st->variance[at], solver->C[p], 1e-5);
        near_real(s, "p_sigma", p, st->path_sigma[at], solver->p_sigma[p], 1e-4);
        near_real(s, "p_c", p, st->path_c[at], solver->p_c[p], 1e-4);
        for (int a = 0; a < group->size; a++)
            near_real(s, "genotype", p, st->genotype[group->genotype + a * group->stride + p],
                      s->r->x[group->first + a][p], 1e-5);
    }
}

double agree(const char *name, const dg_config *config)
{
    const fixture_how how = {.trace = 1};
    sides s = {name, fixture_finish(config, how), reference_begin(config)};
    for (int g = 0; g < config->generations; g++) {
        reference_generation(s.r);
        for (int t = 0; t < config->steps; t++) {
            reference_step(s.r, t);
            compare_step(&s, t);
        }
        reference_evolve(s.r);
    }
    compare_agents(&s);
    for (int g = 0; g < config->group_count; g++) compare_solver(&s, g);
    const double closest = s.r->closest;
    free(s.r);
    fixture_free(&s.run);
    return closest;
}
