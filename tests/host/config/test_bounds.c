/** host/config/check.c: bounds that several keys share, on both sides of each. */
#include "host/config/config.h"

#include "host/models/world.h"
#include "tests/support/load.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

#define ONE_GROUP "groups: {human: {kind: human}}\n"

/** Values that are just accepted, and the next ones with a part of the refusal. */
static const struct {
    const char *accepted, *refused, *why;
} bounds[] = {
    /* 99 x 300 x 1e6 views; times 300 x 1e6, the most that an agent has, just below 9e18 */
    {ONE_GROUP "agents: 300\nsteps: 1000000\nobservation.capacity: 99\n",
     ONE_GROUP "agents: 300\nsteps: 1000000\nobservation.capacity: 100\n",
     "expected squares of views and penalties that fit 64 bits"},
    /* 9 agents of a penalty of at most values x steps each */
    {ONE_GROUP "agents: 9\nsteps: 1000000\nvalues: 999\n",
     ONE_GROUP "agents: 9\nsteps: 1000000\nvalues: 1000\n",
     "expected squares of views and penalties that fit 64 bits"},
    /* exp(78 + 10 dimensions), and 2.3 more for K_I = 10; K_I below 1 makes it no smaller */
    {"groups: {ai: {influence_bonus: 50}, human1: {influence_bonus: -28}}\n",
     "groups: {ai: {influence_bonus: 50}, human1: {influence_bonus: -28.1}}\n",
     "expected spread of bonuses (78.1)"},
    {"observation.influence_factor: 10\n"
     "groups: {ai: {influence_bonus: 50}, human1: {influence_bonus: -25.6}}\n",
     "observation.influence_factor: 10\n"
     "groups: {ai: {influence_bonus: 50}, human1: {influence_bonus: -25.8}}\n",
     "expected spread of bonuses (75.8)"},
    {"observation.influence_factor: 0.01\n"
     "groups: {ai: {influence_bonus: 50}, human1: {influence_bonus: -28}}\n",
     "observation.influence_factor: 0.01\n"
     "groups: {ai: {influence_bonus: 50}, human1: {influence_bonus: -28.1}}\n",
     "expected spread of bonuses (78.1)"},
    /* 3 groups x (10 + 32) words x generations at most 2^30 */
    {"generations: 8521760\n", "generations: 8521761\n",
     "expected generations x groups x (values + 32) at most 2^30"},
    {"model: echo-chamber\necho: {agents: 1000000, steps: 1073, snapshot_every: 1}\n",
     "model: echo-chamber\necho: {agents: 1000000, steps: 1074, snapshot_every: 1}\n",
     "expected agents x snapshots at most 2^30"},
};

Test(bounds, of_several_keys_are_where_they_should_be)
{
    for (size_t k = 0; k < sizeof bounds / sizeof *bounds; k++) {
        dg_experiment *experiment = load_text(bounds[k].accepted, NULL, NULL);
        dg_experiment_free(&experiment);
        const char *said = load_refusal(bounds[k].refused, NULL, NULL);
        cr_expect(strstr(said, bounds[k].why) != NULL, "no `%s' in: %s", bounds[k].why, said);
    }
}

/** N H + H + H V + V: 2^31 - 126 does not fit with its padding; one agent less is too much memory alone. */
Test(bounds, of_a_genotype_fits_32_bits)
{
    static const char fits[] = ONE_GROUP "agents: 32772\nvalues: 2\npolicy.hidden: 65520\n";
    static const char large[] = ONE_GROUP "agents: 32773\nvalues: 2\npolicy.hidden: 65520\n";
    cr_expect(strstr(load_refusal(fits, NULL, NULL), "a run of at most 64 GiB") != NULL, "%s",
              dg_error());
    cr_expect(strstr(load_refusal(large, NULL, NULL), "N H + H + H V + V below 2^31") != NULL, "%s",
              dg_error());
}

/** A group's size that exceeds `agents` leaves the others less than nothing, also where that divides. */
Test(bounds, of_group_sizes_leave_agents_to_the_others)
{
    const char *said = load_refusal("groups.ai.size: 40\n", NULL, NULL);
    cr_expect(strstr(said, "a.yaml:1: groups.ai.size: 40, expected a size that leaves") != NULL,
              "%s", said);
}

Test(bounds, of_clip_are_two_numbers)
{
    dg_experiment *experiment = load_text("belief_weights.clip: [1, 1.0001]\n", NULL, NULL);
    dg_experiment_free(&experiment);
    load_refusal("belief_weights.clip: [1, 1]\n", NULL, NULL);
    load_refusal("belief_weights.clip: [1, 0.9999]\n", NULL, NULL);
}

/** Names of conditions and groups are held with the zero that ends them. */
Test(bounds, of_a_name_are_those_of_its_array)
{
    static const char *const texts[] = {"sweep: {conditions: [{name: %s}]}\n",
                                        "groups: {%s: {kind: human}}\n"};
    char yaml[400], name[DG_NAME_LENGTH + 1];
    for (int k = 0; k < 4; k++) {
        const bool longer = k & 1;
        memset(name, 'n', sizeof name);
        name[DG_NAME_LENGTH - 1 + longer] = '\0';
        snprintf(yaml, sizeof yaml, texts[k / 2], name);
        if (longer) {
            const char *why = k < 2 ? "1 ... 31 of" : "below 32 bytes";
            cr_expect(strstr(load_refusal(yaml, NULL, NULL), why) != NULL, "%s", dg_error());
            continue;
        }
        dg_experiment *experiment = load_text(yaml, NULL, NULL);
        const dg_config *run = RUN_CONFIG(experiment, 0);
        cr_expect_str_eq(k < 2 ? run->condition : run->group[0].name, name);
        dg_experiment_free(&experiment);
    }
}

/* ---- memory ---------------------------------------------------------------------------------- */

static bool is_accepted(int64_t agents, dg_config *config)
{
    char yaml[100];
    dg_experiment *experiment = NULL;
    snprintf(yaml, sizeof yaml, ONE_GROUP "agents: %lld\npolicy.hidden: 1\n", (long long)agents);
    if (dg_experiment_parse(&experiment, "a", yaml, strlen(yaml), NULL, 0) != DG_OK) {
        cr_assert(strstr(dg_error(), "a run of at most 64 GiB") != NULL, "%s", dg_error());
        return false;
    }
    *config = dg_run_config(experiment, 0);
    dg_experiment_free(&experiment);
    return true;
}

static int64_t state_of(const dg_config *config)
{
    dg_shape shape;
    dg_config_shape(config, &shape);
    return dg_state_bytes(&shape);
}

Test(bounds, of_memory_are_64_gib_of_state)
{
    dg_config config;
    int64_t most = 1000, least = 100000; /* accepted, refused */
    while (least - most > 1) {
        const int64_t agents = (most + least) / 2;
        if (is_accepted(agents, &config))
            most = agents;
        else
            least = agents;
    }
    cr_assert(is_accepted(most, &config));
    cr_expect_leq(state_of(&config), (int64_t)1 << 36);
    config.agents = config.group[0].size = least;
    cr_expect_gt(state_of(&config), (int64_t)1 << 36);
}
