/**
 * The keys of the model, each once: the lists below make the members of a configuration and of
 * dg_params, the table that reads, checks, prints and explains keys, and the copy from one to the
 * other (params.h, host/config/keys.h, host/config/params.c). A new key is one row here and the
 * formula that uses it.
 *
 *     X(type, member, reach, changes, key, values, default, unit, source, help)
 *
 *   type     INTEGER, REAL, BOOL, CHOICE, CLIP or BELIEF: dg_field_type
 *   member   its name in dg_config; of a group key, in dg_group_config
 *   reach    PARAM: copied to the member of that name in dg_params or dg_group_params
 *            SHAPE: copied to the member of that name in dg_shape or dg_group_shape
 *            HOST:  the host makes something of it: the start of a run, a count, a constant
 *            NOTHING: no result depends on it, so that it does not tell runs apart
 *   changes  when it may change during a run: NEVER, GENERATION (between two of them), STEP;
 *            FIXED: never, and it is the same in all runs of an experiment
 *   values   RANGE(low, high), both inclusive, RANGE_OR_NULL, WORDS(list) or ANY
 *   default  IS(text), or BY(what decides it). It is part of the model version: stored runs state what
 *            differs from it
 *   unit     "1" where there is none
 *   source   symbol and place: the paper's equation or table, the section of MODEL.md
 *   help     one line
 *
 * Bounds also keep float32 arithmetic of the kernels finite and 32-bit indices whole. The order is
 * that of configs/default.yaml.
 */
#ifndef DG_KEYS_H
#define DG_KEYS_H

#include "kernels/science/choices.h"

/* clang-format off */
#define DG_SIZE_KEYS(X)                                                                            \
    X(INTEGER, agents, SHAPE, NEVER, "agents", RANGE(2, 100000), IS("30"), "agents",               \
      "Table 1; MODEL 1",                                                                          \
      "N, all groups together; not given: the sum of the group sizes if all are")                  \
    X(INTEGER, values, SHAPE, NEVER, "values", RANGE(2, 1024), IS("10"), "beliefs",                \
      "Table 1; MODEL 1", "V, beliefs and messages are 0 ... V - 1")                               \
    X(INTEGER, generations, SHAPE, NEVER, "generations", RANGE(1, 16777215), IS("1000"),           \
      "generations", "Table 1; MODEL 4", "G, length of a run")                                     \
    X(INTEGER, steps, SHAPE, NEVER, "steps", RANGE(1, 1000000), IS("50"), "steps",                 \
      "Table 1; MODEL 3", "T, length of a generation")

#define DG_NICHE_KEYS(X)                                                                           \
    X(INTEGER, niche_points, HOST, NEVER, "niche.points", RANGE(1, 1000000), IS("5000"),           \
      "points", "MODEL 2", "random points of the centroidal Voronoi tessellation")                 \
    X(INTEGER, niche_dimensions, HOST, NEVER, "niche.dimensions", RANGE(1, 64), IS("10"),          \
      "dimensions", "MODEL 2", "d of the niche [0, 1]^d")                                          \
    X(INTEGER, niche_centroids, HOST, NEVER, "niche.centroids", RANGE(1, 100000), IS("10"),        \
      "centroids", "MODEL 2", "k, niches to live in; at most niche.points")                        \
    X(INTEGER, niche_iterations, HOST, NEVER, "niche.iterations", RANGE(0, 10000), IS("15"),       \
      "iterations", "MODEL 2", "Lloyd iterations from the first k points")

#define DG_POLICY_KEYS(X)                                                                          \
    X(INTEGER, policy_hidden, HOST, NEVER, "policy.hidden", RANGE(1, 65536), IS("64"), "units",    \
      "Table 1; MODEL 3.1", "H, tanh units of groups that state none")                             \
    X(CHOICE, policy_output, PARAM, STEP, "policy.output", WORDS(DG_OUTPUT_LIST), IS("sample"),    \
      "1", "MODEL 3.1", "message drawn by softmax of the logits, or the largest logit")            \
    X(CHOICE, policy_forward, PARAM, NEVER, "policy.forward", WORDS(DG_FORWARD_LIST),              \
      IS("gather"), "1", "DESIGN 5",                                                               \
      "first layer from the observed registers, or from all; cublas: from all, needs a GPU, "      \
      "bits are not the CPU's (no promise of equal bytes): never chosen silently")

#define DG_OBSERVATION_KEYS(X)                                                                     \
    X(INTEGER, observation_capacity, HOST, NEVER, "observation.capacity", RANGE(1, 99999),         \
      IS("4"), "agents", "Table 1; MODEL 3.2",                                                     \
      "N_o, agents observed per step by groups that state none; below N")                          \
    X(REAL, coordinate_factor, HOST, STEP, "observation.coordinate_factor", RANGE(0, 1e4),         \
      IS("1"), "1", "K_c, Eq. 4; MODEL 2",                                                         \
      "how fast observation fades with distance in the niche")                                     \
    X(REAL, influence_factor, HOST, STEP, "observation.influence_factor", RANGE(0, 1e4),           \
      IS("1"), "1", "K_I, Eq. 4; MODEL 2",                                                         \
      "how fast it fades with the influence of the observer over the observed")                    \
    X(REAL, belief_factor, PARAM, STEP, "observation.belief_factor", RANGE(0, 1e4), IS("1"), "1",  \
      "K_b, Eq. 4, Table 1; MODEL 7", "how fast it fades with |belief - message|")                 \
    X(REAL, observation_sparsity, HOST, STEP, "observation.sparsity", RANGE(0, 1), IS("0"), "1",   \
      "MODEL 3.2",                                                                                 \
      "s, share of the N weights set to 0, smallest first; round(s N) below N")                    \
    X(CHOICE, silent, PARAM, STEP, "observation.silent", WORDS(DG_SILENT_LIST), IS("marker"), "1", \
      "MODEL 3.2", "a silent agent is seen as -1, not at all, or as its last message")

#define DG_REWARD_KEYS(X)                                                                          \
    X(REAL, truthfulness, PARAM, STEP, "reward.truthfulness", RANGE(0, 1e6), IS("0.1"), "views",   \
      "lambda, Eq. 8; MODEL 3.3", "cost of one unit of |belief - message|")                        \
    X(BOOL, penalise_silence, PARAM, STEP, "reward.penalise_silence", ANY, IS("true"), "1",        \
      "MODEL 3.3", "silence costs as the message -1 does")

#define DG_WEIGHT_KEYS(X)                                                                          \
    X(CHOICE, update, PARAM, STEP, "belief_weights.update", WORDS(DG_UPDATE_LIST), IS("fixed"),    \
      "1", "Eq. 3; MODEL 3.4", "how the weight W_ij that i gives to j changes each step")          \
    X(REAL, random_sigma, PARAM, STEP, "belief_weights.random_sigma", RANGE(0, 1e6), IS("1"), "1", \
      "sigma_R; MODEL 3.4", "standard deviation of a step of W under update: random")              \
    X(REAL, momentum_sigma, PARAM, STEP, "belief_weights.momentum_sigma", RANGE(0, 1e6),           \
      IS("0.05"), "1", "sigma_M; MODEL 3.4",                                                       \
      "standard deviation of the fresh part of a step under update: momentum")                     \
    X(REAL, momentum_factor, PARAM, STEP, "belief_weights.momentum_factor", RANGE(0, 1),           \
      IS("0.2"), "1", "beta; MODEL 3.4",                                                           \
      "share of the last step that is kept under update: momentum")                                \
    X(REAL, reward_scale, PARAM, STEP, "belief_weights.reward_scale", RANGE(-1e6, 1e6), IS("1"),   \
      "1/views", "rho; MODEL 3.4",                                                                 \
      "weight gained per reward above one's own under updates reward and decay")                   \
    X(REAL, decay_factor, PARAM, STEP, "belief_weights.decay_factor", RANGE(0, 1), IS("0.99"),     \
      "1", "kappa, ours; MODEL 3.4",                                                               \
      "share of W_ij that is kept in a step without a message from j under update: decay")         \
    X(CLIP, clip, PARAM, STEP, "belief_weights.clip", RANGE(-1e6, 1e6), IS("none"), "1",           \
      "MODEL 3.4", "interval that W is kept in after every update")                                \
    X(CHOICE, carry, PARAM, GENERATION, "belief_weights.carry", WORDS(DG_CARRY_LIST),              \
      BY("reading"), "1", "MODEL 3.4, 7",                                                          \
      "W is kept for the whole run, or returns to W(0) each generation")

#define DG_CONTAGION_KEYS(X)                                                                       \
    X(REAL, contagion_factor, PARAM, STEP, "contagion.factor", RANGE(-1e6, 1e6), IS("5"), "1",     \
      "C_b, Eq. 2; MODEL 3.5", "strength of contagion; negative: senders repel")                   \
    X(CHOICE, sources, PARAM, STEP, "contagion.sources", WORDS(DG_SOURCES_LIST), BY("reading"),    \
      "1", "Eq. 2; MODEL 3.5, 7",                                                                  \
      "whom a belief is caught from: senders of received messages, or all")                        \
    X(CHOICE, content, PARAM, STEP, "contagion.content", WORDS(DG_CONTENT_LIST), BY("reading"),    \
      "1", "Eq. 2; MODEL 3.5, 7", "what is caught: the message, or the sender's belief")           \
    X(CHOICE, distance, PARAM, STEP, "contagion.distance", WORDS(DG_DISTANCE_LIST),                \
      BY("reading"), "1", "Eq. 2; MODEL 3.5, 7", "D(d) = max(d, delta), or d + delta")             \
    X(REAL, contagion_delta, PARAM, STEP, "contagion.delta", RANGE(1e-6, 1e6), BY("reading"),      \
      "beliefs", "delta; MODEL 3.5, 7", "keeps Eq. 2 from dividing by 0")                          \
    X(CHOICE, overflow, PARAM, STEP, "contagion.overflow", WORDS(DG_OVERFLOW_LIST),                \
      BY("reading"), "1", "MODEL 3.5, 7",                                                          \
      "exact, or a uniform belief where exp overflows float32")                                    \
    X(REAL, contagion_sparsity, HOST, STEP, "contagion.sparsity", RANGE(0, 1), IS("0"), "1",       \
      "MODEL 3.5",                                                                                 \
      "s, share of the N sources left out, smallest W first; round(s N) below N")

#define DG_EVOLUTION_KEYS(X)                                                                       \
    X(CHOICE, variant, HOST, GENERATION, "evolution.variant", WORDS(DG_VARIANT_LIST),              \
      BY("reading"), "1", "MODEL 4, 7",                                                            \
      "sep-CMA-ES of evosax 0.1, or as published (for new work)")                                  \
    X(CHOICE, sampling, HOST, GENERATION, "evolution.sampling", WORDS(DG_SAMPLING_LIST),           \
      BY("evolution.variant"), "1", "MODEL 4, 7",                                                  \
      "evosax: isotropic unless set; ros-hansen: always diagonal")                                 \
    X(REAL, sigma, PARAM, NEVER, "evolution.sigma", RANGE(1e-6, 1e3), IS("0.1"), "1",              \
      "Table 1; MODEL 2", "initial step size")                                                     \
    X(REAL, mean_rate, HOST, GENERATION, "evolution.mean_rate", RANGE_OR_NULL(1e-9, 1),            \
      IS("null"), "1", "c_m; MODEL 4", "learning rate of the mean; null: the variant's formula")   \
    X(REAL, covariance_rate, HOST, GENERATION, "evolution.covariance_rate", RANGE_OR_NULL(0, 1),   \
      IS("null"), "1", "c_mu; MODEL 4",                                                            \
      "learning rate of the covariance; null: the variant's formula")

#define DG_MEASURE_KEYS(X)                                                                         \
    X(INTEGER, diversity_every, SHAPE, NEVER, "measures.diversity_every", RANGE(0, 16777215),      \
      IS("50"), "generations", "MODEL 6", "period of the genotype diversity; 0: never")

/* ours, not the paper's (DESIGN.md, section 9) */
#define DG_EARLY_STOP_KEYS(X)                                                                      \
    X(REAL, early_stop_share, HOST, GENERATION, "early_stop.share", RANGE_OR_NULL(1e-9, 1),        \
      IS("null"), "1", "ours; DESIGN 9",                                                           \
      "not of the paper: a run ends early once one belief holds this share of (agent, step) "      \
      "pairs; null: never")                                                                        \
    X(INTEGER, early_stop_generations, PARAM, GENERATION, "early_stop.generations",                \
      RANGE(1, 16777215), IS("10"), "generations", "ours; DESIGN 9",                               \
      "early_stop.share: for so many generations in a row; the last of them ends the run")         \
    X(CHOICE, early_stop_scope, PARAM, GENERATION, "early_stop.scope", WORDS(DG_SCOPE_LIST),       \
      IS("humans"), "1", "ours; DESIGN 9",                                                         \
      "early_stop.share: whose beliefs are counted, everybody's or those of human agents")

/* all of them, in order */
#define DG_DIGICO_KEYS(X)                                                                          \
    DG_SIZE_KEYS(X) DG_NICHE_KEYS(X) DG_POLICY_KEYS(X) DG_OBSERVATION_KEYS(X) DG_REWARD_KEYS(X)    \
    DG_WEIGHT_KEYS(X) DG_CONTAGION_KEYS(X) DG_EVOLUTION_KEYS(X) DG_MEASURE_KEYS(X)                 \
    DG_EARLY_STOP_KEYS(X)

/* keys of a group, groups.<name>.<key> */
#define DG_GROUP_KEYS(X)                                                                           \
    X(CHOICE, kind, SHAPE, FIXED, "kind", WORDS(DG_KIND_LIST), BY("name"), "1", "MODEL 1",         \
      "groups of kind ai come first; to be given for groups of your own")                          \
    X(INTEGER, size, SHAPE, NEVER, "size", RANGE(1, 100000), BY("agents"), "agents", "MODEL 1",    \
      "groups without a size share equally what agents leaves over")                               \
    X(INTEGER, act_period, PARAM, STEP, "act_period", RANGE(1, 1000000), BY("ai_type"), "steps",   \
      "MODEL 3.1, 5", "acts when t mod act_period = 0")                                            \
    X(INTEGER, evolve_period, PARAM, GENERATION, "evolve_period", RANGE(0, 16777215),              \
      BY("ai_type"), "generations", "MODEL 4, 5",                                                  \
      "evolves when (g + 1) mod evolve_period = 0; 0: never")                                      \
    X(REAL, influence_bonus, HOST, STEP, "influence_bonus", RANGE(-50, 50), BY("ai_type"), "1",    \
      "MODEL 2, 5", "added to C_i of its agents")                                                  \
    X(BELIEF, belief, HOST, STEP, "belief", RANGE(0, 1023), BY("ai_type"), "1", "MODEL 1, 5",      \
      "free, fixed at its random initial value, or fixed at a value")                              \
    X(INTEGER, observation_capacity, HOST, NEVER, "observation_capacity", RANGE(1, 99999),         \
      BY("observation.capacity"), "agents", "MODEL 1, 3.2", "N_o of this group")                   \
    X(INTEGER, hidden, SHAPE, NEVER, "hidden", RANGE(1, 65536), BY("policy.hidden"), "units",      \
      "MODEL 1, 3.1", "H of this group")
/* clang-format on */

/* ---- what the rows are within dg_params, dg_group_params and dg_echo_params ------------------ */

#define DG_PARAM(type, member, reach, ...) DG_PARAM_OF_##reach(type, member)
#define DG_PARAM_OF_PARAM(type, member)    DG_PARAM_OF_##type(member)
#define DG_PARAM_OF_SHAPE(type, member)
#define DG_PARAM_OF_HOST(type, member)
#define DG_PARAM_OF_INTEGER(member) int32_t member;
#define DG_PARAM_OF_REAL(member)    float member;
#define DG_PARAM_OF_BOOL(member)    int32_t member;
#define DG_PARAM_OF_CHOICE(member)  int32_t member;
/* 1: there are bounds */
#define DG_PARAM_OF_CLIP(member)                                                                   \
    int32_t member;                                                                                \
    float member##_low;                                                                            \
    float member##_high;

#endif
