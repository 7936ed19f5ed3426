/** host/directory/assemble.c: the result does not depend on batches; recognising a complete one. */
#include "host/directory/assemble.h"
#include "host/directory/recorded.h"
#include "host/directory/session_open.h"

#include "tests/support/contents.h"
#include "tests/support/folders.h"
#include "host/config/tree.h"
#include "host/archive/provenance.h"
#include "tests/support/load.h"

#include <criterion/criterion.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static char *folder;

static void set_up(void)
{
    folder = records_folder();
}

static void tear_down(void)
{
    records_remove(folder);
}

TestSuite(assemble, .init = set_up, .fini = tear_down, .timeout = 60);

#define OK(call) cr_assert_eq((call), DG_OK, "%s", dg_error())

static const char six[] = "agents: 9\nsteps: 3\ngenerations: 4\nniche: {points: 100}\n"
                          "output: {agents: true, every: 2}\n"
                          "sweep:\n  conditions: [{name: a}, {name: b, set: {values: 12}}]\n"
                          "  product: {seed: [3, 1, 2]}\n";

/** Run six into the folder, in shards and batches of so many runs. */
static void run_in_pieces(int shards, int batch)
{
    for (int i = shards; i >= 1; i--) {
        const dg_options options = {.shard = i, .shards = shards, .batch = batch};
        OK(folder_run(folder, six, &options, NULL, NULL));
    }
}

Test(assemble, does_not_show_in_how_many_pieces_runs_were_computed)
{
    char *whole = folder_unbroken(six);
    for (int shards = 1; shards <= 6; shards += 2)
        for (int batch = 0; batch <= 2; batch++) {
            run_in_pieces(shards, batch);
            OK(folder_run(folder, six, NULL, NULL, NULL));
            contents_expect_same_bytes(folder_result(folder), folder_result(whole));
            tear_down();
            set_up();
        }
    records_remove(whole);
}

/** Further batches with the same runs, here copies of other names, change nothing. */
Test(assemble, takes_runs_that_several_batches_hold_once)
{
    char *whole = folder_unbroken(six);
    size_t length;
    run_in_pieces(2, 1);
    char *bytes = file_bytes(folder_file(whole, DG_BATCH_FOLDER, 0), &length);
    file_put(folder_path(folder, "batches/0000000000000000.batch"), bytes, length);
    file_put(folder_path(folder, "batches/ffffffffffffffff.batch"), bytes, length);
    free(bytes);
    OK(folder_run(folder, six, NULL, NULL, NULL));
    contents_expect_same_bytes(folder_result(folder), folder_result(whole));
    records_remove(whole);
}

/* ---- the provenance -------------------------------------------------------------------------- */

static const dg_node *member_of(const dg_node *map, const char *key)
{
    for (const dg_node *m = map->first; m; m = m->next)
        if (strcmp(m->key, key) == 0) return m;
    cr_assert_fail("no `%s'", key);
    return NULL;
}

static void expect_member(const dg_node *map, const char *key, const char *expected)
{
    cr_expect_str_eq(member_of(map, key)->text, expected, "%s", key);
}

Test(assemble, writes_the_provenance_of_each_batch)
{
    dg_pool pool = {0};
    dg_node *root = NULL;
    uint64_t hash;
    int64_t bytes, runs = 0;
    char number[32];
    size_t length;
    run_in_pieces(2, 1);
    OK(folder_run(folder, six, NULL, NULL, NULL));
    char *text = file_bytes(folder_path(folder, DG_PROVENANCE_NAME), &length);
    OK(dg_tree_parse(&root, &pool, "p", 0, text, length));
    OK(dg_file_hash(folder_result(folder), &hash, &bytes));
    snprintf(number, sizeof number, "%016" PRIx64, hash);
    expect_member(root, "xxh3_64", number);
    snprintf(number, sizeof number, "%" PRId64, bytes);
    expect_member(root, "bytes", number);
    expect_member(root, "runs_planned", "6");
    expect_member(root, "runs_completed", "6");
    expect_member(root, "runs_missing", "0");
    const dg_node *batches = member_of(root, "batches");
    cr_expect_eq(batches->count, 6);
    for (const dg_node *b = batches->first; b; b = b->next) {
        runs += atoi(member_of(b, "runs")->text);
        const dg_node *how = member_of(b, "computed");
        expect_member(how, "backend", "cpu");
        cr_expect_gt(strlen(member_of(how, "host")->text), 0);
        cr_expect_eq(strlen(member_of(how, "started")->text), strlen("2000-01-01T00:00:00Z"));
    }
    cr_expect_eq(runs, 6);
    dg_pool_free(&pool);
    free(text);
}

/* ---- recognising a complete result ----------------------------------------------------------- */

/** Is the result in the folder recognised as the complete one of an experiment? */
static bool already(const char *yaml)
{
    dg_session *s = NULL;
    dg_run_counts count = {{77}};
    dg_experiment *e = load_text(yaml, NULL, NULL);
    const dg_options plain = {0};
    OK(dg_session_open(&s, e, folder, &plain));
    const bool is = dg_assembled_already(&count, s, NULL);
    if (is) cr_expect_eq(count.of[DG_RUN_COMPLETED], e->runs);
    cr_expect_eq(count.of[DG_RUN_PLANNED], is ? 0 : 77, "unchanged");
    dg_session_close(&s);
    dg_experiment_free(&e);
    return is;
}

Test(assemble, recognises_a_complete_result_with_and_without_its_batches)
{
    OK(folder_run(folder, six, NULL, NULL, NULL));
    cr_expect(already(six));
    cr_assert_eq(remove(folder_file(folder, DG_BATCH_FOLDER, 0)), 0);
    cr_assert_eq(remove(folder_file(folder, DG_BATCH_FOLDER, 0)), 0);
    cr_assert_eq(folder_count(folder, DG_BATCH_FOLDER), 0);
    cr_expect(already(six));
    dg_outcome outcome;
    OK(folder_run(folder, six, NULL, NULL, &outcome));
    cr_expect_eq(outcome.runs_kept, 6);
    cr_expect_eq(outcome.agent_steps, 0);
}

/** Any byte of the result counts, also those that no reader of netCDF looks at. */
Test(assemble, detects_a_flipped_bit_in_the_result)
{
    size_t length;
    char *whole = folder_unbroken(six);
    OK(folder_run(folder, six, NULL, NULL, NULL));
    char *bytes = file_bytes(folder_result(folder), &length);
    for (size_t k = 0; k < 40; k++) {
        const size_t at = k * (length - 1) / 39;
        bytes[at] ^= 4;
        file_put(folder_result(folder), bytes, length);
        cr_expect_not(already(six), "byte %zu", at);
        bytes[at] ^= 4;
    }
    file_put(folder_result(folder), bytes, length - 1);
    cr_expect_not(already(six), "truncated");
    dg_outcome outcome;
    OK(folder_run(folder, six, NULL, NULL, &outcome));
    cr_expect_eq(outcome.agent_steps, 0, "written again from its batches");
    contents_expect_same_bytes(folder_result(folder), folder_result(whole));
    free(bytes);
    records_remove(whole);
}

/** Replace the first `from` in the provenance. */
static void change_provenance(const char *text, const char *from, const char *to)
{
    const char *place = strstr(text, from);
    char *changed = NULL;
    cr_assert_not_null(place, "%s", from);
    changed = dg_text("%.*s%s%s", (int)(place - text), text, to, place + strlen(from));
    file_put(folder_path(folder, DG_PROVENANCE_NAME), changed, strlen(changed));
    free(changed);
}

Test(assemble, does_not_trust_another_provenance)
{
    static const char *const changes[][2] = {
        {"\"xxh3_64\": \"", "\"xxh3_64\": \"0"},
        {"\"experiment\": \"", "\"experiment\": \"f"},
        {"\"xxh3_64\"", "\"xxh3\""},
        {"\"runs_missing\": 0", "\"runs_missing\": 1"},
        {"\"runs_completed\": 6", "\"runs_completed\": 5"},
        {"\"runs_nonfinite\": 0", "\"runs_nonfinite\": -1"},
        {"\"runs_converged\": 0", "\"runs_converged\": \"\""},
        {"{", "["},
    };
    size_t length;
    OK(folder_run(folder, six, NULL, NULL, NULL));
    const char *path = folder_path(folder, DG_PROVENANCE_NAME);
    char *text = file_bytes(path, &length);
    for (size_t k = 0; k < sizeof changes / sizeof *changes; k++) {
        change_provenance(text, changes[k][0], changes[k][1]);
        cr_expect_not(already(six), "%s", changes[k][1]);
    }
    path = folder_path(folder, DG_PROVENANCE_NAME);
    for (size_t cut = 0; cut < length; cut += 61) {
        file_put(path, text, cut);
        cr_expect_not(already(six), "%zu bytes", cut);
        path = folder_path(folder, DG_PROVENANCE_NAME);
    }
    cr_assert_eq(remove(path), 0);
    cr_expect_not(already(six), "none");
    free(text);
}

Test(assemble, result_of_another_experiment_is_not_complete)
{
    char other[700];
    OK(folder_run(folder, six, NULL, NULL, NULL));
    snprintf(other, sizeof other, "%s# the text is part of the result\n", six);
    cr_expect_not(already(other));
}

/* ---- missing and damaged runs ---------------------------------------------------------------- */

Test(assemble, counts_finished_and_missing_runs)
{
    dg_session *s = NULL;
    dg_experiment *e = load_text(six, NULL, NULL);
    const dg_options second = {.shard = 2, .shards = 3}, plain = {0};
    OK(folder_run(folder, six, &second, NULL, NULL));
    OK(dg_session_open(&s, e, folder, &plain));
    const dg_run_counts count = dg_assembled_count(s);
    cr_expect_eq(count.of[DG_RUN_COMPLETED], 2);
    cr_expect_eq(count.of[DG_RUN_PLANNED], 4);
    cr_expect_eq(count.of[DG_RUN_NONFINITE] + count.of[DG_RUN_CONVERGED], 0);
    size_t finished = 0;
    for (size_t r = 0; r < e->runs; r++)
        finished += dg_inventory_finished(&s->inventory, &s->id[r]) != NULL;
    cr_expect_eq(finished, 2);
    dg_session_close(&s);
    dg_experiment_free(&e);
}

/** A batch is damaged after the inventory was read: an error, and the old result is unchanged. */
Test(assemble, of_a_batch_damaged_meanwhile_changes_nothing)
{
    dg_session *s = NULL;
    dg_archive *a = NULL;
    size_t length, again;
    dg_experiment *e = load_text(six, NULL, NULL);
    const dg_options plain = {0};
    OK(folder_run(folder, six, NULL, NULL, NULL));
    char *before = file_bytes(folder_result(folder), &length);
    OK(dg_session_open(&s, e, folder, &plain));
    const char *batch = folder_file(folder, DG_BATCH_FOLDER, 0);
    OK(dg_archive_open(&a, batch, DG_ARCHIVE_BATCH));
    file_flip(batch, (long)dg_archive_find(a, DG_PART_RECORDS, 0)->offset, 0);
    cr_expect_eq(dg_assemble(s, NULL), DG_ERR_IO);
    cr_expect(strstr(dg_error(), "damaged") != NULL, "%s", dg_error());
    char *after = file_bytes(folder_result(folder), &again);
    cr_assert_eq(length, again);
    cr_expect_eq(memcmp(before, after, length), 0);
    cr_expect_not(dg_file_exists(folder_path(folder, DG_RESULT_NAME ".part")));
    free(before);
    free(after);
    dg_archive_close(&a);
    dg_session_close(&s);
    dg_experiment_free(&e);
}
