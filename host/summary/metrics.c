/** The numbers of a run that a summary is about. */
#include "host/models/statistics.h"
#include "host/summary/internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static dg_status read_dominance(dg_summary *summary)
{
    static const char *const label[DG_SUMMARY_METRICS] = {"AI views", "AI fitness",
                                                          "human belief 0"};
    _Static_assert(DG_DOMINANCE_QUANTITIES == DG_SUMMARY_METRICS, "a label for each");
    const bool last = summary->options->statistic == DG_STATISTIC_LAST;
    for (int m = 0; m < DG_SUMMARY_METRICS; m++) {
        dg_metric *metric = &summary->metric[m];
        char variable[64];
        size_t length;
        metric->name = dg_dominance_quantities[m].name;
        metric->label = label[m];
        snprintf(variable, sizeof variable, "%s_%s", metric->name, last ? "last" : "mean");
        DG_TRY(dg_results_numbers(summary->results, variable, &metric->value, &length));
        if (length != summary->results->runs) {
            return dg_fail(DG_ERR_IO, "%s: %s: expected one number per run", summary->results->path,
                           variable);
        }
    }
    return DG_OK;
}

/* ---- echo chambers --------------------------------------------------------------------------- */

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/** Median of the numbers that are not nan; sorts them. */
static double median(double *value, size_t count)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        if (!isnan(value[i])) value[n++] = value[i];
    }
    qsort(value, n, sizeof *value, ascending);
    return n > 0 ? (value[(n - 1) / 2] + value[n / 2]) / 2.0 : (double)NAN;
}

/** Last snapshot of a run: shorter runs leave the rest missing. */
static size_t last_snapshot(const double *agreement, size_t snapshots)
{
    size_t last = snapshots;
    while (last > 1 && isnan(agreement[last - 1])) last--;
    return last - 1;
}

/** Reduce [run][snapshot][agents] to a median at each run's last snapshot, in place. */
static void reduce(double *value, size_t runs, size_t snapshots, size_t agents,
                   const size_t *snapshot)
{
    for (size_t r = 0; r < runs; r++) {
        value[r] = median(value + (r * snapshots + snapshot[r]) * agents, agents);
    }
}

/**
 * Radicalisation is a ratio to |b(0)|, which may be close to 0: the median agent stands for a run,
 * where a mean would be that of the agent who began nearest to 0.
 */
static dg_status read_echo(dg_summary *summary)
{
    static const struct {
        const char *name, *label;
    } known[DG_SUMMARY_METRICS] = {{"radicalisation", "radicalisation"},
                                   {"deviation", "deviation"},
                                   {"sign_agreement", "sign agreement"}};
    const dg_results *results = summary->results;
    const size_t runs = results->runs, snapshots = dg_results_length(results, "snapshot");
    for (int m = 0; m < DG_SUMMARY_METRICS; m++) {
        size_t length, agents = m == 0 ? dg_results_length(results, "agent") : 1;
        summary->metric[m].name = known[m].name;
        summary->metric[m].label = known[m].label;
        DG_TRY(dg_results_numbers(results, known[m].name, &summary->metric[m].value, &length));
        if (length != runs * snapshots * agents) {
            return dg_fail(DG_ERR_IO, "%s: %s: unexpected size", results->path, known[m].name);
        }
    }
    size_t *last = malloc(runs * sizeof *last);
    if (last == NULL) return dg_fail(DG_ERR_MEMORY, "no memory for the summary");
    for (size_t r = 0; r < runs; r++) {
        last[r] = last_snapshot(summary->metric[2].value + r * snapshots, snapshots);
    }
    reduce(summary->metric[0].value, runs, snapshots, dg_results_length(results, "agent"), last);
    reduce(summary->metric[1].value, runs, snapshots, 1, last);
    reduce(summary->metric[2].value, runs, snapshots, 1, last);
    free(last);
    return DG_OK;
}

dg_status dg_summary_metrics(dg_summary *summary)
{
    return summary->results->echo ? read_echo(summary) : read_dominance(summary);
}
