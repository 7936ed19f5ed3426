/** Memory pool: a linked list of calloc() blocks, so that sanitizers check the bounds of each. */
#include "host/base/pool.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct dg_pool_block {
    struct dg_pool_block *before;
    alignas(max_align_t) char data[];
};

void *dg_pool_alloc(dg_pool *pool, size_t count, size_t size)
{
    if (size != 0 && count > (SIZE_MAX - sizeof(struct dg_pool_block)) / size) return NULL;
    struct dg_pool_block *block = calloc(1, sizeof *block + count * size);
    if (!block) return NULL;
    block->before = pool->last;
    pool->last = block;
    return block->data;
}

char *dg_pool_text(dg_pool *pool, const char *text, size_t length)
{
    char *copy = dg_pool_alloc(pool, length + 1, 1);
    if (copy) memcpy(copy, text, length);
    return copy;
}

void dg_pool_free(dg_pool *pool)
{
    while (pool->last) {
        struct dg_pool_block *before = pool->last->before;
        free(pool->last);
        pool->last = before;
    }
}
