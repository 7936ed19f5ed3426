/** host/directory/merge.c, assemble.c: results that a merge does not replace; the provenance. */
#include "digico/digico.h"

#include "host/config/tree.h"
#include "host/directory/inventory.h"
#include "host/archive/provenance.h"
#include "tests/support/folders.h"

#include <criterion/criterion.h>

#include <stdio.h>
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

TestSuite(merge_kept, .init = set_up, .fini = tear_down, .timeout = 60);

#define OK(call) cr_assert_eq((call), DG_OK, "%s", dg_error())

static const char six[] = "agents: 9\nsteps: 3\ngenerations: 3\nniche: {points: 50}\n"
                          "sweep: {product: {seed: [1, 2, 3, 4, 5, 6]}}\n";

/** Compute the runs of a shard, with this many in a batch. */
static void shard(int index, int count, int batch)
{
    const dg_options options = {.shard = index, .shards = count, .batch = batch};
    OK(folder_run(folder, six, &options, NULL, NULL));
}

/**
 * A partial result has runs whose batches were removed: one with fewer runs does not replace it.
 */
Test(merge_kept, a_result_with_more_runs_than_the_batches)
{
    size_t length, again;
    dg_outcome outcome;
    for (int i = 1; i <= 2; i++) shard(i, 3, 1);
    OK(dg_experiment_merge(folder, 1, NULL, &outcome));
    cr_expect_eq(outcome.runs_completed, 4);
    char *before = file_bytes(folder_result(folder), &length);
    cr_assert_eq(remove(folder_file(folder, DG_BATCH_FOLDER, 0)), 0);
    cr_expect_eq(dg_experiment_merge(folder, 1, NULL, NULL), DG_ERR_MISSING);
    cr_expect(strstr(dg_error(), "4 finished runs") != NULL, "%s", dg_error());
    char *after = file_bytes(folder_result(folder), &again);
    cr_expect(length == again && memcmp(before, after, length) == 0);
    free(before);
    free(after);
    /* a result with as many runs, the same or others, replaces it */
    shard(3, 3, 0);
    OK(dg_experiment_merge(folder, 1, NULL, &outcome));
    cr_expect_eq(outcome.runs_completed, 5);
}

/* ---- the provenance -----------------------------------------------------------------------------
   */

/** Sum of the runs of all batches in provenance.json. */
static int64_t runs_in_provenance(size_t batches)
{
    dg_pool pool = {0};
    dg_node *root = NULL;
    size_t length, seen = 0;
    int64_t runs = 0;
    char *text = file_bytes(folder_path(folder, DG_PROVENANCE_NAME), &length);
    OK(dg_tree_parse(&root, &pool, DG_PROVENANCE_NAME, 0, text, length));
    for (const dg_node *m = root->first; m; m = m->next)
        if (strcmp(m->key, "batches") == 0)
            for (const dg_node *b = m->first; b; b = b->next, seen++)
                runs += atoll(dg_node_text(b, "runs", "-1"));
    cr_expect_eq(seen, batches);
    dg_pool_free(&pool);
    free(text);
    return runs;
}

Test(merge_kept, every_run_is_counted_in_one_batch)
{
    static const size_t batches[] = {0, 6, 3, 2, 2, 2, 1};
    for (int batch = 1; batch <= 6; batch++) {
        const dg_options options = {.batch = batch};
        OK(folder_run(folder, six, &options, NULL, NULL));
        cr_expect_eq(runs_in_provenance(batches[batch]), 6, "%d runs a batch", batch);
        tear_down();
        set_up();
    }
}
