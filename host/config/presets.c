/**
 * What a configuration holds before anybody sets a key: defaults, readings (readings.h) and AI types
 * (ai_types.h).
 */
#include "host/config/value.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* ---- readings -------------------------------------------------------------------------------- */

static const char *const reading_keys[] = {DG_READING_KEYS};

#define READING_ROW(code, word, ...) [code] = {__VA_ARGS__},
static const char *const readings[][DG_LENGTH(reading_keys)] = {DG_READING_LIST(READING_ROW)};

#define READING_CHECK(code, word, ...)                                                             \
    _Static_assert(DG_LENGTH(((const char *[]){__VA_ARGS__})) == DG_LENGTH(reading_keys),          \
                   "reading " word ": a value for each of its keys");
DG_READING_LIST(READING_CHECK)

static void put(dg_config *config, const dg_field *field, const char *text)
{
    dg_value value = {0};
    const bool ok = dg_value_parse(&value, field, text);
    assert(ok && "a default of our own table is out of its bounds");
    (void)ok;
    dg_value_store(&value, field, config, -1);
}

static void put_reading(dg_config *config, int32_t reading)
{
    for (int i = 0; i < DG_LENGTH(reading_keys); i++) {
        int32_t group;
        const dg_field *field = dg_field_find(config, reading_keys[i], &group);
        put(config, field, readings[reading][i]);
    }
    config->reading = reading;
}

/* ---- AI types -------------------------------------------------------------------------------- */

static const struct {
    int64_t human_act_period, human_evolve_period;
    double ai_bonus;
    int64_t ai_belief;
} ai_types[] = {
#define AI_TYPE_ROW(code, word, act_period, evolve_period, bonus, belief)                          \
    [code] = {act_period, evolve_period, bonus, belief},
    DG_AI_TYPE_LIST(AI_TYPE_ROW)};

static void put_ai_type(dg_config *config, int32_t type)
{
    for (int32_t g = 0; g < config->group_count; g++) {
        dg_group_config *group = &config->group[g];
        const bool ai = group->kind == DG_KIND_AI;
        group->act_period = ai ? 1 : ai_types[type].human_act_period;
        group->evolve_period = ai ? 1 : ai_types[type].human_evolve_period;
        group->influence_bonus = ai ? ai_types[type].ai_bonus : 0.0;
        group->belief = ai ? ai_types[type].ai_belief : DG_BELIEF_FREE;
    }
    config->ai_type = type;
}

/* ---- both, and what hangs on other keys ------------------------------------------------------ */

/* whatever index a choice has, its table has a row for it */
_Static_assert(DG_LENGTH(readings) == DG_READING_COUNT, "a row for each reading");
_Static_assert(DG_LENGTH(ai_types) == DG_AI_TYPE_COUNT, "a row for each AI type");

/* what other keys decide is left to dg_config_complete() */
static void put_open(dg_config *config)
{
    config->sampling = -1;
    config->output_last = -1;
    for (int32_t g = 0; g < config->group_count; g++) {
        config->group[g].size = 0;
        config->group[g].observation_capacity = 0;
        config->group[g].hidden = 0;
    }
}

static void put_default(dg_config *config, const char *key)
{
    int32_t group;
    const dg_field *field = dg_field_find(config, key, &group);
    put(config, field, field->fallback);
}

void dg_config_preset(dg_config *config, int32_t reading, int32_t type)
{
    for (const dg_field *field = dg_run_fields; field->key; field++)
        if (field->fallback && strcmp(field->key, "model") != 0)
            put(config, field, field->fallback);
    put_reading(config, reading);
    put_ai_type(config, type);
    put_open(config);
    config->agents = 0; /* open, too */
}

/* the default unless every group states its size */
static void complete_agents(dg_config *config)
{
    int64_t sum = 0;
    bool all = config->group_count > 0;
    for (int32_t g = 0; g < config->group_count; g++) {
        sum += config->group[g].size;
        all = all && config->group[g].size > 0;
    }
    if (config->agents > 0) return;
    put_default(config, "agents");
    if (all) config->agents = sum;
}

/* groups without a size share the rest; 0 stays where it does not divide (check.c) */
static void complete_sizes(dg_config *config)
{
    int64_t rest = config->agents, open = 0;
    for (int32_t g = 0; g < config->group_count; g++) {
        rest -= config->group[g].size;
        open += config->group[g].size == 0;
    }
    if (open == 0 || rest <= 0 || rest % open != 0) return;
    for (int32_t g = 0; g < config->group_count; g++)
        if (config->group[g].size == 0) config->group[g].size = rest / open;
}

void dg_config_complete(dg_config *config)
{
    complete_agents(config);
    complete_sizes(config);
    for (int32_t g = 0; g < config->group_count; g++) {
        dg_group_config *group = &config->group[g];
        if (group->observation_capacity == 0)
            group->observation_capacity = config->observation_capacity;
        if (group->hidden == 0) group->hidden = config->policy_hidden;
    }
    if (config->sampling < 0)
        config->sampling =
            config->variant == DG_VARIANT_ROS_HANSEN ? DG_SAMPLING_DIAGONAL : DG_SAMPLING_ISOTROPIC;
    if (config->output_last < 0) config->output_last = config->generations - 1;
}

/* ---- the default groups ---------------------------------------------------------------------- */

static const struct {
    const char *name;
    int32_t kind;
} groups[] = {{"ai", DG_KIND_AI}, {"human1", DG_KIND_HUMAN}, {"human2", DG_KIND_HUMAN}};

static bool has_default_groups(const dg_config *config)
{
    bool same = config->group_count == DG_LENGTH(groups);
    for (int32_t g = 0; g < DG_LENGTH(groups) && same; g++)
        same = strcmp(config->group[g].name, groups[g].name) == 0;
    return same;
}

void dg_config_default(dg_config *config)
{
    memset(config, 0, sizeof *config);
    config->group_count = DG_LENGTH(groups);
    for (int32_t g = 0; g < DG_LENGTH(groups); g++) {
        strcpy(config->group[g].name, groups[g].name);
        config->group[g].kind = groups[g].kind;
    }
    dg_config_preset(config, DG_READING_TEXT, DG_AI_NONE);
    dg_config_complete(config);
}

void dg_config_unset(dg_config *out, const dg_config *config)
{
    dg_config follows = *config;
    put_open(&follows);
    dg_config_complete(&follows);
    *out = *config;
    dg_config_preset(out, config->reading, config->ai_type);
    out->sampling = follows.sampling;
    out->output_last = follows.output_last;
    put_default(out, "model");
    put_default(out, "reading");
    put_default(out, "ai_type");
    put_default(out, "agents");
    const bool own = !has_default_groups(config);
    for (int32_t g = 0; g < config->group_count; g++) {
        out->group[g].size = follows.group[g].size;
        out->group[g].observation_capacity = follows.group[g].observation_capacity;
        out->group[g].hidden = follows.group[g].hidden;
        out->group[g].kind = own ? -1 : groups[g].kind; /* always to be stated */
    }
}
