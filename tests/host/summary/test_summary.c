/** host/summary/: tables, CSV and comparison with the paper; host/base/text_table.c */
#include "host/summary/published.h"
#include "host/store/store.h"
#include "host/summary/summary.h"
#include "host/base/text_table.h"

#include "tests/support/kept.h"
#include "tests/support/records.h"

#include <criterion/criterion.h>

#include <math.h>
#include <netcdf.h>
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

TestSuite(summary, .init = set_up, .fini = tear_down);

#define HEADER "source,agents,ai_type,weight_update,parameter,value,metric,mean,spread,seeds\n"

#define OK(call) cr_assert_eq((call), DG_OK, "%s", dg_error())

/** Path of a new file in the folder, valid until the next call. */
static const char *write_text(const char *name, const char *text)
{
    static char path[600];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    fputs(text, file);
    fclose(file);
    return path;
}

/** dg_summary_print() of the folder. */
static dg_status print_summary(FILE *file, const dg_summary_options *options)
{
    dg_results *results = NULL;
    OK(dg_results_open(&results, folder));
    const dg_status status = dg_summary_print(file, results, options);
    dg_results_close(&results);
    return status;
}

/** The output of dg_summary_print(), valid until the next call. */
static const char *printed(const dg_summary_options *options)
{
    static char *text;
    size_t size = 0;
    free(text);
    FILE *file = open_memstream(&text, &size);
    OK(print_summary(file, options));
    fclose(file);
    return text;
}

static void assert_has(const char *text, const char *part)
{
    cr_assert(strstr(text, part) != NULL, "no `%s' in:\n%s", part, text);
}

/* code of a run that converged after this number of generations, for write_runs() */
#define CONVERGED(generations) (100 + (generations))

static dg_run_status status_of(int32_t generations)
{
    if (generations < 0) return DG_RUN_NONFINITE;
    return generations > 100 ? DG_RUN_CONVERGED : DG_RUN_COMPLETED;
}

/**
 * Write runs 0, 1, ... of an experiment of 5 generations. generations[r] is the number that run r
 * finished: 0 means not started, a negative number ended with a value that is not finite, and
 * CONVERGED() converged early. After g generations 16 - g of 30 have belief 0; views are 8/17.
 */
static void write_runs(const char *yaml, const int32_t *generations)
{
    dg_experiment *experiment = NULL;
    dg_store *store = NULL;
    OK(dg_experiment_parse(&experiment, "test.yaml", yaml, strlen(yaml), NULL, 0));
    OK(kept_begin(&store, experiment, folder));
    for (size_t r = 0; r < dg_experiment_runs(experiment); r++) {
        const int32_t finished = abs(generations[r]) % 100;
        if (finished == 0) continue;
        const dg_shape shape = records_shape(5);
        int64_t *records = records_make(&shape);
        const dg_kept_run done = {.outcome = {r, status_of(generations[r]), finished, 0},
                                  .shape = &shape,
                                  .records = records};
        OK(dg_model_digico.store(store, &done));
        free(records);
    }
    OK(dg_store_finish(&store));
    dg_experiment_free(&experiment);
}

/** Two updates, three seeds: human belief 0 is 15/30, 13/30, 11/30; 15/30, not finite, no run. */
static void write_six(void)
{
    char yaml[1024];
    snprintf(yaml, sizeof yaml,
             "%sgenerations: 5\nsweep: {product: {belief_weights.update: [fixed, reward], seed: "
             "[1, 2, 3]}}\n",
             records_yaml);
    write_runs(yaml, (const int32_t[]){1, 3, 5, 1, -3, 0});
}

Test(summary, prints_the_table_computed_by_hand)
{
    char expected[2048];
    snprintf(
        expected, sizeof expected,
        "last generation; mean ± standard deviation over completed runs\n"
        "\n"
        "belief_weights.update       AI views     AI fitness  human belief 0  completed/planned\n"
        "──────────────────────────────────────────────────────────────────────────────────────\n"
        "fixed                  0.471 ± 0.000  0.400 ± 0.000   0.433 ± 0.067                3/3\n"
        "reward                         0.471          0.400           0.500                1/3\n"
        "\n"
        "4 completed / 6 planned, 1 ended with a non-finite value, 1 not finished\n"
        "%s/results.nc\n",
        folder);
    write_six();
    cr_assert_str_eq(printed(NULL), expected);
}

Test(summary, csv_has_all_digits)
{
    const dg_summary_options options = {.csv = true};
    write_six();
    const char *text = printed(&options);
    assert_has(text,
               "belief_weights_update,n_planned,n_completed,n_converged,n_nonfinite,ai_views_n,");
    assert_has(text, ",human_belief_0_n,human_belief_0_mean,human_belief_0_sd,human_belief_0_min,"
                     "human_belief_0_max\n");
    assert_has(text, "\nfixed,3,3,0,0,3,0.47058823529411764,0,0.47058823529411764,");
    assert_has(text, ",0.36666666666666664,0.5\n"); /* min and max of 15, 13, 11 of 30 */
    assert_has(text, "\nreward,3,1,0,1,1,");
    assert_has(text, ",1,0.5,,0.5,0.5\n"); /* no deviation for a single run */
}

Test(summary, can_use_the_mean_over_generations)
{
    const dg_summary_options options = {.csv = true, .statistic = DG_STATISTIC_MEAN};
    write_six();
    /* means of 15; 15, 14, 13; 15 ... 11 of 30: 15/30, 14/30, 13/30 */
    assert_has(printed(&options), "\nfixed,3,3,0,0,3,0.470588235294117");
    assert_has(printed(&options), ",0.46666666666666");
    assert_has(printed(&options), ",0.4333333333333333,0.5\n");
}

Test(summary, groups_by_the_requested_keys)
{
    const char *const by[] = {"seed"};
    const dg_summary_options options = {.by = by, .by_count = 1, .csv = true};
    write_six();
    const char *text = printed(&options);
    assert_has(text, "seed,n_planned");
    assert_has(text, "\n1,2,2,0,0,");
    assert_has(text, "\n2,2,1,0,1,");
    assert_has(text, "\n3,2,1,0,0,");
}

Test(summary, accepts_both_spellings_of_a_key)
{
    const char *const dotted[] = {"belief_weights.update"}, *const flat[] = {
                                                                "belief_weights_update"};
    const dg_summary_options one = {.by = dotted, .by_count = 1};
    const dg_summary_options other = {.by = flat, .by_count = 1};
    write_six();
    char *text = strdup(printed(&one));
    cr_assert_str_eq(printed(&other), text);
    free(text);
}

Test(summary, refuses_a_key_that_was_not_swept)
{
    const char *const by[] = {"ai_type"};
    const dg_summary_options options = {.by = by, .by_count = 1};
    write_six();
    cr_assert_eq(print_summary(stdout, &options), DG_ERR_CONFIG);
    assert_has(dg_error(), "ai_type");
    assert_has(dg_error(), "seed, belief_weights.update");
}

Test(summary, prints_a_dash_if_no_run_completed)
{
    char yaml[1024];
    snprintf(yaml, sizeof yaml, "%sgenerations: 5\n", records_yaml);
    write_runs(yaml, (const int32_t[]){-2});
    assert_has(printed(NULL), "\n       –           –               –                0/1\n");
}

/* ---- AI fitness that is no share ------------------------------------------------------------- */

/** Bots 8 - 40 lambda, people 9 - 30 lambda: 4/10, -2/-0.5, -32/-53; two seeds, the last not run. */
static void write_negative(void)
{
    char yaml[1024];
    snprintf(yaml, sizeof yaml,
             "%sgenerations: 5\nsweep: {product: {seed: [1, 2], reward.truthfulness: [0.1, 0.25, "
             "1]}}\n",
             records_yaml);
    write_runs(yaml, (const int32_t[]){1, 1, 1, 1, 1, 0});
}

Test(summary, leaves_out_and_counts_ai_fitness_that_is_no_share)
{
    const char *const by[] = {"seed"};
    const dg_summary_options options = {.by = by, .by_count = 1};
    char expected[2048];
    snprintf(
        expected, sizeof expected,
        "last generation; mean ± standard deviation over completed runs\n"
        "\n"
        "seed       AI views  AI fitness  human belief 0  completed/planned  AI fitness left out\n"
        "───────────────────────────────────────────────────────────────────────────────────────\n"
        "1     0.471 ± 0.000       0.400   0.500 ± 0.000                3/3                    2\n"
        "2     0.471 ± 0.000       0.400   0.500 ± 0.000                2/3                    1\n"
        "\n"
        "5 completed / 6 planned, 1 not finished\n"
        "AI fitness: 3 runs left out of the mean: it is no share where fitness is negative in sum "
        "over AI or over human agents; compare fitness_mean of the groups\n"
        "%s/results.nc\n",
        folder);
    write_negative();
    cr_assert_str_eq(printed(&options), expected, "got:\n%s", printed(&options));
}

Test(summary, csv_has_the_count_of_ai_fitness_left_out)
{
    const char *const by[] = {"reward.truthfulness"};
    const dg_summary_options options = {.by = by, .by_count = 1, .csv = true};
    write_negative();
    const char *text = printed(&options);
    assert_has(text, ",ai_fitness_max,ai_fitness_left_out,human_belief_0_n,");
    assert_has(
        text,
        ",2,0.39999999821186066,0,0.39999999821186066,0.39999999821186066,0,2,0.5,"); /* 0.1 */
    assert_has(text, "\n0.25,2,2,0,0,2,0.47058823529411764,0,0.47058823529411764,"
                     "0.47058823529411764,0,,,,,2,2,0.5,");
    assert_has(text, "\n1,2,1,0,0,1,0.47058823529411764,,0.47058823529411764,0.47058823529411764,"
                     "0,,,,,1,1,0.5,");
}

Test(summary, a_mean_leaves_out_runs_with_any_such_generation)
{
    const dg_summary_options options = {.statistic = DG_STATISTIC_MEAN};
    write_negative();
    assert_has(printed(&options), "AI fitness: 3 runs left out of the mean");
    assert_has(printed(&options), "human agents in any generation;");
}

/** Make the result one of a version without these variables. */
static void forget(const char *const *name, size_t count)
{
    char path[600], other[64];
    int file, id;
    snprintf(path, sizeof path, "%s/results.nc", folder);
    cr_assert_eq(nc_open(path, NC_WRITE, &file), NC_NOERR);
    for (size_t v = 0; v < count; v++) {
        cr_assert_eq(nc_inq_varid(file, name[v], &id), NC_NOERR);
        snprintf(other, sizeof other, "other_%zu", v);
        cr_assert_eq(nc_rename_var(file, id, other), NC_NOERR);
    }
    cr_assert_eq(nc_close(file), NC_NOERR);
}

static const char *const newer[] = {"negative_fitness_last", "negative_fitness_mean",
                                    "fitness_mean"};

/** As report/digico_report/negative_fitness.py: fitness of groups tells it, in any file. */
Test(summary, of_an_older_file_the_same_runs_are_left_out)
{
    const char *const by[] = {"reward.truthfulness"};
    const dg_summary_options csv = {.by = by, .by_count = 1, .csv = true},
                             mean = {.statistic = DG_STATISTIC_MEAN}, table = {0};
    const dg_summary_options *const all[] = {&csv, &mean, &table};
    char *before[3];
    write_negative();
    for (int k = 0; k < 3; k++) before[k] = strdup(printed(all[k]));
    forget(newer, 2);
    for (int k = 0; k < 3; k++) {
        cr_expect_str_eq(printed(all[k]), before[k]);
        free(before[k]);
    }
}

Test(summary, without_fitness_of_groups_only_what_is_outside_0_and_1_is_left_out)
{
    const char *const by[] = {"reward.truthfulness"};
    const dg_summary_options options = {.by = by, .by_count = 1, .csv = true}, table = {0};
    write_negative();
    forget(newer, 3);
    const char *text = printed(&options);
    assert_has(text, ",0,,,,,2,2,0.5,"); /* -2 / -0.5 = 4 */
    assert_has(text, ",1,0.6037735849056604,,0.6037735849056604,0.6037735849056604,0,1,0.5,");
    assert_has(printed(&table), "AI fitness: 2 runs left out of the mean: outside 0 ... 1");
    assert_has(printed(&table), "of an older version");
}

Test(summary, a_comparison_counts_ai_fitness_left_out)
{
    const dg_summary_options options = {.compare = write_text("published.csv", HEADER)};
    write_negative();
    const char *text = printed(&options);
    assert_has(text, "AI fitness left out");
    assert_has(text, "AI fitness: 3 runs left out of the mean");
}

/* ---- early stop ------------------------------------------------------------------------------ */

/** As write_six(), but two runs converged early, with human belief 0 of 13/30 and of 15/30. */
static void write_converged(void)
{
    char yaml[1024];
    snprintf(yaml, sizeof yaml,
             "%sgenerations: 5\nsweep: {product: {belief_weights.update: [fixed, reward], seed: "
             "[1, 2, 3]}}\n",
             records_yaml);
    write_runs(yaml, (const int32_t[]){5, CONVERGED(3), 5, CONVERGED(1), -3, 0});
}

Test(summary, counts_converged_runs_separately)
{
    char expected[2048];
    snprintf(
        expected, sizeof expected,
        "last generation; mean ± standard deviation over completed runs and those that converged "
        "early\n"
        "\n"
        "belief_weights.update       AI views     AI fitness  human belief 0  completed/planned  "
        "converged\n"
        "──────────────────────────────────────────────────────────────────────────────────────"
        "───────────\n"
        "fixed                  0.471 ± 0.000  0.400 ± 0.000   0.389 ± 0.038                2/3  "
        "        1\n"
        "reward                         0.471          0.400           0.500                0/3  "
        "        1\n"
        "\n"
        "2 completed / 6 planned, 2 converged early (included in the means), 1 ended with a "
        "non-finite value, 1 not finished\n"
        "%s/results.nc\n",
        folder);
    write_converged();
    cr_assert_str_eq(printed(NULL), expected, "got:\n%s", printed(NULL));
}

Test(summary, csv_has_the_count_of_converged_runs)
{
    const dg_summary_options last = {.csv = true};
    const dg_summary_options mean = {.csv = true, .statistic = DG_STATISTIC_MEAN};
    write_converged();
    assert_has(printed(&last), "\nfixed,3,2,1,0,3,");
    assert_has(printed(&last), "\nreward,3,0,1,1,1,");
    /* means of 15 ... 11, of 15, 14, 13, and of 15 ... 11 of 30 */
    assert_has(printed(&mean), ",0.4333333333333333,0.4666666666666");
}

/* ---- the paper ------------------------------------------------------------------------------- */

static void write_readings(void)
{
    char yaml[1024];
    snprintf(
        yaml, sizeof yaml,
        "%sgenerations: 5\nsweep: {product: {ai_type: [none, act], reading: [text, tables]}}\n",
        records_yaml);
    write_runs(yaml, (const int32_t[]){1, 3, 5, 0});
}

Test(summary, compares_readings_with_published_values)
{
    const dg_summary_options options = {
        .compare = write_text("published.csv",
                              HEADER "table3,5,none,mean over updates,,,ai_views,0.25,0.5,10\n"
                                     "table9,5,none,mean over updates,s,1,ai_fitness,0.9,0.9,10\n"
                                     "table3,5,act,mean over updates,,,human_belief_0,0.125,,10\n"
                                     "table4,300,act,mean over updates,,,ai_views,0.9,0.1,3\n")};
    char expected[2048];
    snprintf(expected, sizeof expected,
             "last generation; mean ± standard deviation over completed runs\n"
             "\n"
             "         AI views               AI fitness             human belief 0         "
             "completed/planned\n"
             "ai_type  published text tables  published text tables  published text tables  "
             "text tables\n"
             "──────────────────────────────────────────────────────────────────────────────"
             "───────────\n"
             "none     .250±.500 .471   .471          – .400   .400          – .500   .433   "
             "1/1    1/1\n"
             "act              – .471      –          – .400      –       .125 .367      –   "
             "1/1    0/1\n"
             "\n"
             "published: arXiv:2412.14500, table3, 5 agents, 10 seeds, mean over updates\n"
             "\n"
             "3 completed / 4 planned, 1 not finished\n"
             "%s/results.nc\n",
             folder);
    write_readings();
    cr_assert_str_eq(printed(&options), expected, "got:\n%s", printed(&options));
}

Test(summary, counts_converged_runs_in_a_comparison)
{
    char yaml[1024];
    const dg_summary_options options = {
        .compare = write_text("published.csv",
                              HEADER "table3,5,none,mean over updates,,,ai_views,0.25,0.5,10\n")};
    snprintf(
        yaml, sizeof yaml,
        "%sgenerations: 5\nsweep: {product: {ai_type: [none, act], reading: [text, tables]}}\n",
        records_yaml);
    write_runs(yaml, (const int32_t[]){CONVERGED(1), 5, 0, CONVERGED(2)});
    const char *text = printed(&options);
    assert_has(text, "  completed/planned converged\n");
    assert_has(text, "  text tables  text tables\n");
    assert_has(text, "   0/1    1/1     1      0\n");
    assert_has(text, "   0/1    0/1     0      1\n");
    assert_has(text, "\n1 completed / 4 planned, 2 converged early (included in the means), 1 not "
                     "finished\n");
}

Test(summary, csv_has_the_published_values)
{
    const dg_summary_options options = {
        .csv = true,
        .compare = write_text("published.csv",
                              HEADER "table3,5,none,mean over updates,,,ai_views,0.25,0.5,10\n")};
    write_readings();
    assert_has(printed(&options), ",ai_views_max,ai_views_published,ai_views_published_sd,");
    assert_has(printed(&options), "\nnone,text,1,1,0,0,1,0.47058823529411764,,0.47058823529411764,"
                                  "0.47058823529411764,0.25,0.5,1,");
}

Test(summary, reads_the_published_values_of_the_paper)
{
    dg_published *published = NULL;
    OK(dg_published_read(&published,
                         "configs/paper/published.csv")); /* tests run in the project's root */
    const dg_published_row *row =
        dg_published_find(published, 30, "all_zero", "mean over updates", "ai_fitness");
    cr_assert_not_null(row);
    cr_assert_str_eq(row->source, "table3");
    cr_assert_eq(row->mean, 0.877);
    cr_assert_eq(row->spread, 0.0383);
    cr_assert_eq(row->seeds, 10);
    row = dg_published_find(published, 300, "act", "mean over updates", "ai_views");
    cr_assert_eq(row->mean, 0.599);
    row = dg_published_find(published, 30, "all_zero", "reward", "human_belief_0");
    cr_assert_str_eq(row->source, "table6");
    row = dg_published_find(published, 300, "mean over types", "random", "ai_views");
    cr_assert_str_eq(row->source, "table7");
    cr_assert_null(dg_published_find(published, 31, "act", "mean over updates", "ai_views"));
    dg_published_free(&published);
}

Test(summary, refuses_malformed_published_values)
{
    dg_published *published = NULL;
    cr_assert_eq(dg_published_read(&published, "/nowhere/published.csv"), DG_ERR_IO);
    cr_assert_eq(dg_published_read(&published, write_text("p.csv", "a,b\n")), DG_ERR_CONFIG);
    assert_has(dg_error(), "p.csv:1: ");
    cr_assert_eq(dg_published_read(&published, write_text("p.csv", HEADER "table3,30\n")),
                 DG_ERR_CONFIG);
    assert_has(dg_error(), "p.csv:2: 2 fields, expected 10");
    cr_assert_eq(
        dg_published_read(&published, write_text("p.csv", HEADER "t,30,a,b,,,m,0.1x,0.2,3\n")),
        DG_ERR_CONFIG);
    assert_has(dg_error(), "p.csv:2: ");
    cr_assert_null(published);
}

/* ---- echo chambers --------------------------------------------------------------------------- */

Test(summary, shows_the_last_snapshot_of_echo_chambers)
{
    static const char yaml[] = "model: echo-chamber\n"
                               "echo: {agents: 3, steps: 4, snapshot_every: 2}\n";
    dg_experiment *experiment = NULL;
    dg_store *store = NULL;
    OK(dg_experiment_parse(&experiment, "echo.yaml", yaml, strlen(yaml), NULL, 0));
    static int64_t step[] = {2, 4};
    static float belief[] = {1.0f, -2.0f, 0.5f, 2.0f, -4.0f, -1.0f};
    static float evidence[] = {1.0f, -1.0f, 1.0f}, initial[] = {1.0f, -1.0f, 0.01f};
    static double utility[] = {0.25, 0.75}, deviation[] = {0.0, 1.25e-7};
    dg_kept_run done = {.outcome = {0, DG_RUN_COMPLETED, 2, 0}};
    const dg_echo_arrays arrays = {.agents = 3,
                                   .snapshots = 2,
                                   .step = step,
                                   .belief = belief,
                                   .evidence = evidence,
                                   .initial = initial,
                                   .utility = utility,
                                   .deviation = deviation};
    OK(kept_begin(&store, experiment, folder));
    void *packed = kept_echo(&done, &arrays);
    OK(dg_model_echo.store(store, &done));
    free(packed);
    OK(dg_store_finish(&store));
    const char *text = printed(NULL);
    assert_has(text, "radicalisation  deviation  sign agreement  completed/planned\n");
    assert_has(text, "\n         4.000   1.25e-07           0.667                1/1\n");
    const dg_summary_options options = {.compare = "published.csv"};
    cr_assert_eq(print_summary(stdout, &options), DG_ERR_CONFIG);
    dg_experiment_free(&experiment);
}

/* ---- text tables ----------------------------------------------------------------------------- */

Test(summary, aligns_characters_not_bytes)
{
    dg_text_table *table = NULL;
    char *text = NULL;
    size_t size = 0;
    OK(dg_text_table_make(&table, 3, 2));
    table->labels = 1;
    OK(dg_text_table_set(table, 0, 0, "key"));
    OK(dg_text_table_set(table, 0, 1, "x"));
    OK(dg_text_table_set(table, 1, 0, "é"));
    OK(dg_text_table_set(table, 1, 1, "1±2"));
    OK(dg_text_table_set(table, 2, 0, "b"));
    FILE *file = open_memstream(&text, &size);
    dg_text_table_print(table, file);
    fclose(file);
    cr_assert_str_eq(text, "key    x\n────────\né    1±2\nb\n");
    free(text);
    dg_text_table_free(&table);
}
