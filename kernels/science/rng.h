/**
 * Random numbers: counter-based, by purpose (DESIGN.md, section 3).
 *
 * Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"), nothing stored:
 * a word is a function of the run's seed (the key) and of what it is for (the counter). On the host
 * the bijection is Random123's, on the device cuRAND's. Runs that share a seed share their starts, so
 * conditions are compared in pairs, and no draw moves when a sweep grows.
 *
 *   counter word 0   block: element / 4; the element is word element mod 4 of the block
 *   counter word 1   agent, or another index named beside the stream
 *   counter word 2   step within the generation, or 0; half the step for DG_STREAM_CHOICE
 *   counter word 3   stream in the upper 8 bits, generation in the lower 24
 */
#ifndef DG_RNG_H
#define DG_RNG_H

#include "kernels/science/fmath.h"

/* DG_DRAW: functions that need random words; the two libraries share names, so nvcc sees cuRAND alone
   and draws in device code alone */
#ifdef __CUDACC__
#include <curand_philox4x32_x.h>
#define DG_DRAW static inline __device__
#else
#include <Random123/philox.h>
#define DG_DRAW static inline
#endif

/* a new stream goes to the end: the number of a stream is part of every word that is drawn from it */
/* clang-format off */
/*    stream                 element            word 1 */
#define DG_STREAM_LIST(X)                                                                          \
    X(DG_STREAM_NICHE,       "coordinate",      "point of the tessellation")                       \
    X(DG_STREAM_COORDINATE,  "coordinate",      "agent")                                           \
    X(DG_STREAM_BELIEF,      "0",               "agent: initial belief")                           \
    X(DG_STREAM_WEIGHT,      "sender j",        "agent i: W_ij(0)")                                \
    X(DG_STREAM_MOMENTUM,    "sender j",        "agent i: Delta W_ij(0)")                          \
    X(DG_STREAM_GENOTYPE,    "parameter",       "agent: its sample z")                             \
    X(DG_STREAM_CHOICE,      "dg_choice_word()","agent: choice of a message and of a belief")      \
    X(DG_STREAM_RACE,        "candidate j",     "agent i: clocks of whom it may see")              \
    X(DG_STREAM_NOISE,       "sender j",        "agent i: epsilon_ij of the belief weights")       \
    X(DG_STREAM_OBSERVE,     "draw",            "agent i: whom it sees")                           \
    X(DG_STREAM_ECHO_BELIEF, "agent",           "0: echo chamber, initial belief")                 \
    X(DG_STREAM_ECHO_EVIDENCE, "agent",         "0: echo chamber, evidence")                       \
    X(DG_STREAM_ECHO_PAIR,   "0 and 1",         "step: echo chamber, the pair that meets")
/* clang-format on */

typedef enum dg_stream {
#define DG_STREAM_ENUM(name, element, word_1) name,
    DG_STREAM_LIST(DG_STREAM_ENUM)
#undef DG_STREAM_ENUM
        DG_STREAMS
} dg_stream;

/** Four random words. */
typedef struct dg_philox_block {
    uint32_t word[4];
} dg_philox_block;

/** Everything of a counter but its block number and word 1. */
typedef struct dg_draw {
    uint64_t seed;
    uint32_t time;    /* counter word 2 */
    uint32_t purpose; /* counter word 3 */
} dg_draw;

/** generation < 2^24. */
DG_HD dg_draw dg_draw_of(uint64_t seed, dg_stream stream, int32_t generation, int32_t step)
{
    dg_draw draw;
    draw.seed = seed;
    draw.time = (uint32_t)step;
    draw.purpose = (uint32_t)stream << 24 | (uint32_t)generation;
    return draw;
}

/** What an agent chooses in a step: one word each. */
typedef enum dg_choice { DG_CHOICE_MESSAGE, DG_CHOICE_BELIEF } dg_choice;

/** The draw of an agent's choices: one block serves two steps, from an even one on. */
DG_HD dg_draw dg_choice_draw(uint64_t seed, int32_t generation, int32_t step)
{
    return dg_draw_of(seed, DG_STREAM_CHOICE, generation, step / 2);
}

/** Which word of the block a choice takes. */
DG_HD uint32_t dg_choice_word(int32_t step, dg_choice choice)
{
    return 2u * ((uint32_t)step & 1u) + (uint32_t)choice;
}

/** Philox4x32-10 of one counter. */
DG_DRAW dg_philox_block dg_philox(dg_draw draw, uint32_t block, uint32_t index)
{
    dg_philox_block out;
#ifdef __CUDACC__
    const uint4 words =
        curand_Philox4x32_10(make_uint4(block, index, draw.time, draw.purpose),
                             make_uint2((uint32_t)draw.seed, (uint32_t)(draw.seed >> 32)));
    out.word[0] = words.x;
    out.word[1] = words.y;
    out.word[2] = words.z;
    out.word[3] = words.w;
#else
    const philox4x32_ctr_t counter = {{block, index, draw.time, draw.purpose}};
    const philox4x32_key_t key = {{(uint32_t)draw.seed, (uint32_t)(draw.seed >> 32)}};
    const philox4x32_ctr_t words = philox4x32(counter, key);
    for (int k = 0; k < 4; k++) out.word[k] = words.v[k];
#endif
    return out;
}

/** Word of one element. */
DG_DRAW uint32_t dg_word(dg_draw draw, uint32_t element, uint32_t index)
{
    return dg_philox(draw, element / 4, index).word[element % 4];
}

/** Uniform in (0, 1), a multiple of 2^-24 and never 0 or 1: ((x >> 9) + 1/2) 2^-23. Exact. */
DG_HD float dg_uniform(uint32_t word)
{
    return fmaf((float)(int32_t)(word >> 9), 0x1p-23f, 0x1p-24f);
}

/** Integer uniform on 0 ... n-1 for n < 2^22: floor(u n), biased by less than n 2^-23. */
DG_HD int32_t dg_uniform_integer(uint32_t word, int32_t n)
{
    return (int32_t)(((uint64_t)(word >> 9) * 2u + 1u) * (uint64_t)(uint32_t)n >> 24);
}

/**
 * Logarithm of a standard exponential variate, log E = log(-log u).
 *
 * A race draws among many: of clocks E_k / w_k the smallest rings first with probability w_k / sum w,
 * the m smallest are m draws without replacement (Efraimidis & Spirakis 2006). Taken in logarithms
 * (log E_k - log w_k; Gumbel-max with the sign turned) no weight over- or underflows. Few candidates are
 * drawn by sums (sums.h).
 */
DG_HD float dg_log_exponential(uint32_t word)
{
    return dg_log(-dg_log(dg_uniform(word)));
}

/** Two independent standard normals. */
typedef struct dg_normals {
    float first;
    float second;
} dg_normals;

/** Box & Muller (1958): words 2k and 2k+1 of a block give elements 2k and 2k+1. */
DG_HD dg_normals dg_normal_pair(uint32_t radius_word, uint32_t angle_word)
{
    const float radius = sqrtf(-2.0f * dg_log(dg_uniform(radius_word)));
    const dg_circle at = dg_circle_at(dg_uniform(angle_word));
    dg_normals pair;
    pair.first = radius * at.cosine;
    pair.second = radius * at.sine;
    return pair;
}

/** The four standard normals of a block's elements. */
DG_HD void dg_normal_block(float *normal, dg_philox_block block)
{
    const dg_normals low = dg_normal_pair(block.word[0], block.word[1]);
    const dg_normals high = dg_normal_pair(block.word[2], block.word[3]);
    normal[0] = low.first;
    normal[1] = low.second;
    normal[2] = high.first;
    normal[3] = high.second;
}

/** Standard normal of one element; the long way round, for few draws. */
DG_DRAW float dg_normal(dg_draw draw, uint32_t element, uint32_t index)
{
    const dg_philox_block block = dg_philox(draw, element / 4, index);
    const uint32_t pair = element % 4 / 2;
    const dg_normals normals = dg_normal_pair(block.word[2 * pair], block.word[2 * pair + 1]);
    return element % 2 == 0 ? normals.first : normals.second;
}

#endif
