/** Provenance of a batch; see provenance.h. */
#include "host/archive/provenance.h"

#include "host/base/build_info.h"
#include "host/base/files.h"
#include "host/base/json.h"
#include "host/config/value.h"
#include "host/archive/run_archive.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

const char *dg_now(char *text, size_t size)
{
    const time_t now = time(NULL);
    struct tm utc;
    gmtime_r(&now, &utc);
    strftime(text, size, "%Y-%m-%dT%H:%M:%SZ", &utc);
    return text;
}

static void put_program(dg_json *json)
{
    dg_json_text(json, "digico_version", dg_version());
    dg_json_text(json, "git_commit", dg_build_git_commit());
    dg_json_text(json, "compiler", dg_build_compiler());
    dg_json_text(json, "build_flags", dg_build_flags());
}

static void put_machine(dg_json *json)
{
    char text[256] = "";
    if (gethostname(text, sizeof text - 1) == 0) dg_json_text(json, "host", text);
    dg_json_text(json, "system", dg_host_system(text, sizeof text));
    dg_json_text(json, "cpu", dg_host_cpu(text, sizeof text));
}

static void put_how(dg_json *json, const dg_provenance *how)
{
    char now[32];
    dg_json_text(json, "backend", how->backend);
    dg_json_text(json, "device", how->device);
    dg_json_text(json, "vector", how->vector);
    dg_json_integer(json, "threads", how->threads);
    dg_json_text(json, "started", how->started);
    dg_json_text(json, "finished", dg_now(now, sizeof now));
}

dg_status dg_provenance_add(dg_archive_writer *writer, const dg_provenance *how)
{
    char *text = NULL;
    size_t size = 0;
    dg_json json;
    FILE *file = open_memstream(&text, &size);
    if (!file) return dg_fail(DG_ERR_MEMORY, "no memory for a provenance");
    dg_json_open(&json, file, NULL);
    put_program(&json);
    put_machine(&json);
    put_how(&json, how);
    dg_json_close(&json);
    dg_status status =
        fclose(file) == 0 && text
            ? dg_archive_add(writer, DG_PART_PROVENANCE, 0, text, (int64_t)size, false)
            : dg_fail(DG_ERR_MEMORY, "no memory for a provenance");
    free(text);
    return status;
}

/* ---- reading --------------------------------------------------------------------------------- */

/* ours has about 1,000 bytes */
#define PROVENANCE_MOST ((int64_t)1 << 20)

static bool is_object_of_scalars(const dg_node *root)
{
    if (!root || root->kind != DG_NODE_MAP) return false;
    for (const dg_node *m = root->first; m; m = m->next)
        if (m->kind != DG_NODE_SCALAR) return false;
    return true;
}

dg_status dg_provenance_read(dg_node **root, dg_pool *pool, const dg_archive *archive)
{
    const dg_archive_section *section = dg_archive_find(archive, DG_PART_PROVENANCE, 0);
    void *text = NULL;
    dg_node *read = NULL;
    if (!section) return dg_fail(DG_ERR_IO, "%s: damaged: no provenance", archive->path);
    DG_TRY(dg_archive_load_small(archive, section, PROVENANCE_MOST, &text));
    const dg_status status =
        dg_tree_parse(&read, pool, archive->path, 0, text, (size_t)section->bytes);
    free(text);
    if (status == DG_ERR_MEMORY) return status;
    if (status != DG_OK || !is_object_of_scalars(read))
        return dg_fail(DG_ERR_IO,
                       "%s: damaged: its provenance is not a JSON object of texts and "
                       "numbers",
                       archive->path);
    *root = read;
    return DG_OK;
}

dg_status dg_provenance_check(const dg_archive *archive)
{
    dg_pool pool = {0};
    dg_node *root = NULL;
    const dg_status status = dg_provenance_read(&root, &pool, archive);
    dg_pool_free(&pool);
    return status;
}

char *dg_provenance_unknown(const dg_archive *archive)
{
    return dg_text("%s: it has no provenance that can be read: the build that computed its runs is "
                   "not known; they are kept",
                   archive->path);
}

/* written anew: what is stored may be YAML that is no JSON */
void dg_provenance_put(dg_json *json, const char *key, const dg_archive *archive)
{
    dg_pool pool = {0};
    dg_node *root = NULL;
    dg_json object;
    if (dg_provenance_read(&root, &pool, archive) == DG_OK) {
        dg_json_key(json, key);
        dg_json_open(&object, json->file, NULL);
        for (const dg_node *m = root->first; m; m = m->next) {
            int64_t number = 0;
            if (m->plain && dg_integer_read(&number, m->text))
                dg_json_integer(&object, m->key, number);
            else
                dg_json_text(&object, m->key, m->text);
        }
        dg_json_close(&object);
    }
    dg_pool_free(&pool);
}
