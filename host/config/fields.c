/**
 * The table of keys: everything that reads, checks, prints or explains a configuration asks it.
 *
 * A new key is one line here and one member in config.h. Bounds also keep float32 arithmetic of the
 * kernels finite and 32-bit indices whole; config_check.c adds what depends on several keys.
 */
#include "host/config/config.h"

#include <stddef.h>

#define DG_CHOICE_WORD(code, word) word,
#define WORDS(list)                ((const char *const[]){list(DG_CHOICE_WORD) NULL})

/* clang-format off */
#define FIELD(owner, name, kind, member, ...) \
    {.key = name, .type = kind, .offset = offsetof(owner, member), __VA_ARGS__},
#define INTEGER(name, member, lowest, highest, ...) \
    FIELD(dg_config, name, DG_FIELD_INTEGER, member, .low = lowest, .high = highest, __VA_ARGS__)
#define REAL(name, member, lowest, highest, ...) \
    FIELD(dg_config, name, DG_FIELD_REAL, member, .low = lowest, .high = highest, __VA_ARGS__)
#define CHOICE(name, member, list, ...) \
    FIELD(dg_config, name, DG_FIELD_CHOICE, member, .words = WORDS(list), .unit = "1", __VA_ARGS__)
#define BOOL(name, member, ...) \
    FIELD(dg_config, name, DG_FIELD_BOOL, member, .unit = "1", __VA_ARGS__)
#define TEXT(is, of, from, says) .fallback = is, .unit = of, .source = from, .help = says
#define BY(who, of, from, says) .rule = who, .unit = of, .source = from, .help = says
#define WORD(is, from, says) .fallback = is, .source = from, .help = says
#define WORD_BY(who, from, says) .rule = who, .source = from, .help = says

const dg_field dg_run_fields[] = {
    CHOICE("model", model, DG_MODEL_LIST, .constant = true,
        WORD("digico", "MODEL 1, 10",
            "what is simulated; a key that belongs to the other model is refused"))
    CHOICE("reading", reading, DG_READING_LIST,
        WORD("text", "MODEL 7",
            "set of keys that fixes what the paper leaves open; any of them can be set over it"))
    CHOICE("ai_type", ai_type, DG_AI_TYPE_LIST,
        WORD("none", "Tables 3, 4; MODEL 5",
            "what the AI group may do that humans may not; sets keys of the groups"))
    FIELD(dg_config, "condition", DG_FIELD_TEXT, condition, .nullable = true,
        TEXT("null", "1", "MODEL 1", "name of the run's condition; sweep.conditions sets it"))
    FIELD(dg_config, "seed", DG_FIELD_SEED, seed,
        TEXT("1", "1", "DESIGN 3", "key of every random number of the run"))
    INTEGER("agents", agents, 2, 100000,
        TEXT("30", "agents", "Table 1; MODEL 1",
            "N, all groups together; not given: the sum of the group sizes if all are"))
    INTEGER("values", values, 2, 1024,
        TEXT("10", "beliefs", "Table 1; MODEL 1", "V, beliefs and messages are 0 ... V - 1"))
    INTEGER("generations", generations, 1, 16777215,
        TEXT("1000", "generations", "Table 1; MODEL 4", "G, length of a run"))
    INTEGER("steps", steps, 1, 1000000,
        TEXT("50", "steps", "Table 1; MODEL 3", "T, length of a generation"))

    INTEGER("niche.points", niche_points, 1, 1000000,
        TEXT("5000", "points", "MODEL 2", "random points of the centroidal Voronoi tessellation"))
    INTEGER("niche.dimensions", niche_dimensions, 1, 64,
        TEXT("10", "dimensions", "MODEL 2", "d of the niche [0, 1]^d"))
    INTEGER("niche.centroids", niche_centroids, 1, 100000,
        TEXT("10", "centroids", "MODEL 2", "k, niches to live in; at most niche.points"))
    INTEGER("niche.iterations", niche_iterations, 0, 10000,
        TEXT("15", "iterations", "MODEL 2", "Lloyd iterations from the first k points"))

    INTEGER("policy.hidden", policy_hidden, 1, 65536,
        TEXT("64", "units", "Table 1; MODEL 3.1", "H, tanh units of groups that state none"))
    CHOICE("policy.output", policy_output, DG_OUTPUT_LIST,
        WORD("sample", "MODEL 3.1", "message drawn by softmax of the logits, or the largest logit"))
    CHOICE("policy.forward", policy_forward, DG_FORWARD_LIST,
        WORD("gather", "DESIGN 5",
            "first layer from the observed registers, or from all; cublas: from all, needs a GPU, "
            "bits are not the CPU's (no promise of equal bytes): never chosen silently"))

    INTEGER("observation.capacity", observation_capacity, 1, 99999,
        TEXT("4", "agents", "Table 1; MODEL 3.2",
            "N_o, agents observed per step by groups that state none; below N"))
    REAL("observation.coordinate_factor", coordinate_factor, 0, 1e4,
        TEXT("1", "1", "K_c, Eq. 4; MODEL 2",
            "how fast observation fades with distance in the niche"))
    REAL("observation.influence_factor", influence_factor, 0, 1e4,
        TEXT("1", "1", "K_I, Eq. 4; MODEL 2",
            "how fast it fades with the influence of the observer over the observed"))
    REAL("observation.belief_factor", belief_factor, 0, 1e4,
        TEXT("1", "1", "K_b, Eq. 4, Table 1; MODEL 7", "how fast it fades with |belief - message|"))
    REAL("observation.sparsity", observation_sparsity, 0, 1,
        TEXT("0", "1", "MODEL 3.2",
            "s, share of the N weights set to 0, smallest first; round(s N) below N"))
    CHOICE("observation.silent", silent, DG_SILENT_LIST,
        WORD("marker", "MODEL 3.2",
            "a silent agent is seen as -1, not at all, or as its last message"))

    REAL("reward.truthfulness", truthfulness, 0, 1e6,
        TEXT("0.1", "views", "lambda, Eq. 8; MODEL 3.3", "cost of one unit of |belief - message|"))
    BOOL("reward.penalise_silence", penalise_silence,
        WORD("true", "MODEL 3.3", "silence costs as the message -1 does"))

    CHOICE("belief_weights.update", update, DG_UPDATE_LIST,
        WORD("fixed", "Eq. 3; MODEL 3.4",
            "how the weight W_ij that i gives to j changes each step"))
    REAL("belief_weights.random_sigma", random_sigma, 0, 1e6,
        TEXT("1", "1", "sigma_R; MODEL 3.4",
            "standard deviation of a step of W under update: random"))
    REAL("belief_weights.momentum_sigma", momentum_sigma, 0, 1e6,
        TEXT("0.05", "1", "sigma_M; MODEL 3.4",
            "standard deviation of the fresh part of a step under update: momentum"))
    REAL("belief_weights.momentum_factor", momentum_factor, 0, 1,
        TEXT("0.2", "1", "beta; MODEL 3.4",
            "share of the last step that is kept under update: momentum"))
    REAL("belief_weights.reward_scale", reward_scale, -1e6, 1e6,
        TEXT("1", "1/views", "rho; MODEL 3.4",
            "weight gained per reward above one's own under update: reward"))
    FIELD(dg_config, "belief_weights.clip", DG_FIELD_CLIP, clip, .low = -1e6, .high = 1e6,
        TEXT("none", "1", "MODEL 3.4", "interval that W is kept in after every update"))
    CHOICE("belief_weights.carry", carry, DG_CARRY_LIST,
        WORD_BY("reading", "MODEL 3.4, 7",
            "W is kept for the whole run, or returns to W(0) each generation"))

    REAL("contagion.factor", contagion_factor, -1e6, 1e6,
        TEXT("5", "1", "C_b, Eq. 2; MODEL 3.5", "strength of contagion; negative: senders repel"))
    CHOICE("contagion.sources", sources, DG_SOURCES_LIST,
        WORD_BY("reading", "Eq. 2; MODEL 3.5, 7",
            "whom a belief is caught from: senders of received messages, or all"))
    CHOICE("contagion.content", content, DG_CONTENT_LIST,
        WORD_BY("reading", "Eq. 2; MODEL 3.5, 7",
            "what is caught: the message, or the sender's belief"))
    CHOICE("contagion.distance", distance, DG_DISTANCE_LIST,
        WORD_BY("reading", "Eq. 2; MODEL 3.5, 7", "D(d) = max(d, delta), or d + delta"))
    REAL("contagion.delta", contagion_delta, 1e-6, 1e6,
        TEXT("1", "beliefs", "delta; MODEL 3.5", "keeps Eq. 2 from dividing by 0"))
    CHOICE("contagion.overflow", overflow, DG_OVERFLOW_LIST,
        WORD_BY("reading", "MODEL 3.5, 7",
            "exact, or a uniform belief where exp overflows float32"))
    REAL("contagion.sparsity", contagion_sparsity, 0, 1,
        TEXT("0", "1", "MODEL 3.5",
            "s, share of the N sources left out, smallest W first; round(s N) below N"))

    CHOICE("evolution.variant", variant, DG_VARIANT_LIST,
        WORD_BY("reading", "MODEL 4, 7",
            "sep-CMA-ES of evosax 0.1, or as published (for new work)"))
    CHOICE("evolution.sampling", sampling, DG_SAMPLING_LIST,
        WORD_BY("evolution.variant", "MODEL 4, 7",
            "evosax: isotropic unless set; ros-hansen: always diagonal"))
    REAL("evolution.sigma", sigma, 1e-6, 1e3,
        TEXT("0.1", "1", "Table 1; MODEL 2", "initial step size"))
    REAL("evolution.mean_rate", mean_rate, 1e-9, 1, .nullable = true,
        TEXT("null", "1", "c_m; MODEL 4", "learning rate of the mean; null: the variant's formula"))
    REAL("evolution.covariance_rate", covariance_rate, 0, 1, .nullable = true,
        TEXT("null", "1", "c_mu; MODEL 4",
            "learning rate of the covariance; null: the variant's formula"))

    INTEGER("measures.diversity_every", diversity_every, 0, 16777215,
        TEXT("50", "generations", "MODEL 6", "period of the genotype diversity; 0: never"))

    REAL("early_stop.share", early_stop_share, 1e-9, 1, .nullable = true,
        TEXT("null", "1", "ours; DESIGN 8",
            "not of the paper: a run ends early once one belief holds this share of (agent, step) "
            "pairs; null: never"))
    INTEGER("early_stop.generations", early_stop_generations, 1, 16777215,
        TEXT("10", "generations", "ours; DESIGN 8",
            "early_stop.share: for so many generations in a row; the last of them ends the run"))
    CHOICE("early_stop.scope", early_stop_scope, DG_SCOPE_LIST,
        WORD("humans", "ours; DESIGN 8",
            "early_stop.share: whose beliefs are counted, everybody's or those of human agents"))

    BOOL("output.agents", output_agents, .constant = true,
        WORD("false", "MODEL 6",
            "also store every agent's niche, beliefs, messages, views and messages received"))
    INTEGER("output.first", output_first, 0, 16777214, .constant = true,
        TEXT("0", "generations", "MODEL 6", "output.agents: first stored generation, 0-based"))
    INTEGER("output.last", output_last, 0, 16777214, .nullable = true, .constant = true,
        BY("generations", "generations", "MODEL 6",
            "output.agents: last stored generation; null: generations - 1"))
    INTEGER("output.every", output_every, 1, 16777215, .constant = true,
        TEXT("1", "generations", "MODEL 6", "output.agents: one of so many generations"))
    INTEGER("output.compression", output_compression, 0, 9, .constant = true,
        TEXT("1", "1", "netCDF-4", "deflate level of the result file"))

    REAL("checkpoint.minutes", checkpoint_minutes, 0, 1e6, .constant = true,
        TEXT("10", "minutes", "DESIGN 1",
            "what a killed program may lose: runs under way are saved so often; 0: only when it is "
            "stopped; no result depends on it"))

    INTEGER("echo.agents", echo_agents, 2, 1000000,
        TEXT("10", "agents", "MODEL 10", "n, at least 2"))
    INTEGER("echo.steps", echo_steps, 1, 1000000000,
        TEXT("100000", "steps", "MODEL 10", "length of a run"))
    REAL("echo.rate", echo_rate, 1e-12, 1e3,
        TEXT("0.0001", "1/steps", "eta; MODEL 10", "step of the gradient ascent"))
    REAL("echo.scale", echo_scale, 0, 1e3,
        TEXT("0.1", "1", "MODEL 10", "standard deviation of initial beliefs and of evidence"))
    INTEGER("echo.snapshot_every", echo_snapshot_every, 1, 1000000000,
        TEXT("20000", "steps", "MODEL 10",
            "a snapshot after every so many steps; at most echo.steps"))
    CHOICE("echo.utility", echo_utility, DG_ECHO_UTILITY_LIST,
        WORD("product", "MODEL 10; Deffuant et al. 2000",
            "what an agent climbs: belief times evidence, or agreement with near partners"))
    REAL("echo.confidence", echo_confidence, 1e-9, 1e6,
        TEXT("0.1", "1", "Deffuant et al. 2000",
            "bounded confidence: partners further away have no effect"))
    {.key = NULL},
};

#define GROUP_INTEGER(name, member, lowest, highest, ...) \
    FIELD(dg_group_config, name, DG_FIELD_INTEGER, member, .low = lowest, .high = highest, \
        __VA_ARGS__)

const dg_field dg_group_fields[] = {
    FIELD(dg_group_config, "kind", DG_FIELD_CHOICE, kind, .words = WORDS(DG_KIND_LIST),
        .unit = "1", .constant = true,
        WORD_BY("name", "MODEL 1",
            "groups of kind ai come first; to be given for groups of your own"))
    GROUP_INTEGER("size", size, 1, 100000,
        BY("agents", "agents", "MODEL 1",
            "groups without a size share equally what agents leaves over"))
    GROUP_INTEGER("act_period", act_period, 1, 1000000,
        BY("ai_type", "steps", "MODEL 3.1, 5", "acts when t mod act_period = 0"))
    GROUP_INTEGER("evolve_period", evolve_period, 0, 16777215,
        BY("ai_type", "generations", "MODEL 4, 5",
            "evolves when (g + 1) mod evolve_period = 0; 0: never"))
    FIELD(dg_group_config, "influence_bonus", DG_FIELD_REAL, influence_bonus, .low = -50,
        .high = 50,
        BY("ai_type", "1", "MODEL 2, 5", "added to C_i of its agents"))
    FIELD(dg_group_config, "belief", DG_FIELD_BELIEF, belief, .low = 0, .high = 1023,
        BY("ai_type", "1", "MODEL 1, 5",
            "free, fixed at its random initial value, or fixed at a value"))
    GROUP_INTEGER("observation_capacity", observation_capacity, 1, 99999,
        BY("observation.capacity", "agents", "MODEL 1, 3.2", "N_o of this group"))
    GROUP_INTEGER("hidden", hidden, 1, 65536,
        BY("policy.hidden", "units", "MODEL 1, 3.1", "H of this group"))
    {.key = NULL},
};
/* clang-format on */
