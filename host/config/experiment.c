/** dg_experiment_*: from a file to a list of checked runs (digico.h). */
#include "host/config/settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BYTES_MAX ((size_t)32 << 20) /* beyond what the parser takes (yaml.c) */

/* ---- checks before expansion ----------------------------------------------------------------- */

static dg_status check_applies(const dg_layers *layers, const dg_settings *settings, size_t values)
{
    static const char *const name[] = {DG_MODEL_LIST(DG_CHOICE_WORD)};
    for (size_t i = 0; i < settings->count && i < values; i++) {
        const dg_setting *s = &settings->item[i];
        char key[DG_KEY_LENGTH];
        if (!dg_field_applies(s->field, layers->roster.model))
            return dg_node_refuse(
                s->at, dg_field_key(&layers->roster, s->field, s->group, key, sizeof key),
                "expected a key that applies to model %s", name[layers->roster.model]);
    }
    return DG_OK;
}

static dg_status check_model(const dg_layers *layers)
{
    DG_TRY(check_applies(layers, &layers->base, SIZE_MAX));
    DG_TRY(check_applies(layers, &layers->over, SIZE_MAX));
    for (size_t b = 0; b < layers->sweep.blocks; b++) {
        const dg_sweep_block *block = &layers->sweep.block[b];
        for (size_t c = 0; c < block->columns; c++)
            DG_TRY(check_applies(layers, &block->column[c], 1));
        for (size_t p = 0; block->condition && p < block->points; p++)
            DG_TRY(check_applies(layers, &block->condition[p], SIZE_MAX));
    }
    return DG_OK;
}

/* groups of a file's own must state their kind; without a root there are none */
static dg_status check_kinds(const dg_layers *layers, const dg_node *root)
{
    if (!root) return DG_OK;
    for (int32_t g = 0; g < layers->roster.group_count; g++)
        if (layers->roster.group[g].kind < 0) {
            char key[DG_KEY_LENGTH];
            snprintf(key, sizeof key, "groups.%s", layers->roster.group[g].name);
            const dg_node *at = root->first;
            while (at->next && strncmp(at->key, "groups", 6) != 0) at = at->next;
            return dg_node_refuse(at, key,
                                  "expected a kind, ai or human, since the groups are not "
                                  "the default ones");
        }
    return DG_OK;
}

/* ---- reading --------------------------------------------------------------------------------- */

static dg_status read_layers(dg_layers *layers, const dg_experiment *experiment, const char *text,
                             size_t length, const char *const *overrides, size_t count)
{
    dg_node *root = NULL;
    DG_TRY(dg_tree_parse(&root, &layers->pool, experiment->name, 0, text, length));
    if (root && dg_node_is_null(root)) root = NULL;
    if (root && root->kind != DG_NODE_MAP)
        return dg_node_refuse(root, "YAML", "expected a mapping of keys");
    DG_TRY(dg_roster_read(&layers->roster, root));
    if (root)
        DG_TRY(
            dg_settings_read(&layers->base, &layers->pool, &layers->roster, root, "YAML", "sweep"));
    dg_roster_apply(&layers->roster, &layers->base);
    DG_TRY(dg_sweep_read(&layers->sweep, &layers->pool, &layers->roster,
                         dg_node_member(root, "sweep")));
    for (size_t i = 0; i < count; i++) DG_TRY(dg_override_apply(layers, overrides[i], (int)i + 1));
    dg_roster_apply(&layers->roster, &layers->over);
    DG_TRY(check_kinds(layers, root));
    return check_model(layers);
}

/* the bytes as read, then the overrides as comments: what a result keeps of its origin */
static char *text_keep(const char *text, size_t length, const char *const *overrides, size_t count)
{
    size_t size = length + 2;
    for (size_t i = 0; i < count; i++) size += strlen(overrides[i]) + sizeof "# --set \n";
    char *copy = calloc(1, size);
    if (!copy) return NULL;
    if (length) memcpy(copy, text, length);
    char *end = copy + length;
    if (count > 0 && length > 0 && end[-1] != '\n') *end++ = '\n';
    for (size_t i = 0; i < count; i++) {
        char *start = end;
        end += sprintf(end, "# --set %s", overrides[i]);
        for (char *c = start; c < end; c++)
            if (*c == '\n' || *c == '\r') *c = ' ';
        *end++ = '\n';
    }
    return copy;
}

static bool overrides_keep(dg_experiment *experiment, const char *const *overrides, size_t count)
{
    experiment->set = calloc(count + 1, sizeof *experiment->set);
    if (!experiment->set) return false;
    for (size_t i = 0; i < count; i++) {
        experiment->set[i] = strdup(overrides[i]);
        if (!experiment->set[i]) return false;
        experiment->sets++;
    }
    return true;
}

dg_status dg_experiment_parse(dg_experiment **out, const char *name, const char *text,
                              size_t length, const char *const *overrides, size_t count)
{
    dg_status status = DG_ERR_MEMORY;
    if (!out || !name || (!text && length > 0) || (!overrides && count > 0))
        return dg_fail(DG_ERR_ARGUMENT, "dg_experiment_parse: expected out, name and text");
    dg_experiment *experiment = calloc(1, sizeof *experiment);
    dg_layers *layers = calloc(1, sizeof *layers);
    if (experiment) experiment->name = strdup(name);
    if (experiment) experiment->text = text_keep(text, length, overrides, count);
    if (experiment) experiment->source = length;
    if (!layers || !experiment || !experiment->name || !experiment->text ||
        !overrides_keep(experiment, overrides, count)) {
        status = dg_fail(DG_ERR_MEMORY, "out of memory");
        goto done;
    }
    DG_TRY_GOTO(read_layers(layers, experiment, text ? text : "", length, overrides, count), done);
    DG_TRY_GOTO(dg_layers_expand(experiment, layers), done);
    DG_TRY_GOTO(dg_axes_list(experiment, layers), done);
    *out = experiment;
    experiment = NULL;
done:
    if (layers) dg_pool_free(&layers->pool);
    free(layers);
    dg_experiment_free(&experiment);
    return status;
}

/* the bytes of an open file in memory the caller frees; NULL with *status on failure */
static char *stream_read(FILE *file, const char *path, size_t *length, dg_status *status)
{
    size_t size = 0, capacity = 4096;
    char *text = malloc(capacity);
    while (text && (size += fread(text + size, 1, capacity - size, file)) == capacity) {
        if (capacity >= BYTES_MAX) break; /* enough for the parser to refuse it */
        char *grown = realloc(text, 2 * capacity);
        if (!grown) free(text);
        text = grown;
        capacity *= 2;
    }
    if (!text)
        *status = dg_fail(DG_ERR_MEMORY, "%s: no memory to read it", path);
    else if (ferror(file))
        *status = dg_fail_errno(path, "cannot be read");
    else
        *status = DG_OK;
    if (*status != DG_OK) free(text);
    *length = size;
    return *status == DG_OK ? text : NULL;
}

dg_status dg_experiment_load(dg_experiment **out, const char *path, const char *const *overrides,
                             size_t count)
{
    size_t length;
    dg_status status;
    if (!path) return dg_fail(DG_ERR_ARGUMENT, "dg_experiment_load: expected a path");
    FILE *file = fopen(path, "rb");
    if (!file) return dg_fail_errno(path, "cannot be read");
    char *text = stream_read(file, path, &length, &status);
    fclose(file);
    DG_TRY(status);
    status = dg_experiment_parse(out, path, text, length, overrides, count);
    free(text);
    return status;
}

/* ---- the rest of a life ---------------------------------------------------------------------- */

void dg_experiment_free(dg_experiment **experiment)
{
    if (!experiment || !*experiment) return;
    dg_experiment *e = *experiment;
    for (size_t a = 0; a < e->axes; a++) free(e->axis[a].key);
    for (size_t i = 0; i < e->sets; i++) free(e->set[i]);
    free(e->axis);
    free(e->set);
    free(e->condition);
    free(e->run);
    free(e->text);
    free(e->name);
    free(e);
    *experiment = NULL;
}

size_t dg_experiment_runs(const dg_experiment *experiment)
{
    return experiment->runs;
}

dg_status dg_experiment_print(char **out, const dg_experiment *experiment, size_t run)
{
    if (run >= experiment->runs)
        return dg_fail(DG_ERR_ARGUMENT, "expected a run in 0 ... %zu, not %zu",
                       experiment->runs - 1, run);
    const dg_config config = dg_run_config(experiment, run);
    return dg_config_text(out, &config, dg_config_write);
}
