/**
 * Evolution of one run on the CPU: genotype diversity, then each solver that is due (MODEL.md,
 * section 4). Loops only; the formulas are evolve.h's.
 */
#include "kernels/cpu/noise.h"
#include "kernels/cpu/schedule.h"
#include "kernels/cpu/undo.h"
#include "kernels/cpu/workspace.h"
#include "kernels/science/evolve.h"
#include "kernels/science/policy.h"
#include "kernels/science/reward.h"
#include "kernels/science/sum.h"

/** One group's solver, its arrays at their place. */
typedef struct solver_view {
    const dg_run_cpu *run;
    const dg_group_shape *group;
    const dg_evolve_constants *c;
    dg_workspace ws;
    int32_t index;
    float *genotype; /* [size][stride] */
    float *mean, *variance, *path_sigma, *path_c;
} solver_view;

static solver_view solver_at(const dg_run_cpu *run, const dg_workspace *ws, int32_t g)
{
    const dg_group_shape *group = &run->shape->group[g];
    const dg_state *st = &run->state;
    const solver_view v = {run,
                           group,
                           &run->params->group[g].evolve,
                           *ws,
                           g,
                           st->genotype + group->genotype,
                           st->mean + group->solver,
                           st->variance + group->solver,
                           st->path_sigma + group->solver,
                           st->path_c + group->solver};
    return v;
}

/* ---- samples --------------------------------------------------------------------------------- */

/** Sample of one agent for generation `next`: x = m + sigma D z. */
static void sample_genotype(const solver_view *v, int32_t a, int32_t next)
{
    const dg_draw draw = dg_draw_of(v->run->params->seed, DG_STREAM_GENOTYPE, next, 0);
    const int32_t n = v->group->parameters;
    const float *mean = v->mean, *spread = v->ws.rank_mu;
    const uint32_t index = (uint32_t)(v->group->first + a);
    float *x = v->genotype + (int64_t)a * v->group->stride;
    dg_lanes normal[4];
    int32_t p = 0;
    for (; p + DG_NOISE_WORDS <= n; p += DG_NOISE_WORDS) {
        dg_noise_normal_lanes(normal, draw, (uint32_t)p / 4, index);
        for (int w = 0; w < 4; w++) { /* dg_evolve_sample() */
            const int32_t at = p + w * DG_LANES_WIDTH;
            const dg_lanes sample =
                dg_lanes_sum_term(dg_lanes_load(mean + at), dg_lanes_load(spread + at), normal[w]);
            memcpy(x + at, &sample, sizeof sample);
        }
    }
    if (p == n) return;
    float left[DG_NOISE_WORDS];
    dg_noise_normal_lanes(normal, draw, (uint32_t)p / 4, index);
    dg_lanes_write(left, normal, 4);
    for (int32_t k = 0; p + k < n; k++)
        x[p + k] = dg_evolve_sample(mean[p + k], spread[p + k], left[k]);
}

/** Hidden units of a base vector that stay in registers while all columns pass. */
enum { BASE_UNITS = 64 };

/** base = bias - column 0 - column 1 ... for BASE_UNITS hidden units; columns are `apart` floats apart. */
static void base_units(float *base, const float *bias, const float *column, int32_t columns,
                       int32_t apart)
{
    dg_lanes sum[BASE_UNITS / DG_LANES_WIDTH];
    dg_lanes_read(sum, bias, BASE_UNITS / DG_LANES_WIDTH);
    for (int32_t j = 0; j < columns; j++, column += apart)
#pragma GCC unroll 16
        for (int l = 0; l < BASE_UNITS / DG_LANES_WIDTH; l++)
            sum[l] -= dg_lanes_load(column + l * DG_LANES_WIDTH);
    dg_lanes_write(base, sum, BASE_UNITS / DG_LANES_WIDTH);
}

/** Base vector of one agent: the bias less every column of W1, in ascending j. */
static void make_base(const solver_view *v, int32_t a)
{
    const int32_t hidden = v->group->hidden, agents = v->run->shape->agents;
    const float *x = v->genotype + (int64_t)a * v->group->stride;
    float *base = v->run->state.base + (int64_t)(v->group->first + a) * v->run->shape->hidden;
    const float *bias = x + dg_policy_layout_of(agents, hidden, v->run->shape->values).bias_1;
    int32_t first = 0;
    for (; first + BASE_UNITS <= hidden; first += BASE_UNITS)
        base_units(base + first, bias + first, x + first, agents, hidden);
    for (int32_t u = first; u < hidden; u++) base[u] = bias[u];
    for (int32_t j = 0; j < agents && first < hidden; j++) {
        DG_SIMD
        for (int32_t u = first; u < hidden; u++)
            base[u] = dg_policy_base_term(base[u], x[(int64_t)j * hidden + u]);
    }
}

/** New genotypes of the whole group for generation `next`. */
static void sample_group(const solver_view *v, int32_t next)
{
    float *spread = v->ws.rank_mu; /* free here */
    const float sigma = v->run->state.sigma[v->index], *variance = v->variance;
    const int32_t n = v->group->parameters, diagonal = v->c->diagonal;
    DG_SIMD
    for (int32_t p = 0; p < n; p++)
        spread[p] = dg_evolve_spread(sigma, dg_evolve_scale(variance[p], diagonal));
    for (int32_t a = 0; a < v->group->size; a++) {
        sample_genotype(v, a, next);
        make_base(v, a);
    }
}

void DG_VECTORED(dg_evolve_begin)(const dg_run_cpu *run)
{
    const dg_workspace ws = dg_workspace_at(run->shape, run->workspace);
    for (int32_t g = 0; g < run->shape->groups; g++) {
        const solver_view v = solver_at(run, &ws, g);
        sample_group(&v, 0);
    }
}

/* ---- update ---------------------------------------------------------------------------------- */

/** order[r] = the agent of rank r within the group. */
static void rank_group(const solver_view *v)
{
    const int32_t first = v->group->first, size = v->group->size;
    const dg_state *st = &v->run->state;
    float *fitness = v->ws.fitness;
    for (int32_t a = 0; a < size; a++)
        fitness[a] =
            dg_reward(st->views[first + a], st->penalty[first + a], v->run->params->truthfulness);
    for (int32_t a = 0; a < size; a++) {
        int32_t rank = 0;
        for (int32_t b = 0; b < size; b++) rank += dg_evolve_precedes(fitness[b], b, fitness[a], a);
        v->ws.order[rank] = a;
    }
}

/** y_w and the rank-mu sum, parent after parent. */
static void recombine(const solver_view *v, float inverse_sigma)
{
    const int32_t n = v->group->parameters;
    float *step = v->ws.step_mean, *rank_mu = v->ws.rank_mu;
    memset(step, 0, (size_t)n * sizeof *step);
    memset(rank_mu, 0, (size_t)n * sizeof *rank_mu);
    for (int32_t r = 0; r < v->c->parents; r++) {
        const float *x = v->genotype + (int64_t)v->ws.order[r] * v->group->stride;
        const float weight = v->run->state.recombination[v->group->first + r];
        const float *mean = v->mean;
        DG_SIMD
        for (int32_t p = 0; p < n; p++) {
            const float y = dg_evolve_offset(x[p], mean[p], inverse_sigma);
            step[p] = dg_evolve_mean_term(step[p], weight, y);
            rank_mu[p] = dg_evolve_rank_mu_term(rank_mu[p], weight, y);
        }
    }
}

/** Mean and p_sigma; returns ||p_sigma||. */
static float update_path_sigma(const solver_view *v, float sigma)
{
    const dg_evolve_constants c = *v->c;
    const float *step = v->ws.step_mean, *variance = v->variance;
    const int32_t n = v->group->parameters;
    float *mean = v->mean, *path = v->path_sigma;
    float partial[DG_LANES] = {0};
    DG_SIMD
    for (int32_t p = 0; p < n; p++) {
        mean[p] = dg_evolve_mean(&c, mean[p], sigma, step[p]);
        path[p] =
            dg_evolve_path_sigma(&c, path[p], step[p], dg_evolve_scale(variance[p], c.diagonal));
    }
    for (int32_t p = 0; p < n; p += DG_LANES)
        for (int32_t l = 0; l < DG_LANES && p + l < n; l++)
            partial[l] = dg_evolve_norm_term(partial[l], path[p + l]);
    return sqrtf(dg_sum_tree(partial));
}

/** p_c and C. */
static void update_variance(const solver_view *v, float h_sigma)
{
    const dg_evolve_constants c = *v->c;
    const float *step = v->ws.step_mean, *rank_mu = v->ws.rank_mu;
    const int32_t n = v->group->parameters;
    float *variance = v->variance, *path = v->path_c;
    DG_SIMD
    for (int32_t p = 0; p < n; p++) {
        path[p] = dg_evolve_path_c(&c, path[p], step[p], h_sigma);
        variance[p] = dg_evolve_variance(&c, variance[p], path[p], rank_mu[p], h_sigma);
    }
}

/** Bring sigma back to [1, 2) where it has gone far from it. */
static void balance(const solver_view *v, float *sigma)
{
    const int32_t n = v->group->parameters, k = dg_evolve_imbalance(*sigma, v->c->diagonal);
    float *variance = v->variance, *path = v->path_c;
    if (k == 0) return;
    *sigma = dg_evolve_balanced_sigma(*sigma, k);
    DG_SIMD
    for (int32_t p = 0; p < n; p++) {
        path[p] = dg_evolve_balanced_path(path[p], k);
        variance[p] = dg_evolve_balanced_variance(variance[p], k);
    }
}

/** One update of a group's solver from the fitness of the generation. */
static void update_solver(const solver_view *v)
{
    float *sigma = v->run->state.sigma + v->index;
    float *decay = v->run->state.path_decay + v->index;
    rank_group(v);
    recombine(v, 1.0f / *sigma);
    const float norm = update_path_sigma(v, *sigma);
    *decay = dg_evolve_decay(v->c, *decay);
    update_variance(v, dg_evolve_stall(v->c, norm, *decay));
    *sigma = dg_evolve_sigma(v->c, *sigma, norm);
    balance(v, sigma);
}

/** May a solver sample again? If not, the run ends as `nonfinite` and keeps its last genotypes. */
static int32_t solver_sound(const solver_view *v)
{
    const float sigma = v->run->state.sigma[v->index];
    const float *mean = v->mean, *variance = v->variance;
    int32_t unsound = 0;
#pragma omp simd reduction(+ : unsound)
    for (int32_t p = 0; p < v->group->parameters; p++)
        unsound += !dg_evolve_sound(mean[p], sigma, variance[p]);
    return unsound == 0;
}

int DG_VECTORED(dg_evolve)(const dg_run_cpu *run)
{
    const dg_workspace ws = dg_workspace_at(run->shape, run->workspace);
    double since = 0;
    dg_stage_end(run, DG_STAGE_MEASURES, &since);
    if (!DG_VECTORED(dg_diversity)(run)) {
        dg_undo(run, &ws);
        return 0;
    }
    dg_stage_end(run, DG_STAGE_MEASURES, &since);
    for (int32_t g = 0; g < run->shape->groups; g++) {
        if (!dg_evolve_due(run->generation, run->params->group[g].evolve_period)) continue;
        const solver_view v = solver_at(run, &ws, g);
        update_solver(&v);
        dg_stage_end(run, DG_STAGE_UPDATE, &since);
        if (solver_sound(&v))
            sample_group(&v, run->generation + 1);
        else if (run->state.ended[DG_ENDED_NONFINITE] == 0)
            run->state.ended[DG_ENDED_NONFINITE] = run->generation + 1;
        dg_stage_end(run, DG_STAGE_SAMPLES, &since);
    }
    return 1;
}
