/**
 * Belief weights of all agents on the CPU (MODEL.md, section 3.4): their rule in each step, the return
 * to W(0), the watch over their size. Loops only; the formulas are weights.h's of science.
 */
#ifndef DG_WEIGHTS_CPU_H
#define DG_WEIGHTS_CPU_H

#include "kernels/cpu/step.h"
#include "kernels/science/weights.h"

/** random and momentum: one normal per pair. The padding of a row stays 0. */
static inline void dg_noisy_weights(const dg_step_view *v, int32_t i, const uint32_t *word)
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
static inline void dg_rewarded_weights(const dg_step_view *v, int32_t i)
{
    float *weight = v->st.weight + (int64_t)i * v->s->row;
    for (int32_t slot = 0; slot < v->s->capacity; slot++) {
        const int32_t j = v->st.observed[(int64_t)i * v->s->capacity + slot];
        if (j < 0 || v->st.message[j] < 0) continue;
        weight[j] =
            dg_weight_reward(weight[j], v->ws.reward[i], v->ws.reward[j], v->p->reward_scale);
    }
}

static inline void dg_clip_weights(const dg_step_view *v, int32_t i)
{
    float *weight = v->st.weight + (int64_t)i * v->s->row;
    const float low = v->p->clip_low, high = v->p->clip_high;
    DG_SIMD
    for (int32_t j = 0; j < v->s->agents; j++) weight[j] = dg_weight_clip(weight[j], 1, low, high);
}

DG_PHASE void dg_weights_phase(const dg_step_view *v)
{
    const dg_elements senders = dg_every_sender(v);
    const int64_t apart = dg_words_apart(senders);
    const int32_t noisy = v->p->update == DG_UPDATE_RANDOM || v->p->update == DG_UPDATE_MOMENTUM;
    if (v->p->update == DG_UPDATE_FIXED && !v->p->clip) return;
    for (dg_agent_tile t = dg_tile_at(0, v->s->agents); t.count > 0; t = dg_tile_next(t)) {
        if (noisy) dg_tile_words(v, dg_draw_at(v, DG_STREAM_NOISE), senders, t);
        for (int32_t a = 0; a < t.count; a++) {
            if (noisy) dg_noisy_weights(v, t.first + a, v->ws.word + a * apart);
            if (v->p->update == DG_UPDATE_REWARD) dg_rewarded_weights(v, t.first + a);
            if (v->p->clip) dg_clip_weights(v, t.first + a);
        }
    }
}

/* ---- between generations ------------------------------------------------------------------------- */

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
    if (v->p->update == DG_UPDATE_FIXED && !v->p->clip) return; /* nothing moved them */
    for (dg_agent_tile t = dg_tile_at(0, v->s->agents); t.count > 0; t = dg_tile_next(t)) {
        dg_restore_rows(v, t, DG_STREAM_WEIGHT, v->st.weight, dg_weight_initial);
        dg_restore_rows(v, t, DG_STREAM_MOMENTUM, v->st.momentum, dg_momentum_initial);
    }
}

/** Weights that left the range of float32 end the run; the first generation of it is kept. */
static inline void dg_watch_weights(const dg_step_view *v)
{
    if (v->p->update == DG_UPDATE_FIXED || v->st.ended[DG_ENDED_NONFINITE]) return;
    int32_t unsound = 0;
    for (int64_t k = 0; k < (int64_t)v->s->agents * v->s->row; k++)
        unsound += !dg_weight_sound(v->st.weight[k]);
    if (unsound > 0) v->st.ended[DG_ENDED_NONFINITE] = v->run->generation + 1;
}

#endif
