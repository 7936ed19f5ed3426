/**
 * libyaml's events into a tree of nodes (tree.h).
 *
 * A configuration is one document of plain scalars, lists and mappings: anchors, aliases, tags and
 * repeated keys are refused, since each of them hides what a line says.
 */
#include "host/config/tree.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

/* bounds that no honest file comes near, so that a hostile one is refused early */
#define DEPTH_MAX   16
#define MEMBERS_MAX 1024
#define MIB_MAX     16
#define MIB_MAX_OWN 1024 /* of what this program wrote: a million batches, each with a paragraph */

typedef struct reader {
    yaml_parser_t yaml;
    dg_pool *pool;
    const char *file;
    int line; /* of every node, or 0: as the text has it */
    const char *text;
    size_t length;
} reader;

static int line_at(const reader *r, size_t zero_based)
{
    return r->line > 0 ? r->line : (int)zero_based + 1;
}

static dg_status refuse(const reader *r, size_t line, const char *value, const char *expected)
{
    return dg_fail(DG_ERR_CONFIG, "%s:%d: YAML: %s, expected %s", r->file, line_at(r, line), value,
                   expected);
}

/* lines before a byte */
static size_t lines_before(const reader *r, size_t offset)
{
    size_t lines = 0;
    for (size_t i = 0; i < offset && i < r->length; i++) lines += r->text[i] == '\n';
    return lines;
}

/* what libyaml says of a text, and what a person should know: what is there, what was expected */
static const struct {
    const char *problem, *value, *expected;
} problems[] = {
    {"found a tab character", "a tab", "spaces to indent"},
    {"found character that cannot start any token", "a character that begins no value",
     "quotes around a text that begins with % @ or `"},
    {"did not find expected key", "a key that begins in no column of the keys above",
     "the same indentation for all keys of a mapping"},
    {"mapping values are not allowed in this context", "a key where a value or nothing may stand",
     "one `key: value` a line, or keys indented below `key:`"},
    {"did not find expected ',' or ']'", "a list that is not closed", "`,` or `]`"},
    {"did not find expected ',' or '}'", "a mapping that is not closed", "`,` or `}`"},
    {"found unexpected end of stream", "a quoted text that is not closed", "a second quote"},
    {"found unexpected document indicator", "a quoted text that is not closed", "a second quote"},
    {"did not find expected '-' indicator", "something between the items of a list",
     "`- ` before each item, in the same column"},
    {"could not find expected ':'", "a key without a value", "`key: value`"},
};

/* the line with a tab is reported as a token that cannot begin: libyaml skips no tabs there */
static bool is_tab(const reader *r)
{
    const size_t at = r->yaml.problem_mark.index;
    return r->yaml.error == YAML_SCANNER_ERROR && at < r->length && r->text[at] == '\t';
}

/* the byte reader marks by offset, all others by line, the end by a line that is not there */
static dg_status refuse_syntax(const reader *r)
{
    if (r->yaml.error == YAML_MEMORY_ERROR) return dg_fail(DG_ERR_MEMORY, "out of memory");
    const size_t last = lines_before(r, r->length > 0 ? r->length - 1 : 0);
    size_t line = r->yaml.problem_mark.line;
    if (r->yaml.error == YAML_READER_ERROR) line = lines_before(r, r->yaml.problem_offset);
    if (line > last) line = last;
    const char *problem = r->yaml.problem ? r->yaml.problem : "not readable";
    if (is_tab(r)) problem = problems[0].problem;
    for (size_t i = 0; i < sizeof problems / sizeof *problems; i++)
        if (strncmp(problem, problems[i].problem, strlen(problems[i].problem)) == 0)
            return refuse(r, line, problems[i].value, problems[i].expected);
    return refuse(r, line, problem, "well-formed YAML in UTF-8");
}

static dg_status event_next(reader *r, yaml_event_t *event)
{
    if (!yaml_parser_parse(&r->yaml, event)) return refuse_syntax(r);
    return DG_OK;
}

/* anchor and tag of an event, whatever its type */
static dg_status check_event(const reader *r, const yaml_event_t *event)
{
    const yaml_char_t *anchor = NULL, *tag = NULL;
    const size_t line = event->start_mark.line;
    if (event->type == YAML_ALIAS_EVENT) return refuse(r, line, "an alias", "values written out");
    if (event->type == YAML_SCALAR_EVENT) {
        anchor = event->data.scalar.anchor;
        tag = event->data.scalar.tag;
        if (memchr(event->data.scalar.value, 0, event->data.scalar.length))
            return refuse(r, line, "text with a NUL inside", "printable text");
    } else if (event->type == YAML_SEQUENCE_START_EVENT) {
        anchor = event->data.sequence_start.anchor;
        tag = event->data.sequence_start.tag;
    } else if (event->type == YAML_MAPPING_START_EVENT) {
        anchor = event->data.mapping_start.anchor;
        tag = event->data.mapping_start.tag;
    }
    if (anchor) return refuse(r, line, "an anchor", "values written out");
    if (tag) return refuse(r, line, "a tag", "values without one");
    return DG_OK;
}

/* NULL when out of memory */
static dg_node *node_make(const reader *r, const yaml_event_t *event)
{
    dg_node *node = dg_pool_alloc(r->pool, 1, sizeof *node);
    if (!node) return NULL;
    node->file = r->file;
    node->line = line_at(r, event->start_mark.line);
    node->kind = DG_NODE_SCALAR;
    if (event->type == YAML_SEQUENCE_START_EVENT) node->kind = DG_NODE_LIST;
    if (event->type == YAML_MAPPING_START_EVENT) node->kind = DG_NODE_MAP;
    if (node->kind != DG_NODE_SCALAR) return node;
    node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    node->text =
        dg_pool_text(r->pool, (const char *)event->data.scalar.value, event->data.scalar.length);
    return node->text ? node : NULL;
}

static dg_status children_read(reader *r, dg_node *parent, int depth);

/* the node that `event` opens, with all below it; takes the event */
static dg_status node_read(reader *r, yaml_event_t *event, int depth, dg_node **out)
{
    const dg_status status = check_event(r, event);
    dg_node *node = status == DG_OK ? node_make(r, event) : NULL;
    yaml_event_delete(event);
    DG_TRY(status);
    if (!node) return dg_fail(DG_ERR_MEMORY, "out of memory");
    *out = node;
    if (node->kind == DG_NODE_SCALAR) return DG_OK;
    if (depth >= DEPTH_MAX)
        return dg_fail(DG_ERR_CONFIG, "%s:%d: YAML: nested too deep, expected at most %d levels",
                       node->file, node->line, DEPTH_MAX);
    return children_read(r, node, depth + 1);
}

static dg_status check_key(const dg_node *parent, const dg_node *key)
{
    if (key->kind != DG_NODE_SCALAR) return dg_node_refuse(key, "YAML", "expected a key");
    if (parent->count >= MEMBERS_MAX)
        return dg_node_refuse(key, "YAML", "expected at most %d keys in a mapping", MEMBERS_MAX);
    return DG_OK;
}

static dg_status check_once(const dg_node *parent, const dg_node *child)
{
    for (const dg_node *member = parent->first; member && child->key; member = member->next)
        if (strcmp(member->key, child->key) == 0)
            return dg_node_refuse(child, child->key, "expected each key once, it stands in line %d",
                                  member->line);
    return DG_OK;
}

static dg_status children_read(reader *r, dg_node *parent, int depth)
{
    dg_node **tail = &parent->first;
    for (;;) {
        yaml_event_t event;
        dg_node *key = NULL;
        DG_TRY(event_next(r, &event));
        if (event.type == YAML_SEQUENCE_END_EVENT || event.type == YAML_MAPPING_END_EVENT) {
            yaml_event_delete(&event);
            return DG_OK;
        }
        if (parent->kind == DG_NODE_MAP) {
            DG_TRY(node_read(r, &event, depth, &key));
            DG_TRY(check_key(parent, key));
            DG_TRY(event_next(r, &event));
        }
        dg_node *child = NULL;
        DG_TRY(node_read(r, &event, depth, &child));
        child->key = key ? key->text : NULL;
        if (dg_node_is_null(child) && key) child->line = key->line;
        DG_TRY(check_once(parent, child));
        *tail = child;
        tail = &child->next;
        parent->count++;
    }
}

/* the whole stream: nothing, or one document */
static dg_status stream_read(reader *r, dg_node **root)
{
    for (;;) {
        yaml_event_t event;
        DG_TRY(event_next(r, &event));
        const yaml_event_type_t type = event.type;
        const size_t line = event.start_mark.line;
        const bool again = type == YAML_DOCUMENT_START_EVENT && *root;
        if (type == YAML_SCALAR_EVENT || type == YAML_SEQUENCE_START_EVENT ||
            type == YAML_MAPPING_START_EVENT || type == YAML_ALIAS_EVENT) {
            DG_TRY(node_read(r, &event, 0, root));
            continue;
        }
        yaml_event_delete(&event);
        if (again) return refuse(r, line, "a second document", "one");
        if (type == YAML_STREAM_END_EVENT) return DG_OK;
    }
}

static dg_status parse(reader r, dg_node **root, size_t mib_max)
{
    dg_node *tree = NULL;
    char expected[32];
    snprintf(expected, sizeof expected, "at most %zu MiB", mib_max);
    if (r.length > mib_max << 20) return refuse(&r, 0, "a text too long", expected);
    if (!yaml_parser_initialize(&r.yaml)) return dg_fail(DG_ERR_MEMORY, "out of memory");
    yaml_parser_set_encoding(&r.yaml, YAML_UTF8_ENCODING);
    /* an encoding that is set, unlike one that libyaml finds, does not skip a byte order mark */
    const size_t mark = r.length >= 3 && memcmp(r.text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    yaml_parser_set_input_string(&r.yaml, (const unsigned char *)r.text + mark, r.length - mark);
    const dg_status status = stream_read(&r, &tree);
    yaml_parser_delete(&r.yaml);
    DG_TRY(status);
    *root = tree;
    return DG_OK;
}

dg_status dg_tree_parse(dg_node **root, dg_pool *pool, const char *file, int line, const char *text,
                        size_t length)
{
    const reader r = {.pool = pool, .file = file, .line = line, .text = text, .length = length};
    return parse(r, root, MIB_MAX);
}

dg_status dg_tree_parse_own(dg_node **root, dg_pool *pool, const char *file, const char *text,
                            size_t length)
{
    const reader r = {.pool = pool, .file = file, .text = text, .length = length};
    return parse(r, root, MIB_MAX_OWN);
}
