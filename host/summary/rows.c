/** Groups the runs of a result by swept keys and computes statistics of each group; see rows.h. */
#include "host/summary/rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- keys ------------------------------------------------------------------------------------ */

/** Write the swept keys to text[size], for a message. */
static void list_keys(const dg_results *results, char *text, size_t size)
{
    size_t length = 0;
    text[0] = '\0';
    for (size_t a = 0; a < results->axes && length < size; a++) {
        length += (size_t)snprintf(text + length, size - length, "%s%s", a > 0 ? ", " : "",
                                   results->axis[a].key);
    }
}

static dg_status add_requested_keys(dg_summary *summary)
{
    for (size_t k = 0; k < summary->options->by_count; k++) {
        const char *requested = summary->options->by[k];
        const dg_results_axis *axis = dg_results_find_axis(summary->results, requested);
        if (axis == NULL) {
            char known[512];
            list_keys(summary->results, known, sizeof known);
            return dg_fail(DG_ERR_CONFIG, "--by: %s, expected a swept key of %s: %s", requested,
                           summary->results->path, known);
        }
        summary->key[summary->keys++] = axis;
    }
    return DG_OK;
}

/** Add the keys of the paper's main tables. */
static void add_paper_keys(dg_summary *summary)
{
    static const char *const compared[] = {"ai_type", "reading"};
    for (size_t k = 0; k < sizeof compared / sizeof *compared; k++) {
        const dg_results_axis *axis = dg_results_find_axis(summary->results, compared[k]);
        if (axis != NULL) summary->key[summary->keys++] = axis;
    }
}

static void add_all_but_seed(dg_summary *summary)
{
    for (size_t a = 0; a < summary->results->axes; a++) {
        const dg_results_axis *axis = &summary->results->axis[a];
        if (strcmp(axis->key, "seed") != 0) summary->key[summary->keys++] = axis;
    }
}

static dg_status choose_keys(dg_summary *summary)
{
    const dg_summary_options *options = summary->options;
    const size_t most = summary->results->axes + options->by_count + 1;
    summary->key = calloc(most, sizeof *summary->key);
    if (summary->key == NULL) return dg_fail(DG_ERR_MEMORY, "no memory for the summary");
    if (options->by_count > 0) return add_requested_keys(summary);
    if (options->compare != NULL) add_paper_keys(summary);
    if (summary->keys == 0) add_all_but_seed(summary);
    return DG_OK;
}

/* ---- rows ------------------------------------------------------------------------------------ */

bool dg_summary_same(const dg_summary *summary, size_t run, size_t other,
                     const dg_results_axis *except)
{
    for (size_t k = 0; k < summary->keys; k++) {
        const dg_results_axis *key = summary->key[k];
        if (key != except && strcmp(key->text[run], key->text[other]) != 0) return false;
    }
    return true;
}

/** The row that a run belongs to; added if it is new. */
static dg_summary_row *row_of(dg_summary *summary, size_t run)
{
    for (size_t r = 0; r < summary->rows; r++) {
        if (dg_summary_same(summary, summary->row[r].first, run, NULL)) return &summary->row[r];
    }
    dg_summary_row *row = &summary->row[summary->rows++];
    row->first = run;
    return row;
}

static void count_run(dg_summary_row *row, uint8_t status)
{
    row->planned++;
    dg_run_count(&row->counts, status);
}

size_t dg_summary_converged(const dg_summary *summary)
{
    size_t converged = 0;
    for (size_t r = 0; r < summary->rows; r++)
        converged += summary->row[r].counts.of[DG_RUN_CONVERGED];
    return converged;
}

size_t dg_summary_left_out(const dg_summary *summary, int metric)
{
    size_t left_out = 0;
    for (size_t r = 0; r < summary->rows; r++) left_out += summary->row[r].left_out[metric];
    return left_out;
}

size_t dg_summary_counts(const dg_summary *summary)
{
    size_t counts = 1 + (dg_summary_converged(summary) > 0);
    for (int m = 0; m < DG_SUMMARY_METRICS; m++) counts += dg_summary_left_out(summary, m) > 0;
    return counts;
}

/** Does a run of a row have a value? Completed and converged runs do. */
static bool has_value(const dg_summary *summary, const dg_summary_row *row, size_t run,
                      double value)
{
    const uint8_t status = summary->results->status[run];
    return (status == DG_RUN_COMPLETED || status == DG_RUN_CONVERGED) && !isnan(value) &&
           dg_summary_same(summary, row->first, run, NULL);
}

/**
 * Mean and sample standard deviation of a metric over the runs of a row that have a value and are
 * not left out. Welford's method (1962): for equal values the mean is exactly that value and the
 * deviation exactly 0.
 */
static void take_spread(const dg_summary *summary, dg_summary_row *row, int m)
{
    const double *value = summary->metric[m].value, *left_out = summary->metric[m].left_out;
    dg_spread spread = {0, NAN, NAN, NAN, NAN};
    double mean = 0.0, squares = 0.0;
    for (size_t r = row->first; r < summary->results->runs; r++) {
        if (!has_value(summary, row, r, value[r])) continue;
        if (left_out != NULL && left_out[r] > 0.0) {
            row->left_out[m]++;
            continue;
        }
        const double step = value[r] - mean;
        spread.n++;
        mean += step / (double)spread.n;
        squares += step * (value[r] - mean);
        spread.low = spread.low <= value[r] ? spread.low : value[r];
        spread.high = spread.high >= value[r] ? spread.high : value[r];
    }
    if (spread.n > 0) spread.mean = mean;
    if (spread.n > 1) spread.deviation = sqrt(squares / (double)(spread.n - 1));
    row->spread[m] = spread;
}

static dg_status make_rows(dg_summary *summary)
{
    const dg_results *results = summary->results;
    summary->row = calloc(results->runs, sizeof *summary->row);
    if (summary->row == NULL) return dg_fail(DG_ERR_MEMORY, "no memory for the summary");
    for (size_t r = 0; r < results->runs; r++) count_run(row_of(summary, r), results->status[r]);
    for (size_t r = 0; r < summary->rows; r++) {
        for (int m = 0; m < DG_SUMMARY_METRICS; m++) {
            take_spread(summary, &summary->row[r], m);
        }
    }
    return DG_OK;
}

/* ---- published values ------------------------------------------------------------------------ */

/** Value of a key in a row; for a key that is not in the rows, the paper's name of the mean. */
static const char *value_or_mean(const dg_summary *summary, const dg_summary_row *row,
                                 const char *key, const char *mean)
{
    for (size_t k = 0; k < summary->keys; k++) {
        const dg_results_axis *axis = summary->key[k];
        if (strcmp(axis->key, key) == 0) return axis->text[row->first];
    }
    return mean;
}

/** Number of agents of a run: the sum of its group sizes. */
static long agents_of(const double *size, size_t groups, size_t run)
{
    double sum = 0.0;
    for (size_t g = 0; g < groups; g++) {
        sum += size[run * groups + g];
    }
    return (long)sum;
}

static dg_status find_published(dg_summary *summary)
{
    if (summary->options->compare == NULL) return DG_OK;
    if (!summary->model->published) {
        return dg_fail(DG_ERR_CONFIG,
                       "--compare: %s contains runs of the model %s, expected a model with "
                       "values published in the paper",
                       summary->results->path, summary->model->word);
    }
    double *size;
    size_t length;
    DG_TRY(dg_published_read(&summary->published, summary->options->compare));
    DG_TRY(dg_results_numbers(summary->results, "group_size", &size, &length));
    for (size_t r = 0; r < summary->rows; r++) {
        dg_summary_row *row = &summary->row[r];
        for (int m = 0; m < DG_SUMMARY_METRICS; m++) {
            row->published[m] = dg_published_find(
                summary->published, agents_of(size, length / summary->results->runs, row->first),
                value_or_mean(summary, row, "ai_type", "mean over types"),
                value_or_mean(summary, row, "belief_weights.update", "mean over updates"),
                summary->metric[m].name);
        }
    }
    free(size);
    return DG_OK;
}

/* ---- make and free --------------------------------------------------------------------------- */

void dg_summary_free(dg_summary *summary)
{
    for (int m = 0; m < DG_SUMMARY_METRICS; m++) {
        free(summary->metric[m].value);
        free(summary->metric[m].left_out);
    }
    dg_published_free(&summary->published);
    free(summary->key);
    free(summary->row);
}

dg_status dg_summary_make(dg_summary *summary)
{
    summary->model = dg_model_of_results(summary->results);
    DG_TRY(choose_keys(summary));
    DG_TRY(
        summary->model->summarise(summary->results, summary->options->statistic, summary->metric));
    DG_TRY(make_rows(summary));
    return find_published(summary);
}
