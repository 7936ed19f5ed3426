/** host/base/files.c: complete reads and writes, or an error of one line. */
#include "host/base/files.h"

#include "tests/support/folders.h"
#include "host/base/hash.h"

#include <criterion/criterion.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *folder;

static void set_up(void)
{
    folder = records_folder();
}

static void tear_down(void)
{
    records_remove(folder);
}

TestSuite(files, .init = set_up, .fini = tear_down);

static void expect_error(dg_status status, const char *part, const char *reason)
{
    cr_expect_eq(status, DG_ERR_IO);
    cr_expect(strstr(dg_error(), part) != NULL, "no `%s' in: %s", part, dg_error());
    cr_expect(strstr(dg_error(), reason) != NULL, "no `%s' in: %s", reason, dg_error());
}

Test(files, texts_have_any_length)
{
    char *text = dg_text("%0*d|%s", 5000, 7, "end");
    cr_assert_eq(strlen(text), 5004);
    cr_expect_str_eq(text + 4999, "7|end");
    free(text);
}

Test(files, are_loaded_completely_with_zero_bytes)
{
    const char *path = folder_path(folder, "a");
    static const char bytes[] = "one\0two\nthree";
    char *text = NULL;
    size_t length = 0;
    file_put(path, bytes, sizeof bytes - 1);
    cr_assert_eq(dg_file_load(path, &text, &length), DG_OK);
    cr_expect_eq(length, sizeof bytes - 1);
    cr_expect_eq(memcmp(text, bytes, sizeof bytes), 0, "with a NUL after it");
    free(text);
    file_put(path, "", 0);
    cr_assert_eq(dg_file_load(path, &text, &length), DG_OK);
    cr_expect_eq(length, 0);
    cr_expect_str_eq(text, "");
    free(text);
}

Test(files, that_do_not_exist_are_named_in_the_error)
{
    char *text = NULL;
    size_t length = 0;
    uint64_t hash = 0;
    int64_t bytes = -7;
    const char *path = folder_path(folder, "absent");
    expect_error(dg_file_load(path, &text, &length), "absent", "No such file");
    expect_error(dg_file_hash(path, &hash, &bytes), "absent", "No such file");
    expect_error(dg_file_load(folder, &text, &length), folder, "directory");
    expect_error(dg_file_rename(path, folder_path(folder, "b")), "absent", "No such file");
    expect_error(dg_file_replace(folder_path(path, "b"), "text", true), "absent", "No such file");
    cr_expect_null(text);
    cr_expect_eq(bytes, -7);
    cr_expect_not(dg_file_exists(path));
    cr_expect(dg_file_exists(folder));
}

Test(files, are_read_from_the_given_offset_and_not_beyond_their_end)
{
    const char *path = folder_path(folder, "a");
    char to[8] = "";
    file_put(path, "0123456789", 10);
    const int file = open(path, O_RDONLY);
    cr_assert_eq(dg_file_read(file, path, to, 4, 6), DG_OK);
    cr_expect_eq(memcmp(to, "6789", 4), 0);
    cr_assert_eq(dg_file_read(file, path, to, 0, 10), DG_OK);
    expect_error(dg_file_read(file, path, to, 5, 6), path, "cut off at byte 10");
    close(file);
    expect_error(dg_file_read(file, path, to, 5, 6), path, "cannot read");
    expect_error(dg_file_write(file, path, to, 5), path, "cannot write");
}

/** Sizes around multiples of the chunk that is read at a time. */
Test(files, have_the_same_hash_read_in_chunks_or_at_once)
{
    enum { CHUNK = 1 << 20 };
    static const size_t sizes[] = {0,     1,         255,       CHUNK - 1,
                                   CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 9};
    char *bytes = malloc(3 * CHUNK);
    for (size_t k = 0; k < 3 * (size_t)CHUNK; k++) bytes[k] = (char)(k * k >> 7);
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        const char *path = folder_path(folder, "a");
        uint64_t hash = 0;
        int64_t length = -1;
        file_put(path, bytes, sizes[k]);
        cr_assert_eq(dg_file_hash(path, &hash, &length), DG_OK);
        cr_expect_eq(length, (int64_t)sizes[k]);
        cr_expect_eq(hash, dg_hash_bytes(bytes, length), "%zu bytes", sizes[k]);
    }
    free(bytes);
}

Test(files, are_replaced_atomically)
{
    const char *path = folder_path(folder, "a");
    char *text = NULL;
    size_t length = 0;
    for (int sync = 0; sync < 2; sync++) {
        file_put(folder_path(folder, "a.part"), "what a crash left, longer than the text", 39);
        struct stat before = {0}, after;
        stat(path, &before);
        cr_assert_eq(dg_file_replace(path, sync ? "second" : "first", sync), DG_OK);
        cr_assert_eq(dg_file_load(path, &text, &length), DG_OK);
        cr_expect_str_eq(text, sync ? "second" : "first");
        cr_assert_eq(stat(path, &after), 0);
        cr_expect_neq(before.st_ino, after.st_ino, "a new file: readers keep the old one");
        cr_expect_eq(folder_count(folder, "."), 1, "no .part file is left");
        free(text);
    }
    cr_assert_eq(mkdir(folder_path(folder, "d"), 0777), 0);
    expect_error(dg_file_replace(folder_path(folder, "d"), "text", true), "d", "cannot rename");
    cr_expect_eq(folder_count(folder, "."), 2, "no .part file is left");
}

Test(files, directories_are_made_with_their_parents)
{
    struct stat info;
    cr_assert_eq(dg_directory_make(folder_path(folder, "a/b//c/")), DG_OK, "%s", dg_error());
    cr_assert_eq(stat(folder_path(folder, "a/b/c"), &info), 0);
    cr_expect(S_ISDIR(info.st_mode));
    cr_assert_eq(dg_directory_make(folder_path(folder, "a/b")), DG_OK, "it exists already");
    file_put(folder_path(folder, "file"), "", 0);
    expect_error(dg_directory_make(folder_path(folder, "file/below")), "file", "cannot create");
    expect_error(dg_directory_make(""), "expected", "1 to");
}

Test(files, are_listed_by_suffix_and_sorted)
{
    static const char *const made[] = {"b.x", "a.x", ".x", "c.xy", "x", "a.x.part", "10.x", "9.x"};
    static const char *const expected[] = {"10.x", "9.x", "a.x", "b.x"};
    dg_names names = {0};
    for (size_t k = 0; k < sizeof made / sizeof *made; k++)
        file_put(folder_path(folder, made[k]), "", 0);
    cr_assert_eq(dg_directory_list(&names, folder, ".x"), DG_OK);
    cr_assert_eq(names.count, 4);
    for (size_t k = 0; k < names.count; k++) cr_expect_str_eq(names.name[k], expected[k]);
    dg_names_free(&names);
    cr_expect_null(names.name);
    cr_assert_eq(dg_directory_list(&names, folder_path(folder, "absent"), ".x"), DG_OK);
    cr_expect_eq(names.count, 0, "a directory that does not exist has no files");
    expect_error(dg_directory_list(&names, folder_path(folder, "x"), ".x"), "x", "directory");
}
