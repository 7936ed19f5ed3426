/** The draws of kernels/cpu themselves, by every instruction set: a test chooses the words. */
#ifndef DG_TEST_DRAWS_H
#define DG_TEST_DRAWS_H

#include "kernels/cpu/observation_tile.h"
#include "kernels/cpu/sums.h"

/** Functions of kernels/cpu of an instruction set (tests/vectors/draws.c). */
typedef struct draws {
    const char *set;
    int width; /* lanes of softmax */
    /** dg_sums_place(). */
    int32_t (*place)(const uint32_t *weight, uint32_t mark);
    /** dg_sums_draw(). */
    int32_t (*row)(const dg_sums *sums, uint32_t word);
    /** dg_sums_softmax_of_16(). */
    int32_t (*softmax_of_16)(const float *x, int32_t count, uint32_t word);
    /** dg_lane_softmax() of the same numbers in all lanes; word[width], chosen[width]. */
    void (*softmax)(const float *x, int32_t values, const uint32_t *word, int32_t *chosen);
    /** dg_lane_find() in DG_AGENT_TILE lanes. */
    void (*find)(const uint32_t *upto, int32_t values, const uint32_t *word, int32_t *chosen);
    /** dg_lane_weights(). */
    void (*weigh)(dg_observation_lanes *o, int32_t agents, const float *least);
    /** dg_lane_draw(). */
    void (*draw)(dg_observation_lanes *o, int32_t k, int32_t agents, const uint32_t *word,
                 const int32_t *capacity);
} draws;

/** Of the k-th instruction set that this machine has; NULL: there are no more. */
const draws *draws_at(int k);

#endif
