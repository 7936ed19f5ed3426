/** host/config/expand.c: lists of runs that memory does not hold. */
#include "digico/digico.h"
#include "tests/support/sanitizer.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/** Leave so many bytes of address space to this process. */
static void leave(rlim_t bytes)
{
    struct rlimit limit;
    unsigned long long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    cr_assert_not_null(file);
    cr_assert_eq(fscanf(file, "%llu", &pages), 1);
    fclose(file);
    cr_assert_eq(getrlimit(RLIMIT_AS, &limit), 0);
    limit.rlim_cur = (rlim_t)(pages * (unsigned long long)sysconf(_SC_PAGESIZE)) + bytes;
    cr_assert_eq(setrlimit(RLIMIT_AS, &limit), 0);
}

/* a million runs of some 2 kB; 200 MB are left */
Test(expand, more_runs_than_memory_holds_are_refused_before_they_are_listed)
{
    static const char yaml[] = "sweep: {product: {seed: {from: 1, to: 1000000}}}\n";
    dg_experiment *experiment = NULL;
#ifdef SHADOWED
    cr_skip("the sanitizer takes memory of its own");
#endif
    leave(200000000);
    cr_expect_eq(dg_experiment_parse(&experiment, "a.yaml", yaml, strlen(yaml), NULL, 0),
                 DG_ERR_MEMORY);
    cr_expect(strstr(dg_error(), "no memory for a list of ") != NULL, "%s", dg_error());
    cr_expect(strstr(dg_error(), " are available") != NULL, "%s", dg_error());
    cr_expect_null(experiment);
}
