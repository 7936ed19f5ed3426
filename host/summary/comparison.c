/**
 * Comparison with the paper: one line per AI type (or per value of the keys of --by); for each
 * metric a column with the published value and one for each reading.
 */
#include "host/summary/comparison.h"
#include "host/summary/table.h"
#include "host/base/text_table.h"

#include <stdlib.h>
#include <string.h>

/** The rows of a summary as a grid: the key `reading` makes columns, the other keys make lines. */
typedef struct comparison {
    const dg_summary *summary;
    const dg_results_axis *pivot; /* the key `reading`; NULL: not swept, there is one column */
    size_t *line;                 /* [lines] the first row of the summary in each line */
    size_t lines;
    size_t *column; /* [columns] the first row of the summary in each column */
    size_t columns;
    size_t counts; /* blocks of counts, dg_summary_counts() */
} comparison;

static const char *reading_of(const comparison *c, size_t row)
{
    return c->pivot != NULL ? c->pivot->text[c->summary->row[row].first] : "measured";
}

static bool same_line(const comparison *c, size_t row, size_t other)
{
    return dg_summary_same(c->summary, c->summary->row[row].first, c->summary->row[other].first,
                           c->pivot);
}

static void add_line(comparison *c, size_t row)
{
    for (size_t l = 0; l < c->lines; l++) {
        if (same_line(c, c->line[l], row)) return;
    }
    c->line[c->lines++] = row;
}

static void add_column(comparison *c, size_t row)
{
    for (size_t k = 0; k < c->columns; k++) {
        if (strcmp(reading_of(c, c->column[k]), reading_of(c, row)) == 0) return;
    }
    c->column[c->columns++] = row;
}

/** The row of the summary at a line and column; NULL if the sweep has no such runs. */
static const dg_summary_row *find_row(const comparison *c, size_t line, size_t column)
{
    for (size_t r = 0; r < c->summary->rows; r++) {
        if (same_line(c, c->line[line], r) &&
            strcmp(reading_of(c, c->column[column]), reading_of(c, r)) == 0) {
            return &c->summary->row[r];
        }
    }
    return NULL;
}

/* ---- cells ----------------------------------------------------------------------------------- */

/** Set the headers of a block of counts, which has a column for each reading. */
static dg_status fill_count_headers(const comparison *c, dg_text_table *table, size_t at,
                                    const char *label)
{
    table->group_start[at] = true;
    DG_TRY(dg_text_table_set(table, 0, at, "%s", label));
    for (size_t k = 0; k < c->columns; k++) {
        DG_TRY(dg_text_table_set(table, 1, at + k, "%s", reading_of(c, c->column[k])));
    }
    return DG_OK;
}

static dg_status fill_headers(const comparison *c, dg_text_table *table)
{
    size_t at = 0;
    for (size_t k = 0; k < c->summary->keys; k++) {
        if (c->summary->key[k] == c->pivot) continue;
        DG_TRY(dg_text_table_set(table, 1, at++, "%s", c->summary->key[k]->key));
    }
    table->labels = at;
    table->header_rows = 2;
    for (int m = 0; m < DG_SUMMARY_METRICS; m++) {
        table->group_start[at] = true;
        DG_TRY(dg_text_table_set(table, 0, at, "%s", c->summary->metric[m].label));
        DG_TRY(dg_text_table_set(table, 1, at++, "published"));
        for (size_t k = 0; k < c->columns; k++) {
            DG_TRY(dg_text_table_set(table, 1, at++, "%s", reading_of(c, c->column[k])));
        }
    }
    DG_TRY(fill_count_headers(c, table, at, "completed/planned"));
    if (dg_summary_converged(c->summary) > 0)
        DG_TRY(fill_count_headers(c, table, at += c->columns, "converged"));
    for (int m = 0; m < DG_SUMMARY_METRICS; m++) {
        char label[64];
        if (dg_summary_left_out(c->summary, m) == 0) continue;
        snprintf(label, sizeof label, "%s left out", c->summary->metric[m].label);
        DG_TRY(fill_count_headers(c, table, at += c->columns, label));
    }
    return DG_OK;
}

static dg_status fill_metric(const comparison *c, dg_text_table *table, size_t line, int metric,
                             size_t at)
{
    char text[80];
    const dg_published_row *published = c->summary->row[c->line[line]].published[metric];
    DG_TRY(dg_text_table_set(
        table, line + 2, at++, "%s",
        published == NULL
            ? "–"
            : dg_summary_format(published->mean, published->spread, true, text, sizeof text)));
    for (size_t k = 0; k < c->columns; k++) {
        const dg_summary_row *row = find_row(c, line, k);
        if (row == NULL) continue;
        DG_TRY(dg_text_table_set(table, line + 2, at + k, "%s",
                                 dg_summary_format(row->spread[metric].mean,
                                                   row->spread[metric].deviation, true, text,
                                                   sizeof text)));
    }
    return DG_OK;
}

/** Set the counts of completed runs and, if there are any, of others, from column `at`. */
static dg_status fill_counts(const comparison *c, dg_text_table *table, size_t line, size_t at)
{
    for (size_t k = 0; k < c->columns; k++) {
        const dg_summary_row *row = find_row(c, line, k);
        if (row == NULL) continue;
        DG_TRY(dg_text_table_set(table, line + 2, at + k, "%zu/%zu",
                                 row->counts.of[DG_RUN_COMPLETED], row->planned));
        size_t to = at + k;
        if (dg_summary_converged(c->summary) > 0)
            DG_TRY(dg_text_table_set(table, line + 2, to += c->columns, "%zu",
                                     row->counts.of[DG_RUN_CONVERGED]));
        for (int m = 0; m < DG_SUMMARY_METRICS; m++) {
            if (dg_summary_left_out(c->summary, m) > 0)
                DG_TRY(
                    dg_text_table_set(table, line + 2, to += c->columns, "%zu", row->left_out[m]));
        }
    }
    return DG_OK;
}

static dg_status fill_line(const comparison *c, dg_text_table *table, size_t line)
{
    const size_t run = c->summary->row[c->line[line]].first;
    size_t at = 0;
    for (size_t k = 0; k < c->summary->keys; k++) {
        const dg_results_axis *key = c->summary->key[k];
        if (key != c->pivot) DG_TRY(dg_text_table_set(table, line + 2, at++, "%s", key->text[run]));
    }
    for (int m = 0; m < DG_SUMMARY_METRICS; m++, at += c->columns + 1) {
        DG_TRY(fill_metric(c, table, line, m, at));
    }
    return fill_counts(c, table, line, at);
}

/** Print which table of the paper the values come from, and their number of seeds. */
static void print_sources(const dg_summary *summary, FILE *file)
{
    for (size_t r = 0; r < summary->rows; r++) {
        const dg_published_row *row = summary->row[r].published[0];
        if (row == NULL) continue;
        fprintf(file, "published: arXiv:2412.14500, %s, %ld agents, %ld seeds, %s\n", row->source,
                row->agents, row->seeds, row->update);
        return;
    }
    fputs("published: the paper has no values for this number of agents and these keys\n", file);
}

static dg_status print_comparison(const comparison *c, FILE *file)
{
    const size_t labels = c->summary->keys - (c->pivot != NULL);
    const size_t columns = labels + DG_SUMMARY_METRICS * (c->columns + 1) + c->counts * c->columns;
    dg_text_table *table = NULL;
    DG_TRY(dg_text_table_make(&table, c->lines + 2, columns));
    dg_status status = fill_headers(c, table);
    for (size_t l = 0; l < c->lines && status == DG_OK; l++) status = fill_line(c, table, l);
    if (status == DG_OK) {
        dg_summary_heading(c->summary, file);
        dg_text_table_print(table, file);
        fputc('\n', file);
        print_sources(c->summary, file);
        dg_summary_footer(c->summary, file);
    }
    dg_text_table_free(&table);
    return status;
}

dg_status dg_summary_comparison(const dg_summary *summary, FILE *file)
{
    comparison c = {.summary = summary, .counts = dg_summary_counts(summary)};
    dg_status status = DG_OK;
    for (size_t k = 0; k < summary->keys; k++) {
        if (strcmp(summary->key[k]->key, "reading") == 0) c.pivot = summary->key[k];
    }
    c.line = calloc(summary->rows, sizeof *c.line);
    c.column = calloc(summary->rows, sizeof *c.column);
    if (c.line == NULL || c.column == NULL) {
        status = dg_fail(DG_ERR_MEMORY, "no memory for the summary");
        goto done;
    }
    for (size_t r = 0; r < summary->rows; r++) {
        add_line(&c, r);
        add_column(&c, r);
    }
    status = print_comparison(&c, file);
done:
    free(c.line);
    free(c.column);
    return status;
}
