/**
 * The groups of an experiment: the default three, or those that the file names.
 *
 * A file that names default groups alone changes keys of these; one that names any other group
 * states the whole list, in its own order.
 */
#include "host/config/settings.h"

#include <string.h>

typedef struct names {
    char name[DG_MAX_GROUPS][DG_NAME_LENGTH];
    const dg_node *at[DG_MAX_GROUPS];
    int32_t count;
} names;

/* [a-z][a-z0-9_]* of less than DG_NAME_LENGTH bytes */
static bool is_name(const char *text, size_t length)
{
    if (length == 0 || length >= DG_NAME_LENGTH || text[0] < 'a' || text[0] > 'z') return false;
    return strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_") >= length;
}

static dg_status names_add(names *n, const dg_node *node, const char *text)
{
    const size_t length = strcspn(text, ".");
    if (!is_name(text, length))
        return dg_node_refuse(node, "groups",
                              "expected names of a-z, 0-9 and _ below %d bytes, not "
                              "\"%.40s\"",
                              DG_NAME_LENGTH, text);
    for (int32_t g = 0; g < n->count; g++)
        if (strlen(n->name[g]) == length && strncmp(n->name[g], text, length) == 0) return DG_OK;
    if (n->count == DG_MAX_GROUPS)
        return dg_node_refuse(node, "groups", "expected at most %d groups", DG_MAX_GROUPS);
    memcpy(n->name[n->count], text, length);
    n->at[n->count++] = node;
    return DG_OK;
}

/* names in "groups: {ai: ...}" and in "groups.ai.size: ..." */
static dg_status names_collect(names *n, const dg_node *root)
{
    for (const dg_node *member = root->first; member; member = member->next) {
        if (strncmp(member->key, "groups.", 7) == 0) {
            DG_TRY(names_add(n, member, member->key + 7));
        } else if (strcmp(member->key, "groups") == 0 && member->kind == DG_NODE_MAP) {
            for (const dg_node *group = member->first; group; group = group->next)
                DG_TRY(names_add(n, group, group->key));
        }
    }
    return DG_OK;
}

static bool is_default(const dg_config *roster, const char *name)
{
    for (int32_t g = 0; g < roster->group_count; g++)
        if (strcmp(roster->group[g].name, name) == 0) return true;
    return false;
}

/* ahead of the other keys: which of them there are depends on it; a wrong one is refused later */
static void read_model(dg_config *roster, const dg_node *root)
{
    int32_t group;
    dg_value value;
    const dg_node *node = dg_node_member(root, "model");
    const dg_field *field = dg_field_find(roster, "model", &group);
    if (node && dg_value_read(&value, field, node)) dg_value_store(&value, field, roster, group);
}

dg_status dg_roster_read(dg_config *roster, const dg_node *root)
{
    names n = {.count = 0};
    dg_config_default(roster);
    if (!root || root->kind != DG_NODE_MAP) return DG_OK;
    read_model(roster, root);
    DG_TRY(names_collect(&n, root));
    bool own = false;
    for (int32_t g = 0; g < n.count; g++) own = own || !is_default(roster, n.name[g]);
    if (!own) return DG_OK;
    memset(roster->group, 0, sizeof roster->group);
    roster->group_count = n.count;
    for (int32_t g = 0; g < n.count; g++) {
        memcpy(roster->group[g].name, n.name[g], DG_NAME_LENGTH);
        roster->group[g].kind = -1; /* to be stated: check_kinds() */
    }
    return DG_OK;
}

void dg_roster_apply(dg_config *roster, const dg_settings *settings)
{
    for (size_t i = 0; i < settings->count; i++) {
        const dg_setting *s = &settings->item[i];
        if (strcmp(s->field->key, "kind") == 0 || strcmp(s->field->key, "model") == 0)
            dg_value_store(&s->value, s->field, roster, s->group);
    }
}
