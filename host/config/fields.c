/**
 * The table of keys: everything that reads, checks, prints or explains a configuration asks it. Made of
 * the lists of keys (keys.h); check.c adds what depends on several keys.
 */
#include "host/config/config.h"

#include <stddef.h>

/* clang-format off */
#define VALUES_RANGE(lowest, highest)         .low = lowest, .high = highest
#define VALUES_RANGE_OR_NULL(lowest, highest) .low = lowest, .high = highest, .nullable = true
#define VALUES_WORDS(list)                    .words = (const char *const[]){list(DG_CHOICE_WORD) NULL}
#define VALUES_ANY                            .nullable = false
#define VALUES_ANY_OR_NULL                    .nullable = true
#define CHANGES_FIXED                         .may_change = DG_CHANGE_NEVER, .constant = true
#define CHANGES_NEVER                         .may_change = DG_CHANGE_NEVER
#define CHANGES_GENERATION                    .may_change = DG_CHANGE_GENERATION
#define CHANGES_STEP                          .may_change = DG_CHANGE_STEP
#define IDENTITY_PARAM                        true
#define IDENTITY_SHAPE                        true
#define IDENTITY_HOST                         true
#define IDENTITY_NOTHING                      false
#define DEFAULT_IS(text)                      .fallback = text
#define DEFAULT_BY(who)                       .rule = who

#define ROW(of_models, owner, kind, member, reach, changes, name, values, standard, of, from, says) \
    {.key = name, .type = DG_FIELD_##kind, .models = of_models, .offset = offsetof(owner, member), \
     VALUES_##values, CHANGES_##changes, .identity = IDENTITY_##reach, DEFAULT_##standard, .unit = of, .source = from,           \
     .help = says},
/* one for each word of the column `models` of DG_KEY_LISTS; a forgotten one does not compile: "implicit
   declaration of ROW_OF_..." */
#define ROW_OF_ALL(...)    ROW((1U << DG_MODEL_COUNT) - 1, dg_config, __VA_ARGS__)
#define ROW_OF_DIGICO(...) ROW(1U << DG_MODEL_DIGICO, dg_config, __VA_ARGS__)
#define ROW_OF_ECHO(...)   ROW(1U << DG_MODEL_ECHO, dg_config, __VA_ARGS__)
#define ROW_OF_GROUP(...)  ROW(1U << DG_MODEL_DIGICO, dg_group_config, __VA_ARGS__)
#define ROWS(models, list) list(ROW_OF_##models)

const dg_field dg_run_fields[] = {DG_KEY_LISTS(ROWS) {.key = NULL}};

const dg_field dg_group_fields[] = {DG_GROUP_KEYS(ROW_OF_GROUP) {.key = NULL}};
/* clang-format on */
