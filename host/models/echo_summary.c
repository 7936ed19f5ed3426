/** Numbers of an echo-chamber run in a summary: those of its last snapshot. */
#include "host/models/echo_file.h"

#include "host/base/error.h"

#include <math.h>
#include <stdlib.h>

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/** Median of the numbers that are not nan, nan if there are none. Reorders the array. */
static double median(double *value, size_t count)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        if (!isnan(value[i])) value[n++] = value[i];
    }
    qsort(value, n, sizeof *value, ascending);
    return n > 0 ? (value[(n - 1) / 2] + value[n / 2]) / 2.0 : (double)NAN;
}

/** Index of a run's last snapshot: those after it are nan. */
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

/*
 * Radicalisation is a ratio to |b(0)|, which may be close to 0. So a run is summarised by the
 * median agent: the agent with the smallest |b(0)| would dominate a mean.
 */
dg_status dg_echo_summarise(const dg_results *results, dg_statistic statistic,
                            dg_metric metric[DG_SUMMARY_METRICS])
{
    (void)statistic; /* snapshots are not averaged */
    static const struct {
        const char *name, *label;
    } known[DG_SUMMARY_METRICS] = {{"radicalisation", "radicalisation"},
                                   {"deviation", "deviation"},
                                   {"sign_agreement", "sign agreement"}};
    const size_t runs = results->runs, snapshots = dg_results_length(results, "snapshot");
    for (int m = 0; m < DG_SUMMARY_METRICS; m++) {
        size_t length, agents = m == 0 ? dg_results_length(results, "agent") : 1;
        metric[m].name = known[m].name;
        metric[m].label = known[m].label;
        DG_TRY(dg_results_numbers(results, known[m].name, &metric[m].value, &length));
        if (length != runs * snapshots * agents) {
            return dg_fail(DG_ERR_IO, "%s: %s: %zu numbers, expected %zu", results->path,
                           known[m].name, length, runs * snapshots * agents);
        }
    }
    size_t *last = malloc(runs * sizeof *last);
    if (last == NULL) return dg_fail(DG_ERR_MEMORY, "no memory for the summary");
    for (size_t r = 0; r < runs; r++) {
        last[r] = last_snapshot(metric[2].value + r * snapshots, snapshots);
    }
    reduce(metric[0].value, runs, snapshots, dg_results_length(results, "agent"), last);
    reduce(metric[1].value, runs, snapshots, 1, last);
    reduce(metric[2].value, runs, snapshots, 1, last);
    free(last);
    return DG_OK;
}
