/** host/archive/archive_read.c, archive_write.c: round trips, and detection of any damage. */
#include "host/archive/archive_format.h"

#include "tests/support/folders.h"
#include "host/base/files.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *folder;
static char path[700];

static void set_up(void)
{
    folder = records_folder();
    snprintf(path, sizeof path, "%s/a.archive", folder);
}

static void tear_down(void)
{
    records_remove(folder);
}

TestSuite(archive, .init = set_up, .fini = tear_down);

#define OK(call) cr_assert_eq((call), DG_OK, "%s", dg_error())

/* ---- a small file ---------------------------------------------------------------------------- */

/* sections that compress, that do not, that are empty; most lengths are not multiples of 8 */
static const struct {
    uint32_t tag, index;
    const char *bytes;
    int64_t length;
    bool pack;
} part[] = {
    {1, 0, "head", 4, false},
    {3, 0, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbbb", 78,
     true},
    {2, 0, "", 0, false},
    {3, 7, "thirteen byte", 13, true}, /* too short to compress */
    {0x7fffffff, 0xffffffff, "", 0, true},
    {3, 1, "\0\1\2\3\4\5\6\7", 8, false},
};
enum { PARTS = sizeof part / sizeof *part };

static void write_small(void)
{
    dg_archive_writer *writer = NULL;
    OK(dg_archive_create(&writer, path, DG_ARCHIVE_BATCH));
    for (int k = 0; k < PARTS; k++)
        OK(dg_archive_add(writer, part[k].tag, part[k].index, part[k].bytes, part[k].length,
                          part[k].pack));
    OK(dg_archive_commit(&writer));
    cr_assert_null(writer);
}

/** Read a section in every way; it must be what was written, or damaged (false). */
static bool section_reads(const dg_archive *a, const dg_archive_section *s)
{
    void *bytes = NULL;
    const dg_status status = dg_archive_load(a, s, &bytes);
    int k = 0;
    while (k < PARTS && (part[k].tag != s->tag || part[k].index != s->index)) k++;
    cr_assert_lt(k, PARTS, "a section that was not written: %u %u", s->tag, s->index);
    cr_assert_eq(s->bytes, part[k].length, "section %d", k);
    if (status != DG_OK) {
        cr_assert(status == DG_ERR_IO && strstr(dg_error(), "damaged"), "%s", dg_error());
        return false;
    }
    cr_assert_eq(memcmp(bytes, part[k].bytes, (size_t)s->bytes), 0, "wrong bytes in section %d", k);
    cr_assert_eq(((char *)bytes)[s->bytes], '\0');
    cr_assert_eq(dg_archive_check(a, s), DG_OK);
    free(bytes);
    return true;
}

/** Number of sections that read as they were written; *whole: all of them, and no other damage. */
static int sections_that_read(bool *whole)
{
    dg_archive *a = NULL;
    int good = 0;
    *whole = false;
    const dg_status status = dg_archive_open(&a, path, DG_ARCHIVE_BATCH);
    if (status != DG_OK) {
        cr_assert_null(a);
        cr_assert(strstr(dg_error(), path) != NULL, "%s", dg_error());
        return 0;
    }
    cr_assert_leq(a->sections, PARTS);
    for (size_t k = 0; k < a->sections; k++) good += section_reads(a, &a->section[k]);
    *whole = !a->damage && good == PARTS;
    cr_assert(a->damage || a->sections == PARTS, "sections are missing without a message");
    dg_archive_close(&a);
    return good;
}

Test(archive, gives_back_what_was_written)
{
    dg_archive *a = NULL;
    bool whole;
    write_small();
    cr_expect_eq(sections_that_read(&whole), PARTS);
    cr_expect(whole);
    cr_expect_not(dg_file_exists(folder_path(folder, "a.archive.part")));
    OK(dg_archive_open(&a, path, DG_ARCHIVE_BATCH));
    cr_expect_str_eq(a->path, path);
    for (size_t k = 0; k < PARTS; k++) {
        cr_expect(a->section[k].tag == part[k].tag && a->section[k].index == part[k].index);
        cr_expect_eq(dg_archive_find(a, part[k].tag, part[k].index), &a->section[k]);
        cr_expect_eq(a->section[k].packed, k == 1, "section %zu", k);
        cr_expect_eq(a->section[k].offset % 8, 0);
    }
    cr_expect_null(dg_archive_find(a, 3, 2));
    cr_expect_null(dg_archive_find(a, 4, 0));
    dg_archive_close(&a);
    dg_archive_close(&a);
    cr_expect_null(a);
}

Test(archive, is_the_same_bytes_each_time)
{
    size_t length, again;
    write_small();
    char *first = file_bytes(path, &length);
    write_small();
    char *second = file_bytes(path, &again);
    cr_assert_eq(length, again);
    cr_expect_eq(memcmp(first, second, length), 0);
    free(first);
    free(second);
}

Test(archive, may_have_no_sections)
{
    dg_archive_writer *writer = NULL;
    dg_archive *a = NULL;
    OK(dg_archive_create(&writer, path, DG_ARCHIVE_MANIFEST));
    OK(dg_archive_commit(&writer));
    OK(dg_archive_open(&a, path, DG_ARCHIVE_MANIFEST));
    cr_expect_eq(a->sections, 0);
    cr_expect_null(a->damage);
    cr_expect_null(dg_archive_find(a, 1, 0));
    dg_archive_close(&a);
}

Test(archive, has_room_for_many_sections_of_any_size)
{
    enum { MANY = 1000, LONG = 3 << 20 };
    dg_archive_writer *writer = NULL;
    dg_archive *a = NULL;
    uint32_t *bytes = malloc(LONG * sizeof *bytes), noise = 1;
    for (size_t k = 0; k < LONG; k++) bytes[k] = (noise = noise * 1664525 + 1013904223) >> 8;
    OK(dg_archive_create(&writer, path, DG_ARCHIVE_CHECKPOINT));
    for (uint32_t k = 0; k < MANY; k++) OK(dg_archive_add(writer, 2, k, bytes + k, k % 50, k % 2));
    OK(dg_archive_add(writer, 3, 0, bytes, LONG * 4, true));
    memset(bytes + 1000, 0, (LONG - 1000) * sizeof *bytes);
    OK(dg_archive_add(writer, 3, 1, bytes, LONG * 4, true));
    OK(dg_archive_commit(&writer));
    OK(dg_archive_open(&a, path, DG_ARCHIVE_CHECKPOINT));
    cr_assert_eq(a->sections, MANY + 2);
    for (uint32_t k = 0; k < MANY; k++) {
        const dg_archive_section *s = dg_archive_find(a, 2, k);
        uint32_t to[16] = {0};
        cr_assert_eq(s->bytes, k % 50);
        OK(dg_archive_read(a, s, to));
        cr_assert_eq(k < 1000 - 16 ? memcmp(to, bytes + k, k % 50) : 0, 0, "section %u", k);
    }
    const dg_archive_section *s = dg_archive_find(a, 3, 1);
    void *back = NULL;
    cr_expect(s->packed && s->stored < 10000);
    OK(dg_archive_load(a, s, &back));
    cr_expect_eq(memcmp(back, bytes, LONG * 4), 0);
    free(back);
    dg_archive_close(&a);
    free(bytes);
}

/* ---- damage ---------------------------------------------------------------------------------- */

Test(archive, truncated_anywhere_is_damaged_and_keeps_the_sections_before)
{
    size_t length;
    int least = 0;
    write_small();
    char *bytes = file_bytes(path, &length);
    for (size_t cut = 0; cut < length; cut++) {
        bool whole;
        file_put(path, bytes, cut);
        const int good = sections_that_read(&whole);
        cr_assert_not(whole, "%zu of %zu bytes", cut, length);
        cr_assert_geq(good, least, "fewer sections in more bytes: %zu", cut);
        least = good;
    }
    cr_expect_eq(least, PARTS, "only the end was missing");
    free(bytes);
}

/** Each bit of the file in turn is flipped: the damage is detected, other sections stay valid. */
Test(archive, with_one_flipped_bit_gives_no_wrong_byte)
{
    size_t length;
    write_small();
    char *bytes = file_bytes(path, &length);
    for (size_t bit = 0; bit < 8 * length; bit++) {
        bool whole;
        bytes[bit / 8] = (char)(bytes[bit / 8] ^ (1 << bit % 8));
        file_put(path, bytes, length);
        sections_that_read(&whole);
        cr_assert_not(whole, "bit %zu of byte %zu", bit % 8, bit / 8);
        bytes[bit / 8] = (char)(bytes[bit / 8] ^ (1 << bit % 8));
    }
    free(bytes);
}

Test(archive, damaged_in_one_section_keeps_the_others)
{
    size_t length;
    dg_archive *a = NULL;
    bool whole;
    write_small();
    char *bytes = file_bytes(path, &length);
    OK(dg_archive_open(&a, path, DG_ARCHIVE_BATCH));
    for (size_t k = 0; k < PARTS; k++) {
        if (a->section[k].stored == 0) continue;
        bytes[a->section[k].offset] ^= 1;
        file_put(path, bytes, length);
        cr_expect_eq(sections_that_read(&whole), PARTS - 1, "section %zu", k);
        bytes[a->section[k].offset] ^= 1;
    }
    dg_archive_close(&a);
    free(bytes);
}

/** Sections that were moved have right checksums of their contents, but a wrong offset. */
Test(archive, with_sections_moved_is_damaged)
{
    size_t length;
    dg_archive *a = NULL;
    bool whole;
    write_small();
    char *bytes = file_bytes(path, &length), *moved = malloc(length);
    OK(dg_archive_open(&a, path, DG_ARCHIVE_BATCH));
    /* leave the first section out */
    const size_t from = (size_t)a->section[1].offset - sizeof(dg_section_header);
    memcpy(moved, bytes, sizeof(dg_archive_header));
    memcpy(moved + sizeof(dg_archive_header), bytes + from, length - from);
    file_put(path, moved, length - from + sizeof(dg_archive_header));
    cr_expect_eq(sections_that_read(&whole), 0);
    cr_expect_not(whole);
    /* leave all out but the end section, which states their number */
    dg_section_header end;
    const size_t last = length - sizeof end;
    memcpy(&end, bytes + last, sizeof end);
    cr_assert_eq(end.tag, DG_ARCHIVE_END);
    end.offset = sizeof(dg_archive_header);
    end.hash = dg_section_header_hash(&end);
    memcpy(moved + sizeof(dg_archive_header), &end, sizeof end);
    file_put(path, moved, sizeof(dg_archive_header) + sizeof end);
    cr_expect_eq(sections_that_read(&whole), 0);
    cr_expect_not(whole);
    dg_archive_close(&a);
    free(bytes);
    free(moved);
}

Test(archive, changes_while_it_is_open_are_detected)
{
    size_t length;
    dg_archive *a = NULL;
    void *to = NULL;
    write_small();
    char *bytes = file_bytes(path, &length);
    OK(dg_archive_open(&a, path, DG_ARCHIVE_BATCH));
    file_put(path, bytes, length / 2);
    cr_expect_eq(dg_archive_load(a, &a->section[PARTS - 1], &to), DG_ERR_IO);
    cr_expect_eq(dg_archive_check(a, &a->section[PARTS - 1]), DG_ERR_IO);
    cr_assert_eq(remove(path), 0);
    cr_expect_eq(dg_archive_load(a, &a->section[0], &to), DG_ERR_IO);
    cr_expect_null(to);
    dg_archive_close(&a);
    free(bytes);
}

/* ---- other files ----------------------------------------------------------------------------- */

/** Open the small file with another header that has a right hash. */
static dg_status open_as(const dg_archive_header *header, dg_archive **a)
{
    size_t length;
    char *bytes = file_bytes(path, &length);
    memcpy(bytes, header, sizeof *header);
    file_put(path, bytes, length);
    free(bytes);
    return dg_archive_open(a, path, DG_ARCHIVE_BATCH);
}

static dg_archive_header small_header(void)
{
    dg_archive_header header;
    size_t length;
    write_small();
    char *bytes = file_bytes(path, &length);
    memcpy(&header, bytes, sizeof header);
    free(bytes);
    return header;
}

Test(archive, of_another_kind_version_or_byte_order_is_refused)
{
    dg_archive *a = NULL;
    write_small();
    cr_expect_eq(dg_archive_open(&a, path, DG_ARCHIVE_CHECKPOINT), DG_ERR_IO);
    cr_expect(strstr(dg_error(), "expected a checkpoint") != NULL, "%s", dg_error());
    cr_expect_eq(dg_archive_open(&a, path, DG_ARCHIVE_MANIFEST), DG_ERR_IO);

    dg_archive_header header = small_header();
    header.version = DG_ARCHIVE_VERSION + 1;
    header.hash = dg_archive_header_hash(&header);
    cr_expect_eq(open_as(&header, &a), DG_ERR_UNSUPPORTED);
    cr_expect(strstr(dg_error(), "format version 3, expected 2") != NULL, "%s", dg_error());

    header = small_header();
    header.order = 0x04030201;
    header.hash = dg_archive_header_hash(&header);
    cr_expect_eq(open_as(&header, &a), DG_ERR_IO);
    cr_expect_null(a);
}

/* the line names the file, both versions, and what there is to do */
Test(archive, of_another_model_version_is_refused)
{
    char expected[1024];
    dg_archive *a = NULL;
    dg_archive_header header = small_header();
    header.model_version = 77;
    header.hash = dg_archive_header_hash(&header);
    cr_expect_eq(open_as(&header, &a), DG_ERR_ARGUMENT);
    cr_expect_null(a);
    snprintf(expected, sizeof expected,
             "%s: model version 77, expected %d, that of this program: a digico of version 77 "
             "continues, merges and verifies its runs; `digico summary` and `digico report` read a "
             "results.nc of any version; new runs need another folder",
             path, DG_MODEL_VERSION);
    cr_expect_str_eq(dg_error(), expected);
}

Test(archive, other_files_are_refused)
{
    dg_archive *a = NULL;
    static const char text[] = "# a text that is longer than a header\n";
    cr_expect_eq(dg_archive_open(&a, path, DG_ARCHIVE_BATCH), DG_ERR_IO);
    cr_expect(strstr(dg_error(), "No such file") != NULL, "%s", dg_error());
    file_put(path, "", 0);
    cr_expect_eq(dg_archive_open(&a, path, DG_ARCHIVE_BATCH), DG_ERR_IO);
    file_put(path, text, sizeof text);
    cr_expect_eq(dg_archive_open(&a, path, DG_ARCHIVE_BATCH), DG_ERR_IO);
    cr_expect(strstr(dg_error(), "damaged") != NULL, "%s", dg_error());
    cr_expect_eq(dg_archive_open(&a, folder, DG_ARCHIVE_BATCH), DG_ERR_IO);
}

/* ---- writing --------------------------------------------------------------------------------- */

Test(archive, gets_its_name_once_it_is_complete)
{
    dg_archive_writer *writer = NULL;
    bool whole;
    const char *half = folder_path(folder, "a.archive" DG_ARCHIVE_PART);
    char *crash = calloc(1, 100000);
    file_put(half, crash, 100000); /* longer than the new file */
    write_small();
    cr_expect_eq(sections_that_read(&whole), PARTS);
    cr_expect_not(dg_file_exists(half));
    OK(dg_archive_create(&writer, path, DG_ARCHIVE_BATCH));
    OK(dg_archive_add(writer, 1, 0, "new", 3, false));
    cr_expect(dg_file_exists(half));
    cr_expect_eq(sections_that_read(&whole), PARTS, "the old file is unchanged");
    dg_archive_discard(&writer);
    cr_expect_null(writer);
    dg_archive_discard(&writer);
    cr_expect_not(dg_file_exists(half));
    cr_expect_eq(sections_that_read(&whole), PARTS);
    free(crash);
}

Test(archive, that_cannot_be_made_is_named)
{
    dg_archive_writer *writer = NULL;
    const char *deep = folder_path(folder, "absent/a.archive");
    cr_expect_eq(dg_archive_create(&writer, deep, DG_ARCHIVE_BATCH), DG_ERR_IO);
    cr_expect(strstr(dg_error(), "absent/a.archive.part: cannot create") != NULL, "%s", dg_error());
    cr_expect_null(writer);
    /* a directory has the name of the file */
    OK(dg_directory_make(path));
    OK(dg_archive_create(&writer, path, DG_ARCHIVE_BATCH));
    cr_expect_eq(dg_archive_commit(&writer), DG_ERR_IO);
    cr_expect_null(writer);
    cr_expect_eq(folder_count(folder, "."), 1, "no .part file is left");
}
