/** Tables of text with aligned columns, for a terminal; cells are UTF-8. */
#ifndef DG_TEXT_TABLE_H
#define DG_TEXT_TABLE_H

#include "host/base/error.h"

#include <stdbool.h>
#include <stdio.h>

/** Columns 0 ... labels-1 are aligned left, the others right. */
typedef struct dg_text_table {
    size_t rows, columns, labels;
    size_t header_rows; /* rows above the horizontal line, 1 or 2 */
    char **cell;        /* [rows][columns] owned; NULL: empty */
    bool *group_start;  /* [columns] a group of columns begins: a wider gap before it */
} dg_text_table;

/** Make an empty table with one header row and no labels; the caller frees it. */
DG_MUST_CHECK dg_status dg_text_table_make(dg_text_table **out, size_t rows, size_t columns);

/** Free and set *table to NULL; accepts NULL inside. */
void dg_text_table_free(dg_text_table **table);

/** Set the text of a cell, formatted as by printf, cut at 255 bytes and printable (utf8.h). */
DG_MUST_CHECK dg_status dg_text_table_set(dg_text_table *table, size_t row, size_t column,
                                          const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/** Print the table. With two header rows, a cell of the first spans the empty cells after it. */
void dg_text_table_print(const dg_text_table *table, FILE *file);

#endif
