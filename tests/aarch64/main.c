/**
 * Runs the tests that are linked in, one after another: PROGRAM [PATTERN], for tests whose suite/name contains it.
 * Exit code: 0 all passed, 1 some failed or none ran.
 */
#include <criterion/criterion.h>

#include <stdarg.h>
#include <time.h>

static stand_in_test *tests;
static int checks, failures;

void stand_in_add(stand_in_test *test)
{
    test->next = tests;
    tests = test;
}

void stand_in_check(bool holds, bool fatal, const char *where, const char *what, const char *format,
                    ...)
{
    checks++;
    if (holds) return;
    failures++;
    va_list values;
    va_start(values, format);
    printf("FAIL %s: expected %s: ", where, what);
    vprintf(format, values);
    putchar('\n');
    va_end(values);
    if (fatal) exit(1);
}

int main(int argc, char **argv)
{
    int ran = 0;
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (const stand_in_test *test = tests; test; test = test->next) {
        char name[256];
        snprintf(name, sizeof name, "%s/%s", test->suite, test->name);
        if (argc > 1 && !strstr(name, argv[1])) continue;
        const time_t begin = time(NULL);
        test->run();
        ran++;
        printf("  %3d s  %s\n", (int)(time(NULL) - begin), name);
    }
    printf("%d tests, %d checks, %d failed\n", ran, checks, failures);
    return ran == 0 || failures > 0;
}
