/**
 * All steps of one generation of one run on the CPU: messages, observation, reward, belief weights,
 * contagion (MODEL.md, section 3). Loops only; the formulas are the science headers'.
 *
 * Agents are taken in tiles so that the random words of a tile fill whole vectors; phases follow one
 * another over all agents, because each reads what the one before wrote of others.
 */
#include "kernels/backend.h"
#include "kernels/science/contagion.h"
#include "kernels/science/convergence.h"
#include "noise.h"
#include "kernels/science/observe.h"
#include "kernels/science/policy.h"
#include "kernels/science/reward.h"
#include "schedule.h"
#include "select.h"
#include "kernels/science/weights.h"
#include "workspace.h"

/* Beyond so many agents a step waits for the columns it gathers, which lie far from the core: asking early
   is faster at N = 300 and slower at N = 99 (bench/NOTES.md); this lies between. */
enum { NEAR_AGENTS = 128, CACHE_LINE = 64 };

/** What the phases of a step share. */
typedef struct step_view {
    const dg_run_cpu *run;
    const dg_shape *s;
    const dg_params *p;
    dg_state st;
    dg_workspace ws;
    int32_t step;
} step_view;

/** A stream's draw in this step. */
DG_INLINE dg_draw draw_of(const step_view *v, dg_stream stream)
{
    return dg_draw_of(v->p->seed, stream, v->run->generation, v->step);
}

/** Words of agents first ... first+count-1, each round_up(elements, 4) apart, into ws.word. */
DG_INLINE void tile_words(const step_view *v, dg_stream stream, const uint32_t *block,
                          const uint32_t *agent, int32_t elements, int32_t first, int32_t count)
{
    const dg_draw draw = draw_of(v, stream);
    const int64_t blocks = count * (dg_round_up(elements, 4) / 4);
    for (int64_t b = 0; b < blocks; b += DG_NOISE_BLOCKS)
        dg_noise_words(v->ws.word + 4 * b, draw, block + b, agent + b, (uint32_t)first);
}

/** The same, turned into the log E of clocks, into ws.clock. */
DG_INLINE const float *tile_clocks(const step_view *v, dg_stream stream, const uint32_t *block,
                                   const uint32_t *agent, int32_t elements, int32_t first,
                                   int32_t count)
{
    tile_words(v, stream, block, agent, elements, first, count);
    const uint32_t *word = v->ws.word;
    float *clock = v->ws.clock;
    const int64_t words = dg_round_up(count * dg_round_up(elements, 4), DG_ROW_ALIGN);
    DG_SIMD
    for (int64_t k = 0; k < words; k++) clock[k] = dg_log_exponential(word[k]);
    return clock;
}

/* ---- sums over rows of values ------------------------------------------------------------------ */

/** One partial of sum.h for a tile of values: rows lane, lane + 32, ... weighted by their factor. */
DG_INLINE void partial_row(float *sum, const float *factor, const float *rows, int64_t stride,
                           int32_t count, int32_t lane)
{
    for (int v = 0; v < DG_VALUE_TILE; v++) sum[v] = 0;
    for (int32_t k = lane; k < count; k += DG_LANES) {
        DG_SIMD
        for (int v = 0; v < DG_VALUE_TILE; v++)
            sum[v] = dg_sum_term(sum[v], factor[k], rows[k * stride + v]);
    }
}

DG_INLINE void add_row(float *sum, const float *other)
{
    DG_SIMD
    for (int v = 0; v < DG_VALUE_TILE; v++) sum[v] += other[v];
}

/**
 * out[v] = sum over k of factor[k] rows[k][v], in the order of sum.h, for a tile of values.
 *
 * Quarters c, c + 8, c + 16, c + 24 of the partials are folded as they come, so that eight vectors
 * stay in registers instead of 32.
 */
DG_INLINE void sum_rows(float *out, const float *factor, const float *rows, int64_t stride,
                        int32_t count)
{
    float eighth[8][DG_VALUE_TILE];
#pragma GCC unroll 8
    for (int c = 0; c < 8; c++) {
        float a[DG_VALUE_TILE], b[DG_VALUE_TILE], d[DG_VALUE_TILE];
        partial_row(eighth[c], factor, rows, stride, count, c);
        partial_row(a, factor, rows, stride, count, c + 16);
        partial_row(b, factor, rows, stride, count, c + 8);
        partial_row(d, factor, rows, stride, count, c + 24);
        add_row(eighth[c], a);
        add_row(b, d);
        add_row(eighth[c], b);
    }
#pragma GCC unroll 3
    for (int width = 4; width > 0; width /= 2)
#pragma GCC unroll 4
        for (int c = 0; c < width; c++) add_row(eighth[c], eighth[c + width]);
    for (int v = 0; v < DG_VALUE_TILE; v++) out[v] = eighth[0][v];
}

/* ---- 1. messages --------------------------------------------------------------------------------- */

/** Hidden layer by gathering the observed columns onto the base vector. */
DG_INLINE void hidden_gather(const step_view *v, int32_t i, const float *genotype, int32_t hidden)
{
    const int32_t *observed = v->st.observed + (int64_t)i * v->s->capacity;
    const int32_t *registers = v->st.registers + (int64_t)i * v->s->capacity;
    const float *base = v->st.base + (int64_t)i * v->s->hidden;
    float *h = v->ws.hidden;
    memcpy(h, base, (size_t)hidden * sizeof *h);
    for (int32_t slot = 0; slot < v->s->capacity && observed[slot] >= 0; slot++) {
        const float *column = genotype + (int64_t)observed[slot] * hidden;
        const int32_t message = registers[slot];
        if (message < 0) continue;
        DG_SIMD
        for (int32_t u = 0; u < hidden; u++) h[u] = dg_policy_gather_term(h[u], column[u], message);
    }
}

/** Hidden layer from all registers, the reference. */
static void hidden_dense(const step_view *v, int32_t i, const float *genotype, int32_t hidden)
{
    int32_t *reg = v->ws.reg;
    float *h = v->ws.hidden;
    for (int32_t j = 0; j < v->s->agents; j++) reg[j] = -1;
    for (int32_t slot = 0; slot < v->s->capacity; slot++) {
        const int32_t j = v->st.observed[(int64_t)i * v->s->capacity + slot];
        if (j >= 0) reg[j] = v->st.registers[(int64_t)i * v->s->capacity + slot];
    }
    const dg_policy_layout at = dg_policy_layout_of(v->s->agents, hidden, v->s->values);
    memcpy(h, genotype + at.bias_1, (size_t)hidden * sizeof *h);
    for (int32_t j = 0; j < v->s->agents; j++)
        for (int32_t u = 0; u < hidden; u++)
            h[u] = dg_policy_dense_term(h[u], genotype[(int64_t)j * hidden + u], reg[j]);
}

/** Floats between two rows of values in `second` and `spoken`: whole tiles. */
DG_INLINE int64_t value_stride(const dg_shape *s)
{
    return dg_round_up(s->values, DG_VALUE_TILE);
}

/** W2 of every agent with rows of whole tiles, for the length of a generation. */
static void pack_second_layers(const step_view *v)
{
    const int64_t stride = value_stride(v->s), page = v->s->hidden * stride;
    for (int32_t g = 0; g < v->s->groups; g++) {
        const dg_group_shape *group = &v->s->group[g];
        const dg_policy_layout at = dg_policy_layout_of(v->s->agents, group->hidden, v->s->values);
        for (int32_t a = 0; a < group->size; a++) {
            const float *from =
                v->st.genotype + group->genotype + (int64_t)a * group->stride + at.weight_2;
            float *to = v->ws.second + (group->first + a) * page;
            for (int32_t u = 0; u < group->hidden; u++)
                for (int32_t k = 0; k < v->s->values; k++)
                    to[u * stride + k] = from[u * v->s->values + k];
        }
    }
}

/** Policy of one agent: hidden layer, logits, race. `stride` is value_stride(). */
DG_INLINE int32_t policy_message(const step_view *v, int32_t i, const float *genotype,
                                 int32_t hidden, int64_t stride, const float *log_exponential)
{
    const float *second = v->ws.second + (int64_t)i * v->s->hidden * stride;
    float *h = v->ws.hidden;
    float *logit = v->ws.logit;
    if (v->p->forward == DG_FORWARD_DENSE)
        hidden_dense(v, i, genotype, hidden);
    else
        hidden_gather(v, i, genotype, hidden);
    DG_SIMD
    for (int32_t u = 0; u < hidden; u++) h[u] = dg_policy_hidden(h[u]);
    dg_lanes_to_memory(h);
    const float *bias = genotype + dg_policy_layout_of(v->s->agents, hidden, v->s->values).bias_2;
    const int32_t output = v->p->output;
    for (int64_t tile = 0; tile < stride; tile += DG_VALUE_TILE) {
        sum_rows(logit + tile, h, second + tile, stride, hidden);
        DG_SIMD
        for (int64_t k = tile; k < tile + DG_VALUE_TILE; k++)
            logit[k] =
                dg_policy_clock(dg_policy_logit(logit[k], bias[k]), log_exponential[k], output);
    }
    return dg_select_first(logit, v->s->values);
}

/** Messages of a group that acts in this step; the common sizes get loops of known length. */
static void group_messages(const step_view *v, const dg_group_shape *group)
{
    const int64_t apart = dg_round_up(v->s->values, 4), stride = value_stride(v->s);
    for (int32_t tile = 0; tile < group->size; tile += DG_AGENT_TILE) {
        const int32_t left = group->size - tile;
        const int32_t count = left < DG_AGENT_TILE ? left : DG_AGENT_TILE;
        const float *clocks =
            tile_clocks(v, DG_STREAM_MESSAGE, v->ws.value_block, v->ws.value_agent, v->s->values,
                        group->first + tile, count);
        for (int32_t a = 0; a < count; a++) {
            const int32_t i = group->first + tile + a;
            const float *genotype =
                v->st.genotype + group->genotype + (int64_t)(tile + a) * group->stride;
            const float *clock = clocks + a * apart;
            v->st.message[i] = group->hidden == 64 && stride == DG_VALUE_TILE
                                   ? policy_message(v, i, genotype, 64, DG_VALUE_TILE, clock)
                                   : policy_message(v, i, genotype, group->hidden, stride, clock);
            v->st.last_message[i] = v->st.message[i];
        }
    }
}

static void step_messages(const step_view *v, int64_t *record)
{
    for (int32_t g = 0; g < v->s->groups; g++) {
        const dg_group_shape *group = &v->s->group[g];
        if (dg_policy_acts(v->step, v->p->group[g].act_period)) {
            group_messages(v, group);
            record[dg_record_group(v->s, g) + DG_COUNT_MESSAGES] += group->size;
        } else {
            for (int32_t i = 0; i < group->size; i++) v->st.message[group->first + i] = -1;
        }
    }
}

/* ---- 2. observation -------------------------------------------------------------------------------- */

/** What every receiver is offered, and whom nobody may draw. */
static void offer_messages(const step_view *v)
{
    const int32_t silent = v->p->silent;
    for (int32_t j = 0; j < v->s->row; j++) {
        v->ws.offered[j] = dg_observe_offered(silent, v->st.message[j], v->st.last_message[j]);
        v->ws.barred[j] = j >= v->s->agents || dg_observe_barred(silent, v->ws.offered[j]);
        v->ws.step_views[j] = 0;
    }
}

/** Cost of candidate j for receiver i; the padding of a row is barred like i itself. */
DG_INLINE float candidate_cost(const step_view *v, const float *static_cost, int32_t belief,
                               int32_t i, int32_t j)
{
    const float open =
        dg_observe_cost(static_cost[j], v->p->belief_factor, belief, v->ws.offered[j]);
    const int32_t barred = v->ws.barred[j] | (v->ws.index[j] == i);
    return barred ? DG_OBSERVE_NEVER : open;
}

/** Clocks of all candidates of receiver i into ws.cost. */
DG_INLINE void candidate_clocks(const step_view *v, int32_t i, const float *log_exponential)
{
    const float *static_cost = v->st.static_cost + (int64_t)i * v->s->row;
    const int32_t belief = v->st.belief[i];
    float *clock = v->ws.cost;
    for (int32_t tile = 0; tile < v->s->row; tile += DG_ROW_ALIGN) {
        DG_SIMD
        for (int32_t j = tile; j < tile + DG_ROW_ALIGN; j++) {
            const float cost = candidate_cost(v, static_cost, belief, i, j);
            const float some = dg_observe_clock(cost, log_exponential[j]);
            clock[j] = cost < DG_OBSERVE_NEVER ? some : DG_OBSERVE_NEVER;
        }
    }
}

/** The same where sparsity drops the candidates of smallest weight, i.e. largest cost. */
static void sparse_clocks(const step_view *v, int32_t i, const float *log_exponential)
{
    const int32_t agents = v->s->agents;
    const float *static_cost = v->st.static_cost + (int64_t)i * v->s->row;
    float *cost = v->ws.cost;
    for (int32_t j = 0; j < v->s->row; j++)
        cost[j] = -candidate_cost(v, static_cost, v->st.belief[i], i, j);
    dg_select_mark(cost, v->ws.spare, agents, v->p->observation_dropped, -DG_OBSERVE_NEVER);
    for (int32_t j = 0; j < v->s->row; j++)
        cost[j] = -cost[j] < DG_OBSERVE_NEVER ? dg_observe_clock(-cost[j], log_exponential[j])
                                              : DG_OBSERVE_NEVER;
}

/** Ask memory for the columns that the next step gathers: those of agent i's genotype for whom it saw. */
DG_INLINE void ask_for_columns(const step_view *v, const dg_group_shape *group, int32_t i)
{
    const int32_t *observed = v->st.observed + (int64_t)i * v->s->capacity;
    const float *genotype =
        v->st.genotype + group->genotype + (int64_t)(i - group->first) * group->stride;
    for (int32_t slot = 0; slot < group->capacity && observed[slot] >= 0; slot++)
        for (int32_t u = 0; u < group->hidden; u += CACHE_LINE / (int32_t)sizeof(float))
            __builtin_prefetch(genotype + (int64_t)observed[slot] * group->hidden + u, 0, 2);
}

/** Draw up to `capacity` agents; the registers list them in ascending index. */
DG_INLINE void draw_observed(const step_view *v, int32_t i, int32_t capacity)
{
    int32_t *observed = v->st.observed + (int64_t)i * v->s->capacity;
    int32_t *registers = v->st.registers + (int64_t)i * v->s->capacity;
    int32_t *list = v->ws.list;
    const int32_t count = dg_select_smallest(list, v->ws.cost, v->ws.spare, v->s->row, capacity);
    for (int32_t slot = 0; slot < count; slot++) {
        const int32_t j = list[slot];
        observed[slot] = j;
        registers[slot] = v->ws.offered[j];
        v->ws.step_views[j] += dg_observe_received(v->st.message[j]);
    }
    for (int32_t slot = count; slot < v->s->capacity; slot++) observed[slot] = registers[slot] = -1;
}

static void step_observation(const step_view *v)
{
    const int64_t apart = dg_round_up(v->s->agents, 4);
    offer_messages(v);
    for (int32_t g = 0; g < v->s->groups; g++) {
        const dg_group_shape *group = &v->s->group[g];
        for (int32_t tile = 0; tile < group->size; tile += DG_AGENT_TILE) {
            const int32_t left = group->size - tile;
            const int32_t count = left < DG_AGENT_TILE ? left : DG_AGENT_TILE;
            const int32_t first = group->first + tile;
            const float *clocks = tile_clocks(v, DG_STREAM_OBSERVE, v->ws.sender_block,
                                              v->ws.sender_agent, v->s->agents, first, count);
            for (int32_t a = 0; a < count; a++) {
                if (v->p->observation_dropped > 0)
                    sparse_clocks(v, first + a, clocks + a * apart);
                else
                    candidate_clocks(v, first + a, clocks + a * apart);
                draw_observed(v, first + a, group->capacity);
                if (v->s->agents > NEAR_AGENTS) ask_for_columns(v, group, first + a);
            }
        }
    }
}

/* ---- 3. reward ----------------------------------------------------------------------------------------- */

static void step_reward(const step_view *v)
{
    for (int32_t i = 0; i < v->s->agents; i++) {
        const int32_t views = v->ws.step_views[i];
        const int32_t penalty =
            dg_reward_penalty(v->st.belief[i], v->st.message[i], v->p->penalise_silence);
        v->ws.reward[i] = dg_reward(views, penalty, v->p->truthfulness);
        v->st.views[i] += views;
        v->st.penalty[i] += penalty;
    }
}

/* ---- 4. belief weights ----------------------------------------------------------------------------------- */

/** random and momentum: one normal per pair. The padding of a row stays 0. */
static void noisy_weights(const step_view *v, int32_t i, const uint32_t *word)
{
    const int32_t agents = v->s->agents, *index = v->ws.index;
    float *normal = v->ws.cost;
    float *weight = v->st.weight + (int64_t)i * v->s->row;
    float *delta = v->st.momentum + (int64_t)i * v->s->row;
    dg_noise_normals(normal, word, v->s->row);
    for (int32_t tile = 0; tile < v->s->row; tile += DG_ROW_ALIGN) {
        if (v->p->update == DG_UPDATE_MOMENTUM) {
            const float factor = v->p->momentum_factor, sigma = v->p->momentum_sigma;
            DG_SIMD
            for (int32_t j = tile; j < tile + DG_ROW_ALIGN; j++) {
                const float next = dg_momentum_next(delta[j], normal[j], factor, sigma);
                const float moved = dg_weight_momentum(weight[j], next);
                delta[j] = index[j] < agents ? next : delta[j];
                weight[j] = index[j] < agents ? moved : weight[j];
            }
        } else {
            const float sigma = v->p->random_sigma;
            DG_SIMD
            for (int32_t j = tile; j < tile + DG_ROW_ALIGN; j++) {
                const float moved = dg_weight_random(weight[j], normal[j], sigma);
                weight[j] = index[j] < agents ? moved : weight[j];
            }
        }
    }
}

/** reward: weights of those received from in this step. */
static void rewarded_weights(const step_view *v, int32_t i)
{
    float *weight = v->st.weight + (int64_t)i * v->s->row;
    for (int32_t slot = 0; slot < v->s->capacity; slot++) {
        const int32_t j = v->st.observed[(int64_t)i * v->s->capacity + slot];
        if (j < 0 || v->st.message[j] < 0) continue;
        weight[j] =
            dg_weight_reward(weight[j], v->ws.reward[i], v->ws.reward[j], v->p->reward_scale);
    }
}

static void clip_weights(const step_view *v, int32_t i)
{
    float *weight = v->st.weight + (int64_t)i * v->s->row;
    const float low = v->p->clip_low, high = v->p->clip_high;
    DG_SIMD
    for (int32_t j = 0; j < v->s->agents; j++) weight[j] = dg_weight_clip(weight[j], 1, low, high);
}

static void step_weights(const step_view *v)
{
    const int32_t agents = v->s->agents;
    const int64_t apart = dg_round_up(agents, 4);
    if (v->p->update == DG_UPDATE_FIXED && !v->p->clip) return;
    for (int32_t tile = 0; tile < agents; tile += DG_AGENT_TILE) {
        const int32_t count = agents - tile < DG_AGENT_TILE ? agents - tile : DG_AGENT_TILE;
        const int32_t noisy =
            v->p->update == DG_UPDATE_RANDOM || v->p->update == DG_UPDATE_MOMENTUM;
        if (noisy)
            tile_words(v, DG_STREAM_NOISE, v->ws.sender_block, v->ws.sender_agent, agents, tile,
                       count);
        for (int32_t a = 0; a < count; a++) {
            if (noisy) noisy_weights(v, tile + a, v->ws.word + a * apart);
            if (v->p->update == DG_UPDATE_REWARD) rewarded_weights(v, tile + a);
            if (v->p->clip) clip_weights(v, tile + a);
        }
    }
}

/* ---- 5. contagion ------------------------------------------------------------------------------------------ */

/** Sources `all`: row j of `spoken` is 1 at the value that j speaks for, else 0. */
static void speak_beliefs(const step_view *v)
{
    const int64_t stride = value_stride(v->s), rows = dg_round_up(v->s->agents, DG_LANES);
    memset(v->ws.spoken, 0, (size_t)(rows * stride) * sizeof *v->ws.spoken);
    for (int32_t j = 0; j < v->s->agents; j++) v->ws.spoken[j * stride + v->st.belief[j]] = 1.0f;
}

/** i's row of W; under belief sparsity a copy in which those who leave J_i weigh nothing. */
DG_INLINE const float *source_weights(const step_view *v, int32_t i)
{
    const float *weight = v->st.weight + (int64_t)i * v->s->row;
    if (v->p->contagion_dropped == 0) return weight;
    memcpy(v->ws.sources, weight, (size_t)v->s->row * sizeof *weight);
    dg_select_mark(v->ws.sources, v->ws.spare, v->s->agents, v->p->contagion_dropped, 0.0f);
    return v->ws.sources;
}

/** A source that i received: its value, -1 where the register holds none, and its weight. */
typedef struct source {
    int32_t value;
    float weight;
} source;

DG_INLINE source received_source(const step_view *v, int32_t i, const float *weight, int32_t slot)
{
    const int32_t j = v->st.observed[(int64_t)i * v->s->capacity + slot];
    const int32_t registers = v->st.registers[(int64_t)i * v->s->capacity + slot];
    if (j < 0 || registers < 0) return (source){-1, 0};
    return (source){dg_contagion_content(v->p->content, registers, v->st.belief[j]), weight[j]};
}

/** Sum of W_ij per value over what i received, in ascending j. */
static void received_sums(const step_view *v, int32_t i, const float *weight)
{
    float *sum = v->ws.logit;
    memset(sum, 0, (size_t)value_stride(v->s) * sizeof *sum);
    for (int32_t slot = 0; slot < v->s->capacity; slot++) {
        const source from = received_source(v, i, weight, slot);
        if (from.value >= 0) sum[from.value] += from.weight;
    }
}

/** The same for up to 16 values: +0 goes to the others, which alters no sum that began at +0. */
DG_INLINE void received_sums_of_16(const step_view *v, int32_t i, const float *weight)
{
    static const dg_tile_index value = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    dg_tile sum = {0};
    for (int32_t slot = 0; slot < v->s->capacity; slot++) {
        const source from = received_source(v, i, weight, slot);
        const dg_tile_index bits = (dg_tile_index){0} + (int32_t)dg_bits_of(from.weight);
        sum += (dg_tile)(bits & (value == from.value));
    }
    memcpy(v->ws.logit, &sum, sizeof sum);
}

/**
 * Sum of W_ij per value over all agents, in the order of sum.h. Padded weights and rows are 0 and add
 * nothing, so up to 32 agents make one loop of known length.
 */
static void all_sums(const step_view *v, const float *weight)
{
    const int64_t stride = value_stride(v->s);
    if (v->s->row == DG_LANES && stride == DG_VALUE_TILE) {
        sum_rows(v->ws.logit, weight, v->ws.spoken, DG_VALUE_TILE, DG_LANES);
        return;
    }
    for (int64_t tile = 0; tile < stride; tile += DG_VALUE_TILE)
        sum_rows(v->ws.logit + tile, weight, v->ws.spoken + tile, stride, v->s->agents);
}

/** Distances of all gaps between a value and a belief: distance[value - belief + stride]. */
static void tell_distances(const step_view *v)
{
    const int32_t stride = (int32_t)value_stride(v->s);
    for (int32_t k = 0; k < 2 * stride; k++)
        v->ws.distance[k] = dg_contagion_distance(k, stride, v->p->distance, v->p->contagion_delta);
}

/** Sums of weights into exponents, in place; the largest of them and 0. */
DG_INLINE float exponents(const step_view *v, int32_t belief, float *x)
{
    const int32_t values = v->s->values;
    const float *distance = v->ws.distance + value_stride(v->s) - belief;
    const float factor = v->p->contagion_factor;
    float largest = 0;
    for (int32_t tile = 0; tile < values; tile += DG_VALUE_TILE) {
#pragma omp simd reduction(max : largest)
        for (int32_t k = tile; k < tile + DG_VALUE_TILE; k++) {
            x[k] = dg_contagion_exponent(factor, x[k], distance[k]);
            largest = x[k] > largest ? x[k] : largest;
        }
    }
    return largest;
}

/** The value that agent i believes next. Sums beyond the last value are 0, and never chosen. */
static int32_t next_belief(const step_view *v, int32_t i, const float *log_exponential)
{
    const int32_t values = v->s->values;
    const float *weight = source_weights(v, i);
    float *x = v->ws.logit;
    if (dg_contagion_everyone(v->p->sources, v->p->content))
        all_sums(v, weight);
    else if (values <= DG_VALUE_TILE)
        received_sums_of_16(v, i, weight);
    else
        received_sums(v, i, weight);
    const float largest = exponents(v, v->st.belief[i], x);
    const int32_t uniform = dg_contagion_uniform(v->p->overflow, largest);
    for (int32_t tile = 0; tile < values; tile += DG_VALUE_TILE) {
        DG_SIMD
        for (int32_t k = tile; k < tile + DG_VALUE_TILE; k++)
            x[k] = dg_contagion_clock(x[k], log_exponential[k], uniform);
    }
    return dg_select_first(x, values);
}

static void group_contagion(const step_view *v, const dg_group_shape *group)
{
    const int64_t apart = dg_round_up(v->s->values, 4);
    for (int32_t tile = 0; tile < group->size; tile += DG_AGENT_TILE) {
        const int32_t left = group->size - tile;
        const int32_t count = left < DG_AGENT_TILE ? left : DG_AGENT_TILE;
        const int32_t first = group->first + tile;
        const float *clocks = tile_clocks(v, DG_STREAM_CONTAGION, v->ws.value_block,
                                          v->ws.value_agent, v->s->values, first, count);
        for (int32_t a = 0; a < count; a++)
            v->ws.next_belief[first + a] = next_belief(v, first + a, clocks + a * apart);
    }
}

static void step_contagion(const step_view *v)
{
    if (dg_contagion_everyone(v->p->sources, v->p->content)) speak_beliefs(v);
    memcpy(v->ws.next_belief, v->st.belief, (size_t)v->s->agents * sizeof(int32_t));
    for (int32_t g = 0; g < v->s->groups; g++)
        if (!v->p->group[g].belief_fixed) group_contagion(v, &v->s->group[g]);
    memcpy(v->st.belief, v->ws.next_belief, (size_t)v->s->agents * sizeof(int32_t));
}

/* ---- measures ------------------------------------------------------------------------------------------------ */

/** Beliefs after the step, into the histograms of the groups. */
static void count_beliefs(const step_view *v, int64_t *record)
{
    for (int32_t g = 0; g < v->s->groups; g++) {
        const dg_group_shape *group = &v->s->group[g];
        int64_t *histogram = record + dg_record_group(v->s, g) + DG_COUNTS;
        for (int32_t i = group->first; i < group->first + group->size; i++)
            histogram[v->st.belief[i]]++;
    }
}

/** Messages of this step that agent i holds in its registers: of all agents, of AI agents. */
static void trace_received(const step_view *v, int32_t i, int16_t *all, int16_t *of_ai)
{
    const int32_t *observed = v->st.observed + (int64_t)i * v->s->capacity;
    int32_t sum = 0, sum_ai = 0;
    for (int32_t slot = 0; slot < v->s->capacity; slot++) {
        const int32_t j = observed[slot];
        if (j < 0 || !dg_observe_received(v->st.message[j])) continue;
        sum++;
        sum_ai += v->s->group[dg_group_of(v->s, j)].kind == DG_KIND_AI;
    }
    *all = (int16_t)sum;
    *of_ai = (int16_t)sum_ai;
}

/** One step of the trace: beliefs after the step, messages, views, messages received. */
static void trace_step(const step_view *v, int16_t *trace)
{
    const int64_t agents = v->s->agents, page = (int64_t)v->s->steps * agents;
    int16_t *at = trace + v->step * agents;
    for (int32_t i = 0; i < v->s->agents; i++) {
        at[DG_TRACE_BELIEF * page + i] = (int16_t)v->st.belief[i];
        at[DG_TRACE_MESSAGE * page + i] = (int16_t)v->st.message[i];
        at[DG_TRACE_VIEWS * page + i] = (int16_t)v->ws.step_views[i];
        trace_received(v, i, at + DG_TRACE_RECEIVED * page + i,
                       at + DG_TRACE_RECEIVED_AI * page + i);
    }
}

/** Moments of views and penalties over each group's agents. */
static void count_fitness(const step_view *v, int64_t *record)
{
    for (int32_t g = 0; g < v->s->groups; g++) {
        const dg_group_shape *group = &v->s->group[g];
        int64_t *count = record + dg_record_group(v->s, g);
        for (int32_t i = group->first; i < group->first + group->size; i++) {
            const int64_t views = v->st.views[i], penalty = v->st.penalty[i];
            count[DG_COUNT_VIEWS] += views;
            count[DG_COUNT_PENALTY] += penalty;
            count[DG_COUNT_VIEWS_SQUARED] += views * views;
            count[DG_COUNT_VIEWS_PENALTY] += views * penalty;
            count[DG_COUNT_PENALTY_SQUARED] += penalty * penalty;
        }
        count[DG_COUNT_SIGMA] = dg_bits_of(v->st.sigma[g]);
    }
}

/* ---- a generation ---------------------------------------------------------------------------------------------- */

/** carry: generation brings W and Delta back to the start of the run, which the seed still knows. */
static void restore_weights(const step_view *v)
{
    const dg_draw weight = dg_draw_of(v->p->seed, DG_STREAM_WEIGHT, 0, 0);
    const dg_draw delta = dg_draw_of(v->p->seed, DG_STREAM_MOMENTUM, 0, 0);
    const int64_t apart = dg_round_up(v->s->agents, 4);
    if (v->p->update == DG_UPDATE_FIXED && !v->p->clip) return; /* nothing moved them */
    for (int32_t tile = 0; tile < v->s->agents; tile += DG_AGENT_TILE) {
        const int32_t left = v->s->agents - tile;
        const int32_t count = left < DG_AGENT_TILE ? left : DG_AGENT_TILE;
        const int64_t blocks = count * (apart / 4);
        for (int32_t kind = 0; kind < 2; kind++) {
            for (int64_t b = 0; b < blocks; b += DG_NOISE_BLOCKS)
                dg_noise_words(v->ws.word + 4 * b, kind ? delta : weight, v->ws.sender_block + b,
                               v->ws.sender_agent + b, (uint32_t)tile);
            float *row = (kind ? v->st.momentum : v->st.weight) + (int64_t)tile * v->s->row;
            for (int32_t a = 0; a < count; a++)
                for (int32_t j = 0; j < v->s->agents; j++) {
                    const uint32_t word = v->ws.word[a * apart + j];
                    row[(int64_t)a * v->s->row + j] =
                        kind ? dg_momentum_initial(word) : dg_weight_initial(word);
                }
        }
    }
}

/** Weights that left the range of float32 end the run; the first generation of it is kept. */
static void watch_weights(const step_view *v)
{
    if (v->p->update == DG_UPDATE_FIXED || v->st.ended[DG_ENDED_NONFINITE]) return;
    int32_t unsound = 0;
    for (int64_t k = 0; k < (int64_t)v->s->agents * v->s->row; k++)
        unsound += !dg_weight_sound(v->st.weight[k]);
    if (unsound > 0) v->st.ended[DG_ENDED_NONFINITE] = v->run->generation + 1;
}

/** Beliefs that have converged for long enough end the run, after the evolution that is yet to come. */
static void watch_beliefs(const step_view *v)
{
    int32_t converged = 0;
    if (v->p->early_stop_count == 0) return;
    for (int32_t k = 0; k < v->s->values; k++)
        converged |= dg_convergence_reached(v->s, v->p, v->run->record, k);
    dg_convergence_follow(v->st.ended, v->p, v->run->generation, converged);
}

/** All phases of one step. */
static void whole_step(const step_view *v, double *since)
{
    const dg_run_cpu *run = v->run;
    step_messages(v, run->record);
    dg_stage_end(run, DG_STAGE_MESSAGES, since);
    step_observation(v);
    dg_stage_end(run, DG_STAGE_OBSERVATION, since);
    step_reward(v);
    dg_stage_end(run, DG_STAGE_REWARD, since);
    step_weights(v);
    dg_stage_end(run, DG_STAGE_WEIGHTS, since);
    step_contagion(v);
    dg_stage_end(run, DG_STAGE_CONTAGION, since);
    count_beliefs(v, run->record);
    if (run->trace) trace_step(v, run->trace);
    dg_stage_end(run, DG_STAGE_MEASURES, since);
}

void DG_VECTORED(dg_generation)(const dg_run_cpu *run)
{
    const dg_shape *s = run->shape;
    step_view v = {run, s, run->params, run->state, dg_workspace_at(s, run->workspace), 0};
    double since = 0;
    dg_stage_end(run, DG_STAGE_MEASURES, &since);
    dg_workspace_tables(s, &v.ws);
    memset(run->record, 0, (size_t)dg_record_words(s) * sizeof *run->record);
    memset(v.st.views, 0, (size_t)s->row * sizeof *v.st.views);
    memset(v.st.penalty, 0, (size_t)s->row * sizeof *v.st.penalty);
    if (v.p->carry == DG_CARRY_GENERATION) restore_weights(&v);
    dg_stage_end(run, DG_STAGE_WEIGHTS, &since);
    pack_second_layers(&v);
    tell_distances(&v);
    for (v.step = 0; v.step < s->steps; v.step++) whole_step(&v, &since);
    count_fitness(&v, run->record);
    watch_weights(&v);
    watch_beliefs(&v);
    dg_stage_end(run, DG_STAGE_MEASURES, &since);
}
