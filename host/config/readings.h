/**
 * Readings of the paper (MODEL.md, section 7): keys that it leaves open, and a value for each. A new
 * reading is one row, a further key one column. The values are part of the model version.
 */
#ifndef DG_READINGS_H
#define DG_READINGS_H

#include "host/config/choice.h"

/* clang-format off */
/* the keys; the belief factor is set by no reading */
#define DG_READING_KEYS                                                                            \
    "contagion.sources", "contagion.content", "contagion.overflow", "contagion.distance",          \
    "contagion.delta", "belief_weights.carry", "evolution.variant"

/*    enumerator         word      a value for each of the keys                                    */
#define DG_READING_LIST(X)                                                                         \
    X(DG_READING_TEXT,   "text",   "received", "message", "exact",   "floor", "1", "run", "evosax") \
    X(DG_READING_TABLES, "tables", "all", "belief", "float32", "floor", "1", "generation", "evosax")
/* clang-format on */

typedef enum dg_reading { DG_READING_LIST(DG_CHOICE_CODE) } dg_reading;
enum { DG_READING_COUNT = DG_CHOICES(DG_READING_LIST) };

#endif
