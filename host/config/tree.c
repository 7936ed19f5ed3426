/** What the rest of the loader asks of a node: is it null, how does it read in a message. */
#include "host/config/tree.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool dg_text_is_null(const char *text)
{
    static const char *const words[] = {"", "~", "null", "Null", "NULL"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(text, words[i]) == 0) return true;
    return false;
}

bool dg_node_is_null(const dg_node *node)
{
    return node->kind == DG_NODE_SCALAR && node->plain && dg_text_is_null(node->text);
}

const dg_node *dg_node_member(const dg_node *map, const char *key)
{
    for (const dg_node *m = map && map->kind == DG_NODE_MAP ? map->first : NULL; m; m = m->next)
        if (strcmp(m->key, key) == 0) return m;
    return NULL;
}

const char *dg_node_text(const dg_node *map, const char *key, const char *fallback)
{
    const dg_node *m = dg_node_member(map, key);
    return m && m->kind == DG_NODE_SCALAR ? m->text : fallback;
}

/* at most 48 bytes of the text, cut between characters, control characters as `?` */
static void shorten(char *out, size_t size, const char *text, bool plain)
{
    size_t length = strlen(text);
    const bool cut = length > 48;
    if (cut) length = 48;
    while (cut && length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80) length--;
    const char *quote = plain ? "" : "\"";
    snprintf(out, size, "%s%.*s%s%s", quote, (int)length, text, cut ? "..." : "", quote);
    for (char *c = out; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f) *c = '?';
}

const char *dg_node_describe(const dg_node *node, char *text, size_t size)
{
    const char *empty = node->count == 0 ? "an empty" : "a";
    if (node->kind == DG_NODE_LIST) snprintf(text, size, "%s list", empty);
    if (node->kind == DG_NODE_MAP) snprintf(text, size, "%s mapping", empty);
    if (node->kind == DG_NODE_SCALAR && dg_node_is_null(node))
        snprintf(text, size, "null");
    else if (node->kind == DG_NODE_SCALAR)
        shorten(text, size, node->text, node->plain);
    return text;
}

dg_status dg_node_refuse(const dg_node *node, const char *key, const char *format, ...)
{
    char value[80], shown[80], expected[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(expected, sizeof expected, format, arguments);
    va_end(arguments);
    shorten(shown, sizeof shown, key, true);
    return dg_fail(DG_ERR_CONFIG, "%s:%d: %s: %s, %s", node->file, node->line, shown,
                   dg_node_describe(node, value, sizeof value), expected);
}
