/** A table of text with aligned columns, for a reader at a terminal; cells are UTF-8. */
#ifndef DG_TEXT_TABLE_H
#define DG_TEXT_TABLE_H

#include "host/base/error.h"

#include <stdbool.h>
#include <stdio.h>

/** Columns 0 ... labels-1 are aligned left, the others right. */
typedef struct dg_text_table {
    size_t rows, columns, labels;
    size_t heads;  /* rows above the rule */
    char **cell;   /* [rows][columns] owned; NULL: empty */
    bool *opening; /* [columns] a wider gap before it: a group of columns begins */
} dg_text_table;

/** Make an empty table. The caller frees it. */
DG_MUST_CHECK dg_status dg_text_table_make(dg_text_table **out, size_t rows, size_t columns);

/** Free and set *table to NULL; accepts NULL inside. */
void dg_text_table_free(dg_text_table **table);

/** Set a cell as by printf. */
DG_MUST_CHECK dg_status dg_text_table_set(dg_text_table *table, size_t row, size_t column,
                                          const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/** Print it. With two heads, a cell of the first spans the empty ones right of it. */
void dg_text_table_print(const dg_text_table *table, FILE *file);

#endif
