/** A summary as a text table: one row per group of runs. */
#include "host/summary/table.h"
#include "host/base/text_table.h"
#include "host/base/utf8.h"

#include <math.h>
#include <string.h>

/* ---- numbers --------------------------------------------------------------------------------- */

/** Three decimals; scientific notation with three digits for very small or very large numbers. */
static void format_number(double value, char *text, size_t size)
{
    const double magnitude = fabs(value);
    const bool plain = magnitude == 0.0 || (magnitude >= 0.0005 && magnitude < 9999.5);
    snprintf(text, size, plain ? "%.3f" : "%.2e", value);
}

/** Remove the zero before the decimal point, "-0.337" -> "-.337", to save width. */
static void drop_leading_zero(char *text)
{
    char *zero = text + (*text == '-');
    if (zero[0] == '0' && zero[1] == '.') memmove(zero, zero + 1, strlen(zero));
}

const char *dg_summary_format(double mean, double deviation, bool dense, char *text, size_t size)
{
    char left[32], right[32];
    if (isnan(mean)) return "–";
    format_number(mean, left, sizeof left);
    /* the deviation gets the decimals of the mean */
    snprintf(right, sizeof right, strchr(left, 'e') != NULL ? "%.2e" : "%.3f", deviation);
    if (dense) drop_leading_zero(left);
    if (dense) drop_leading_zero(right);
    if (isnan(deviation)) {
        snprintf(text, size, "%s", left);
    } else {
        snprintf(text, size, dense ? "%s±%s" : "%s ± %s", left, right);
    }
    return text;
}

/* ---- text above and below a table ------------------------------------------------------------ */

void dg_summary_heading(const dg_summary *summary, FILE *file)
{
    const char *of = summary->model->heading(summary->options->statistic);
    fprintf(file, "%s; mean ± standard deviation over completed runs%s\n\n", of,
            dg_summary_converged(summary) > 0 ? " and those that converged early" : "");
}

/** For each metric, print how many of the `included` runs have no value of it. */
static void print_missing_values(const dg_summary *summary, size_t included, FILE *file)
{
    const char *others = dg_summary_converged(summary) > 0 ? " or converged" : "";
    for (int m = 0; m < DG_SUMMARY_METRICS; m++) {
        size_t without = included;
        for (size_t r = 0; r < summary->rows; r++)
            without -= summary->row[r].spread[m].n + summary->row[r].left_out[m];
        if (without > 0) {
            fprintf(file, "%s: %zu completed%s runs have no value\n", summary->metric[m].label,
                    without, others);
        }
    }
}

/** For each metric, print how many runs are left out of its statistics, and why. */
static void print_left_out(const dg_summary *summary, FILE *file)
{
    for (int m = 0; m < DG_SUMMARY_METRICS; m++) {
        const size_t left_out = dg_summary_left_out(summary, m);
        if (left_out == 0) continue;
        fprintf(file, "%s: %zu run%s left out of the mean: %s\n", summary->metric[m].label,
                left_out, left_out == 1 ? "" : "s", summary->metric[m].why);
    }
}

void dg_summary_footer(const dg_summary *summary, FILE *file)
{
    const size_t converged = dg_summary_converged(summary);
    size_t completed = 0, nonfinite = 0;
    char path[8192];
    for (size_t r = 0; r < summary->rows; r++) {
        completed += summary->row[r].counts.of[DG_RUN_COMPLETED];
        nonfinite += summary->row[r].counts.of[DG_RUN_NONFINITE];
    }
    const size_t runs = summary->results->runs;
    fprintf(file, "\n%zu completed / %zu planned", completed, runs);
    if (converged > 0) {
        fprintf(file, ", %zu converged early (included in the means)", converged);
    }
    if (nonfinite > 0) fprintf(file, ", %zu ended with a non-finite value", nonfinite);
    const size_t ended = completed + converged + nonfinite;
    if (ended < runs) fprintf(file, ", %zu not finished", runs - ended);
    fputc('\n', file);
    print_missing_values(summary, completed + converged, file);
    print_left_out(summary, file);
    fprintf(file, "%s\n", dg_printable(path, sizeof path, summary->results->path));
}

/* ---- one row per group of runs --------------------------------------------------------------- */

static dg_status fill_row(const dg_summary *summary, dg_text_table *table, size_t r)
{
    const dg_summary_row *row = &summary->row[r];
    char text[80];
    size_t column = 0;
    for (size_t k = 0; k < summary->keys; k++) {
        DG_TRY(dg_text_table_set(table, r + 1, column++, "%s", summary->key[k]->text[row->first]));
    }
    for (int m = 0; m < DG_SUMMARY_METRICS; m++) {
        const dg_spread *spread = &row->spread[m];
        DG_TRY(dg_text_table_set(
            table, r + 1, column++, "%s",
            dg_summary_format(spread->mean, spread->deviation, false, text, sizeof text)));
    }
    DG_TRY(dg_text_table_set(table, r + 1, column++, "%zu/%zu", row->counts.of[DG_RUN_COMPLETED],
                             row->planned));
    if (dg_summary_converged(summary) > 0)
        DG_TRY(dg_text_table_set(table, r + 1, column++, "%zu", row->counts.of[DG_RUN_CONVERGED]));
    for (int m = 0; m < DG_SUMMARY_METRICS; m++) {
        if (dg_summary_left_out(summary, m) > 0)
            DG_TRY(dg_text_table_set(table, r + 1, column++, "%zu", row->left_out[m]));
    }
    return DG_OK;
}

static dg_status fill_table(const dg_summary *summary, dg_text_table *table)
{
    size_t column = 0;
    for (size_t k = 0; k < summary->keys; k++) {
        DG_TRY(dg_text_table_set(table, 0, column++, "%s", summary->key[k]->key));
    }
    for (int m = 0; m < DG_SUMMARY_METRICS; m++) {
        DG_TRY(dg_text_table_set(table, 0, column++, "%s", summary->metric[m].label));
    }
    DG_TRY(dg_text_table_set(table, 0, column++, "completed/planned"));
    if (dg_summary_converged(summary) > 0) {
        DG_TRY(dg_text_table_set(table, 0, column++, "converged"));
    }
    for (int m = 0; m < DG_SUMMARY_METRICS; m++) {
        if (dg_summary_left_out(summary, m) > 0)
            DG_TRY(dg_text_table_set(table, 0, column++, "%s left out", summary->metric[m].label));
    }
    table->labels = summary->keys;
    for (size_t r = 0; r < summary->rows; r++) DG_TRY(fill_row(summary, table, r));
    return DG_OK;
}

dg_status dg_summary_table(const dg_summary *summary, FILE *file)
{
    dg_text_table *table = NULL;
    DG_TRY(dg_text_table_make(&table, summary->rows + 1,
                              summary->keys + DG_SUMMARY_METRICS + dg_summary_counts(summary)));
    const dg_status status = fill_table(summary, table);
    if (status == DG_OK) {
        dg_summary_heading(summary, file);
        dg_text_table_print(table, file);
        dg_summary_footer(summary, file);
    }
    dg_text_table_free(&table);
    return status;
}
