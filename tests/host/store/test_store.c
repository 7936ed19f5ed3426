/** host/store: files are read back through netCDF itself, and through results.c. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* unshare() */
#endif
#include "host/store/results.h"
#include "host/models/statistics.h"
#include "host/models/digico_file.h"
#include "host/models/world.h"
#include "kernels/science/rng.h"

#include "tests/support/kept.h"
#include "tests/support/load.h"
#include "tests/support/records.h"

#include <criterion/criterion.h>
#include <netcdf.h>

#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char *folder;
static char result[600], part[600];
static int file = -1;

static void set_up(void)
{
    folder = records_folder();
    snprintf(result, sizeof result, "%s/results.nc", folder);
    snprintf(part, sizeof part, "%s/results.nc.part", folder);
}

static void tear_down(void)
{
    if (file >= 0) nc_close(file);
    records_remove(folder);
}

TestSuite(store, .init = set_up, .fini = tear_down);

#define OK(call) cr_assert_eq((call), DG_OK, "%s", dg_error())
#define NC(call) cr_assert_eq((call), NC_NOERR, "%s", #call)

static bool exists(const char *path)
{
    return access(path, F_OK) == 0;
}

static void write_text(const char *path, const char *text)
{
    FILE *out = fopen(path, "w");
    cr_assert_not_null(out);
    fputs(text, out);
    fclose(out);
}

/** The experiment of records_yaml with more keys. */
static dg_experiment *experiment_of(const char *more)
{
    dg_experiment *experiment = NULL;
    char text[2048];
    snprintf(text, sizeof text, "%s%s", records_yaml, more);
    OK(dg_experiment_parse(&experiment, "test.yaml", text, strlen(text), NULL, 0));
    return experiment;
}

static void put_outcome(dg_store *store, int32_t planned, dg_run_outcome outcome)
{
    const dg_shape shape = records_shape(planned);
    int64_t *records = records_make(&shape);
    const dg_kept_run done = {.outcome = outcome, .shape = &shape, .records = records};
    OK(dg_digico_store(store, &done));
    free(records);
}

static void put(dg_store *store, size_t run, dg_run_status status, int32_t planned,
                int32_t finished)
{
    const uint64_t hash = UINT64_C(0xfedcba9876543210) + run;
    put_outcome(store, planned, (dg_run_outcome){run, status, finished, hash});
}

/** Id of a variable; opens the file on first use. */
static int variable(const char *name)
{
    int id = -1;
    if (file < 0) NC(nc_open(result, NC_NOWRITE, &file));
    cr_assert_eq(nc_inq_varid(file, name, &id), NC_NOERR, "no variable %s", name);
    return id;
}

#define READ(function, name, out)                                                                  \
    do {                                                                                           \
        const int id_ = variable(name); /* first: it opens `file` */                               \
        NC(function(file, id_, out));                                                              \
    } while (0)

static double number(const char *name, size_t a, size_t b, size_t c, size_t d)
{
    const size_t at[4] = {a, b, c, d};
    const int id = variable(name);
    double value = 0.0;
    cr_assert_eq(nc_get_var1_double(file, id, at, &value), NC_NOERR, "%s", name);
    return value;
}

static bool close_to(double value, double expected)
{
    return fabs(value - expected) < 1e-6;
}

#define IS(expected, ...)                                                                          \
    cr_assert(close_to(number(__VA_ARGS__), (expected)), #__VA_ARGS__ " is %.9g, expected %.9g",   \
              number(__VA_ARGS__), (double)(expected))

static const char *text_attribute(int id, const char *name)
{
    static char text[4096];
    size_t length = 0;
    cr_assert_eq(nc_inq_attlen(file, id, name, &length), NC_NOERR, "no attribute %s", name);
    cr_assert_lt(length, sizeof text);
    NC(nc_get_att_text(file, id, name, text));
    text[length] = '\0';
    return text;
}

/** Write a file of two runs: run 0 completed 3 generations; run 1 as given. */
static void write_two(dg_run_status status, int32_t finished)
{
    dg_experiment *experiment = experiment_of("generations: 3\nsweep: {product: {seed: [7, 9]}}\n");
    dg_store *store = NULL;
    OK(kept_begin(&store, experiment, folder));
    put(store, 0, DG_RUN_COMPLETED, 3, 3);
    if (finished > 0) put(store, 1, status, 3, finished);
    OK(dg_store_finish(&store));
    cr_assert_null(store);
    dg_experiment_free(&experiment);
}

/* ---- numbers --------------------------------------------------------------------------------- */

Test(store, writes_the_numbers_of_a_record)
{
    write_two(DG_RUN_COMPLETED, 3);
    for (size_t run = 0; run < 2; run++) {
        IS(8.0 / 17.0, "ai_views", run, 0, 0, 0);
        IS(0.4, "ai_fitness", run, 2, 0, 0);
        IS(15.0 / 30.0, "human_belief_0", run, 0, 0, 0);
        IS(13.0 / 30.0, "human_belief_0", run, 2, 0, 0);
        IS(13.0 / 30.0, "human_belief_0_last", run, 0, 0, 0);
        IS(14.0 / 30.0, "human_belief_0_mean", run, 0, 0, 0);
        IS(8.0 / 17.0, "ai_views_last", run, 0, 0, 0);
        IS(0.4, "ai_fitness_mean", run, 0, 0, 0);
        IS(3.0, "fitness_spread", run, 1, 0, 0);
        IS(sqrt(2.0 / 3.0), "fitness_spread", run, 1, 1, 0);
        IS(2.0, "fitness_mean", run, 1, 0, 0);
        IS(2.0, "belief_penalty_mean", run, 1, 0, 0);
        IS(25.0, "messages", run, 1, 1, 0);
        IS(9.0, "views", run, 1, 1, 0);
        IS(0.25, "sigma", run, 1, 1, 0);
        IS(15.0, "belief_count", run, 1, 0, 2);
        IS(14.0, "belief_count", run, 1, 1, 0);
        IS(16.0, "belief_count", run, 1, 1, 3);
    }
}

/** Write runs with bots 8 - 40 lambda, people 9 - 30 lambda; the last one ended non-finite. */
static void write_negative(void)
{
    dg_experiment *experiment = experiment_of(
        "generations: 3\nsweep: {product: {reward.truthfulness: [0.1, 0.25, 1, 2]}}\n");
    dg_store *store = NULL;
    OK(kept_begin(&store, experiment, folder));
    for (size_t run = 0; run < 4; run++)
        put(store, run, run < 3 ? DG_RUN_COMPLETED : DG_RUN_NONFINITE, 3, 3);
    OK(dg_store_finish(&store));
    dg_experiment_free(&experiment);
}

Test(store, says_where_ai_fitness_is_no_share)
{
    static const char *const counted[] = {"ai_fitness_last", "ai_fitness_mean"};
    write_negative();
    for (size_t run = 0; run < 4; run++) {
        IS(run > 0, "negative_fitness_last", run, 0, 0, 0);
        IS(run > 0, "negative_fitness_mean", run, 0, 0, 0);
    }
    /* the published definition stays: (8 - 10) / (17 - 17.5), (8 - 40) / (17 - 70) */
    IS(4.0, "ai_fitness_last", 1, 0, 0, 0);
    IS(32.0 / 53.0, "ai_fitness_mean", 2, 0, 0, 0);
    for (size_t v = 0; v < 2; v++) {
        int runs = -1;
        const int id = variable(counted[v]);
        NC(nc_get_att_int(file, id, "negative_fitness_runs", &runs));
        cr_assert_eq(runs, 2, "%s: %d", counted[v], runs);
        cr_assert_not_null(strstr(text_attribute(id, "comment"), "fitness_mean of the groups"));
    }
    cr_assert_not_null(
        strstr(text_attribute(variable("ai_fitness"), "comment"), "a share only if"));
}

Test(store, writes_health_over_both_scopes)
{
    write_two(DG_RUN_COMPLETED, 3);
    IS(0.4, "population_bottleneck", 0, 0, 0, 0);
    IS(17.0 / 30.0, "human_bottleneck", 0, 2, 0, 0);
    IS(0.7, "population_polarisation_extremes", 0, 0, 0, 0);
    IS(1.0, "human_polarisation_variance", 0, 0, 0, 0);
    IS(0.5, "human_belief_entropy", 0, 0, 0, 0);
    IS(2.0, "population_cliques", 0, 0, 0, 0);
    IS(1.0, "population_extinct_values", 0, 0, 0, 0);
    IS(2.0, "human_extinct_values", 0, 0, 0, 0);
    IS(2.0, "last_appearance", 0, 2, 0, 0);
    IS(-1.0, "last_appearance", 0, 1, 0, 0);
    IS(-1.0, "human_last_appearance", 0, 2, 0, 0);
}

Test(store, keeps_only_measured_generations_of_diversity)
{
    write_two(DG_RUN_COMPLETED, 3);
    IS(0.0, "diversity_generation", 0, 0, 0, 0);
    IS(2.0, "diversity_generation", 1, 0, 0, 0);
    IS(0.5, "genotype_distance", 1, 1, 0, 0);
    IS(0.25, "genotype_distance", 1, 0, 1, 1);
    IS(1.0, "genotype_distance", 1, 0, 0, 1);
}

Test(store, keeps_all_bits_of_hash_and_seed)
{
    write_two(DG_RUN_NONFINITE, 2);
    unsigned long long hash[2], seed[2];
    READ(nc_get_var_ulonglong, "hash", hash);
    READ(nc_get_var_ulonglong, "seed", seed);
    cr_assert_eq(hash[0], 0xfedcba9876543210ULL);
    cr_assert_eq(hash[1], 0xfedcba9876543211ULL);
    cr_assert_eq(seed[0], 7);
    cr_assert_eq(seed[1], 9);
    /* with a fill value readers would convert the integers to floating point */
    static const char *const whole[] = {"hash", "seed", "status", "run", "group_size"};
    for (size_t v = 0; v < sizeof whole / sizeof *whole; v++) {
        const int id = variable(whole[v]);
        cr_assert_neq(nc_inq_attid(file, id, "_FillValue", NULL), NC_NOERR, "%s", whole[v]);
    }
}

Test(store, generations_after_a_nonfinite_one_are_missing)
{
    write_two(DG_RUN_NONFINITE, 2);
    IS(DG_RUN_COMPLETED, "status", 0, 0, 0, 0);
    IS(DG_RUN_NONFINITE, "status", 1, 0, 0, 0);
    IS(2.0, "generations_completed", 1, 0, 0, 0);
    IS(14.0 / 30.0, "human_belief_0", 1, 1, 0, 0);
    cr_assert(isnan(number("human_belief_0", 1, 2, 0, 0)));
    cr_assert(isnan(number("views", 1, 2, 0, 0)));
    cr_assert(isnan(number("genotype_distance", 1, 1, 0, 0)));
    IS(NC_FILL_INT, "belief_count", 1, 2, 0, 0);
    IS(1.0, "last_appearance", 1, 0, 0, 0);
}

Test(store, generations_after_convergence_are_missing)
{
    write_two(DG_RUN_CONVERGED, 2);
    IS(3.0, "status", 1, 0, 0, 0); /* stored codes must not change */
    IS(2.0, "generations_completed", 1, 0, 0, 0);
    IS(14.0 / 30.0, "human_belief_0_last", 1, 0, 0, 0);
    IS(14.5 / 30.0, "human_belief_0_mean", 1, 0, 0, 0);
    cr_assert(isnan(number("human_belief_0", 1, 2, 0, 0)));
    cr_assert(isnan(number("genotype_distance", 1, 1, 0, 0)));
    IS(NC_FILL_INT, "belief_count", 1, 2, 0, 0);
}

Test(store, a_run_that_was_not_written_is_planned)
{
    write_two(DG_RUN_PLANNED, 0);
    IS(DG_RUN_PLANNED, "status", 1, 0, 0, 0);
    IS(0.0, "generations_completed", 1, 0, 0, 0);
    IS(0.0, "hash", 1, 0, 0, 0);
    IS(9.0, "seed", 1, 0, 0, 0);
    cr_assert(isnan(number("ai_views_last", 1, 0, 0, 0)));
    cr_assert(isnan(number("ai_views", 1, 0, 0, 0)));
}

Test(store, gives_the_same_bytes_for_the_same_numbers_in_any_order)
{
    dg_experiment *experiment = experiment_of("generations: 3\nsweep: {product: {seed: [1, 2]}}\n");
    static float rates[2][2][3];
    static int counts[2][2][3][2][4];
    for (int turn = 0; turn < 2; turn++) {
        dg_store *store = NULL;
        OK(kept_begin(&store, experiment, folder));
        put(store, (size_t)turn, DG_RUN_COMPLETED, 3, 3);
        put(store, (size_t)(1 - turn), DG_RUN_COMPLETED, 3, 3);
        OK(dg_store_finish(&store));
        READ(nc_get_var_float, "human_belief_entropy", &rates[turn][0][0]);
        READ(nc_get_var_int, "belief_count", &counts[turn][0][0][0][0]);
        NC(nc_close(file));
        file = -1;
    }
    cr_assert_eq(memcmp(rates[0], rates[1], sizeof rates[0]), 0);
    cr_assert_eq(memcmp(counts[0], counts[1], sizeof counts[0]), 0);
    dg_experiment_free(&experiment);
}

/* ---- labels ---------------------------------------------------------------------------------- */

Test(store, names_groups_and_keys)
{
    dg_experiment *experiment =
        experiment_of("generations: 3\nsweep: {product: {belief_weights.update: [fixed, reward], "
                      "observation.belief_factor: [0, 0.5]}}\n");
    dg_store *store = NULL;
    OK(kept_begin(&store, experiment, folder));
    OK(dg_store_finish(&store));
    char *group[2], *update[4], *kind[8];
    READ(nc_get_var_string, "group", group);
    READ(nc_get_var_string, "belief_weights_update", update);
    READ(nc_get_var_string, "group_kind", kind);
    cr_assert_str_eq(group[0], "bots");
    cr_assert_str_eq(group[1], "people");
    cr_assert_str_eq(update[0], "fixed");
    cr_assert_str_eq(update[3], "reward");
    cr_assert_str_eq(kind[1], "human");
    nc_free_string(2, group);
    nc_free_string(4, update);
    nc_free_string(8, kind);
    IS(0.5, "observation_belief_factor", 1, 0, 0, 0);
    IS(3.0, "group_size", 3, 1, 0, 0);
    cr_assert_str_eq(text_attribute(variable("ai_views"), "coordinates"),
                     "seed belief_weights_update observation_belief_factor");
    cr_assert_str_eq(text_attribute(variable("ai_views"), "units"), "1");
    cr_assert_str_eq(text_attribute(variable("status"), "flag_meanings"),
                     "planned completed nonfinite converged");
    dg_experiment_free(&experiment);
}

/** The list of coordinates may be longer than any fixed buffer. */
Test(store, lists_every_key_of_a_wide_sweep)
{
    static const char *const field[] = {"influence_bonus", "act_period", "evolve_period",
                                        "observation_capacity"};
    enum { FIELDS = sizeof field / sizeof *field, GROUPS = 8 };
    char groups[512] = "", sweep[4096] = "", yaml[8192], name[128];
    size_t at = 0, to = 0;
    for (int g = 0; g < GROUPS; g++) {
        at += (size_t)snprintf(groups + at, sizeof groups - at,
                               "  community_of_people_%d: {kind: %s, size: 2}\n", g,
                               g == 0 ? "ai" : "human");
        for (int f = 0; f < FIELDS; f++) {
            to += (size_t)snprintf(sweep + to, sizeof sweep - to,
                                   "%sgroups.community_of_people_%d.%s: [1]", to > 0 ? ", " : "", g,
                                   field[f]);
        }
    }
    snprintf(yaml, sizeof yaml,
             "steps: 10\ngenerations: 3\npolicy: {hidden: 6}\noutput: {agents: true}\n"
             "groups:\n%ssweep: {product: {%s}}\n",
             groups, sweep);
    dg_experiment *experiment = NULL;
    dg_store *store = NULL;
    OK(dg_experiment_parse(&experiment, "wide.yaml", yaml, strlen(yaml), NULL, 0));
    OK(kept_begin(&store, experiment, folder));
    OK(dg_store_finish(&store));
    const char *list = text_attribute(variable("ai_views"), "coordinates");
    cr_assert_gt(strlen(list), 1024);
    for (int i = 0; i < GROUPS * FIELDS; i++) {
        snprintf(name, sizeof name, " groups_community_of_people_%d_%s", i / FIELDS,
                 field[i % FIELDS]);
        cr_assert(strstr(list, name) != NULL, "no%s in %s", name, list);
    }
    cr_assert_str_eq(strrchr(list, ' ') + strlen(" groups_community_of_people_7_"),
                     field[FIELDS - 1]);
    dg_experiment_free(&experiment);
}

Test(store, describes_every_variable)
{
    write_two(DG_RUN_COMPLETED, 3);
    int variables = 0;
    variable("hash");
    NC(nc_inq_nvars(file, &variables));
    cr_assert_gt(variables, 30);
    for (int v = 0; v < variables; v++) {
        nc_type type;
        NC(nc_inq_vartype(file, v, &type));
        cr_assert_gt(strlen(text_attribute(v, "long_name")), 0);
        if (type != NC_STRING && type != NC_CHAR) {
            cr_assert_gt(strlen(text_attribute(v, "units")), 0);
        }
    }
}

/* the variable `configuration` and the attribute `configuration_defaults` */
Test(store, keeps_of_a_run_the_keys_that_differ_from_the_defaults)
{
    dg_experiment *experiment = experiment_of("generations: 3\nseed: 77\n");
    dg_store *store = NULL;
    char *expected = NULL, text[1024] = "";
    OK(kept_begin(&store, experiment, folder));
    OK(dg_store_finish(&store));
    OK(dg_config_text(&expected, RUN_CONFIG(experiment, 0), dg_config_write_differences));
    const size_t start[2] = {0, 0}, count[2] = {1, strlen(expected)};
    const int id = variable("configuration");
    cr_assert_lt(strlen(expected), sizeof text);
    NC(nc_get_vara_text(file, id, start, count, text));
    cr_expect_str_eq(text, expected);
    cr_expect(strstr(text, "\nseed: 77\n") != NULL, "%s", text);
    cr_expect_null(strstr(text, "reading"), "it is the default");
    const char *defaults = text_attribute(NC_GLOBAL, "configuration_defaults");
    cr_expect(strstr(defaults, "\nseed: 1\n") != NULL, "%s", defaults);
    cr_expect(strstr(defaults, "\nreading: text\n") != NULL, "%s", defaults);
    free(expected);
    dg_experiment_free(&experiment);
}

/** Attributes depend on program and experiment only, not on machine, time or call. */
Test(store, describes_the_experiment_but_not_time_and_place)
{
    static const char *const name[] = {"Conventions", "title",          "source",
                                       "references",  "digico_version", "git_commit",
                                       "model",       "configuration",  "configuration_defaults"};
    static const char *const absent[] = {"started",  "finished", "backend",     "devices",
                                         "vector",   "threads",  "system",      "cpu",
                                         "compiler", "host",     "build_flags", "history"};
    write_two(DG_RUN_COMPLETED, 3);
    variable("hash");
    for (size_t a = 0; a < sizeof name / sizeof *name; a++)
        cr_assert_gt(strlen(text_attribute(NC_GLOBAL, name[a])), 0, "%s is empty", name[a]);
    for (size_t a = 0; a < sizeof absent / sizeof *absent; a++)
        cr_assert_eq(nc_inq_attid(file, NC_GLOBAL, absent[a], NULL), NC_ENOTATT, "%s", absent[a]);
    cr_assert_str_eq(text_attribute(NC_GLOBAL, "same_everywhere"), "all runs");
    cr_assert_str_eq(text_attribute(NC_GLOBAL, "model"), "digico");
    cr_assert_str_eq(text_attribute(NC_GLOBAL, "configuration_name"), "test.yaml");
    cr_assert(strstr(text_attribute(NC_GLOBAL, "configuration"), "policy: {hidden: 6}") != NULL);
}

/* ---- per-agent output ------------------------------------------------------------------------ */

Test(store, keeps_agents_at_chosen_generations)
{
    dg_experiment *experiment =
        experiment_of("generations: 3\noutput: {agents: true, first: 0, last: 2, every: 2}\n");
    enum { CELLS = RECORDS_STEPS * RECORDS_AGENTS };
    int16_t trace[2 * DG_TRACES * CELLS];
    for (int i = 0; i < 2 * DG_TRACES * CELLS; i++) trace[i] = (int16_t)i;
    const dg_shape shape = records_shape(3);
    int64_t *records = records_make(&shape);
    const dg_batch_options traced = {.trace_first = 0, .trace_last = 2, .trace_every = 2};
    const dg_kept_run done = {.outcome = {0, DG_RUN_COMPLETED, 3, 0},
                              .shape = &shape,
                              .records = records,
                              .trace = trace,
                              .traced = &traced};
    dg_store *store = NULL;
    OK(kept_begin(&store, experiment, folder));
    OK(dg_digico_store(store, &done));
    OK(dg_store_finish(&store));
    IS(2.0, "recorded_generation", 1, 0, 0, 0);
    IS(7.0, "agent_belief", 0, 0, 1, 2); /* step 1, agent 2 */
    IS(CELLS + 49.0, "agent_message", 0, 0, 9, 4);
    IS(DG_TRACES * CELLS + 2 * CELLS + 5.0, "agent_views", 0, 1, 1, 0);
    IS(0.0, "agent_group", 0, 1, 0, 0);
    IS(2.0 * CELLS + 11.0, "agent_views", 0, 0, 2, 1);
    IS(3.0 * CELLS + 11.0, "agent_received", 0, 0, 2, 1);
    IS(4.0 * CELLS + 11.0, "agent_received_ai", 0, 0, 2, 1);
    IS(DG_TRACES * CELLS + 4 * CELLS, "agent_received_ai", 0, 1, 0, 0);
    IS(1.0, "agent_group", 0, 2, 0, 0);
    free(records);
    dg_experiment_free(&experiment);
}

/** c(i) of MODEL.md, section 2: squared distance of agent i from a centroid. */
static double apart(const dg_config *config, uint32_t i, const double *centroid)
{
    const dg_draw draw = dg_draw_of(config->seed, DG_STREAM_COORDINATE, 0, 0);
    double sum = 0;
    for (uint32_t d = 0; d < (uint32_t)config->niche_dimensions; d++)
        sum += pow((double)dg_uniform(dg_word(draw, d, i)) - centroid[d], 2);
    return sum;
}

/** Compare the niches of a run in the file with a search through all centroids. */
static void expect_niches(const dg_experiment *experiment, size_t run, size_t agents, size_t niches)
{
    const dg_config *config = RUN_CONFIG(experiment, run);
    const size_t dimensions = (size_t)config->niche_dimensions;
    dg_niche niche;
    const dg_niche_keys keys = dg_niche_keys_of(config);
    OK(dg_niche_make(&niche, &keys));
    for (size_t k = 0; k < niches; k++) {
        const double got = number("niche_influence", run, k, 0, 0);
        double sum = 0;
        cr_assert_eq(isnan(got), k >= (size_t)config->niche_centroids, "run %zu, %zu", run, k);
        if (isnan(got)) continue;
        for (size_t d = 0; d < dimensions; d++) sum += niche.centroid[k * dimensions + d];
        cr_assert_eq(got, sum, "run %zu, niche %zu: %.17g, expected %.17g", run, k, got, sum);
    }
    for (uint32_t i = 0; i < agents; i++) {
        size_t nearest = 0;
        for (size_t k = 1; k < (size_t)config->niche_centroids; k++)
            if (apart(config, i, niche.centroid + k * dimensions) <
                apart(config, i, niche.centroid + nearest * dimensions))
                nearest = k;
        IS(i < (uint32_t)config->agents ? (double)nearest : -1.0, "agent_niche", run, i, 0, 0);
    }
    dg_niche_free(&niche);
}

/** Runs with the same tessellation are not neighbours here. Niches are written before any run. */
Test(store, writes_the_niche_of_each_agent)
{
    dg_experiment *experiment =
        experiment_of("generations: 3\nniche: {points: 50, dimensions: 3}\noutput: {agents: true}\n"
                      "sweep:\n  zip: {niche.centroids: [4, 2, 4], groups.people.size: [3, 6, 2]}\n"
                      "  product: {seed: [9, 7]}\n");
    dg_store *store = NULL;
    OK(kept_begin(&store, experiment, folder));
    OK(dg_store_finish(&store));
    cr_assert_eq(experiment->runs, 6);
    for (size_t r = 0; r < 6; r++) expect_niches(experiment, r, 8, 4);
    IS(3.0, "niche", 3, 0, 0, 0);
    /* a smaller population with the same seed has the first agents of a larger one */
    for (size_t i = 0; i < 4; i++) IS(number("agent_niche", 0, i, 0, 0), "agent_niche", 4, i, 0, 0);
    cr_assert(
        !close_to(number("niche_influence", 0, 0, 0, 0), number("niche_influence", 1, 0, 0, 0)));
    dg_experiment_free(&experiment);
}

Test(store, has_no_agents_without_output_agents)
{
    static const char *const absent[] = {"agent_belief", "agent_received", "agent_niche",
                                         "niche_influence", "niche"};
    write_two(DG_RUN_COMPLETED, 3);
    variable("hash");
    for (size_t v = 0; v < sizeof absent / sizeof *absent; v++) {
        int id;
        cr_assert_eq(nc_inq_varid(file, absent[v], &id), NC_ENOTVAR, "%s", absent[v]);
    }
}

/* ---- echo chambers --------------------------------------------------------------------------- */

Test(store, keeps_snapshots_of_echo_chambers)
{
    static const char yaml[] = "model: echo-chamber\n"
                               "echo: {agents: 3, steps: 4, snapshot_every: 2}\n";
    dg_experiment *experiment = NULL;
    OK(dg_experiment_parse(&experiment, "echo.yaml", yaml, strlen(yaml), NULL, 0));
    static int64_t step[] = {2, 4};
    static float belief[] = {1.0f, -2.0f, 0.5f, 2.0f, -4.0f, -1.0f};
    static float evidence[] = {1.0f, -1.0f, -1.0f}, initial[] = {0.5f, -1.0f, 1.0f};
    static double utility[] = {0.25, 0.75}, deviation[] = {0.0, 1e-7};
    dg_kept_run done = {.outcome = {0, DG_RUN_COMPLETED, 2, 42}};
    const dg_echo_arrays arrays = {.agents = 3,
                                   .snapshots = 2,
                                   .step = step,
                                   .belief = belief,
                                   .evidence = evidence,
                                   .initial = initial,
                                   .utility = utility,
                                   .deviation = deviation};
    dg_store *store = NULL;
    OK(kept_begin(&store, experiment, folder));
    void *packed = kept_echo(&done, &arrays);
    OK(dg_model_echo.store(store, &done));
    free(packed);
    OK(dg_store_finish(&store));
    IS(4.0, "step", 0, 1, 0, 0);
    cr_assert_str_eq(text_attribute(variable("belief"), "coordinates"), "seed step");
    IS(-4.0, "belief", 0, 1, 1, 0);
    IS(-1.0, "evidence", 0, 2, 0, 0);
    IS(0.5, "initial_belief", 0, 0, 0, 0);
    IS(0.75, "utility_mean", 0, 1, 0, 0);
    cr_assert_eq(number("deviation", 0, 1, 0, 0), 1e-7);
    IS(4.0, "radicalisation", 0, 1, 1, 0);
    IS(0.5, "radicalisation", 0, 0, 2, 0);
    IS(2.0 / 3.0, "sign_agreement", 0, 0, 0, 0);
    IS(1.0, "sign_agreement", 0, 1, 0, 0);
    IS(42.0, "hash", 0, 0, 0, 0);
    IS(DG_RUN_COMPLETED, "status", 0, 0, 0, 0);
    dg_experiment_free(&experiment);
}

/* ---- writing the file ------------------------------------------------------------------------ */

Test(store, has_no_result_before_it_is_complete)
{
    dg_experiment *experiment = experiment_of("generations: 3\n");
    dg_store *store = NULL;
    OK(kept_begin(&store, experiment, folder));
    put(store, 0, DG_RUN_COMPLETED, 3, 3);
    cr_assert(exists(part));
    cr_assert_not(exists(result));
    dg_store_abandon(&store);
    cr_assert_null(store);
    cr_assert_not(exists(part));
    cr_assert_not(exists(result));
    dg_store_abandon(&store);
    dg_experiment_free(&experiment);
}

/** The temporary file of a killed process is replaced by the next one. */
Test(store, replaces_the_temporary_file_of_a_crash)
{
    const pid_t child = fork();
    if (child == 0) {
        dg_experiment *experiment = experiment_of("generations: 3\n");
        dg_store *store = NULL;
        if (kept_begin(&store, experiment, folder) != DG_OK) _exit(1);
        put(store, 0, DG_RUN_COMPLETED, 3, 3);
        _exit(0);
    }
    int status = 0;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    cr_assert(exists(part));
    cr_assert_not(exists(result));
    write_two(DG_RUN_COMPLETED, 3);
    cr_assert(exists(result));
    cr_assert_not(exists(part));
}

Test(store, keeps_the_old_result_until_the_new_one_is_complete)
{
    dg_experiment *experiment = experiment_of("generations: 3\nsweep: {product: {seed: [3, 4]}}\n");
    dg_store *store = NULL;
    write_two(DG_RUN_COMPLETED, 3);
    OK(kept_begin(&store, experiment, folder));
    put(store, 0, DG_RUN_COMPLETED, 3, 3);
    dg_store_abandon(&store);
    IS(9.0, "seed", 1, 0, 0, 0);
    OK(kept_begin(&store, experiment, folder));
    put(store, 0, DG_RUN_COMPLETED, 3, 3);
    OK(dg_store_finish(&store));
    NC(nc_close(file));
    file = -1;
    IS(3.0, "seed", 0, 0, 0, 0);
    dg_experiment_free(&experiment);
}

Test(store, needs_its_directory)
{
    dg_experiment *experiment = experiment_of("generations: 3\n");
    dg_store *store = NULL;
    char deep[700];
    snprintf(deep, sizeof deep, "%s/absent", folder);
    cr_assert_eq(kept_begin(&store, experiment, deep), DG_ERR_IO);
    cr_assert(strstr(dg_error(), deep) != NULL, "%s", dg_error());
    cr_assert_null(store);
    cr_assert_not(exists(deep));
    dg_experiment_free(&experiment);
}

/** A result of some 100 kB does not ask for ten times as much: there may be little left. */
Test(store, reserves_about_as_much_as_it_writes)
{
    struct stat info;
    dg_store *store = NULL;
    dg_experiment *experiment = experiment_of("generations: 3\n");
    OK(kept_begin(&store, experiment, folder));
    cr_assert_eq(stat(part, &info), 0);
    cr_expect_leq(info.st_blocks * 512, info.st_size + (400 << 10), "%lld bytes reserved",
                  (long long)info.st_blocks * 512);
    dg_store_abandon(&store);
    dg_experiment_free(&experiment);
}

/** Detected before HDF5 writes: HDF5 would crash at the exit of this process. */
Test(store, reports_a_full_disk)
{
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("tmpfs", folder, "tmpfs", 0, "size=432k") != 0) {
        cr_skip_test("a small disk needs a mount of its own, which is not allowed here");
    }
    dg_experiment *experiment = experiment_of("generations: 3000\n");
    const dg_shape shape = records_shape(3000);
    int64_t *records = calloc((size_t)(3000 * dg_record_words(&shape)), sizeof *records);
    const dg_kept_run done = {
        .outcome = {.generations = 3000}, .shape = &shape, .records = records};
    dg_store *store = NULL;
    OK(kept_begin(&store, experiment, folder));
    cr_assert_eq(dg_digico_store(store, &done), DG_ERR_IO);
    cr_assert(strstr(dg_error(), part) != NULL, "%s", dg_error());
    cr_assert(strstr(dg_error(), "No space left") != NULL, "%s", dg_error());
    dg_store_abandon(&store);
    cr_assert_not(exists(part));
    free(records);
    dg_experiment_free(&experiment);
    umount(folder);
}

/** The disk fills up while runs are written: no file is left, as batches can give it again. */
Test(store, removes_the_file_if_the_disk_fills_up)
{
    enum { RUNS = 40, GENERATIONS = 3000 };
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("tmpfs", folder, "tmpfs", 0, "size=6m") != 0) {
        cr_skip_test("a small disk needs a mount of its own, which is not allowed here");
    }
    dg_experiment *experiment = experiment_of(
        "generations: 3000\nsweep: {product: {seed: {from: 1, to: 40, count: 40}}}\n");
    const dg_shape shape = records_shape(GENERATIONS);
    int64_t *records = calloc((size_t)(GENERATIONS * dg_record_words(&shape)), sizeof *records);
    dg_kept_run done = {
        .outcome = {0, DG_RUN_COMPLETED, GENERATIONS, 0}, .shape = &shape, .records = records};
    dg_store *store = NULL;
    OK(kept_begin(&store, experiment, folder));
    while (done.outcome.run < RUNS && dg_digico_store(store, &done) == DG_OK) done.outcome.run++;
    cr_assert(done.outcome.run > 0 && done.outcome.run < RUNS, "%zu runs stored", done.outcome.run);
    cr_assert(strstr(dg_error(), part) != NULL, "%s", dg_error());
    cr_assert(strstr(dg_error(), "No space left") != NULL, "%s", dg_error());
    dg_store_abandon(&store);
    cr_assert_not(exists(part));
    cr_assert_not(exists(result));
    free(records);
    dg_experiment_free(&experiment);
    umount(folder);
}

Test(store, removes_a_complete_file_that_cannot_be_renamed)
{
    dg_experiment *experiment = experiment_of("generations: 3\n");
    dg_store *store = NULL;
    OK(kept_begin(&store, experiment, folder));
    put(store, 0, DG_RUN_COMPLETED, 3, 3);
    cr_assert_eq(mkdir(result, 0777), 0);
    cr_assert_eq(dg_store_finish(&store), DG_ERR_IO);
    cr_assert_null(store);
    cr_assert(strstr(dg_error(), part) != NULL, "%s", dg_error());
    cr_assert_not(exists(part));
    cr_assert_eq(rmdir(result), 0);
    dg_experiment_free(&experiment);
}

/** HDF5 has no code for a failed malloc(): errno tells it, which then is no fault of the file. */
Test(store, want_of_memory_is_no_fault_of_the_file)
{
    errno = 0;
    cr_expect_eq(dg_netcdf_check(NC_ENOMEM, "f", "open"), DG_ERR_MEMORY);
    errno = ENOMEM;
    cr_expect_eq(dg_netcdf_check(NC_EHDFERR, "f", "open"), DG_ERR_MEMORY);
    errno = EIO;
    cr_expect_eq(dg_netcdf_check(NC_EHDFERR, "f", "open"), DG_ERR_IO);
}

/** Names that netCDF takes for something else: a URL, a path of another system, a mode. */
Test(store, writes_and_reads_in_folders_of_any_name)
{
    static const char *const name[] = {"a\\b",     "\\",       "c:",
                                       "s3:x",     "file:",    "http:",
                                       "https:x",  "#mode=s3", "x#mode=zarr,file",
                                       "[a=b]",    "~",        "-",
                                       " ",        "a\nb",     "\xff\xfe",
                                       "c:\\a\\b", "\\\\h\\s", "a?b=c#d",
                                       "'`$(x)\""};
    dg_experiment *experiment = experiment_of("generations: 3\n");
    for (size_t k = 0; k < sizeof name / sizeof *name; k++) {
        char inner[600];
        dg_store *store = NULL;
        dg_results *results = NULL;
        snprintf(inner, sizeof inner, "%s/%s", folder, name[k]);
        cr_assert_eq(mkdir(inner, 0777), 0);
        cr_assert_eq(chdir(folder), 0); /* netCDF reads a relative name differently */
        OK(kept_begin(&store, experiment, name[k]));
        put_outcome(store, 3, (dg_run_outcome){0, DG_RUN_COMPLETED, 3, 100 + k});
        OK(dg_store_finish(&store));
        OK(dg_results_open(&results, name[k]));
        cr_expect_eq(results->hash[0], 100 + k, "%s: another folder's result", name[k]);
        dg_results_close(&results);
        OK(dg_results_open(&results, inner));
        cr_expect_eq(results->hash[0], 100 + k, "%s", inner);
        dg_results_close(&results);
    }
    dg_experiment_free(&experiment);
}

/* ---- reading (host/store/results.c) ---------------------------------------------------------- */

Test(store, reads_outcomes_and_configurations)
{
    dg_results *results = NULL;
    dg_experiment *one = NULL;
    write_two(DG_RUN_NONFINITE, 2);
    OK(dg_results_open(&results, folder));
    cr_assert_eq(results->runs, 2);
    cr_assert_eq(results->hash[1], UINT64_C(0xfedcba9876543211));
    cr_assert_eq(results->status[0], DG_RUN_COMPLETED);
    cr_assert_eq(results->status[1], DG_RUN_NONFINITE);
    cr_assert_eq(results->axes, 1);
    cr_assert_str_eq(dg_results_find_axis(results, "seed")->text[1], "9");
    OK(dg_results_experiment(results, 1, &one));
    cr_assert_eq(dg_experiment_runs(one), 1);
    cr_assert_eq(one->run[0].seed, 9);
    cr_assert_eq(dg_run_config(one, 0).group[1].size, 3);
    cr_assert_eq(dg_run_config(one, 0).generations, 3);
    dg_experiment_free(&one);
    cr_assert_eq(dg_results_experiment(results, 2, &one), DG_ERR_ARGUMENT);
    dg_results_close(&results);
    cr_assert_null(results);
}

Test(store, configuration_of_a_run_is_the_run)
{
    dg_experiment *experiment = experiment_of(
        "generations: 3\nsweep: {product: {belief_weights.update: [momentum, reward], seed: "
        "[18446744073709551615, 2]}}\n");
    dg_store *store = NULL;
    dg_results *results = NULL;
    OK(kept_begin(&store, experiment, folder));
    OK(dg_store_finish(&store));
    OK(dg_results_open(&results, folder));
    cr_assert_str_eq(dg_results_find_axis(results, "seed")->text[0], "18446744073709551615");
    for (size_t r = 0; r < results->runs; r++) {
        dg_experiment *one = NULL;
        OK(dg_results_experiment(results, r, &one));
        cr_assert_eq(memcmp(RUN_CONFIG(one, 0), RUN_CONFIG(experiment, r), sizeof(dg_config)), 0,
                     "run %zu", r);
        dg_experiment_free(&one);
    }
    dg_results_close(&results);
    dg_experiment_free(&experiment);
}

Test(store, other_files_are_no_result)
{
    dg_results *results = NULL;
    cr_assert_eq(dg_results_open(&results, folder), DG_ERR_IO);
    cr_assert(strstr(dg_error(), "no result") != NULL, "%s", dg_error());
    write_text(part, "what a crash left is no result either");
    cr_assert_eq(dg_results_open(&results, folder), DG_ERR_IO);
    cr_assert(strstr(dg_error(), "no result") != NULL, "%s", dg_error());
    write_text(result, "not netCDF");
    cr_assert_eq(dg_results_open(&results, folder), DG_ERR_IO);
    cr_assert(strstr(dg_error(), "NetCDF") != NULL || strstr(dg_error(), "HDF") != NULL, "%s",
              dg_error());
    cr_assert(strchr(dg_error(), '(') == NULL, "a stale errno: %s", dg_error());
    cr_assert_null(results);
}

/** A file that another program could have written: types and ranks may differ from ours. */
typedef struct foreign {
    nc_type hash, status, axis, configuration;
    int hash_rank, status_rank, axis_rank, configuration_rank;
    size_t versions;   /* numbers in the attribute */
    const char *model; /* attribute */
} foreign;

static void write_foreign(const foreign *as)
{
    int run[2], text[3], id;
    const int version[4] = {DG_MODEL_VERSION, 1, 1, 1};
    NC(nc_create(result, NC_CLOBBER | NC_NETCDF4, &file));
    NC(nc_def_dim(file, "run", 2, &run[0]));
    NC(nc_def_dim(file, "generation", 4096, &run[1]));
    text[0] = run[0];
    text[1] = text[2] = run[1];
    NC(nc_def_var(file, "hash", as->hash, as->hash_rank, run, &id));
    NC(nc_def_var(file, "status", as->status, as->status_rank, run, &id));
    NC(nc_def_var(file, "seed", as->axis, as->axis_rank, run, &id));
    NC(nc_put_att_text(file, id, "configuration_key", 4, "seed"));
    NC(nc_def_var(file, "configuration", as->configuration, as->configuration_rank, text, &id));
    NC(nc_put_att_int(file, NC_GLOBAL, "model_version", NC_INT, as->versions, version));
    NC(nc_put_att_text(file, NC_GLOBAL, "model", strlen(as->model), as->model));
    NC(nc_close(file));
    file = -1;
}

static const foreign like_ours = {NC_UINT64, NC_BYTE, NC_UINT64, NC_CHAR, 1, 1, 1, 2, 1, "digico"};

static void refuses_to_open(const foreign *as, const char *variable)
{
    dg_results *results = NULL;
    write_foreign(as);
    cr_assert_eq(dg_results_open(&results, folder), DG_ERR_IO, "%s", variable);
    cr_assert_null(results);
    cr_assert(strstr(dg_error(), result) == dg_error(), "%s", dg_error());
    cr_assert(strstr(dg_error(), "not a result of digico") != NULL, "%s", dg_error());
    cr_assert(strstr(dg_error(), variable) != NULL, "%s", dg_error());
}

Test(store, refuses_variables_of_other_types_and_sizes)
{
    foreign as = like_ours;
    as.hash_rank = 2;
    refuses_to_open(&as, "hash");
    as.hash_rank = 0;
    refuses_to_open(&as, "hash");
    as = like_ours;
    as.hash = NC_DOUBLE;
    refuses_to_open(&as, "hash");
    as = like_ours;
    as.status = NC_UINT64;
    refuses_to_open(&as, "status");
    as = like_ours;
    as.status_rank = 2;
    refuses_to_open(&as, "status");
    as = like_ours;
    as.axis_rank = 2;
    refuses_to_open(&as, "seed");
    as = like_ours;
    as.axis = NC_CHAR;
    refuses_to_open(&as, "seed");
    as = like_ours;
    as.model = "another";
    refuses_to_open(&as, "attribute model");
}

static void refuses_to_repeat(const foreign *as, const char *why)
{
    dg_results *results = NULL;
    dg_experiment *one = NULL;
    write_foreign(as);
    OK(dg_results_open(&results, folder));
    cr_assert_eq(dg_results_experiment(results, 1, &one), DG_ERR_IO);
    cr_assert_null(one);
    cr_assert(strstr(dg_error(), why) != NULL, "%s", dg_error());
    dg_results_close(&results);
}

Test(store, refuses_configurations_of_other_types_and_sizes)
{
    foreign as = like_ours;
    refuses_to_repeat(&as, "empty configuration");
    as.configuration_rank = 3;
    refuses_to_repeat(&as, "not a result of digico: configuration");
    as.configuration_rank = 1;
    refuses_to_repeat(&as, "not a result of digico: configuration");
    as = like_ours;
    as.configuration = NC_UINT64;
    refuses_to_repeat(&as, "not a result of digico: configuration");
    as = like_ours;
    as.versions = 4;
    refuses_to_repeat(&as, "not a result of digico: model_version");
}

Test(store, reads_as_numbers_only_numbers)
{
    dg_results *results = NULL;
    double *value = NULL;
    size_t length;
    write_foreign(&like_ours);
    OK(dg_results_open(&results, folder));
    cr_assert_eq(dg_results_numbers(results, "configuration", &value, &length), DG_ERR_IO);
    cr_assert_null(value);
    OK(dg_results_numbers(results, "seed", &value, &length));
    cr_assert_eq(length, 2);
    free(value);
    dg_results_close(&results);
}

/** Programs that save a part of a file may rename its dimensions. */
Test(store, reads_a_configuration_whose_dimension_was_renamed)
{
    dg_results *results = NULL;
    dg_experiment *one = NULL;
    int dimension;
    write_two(DG_RUN_COMPLETED, 3);
    NC(nc_open(result, NC_WRITE, &file));
    NC(nc_inq_dimid(file, "configuration_length", &dimension));
    NC(nc_rename_dim(file, dimension, "string719"));
    NC(nc_close(file));
    file = -1;
    OK(dg_results_open(&results, folder));
    OK(dg_results_experiment(results, 1, &one));
    cr_assert_eq(one->run[0].seed, 9);
    cr_assert_eq(dg_run_config(one, 0).values, 4);
    dg_experiment_free(&one);
    dg_results_close(&results);
}
