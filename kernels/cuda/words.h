/**
 * Random words of agents' steps on a warp. One pass of philox, a block a lane, makes the words of many steps or
 * agents; shuffles bring them to where they are used. Words depend on counters alone, so a pass runs before
 * anything is known of a step, and fills the time in which the warp would wait.
 *
 * Packed, of one agent in `steps` steps; a power of two, as many as 32 lanes have blocks for:
 *
 *   from 0       observation, `blocks` a step
 *   from choice  message and belief, one a step: neighbours make the same block and keep the words of their step
 *   from noise   belief weights, 8 a step, where their rule is noisy: senders 4 k ... of block k
 *
 * Any shape: of one kind for many agents of the warp (dg_draw_choice(), dg_draw_observation()).
 */
#ifndef DG_WORDS_CUDA_H
#define DG_WORDS_CUDA_H

#include "kernels/cuda/block.h"
#include "kernels/science/rng.h"
#include "kernels/science/weights.h"

/** Blocks of philox that serve the draws of an observation. */
DG_DEVICE int32_t dg_observe_blocks(int32_t capacity)
{
    return (capacity + 3) / 4;
}

template <bool Packed>
DG_DEVICE dg_draw dg_draw_at(const dg_block_view<Packed> &v, int32_t stream, int32_t step)
{
    return dg_draw_of(v.p->seed, static_cast<dg_stream>(stream), v.generation, step);
}

/** Word k of a block. */
DG_DEVICE uint32_t dg_block_word(const dg_philox_block &block, int32_t k)
{
    const uint32_t low = k & 1 ? block.word[1] : block.word[0];
    const uint32_t high = k & 1 ? block.word[3] : block.word[2];
    return k & 2 ? high : low;
}

/** What a warp has drawn for an agent's step: blocks of philox, a block a lane, and which lanes hold the agent's. */
typedef struct dg_draws {
    dg_philox_block observe;
    dg_philox_block choice;    /* any shape: of two steps */
    uint32_t message, belief;  /* of a step: words of its choices */
    int32_t observer, chooser; /* the first lane of each */
    float normal;              /* packed: of sender `lane` */
} dg_draws;

/** Word of draw k of the agent's observation. */
DG_DEVICE uint32_t dg_observe_word(const dg_draws &draws, int32_t k)
{
    return dg_shuffle(dg_block_word(draws.observe, k & 3), draws.observer + k / 4);
}

/** Take the words of a step's choices from their block; steps may differ between lanes. */
DG_DEVICE void dg_take_choices(dg_draws *draws, const dg_philox_block &block, int32_t step)
{
    draws->message =
        dg_block_word(block, static_cast<int32_t>(dg_choice_word(step, DG_CHOICE_MESSAGE)));
    draws->belief =
        dg_block_word(block, static_cast<int32_t>(dg_choice_word(step, DG_CHOICE_BELIEF)));
}

/** Word of the agent's message. */
DG_DEVICE uint32_t dg_message_word(const dg_draws &draws)
{
    return dg_shuffle(draws.message, draws.chooser);
}

/** Word of its belief after the step. */
DG_DEVICE uint32_t dg_belief_word(const dg_draws &draws)
{
    return dg_shuffle(draws.belief, draws.chooser);
}

/* ---- packed: one agent, several steps -------------------------------------------------------- */

/** How a pass is laid over lanes: the same for all steps of a launch. */
typedef struct dg_pass {
    int32_t steps, blocks, choice, noise;
} dg_pass;

enum { DG_NOISE_BLOCKS = 8, DG_PASS_STEPS = 16 };

DG_DEVICE dg_pass dg_pass_of(const dg_block_view<true> &v)
{
    dg_pass pass = {DG_PASS_STEPS, dg_observe_blocks(v.s->capacity), 0, 0};
    const int32_t each = pass.blocks + (dg_weight_noisy(v.p->update) ? DG_NOISE_BLOCKS : 0);
    while (pass.steps > 1 && pass.steps * (each + 1) > DG_LANES) pass.steps /= 2;
    pass.choice = pass.steps * pass.blocks;
    pass.noise = pass.choice + pass.steps;
    return pass;
}

/** The block that a lane makes for agent i, where `step` is the first of a pass. */
DG_DEVICE dg_philox_block dg_pass_words(const dg_block_view<true> &v, const dg_pass &pass,
                                        int32_t i, int32_t step)
{
    const int32_t lane = dg_lane();
    int32_t block = lane % pass.blocks;
    dg_draw draw = dg_draw_at(v, DG_STREAM_OBSERVE, step + lane / pass.blocks);
    if (lane >= pass.noise) {
        block = (lane - pass.noise) % DG_NOISE_BLOCKS;
        draw = dg_draw_at(v, DG_STREAM_NOISE, step + (lane - pass.noise) / DG_NOISE_BLOCKS);
    } else if (lane >= pass.choice) {
        block = 0;
        draw = dg_choice_draw(v.p->seed, v.generation, step + lane - pass.choice);
    }
    return dg_philox(draw, static_cast<uint32_t>(block), static_cast<uint32_t>(i));
}

/** The normal of sender `lane`, of the blocks that lanes from `first` on hold. */
DG_DEVICE float dg_normal_of(const dg_philox_block &block, int32_t first)
{
    const int32_t source = first + dg_lane() / 4;
    const uint32_t a = dg_shuffle(block.word[0], source), b = dg_shuffle(block.word[1], source);
    const uint32_t c = dg_shuffle(block.word[2], source), d = dg_shuffle(block.word[3], source);
    const bool second = dg_lane() & 2;
    const dg_normals pair = dg_normal_pair(second ? c : a, second ? d : b);
    return dg_lane() & 1 ? pair.second : pair.first;
}

/** All draws of agent i's step, the `count`-th of this launch. */
DG_DEVICE void dg_draw_step(const dg_block_view<true> &v, const dg_pass &pass, dg_draws *draws,
                            int32_t i, int32_t step, int32_t count)
{
    const int32_t within = step & (pass.steps - 1);
    if (within == 0 || count == 0) {
        draws->observe = dg_pass_words(v, pass, i, step - within);
        dg_take_choices(draws, draws->observe, step - within + dg_lane() - pass.choice);
    }
    draws->observer = within * pass.blocks;
    draws->chooser = pass.choice + within;
    if (dg_weight_noisy(v.p->update))
        draws->normal = dg_normal_of(draws->observe, pass.noise + within * DG_NOISE_BLOCKS);
}

/* ---- any shape: many agents, one kind -------------------------------------------------------- */

/** The agent that lane `place` of a pass draws for: the place-th of this warp from agent i on. */
template <bool Packed>
DG_DEVICE uint32_t dg_later_agent(const dg_block_view<Packed> &v, int32_t i, int32_t place)
{
    return static_cast<uint32_t>(i + place * dg_owners(v));
}

/**
 * Choices of agent i, the `turn`-th of its warp: a pass serves 32 agents, and where a warp has no more, two steps.
 *
 * @param first  0: a pass of this phase or step before serves, if the warp has no more agents than lanes
 */
DG_DEVICE void dg_draw_choice(const dg_block_view<false> &v, dg_draws *draws, int32_t i,
                              int32_t step, int32_t turn, bool first)
{
    const bool many = v.s->agents > DG_LANES * dg_owners(v);
    draws->chooser = turn % DG_LANES;
    if (draws->chooser != 0) return;
    if (first || many)
        draws->choice = dg_philox(dg_choice_draw(v.p->seed, v.generation, step), 0,
                                  dg_later_agent(v, i, dg_lane()));
    dg_take_choices(draws, draws->choice, step);
}

/**
 * Words of agent i's belief after a step and of its message in the next one: as dg_draw_choice(), each from the block
 * of its own step. `draws` must hold the block of this step, and holds that of the next one in the end.
 */
DG_DEVICE void dg_draw_ahead(const dg_block_view<false> &v, dg_draws *draws, int32_t i,
                             int32_t step, int32_t turn)
{
    dg_draw_choice(v, draws, i, step, turn, false);
    const uint32_t belief = draws->belief;
    dg_draw_choice(v, draws, i, step + 1, turn, step % 2 == 1);
    draws->belief = belief;
}

/** Blocks from `first` on of agent i's observation, and of those after it. */
DG_DEVICE void dg_draw_blocks(const dg_block_view<false> &v, dg_draws *draws, int32_t i,
                              int32_t step, int32_t first)
{
    const int32_t blocks = dg_observe_blocks(v.s->capacity);
    const int32_t each = blocks < DG_LANES ? blocks : DG_LANES;
    draws->observe = dg_philox(dg_draw_at(v, DG_STREAM_OBSERVE, step),
                               static_cast<uint32_t>(first + dg_lane() % each),
                               dg_later_agent(v, i, dg_lane() / each));
}

/** Words of the observation of agent i, the `turn`-th of its warp: as many agents a pass as lanes have blocks for. */
DG_DEVICE void dg_draw_observation(const dg_block_view<false> &v, dg_draws *draws, int32_t i,
                                   int32_t step, int32_t turn)
{
    const int32_t blocks = dg_observe_blocks(v.s->capacity);
    const int32_t next = turn == 0 ? DG_LANES : draws->observer + blocks;
    draws->observer = next + blocks <= DG_LANES ? next : 0;
    if (draws->observer == 0) dg_draw_blocks(v, draws, i, step, 0);
}

#endif
