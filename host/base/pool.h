/**
 * Memory that goes all at once: everything read from one configuration is freed in one call, so no
 * exit path of the loader can forget a piece.
 */
#ifndef DG_POOL_H
#define DG_POOL_H

#include <stddef.h>

typedef struct dg_pool {
    struct dg_pool_block *last; /* newest block; each names the one before */
} dg_pool;

/** Zeroed memory for count elements; NULL when there is none or the product overflows. */
void *dg_pool_alloc(dg_pool *pool, size_t count, size_t size);

/** Copy of `length` bytes with a terminator; NULL when out of memory. */
char *dg_pool_text(dg_pool *pool, const char *text, size_t length);

/** Free everything and leave an empty pool. */
void dg_pool_free(dg_pool *pool);

#endif
