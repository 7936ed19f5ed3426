/** host/archive/archive_read.c: damage that the checksums of an archive do not detect. */
#include "host/archive/archive_format.h"

#include "tests/support/folders.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

static char *folder;
static const char *path;

static void set_up(void)
{
    dg_archive_writer *writer = NULL;
    folder = records_folder();
    path = folder_path(folder, "a.archive");
    cr_assert_eq(dg_archive_create(&writer, path, DG_ARCHIVE_BATCH), DG_OK);
    cr_assert_eq(dg_archive_add(writer, 1, 0, "sixteen bytes ...", 16, false), DG_OK);
    cr_assert_eq(dg_archive_commit(&writer), DG_OK);
}

static void tear_down(void)
{
    records_remove(folder);
}

TestSuite(archive_trust, .init = set_up, .fini = tear_down);

static void expect_damage(size_t sections, const char *part)
{
    dg_archive *a = NULL;
    cr_assert_eq(dg_archive_open(&a, path, DG_ARCHIVE_BATCH), DG_OK, "%s", dg_error());
    cr_expect_eq(a->sections, sections);
    cr_expect(a->damage && strstr(a->damage, part), "%s", a->damage);
    dg_archive_close(&a);
}

/** Bytes after the end section were not written by the archive writer. */
Test(archive_trust, nothing_follows_the_end)
{
    size_t length;
    char *bytes = file_bytes(path, &length);
    char *longer = calloc(1, length + 8);
    cr_assert_not_null(longer);
    memcpy(longer, bytes, length);
    file_put(path, longer, length + 8);
    expect_damage(1, "damaged: ");
    free(longer);
    free(bytes);
}

/** Readers allocate `bytes`: a section may not store more, even with right checksums. */
Test(archive_trust, no_section_stores_more_bytes_than_it_has)
{
    dg_section_header header;
    size_t length;
    char *bytes = file_bytes(path, &length), *at = bytes + sizeof(dg_archive_header);
    memcpy(&header, at, sizeof header);
    cr_assert(header.tag == 1 && header.bytes == 16 && header.stored == 16);
    header.bytes = 8;
    header.hash = dg_section_header_hash(&header);
    memcpy(at, &header, sizeof header);
    file_put(path, bytes, length);
    expect_damage(0, "at byte 32");
    free(bytes);
}
