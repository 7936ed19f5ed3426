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

#define DG_KEY_ROW(of_models, owner, kind, member, reach, changes, name, values, standard, of, from, says) \
    {.key = name, .type = DG_FIELD_##kind, .models = of_models, .offset = offsetof(owner, member), \
     VALUES_##values, CHANGES_##changes, .identity = IDENTITY_##reach, DEFAULT_##standard, .unit = of, .source = from,           \
     .help = says},
#define ROWS(models, list) list(DG_KEY_OF_##models)

const dg_field dg_run_fields[] = {DG_KEY_LISTS(ROWS) {.key = NULL}};

const dg_field dg_group_fields[] = {DG_GROUP_KEYS(DG_KEY_OF_GROUP) {.key = NULL}};
/* clang-format on */
