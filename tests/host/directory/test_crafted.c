/**
 * host/directory: archives that no run wrote, with right checksums. They are damage: nothing is
 * read beyond its end, nothing large allocated, nothing of them believed.
 */
#include "host/archive/archive_format.h"
#include "host/directory/inventory.h"
#include "host/directory/manifest.h"

#include "host/models/batch_shape.h"
#include "kernels/science/state.h"
#include "tests/support/contents.h"
#include "tests/support/folders.h"
#include "tests/support/load.h"
#include "tests/support/stopper.h"

#include <criterion/criterion.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

static char *folder;
static collected_log logged;
static const dg_options listening = {.log = collect_log, .user = &logged};

static void set_up(void)
{
    folder = records_folder();
}

static void tear_down(void)
{
    records_remove(folder);
}

TestSuite(crafted, .init = set_up, .fini = tear_down, .timeout = 120);

#define OK(call) cr_assert_eq((call), DG_OK, "%s", dg_error())

static const char two[] = "agents: 9\nsteps: 3\ngenerations: 4\nniche: {points: 100}\n"
                          "sweep: {product: {seed: [1, 2]}}\n";

/* ---- crafting -------------------------------------------------------------------------------- */

/** A section as it is written; `bytes` is what its header states. */
typedef struct section {
    uint32_t tag, index;
    int64_t bytes, stored;
    char *contents; /* [stored] */
} section;

typedef void (*craft)(section *s);

static void put_section(FILE *file, const section *s)
{
    static const char zeros[8] = {0};
    dg_section_header header = {.tag = s->tag,
                                .index = s->index,
                                .bytes = s->bytes,
                                .stored = s->stored,
                                .contents = dg_hash_bytes(s->contents, s->stored),
                                .offset = (uint64_t)ftell(file)};
    header.hash = dg_section_header_hash(&header);
    fwrite(&header, sizeof header, 1, file);
    fwrite(s->contents, 1, (size_t)s->stored, file);
    fwrite(zeros, 1, (size_t)(-s->stored & 7), file);
}

/** Rewrite an archive: `change` alters each section of this tag; all checksums are right. */
static void rewrite(const char *path, dg_archive_kind kind, uint32_t tag, craft change)
{
    dg_archive *a = NULL;
    size_t length;
    char *bytes = file_bytes(path, &length);
    OK(dg_archive_open(&a, path, kind));
    FILE *file = fopen(path, "wb");
    cr_assert_not_null(file);
    fwrite(bytes, sizeof(dg_archive_header), 1, file);
    for (size_t k = 0; k < a->sections; k++) {
        const dg_archive_section *s = &a->section[k];
        section now = {s->tag, s->index, s->bytes, s->stored, malloc((size_t)s->stored + 1)};
        memcpy(now.contents, bytes + s->offset, (size_t)s->stored);
        if (s->tag == tag) change(&now);
        put_section(file, &now);
        free(now.contents);
    }
    put_section(file, &(section){DG_ARCHIVE_END, (uint32_t)a->sections, 0, 0, (char[1]){0}});
    cr_assert_eq(fclose(file), 0);
    dg_archive_close(&a);
    free(bytes);
}

/** Contents that are right in form, and unpack to `bytes` zeros. */
static void fill_with_zeros(section *s, int64_t bytes)
{
    enum { CHUNK = 1 << 20 };
    static char zeros[CHUNK];
    ZSTD_CCtx *context = ZSTD_createCCtx();
    const size_t room = ZSTD_compressBound(CHUNK) + (size_t)(bytes >> 10);
    free(s->contents);
    s->contents = malloc(room);
    ZSTD_CCtx_setPledgedSrcSize(context, (unsigned long long)bytes);
    ZSTD_outBuffer out = {s->contents, room, 0};
    for (int64_t done = 0; done < bytes; done += CHUNK) {
        const bool last = bytes - done <= CHUNK;
        ZSTD_inBuffer in = {zeros, last ? (size_t)(bytes - done) : CHUNK, 0};
        const ZSTD_EndDirective how = last ? ZSTD_e_end : ZSTD_e_continue;
        size_t left;
        do {
            left = ZSTD_compressStream2(context, &out, &in, how);
            cr_assert_not(ZSTD_isError(left));
        } while (last ? left > 0 : in.pos < in.size);
    }
    ZSTD_freeCCtx(context);
    s->bytes = bytes;
    s->stored = (int64_t)out.pos;
}

static void set_text(section *s, const char *text)
{
    free(s->contents);
    s->contents = strdup(text);
    s->bytes = s->stored = (int64_t)strlen(text);
}

/* ---- what becomes of it ---------------------------------------------------------------------- */

static char *unbroken;

/** A finished sweep whose result is still to be made from its batch. */
static const char *finished(void)
{
    static const dg_options anew = {.overwrite = 1};
    OK(folder_run(folder, two, &anew, NULL, NULL));
    if (!unbroken) unbroken = folder_unbroken(two);
    cr_assert_eq(remove(folder_result(folder)), 0);
    logged = (collected_log){.lines = 0};
    return folder_file(folder, DG_BATCH_FOLDER, 0);
}

/** Expect that the damage is named, what is damaged computed again, and the bytes are right. */
static void expect_repaired(const char *part)
{
    OK(folder_run(folder, two, &listening, NULL, NULL));
    cr_expect(strstr(logged.text, "damaged: ") && strstr(logged.text, part), "no `%s' in: %s", part,
              logged.text);
    contents_expect_same_bytes(folder_result(folder), folder_result(unbroken));
    dg_inventory inventory;
    const dg_inventory_request request = {.directory = folder};
    OK(dg_inventory_make(&inventory, &request));
    cr_expect_eq(inventory.damages, 0, "it is repaired");
    cr_expect_eq(inventory.finished_count, 2);
    dg_inventory_free(&inventory);
}

/* ---- sizes ----------------------------------------------------------------------------------- */

static void claim_most(section *s)
{
    s->bytes = INT64_MAX;
}

static void claim_much(section *s)
{
    s->bytes = s->stored * 32768 + 32768;
}

Test(crafted, sizes_that_nothing_can_unpack_to_are_damage)
{
    static const craft change[] = {claim_most, claim_much};
    for (size_t k = 0; k < sizeof change / sizeof *change; k++) {
        rewrite(finished(), DG_ARCHIVE_BATCH, DG_PART_RECORDS, change[k]);
        expect_repaired("no valid section header");
    }
}

static void claim_huge_part(section *s)
{
    dg_run_head head;
    memcpy(&head, s->contents, sizeof head);
    head.bytes[DG_PART_TRACE] = INT64_MAX;
    memcpy(s->contents, &head, sizeof head);
}

Test(crafted, a_head_with_a_part_that_is_not_there_is_no_run)
{
    rewrite(finished(), DG_ARCHIVE_BATCH, DG_PART_HEAD, claim_huge_part);
    OK(folder_run(folder, two, &listening, NULL, NULL));
    contents_expect_same_bytes(folder_result(folder), folder_result(unbroken));
}

static void unpack_to_much(section *s)
{
    fill_with_zeros(s, INT64_C(1) << 30);
    cr_assert_lt(s->stored, 100000);
}

static void expect_much(section *s)
{
    dg_run_head head;
    memcpy(&head, s->contents, sizeof head);
    head.bytes[DG_PART_RECORDS] = INT64_C(1) << 30;
    memcpy(s->contents, &head, sizeof head);
}

Test(crafted, records_that_unpack_to_a_gigabyte_are_refused_before_they_are_unpacked)
{
    const char *path = finished();
    rewrite(path, DG_ARCHIVE_BATCH, DG_PART_RECORDS, unpack_to_much);
    rewrite(path, DG_ARCHIVE_BATCH, DG_PART_HEAD, expect_much);
    cr_expect_eq(folder_run(folder, two, NULL, NULL, NULL), DG_ERR_UNSUPPORTED);
    cr_expect(strstr(dg_error(), "damaged") && strstr(dg_error(), "records of 1073741824 bytes"),
              "%s", dg_error());
    /* repairing the file for another reason copies them as they are */
    file_flip(path, -1, 0);
    cr_expect_eq(folder_run(folder, two, NULL, NULL, NULL), DG_ERR_UNSUPPORTED);
}

Test(crafted, a_provenance_or_manifest_that_unpacks_to_a_gigabyte_is_damage)
{
    rewrite(finished(), DG_ARCHIVE_BATCH, DG_PART_PROVENANCE, unpack_to_much);
    expect_repaired("1073741824 bytes, expected at most");
    finished();
    for (uint32_t tag = 1; tag <= 4; tag++) {
        if (tag == 3) continue; /* there is no --set */
        rewrite(folder_path(folder, DG_MANIFEST_NAME), DG_ARCHIVE_MANIFEST, tag, unpack_to_much);
        expect_repaired("1073741824 bytes, expected at most");
        finished();
    }
}

/* ---- heads ----------------------------------------------------------------------------------- */

static dg_run_head told;

static void set_head(section *s)
{
    dg_run_head head;
    cr_assert_eq(s->stored, sizeof head);
    memcpy(&head, s->contents, sizeof head);
    if (s->index == 0) head.status = told.status;
    if (s->index == 0) head.generations = told.generations;
    if (s->index == 0) head.bytes[DG_PART_PACKED] = told.bytes[DG_PART_PACKED];
    memcpy(s->contents, &head, sizeof head);
}

Test(crafted, runs_that_cannot_have_ended_so_are_damage)
{
    static const struct {
        int32_t status, generations;
        int64_t packed;
        const char *part;
    } heads[] = {
        {77, 4, 0, "unknown status"},
        {-1, 4, 0, "unknown status"},
        {DG_RUN_COMPLETED, 3, 0, "completed after 3 of 4 generations"},
        {DG_RUN_COMPLETED, 5, 0, "completed after 5 of 4 generations"},
        {DG_RUN_COMPLETED, -4, 0, "a run that has not ended"},
        {DG_RUN_NONFINITE, 5, 0, "nonfinite after 5 of 4 generations"},
        {DG_RUN_NONFINITE, 0, 0, "a run that has not ended"},
        {DG_RUN_CONVERGED, 4, 0, "converged after 4 of 4 generations"}, /* no early_stop */
        {DG_RUN_PLANNED, 3, 0, "a run that has not ended"},             /* in a batch */
        {DG_RUN_COMPLETED, 4, -8, "negative size"},
    };
    for (size_t k = 0; k < sizeof heads / sizeof *heads; k++) {
        told = (dg_run_head){.status = heads[k].status, .generations = heads[k].generations};
        told.bytes[DG_PART_PACKED] = heads[k].packed;
        rewrite(finished(), DG_ARCHIVE_BATCH, DG_PART_HEAD, set_head);
        expect_repaired(heads[k].part);
    }
}

/* ---- provenance ------------------------------------------------------------------------------ */

static const char *provenance;

static void set_provenance(section *s)
{
    set_text(s, provenance);
}

Test(crafted, a_provenance_that_is_no_json_is_not_spliced_into_another)
{
    static const char *const texts[] = {"{\"a\": 1}, \"spliced\": {}", "spliced", "[spliced]",
                                        "{\"a\": [\"spliced\"]}",      "",        "{\"spliced\""};
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
        size_t length;
        provenance = texts[k];
        rewrite(finished(), DG_ARCHIVE_BATCH, DG_PART_PROVENANCE, set_provenance);
        expect_repaired("its provenance is not a JSON object");
        char *text = file_bytes(folder_path(folder, "provenance.json"), &length);
        cr_expect_null(strstr(text, "spliced"), "%s", text);
        free(text);
    }
}

/** YAML that is no JSON is written as JSON. */
Test(crafted, a_provenance_in_yaml_becomes_json)
{
    const dg_options any_build = {.mixed_builds = 1};
    size_t length;
    provenance = "{backend: c\"p\\u, threads: 07, 'x': 5}";
    rewrite(finished(), DG_ARCHIVE_BATCH, DG_PART_PROVENANCE, set_provenance);
    OK(folder_run(folder, two, &any_build, NULL, NULL));
    char *text = file_bytes(folder_path(folder, "provenance.json"), &length);
    static const char expected[] =
        "\"computed\": {\"backend\": \"c\\\"p\\\\u\", \"threads\": \"07\", \"x\": 5}";
    cr_expect(strstr(text, expected) != NULL, "%s", text);
    free(text);
}

/* ---- models ---------------------------------------------------------------------------------- */

/** As many bytes as 5 snapshots of 10 agents: 8 + 24 S + 4 S A + 8 A. */
static void swap_sizes(section *s)
{
    const int32_t sizes[2] = {20, 1};
    char *whole = calloc(1, 408);
    cr_assert_eq(ZSTD_decompress(whole, 408, s->contents, (size_t)s->stored), 408);
    memcpy(whole, sizes, sizeof sizes);
    free(s->contents);
    s->contents = whole;
    s->stored = s->bytes;
}

Test(crafted, an_echo_chamber_of_other_sizes_is_refused)
{
    static const char echo[] = "model: echo-chamber\necho: {agents: 10, steps: 5, "
                               "snapshot_every: 1}\n";
    OK(folder_run(folder, echo, NULL, NULL, NULL));
    cr_assert_eq(remove(folder_result(folder)), 0);
    rewrite(folder_file(folder, DG_BATCH_FOLDER, 0), DG_ARCHIVE_BATCH, DG_PART_PACKED, swap_sizes);
    cr_expect_eq(folder_run(folder, echo, NULL, NULL, NULL), DG_ERR_IO);
    cr_expect(strstr(dg_error(), "damaged") != NULL, "%s", dg_error());
}

static const char begun[] = "agents: 9\nsteps: 3\ngenerations: 20000\nniche: {points: 100}\n";
static int64_t field_offset; /* of an int32_t within the state */
static int32_t field_value;

static void set_field(section *s)
{
    memcpy(s->contents + field_offset, &field_value, sizeof field_value);
}

Test(crafted, a_saved_state_that_would_index_beyond_an_array_is_refused)
{
    static const dg_options plain;
    dg_shape shape;
    dg_batch_options batch;
    stopper s = {.after = 1};
    const dg_options stopping = {.stop = &s.stop, .progress = stop_later, .user = &s};
    dg_experiment *experiment = load_text(begun, NULL, NULL);
    dg_batch_describe(RUN_CONFIG(experiment, 0), &plain, &shape, &batch);
    cr_assert_eq(folder_run(folder, begun, &stopping, NULL, NULL), DG_ERR_STOPPED);
    const char *path = folder_file(folder, DG_CHECKPOINT_FOLDER, 0);
    char *block = aligned_alloc(64, (size_t)dg_state_bytes(&shape));
    const dg_state state = dg_state_at(&shape, block);
    const int32_t *const field[] = {state.belief, state.message, state.observed, state.registers};
    for (size_t k = 0; k < sizeof field / sizeof *field; k++) {
        size_t length;
        char *bytes = file_bytes(path, &length);
        field_offset = (const char *)field[k] - block;
        field_value = 1000000;
        rewrite(path, DG_ARCHIVE_CHECKPOINT, DG_PART_STATE, set_field);
        cr_expect_eq(folder_run(folder, begun, NULL, NULL, NULL), DG_ERR_IO);
        cr_expect(strstr(dg_error(), path) && strstr(dg_error(), "damaged"), "%s", dg_error());
        file_put(path, bytes, length);
        free(bytes);
    }
    free(block);
    dg_experiment_free(&experiment);
}
