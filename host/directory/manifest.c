/** The manifest of a result directory; see manifest.h. */
#include "host/directory/manifest.h"

#include "host/archive/archive.h"
#include "host/base/build_info.h"
#include "host/base/files.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* tags of sections. The numbers are stored in files and must not change */
enum { TAG_NAME = 1, TAG_TEXT = 2, TAG_SET = 3, TAG_BUILD = 4 };

/* more than a configuration may have (yaml.c) */
#define TEXT_MOST ((int64_t)64 << 20)

const char *dg_manifest_build(void)
{
    static char build[128];
    if (!build[0]) snprintf(build, sizeof build, "%s %s", dg_version(), dg_build_git_commit());
    return build;
}

bool dg_manifest_is_ours(const char *build)
{
    return dg_build_is_same(build, dg_manifest_build());
}

static dg_status add_text(dg_archive_writer *writer, uint32_t tag, uint32_t index, const char *text)
{
    return dg_archive_add(writer, tag, index, text, (int64_t)strlen(text), false);
}

static dg_status add_sections(dg_archive_writer *writer, const dg_experiment *e)
{
    DG_TRY(add_text(writer, TAG_BUILD, 0, dg_manifest_build()));
    DG_TRY(add_text(writer, TAG_NAME, 0, e->name));
    DG_TRY(dg_archive_add(writer, TAG_TEXT, 0, e->text, (int64_t)e->source, true));
    for (size_t i = 0; i < e->sets; i++) DG_TRY(add_text(writer, TAG_SET, (uint32_t)i, e->set[i]));
    return DG_OK;
}

static dg_status write_archive(const char *path, const dg_experiment *experiment)
{
    dg_archive_writer *writer = NULL;
    DG_TRY(dg_archive_create(&writer, path, DG_ARCHIVE_MANIFEST));
    const dg_status status = add_sections(writer, experiment);
    if (status == DG_OK) return dg_archive_commit(&writer);
    dg_archive_discard(&writer);
    return status;
}

dg_status dg_manifest_write(const char *directory, const dg_experiment *experiment)
{
    char host[HOST_NAME_MAX + 1] = "";
    (void)gethostname(host, sizeof host - 1);
    char *path = dg_text("%s/" DG_MANIFEST_NAME, directory);
    /* shards that start at the same time, also on other machines, all write it: the temporary name
       differs for each process */
    char *temporary = dg_text("%s/" DG_MANIFEST_NAME ".%s-%ld", directory, host, (long)getpid());
    dg_status status = path && temporary ? write_archive(temporary, experiment)
                                         : dg_fail(DG_ERR_MEMORY, "no memory for a manifest");
    if (status == DG_OK) {
        status = dg_file_rename(temporary, path);
        if (status != DG_OK) unlink(temporary);
    }
    free(path);
    free(temporary);
    return status;
}

/* ---- reading --------------------------------------------------------------------------------- */

static dg_status load_text(const dg_archive *archive, uint32_t tag, uint32_t index, char **text,
                           size_t *length)
{
    const dg_archive_section *section = dg_archive_find(archive, tag, index);
    void *loaded = NULL;
    if (!section) return dg_fail(DG_ERR_IO, "%s: damaged: a section is missing", archive->path);
    DG_TRY(dg_archive_load_small(archive, section, TEXT_MOST, &loaded));
    *text = loaded;
    if (length) *length = (size_t)section->bytes;
    return DG_OK;
}

/** Load the overrides (--set), [*count] texts that the caller frees, also after a failure. */
static dg_status load_sets(const dg_archive *archive, char ***sets, size_t *count)
{
    dg_status status = DG_OK;
    *sets = calloc(archive->sections + 1, sizeof **sets);
    if (!*sets) return dg_fail(DG_ERR_MEMORY, "no memory to read %s", archive->path);
    while (status == DG_OK && dg_archive_find(archive, TAG_SET, (uint32_t)*count)) {
        status = load_text(archive, TAG_SET, (uint32_t)*count, &(*sets)[*count], NULL);
        if (status == DG_OK) ++*count;
    }
    return status;
}

static dg_status parse(dg_experiment **out, char **build, const dg_archive *archive)
{
    char *name = NULL, *text = NULL, *made_by = NULL, **sets = NULL;
    size_t length = 0, count = 0;
    dg_status status = DG_OK;
    if (archive->damage) return dg_fail(DG_ERR_IO, "%s", archive->damage);
    DG_TRY_GOTO(load_text(archive, TAG_BUILD, 0, &made_by, NULL), end);
    DG_TRY_GOTO(load_text(archive, TAG_NAME, 0, &name, NULL), end);
    DG_TRY_GOTO(load_text(archive, TAG_TEXT, 0, &text, &length), end);
    DG_TRY_GOTO(load_sets(archive, &sets, &count), end);
    DG_TRY_GOTO(dg_experiment_parse(out, name, text, length, (const char *const *)sets, count),
                end);
    *build = made_by;
    made_by = NULL;
end:
    for (size_t i = 0; i < count; i++) free(sets[i]);
    free(sets);
    free(made_by);
    free(name);
    free(text);
    return status;
}

dg_status dg_manifest_read(dg_experiment **out, char **build, const char *directory)
{
    dg_archive *archive = NULL;
    char *path = dg_text("%s/" DG_MANIFEST_NAME, directory);
    if (!path) return dg_fail(DG_ERR_MEMORY, "no memory for a manifest");
    const bool there = dg_file_exists(path);
    dg_status status = there ? dg_archive_open(&archive, path, DG_ARCHIVE_MANIFEST)
                             : dg_directory_check(directory);
    if (status == DG_OK && !there)
        status = dg_fail(DG_ERR_ARGUMENT, "%s: no sweep there: no " DG_MANIFEST_NAME, directory);
    if (status == DG_OK) status = parse(out, build, archive);
    dg_archive_close(&archive);
    free(path);
    return status;
}
