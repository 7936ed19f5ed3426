/**
 * Random words of an agent's step on its warp.
 *
 * Packed: one pass of philox, a block a lane, makes all words of a step, and without noise of two steps;
 * shuffles bring each lane its own. The words depend on counters alone, so the pass runs before anything
 * is known of the step, and fills the time in which the warp would wait.
 *
 *   lanes  0 ...  7   observation, candidates 4 lane ... 4 lane + 3
 *   lanes  8 ... 11   message, values 4 (lane - 8) ...
 *   lanes 12 ... 15   contagion, values 4 (lane - 12) ...
 *   lanes 16 ... 31   noise of the belief weights, senders 4 (lane - 16) ...; or the next step's
 *                     observation, message and contagion
 *
 * A value v belongs to lanes 2v and 2v + 1 (fold.h): the even one holds the message's clock, the
 * odd one contagion's.
 */
#ifndef DG_DRAWS_CUDA_H
#define DG_DRAWS_CUDA_H

#include "kernels/cuda/block.h"
#include "kernels/science/rng.h"
#include "kernels/science/weights.h"

/** What a lane drew for the whole step; packed only. */
typedef struct dg_draws {
    float candidate; /* log E of candidate `lane` */
    float value;     /* log E of value lane / 2: even lanes for the message, odd for contagion */
    float normal;    /* of sender `lane` */
    dg_philox_block words; /* those of this step and perhaps of the next */
} dg_draws;

template <bool Packed>
DG_DEVICE dg_draw dg_draw_at(const dg_block_view<Packed> &v, int32_t stream, int32_t step)
{
    return dg_draw_of(v.p->seed, static_cast<dg_stream>(stream), v.generation, step);
}

/** Word `element` of the blocks that lanes from `first` on hold. */
DG_DEVICE uint32_t dg_word_of(const dg_philox_block &block, int32_t first, int32_t element)
{
    const int32_t source = first + element / 4;
    const uint32_t a = dg_shuffle(block.word[0], source), b = dg_shuffle(block.word[1], source);
    const uint32_t c = dg_shuffle(block.word[2], source), d = dg_shuffle(block.word[3], source);
    const uint32_t low = element & 1 ? b : a, high = element & 1 ? d : c;
    return element & 2 ? high : low;
}

/** The normal of element `lane`, from the two words of its pair. */
DG_DEVICE float dg_normal_of(const dg_philox_block &block, int32_t first)
{
    const int32_t source = first + dg_lane() / 4;
    const uint32_t a = dg_shuffle(block.word[0], source), b = dg_shuffle(block.word[1], source);
    const uint32_t c = dg_shuffle(block.word[2], source), d = dg_shuffle(block.word[3], source);
    const bool second = dg_lane() & 2;
    const dg_normals pair = dg_normal_pair(second ? c : a, second ? d : b);
    return dg_lane() & 1 ? pair.second : pair.first;
}

enum { DG_CANDIDATES = 0, DG_MESSAGE = 8, DG_CONTAGION = 12, DG_LATER = 16 };

/** The block of philox that a lane makes for agent i, when step is the first of a pass. */
DG_DEVICE dg_philox_block dg_words_of(const dg_block_view<true> &v, int32_t i, int32_t step,
                                      bool noisy)
{
    const int32_t lane = dg_lane();
    const bool next = lane >= DG_LATER && !noisy;
    const int32_t place = next ? lane - DG_LATER : lane;
    const int32_t stream = place < DG_MESSAGE     ? DG_STREAM_OBSERVE
                           : place < DG_CONTAGION ? DG_STREAM_MESSAGE
                           : place < DG_LATER     ? DG_STREAM_CONTAGION
                                                  : DG_STREAM_NOISE;
    const int32_t first = place < DG_MESSAGE     ? DG_CANDIDATES
                          : place < DG_CONTAGION ? DG_MESSAGE
                          : place < DG_LATER     ? DG_CONTAGION
                                                 : DG_LATER;
    return dg_philox(dg_draw_at(v, stream, step + next), static_cast<uint32_t>(place - first),
                     static_cast<uint32_t>(i));
}

/** All draws of agent i's step, the `count`-th of this launch. */
DG_DEVICE void dg_draw_step(const dg_block_view<true> &v, dg_draws *draws, int32_t i, int32_t step,
                            int32_t count)
{
    const bool noisy = dg_weight_noisy(v.p->update) != 0, drawn = !noisy && (count & 1) != 0;
    if (!drawn) draws->words = dg_words_of(v, i, step, noisy);
    const int32_t from = drawn ? DG_LATER : 0;
    const int32_t of_value = dg_lane() & 1 ? DG_CONTAGION : DG_MESSAGE;
    draws->candidate =
        dg_log_exponential(dg_word_of(draws->words, from + DG_CANDIDATES, dg_lane()));
    draws->value = dg_log_exponential(dg_word_of(draws->words, from + of_value, dg_lane() / 2));
    draws->normal = noisy ? dg_normal_of(draws->words, DG_LATER) : 0.0f;
}

/** log E of one value, for shapes that are not packed. */
template <bool Packed>
DG_DEVICE float dg_value_draw(const dg_block_view<Packed> &v, dg_stream stream, int32_t step,
                              int32_t i, int32_t value)
{
    return dg_log_exponential(dg_word(dg_draw_at(v, stream, step), static_cast<uint32_t>(value),
                                      static_cast<uint32_t>(i)));
}

#endif
