/**
 * The list of cases: golden hashes, cases written by hand for what meets rarely, then tables in which
 * every value of a key meets every value of every other key.
 */
#include "cases.h"

#include "cover.h"

#include "kernels/science/choices.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- written by hand ------------------------------------------------------------------------- */

/* hashes of tests/kernels/cpu/test_golden.c */
#define GOLDEN "generations=4 steps=20 measures.diversity_every=1 belief_weights.update="
static const char *const golden[] = {
    GOLDEN "reward @hash=0x0f613324a88294cf",
    GOLDEN "momentum reading=tables observation.belief_factor=0 @hash=0x7758177e94dde2a3",
    GOLDEN "momentum evolution.variant=ros-hansen @hash=0xc1c14593b51e6678",
    GOLDEN "momentum agents=7 groups.ai.size=2 groups.human1.size=2 groups.human2.size=3 values=3 "
           "groups.human1.hidden=33 @hash=0x2118d78c0bd62da6",
    GOLDEN "momentum agents=33 values=33 groups.human1.hidden=33 @hash=0xaddffa43af3daeeb",
    GOLDEN "reward agents=30 groups.ai.size=3 groups.human1.size=13 groups.human2.size=14 "
           "groups.ai.influence_bonus=5 observation.influence_factor=7 observation.capacity=8 "
           "@hash=0x1849aa3a4cdc9eb6",
};

static const char *const golden_long[] = {
    GOLDEN "fixed @hash=0xb7f45f0cd4ed2deb",
    GOLDEN "random @hash=0x1a31ccecf0d436e0",
    GOLDEN "momentum @hash=0x055a43c930cecf34",
    GOLDEN "fixed reading=tables observation.belief_factor=0 @hash=0x647cb1ae4909ea6b",
    GOLDEN "random reading=tables observation.belief_factor=0 @hash=0xd0f28961594b3c44",
    GOLDEN "reward reading=tables observation.belief_factor=0 @hash=0xf2df94291a8d0e0e",
    GOLDEN "reward ai_type=all_zero generations=6 @hash=0x1f8a212d4d36a70c",
    GOLDEN "reward ai_type=all_zero reading=tables observation.belief_factor=0 generations=6 "
           "@hash=0x3b3338e0299a6603",
    GOLDEN "momentum evolution.variant=ros-hansen reading=tables observation.belief_factor=0 "
           "@hash=0x1f6bcc268ce91668",
    GOLDEN "momentum agents=31 groups.ai.size=10 groups.human1.size=10 groups.human2.size=11 "
           "values=17 groups.human1.hidden=33 @hash=0xdc390ae9e2123276",
    GOLDEN "reward agents=200 groups.ai.size=3 groups.human1.size=100 groups.human2.size=97 "
           "groups.ai.influence_bonus=5 observation.influence_factor=9 observation.capacity=8 "
           "policy.hidden=8 generations=2 steps=10 @hash=0x9fe7c09181c4899d",
};
#undef GOLDEN

#define SMALL "agents=9 generations=3 steps=4 "
#define CONVERGING                                                                                 \
    "agents=9 generations=12 steps=7 values=3 reading=tables belief_weights.update=momentum "      \
    "contagion.factor=0.4 early_stop.generations=2 "
static const char *const by_hand[] = {
    /* runs of one batch that differ in everything but their sizes */
    SMALL
    "belief_weights.update=[fixed,random,momentum,reward,decay] reading=[text,tables] @runs=2",
    SMALL "ai_type=[none,act,evolve,influence,fix,all,fix_at_zero,all_zero] generations=6 steps=3",
    SMALL "observation.silent=[marker,excluded,last] ai_type=act policy.output=[sample,argmax] "
          "policy.forward=[gather,dense]",
    SMALL "evolution.variant=[evosax,ros-hansen] seed=[1,2,3] belief_weights.update=reward",
    /* runs that end in trouble beside healthy ones */
    SMALL "belief_weights.update=random @trouble=weight @runs=3 @ended=1",
    SMALL "belief_weights.update=reward @trouble=weight @runs=4 @pieces=1 @ended=2",
    SMALL "belief_weights.update=momentum reading=tables belief_weights.carry=run "
          "@trouble=weight @runs=3 @blocks=2 @ended=1",
    SMALL "@trouble=tiny @runs=3 @ended=1",
    SMALL "belief_weights.update=random @trouble=huge @runs=4 output.agents=true",
    "agents=9 generations=40 steps=2 evolution.variant=ros-hansen "
    "evolution.covariance_rate=[null,1] policy.hidden=8 @runs=2",
    /* more generations than a device keeps records and traces of */
    "agents=6 generations=70 steps=1 policy.hidden=2 observation.capacity=3 output.agents=true "
    "output.first=7 output.every=3 measures.diversity_every=3 @runs=2 @pieces=1",
    "agents=6 generations=65 steps=1 policy.hidden=2 observation.capacity=3 output.agents=true "
    "belief_weights.update=random @trouble=weight @runs=2 @ended=1",
    /* runs that end by convergence, at different generations, beside some that don't */
    CONVERGING "early_stop.share=[null,0.4,0.5,0.6,0.9] output.agents=true @runs=2 @ended=3",
    CONVERGING "early_stop.share=[0.45,0.5,0.6] early_stop.scope=population "
               "groups.ai.evolve_period=0 measures.diversity_every=4 @runs=2 @pieces=1 @ended=2",
    CONVERGING "early_stop.share=[null,0.4,0.5,0.6] output.agents=true @runs=2 @blocks=3 @warps=2 "
               "@ended=3",
    "agents=9 generations=9 steps=4 values=40 reading=tables policy.hidden=5 contagion.factor=1 "
    "early_stop.share=[0.1,0.15,0.2,0.3] early_stop.generations=[1,3] @ended=2",
    "agents=9 generations=6 steps=4 belief_weights.update=random @trouble=weight @runs=4 @pieces=1 "
    "early_stop.share=[0.3,0.9,1] early_stop.generations=1 @ended=7",
    "agents=6 generations=70 steps=1 policy.hidden=2 observation.capacity=3 output.agents=true "
    "output.first=7 output.every=3 measures.diversity_every=3 early_stop.share=0.25 "
    "early_stop.generations=[20,33,64] @pieces=1 @ended=3",
    "agents=100 groups.ai.size=33 groups.human1.size=33 groups.human2.size=34 policy.hidden=8 "
    "generations=6 steps=3 values=3 reading=tables contagion.factor=0.02 early_stop.generations=2 "
    "early_stop.share=[0.34,0.38,0.4,0.42] @ended=3",
    /* other lists of groups */
    "@groups=1 generations=3 steps=4 @runs=2",
    "@groups=2 generations=3 steps=4 values=17 belief_weights.update=momentum @runs=2 @pieces=1",
    "@groups=5 generations=4 steps=4 values=16 belief_weights.update=reward output.agents=true "
    "observation.silent=last @runs=2",
    "@groups=16 generations=3 steps=3 values=2 reading=tables belief_weights.update=random",
    /* where packing ends, on the layout that is chosen: units, values, agents */
    SMALL "policy.hidden=100 @runs=2",
    SMALL "policy.hidden=65 belief_weights.update=momentum policy.forward=dense",
    SMALL "groups.human1.hidden=100 contagion.sources=all contagion.content=belief",
    SMALL "policy.hidden=64 values=16 observation.capacity=8 observation.silent=last ai_type=act",
    SMALL "policy.hidden=17 values=16 contagion.sources=all contagion.content=belief",
    SMALL "values=17 policy.hidden=32 belief_weights.update=reward",
    "agents=32 groups.ai.size=10 groups.human1.size=11 groups.human2.size=11 generations=3 steps=5 "
    "belief_weights.update=random observation.sparsity=0.3 contagion.sparsity=0.3",
    "agents=33 generations=3 steps=5 belief_weights.update=random",
    /* bounds: two agents, two values, one step, one unit, more values than lanes, all observed */
    "agents=6 groups.ai.size=2 groups.human1.size=2 groups.human2.size=2 values=2 steps=1 "
    "policy.hidden=1 observation.capacity=5 @runs=3",
    SMALL "values=100 reading=tables observation.capacity=8 policy.hidden=65 @pieces=1",
    SMALL "contagion.factor=-5 contagion.delta=0.01 contagion.distance=offset @blocks=5 @warps=8",
    SMALL "contagion.factor=1000 reading=tables belief_weights.random_sigma=100 "
          "belief_weights.update=random @runs=3",
    SMALL "observation.sparsity=0.9 contagion.sparsity=0.9 observation.capacity=8 @runs=3",
    SMALL "observation.coordinate_factor=100 observation.influence_factor=100 "
          "observation.belief_factor=100 observation.silent=excluded ai_type=act",
    /* few large runs, each over many multiprocessors */
    "agents=100 groups.ai.size=33 groups.human1.size=33 groups.human2.size=34 policy.hidden=8 "
    "generations=3 steps=4 belief_weights.update=reward output.agents=true",
    "agents=100 groups.ai.size=33 groups.human1.size=33 groups.human2.size=34 policy.hidden=8 "
    "generations=3 steps=3 values=40 reading=tables belief_weights.update=momentum @runs=2",
    "agents=300 policy.hidden=3 generations=3 steps=3 observation.silent=last "
    "belief_weights.update=random",
    "agents=300 policy.hidden=3 generations=2 steps=3 contagion.sources=all @runs=2 @pieces=1",
    "agents=300 policy.hidden=3 generations=2 steps=3 belief_weights.update=reward "
    "@trouble=weight @runs=2 @ended=1",
    /* three senders outweigh all others, so that weights are made anew; everybody is drawn */
    "agents=30 groups.ai.size=3 groups.human1.size=13 groups.human2.size=14 generations=3 steps=9 "
    "groups.ai.influence_bonus=5 observation.influence_factor=100 observation.belief_factor=30 "
    "belief_weights.update=reward @runs=2",
    "agents=30 generations=2 steps=5 observation.capacity=29 observation.influence_factor=50 "
    "ai_type=act observation.silent=excluded policy.hidden=8",
    "agents=33 groups.ai.size=3 groups.human1.size=15 groups.human2.size=15 generations=3 steps=5 "
    "groups.ai.influence_bonus=5 observation.influence_factor=100 values=17 policy.hidden=8 "
    "@runs=2",
    "agents=99 generations=1 steps=2 policy.hidden=8 observation.capacity=98 "
    "observation.influence_factor=100 values=64 observation.belief_factor=20",
    "agents=150 policy.hidden=3 generations=1 steps=1 observation.capacity=140 "
    "belief_weights.update=reward",
    "agents=33 generations=2 steps=5 observation.capacity=32 values=64 policy.hidden=8 "
    "policy.output=argmax contagion.factor=1000 contagion.overflow=float32 @blocks=1 @warps=1",
    /* beyond draws by sums */
    "agents=1026 policy.hidden=1 generations=1 steps=1 observation.capacity=5 niche.points=50 "
    "@blocks=4 @warps=8",
    /* weights that fade: packed, in one block, over many; masks of lanes and marks in a row */
    SMALL "belief_weights.update=decay belief_weights.decay_factor=[0,0.5,1] ai_type=act "
          "observation.silent=[marker,last] @runs=2",
    "agents=31 groups.ai.size=10 groups.human1.size=10 groups.human2.size=11 generations=3 steps=9 "
    "belief_weights.update=decay observation.capacity=30 belief_weights.clip=[0,1] @runs=2",
    "agents=100 groups.ai.size=33 groups.human1.size=33 groups.human2.size=34 policy.hidden=8 "
    "generations=3 steps=4 belief_weights.update=decay reading=tables observation.capacity=40 "
    "contagion.sparsity=0.3 ai_type=act @blocks=3",
    SMALL "belief_weights.update=decay belief_weights.decay_factor=0.000001 steps=12 @runs=2",
    SMALL "evolution.sigma=100 evolution.mean_rate=0.001 evolution.covariance_rate=0.01 @runs=2",
    /* begun on the CPU and gone on with: each layout, kind of memory between generations, and output */
    SMALL
    "belief_weights.update=[fixed,random,momentum,reward,decay] reading=[text,tables] @resume=1",
    "agents=9 generations=7 steps=3 belief_weights.update=momentum measures.diversity_every=3 "
    "output.agents=true output.first=1 output.every=2 @runs=2 @resume=4 @pieces=1",
    SMALL "belief_weights.update=random measures.diversity_every=2 output.agents=true @runs=2 "
          "@resume=2 @blocks=2",
    SMALL
    "belief_weights.update=reward reading=tables values=17 policy.hidden=65 @runs=2 @resume=1 "
    "@pieces=1",
    "agents=9 generations=8 steps=2 evolution.variant=[evosax,ros-hansen] "
    "groups.ai.evolve_period=2 "
    "groups.human1.evolve_period=3 belief_weights.update=momentum @runs=2 @resume=5",
    "agents=6 generations=70 steps=1 policy.hidden=2 observation.capacity=3 output.agents=true "
    "output.first=7 output.every=3 measures.diversity_every=3 @runs=2 @resume=3",
    "agents=6 generations=70 steps=1 policy.hidden=2 observation.capacity=3 output.agents=true "
    "output.last=40 output.every=3 measures.diversity_every=3 @resume=63 @alone=1 @runs=2",
    "agents=9 generations=9 steps=2 evolution.variant=ros-hansen "
    "evolution.covariance_rate=[null,1] policy.hidden=8 groups.ai.evolve_period=4 "
    "groups.human1.evolve_period=0 groups.human2.evolve_period=0 @runs=2 @resume=2 @ended=2",
    CONVERGING "early_stop.share=[null,0.4,0.5,0.6] output.agents=true @runs=2 @resume=1 @ended=3",
    "agents=100 groups.ai.size=33 groups.human1.size=33 groups.human2.size=34 policy.hidden=8 "
    "generations=4 steps=3 belief_weights.update=reward output.agents=true @runs=2 @resume=2",
    SMALL "@runs=2 @resume=3",
};
#undef SMALL
#undef CONVERGING

/* what only a device with its memory and speed can do */
static const char *const by_hand_long[] = {
    "agents=999 generations=3 steps=10 measures.diversity_every=0 belief_weights.update=reward",
    "agents=1000 groups.ai.size=1 groups.human1.size=499 groups.human2.size=500 policy.hidden=16 "
    "generations=3 steps=20 reading=tables belief_weights.update=momentum output.agents=true "
    "groups.ai.evolve_period=0",
    "agents=1000 groups.ai.size=400 groups.human1.size=300 groups.human2.size=300 values=40 "
    "policy.hidden=8 observation.capacity=32 generations=3 steps=10 policy.forward=dense @pieces=1",
    "agents=300 generations=20 steps=50 belief_weights.update=reward ai_type=all_zero @runs=2",
    "agents=300 generations=6 steps=50 observation.capacity=299 reading=tables",
    "agents=300 generations=3 steps=20 belief_weights.update=momentum @runs=70",
    "agents=300 generations=3 steps=20 belief_weights.update=reward reading=tables @runs=140",
    "generations=300 steps=50 ai_type=[none,all,all_zero] belief_weights.update=[reward,momentum]",
    "generations=1000 steps=50 measures.diversity_every=50 reading=tables @runs=2",
    "generations=100 steps=50 evolution.variant=ros-hansen belief_weights.update=random @runs=200",
    "generations=40 steps=20 @runs=600 measures.diversity_every=10",
    "generations=60 steps=10 output.agents=true output.first=7 output.every=3 @runs=17 @pieces=1",
    "generations=3 steps=10000 belief_weights.update=reward",
    "values=1024 policy.hidden=32 generations=3 steps=10 @runs=2",
    "policy.hidden=1000 generations=3 steps=10 @runs=2",
};

/* ---- tables ---------------------------------------------------------------------------------- */

enum { SIZE, RUNS, CAPACITY, HIDDEN, FIRST_OTHER };

/* clang-format off */
/* every word of a choice: a new one is compared from the day it is there */
#define UPDATE(code, word)   "belief_weights.update=" word,
#define CARRY(code, word)    "belief_weights.carry=" word,
#define SILENT(code, word)   "observation.silent=" word,
#define OUTPUT(code, word)   "policy.output=" word,
#define SOURCES(code, word)  "contagion.sources=" word,
#define CONTENT(code, word)  "contagion.content=" word,
#define DISTANCE(code, word) "contagion.distance=" word,
#define OVERFLOW(code, word) "contagion.overflow=" word,
static const char *const factors[][COVER_LEVELS + 1] = {
    [SIZE] = {"agents=7 groups.ai.size=2 groups.human1.size=2 groups.human2.size=3", "agents=30",
              "agents=31 groups.ai.size=10 groups.human1.size=10 groups.human2.size=11", "agents=33",
              "agents=64 groups.ai.size=20 groups.human1.size=22 groups.human2.size=22",
              "agents=100 groups.ai.size=33 groups.human1.size=33 groups.human2.size=34", "agents=300"},
    [RUNS] = {"1", "3", "17"},
    [CAPACITY] = {"1", "4", "10"},
    [HIDDEN] = {"", "groups.ai.hidden=33 groups.human1.hidden=64 groups.human2.hidden=100",
                "policy.hidden=100", "policy.hidden=33"},
    [FIRST_OTHER] =
    {"ai_type=none", "ai_type=act", "ai_type=evolve", "ai_type=influence", "ai_type=fix",
     "ai_type=all", "ai_type=fix_at_zero", "ai_type=all_zero"},
    {DG_UPDATE_LIST(UPDATE)},
    {DG_SILENT_LIST(SILENT)},
    {DG_OUTPUT_LIST(OUTPUT)},
    {"policy.forward=gather", "policy.forward=dense"}, /* cublas: tests/cuda/cublas.c */
    {DG_SOURCES_LIST(SOURCES)},
    {DG_CONTENT_LIST(CONTENT)},
    {DG_DISTANCE_LIST(DISTANCE)},
    {DG_OVERFLOW_LIST(OVERFLOW)},
    {"", "observation.sparsity=0.3"},
    {"", "contagion.sparsity=0.25"},
    {DG_CARRY_LIST(CARRY)},
    {"", "belief_weights.clip=[0,1]"},
    {"", "evolution.sampling=diagonal", "evolution.variant=ros-hansen"},
    {"values=2", "values=10", "values=16", "values=17", "values=40"},
    {"measures.diversity_every=1", "measures.diversity_every=2", "measures.diversity_every=0"},
    {"", "output.agents=true", "output.agents=true output.first=1 output.every=2"},
    {"", "@blocks=1", "@blocks=2", "@blocks=3", "@blocks=5"},
    {"", "@warps=1", "@warps=2", "@warps=4", "@warps=8"},
    {"", "groups.human1.act_period=3 groups.human2.evolve_period=2 groups.ai.evolve_period=0"},
    {"", "reward.penalise_silence=false"},
    {"", "observation.belief_factor=0"},
    {"", "@pieces=1", "@alone=1"},
};
/* clang-format on */

enum { FACTORS = sizeof factors / sizeof *factors };
static const int sizes[] = {7, 30, 31, 33, 64, 100, 300};

static int level_count(int factor)
{
    int count = 0;
    while (count < COVER_LEVELS && factors[factor][count]) count++;
    return count;
}

__attribute__((format(printf, 2, 3))) static void add_words(char *line, const char *format, ...)
{
    const size_t at = strlen(line);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line + at, CASE_TEXT - at, format, arguments);
    va_end(arguments);
}

/** Steps, generations and runs, so that a case takes at most `most` agent-steps where it can. */
static void add_lengths(char *line, int agents, int runs, int row, int most)
{
    int generations = most < 10000 ? 3 + row % 2 : 3 + row % 8;
    int steps = most < 10000 ? 3 + row % 6 : 3 + row % 28;
    while (runs > 1 && agents * runs * 9 > most) runs = runs > 3 ? 3 : 1;
    while (steps > 3 && agents * runs * steps * generations > most) steps--;
    while (generations > 3 && agents * runs * steps * generations > most) generations--;
    add_words(line, " generations=%d steps=%d @runs=%d", generations, steps, runs);
}

/** Hidden units: few where N is large and the case must be a short one. */
static void add_hidden(char *line, int agents, int level, int most)
{
    static const char *const few[] = {
        "policy.hidden=8", "groups.ai.hidden=5 groups.human1.hidden=8 groups.human2.hidden=12",
        "policy.hidden=3", "policy.hidden=33"};
    const int hidden_few = agents >= 100 && most < 10000 ? 4 : 0;
    const char *words =
        level < hidden_few ? few[agents >= 300 ? level % 3 : level] : factors[HIDDEN][level];
    if (words[0]) add_words(line, " %s", words);
}

static void line_of_row(char *line, const int *levels, int row, int most)
{
    const int agents = sizes[levels[SIZE]];
    int capacity = atoi(factors[CAPACITY][levels[CAPACITY]]);
    if (capacity >= agents) capacity = agents - 1;
    add_words(line, "%s", factors[SIZE][levels[SIZE]]);
    add_lengths(line, agents, atoi(factors[RUNS][levels[RUNS]]), row, most);
    add_words(line, " observation.capacity=%d", capacity);
    add_hidden(line, agents, levels[HIDDEN], most);
    for (int f = FIRST_OTHER; f < FACTORS; f++)
        if (factors[f][levels[f]][0]) add_words(line, " %s", factors[f][levels[f]]);
}

static void add_line(case_list *list, const char *line)
{
    if (list->count < CASES_MOST) snprintf(list->line[list->count++], CASE_TEXT, "%s", line);
}

static void add_table(case_list *list, uint32_t seed, int most)
{
    int levels[FACTORS], rows[128][COVER_FACTORS];
    for (int f = 0; f < FACTORS; f++) levels[f] = level_count(f);
    const int count = cover_pairs(levels, FACTORS, seed, rows, 128);
    for (int r = 0; r < count; r++) {
        char line[CASE_TEXT] = "";
        line_of_row(line, rows[r], r, most);
        add_line(list, line);
    }
}

/** Every layout with every size of a run. */
static void add_layouts(case_list *list)
{
    static const int blocks[] = {1, 2, 3, 5}, warps[] = {1, 2, 4, 8};
    for (int s = 0; s < 7; s++)
        for (int k = 0; k < 16; k++) {
            char line[CASE_TEXT] = "";
            add_words(line,
                      "%s generations=3 steps=12 belief_weights.update=reward "
                      "measures.diversity_every=0 @runs=3 @blocks=%d @warps=%d",
                      factors[SIZE][s], blocks[k / 4], warps[k % 4]);
            add_line(list, line);
        }
}

#define ADD_ALL(list, lines)                                                                       \
    for (size_t k_ = 0; k_ < sizeof(lines) / sizeof *(lines); k_++) add_line(list, (lines)[k_])

void case_list_make(case_list *list)
{
    list->count = 0;
    list->line = calloc(CASES_MOST, CASE_TEXT);
    if (!list->line) abort();
    ADD_ALL(list, golden);
    ADD_ALL(list, by_hand);
    add_table(list, 1, 2700);
    list->count_short = list->count;
    ADD_ALL(list, golden_long);
    add_layouts(list);
    for (uint32_t seed = 2; seed < 8; seed++) add_table(list, seed, 400000);
    ADD_ALL(list, by_hand_long);
}

void case_list_free(case_list *list)
{
    free(list->line);
    list->line = NULL;
}
