/** host/archive/run_archive.c: runs as sections of an archive. */
#include "host/archive/run_archive.h"

#include "host/models/batch_shape.h"
#include "tests/support/folders.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

static char *folder;

static void set_up(void)
{
    folder = records_folder();
}

static void tear_down(void)
{
    records_remove(folder);
}

TestSuite(run_archive, .init = set_up, .fini = tear_down);

#define OK(call) cr_assert_eq((call), DG_OK, "%s", dg_error())

static const char state[] = "the state of a run", records[] = "its records, its records, its "
                                                              "records, its records, its records";

/** Head of run k; only odd runs, which have not ended, have a state. */
static dg_run_head head_of(uint64_t k)
{
    dg_run_head head = {.id = {{k, 7}},
                        .hash = 100 + k,
                        .status = k % 2 ? DG_RUN_PLANNED : DG_RUN_COMPLETED,
                        .generations = (int32_t)(10 + k)};
    head.bytes[DG_PART_STATE] = k % 2 ? sizeof state : 0;
    head.bytes[DG_PART_RECORDS] = (int64_t)(sizeof records - k);
    return head;
}

static const void *const parts[DG_PARTS] = {[DG_PART_STATE] = state, [DG_PART_RECORDS] = records};

static dg_archive_writer *begin(const char *name)
{
    dg_archive_writer *writer = NULL;
    OK(dg_archive_create(&writer, folder_path(folder, name), DG_ARCHIVE_CHECKPOINT));
    return writer;
}

static dg_archive *open_it(const char *name)
{
    dg_archive *archive = NULL;
    OK(dg_archive_open(&archive, folder_path(folder, name), DG_ARCHIVE_CHECKPOINT));
    return archive;
}

static void write_three(const char *name)
{
    dg_archive_writer *writer = begin(name);
    for (uint32_t k = 0; k < 3; k++) {
        const dg_run_head head = head_of(k);
        OK(dg_run_add(writer, k, &head, parts));
    }
    OK(dg_archive_commit(&writer));
}

static void expect_part(const dg_run_place *place, dg_part part, const char *expected,
                        int64_t bytes)
{
    void *got = NULL;
    OK(dg_run_part(place, part, &got));
    if (bytes == 0)
        cr_expect_null(got);
    else
        cr_expect_eq(memcmp(got, expected, (size_t)bytes), 0);
    free(got);
}

Test(run_archive, gives_back_runs_and_their_parts)
{
    dg_run_place *place = NULL;
    size_t count = 0;
    write_three("a");
    dg_archive *archive = open_it("a");
    OK(dg_run_places(&place, &count, archive));
    cr_assert_eq(count, 3);
    for (uint64_t k = 0; k < 3; k++) {
        const dg_run_head head = head_of(k);
        cr_expect_eq(memcmp(&place[k].head, &head, sizeof head), 0);
        cr_expect_eq(place[k].archive, archive);
        OK(dg_run_check(&place[k]));
        expect_part(&place[k], DG_PART_STATE, state, head.bytes[DG_PART_STATE]);
        expect_part(&place[k], DG_PART_RECORDS, records, head.bytes[DG_PART_RECORDS]);
        expect_part(&place[k], DG_PART_TRACE, "", 0);
    }
    free(place);
    dg_archive_close(&archive);
}

Test(run_archive, places_of_several_archives_are_appended)
{
    dg_run_place *place = NULL;
    size_t count = 0;
    write_three("a");
    write_three("b");
    dg_archive *a = open_it("a"), *b = open_it("b");
    for (int turn = 0; turn < 3; turn++) {
        OK(dg_run_places(&place, &count, a));
        OK(dg_run_places(&place, &count, b));
    }
    cr_assert_eq(count, 18);
    for (size_t k = 0; k < count; k++) {
        cr_expect_eq(place[k].archive, k / 3 % 2 ? b : a);
        cr_expect_eq(place[k].head.id.word[0], k % 3);
    }
    free(place);
    dg_archive_close(&a);
    dg_archive_close(&b);
}

/** Copied runs have ended: nothing needs their state any more. */
Test(run_archive, copies_without_the_state)
{
    dg_run_place *place = NULL, *copy = NULL;
    size_t count = 0, copies = 0;
    write_three("a");
    dg_archive *a = open_it("a");
    OK(dg_run_places(&place, &count, a));
    dg_archive_writer *writer = begin("b");
    OK(dg_run_copy(writer, 5, &place[1]));
    OK(dg_archive_commit(&writer));
    dg_archive *b = open_it("b");
    OK(dg_run_places(&copy, &copies, b));
    cr_assert_eq(copies, 1);
    dg_run_head expected = head_of(1);
    expected.bytes[DG_PART_STATE] = 0;
    cr_expect_eq(memcmp(&copy[0].head, &expected, sizeof expected), 0);
    expect_part(&copy[0], DG_PART_STATE, "", 0);
    expect_part(&copy[0], DG_PART_RECORDS, records, expected.bytes[DG_PART_RECORDS]);
    free(place);
    free(copy);
    dg_archive_close(&a);
    dg_archive_close(&b);
}

/** At any length: exactly the runs that have all their sections, in order, each of them intact. */
Test(run_archive, truncated_anywhere_has_only_complete_runs)
{
    size_t length, most = 0;
    write_three("a");
    char *bytes = file_bytes(folder_path(folder, "a"), &length);
    for (size_t cut = 32; cut < length; cut++) {
        dg_run_place *place = NULL;
        size_t count = 0;
        file_put(folder_path(folder, "a"), bytes, cut);
        dg_archive *archive = open_it("a");
        OK(dg_run_places(&place, &count, archive));
        cr_assert_geq(count, most);
        most = count;
        for (size_t k = 0; k < count; k++) {
            cr_assert_eq(place[k].head.id.word[0], k);
            cr_assert_eq(dg_run_check(&place[k]), DG_OK);
        }
        free(place);
        dg_archive_close(&archive);
    }
    cr_expect_eq(most, 3);
    free(bytes);
}

/** With any bit flipped a run is unchanged, or it is not found, or its check fails. */
Test(run_archive, with_one_flipped_bit_has_no_wrong_run)
{
    size_t length;
    write_three("a");
    char *bytes = file_bytes(folder_path(folder, "a"), &length);
    for (size_t bit = 8 * 32; bit < 8 * length; bit++) {
        dg_run_place *place = NULL;
        size_t count = 0;
        bytes[bit / 8] = (char)(bytes[bit / 8] ^ (1 << bit % 8));
        file_put(folder_path(folder, "a"), bytes, length);
        dg_archive *archive = open_it("a");
        OK(dg_run_places(&place, &count, archive));
        for (size_t k = 0; k < count; k++) {
            const dg_run_head head = head_of(place[k].head.id.word[0]);
            cr_assert_eq(memcmp(&place[k].head, &head, sizeof head), 0, "bit %zu", bit);
            if (dg_run_check(&place[k]) != DG_OK) continue;
            expect_part(&place[k], DG_PART_STATE, state, head.bytes[DG_PART_STATE]);
            expect_part(&place[k], DG_PART_RECORDS, records, head.bytes[DG_PART_RECORDS]);
        }
        free(place);
        dg_archive_close(&archive);
        bytes[bit / 8] = (char)(bytes[bit / 8] ^ (1 << bit % 8));
    }
    free(bytes);
}

/** Parts that do not have the sizes of this build are refused. */
Test(run_archive, parts_must_have_the_expected_size)
{
    const dg_shape shape = records_shape(12);
    const dg_batch_options plain = {.runs = 1}, traced = {.trace_last = 3, .trace_every = 2};
    dg_run_head head = {.id = {{1, 2}}, .generations = 4};
    dg_run_place *place = NULL;
    size_t count = 0;
    void *records_of = calloc(4, (size_t)dg_record_words(&shape) * sizeof(int64_t)), *got = NULL;
    const void *const part[DG_PARTS] = {[DG_PART_RECORDS] = records_of};
    head.bytes[DG_PART_RECORDS] = dg_batch_part_bytes(DG_PART_RECORDS, &shape, &plain, 4);
    cr_assert_eq(head.bytes[DG_PART_RECORDS], 4 * 8 * dg_record_words(&shape));
    cr_assert_eq(dg_batch_part_bytes(DG_PART_TRACE, &shape, &traced, 4),
                 2 * 2 * DG_TRACES * RECORDS_STEPS * RECORDS_AGENTS);
    dg_archive_writer *writer = begin("a");
    OK(dg_run_add(writer, 0, &head, part));
    OK(dg_archive_commit(&writer));
    dg_archive *archive = open_it("a");
    OK(dg_run_places(&place, &count, archive));
    const int64_t of_trace = dg_batch_part_bytes(DG_PART_TRACE, &shape, &traced, 4);
    OK(dg_run_part_for(place, DG_PART_RECORDS, head.bytes[DG_PART_RECORDS], &got));
    cr_expect_eq(memcmp(got, records_of, (size_t)head.bytes[DG_PART_RECORDS]), 0);
    free(got);
    OK(dg_run_part_for(place, DG_PART_TRACE, 0, &got));
    cr_expect_null(got, "the run has none");
    cr_expect_eq(dg_run_part_for(place, DG_PART_TRACE, of_trace, &got), DG_ERR_UNSUPPORTED);
    cr_expect_eq(dg_run_part_for(place, DG_PART_STATE, dg_state_bytes(&shape), &got),
                 DG_ERR_UNSUPPORTED);
    const int64_t of_five = dg_batch_part_bytes(DG_PART_RECORDS, &shape, &plain, 5);
    cr_expect_eq(dg_run_part_for(place, DG_PART_RECORDS, of_five, &got), DG_ERR_UNSUPPORTED);
    free(records_of);
    free(place);
    dg_archive_close(&archive);
}

/** Sections that belong to no head, or whose sizes differ from those in the head, are not a run. */
Test(run_archive, needs_the_parts_that_the_head_states)
{
    dg_run_place *place = NULL;
    size_t count = 0;
    const dg_run_head one = head_of(1), two = head_of(2);
    dg_archive_writer *writer = begin("a");
    /* run 1: a state of another size; run 2: records of another index, and after the next head */
    OK(dg_archive_add(writer, DG_PART_HEAD, 1, &one, sizeof one, false));
    OK(dg_archive_add(writer, DG_PART_STATE, 1, state, sizeof state - 1, false));
    OK(dg_archive_add(writer, DG_PART_RECORDS, 1, records, one.bytes[DG_PART_RECORDS], true));
    OK(dg_archive_add(writer, DG_PART_HEAD, 2, &two, sizeof two, false));
    OK(dg_archive_add(writer, DG_PART_RECORDS, 3, records, two.bytes[DG_PART_RECORDS], true));
    OK(dg_archive_add(writer, DG_PART_HEAD, 2, &two, sizeof two - 8, false));
    OK(dg_archive_add(writer, DG_PART_RECORDS, 2, records, two.bytes[DG_PART_RECORDS], true));
    OK(dg_archive_commit(&writer));
    dg_archive *archive = open_it("a");
    OK(dg_run_places(&place, &count, archive));
    cr_expect_eq(count, 0);
    free(place);
    dg_archive_close(&archive);
}
