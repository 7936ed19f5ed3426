/**
 * AI types (MODEL.md, section 5): what the AI group may do that humans may not. A new one is one row.
 * The values are part of the model version.
 */
#ifndef DG_AI_TYPES_H
#define DG_AI_TYPES_H

#include "host/config/choice.h"

/* clang-format off */
/*                                      of human groups:           of AI groups:                   */
/*    enumerator         word           act_period  evolve_period  influence_bonus  belief         */
#define DG_AI_TYPE_LIST(X)                                                                         \
    X(DG_AI_NONE,        "none",        1,          1,             0,             DG_BELIEF_FREE)  \
    X(DG_AI_ACT,         "act",         2,          1,             0,             DG_BELIEF_FREE)  \
    X(DG_AI_EVOLVE,      "evolve",      1,          5,             0,             DG_BELIEF_FREE)  \
    X(DG_AI_INFLUENCE,   "influence",   1,          1,             2,             DG_BELIEF_FREE)  \
    X(DG_AI_FIX,         "fix",         1,          1,             0,             DG_BELIEF_FIXED) \
    X(DG_AI_ALL,         "all",         2,          5,             2,             DG_BELIEF_FIXED) \
    X(DG_AI_FIX_AT_ZERO, "fix_at_zero", 1,          1,             0,             0)               \
    X(DG_AI_ALL_ZERO,    "all_zero",    2,          5,             2,             0)
/* clang-format on */

typedef enum dg_ai_type { DG_AI_TYPE_LIST(DG_CHOICE_CODE) } dg_ai_type;
enum { DG_AI_TYPE_COUNT = DG_CHOICES(DG_AI_TYPE_LIST) };

#endif
