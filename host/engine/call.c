/** Functions shared by the parts of a call; see call.h. */
#include "host/engine/call.h"

#include "host/base/clock.h"

#include <stdarg.h>
#include <stdio.h>

bool dg_engine_stopped(const dg_engine *engine)
{
    return dg_flag_set(engine->options->stop) || dg_clock() >= engine->stop_at;
}

void dg_engine_log(const dg_engine *engine, const char *format, ...)
{
    if (!engine->options->log) return;
    char line[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    engine->options->log(engine->options->user, line);
}

void dg_engine_count(dg_engine *engine, const dg_run_counts *runs)
{
    const size_t nonfinite = runs->of[DG_RUN_NONFINITE];
    dg_outcome_add(&engine->outcome, runs);
    if (nonfinite > 0)
        dg_engine_log(engine,
                      "%zu of %zu runs ended at a number that is not finite (status nonfinite)",
                      nonfinite, runs->of[DG_RUN_PLANNED] + dg_run_counts_ended(runs));
}
