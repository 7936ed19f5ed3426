/** Keys as files write them: nested or dotted, and what was meant where none is known. */
#include "host/config/settings.h"

#include <string.h>

#define PATH_SIZE 128

/* ---- the nearest known key ------------------------------------------------------------------- */

/* Levenshtein distance of two texts shorter than PATH_SIZE, by rows */
static size_t edit_distance(const char *a, const char *b)
{
    size_t row[PATH_SIZE];
    const size_t length = strlen(b);
    for (size_t j = 0; j <= length; j++) row[j] = j;
    for (size_t i = 0; a[i]; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < length; j++) {
            const size_t change = diagonal + (a[i] != b[j]);
            const size_t insert = row[j] + 1, delete = row[j + 1] + 1;
            diagonal = row[j + 1];
            row[j + 1] = change;
            if (insert < row[j + 1]) row[j + 1] = insert;
            if (delete < row[j + 1]) row[j + 1] = delete;
        }
    }
    return row[length];
}

static const char *last_part(const char *key)
{
    const char *dot = strrchr(key, '.');
    return dot ? dot + 1 : key;
}

static bool begins_with(const char *text, const char *path)
{
    const size_t length = strlen(path);
    return strncmp(text, path, length) == 0 && text[length] == '.';
}

typedef struct nearest {
    const char *wanted;
    const char *within; /* a section: keys of others are not meant; NULL: any */
    char key[DG_KEY_LENGTH];
    size_t distance;
} nearest;

/* a key that ends in the same word is as near as one slip of the finger */
static void consider(nearest *n, const char *key)
{
    if (n->within && !begins_with(key, n->within)) return;
    size_t distance = edit_distance(n->wanted, key);
    if (distance > 1 && strcmp(last_part(n->wanted), last_part(key)) == 0) distance = 1;
    if (distance >= n->distance) return;
    n->distance = distance;
    snprintf(n->key, sizeof n->key, "%s", key);
}

typedef void (*key_call)(void *user, const char *key);

/* call for every key of the model, those of groups with their names */
static void each_key(const dg_config *roster, key_call call, void *user)
{
    char known[DG_KEY_LENGTH];
    for (const dg_field *f = dg_run_fields; f->key; f++)
        if (dg_field_applies(f, roster->model)) call(user, f->key);
    for (int32_t g = 0; g < roster->group_count; g++)
        for (const dg_field *f = dg_group_fields; f->key; f++)
            if (dg_field_applies(f, roster->model))
                call(user, dg_field_key(roster, f, g, known, sizeof known));
}

/* the keys of one section, "update, random_sigma, ..." */
typedef struct listing {
    const char *section;
    char text[320];
    size_t used;
} listing;

static void list_key(void *user, const char *key)
{
    listing *l = user;
    const size_t room = sizeof l->text - l->used;
    if (!begins_with(key, l->section)) return;
    const int more = snprintf(l->text + l->used, room, "%s%s", l->used ? ", " : "",
                              key + strlen(l->section) + 1);
    l->used = more > 0 && (size_t)more < room ? l->used + (size_t)more : sizeof l->text - 1;
}

/* the section that a key stands in, if there is one of that name with keys: "contagion" */
static bool find_section(const dg_config *roster, const char *key, char *section, listing *l)
{
    const char *dot = strrchr(key, '.');
    if (!dot) return false;
    snprintf(section, DG_KEY_LENGTH, "%.*s", (int)(dot - key), key);
    *l = (listing){.section = section};
    each_key(roster, list_key, l);
    return l->used > 0;
}

static void consider_key(void *user, const char *key)
{
    consider(user, key);
}

/* a key of the same section is the one that was meant; another section's would be wrong there */
dg_status dg_key_refuse(const dg_config *roster, const dg_node *node, const char *key)
{
    nearest n = {.wanted = key};
    char section[DG_KEY_LENGTH] = "";
    listing l = {.section = ""};
    if (strlen(key) < PATH_SIZE) {
        n.within = find_section(roster, key, section, &l) ? section : NULL;
        n.distance = strlen(n.within ? last_part(key) : key) / 4 + 2;
        each_key(roster, consider_key, &n);
    }
    if (n.key[0]) return dg_node_refuse(node, key, "expected a known key, perhaps %s", n.key);
    if (l.used > 0) return dg_node_refuse(node, key, "expected a key of %s: %s", section, l.text);
    return dg_node_refuse(node, key, "expected a known key (configs/default.yaml has them all)");
}

/* ---- walking a mapping ----------------------------------------------------------------------- */

/* whether keys go on below this path: "contagion", "groups", "groups.ai" */
static bool is_section(const dg_config *roster, const char *path)
{
    if (strcmp(path, "groups") == 0) return true;
    for (const dg_field *f = dg_run_fields; f->key; f++)
        if (begins_with(f->key, path)) return true;
    if (strncmp(path, "groups.", 7) != 0) return false;
    for (int32_t g = 0; g < roster->group_count; g++)
        if (strcmp(roster->group[g].name, path + 7) == 0) return true;
    return false;
}

static dg_status walk_below(const dg_key_walk *walk, const dg_node *map, const char *prefix)
{
    for (const dg_node *member = map->first; member; member = member->next) {
        char path[PATH_SIZE];
        int32_t group;
        if (!*prefix && walk->skip && strcmp(member->key, walk->skip) == 0) continue;
        const int length =
            snprintf(path, sizeof path, "%s%s%s", prefix, *prefix ? "." : "", member->key);
        if (length >= (int)sizeof path) return dg_key_refuse(walk->roster, member, member->key);
        const dg_field *field = dg_field_find(walk->roster, path, &group);
        if (field) {
            DG_TRY(walk->visit(walk->user, field, group, member));
        } else if (!is_section(walk->roster, path)) {
            return dg_key_refuse(walk->roster, member, path);
        } else if (member->kind == DG_NODE_MAP) {
            DG_TRY(walk_below(walk, member, path));
        } else if (!dg_node_is_null(member)) {
            return dg_node_refuse(member, path, "expected a mapping of keys");
        }
    }
    return DG_OK;
}

dg_status dg_keys_walk(const dg_key_walk *walk, const dg_node *map, const char *name)
{
    if (map->kind != DG_NODE_MAP) return dg_node_refuse(map, name, "expected a mapping of keys");
    return walk_below(walk, map, "");
}
