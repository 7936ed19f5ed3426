/**
 * The lists of keys in the order of configs/default.yaml; their columns: kernels/science/keys.h.
 *
 * Keys of the models' formulas stand with these (kernels/science/keys.h, kernels/science/echo.h);
 * here stand those that no formula reads.
 */
#ifndef DG_CONFIG_KEYS_H
#define DG_CONFIG_KEYS_H

#include "host/config/ai_types.h"
#include "host/config/readings.h"
#include "kernels/science/echo.h"
#include "kernels/science/keys.h"

/* clang-format off */
#define DG_MODEL_LIST(X) X(DG_MODEL_DIGICO, "digico") X(DG_MODEL_ECHO, "echo-chamber")

/* whose keys a list holds: the models, the struct. fields.c makes DG_KEY_ROW a row of its table; a word
   of the column `models` without a line here does not compile: "implicit declaration of DG_KEY_OF_..." */
#define DG_KEY_OF_ALL(...)    DG_KEY_ROW((1U << DG_MODEL_COUNT) - 1, dg_config, __VA_ARGS__)
#define DG_KEY_OF_DIGICO(...) DG_KEY_ROW(1U << DG_MODEL_DIGICO, dg_config, __VA_ARGS__)
#define DG_KEY_OF_ECHO(...)   DG_KEY_ROW(1U << DG_MODEL_ECHO, dg_config, __VA_ARGS__)
#define DG_KEY_OF_GROUP(...)  DG_KEY_ROW(1U << DG_MODEL_DIGICO, dg_group_config, __VA_ARGS__)

/*    models   list: ALL, or the end of the model's enumerator                                      */
#define DG_KEY_LISTS(X)                                                                            \
    X(ALL,     DG_MODEL_KEYS)                                                                      \
    X(DIGICO,  DG_PRESET_KEYS)                                                                     \
    X(ALL,     DG_RUN_KEYS)                                                                        \
    X(DIGICO,  DG_DIGICO_KEYS)                                                                     \
    X(DIGICO,  DG_OUTPUT_KEYS)                                                                     \
    X(ALL,     DG_FILE_KEYS)                                                                       \
    X(DIGICO,  DG_CHECKPOINT_KEYS)                                                                 \
    X(ECHO,    DG_ECHO_KEYS)

#define DG_MODEL_KEYS(X)                                                                           \
    X(CHOICE, model, HOST, FIXED, "model", WORDS(DG_MODEL_LIST), IS("digico"), "1", "MODEL 1, 10", \
      "what is simulated; a key that belongs to another model is refused")

#define DG_PRESET_KEYS(X)                                                                          \
    X(CHOICE, reading, HOST, NEVER, "reading", WORDS(DG_READING_LIST), IS("text"), "1", "MODEL 7", \
      "set of keys that fixes what the paper leaves open; any of them can be set over it")         \
    X(CHOICE, ai_type, HOST, NEVER, "ai_type", WORDS(DG_AI_TYPE_LIST), IS("none"), "1",            \
      "Tables 3, 4; MODEL 5",                                                                      \
      "what the AI group may do that humans may not; sets keys of the groups")

#define DG_RUN_KEYS(X)                                                                             \
    X(TEXT, condition, NOTHING, NEVER, "condition", ANY_OR_NULL, IS("null"), "1", "MODEL 1",          \
      "name of the run's condition; sweep.conditions sets it")                                     \
    X(SEED, seed, HOST, NEVER, "seed", ANY, IS("1"), "1", "DESIGN 3",                              \
      "key of every random number of the run")

#define DG_OUTPUT_KEYS(X)                                                                          \
    X(BOOL, output_agents, HOST, FIXED, "output.agents", ANY, IS("false"), "1", "MODEL 6",         \
      "also store every agent's niche, beliefs, messages, views and messages received")            \
    X(INTEGER, output_first, HOST, FIXED, "output.first", RANGE(0, 16777214), IS("0"),             \
      "generations", "MODEL 6", "output.agents: first stored generation, 0-based")                 \
    X(INTEGER, output_last, HOST, FIXED, "output.last", RANGE_OR_NULL(0, 16777214),                \
      BY("generations"), "generations", "MODEL 6",                                                 \
      "output.agents: last stored generation; null: generations - 1")                              \
    X(INTEGER, output_every, HOST, FIXED, "output.every", RANGE(1, 16777215), IS("1"),             \
      "generations", "MODEL 6", "output.agents: one of so many generations")

#define DG_FILE_KEYS(X)                                                                            \
    X(INTEGER, output_compression, HOST, FIXED, "output.compression", RANGE(0, 9), IS("1"), "1",   \
      "netCDF-4", "deflate level of the result file")

#define DG_CHECKPOINT_KEYS(X)                                                                      \
    X(REAL, checkpoint_minutes, NOTHING, FIXED, "checkpoint.minutes", RANGE(0, 1e6), IS("10"),        \
      "minutes", "DESIGN 1",                                                                       \
      "what a killed program may lose: runs under way are saved so often; 0: only when it is "     \
      "stopped; no result depends on it")
/* clang-format on */

/* ---- members, one for each row: of dg_config, of dg_group_config ----------------------------- */

#define DG_MEMBERS(models, list)     list(DG_MEMBER)
#define DG_MEMBER(type, member, ...) DG_MEMBER_##type(member)
#define DG_MEMBER_INTEGER(member)    int64_t member;
#define DG_MEMBER_SEED(member)       uint64_t member;
#define DG_MEMBER_REAL(member)       double member;
#define DG_MEMBER_BOOL(member)       bool member;
#define DG_MEMBER_CHOICE(member)     int32_t member;
#define DG_MEMBER_BELIEF(member)     int64_t member;
#define DG_MEMBER_TEXT(member)       char member[DG_NAME_LENGTH];
/* as dg_interval */
#define DG_MEMBER_CLIP(member)                                                                     \
    struct {                                                                                       \
        bool member;                                                                               \
        double member##_low, member##_high;                                                        \
    };

#endif
