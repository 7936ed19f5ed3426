/** host/base/progress_line.c, quantity.c: the progress of a call as text. */
#include "host/base/progress_line.h"
#include "host/base/quantity.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

/* 80 runs, 20 of them finished by earlier calls, half of the work done */
static const dg_progress half = {.agent_steps_done = 50000000,
                                 .agent_steps_planned = 100000000,
                                 .agent_steps_kept = 25000000,
                                 .runs_done = 41,
                                 .runs_planned = 80,
                                 .runs_kept = 20,
                                 .seconds = 12};

#define RATE 5e6

/* ---- quantities ------------------------------------------------------------------------------ */

Test(progress_line, durations_are_formatted_like_clocks)
{
    char text[32];
    cr_expect_str_eq(dg_quantity_clock(7.4, text, sizeof text), "0:07");
    cr_expect_str_eq(dg_quantity_clock(59.6, text, sizeof text), "1:00");
    cr_expect_str_eq(dg_quantity_clock(3723, text, sizeof text), "1:02:03");
    cr_expect_str_eq(dg_quantity_clock(2 * 86400 + 3 * 3600 + 240, text, sizeof text), "2d 03:04");
    cr_expect_str_eq(dg_quantity_clock(-3, text, sizeof text), "0:00");
    cr_expect_str_eq(dg_quantity_clock(NAN, text, sizeof text), "?");
    cr_expect_str_eq(dg_quantity_clock(INFINITY, text, sizeof text), "?");
}

Test(progress_line, numbers_have_three_digits_and_a_prefix)
{
    char text[32];
    cr_expect_str_eq(dg_quantity_si(0, text, sizeof text), "0");
    cr_expect_str_eq(dg_quantity_si(999.4, text, sizeof text), "999");
    cr_expect_str_eq(dg_quantity_si(5410000, text, sizeof text), "5.41 M");
    cr_expect_str_eq(dg_quantity_bytes(812, text, sizeof text), "812 B");
    cr_expect_str_eq(dg_quantity_bytes(3420000, text, sizeof text), "3.42 MB");
}

/* ---- lines ----------------------------------------------------------------------------------- */

Test(progress_line, a_log_line_has_full_detail)
{
    char text[DG_PROGRESS_LINE_BYTES];
    cr_expect_str_eq(dg_progress_text(&half, RATE, text, sizeof text),
                     "50.0 %  41/80 runs  5.00 M agent-steps/s  0:12 elapsed, 0:10 left");
}

Test(progress_line, the_bar_shows_the_work_of_earlier_calls)
{
    char text[DG_PROGRESS_LINE_BYTES];
    cr_expect_str_eq(
        dg_progress_line(&half, RATE, 80, text),
        "[=======#######..............]  50.0 %  41/80 runs  5.00 M/s  0:12, 0:10 left");
}

Test(progress_line, a_narrow_terminal_gets_less_detail)
{
    char text[DG_PROGRESS_LINE_BYTES];
    cr_expect_str_eq(dg_progress_line(&half, RATE, 40, text),
                     "[==###......]  50 %  41/80  0:10 left");
    cr_expect_str_eq(dg_progress_line(&half, RATE, 20, text), "[==##.....]  50 %");
    cr_expect_str_eq(dg_progress_line(&half, RATE, 10, text), " 50 %");
    cr_expect_str_eq(dg_progress_line(&half, RATE, 2, text), "");
    cr_expect_str_eq(dg_progress_line(&half, RATE, 0, text), "");
}

Test(progress_line, a_wide_terminal_gets_full_detail)
{
    char text[DG_PROGRESS_LINE_BYTES];
    dg_progress_line(&half, RATE, 200, text);
    cr_expect(strstr(text, "5.00 M agent-steps/s  0:12 elapsed, 0:10 left") != NULL, "%s", text);
}

Test(progress_line, no_line_wraps)
{
    dg_progress p = half;
    char text[DG_PROGRESS_LINE_BYTES];
    p.runs_planned = SIZE_MAX;
    p.runs_done = SIZE_MAX - 1;
    for (int columns = 0; columns < 400; columns++)
        for (int part = -1; part <= 5; part++) {
            p.agent_steps_done = p.agent_steps_planned / 4 * part;
            const size_t length = strlen(dg_progress_line(&p, 1e300, columns, text));
            cr_assert(length == 0 || length + 2 < (size_t)columns, "%d: %s", columns, text);
        }
}

Test(progress_line, unfinished_work_is_never_100_percent)
{
    dg_progress p = half;
    char text[DG_PROGRESS_LINE_BYTES];
    p.agent_steps_done = p.agent_steps_planned - 1;
    cr_expect(strncmp(dg_progress_text(&p, RATE, text, sizeof text), "99.9 %", 6) == 0);
    p.runs_done = p.runs_planned;
    cr_expect(strncmp(dg_progress_text(&p, RATE, text, sizeof text), "100.0 %", 7) == 0);
}

Test(progress_line, a_call_without_runs_has_a_line)
{
    const dg_progress none = {0};
    char text[DG_PROGRESS_LINE_BYTES];
    cr_expect_str_eq(dg_progress_text(&none, 0, text, sizeof text),
                     "0.0 %  0/0 runs  0 agent-steps/s  0:00 elapsed, ? left");
    cr_expect_str_eq(dg_progress_line(&none, 0, 20, text), "[.........]   0 %");
}
