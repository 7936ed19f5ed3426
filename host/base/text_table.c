/** Tables of text with aligned columns; see text_table.h. */
#include "host/base/text_table.h"

#include "host/base/utf8.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

dg_status dg_text_table_make(dg_text_table **out, size_t rows, size_t columns)
{
    dg_text_table *table = calloc(1, sizeof *table);
    if (table == NULL) return dg_fail(DG_ERR_MEMORY, "no memory for a table");
    table->rows = rows;
    table->columns = columns;
    table->header_rows = 1;
    table->cell = calloc(rows * columns, sizeof *table->cell);
    table->group_start = calloc(columns, sizeof *table->group_start);
    if (table->cell == NULL || table->group_start == NULL) {
        dg_text_table_free(&table);
        return dg_fail(DG_ERR_MEMORY, "no memory for a table");
    }
    *out = table;
    return DG_OK;
}

void dg_text_table_free(dg_text_table **table)
{
    dg_text_table *t = *table;
    if (t == NULL) return;
    for (size_t c = 0; t->cell != NULL && c < t->rows * t->columns; c++) free(t->cell[c]);
    free(t->cell);
    free(t->group_start);
    free(t);
    *table = NULL;
}

dg_status dg_text_table_set(dg_text_table *table, size_t row, size_t column, const char *format,
                            ...)
{
    char text[256], shown[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    char *copy = strdup(dg_printable(shown, sizeof shown, text));
    if (copy == NULL) return dg_fail(DG_ERR_MEMORY, "no memory for a table");
    free(table->cell[row * table->columns + column]);
    table->cell[row * table->columns + column] = copy;
    return DG_OK;
}

static const char *cell_at(const dg_text_table *table, size_t row, size_t column)
{
    const char *text = table->cell[row * table->columns + column];
    return text != NULL ? text : "";
}

/** Number of UTF-8 characters. Tables here contain no wide or combining characters. */
static size_t width_of(const char *text)
{
    size_t width = 0;
    for (; *text != '\0'; text++) width += ((unsigned char)*text & 0xc0) != 0x80;
    return width;
}

/** A header that spans columns does not count for the width of its own column. */
static size_t column_width(const dg_text_table *table, size_t column)
{
    size_t widest = 0;
    for (size_t r = table->header_rows > 1 ? 1 : 0; r < table->rows; r++) {
        const size_t width = width_of(cell_at(table, r, column));
        widest = width > widest ? width : widest;
    }
    return widest;
}

static size_t gap_before(const dg_text_table *table, size_t column)
{
    return column == 0 ? 0 : table->header_rows > 1 && !table->group_start[column] ? 1 : 2;
}

static void pad(FILE *file, size_t count)
{
    for (size_t c = 0; c < count; c++) fputc(' ', file);
}

/** Print one row. Blanks are printed before a text, so that no line ends with blanks. */
static void print_row(const dg_text_table *table, size_t row, FILE *file)
{
    const bool spanning = table->header_rows > 1 && row == 0;
    size_t at = 0, start = 0; /* characters printed; where the column starts */
    for (size_t c = 0; c < table->columns; c++) {
        const char *text = cell_at(table, row, c);
        const size_t room = column_width(table, c), width = width_of(text);
        start += gap_before(table, c);
        if (width > 0) {
            const bool left = spanning || c < table->labels;
            const size_t from = left ? start : start + room - width;
            pad(file, from > at ? from - at : at > 0);
            fputs(text, file);
            at = (from > at ? from : at + (at > 0)) + width;
        }
        start += room;
    }
    fputc('\n', file);
}

static void print_rule(const dg_text_table *table, FILE *file)
{
    size_t width = 0;
    for (size_t c = 0; c < table->columns; c++) {
        width += gap_before(table, c) + column_width(table, c);
    }
    for (size_t c = 0; c < width; c++) fputs("─", file);
    fputc('\n', file);
}

void dg_text_table_print(const dg_text_table *table, FILE *file)
{
    for (size_t r = 0; r < table->rows; r++) {
        if (r == table->header_rows) print_rule(table, file);
        print_row(table, r, file);
    }
}
