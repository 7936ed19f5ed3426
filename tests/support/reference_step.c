/** The reference implementation: one step of all agents (MODEL.md, section 3). */
#include "reference.h"

#include <math.h>
#include <stdlib.h>

static dg_draw step_draw(const reference *r, dg_stream stream, int t)
{
    return dg_draw_of(r->config.seed, stream, r->generation, t);
}

/** Inversion: the first k whose weights up to its own are more than u times all; updates r->closest. */
static int draw_one(reference *r, const double *weight, int count, uint32_t word)
{
    double total = 0, sum = 0;
    int chosen = -1;
    for (int k = 0; k < count; k++) total += weight[k];
    for (int k = 0; k < count; k++) {
        sum += weight[k];
        if (weight[k] > 0 && k < count - 1)
            r->closest = fmin(r->closest, fabs(sum / total - word / 4294967296.0));
        if (chosen < 0 && sum > word / 4294967296.0 * total) chosen = k;
    }
    return chosen;
}

/** Draw k in proportion to exp(x_k). */
static int draw_softmax(reference *r, const double *x, int count, uint32_t word)
{
    double weight[REFERENCE_VALUES], largest = x[0];
    for (int k = 1; k < count; k++) largest = fmax(largest, x[k]);
    for (int k = 0; k < count; k++) weight[k] = exp(x[k] - largest);
    return draw_one(r, weight, count, word);
}

/** Index of the largest, of ties the smaller index; updates r->closest. */
static int first_largest(reference *r, const double *x, int count)
{
    int first = 0;
    for (int k = 1; k < count; k++)
        if (x[k] > x[first]) first = k;
    for (int k = 0; k < count; k++)
        if (k != first) r->closest = fmin(r->closest, x[first] - x[k]);
    return first;
}

/** Word of agent i for what it chooses in step t: messages and beliefs of two steps share four words. */
static uint32_t choice_word(const reference *r, int i, int t, int belief)
{
    const dg_draw draw = step_draw(r, DG_STREAM_CHOICE, t / 2);
    return dg_word(draw, (uint32_t)(t % 2 * 2 + belief), (uint32_t)i);
}

/** Set left[k] = 1 for the `dropped` smallest values of x, of ties the smaller index; else 0. */
static void drop_smallest(reference *r, const double *x, int dropped, int *left)
{
    for (int k = 0; k < r->N; k++) left[k] = 0;
    for (int round = 0; round < dropped; round++) {
        int least = -1;
        for (int k = 0; k < r->N; k++)
            if (!left[k] && (least < 0 || x[k] < x[least])) least = k;
        left[least] = 1;
        if (round < dropped - 1) continue;
        for (int k = 0; k < r->N; k++)
            if (!left[k] && x[k] > x[least])
                r->closest = fmin(r->closest, (x[k] - x[least]) / fabs(x[least]));
    }
}

/* ---- 1. messages ----------------------------------------------------------------------------- */

/** N registers -> H tanh -> V logits. Genotype: W1 by input, b1, W2 by hidden unit, b2. */
static void logits(const reference *r, int i, double *logit)
{
    const int H = (int)r->config.group[r->group[i]].hidden;
    const double *W1 = r->x[i], *b1 = W1 + r->N * H, *W2 = b1 + H, *b2 = W2 + H * r->V;
    for (int v = 0; v < r->V; v++) logit[v] = b2[v];
    for (int h = 0; h < H; h++) {
        double sum = b1[h];
        for (int j = 0; j < r->N; j++) sum += W1[j * H + h] * r->reg[i][j];
        for (int v = 0; v < r->V; v++) logit[v] += W2[h * r->V + v] * tanh(sum);
    }
}

static void send_messages(reference *r, int t)
{
    for (int i = 0; i < r->N; i++) {
        r->message[i] = -1;
        if (t % r->config.group[r->group[i]].act_period != 0) continue;
        double logit[REFERENCE_VALUES];
        logits(r, i, logit);
        r->message[i] = r->last[i] = r->config.policy_output == DG_OUTPUT_SAMPLE
                                         ? draw_softmax(r, logit, r->V, choice_word(r, i, t, 0))
                                         : first_largest(r, logit, r->V);
    }
}

/* ---- 2. observation -------------------------------------------------------------------------- */

/** Omega_ij; 0 for agents that i cannot draw. */
static void recommend(reference *r, int i, double *omega)
{
    const dg_config *c = &r->config;
    int left[REFERENCE_AGENTS];
    for (int j = 0; j < r->N; j++) {
        const int silent = r->offered[j] < 0 && c->silent == DG_SILENT_EXCLUDED;
        omega[j] = exp(r->log_s[i][j] - c->belief_factor * abs(r->belief[i] - r->offered[j]));
        if (i == j || silent) omega[j] = 0;
    }
    drop_smallest(r, omega, (int)floor(c->observation_sparsity * r->N + 0.5), left);
    for (int j = 0; j < r->N; j++)
        if (left[j]) omega[j] = 0;
}

/** Draw agents one after the other, each in proportion to Omega among those left. */
static void observe(reference *r, int i, int t)
{
    const dg_draw draw = step_draw(r, DG_STREAM_OBSERVE, t);
    double omega[REFERENCE_AGENTS] = {0};
    recommend(r, i, omega);
    for (int j = 0; j < r->N; j++) {
        r->drawn[i][j] = 0;
        r->reg[i][j] = -1;
    }
    for (int n = 0; n < r->config.group[r->group[i]].observation_capacity; n++) {
        const int j = draw_one(r, omega, r->N, dg_word(draw, (uint32_t)n, (uint32_t)i));
        if (j < 0) break;
        omega[j] = 0;
        r->drawn[i][j] = 1;
        r->reg[i][j] = r->offered[j];
        r->step_views[j] += r->message[j] >= 0;
    }
}

static void observe_all(reference *r, int t)
{
    for (int j = 0; j < r->N; j++) {
        const int repeats = r->config.silent == DG_SILENT_LAST && r->message[j] < 0;
        r->offered[j] = repeats ? r->last[j] : r->message[j];
        r->step_views[j] = 0;
    }
    for (int i = 0; i < r->N; i++) observe(r, i, t);
}

/* ---- 3. reward ------------------------------------------------------------------------------- */

static void reward_all(reference *r)
{
    for (int i = 0; i < r->N; i++) {
        const int forgiven = r->message[i] < 0 && !r->config.penalise_silence;
        const int penalty = forgiven ? 0 : abs(r->belief[i] - r->message[i]);
        r->reward[i] = r->step_views[i] - r->config.truthfulness * penalty;
        r->views[i] += r->step_views[i];
        r->penalty[i] += penalty;
    }
}

/* ---- 4. belief weights ----------------------------------------------------------------------- */

static void update_weight(reference *r, int i, int j, int t)
{
    const dg_config *c = &r->config;
    double *W = &r->W[i][j];
    const dg_draw noise = step_draw(r, DG_STREAM_NOISE, t);
    /* only messages of this step: those that `last` repeats were received earlier */
    const int received = r->drawn[i][j] && r->message[j] >= 0;
    switch ((dg_update)c->update) {
    case DG_UPDATE_FIXED: break;
    case DG_UPDATE_RANDOM: *W += c->random_sigma * reference_normal(noise, j, i); break;
    case DG_UPDATE_MOMENTUM:
        r->delta[i][j] =
            c->momentum_factor * r->delta[i][j] + c->momentum_sigma * reference_normal(noise, j, i);
        *W += r->delta[i][j];
        break;
    case DG_UPDATE_REWARD:
        if (received) *W += c->reward_scale * fmax(r->reward[j] - r->reward[i], 0);
        break;
    case DG_UPDATE_DECAY:
        *W = received ? *W + c->reward_scale * fmax(r->reward[j] - r->reward[i], 0)
                      : *W * c->decay_factor;
        break;
    }
    if (c->clip) *W = fmin(fmax(*W, c->clip_low), c->clip_high);
}

/* ---- 5. contagion ---------------------------------------------------------------------------- */

/** x_i(v) = C_b (sum of W_ij over the sources j with content v) / D(|v - b_i|). */
static void exponents(reference *r, int i, double *x)
{
    const dg_config *c = &r->config;
    int left[REFERENCE_AGENTS];
    drop_smallest(r, r->W[i], (int)floor(c->contagion_sparsity * r->N + 0.5), left);
    for (int v = 0; v < r->V; v++) {
        const int gap = abs(v - r->belief[i]);
        const double D = c->distance == DG_DISTANCE_FLOOR ? fmax(gap, c->contagion_delta)
                                                          : gap + c->contagion_delta;
        double sum = 0;
        for (int j = 0; j < r->N; j++) {
            const int source = c->sources == DG_SOURCES_ALL || r->reg[i][j] >= 0;
            const int content = c->content == DG_CONTENT_MESSAGE ? r->reg[i][j] : r->belief[j];
            if (source && !left[j] && content == v) sum += r->W[i][j];
        }
        x[v] = c->contagion_factor * sum / D;
    }
}

static int catch_belief(reference *r, int i, int t)
{
    double x[REFERENCE_VALUES], largest = 0;
    exponents(r, i, x);
    for (int v = 0; v < r->V; v++) largest = fmax(largest, x[v]);
    const int overflows = r->config.overflow == DG_OVERFLOW_FLOAT32 && largest > 88.7228;
    if (r->config.overflow == DG_OVERFLOW_FLOAT32)
        r->closest = fmin(r->closest, fabs(largest - 88.7228));
    for (int v = 0; v < r->V; v++)
        if (overflows) x[v] = 0;
    return draw_softmax(r, x, r->V, choice_word(r, i, t, 1));
}

static void spread_beliefs(reference *r, int t)
{
    int next[REFERENCE_AGENTS];
    for (int i = 0; i < r->N; i++)
        next[i] = r->config.group[r->group[i]].belief == DG_BELIEF_FREE ? catch_belief(r, i, t)
                                                                        : r->belief[i];
    for (int i = 0; i < r->N; i++) r->belief[i] = next[i];
}

void reference_step(reference *r, int t)
{
    send_messages(r, t);
    observe_all(r, t);
    reward_all(r);
    for (int i = 0; i < r->N; i++)
        for (int j = 0; j < r->N; j++) update_weight(r, i, j, t);
    spread_beliefs(r, t);
}
