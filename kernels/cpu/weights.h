/**
 * Belief weights of all agents on the CPU (MODEL.md, section 3.4): their rule in each step, the return
 * to W(0), the check of their size. Loops only; the formulas are weights.h's of science.
 */
#ifndef DG_WEIGHTS_CPU_H
#define DG_WEIGHTS_CPU_H

#include "kernels/cpu/step.h"
#include "kernels/science/observe.h"
#include "kernels/science/weights.h"

/** ws.received[j]: did i receive a message from j in this step? */
DG_INLINE void dg_mark_received(const dg_step_view *v, int32_t i)
{
    const int32_t *observed = v->st.observed + (int64_t)i * v->s->capacity;
    memset(v->ws.received, 0, (size_t)v->s->row * sizeof *v->ws.received);
    for (int32_t slot = 0; slot < v->s->capacity && observed[slot] >= 0; slot++)
        v->ws.received[observed[slot]] = dg_observe_received(v->st.message[observed[slot]]);
}

/**
 * A rule that moves the weights of all others. The padding of a row stays 0.
 *
 * @param normal  of i's row; NULL where the rule needs none
 */
DG_INLINE void dg_move_row(const dg_step_view *v, int32_t i, dg_update rule, const float *normal)
{
    const dg_params p = *v->p; /* a copy, which no weight that is written can overlap */
    const int32_t needs = dg_weight_needs(rule), agents = v->s->agents, *index = v->ws.index;
    const int32_t *received = needs & DG_WEIGHT_RECEIVED ? v->ws.received : NULL;
    const float *reward = v->ws.reward, own = reward[i];
    float *weight = v->st.weight + (int64_t)i * v->s->row;
    float *momentum = v->st.momentum + (int64_t)i * v->s->row;
    if (received) dg_mark_received(v, i);
    for (int32_t tile = 0; tile < v->s->row; tile += DG_ROW_ALIGN) {
        DG_SIMD
        for (int32_t j = tile; j < tile + DG_ROW_ALIGN; j++) {
            const dg_weight_inputs in = {normal ? normal[j] : 0, received ? received[j] : 0,
                                         received ? reward[j] - own : 0};
            const dg_weight before = {weight[j], needs & DG_WEIGHT_MOMENTUM ? momentum[j] : 0};
            const dg_weight after = dg_weight_next(&p, rule, before, in);
            weight[j] = index[j] < agents ? after.weight : before.weight;
            if (needs & DG_WEIGHT_MOMENTUM)
                momentum[j] = index[j] < agents ? after.momentum : before.momentum;
        }
    }
}

/** A rule that moves only the weights of agents whose message i received. */
DG_INLINE void dg_move_received(const dg_step_view *v, int32_t i, dg_update rule,
                                const float *normal)
{
    const int32_t *observed = v->st.observed + (int64_t)i * v->s->capacity;
    float *weight = v->st.weight + (int64_t)i * v->s->row;
    float *momentum = v->st.momentum + (int64_t)i * v->s->row;
    for (int32_t slot = 0; slot < v->s->capacity; slot++) {
        const int32_t j = observed[slot];
        if (j < 0 || !dg_observe_received(v->st.message[j])) continue;
        const dg_weight_inputs in = {normal ? normal[j] : 0, 1, v->ws.reward[j] - v->ws.reward[i]};
        const dg_weight after = dg_weight_next(v->p, rule, (dg_weight){weight[j], momentum[j]}, in);
        weight[j] = after.weight;
        momentum[j] = after.momentum;
    }
}

static inline void dg_clip_weights(const dg_step_view *v, int32_t i)
{
    float *weight = v->st.weight + (int64_t)i * v->s->row;
    const float low = v->p->clip_low, high = v->p->clip_high;
    DG_SIMD
    for (int32_t j = 0; j < v->s->agents; j++) weight[j] = dg_weight_clip(weight[j], 1, low, high);
}

/**
 * One step of all weights. `rule` is a constant: each rule gets loops that hold none of the others'.
 */
DG_INLINE void dg_move_weights(const dg_step_view *v, dg_update rule)
{
    const int32_t needs = dg_weight_needs(rule);
    const dg_elements senders = dg_every_sender(v);
    const int64_t apart = dg_words_apart(senders);
    float *normal = needs & DG_WEIGHT_NORMAL ? v->ws.cost : NULL;
    for (dg_agent_tile t = dg_tile_at(0, v->s->agents); t.count > 0; t = dg_tile_next(t)) {
        if (normal) dg_tile_words(v, dg_draw_at(v, DG_STREAM_NOISE), senders, t);
        for (int32_t a = 0; a < t.count; a++) {
            if (normal) dg_noise_normals(normal, v->ws.word + a * apart, v->s->row);
            if (needs & DG_WEIGHT_OTHERS)
                dg_move_row(v, t.first + a, rule, normal);
            else if (needs & DG_WEIGHT_RECEIVED)
                dg_move_received(v, t.first + a, rule, normal);
            if (v->p->clip) dg_clip_weights(v, t.first + a);
        }
    }
}

DG_PHASE void dg_weights_phase(const dg_step_view *v)
{
    if (dg_weight_still(v->p)) return;
    switch ((dg_update)v->p->update) {
#define DG_MOVE(code, word)                                                                        \
    case code: dg_move_weights(v, code); break;
        DG_UPDATE_LIST(DG_MOVE)
#undef DG_MOVE
    }
}

/* ---- between generations --------------------------------------------------------------------- */

/** W(0) of a tile of agents, or Delta(0), from the words that made them. */
static inline void dg_restore_rows(const dg_step_view *v, dg_agent_tile t, dg_stream stream,
                                   float *rows, float (*initial)(uint32_t word))
{
    const dg_elements senders = dg_every_sender(v);
    const int64_t apart = dg_words_apart(senders);
    const uint32_t *word = dg_tile_words(v, dg_draw_of(v->p->seed, stream, 0, 0), senders, t);
    for (int32_t a = 0; a < t.count; a++)
        for (int32_t j = 0; j < v->s->agents; j++)
            rows[(int64_t)(t.first + a) * v->s->row + j] = initial(word[a * apart + j]);
}

/** carry: generation brings W and Delta back to the start of the run, which the seed still knows. */
static inline void dg_restore_weights(const dg_step_view *v)
{
    if (dg_weight_still(v->p)) return; /* they never moved */
    for (dg_agent_tile t = dg_tile_at(0, v->s->agents); t.count > 0; t = dg_tile_next(t)) {
        dg_restore_rows(v, t, DG_STREAM_WEIGHT, v->st.weight, dg_weight_initial);
        dg_restore_rows(v, t, DG_STREAM_MOMENTUM, v->st.momentum, dg_momentum_initial);
    }
}

/** Weights that left the range of float32 end the run; the first generation of it is kept. */
static inline void dg_watch_weights(const dg_step_view *v)
{
    if (dg_weight_needs(v->p->update) == 0 || v->st.ended[DG_ENDED_NONFINITE]) return;
    int32_t unsound = 0;
    for (int64_t k = 0; k < (int64_t)v->s->agents * v->s->row; k++)
        unsound += !dg_weight_sound(v->st.weight[k]);
    if (unsound > 0) v->st.ended[DG_ENDED_NONFINITE] = v->run->generation + 1;
}

#endif
