/** host/directory/manifest.c, manifest_difference.c: storing an experiment, comparing two. */
#include "host/directory/manifest.h"

#include "tests/support/folders.h"
#include "host/base/files.h"
#include "host/config/fingerprint.h"
#include "tests/support/load.h"

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

TestSuite(manifest, .init = set_up, .fini = tear_down);

#define OK(call) cr_assert_eq((call), DG_OK, "%s", dg_error())

static const char sweep[] = "# with a comment: é\nagents: 9\nsteps: 3\n"
                            "sweep:\n  product:\n    reading: [text, tables]\n    seed: [1, 2]\n";

static const char *file_of(void)
{
    return folder_path(folder, DG_MANIFEST_NAME);
}

static void expect_same_experiment(const dg_experiment *a, const dg_experiment *b)
{
    dg_fingerprint *of_a = NULL, *of_b = NULL;
    cr_assert_eq(a->runs, b->runs);
    OK(dg_fingerprints_of(&of_a, a));
    OK(dg_fingerprints_of(&of_b, b));
    cr_expect_eq(memcmp(of_a, of_b, a->runs * sizeof *of_a), 0);
    cr_expect_str_eq(a->name, b->name);
    cr_expect_str_eq(a->text, b->text);
    for (size_t r = 0; r < a->runs; r++)
        cr_expect_str_eq(dg_run_config(a, r).condition, dg_run_config(b, r).condition);
    free(of_a);
    free(of_b);
}

static void check_round_trip(const char *yaml, const char *first, const char *second)
{
    dg_experiment *e = load_text(yaml, first, second), *back = NULL;
    char *build = NULL;
    OK(dg_manifest_write(folder, e));
    OK(dg_manifest_read(&back, &build, folder));
    cr_expect_str_eq(build, dg_manifest_build());
    expect_same_experiment(e, back);
    cr_expect_eq(back->sets, (size_t)((first != NULL) + (second != NULL)));
    free(build);
    dg_experiment_free(&e);
    dg_experiment_free(&back);
}

Test(manifest, gives_back_the_experiment_with_its_overrides)
{
    check_round_trip(sweep, NULL, NULL);
    check_round_trip(sweep, "steps=[4, 5, 6]", NULL);
    check_round_trip(sweep, "steps=7", "groups.ai.belief={fixed_at: 3}");
    check_round_trip("{}\n", NULL, NULL);
    check_round_trip("model: echo-chamber\nsweep: {product: {seed: [1, 2]}}\n", NULL, NULL);
    check_round_trip("sweep: {conditions: [{name: a, set: {steps: 1}}, {name: b}]}\n", "agents=12",
                     NULL);
    cr_expect_eq(folder_count(folder, "."), 1);
}

Test(manifest, of_an_empty_folder_is_an_error)
{
    dg_experiment *e = NULL;
    char *build = NULL;
    cr_expect_eq(dg_manifest_read(&e, &build, folder), DG_ERR_ARGUMENT);
    cr_expect(strstr(dg_error(), folder) && strstr(dg_error(), "no sweep"), "%s", dg_error());
    cr_expect(!e && !build);
}

/** With any bit flipped or any length cut, reading returns an error or the same experiment. */
Test(manifest, damaged_is_never_another_experiment)
{
    dg_experiment *e = load_text(sweep, "steps=4", NULL), *back = NULL;
    char *build = NULL;
    size_t length, refused = 0;
    OK(dg_manifest_write(folder, e));
    char *bytes = file_bytes(file_of(), &length);
    for (size_t k = 0; k < 2 * length; k++) {
        char kept = bytes[k % length];
        bytes[k % length] = (char)(kept ^ (1 << k % 8));
        file_put(file_of(), bytes, k < length ? length : k - length);
        const dg_status status = dg_manifest_read(&back, &build, folder);
        cr_assert(status == DG_OK || status == DG_ERR_IO, "%zu: %s", k, dg_error());
        bytes[k % length] = kept;
        refused += status != DG_OK;
        if (status != DG_OK) continue;
        cr_assert_lt(k, length, "truncated");
        expect_same_experiment(e, back);
        dg_experiment_free(&back);
        free(build);
    }
    cr_expect_gt(refused, 2 * length - 64, "all but padding");
    free(bytes);
    dg_experiment_free(&e);
}

Test(manifest, of_another_model_version_is_refused)
{
    dg_experiment *e = load_text(sweep, NULL, NULL), *back = NULL;
    char *build = NULL;
    OK(dg_manifest_write(folder, e));
    archive_of_version(file_of(), DG_MODEL_VERSION + 1, DG_ARCHIVE_VERSION);
    cr_expect_eq(dg_manifest_read(&back, &build, folder), DG_ERR_ARGUMENT);
    cr_expect(strstr(dg_error(), DG_MANIFEST_NAME ": model version ") != NULL, "%s", dg_error());
    dg_experiment_free(&e);
}

/* ---- differences ----------------------------------------------------------------------------- */

static void expect_difference(const char *stored, const char *given, const char *expected)
{
    char text[700];
    dg_experiment *a = load_text(stored, NULL, NULL), *b = load_text(given, NULL, NULL);
    dg_manifest_difference(a, b, text, sizeof text);
    cr_expect_str_eq(text, expected);
    dg_experiment_free(&a);
    dg_experiment_free(&b);
}

Test(manifest, difference_names_keys_and_values)
{
    expect_difference("agents: 9\nsteps: 3\n", "agents: 9\nsteps: 4\n", "steps: stored 3, given 4");
    expect_difference("seed: 1\nsteps: 3\n", "seed: 2\nsteps: 4\ncheckpoint: {minutes: 1}\n",
                      "seed: stored 1, given 2; steps: stored 3, given 4");
    expect_difference("contagion: {factor: 0.1}\n", "contagion: {factor: 0.30000000000000004}\n",
                      "contagion.factor: stored 0.1, given 0.30000000000000004");
}

Test(manifest, difference_shows_first_what_the_other_lacks)
{
    expect_difference("sweep: {product: {seed: [1, 2, 3, 4, 5, 6, 7]}}\n",
                      "sweep: {product: {seed: [1, 2, 3, 4, 5, 6]}}\n",
                      "seed: stored [1, 2, 3, 7, ... (7 values)], "
                      "given [1, 2, 3, 4, ... (6 values)]");
    expect_difference("sweep: {product: {seed: [2, 1]}}\n", "seed: 1\n",
                      "seed: stored [1, 2], given 1");
    expect_difference("sweep: {product: {contagion.factor: [10, 9, 0.5, -1]}}\n", "seed: 1\n",
                      "contagion.factor: stored [-1, 0.5, 9, 10], given 5");
}

Test(manifest, difference_names_groups_that_one_side_has)
{
    char text[2000];
    dg_experiment *a = load_text("groups: {people: {kind: human, size: 9}}\n", NULL, NULL);
    dg_experiment *b = load_text("groups: {bots: {kind: ai, size: 2}, people: {kind: human, size: "
                                 "9}}\n",
                                 NULL, NULL);
    dg_manifest_difference(a, b, text, sizeof text);
    cr_expect(strstr(text, "agents: stored 9, given 11") != NULL, "%s", text);
    cr_expect(strstr(text, "groups.bots.size: stored none, given 2") != NULL, "%s", text);
    cr_expect_null(strstr(text, "groups.people"), "%s", text);
    dg_manifest_difference(b, a, text, sizeof text);
    cr_expect(strstr(text, "groups.bots.size: stored 2, given none") != NULL, "%s", text);
    dg_experiment_free(&a);
    dg_experiment_free(&b);
}

Test(manifest, difference_of_combinations_counts_runs)
{
    expect_difference("sweep: {product: {seed: [1, 2], steps: [3, 4]}}\n",
                      "sweep: {zip: {seed: [1, 2], steps: [4, 3]}}\n",
                      "the same values in other combinations: stored 4 runs, given 2");
}

Test(manifest, difference_is_cut_to_the_size_of_the_buffer)
{
    dg_experiment *a = load_text("steps: 3\nvalues: 7\n", NULL, NULL);
    dg_experiment *b = load_text("steps: 4\nvalues: 8\n", NULL, NULL);
    char whole[300], text[300];
    dg_manifest_difference(a, b, whole, sizeof whole);
    for (size_t size = 2; size < strlen(whole) + 3; size++) {
        memset(text, 'x', sizeof text);
        dg_manifest_difference(a, b, text, size);
        cr_assert_lt(strlen(text), size);
        cr_expect_eq(text[size], 'x', "written beyond the buffer");
        cr_expect_eq(strncmp(text, whole, strlen(text)), 0, "%zu: `%s'", size, text);
    }
    dg_experiment_free(&a);
    dg_experiment_free(&b);
}
