/**
 * The choices that MODEL.md names: enumerator and word of the configuration come from one line.
 *
 * A choice is made by one `switch` without default, in the header of the formula that it belongs to:
 * a word that is added here and not there does not compile (-Wswitch-enum).
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
    X(DG_UPDATE_RANDOM, "random") X(DG_UPDATE_MOMENTUM, "momentum") X(DG_UPDATE_REWARD, "reward")
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

#define DG_CHOICE_ENUM(code, word) code,
typedef enum dg_kind { DG_KIND_LIST(DG_CHOICE_ENUM) } dg_kind;
typedef enum dg_output { DG_OUTPUT_LIST(DG_CHOICE_ENUM) } dg_output;
typedef enum dg_forward { DG_FORWARD_LIST(DG_CHOICE_ENUM) } dg_forward;
typedef enum dg_silent { DG_SILENT_LIST(DG_CHOICE_ENUM) } dg_silent;
typedef enum dg_update { DG_UPDATE_LIST(DG_CHOICE_ENUM) } dg_update;
typedef enum dg_carry { DG_CARRY_LIST(DG_CHOICE_ENUM) } dg_carry;
typedef enum dg_sources { DG_SOURCES_LIST(DG_CHOICE_ENUM) } dg_sources;
typedef enum dg_content { DG_CONTENT_LIST(DG_CHOICE_ENUM) } dg_content;
typedef enum dg_distance { DG_DISTANCE_LIST(DG_CHOICE_ENUM) } dg_distance;
typedef enum dg_overflow { DG_OVERFLOW_LIST(DG_CHOICE_ENUM) } dg_overflow;
typedef enum dg_variant { DG_VARIANT_LIST(DG_CHOICE_ENUM) } dg_variant;
typedef enum dg_sampling { DG_SAMPLING_LIST(DG_CHOICE_ENUM) } dg_sampling;
typedef enum dg_scope { DG_SCOPE_LIST(DG_CHOICE_ENUM) } dg_scope;
#undef DG_CHOICE_ENUM

#endif
