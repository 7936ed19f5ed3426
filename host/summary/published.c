/** Reads configs/paper/published.csv: fields are separated by commas and never quoted. */
#include "host/summary/published.h"

#include "host/config/value.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIELDS = 10 };
static const char header[] =
    "source,agents,ai_type,weight_update,parameter,value,metric,mean,spread,seeds";

/** Read a whole file as text; the caller frees *out. */
static dg_status read_text(const char *path, char **out)
{
    FILE *file = fopen(path, "r");
    if (file == NULL) return dg_fail(DG_ERR_IO, "%s: %s", path, strerror(errno));
    size_t length = 0, room = 4096;
    char *text = malloc(room + 1);
    while (text != NULL) {
        length += fread(text + length, 1, room - length, file);
        if (length < room) break;
        room *= 2;
        char *longer = realloc(text, room + 1);
        if (longer == NULL) free(text);
        text = longer;
    }
    const int failed = ferror(file);
    fclose(file);
    if (text == NULL) return dg_fail(DG_ERR_MEMORY, "%s: no memory to read it", path);
    if (failed) {
        free(text);
        return dg_fail(DG_ERR_IO, "%s: cannot be read", path);
    }
    text[length] = '\0';
    *out = text;
    return DG_OK;
}

/** Split a line at its commas, in place; returns the number of fields. */
static int split(char *line, const char **field)
{
    int count = 0;
    for (char *at = line; at != NULL; count++) {
        char *comma = strchr(at, ',');
        if (comma != NULL) *comma = '\0';
        if (count < FIELDS) field[count] = at;
        at = comma != NULL ? comma + 1 : NULL;
    }
    return count;
}

/** Read a field that contains only a number; an empty field is NaN. */
static bool read_number(const char *field, double *value)
{
    *value = NAN;
    return *field == '\0' || dg_real_read(value, field);
}

static dg_status read_row(dg_published_row *row, char *line, const char *path, size_t number)
{
    const char *field[FIELDS];
    double agents, seeds;
    const int count = split(line, field);
    if (count != FIELDS) {
        return dg_fail(DG_ERR_CONFIG, "%s:%zu: %d fields, expected %d", path, number, count,
                       FIELDS);
    }
    row->source = field[0];
    row->ai_type = field[2];
    row->update = field[3];
    row->parameter = field[4];
    row->metric = field[6];
    if (!read_number(field[1], &agents) || !read_number(field[7], &row->mean) ||
        !read_number(field[8], &row->spread) || !read_number(field[9], &seeds)) {
        return dg_fail(DG_ERR_CONFIG,
                       "%s:%zu: expected numbers in the fields agents, mean, spread and seeds",
                       path, number);
    }
    row->agents = isfinite(agents) ? (long)agents : 0;
    row->seeds = isfinite(seeds) ? (long)seeds : 0;
    return DG_OK;
}

static dg_status read_rows(dg_published *published, const char *path)
{
    size_t lines = 0, number = 0;
    for (const char *c = published->text; *c != '\0'; c++) lines += *c == '\n';
    published->row = calloc(lines + 1, sizeof *published->row);
    if (published->row == NULL) return dg_fail(DG_ERR_MEMORY, "%s: no memory to read it", path);
    for (char *line = published->text, *next; *line != '\0'; line = next) {
        const size_t length = strcspn(line, "\n");
        next = line + length + (line[length] == '\n');
        line[length] = '\0';
        if (++number == 1) {
            if (strcmp(line, header) == 0) continue;
            return dg_fail(DG_ERR_CONFIG, "%s:1: expected the header %s", path, header);
        }
        if (length == 0) continue;
        DG_TRY(read_row(&published->row[published->rows], line, path, number));
        published->rows++;
    }
    return DG_OK;
}

dg_status dg_published_read(dg_published **out, const char *path)
{
    dg_published *published = calloc(1, sizeof *published);
    if (published == NULL) return dg_fail(DG_ERR_MEMORY, "%s: no memory to read it", path);
    dg_status status = DG_OK;
    DG_TRY_GOTO(read_text(path, &published->text), failed);
    DG_TRY_GOTO(read_rows(published, path), failed);
    *out = published;
    return DG_OK;
failed:
    dg_published_free(&published);
    return status;
}

void dg_published_free(dg_published **published)
{
    if (*published == NULL) return;
    free((*published)->text);
    free((*published)->row);
    free(*published);
    *published = NULL;
}

const dg_published_row *dg_published_find(const dg_published *published, long agents,
                                          const char *ai_type, const char *update,
                                          const char *metric)
{
    for (size_t r = 0; r < published->rows; r++) {
        const dg_published_row *row = &published->row[r];
        if (row->agents == agents && strncmp(row->source, "table", 5) == 0 &&
            row->parameter[0] == '\0' && strcmp(row->ai_type, ai_type) == 0 &&
            strcmp(row->update, update) == 0 && strcmp(row->metric, metric) == 0) {
            return row;
        }
    }
    return NULL;
}
