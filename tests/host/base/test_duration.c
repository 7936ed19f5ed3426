/** host/base/duration.c: durations in the formats of Slurm. */
#include "host/base/duration.h"

#include <criterion/criterion.h>

#include <inttypes.h>
#include <string.h>

Test(duration, reads_every_format_of_slurm)
{
    static const struct {
        const char *text;
        int64_t seconds;
    } good[] = {
        {"1", 60},
        {"90", 90 * 60},
        {"0:01", 1},
        {"2:30", 150},
        {"2:90", 210},
        {"0:00:01", 1},
        {"00:30:00", 1800},
        {"24:00:00", 86400},
        {"1:2:3", 3723},
        {"1-0", 86400},
        {"0-1", 3600},
        {"2-12", 2 * 86400 + 12 * 3600},
        {"1-2:30", 86400 + 2 * 3600 + 30 * 60},
        {"7-00:00:01", 7 * 86400 + 1},
        {"366-0", 366 * INT64_C(86400)},
    };
    for (size_t k = 0; k < sizeof good / sizeof *good; k++) {
        int64_t seconds = -1;
        cr_expect_eq(dg_duration_parse(&seconds, good[k].text), DG_OK, "%s", good[k].text);
        cr_expect_eq(seconds, good[k].seconds, "%s: %" PRId64, good[k].text, seconds);
    }
}

Test(duration, refuses_other_texts)
{
    static const char *const bad[] = {"", " ", "0", "0:00", "0-0", "-1", "1-", "1:", ":1", "1::2",
                                      "1:2:3:4", "1-2:3:4:5", "1.5", "1h", "1 ", " 1", "1-1-1",
                                      "--1", "1:-2", "+1", "1e3", "0x10", "366-0:0:1", "9999999999",
                                      "1:2:3x", "infinite", "1-x", "1,5", "999999999", "367-0",
                                      /* 2^64 + 104 seconds */
                                      "307445734561825862"};
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        int64_t seconds = -7;
        cr_expect_eq(dg_duration_parse(&seconds, bad[k]), DG_ERR_ARGUMENT, "`%s'", bad[k]);
        cr_expect_eq(seconds, -7, "`%s': must stay unchanged", bad[k]);
        cr_expect(strncmp(dg_error(), bad[k], strlen(bad[k])) == 0, "%s", dg_error());
        cr_expect(strstr(dg_error(), "expected a duration") != NULL, "%s", dg_error());
    }
}
