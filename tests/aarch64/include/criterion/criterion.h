/**
 * Stands in for Criterion where that cannot be had for the target: a test is a function that the list of its program
 * names (tests/aarch64/main.c), in the one process. What fails is printed; a failed cr_assert ends the program.
 */
#ifndef DG_TEST_AARCH64_CRITERION_H
#define DG_TEST_AARCH64_CRITERION_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** A test; main.c keeps the list. */
typedef struct stand_in_test {
    const char *suite, *name;
    void (*run)(void);
    struct stand_in_test *next;
} stand_in_test;

void stand_in_add(stand_in_test *test);

/** Count a check, print it if it failed; then end the program if `fatal`. */
void stand_in_check(bool holds, bool fatal, const char *where, const char *what, const char *format,
                    ...);

#define Test(suite_, name_)                                                                        \
    static void suite_##_##name_##_run(void);                                                      \
    __attribute__((constructor)) static void suite_##_##name_##_add(void)                          \
    {                                                                                              \
        static stand_in_test test = {#suite_, #name_, suite_##_##name_##_run, NULL};               \
        stand_in_add(&test);                                                                       \
    }                                                                                              \
    static void suite_##_##name_##_run(void)

#define STAND_IN_TEXT_(x) #x
#define STAND_IN_TEXT(x)  STAND_IN_TEXT_(x)
#define STAND_IN(fatal, condition, what, ...)                                                      \
    stand_in_check((condition), fatal, __FILE__ ":" STAND_IN_TEXT(__LINE__), what, "" __VA_ARGS__)

#define cr_assert(x, ...)           STAND_IN(true, x, #x, __VA_ARGS__)
#define cr_assert_not(x, ...)       STAND_IN(true, !(x), "not " #x, __VA_ARGS__)
#define cr_assert_null(x, ...)      STAND_IN(true, (x) == NULL, #x " is NULL", __VA_ARGS__)
#define cr_assert_not_null(x, ...)  STAND_IN(true, (x) != NULL, #x " is not NULL", __VA_ARGS__)
#define cr_assert_eq(a, b, ...)     STAND_IN(true, (a) == (b), #a " == " #b, __VA_ARGS__)
#define cr_assert_neq(a, b, ...)    STAND_IN(true, (a) != (b), #a " != " #b, __VA_ARGS__)
#define cr_assert_lt(a, b, ...)     STAND_IN(true, (a) < (b), #a " < " #b, __VA_ARGS__)
#define cr_assert_gt(a, b, ...)     STAND_IN(true, (a) > (b), #a " > " #b, __VA_ARGS__)
#define cr_assert_leq(a, b, ...)    STAND_IN(true, (a) <= (b), #a " <= " #b, __VA_ARGS__)
#define cr_assert_geq(a, b, ...)    STAND_IN(true, (a) >= (b), #a " >= " #b, __VA_ARGS__)
#define cr_assert_str_eq(a, b, ...) STAND_IN(true, strcmp(a, b) == 0, #a " == " #b, __VA_ARGS__)
#define cr_assert_arr_eq(a, b, bytes, ...)                                                         \
    STAND_IN(true, memcmp(a, b, bytes) == 0, #a " == " #b, __VA_ARGS__)
#define cr_assert_float_eq(a, b, within, ...)                                                      \
    STAND_IN(true, fabs((double)(a) - (double)(b)) <= (double)(within), #a " near " #b, __VA_ARGS__)

#define cr_expect(x, ...)        STAND_IN(false, x, #x, __VA_ARGS__)
#define cr_expect_not(x, ...)    STAND_IN(false, !(x), "not " #x, __VA_ARGS__)
#define cr_expect_null(x, ...)   STAND_IN(false, (x) == NULL, #x " is NULL", __VA_ARGS__)
#define cr_expect_eq(a, b, ...)  STAND_IN(false, (a) == (b), #a " == " #b, __VA_ARGS__)
#define cr_expect_lt(a, b, ...)  STAND_IN(false, (a) < (b), #a " < " #b, __VA_ARGS__)
#define cr_expect_gt(a, b, ...)  STAND_IN(false, (a) > (b), #a " > " #b, __VA_ARGS__)
#define cr_expect_leq(a, b, ...) STAND_IN(false, (a) <= (b), #a " <= " #b, __VA_ARGS__)
#define cr_expect_geq(a, b, ...) STAND_IN(false, (a) >= (b), #a " >= " #b, __VA_ARGS__)
#define cr_expect_neq(a, b, ...) STAND_IN(false, (a) != (b), #a " != " #b, __VA_ARGS__)
#define cr_expect_float_eq(a, b, within, ...)                                                      \
    STAND_IN(false, fabs((double)(a) - (double)(b)) <= (double)(within), #a " near " #b,           \
             __VA_ARGS__)
#define cr_expect_arr_eq(a, b, bytes, ...)                                                         \
    STAND_IN(false, memcmp(a, b, bytes) == 0, #a " == " #b, __VA_ARGS__)

/** Only of a whole test; the reason is printed. */
#define cr_skip(...)                                                                               \
    do {                                                                                           \
        printf("skipped: " __VA_ARGS__);                                                           \
        putchar('\n');                                                                             \
        return;                                                                                    \
    } while (0)

#endif
