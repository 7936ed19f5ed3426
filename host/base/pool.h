/**
 * A memory pool: one call frees all its blocks. The loader of configurations uses one per file, so
 * that none of its error paths can leak.
 */
#ifndef DG_POOL_H
#define DG_POOL_H

#include <stddef.h>

/** Zero-initialise. */
typedef struct dg_pool {
    struct dg_pool_block *last; /* newest block; each points to the one before */
} dg_pool;

/** Zeroed memory for `count` elements of `size` bytes; NULL if out of memory or on overflow. */
void *dg_pool_alloc(dg_pool *pool, size_t count, size_t size);

/** Copy of `length` bytes with a NUL after it; NULL if out of memory. */
char *dg_pool_text(dg_pool *pool, const char *text, size_t length);

/** Free all blocks and leave an empty pool. */
void dg_pool_free(dg_pool *pool);

#endif
