/** Lines of progress; see progress_line.h. */
#include "host/base/progress_line.h"

#include "host/base/rate.h"
#include "host/base/quantity.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* cells of a bar: more tell no more */
#define BAR_MOST 60

/* kept free behind a line: where a terminal echoes ^C, it shall not wrap */
#define MARGIN 3

double dg_progress_share(const dg_progress *p)
{
    if (p->runs_planned > 0 && p->runs_done >= p->runs_planned) return 1;
    if (p->agent_steps_planned <= 0) return 0;
    const double share = (double)p->agent_steps_done / (double)p->agent_steps_planned;
    return share > 1 ? 1 : share > 0 ? share : 0;
}

/* ---- text ------------------------------------------------------------------------------------- */

/** How much a line tells, from all to next to nothing. */
typedef enum detail { ALL, SHORT, LITTLE, PERCENT, DETAILS } detail;

/** 100 % is for what is done: 99.96 % is not. */
static double percent_of(const dg_progress *p)
{
    const double percent = 100 * dg_progress_share(p);
    return percent < 100 && percent > 99.9 ? 99.9 : percent;
}

static void tell(const dg_progress *p, double rate, detail how, char *text, size_t size)
{
    char speed[32], elapsed[32], left[32];
    const double percent = percent_of(p);
    dg_quantity_si(rate, speed, sizeof speed);
    dg_quantity_clock(p->seconds, elapsed, sizeof elapsed);
    dg_quantity_clock(dg_rate_left(p, rate), left, sizeof left);
    switch (how) {
    case ALL:
        snprintf(text, size, "%5.1f %%  %zu/%zu runs  %s agent-steps/s  %s elapsed, %s left",
                 percent, p->runs_done, p->runs_planned, speed, elapsed, left);
        break;
    case SHORT:
        snprintf(text, size, "%5.1f %%  %zu/%zu runs  %s/s  %s, %s left", percent, p->runs_done,
                 p->runs_planned, speed, elapsed, left);
        break;
    case LITTLE:
        snprintf(text, size, "%3d %%  %zu/%zu  %s left", (int)percent, p->runs_done,
                 p->runs_planned, left);
        break;
    default: snprintf(text, size, "%3d %%", (int)percent);
    }
}

const char *dg_progress_text(const dg_progress *p, double rate, char *text, size_t size)
{
    tell(p, rate, ALL, text, size);
    return text + strspn(text, " ");
}

/* ---- bar -------------------------------------------------------------------------------------- */

/** "[====#####.......] ", `cells` wide between its brackets. */
static void draw(const dg_progress *p, int cells, char *text)
{
    const double planned = (double)(p->agent_steps_planned > 0 ? p->agent_steps_planned : 1);
    const int done = (int)(dg_progress_share(p) * cells);
    const int before = (int)((double)p->agent_steps_kept / planned * cells);
    const int kept = before > done ? done : before > 0 ? before : 0;
    *text++ = '[';
    memset(text, '=', (size_t)kept);
    memset(text + kept, '#', (size_t)(done - kept));
    memset(text + done, '.', (size_t)(cells - done));
    memcpy(text + cells, "] ", 3);
}

const char *dg_progress_line(const dg_progress *p, double rate, int columns, char *text)
{
    char words[DG_PROGRESS_LINE_BYTES - BAR_MOST - 4] = "";
    const int room = columns - MARGIN;
    int width = 0, cells = 0;
    bool fits = false;
    /* the most words that leave room for a bar that tells something */
    for (detail how = ALL; how < DETAILS && !fits; how++) {
        static const int least[] = {[ALL] = 20, [SHORT] = 12, [LITTLE] = 8, [PERCENT] = 4};
        tell(p, rate, how, words, sizeof words);
        width = (int)strlen(words);
        cells = room - width - 3;
        fits = cells >= least[how];
    }
    text[0] = '\0';
    if (fits) draw(p, cells < BAR_MOST ? cells : BAR_MOST, text);
    if (width <= room) strcat(text, words);
    return text;
}
