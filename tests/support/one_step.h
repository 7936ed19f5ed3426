/**
 * One step of a run from a state that the test sets, by every instruction set that this machine has; and what
 * the model says of it, agent after agent and candidate after candidate.
 */
#ifndef DG_TEST_ONE_STEP_H
#define DG_TEST_ONE_STEP_H

#include "fixture.h"

typedef struct one_step {
    fixture_run run; /* the state before the step: to be changed by the test */
    dg_state after;  /* the state after it */
    void *block, *workspace;
    int64_t *record;
    const char *set; /* the instruction set that took it */
} one_step;

/** Groups of `agents` / 3 agents, and the rest; belief weights stay as they are. */
dg_config one_step_config(int64_t agents, int64_t values, int64_t capacity);

/** The state at the start of a run; free it with one_step_end(). */
one_step one_step_begin(const dg_config *config);

/** Take the step by the k-th instruction set that this machine has; 0: there are no more. */
int one_step_take(one_step *s, int k);

void one_step_end(one_step *s);

/** A word for what a test makes up, from 0 on for each `what`. */
uint32_t one_step_word(uint32_t what, uint32_t index);

/** Set -log S_ij of every pair. */
void one_step_costs(one_step *s, float (*cost)(int32_t i, int32_t j, int32_t agents));

/**
 * Fail the test unless all agents observed whom they draw by their words. Returns how often weights were made
 * anew, all agents together; once each is the least.
 */
int64_t one_step_assert_observed(const one_step *s, const char *what);

/** Costs of equal weights. */
float one_step_equal(int32_t i, int32_t j, int32_t agents);

/** Three senders outweigh all others, which are far apart among each other, too. */
float one_step_three(int32_t i, int32_t j, int32_t agents);

/**
 * One step where the costs are these, NULL: those of the start, by every instruction set; as
 * one_step_assert_observed(), of the last set.
 */
int64_t one_step_draw(const char *what, int64_t agents, int64_t values, int64_t capacity,
                      float (*cost)(int32_t i, int32_t j, int32_t agents));

/** Fail the test unless all agents hold the beliefs that they draw by their words. */
void one_step_assert_beliefs(const one_step *s, const char *what);

#endif
