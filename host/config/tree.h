/**
 * YAML text as a tree of scalars, lists and mappings, each with the place it stands.
 *
 * Knows YAML and nothing of digico's keys. Everything lives in the caller's pool.
 */
#ifndef DG_CONFIG_TREE_H
#define DG_CONFIG_TREE_H

#include "host/base/error.h"
#include "host/base/pool.h"

#include <stdbool.h>

typedef enum dg_node_kind { DG_NODE_SCALAR, DG_NODE_LIST, DG_NODE_MAP } dg_node_kind;

typedef struct dg_node {
    dg_node_kind kind;
    bool plain;       /* scalar without quotes: may be a number, a boolean or null */
    const char *file; /* borrowed from the caller */
    int line;         /* 1-based */
    const char *key;  /* as a member of a mapping, else NULL */
    const char *text; /* of a scalar, without NUL inside; else NULL */
    size_t count;     /* items of a list, members of a mapping */
    struct dg_node *first, *next;
} dg_node;

/**
 * Read one YAML document.
 *
 * @param root  receives the tree; NULL for an empty text
 * @param file  its name in messages, kept by reference
 * @param line  0, or the line that every message shall name (an override's position)
 * @return DG_OK, DG_ERR_CONFIG or DG_ERR_MEMORY
 */
DG_MUST_CHECK dg_status dg_tree_parse(dg_node **root, dg_pool *pool, const char *file, int line,
                                      const char *text, size_t length);

/** As dg_tree_parse(), for JSON that this program wrote: it grows with the sweep, up to 1 GiB. */
DG_MUST_CHECK dg_status dg_tree_parse_own(dg_node **root, dg_pool *pool, const char *file,
                                          const char *text, size_t length);

/** Does YAML read this text, without quotes, as null? */
bool dg_text_is_null(const char *text);

/** `null`, `Null`, `NULL`, `~` or nothing at all. */
bool dg_node_is_null(const dg_node *node);

/** Member of a mapping; NULL: it has none of that key, or is no mapping, or is NULL. */
const dg_node *dg_node_member(const dg_node *map, const char *key);

/** Text of a scalar member, `fallback` where there is none. */
const char *dg_node_text(const dg_node *map, const char *key, const char *fallback);

/** A node in one short printable line for a message; returns `text`. */
const char *dg_node_describe(const dg_node *node, char *text, size_t size);

/** Refuse: "file:line: key: value, <format>". */
DG_MUST_CHECK dg_status dg_node_refuse(const dg_node *node, const char *key, const char *format,
                                       ...) __attribute__((format(printf, 3, 4)));

#endif
