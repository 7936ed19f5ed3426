/**
 * The choices that MODEL.md names: enumerator and word of the configuration come from one line.
 *
 * What a word means is said by a `switch` without default in the header of the formula that it belongs
 * to, and by nothing else: a word that is added here and not there does not compile (-Wswitch-enum is an
 * error for every compiler). Schedules and the host ask functions of that header; none of them compares
 * a choice with a word.
 */
#ifndef DG_CHOICES_H
#define DG_CHOICES_H

#define DG_KIND_LIST(X)   X(DG_KIND_AI, "ai") X(DG_KIND_HUMAN, "human")
#define DG_OUTPUT_LIST(X) X(DG_OUTPUT_SAMPLE, "sample") X(DG_OUTPUT_ARGMAX, "argmax")
#define DG_FORWARD_LIST(X)                                                                         \
    X(DG_FORWARD_GATHER, "gather") X(DG_FORWARD_DENSE, "dense") X(DG_FORWARD_CUBLAS, "cublas")
#define DG_SILENT_LIST(X)                                                                          \
    X(DG_SILENT_MARKER, "marker") X(DG_SILENT_EXCLUDED, "excluded") X(DG_SILENT_LAST, "last")
#define DG_UPDATE_LIST(X)                                                                          \
    X(DG_UPDATE_FIXED, "fixed")                                                                    \
    X(DG_UPDATE_RANDOM, "random")                                                                  \
    X(DG_UPDATE_MOMENTUM, "momentum") X(DG_UPDATE_REWARD, "reward") X(DG_UPDATE_DECAY, "decay")
#define DG_CARRY_LIST(X)    X(DG_CARRY_RUN, "run") X(DG_CARRY_GENERATION, "generation")
#define DG_SOURCES_LIST(X)  X(DG_SOURCES_RECEIVED, "received") X(DG_SOURCES_ALL, "all")
#define DG_CONTENT_LIST(X)  X(DG_CONTENT_MESSAGE, "message") X(DG_CONTENT_BELIEF, "belief")
#define DG_DISTANCE_LIST(X) X(DG_DISTANCE_FLOOR, "floor") X(DG_DISTANCE_OFFSET, "offset")
#define DG_OVERFLOW_LIST(X) X(DG_OVERFLOW_EXACT, "exact") X(DG_OVERFLOW_FLOAT32, "float32")
#define DG_VARIANT_LIST(X)  X(DG_VARIANT_EVOSAX, "evosax") X(DG_VARIANT_ROS_HANSEN, "ros-hansen")
#define DG_SAMPLING_LIST(X)                                                                        \
    X(DG_SAMPLING_ISOTROPIC, "isotropic") X(DG_SAMPLING_DIAGONAL, "diagonal")
/* whose beliefs are counted */
#define DG_SCOPE_LIST(X) X(DG_SCOPE_HUMANS, "humans") X(DG_SCOPE_POPULATION, "population")

/* clang-format off */
/**
 * Declares the enumeration `type` of the words of PREFIX_LIST, and PREFIX_COUNT, their number: the length
 * of a table that is indexed by one of them.
 */
#define DG_CHOICE(type, prefix)                                                                    \
    typedef enum type { prefix##_LIST(DG_CHOICE_CODE) } type;                                      \
    enum { prefix##_COUNT = DG_CHOICES(prefix##_LIST) }

/** Rows of a list, a constant. */
#define DG_CHOICES(list) (0 list(DG_CHOICE_ONE))

#define DG_CHOICE_CODE(code, ...) code,
#define DG_CHOICE_ONE(...)        +1
/* clang-format on */

DG_CHOICE(dg_kind, DG_KIND);
DG_CHOICE(dg_output, DG_OUTPUT);
DG_CHOICE(dg_forward, DG_FORWARD);
DG_CHOICE(dg_silent, DG_SILENT);
DG_CHOICE(dg_update, DG_UPDATE);
DG_CHOICE(dg_carry, DG_CARRY);
DG_CHOICE(dg_sources, DG_SOURCES);
DG_CHOICE(dg_content, DG_CONTENT);
DG_CHOICE(dg_distance, DG_DISTANCE);
DG_CHOICE(dg_overflow, DG_OVERFLOW);
DG_CHOICE(dg_variant, DG_VARIANT);
DG_CHOICE(dg_sampling, DG_SAMPLING);
DG_CHOICE(dg_scope, DG_SCOPE);

#endif
