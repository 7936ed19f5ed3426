/**
 * Random words of an agent's step on its warp.
 *
 * Packed (N <= 32, V <= 16): one pass of philox, a block a lane, makes all words of the step; shuffles
 * bring each lane its own. The words depend on counters alone, so the pass runs before anything is known
 * of the step, and fills the time in which the warp would wait.
 *
 *   lanes  0 ...  7   observation, candidates 4 lane ... 4 lane + 3
 *   lanes  8 ... 11   message, values 4 (lane - 8) ...
 *   lanes 12 ... 15   contagion, values 4 (lane - 12) ...
 *   lanes 16 ... 23   noise of the belief weights, senders 4 (lane - 16) ...
 *
 * A value v belongs to lanes 2v and 2v + 1 (fold_cuda.h): the even one holds the message's clock, the
 * odd one contagion's.
 */
#ifndef DG_DRAWS_CUDA_H
#define DG_DRAWS_CUDA_H

#include "block_cuda.h"
#include "rng.h"

/** What a lane drew for the whole step; packed only. */
typedef struct dg_draws {
    float candidate; /* log E of candidate `lane` */
    float value;     /* log E of value lane / 2: even lanes for the message, odd for contagion */
    float normal;    /* of sender `lane` */
} dg_draws;

template <bool Packed>
DG_DEVICE dg_draw dg_draw_at(const dg_block_view<Packed> &v, int32_t stream, int32_t step)
{
    return dg_draw_of(v.p->seed, static_cast<dg_stream>(stream), v.generation, step);
}

DG_DEVICE bool dg_noisy(const dg_params *p)
{
    return p->update == DG_UPDATE_RANDOM || p->update == DG_UPDATE_MOMENTUM;
}

/** Word `element` of the blocks that lanes from `first` on hold. */
DG_DEVICE uint32_t dg_word_of(const dg_block &block, int32_t first, int32_t element)
{
    const int32_t source = first + element / 4;
    const uint32_t a = dg_shuffle(block.word[0], source), b = dg_shuffle(block.word[1], source);
    const uint32_t c = dg_shuffle(block.word[2], source), d = dg_shuffle(block.word[3], source);
    const uint32_t low = element & 1 ? b : a, high = element & 1 ? d : c;
    return element & 2 ? high : low;
}

/** The normal of element `lane`, from the two words of its pair. */
DG_DEVICE float dg_normal_of(const dg_block &block, int32_t first)
{
    const int32_t source = first + dg_lane() / 4;
    const uint32_t a = dg_shuffle(block.word[0], source), b = dg_shuffle(block.word[1], source);
    const uint32_t c = dg_shuffle(block.word[2], source), d = dg_shuffle(block.word[3], source);
    const bool second = dg_lane() & 2;
    const dg_normals pair = dg_normal_pair(second ? c : a, second ? d : b);
    return dg_lane() & 1 ? pair.second : pair.first;
}

/** All words of agent i's step, in one pass. */
template <bool Packed>
DG_DEVICE dg_draws dg_draws_of(const dg_block_view<Packed> &v, int32_t i, int32_t step)
{
    enum { CANDIDATES = 0, MESSAGE = 8, CONTAGION = 12, NOISE = 16 };
    const int32_t lane = dg_lane();
    const int32_t stream = lane < MESSAGE     ? DG_STREAM_OBSERVE
                           : lane < CONTAGION ? DG_STREAM_MESSAGE
                           : lane < NOISE     ? DG_STREAM_CONTAGION
                                              : DG_STREAM_NOISE;
    const int32_t first = lane < MESSAGE     ? CANDIDATES
                          : lane < CONTAGION ? MESSAGE
                          : lane < NOISE     ? CONTAGION
                                             : NOISE;
    const dg_block block = dg_philox(dg_draw_at(v, stream, step),
                                     static_cast<uint32_t>(lane - first), static_cast<uint32_t>(i));
    dg_draws draws;
    draws.candidate = dg_log_exponential(dg_word_of(block, CANDIDATES, lane));
    draws.value = dg_log_exponential(dg_word_of(block, lane & 1 ? CONTAGION : MESSAGE, lane / 2));
    draws.normal = dg_noisy(v.p) ? dg_normal_of(block, NOISE) : 0.0f;
    return draws;
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
