/** Progress lines; see progress_line.h. */
#include "host/base/progress_line.h"

#include "host/base/rate.h"
#include "host/base/quantity.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* widest bar in characters */
#define BAR_MAX 60

/* columns left free at the right, so that a line does not wrap when the terminal echoes ^C */
#define MARGIN 3

double dg_progress_share(const dg_progress *p)
{
    if (p->runs_planned > 0 && p->runs_done >= p->runs_planned) return 1;
    if (p->agent_steps_planned <= 0) return 0;
    const double share = (double)p->agent_steps_done / (double)p->agent_steps_planned;
    return share > 1 ? 1 : share > 0 ? share : 0;
}

/* ---- text ------------------------------------------------------------------------------------ */

/** How much a line contains, most first. */
typedef enum detail { DETAIL_FULL, DETAIL_SHORT, DETAIL_MINIMAL, DETAIL_PERCENT, DETAILS } detail;

/** Unfinished work is never rounded up to 100 %. */
static double percent_of(const dg_progress *p)
{
    const double percent = 100 * dg_progress_share(p);
    return percent < 100 && percent > 99.9 ? 99.9 : percent;
}

static void format_progress(const dg_progress *p, double rate, detail how, char *text, size_t size)
{
    char speed[32], elapsed[32], left[32];
    const double percent = percent_of(p);
    dg_quantity_si(rate, speed, sizeof speed);
    dg_quantity_clock(p->seconds, elapsed, sizeof elapsed);
    dg_quantity_clock(dg_rate_left(p, rate), left, sizeof left);
    switch (how) {
    case DETAIL_FULL:
        snprintf(text, size, "%5.1f %%  %zu/%zu runs  %s agent-steps/s  %s elapsed, %s left",
                 percent, p->runs_done, p->runs_planned, speed, elapsed, left);
        break;
    case DETAIL_SHORT:
        snprintf(text, size, "%5.1f %%  %zu/%zu runs  %s/s  %s, %s left", percent, p->runs_done,
                 p->runs_planned, speed, elapsed, left);
        break;
    case DETAIL_MINIMAL:
        snprintf(text, size, "%3d %%  %zu/%zu  %s left", (int)percent, p->runs_done,
                 p->runs_planned, left);
        break;
    case DETAIL_PERCENT: snprintf(text, size, "%3d %%", (int)percent); break;
    case DETAILS: break;
    }
}

const char *dg_progress_text(const dg_progress *p, double rate, char *text, size_t size)
{
    format_progress(p, rate, DETAIL_FULL, text, size);
    return text + strspn(text, " ");
}

/* ---- bar ------------------------------------------------------------------------------------- */

/** Write "[====#####.......] ", with `cells` characters between the brackets. */
static void draw(const dg_progress *p, int cells, char *text)
{
    const double planned = (double)(p->agent_steps_planned > 0 ? p->agent_steps_planned : 1);
    const int done = (int)(dg_progress_share(p) * cells);
    const int earlier = (int)((double)p->agent_steps_kept / planned * cells);
    const int kept = earlier > done ? done : earlier > 0 ? earlier : 0;
    *text++ = '[';
    memset(text, '=', (size_t)kept);
    memset(text + kept, '#', (size_t)(done - kept));
    memset(text + done, '.', (size_t)(cells - done));
    memcpy(text + cells, "] ", 3);
}

const char *dg_progress_line(const dg_progress *p, double rate, int columns, char *text)
{
    char words[DG_PROGRESS_LINE_BYTES - BAR_MAX - 4] = "";
    const int room = columns - MARGIN;
    int width = 0, cells = 0;
    bool fits = false;
    /* the most detailed text that leaves room for a bar of a useful width */
    for (detail how = DETAIL_FULL; how < DETAILS && !fits; how++) {
        static const int bar_min[] = {
            [DETAIL_FULL] = 20, [DETAIL_SHORT] = 12, [DETAIL_MINIMAL] = 8, [DETAIL_PERCENT] = 4};
        format_progress(p, rate, how, words, sizeof words);
        width = (int)strlen(words);
        cells = room - width - 3;
        fits = cells >= bar_min[how];
    }
    text[0] = '\0';
    if (fits) draw(p, cells < BAR_MAX ? cells : BAR_MAX, text);
    if (width <= room) strcat(text, words);
    return text;
}
