/** kernels/science/choices.h: how many words a choice has, and what the schedules are told of each. */
#include "kernels/science/choices.h"
#include "kernels/science/contagion.h"
#include "kernels/science/echo.h"
#include "kernels/science/evolve_constants.h"
#include "kernels/science/observe.h"
#include "kernels/science/policy.h"
#include "kernels/science/shape.h"

#include <criterion/criterion.h>

#define WORD(code, word) word,
#define WORDS(list)      (int)(sizeof((const char *const[]){list(WORD)}) / sizeof(const char *))

Test(choices, counts_are_those_of_the_lists)
{
    cr_assert_eq(DG_KIND_COUNT, WORDS(DG_KIND_LIST));
    cr_assert_eq(DG_OUTPUT_COUNT, WORDS(DG_OUTPUT_LIST));
    cr_assert_eq(DG_FORWARD_COUNT, WORDS(DG_FORWARD_LIST));
    cr_assert_eq(DG_SILENT_COUNT, WORDS(DG_SILENT_LIST));
    cr_assert_eq(DG_UPDATE_COUNT, WORDS(DG_UPDATE_LIST));
    cr_assert_eq(DG_CARRY_COUNT, WORDS(DG_CARRY_LIST));
    cr_assert_eq(DG_SOURCES_COUNT, WORDS(DG_SOURCES_LIST));
    cr_assert_eq(DG_CONTENT_COUNT, WORDS(DG_CONTENT_LIST));
    cr_assert_eq(DG_DISTANCE_COUNT, WORDS(DG_DISTANCE_LIST));
    cr_assert_eq(DG_OVERFLOW_COUNT, WORDS(DG_OVERFLOW_LIST));
    cr_assert_eq(DG_VARIANT_COUNT, WORDS(DG_VARIANT_LIST));
    cr_assert_eq(DG_SAMPLING_COUNT, WORDS(DG_SAMPLING_LIST));
    cr_assert_eq(DG_SCOPE_COUNT, WORDS(DG_SCOPE_LIST));
    cr_assert_eq(DG_ECHO_UTILITY_COUNT, WORDS(DG_ECHO_UTILITY_LIST));
}

/** A question to a choice, and for which of its words the answer is yes: bit `word`. */
typedef struct question {
    const char *name;
    int32_t (*ask)(int32_t word);
    int32_t words;
    uint32_t yes;
} question;

/* clang-format off */
static const question questions[] = {
    {"is AI",          dg_kind_is_ai,           DG_KIND_COUNT,         1u << DG_KIND_AI},
    {"is human",       dg_kind_is_human,        DG_KIND_COUNT,         1u << DG_KIND_HUMAN},
    {"samples",        dg_policy_samples,       DG_OUTPUT_COUNT,       1u << DG_OUTPUT_SAMPLE},
    {"gathers",        dg_policy_gathers,       DG_FORWARD_COUNT,      1u << DG_FORWARD_GATHER},
    {"by a library",   dg_policy_by_library,    DG_FORWARD_COUNT,      1u << DG_FORWARD_CUBLAS},
    {"repeats",        dg_observe_repeats,      DG_SILENT_COUNT,       1u << DG_SILENT_LAST},
    {"excludes",       dg_observe_excludes,     DG_SILENT_COUNT,       1u << DG_SILENT_EXCLUDED},
    {"of beliefs",     dg_contagion_of_beliefs, DG_CONTENT_COUNT,      1u << DG_CONTENT_BELIEF},
    {"may overflow",   dg_contagion_overflows,  DG_OVERFLOW_COUNT,     1u << DG_OVERFLOW_FLOAT32},
    {"is diagonal",    dg_sampling_is_diagonal, DG_SAMPLING_COUNT,     1u << DG_SAMPLING_DIAGONAL},
    {"meets",          dg_echo_meets,           DG_ECHO_UTILITY_COUNT, 1u << DG_ECHO_BOUNDED_CONFIDENCE},
};
/* clang-format on */

Test(choices, every_word_is_answered)
{
    for (size_t k = 0; k < sizeof questions / sizeof *questions; k++)
        for (int32_t word = 0; word < questions[k].words; word++)
            cr_assert_eq(questions[k].ask(word) != 0, questions[k].yes >> word & 1, "%s: word %d",
                         questions[k].name, word);
}

Test(choices, everyone_is_a_source_where_beliefs_are_caught)
{
    cr_assert(dg_contagion_everyone(DG_SOURCES_ALL, DG_CONTENT_BELIEF));
    cr_assert_not(dg_contagion_everyone(DG_SOURCES_ALL, DG_CONTENT_MESSAGE));
    cr_assert_not(dg_contagion_everyone(DG_SOURCES_RECEIVED, DG_CONTENT_BELIEF));
    cr_assert_not(dg_contagion_everyone(DG_SOURCES_RECEIVED, DG_CONTENT_MESSAGE));
}
