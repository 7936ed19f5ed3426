/** Values from the tables of the paper (configs/paper/published.csv), to compare a result with. */
#ifndef DG_PUBLISHED_H
#define DG_PUBLISHED_H

#include "host/base/error.h"

#include <stddef.h>

/** One published value. The texts belong to the dg_published. */
typedef struct dg_published_row {
    const char *source;    /* "table3" */
    const char *ai_type;   /* "none", or "mean over types" */
    const char *update;    /* "fixed", or "mean over updates" */
    const char *parameter; /* further key that the value depends on, or "" */
    const char *metric;    /* "ai_views" */
    long agents;
    long seeds; /* 0: not stated */
    double mean;
    double spread; /* NaN: not stated */
} dg_published_row;

typedef struct dg_published {
    char *text; /* contents of the file, split into fields */
    dg_published_row *row;
    size_t rows;
} dg_published;

/**
 * Read a file; the caller frees *out with dg_published_free().
 *
 * @return DG_OK, DG_ERR_IO (cannot be read), DG_ERR_MEMORY, or DG_ERR_CONFIG (malformed; the
 *         message names the line)
 */
DG_MUST_CHECK dg_status dg_published_read(dg_published **out, const char *path);

/** Free and set *published to NULL; accepts NULL inside. */
void dg_published_free(dg_published **published);

/** The value for these agents, AI type, update and metric; NULL if the paper has none. */
const dg_published_row *dg_published_find(const dg_published *published, long agents,
                                          const char *ai_type, const char *update,
                                          const char *metric);

#endif
