/** A summary as CSV (RFC 4180): all significant digits; a missing value is an empty field. */
#include "host/config/value.h"
#include "host/summary/csv.h"

#include <math.h>
#include <string.h>

static void put_text(FILE *file, const char *text)
{
    if (strpbrk(text, ",\"\n") == NULL) {
        fputs(text, file);
        return;
    }
    fputc('"', file);
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '"') fputc('"', file);
        fputc(*c, file);
    }
    fputc('"', file);
}

static void put_number(FILE *file, double value)
{
    char text[64];
    fprintf(file, ",%s", isnan(value) ? "" : dg_real_format(value, text, sizeof text));
}

static void put_header(const dg_summary *summary, FILE *file)
{
    for (size_t k = 0; k < summary->keys; k++) {
        put_text(file, summary->key[k]->name);
        fputc(',', file);
    }
    fputs("n_planned,n_completed,n_converged,n_nonfinite", file);
    for (int m = 0; m < DG_SUMMARY_METRICS; m++) {
        const char *name = summary->metric[m].name;
        fprintf(file, ",%s_n,%s_mean,%s_sd,%s_min,%s_max", name, name, name, name, name);
        if (summary->metric[m].left_out != NULL) fprintf(file, ",%s_left_out", name);
        if (summary->published != NULL) fprintf(file, ",%s_published,%s_published_sd", name, name);
    }
    fputc('\n', file);
}

static void put_row(const dg_summary *summary, const dg_summary_row *row, FILE *file)
{
    for (size_t k = 0; k < summary->keys; k++) {
        put_text(file, summary->key[k]->text[row->first]);
        fputc(',', file);
    }
    const size_t *of = row->counts.of;
    fprintf(file, "%zu,%zu,%zu,%zu", row->planned, of[DG_RUN_COMPLETED], of[DG_RUN_CONVERGED],
            of[DG_RUN_NONFINITE]);
    for (int m = 0; m < DG_SUMMARY_METRICS; m++) {
        const dg_spread *spread = &row->spread[m];
        const dg_published_row *published = row->published[m];
        fprintf(file, ",%zu", spread->n);
        put_number(file, spread->mean);
        put_number(file, spread->deviation);
        put_number(file, spread->low);
        put_number(file, spread->high);
        if (summary->metric[m].left_out != NULL) fprintf(file, ",%zu", row->left_out[m]);
        if (summary->published == NULL) continue;
        put_number(file, published != NULL ? published->mean : (double)NAN);
        put_number(file, published != NULL ? published->spread : (double)NAN);
    }
    fputc('\n', file);
}

void dg_summary_csv(const dg_summary *summary, FILE *file)
{
    put_header(summary, file);
    for (size_t r = 0; r < summary->rows; r++) put_row(summary, &summary->row[r], file);
}
