#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem() */
#endif
#include "folders.h"

#include "load.h"

#include "host/archive/archive_format.h"
#include "host/engine/engine.h"
#include "host/store/store.h"
#include "host/base/files.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *folder_path(const char *directory, const char *name)
{
    static char *path[8];
    static int next;
    char *text = dg_text("%s/%s", directory, name); /* `directory` may be an older path */
    char **place = &path[next++ % 8];
    cr_assert_not_null(text);
    free(*place);
    *place = text;
    return text;
}

const char *folder_result(const char *directory)
{
    return folder_path(directory, DG_RESULT_NAME);
}

/** Names in a folder, without hidden ones. */
static dg_names names_of(const char *directory, const char *folder)
{
    dg_names names = {0};
    size_t kept = 0;
    cr_assert_eq(dg_directory_list(&names, folder_path(directory, folder), ""), DG_OK, "%s",
                 dg_error());
    for (size_t k = 0; k < names.count; k++)
        if (names.name[k][0] == '.')
            free(names.name[k]);
        else
            names.name[kept++] = names.name[k];
    names.count = kept;
    return names;
}

size_t folder_count(const char *directory, const char *folder)
{
    dg_names names = names_of(directory, folder);
    const size_t count = names.count;
    dg_names_free(&names);
    return count;
}

const char *folder_file(const char *directory, const char *folder, size_t k)
{
    dg_names names = names_of(directory, folder);
    cr_assert_lt(k, names.count, "%zu files in %s", names.count, folder);
    const char *path = folder_path(folder_path(directory, folder), names.name[k]);
    dg_names_free(&names);
    return path;
}

char *file_bytes(const char *path, size_t *length)
{
    char *bytes = NULL;
    cr_assert_eq(dg_file_load(path, &bytes, length), DG_OK, "%s", dg_error());
    return bytes;
}

void file_put(const char *path, const char *bytes, size_t length)
{
    FILE *file = fopen(path, "wb");
    cr_assert_not_null(file, "%s", path);
    cr_assert_eq(fwrite(bytes, 1, length, file), length);
    cr_assert_eq(fclose(file), 0);
}

void file_flip(const char *path, long at, int bit)
{
    size_t length;
    char *bytes = file_bytes(path, &length);
    const size_t place = at < 0 ? length - (size_t)-at : (size_t)at;
    cr_assert_lt(place, length);
    bytes[place] = (char)(bytes[place] ^ (1 << bit));
    file_put(path, bytes, length);
    free(bytes);
}

static void add_changed(dg_archive_writer *writer, const dg_archive_section *s, const char *bytes,
                        const char *from, const char *to)
{
    const size_t length = (size_t)s->bytes, out = strlen(from), in = strlen(to);
    const char *place = memmem(bytes, length, from, out);
    char *changed = calloc(1, length + in + 1);
    cr_assert_not_null(changed);
    const size_t before = place ? (size_t)(place - bytes) : length;
    memcpy(changed, bytes, before);
    if (place) {
        memcpy(changed + before, to, in);
        memcpy(changed + before + in, place + out, length - before - out);
    }
    const dg_status status = dg_archive_add(writer, s->tag, s->index, changed,
                                            (int64_t)(place ? length - out + in : length), false);
    cr_assert_eq(status, DG_OK);
    free(changed);
}

void archive_change(const char *path, dg_archive_kind kind, const char *from, const char *to)
{
    dg_archive *a = NULL;
    dg_archive_writer *writer = NULL;
    cr_assert_eq(dg_archive_open(&a, path, kind), DG_OK, "%s", dg_error());
    cr_assert_eq(dg_archive_create(&writer, path, kind), DG_OK, "%s", dg_error());
    for (size_t k = 0; k < a->sections; k++) {
        void *bytes = NULL;
        cr_assert_eq(dg_archive_load(a, &a->section[k], &bytes), DG_OK);
        add_changed(writer, &a->section[k], bytes, from, to);
        free(bytes);
    }
    cr_assert_eq(dg_archive_commit(&writer), DG_OK);
    dg_archive_close(&a);
}

void archive_of_version(const char *path, uint32_t model, uint32_t format)
{
    dg_archive_header header;
    size_t length;
    char *bytes = file_bytes(path, &length);
    memcpy(&header, bytes, sizeof header);
    header.model_version = model;
    header.version = format;
    header.hash = dg_archive_header_hash(&header);
    memcpy(bytes, &header, sizeof header);
    file_put(path, bytes, length);
    free(bytes);
}

dg_status folder_run(const char *directory, const char *yaml, const dg_options *options,
                     const dg_devices *devices, dg_outcome *outcome)
{
    static const dg_options plain;
    dg_devices cpu;
    dg_experiment *experiment = load_text(yaml, NULL, NULL);
    cr_assert_eq(dg_devices_find(&cpu, "cpu", DG_DEVICES_ALL), DG_OK);
    const dg_status status = dg_engine_run(experiment, directory, options ? options : &plain,
                                           devices ? devices : &cpu, outcome);
    dg_experiment_free(&experiment);
    return status;
}

char *folder_unbroken(const char *yaml)
{
    char *directory = records_folder();
    cr_assert_eq(folder_run(directory, yaml, NULL, NULL, NULL), DG_OK, "%s", dg_error());
    return directory;
}

void collect_log(void *user, const char *line)
{
    collected_log *log = user;
    const size_t used = strlen(log->text);
    cr_expect_null(strchr(line, '\n'), "%s", line);
    snprintf(log->text + used, sizeof log->text - used, "%s\n", line);
    log->lines++;
}
