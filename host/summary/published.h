/** Numbers of the paper's tables, read from configs/paper/published.csv, for comparison with a result. */
#ifndef DG_PUBLISHED_H
#define DG_PUBLISHED_H

#include "host/base/error.h"

#include <stddef.h>

/** One published number. Texts are owned by the dg_published. */
typedef struct dg_published_row {
    const char *source;    /* "table3" */
    const char *ai_type;   /* "none", or "mean over types" */
    const char *update;    /* "fixed", or "mean over updates" */
    const char *parameter; /* "" unless the number is of one value of a further key */
    const char *metric;    /* "ai_views" */
    long agents;
    long seeds; /* 0: not said */
    double mean;
    double spread; /* nan: not said */
} dg_published_row;

typedef struct dg_published {
    char *text; /* the file, cut into fields */
    dg_published_row *row;
    size_t rows;
} dg_published;

/** Read a file. DG_ERR_IO if it cannot be read, DG_ERR_CONFIG naming the line that is malformed. */
DG_MUST_CHECK dg_status dg_published_read(dg_published **out, const char *path);

/** Free and set *published to NULL; accepts NULL inside. */
void dg_published_free(dg_published **published);

/** The row of a table for these agents, type, update and metric; NULL if the paper has none. */
const dg_published_row *dg_published_find(const dg_published *published, long agents,
                                          const char *ai_type, const char *update,
                                          const char *metric);

#endif
