/** The AI types of MODEL.md, section 5: who acts when, who evolves when, whose belief is fixed. */
#include "tests/support/fixture.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>

enum { AI = 4, AGENTS = 13, GENERATIONS = 11 };

typedef struct ai_type {
    const char *name;
    int64_t act_period, evolve_period; /* of humans */
    double bonus;                      /* of AIs */
    int64_t belief;                    /* of AIs */
} ai_type;

static const ai_type types[] = {
    {"none", 1, 1, 0, DG_BELIEF_FREE},   {"act", 2, 1, 0, DG_BELIEF_FREE},
    {"evolve", 1, 5, 0, DG_BELIEF_FREE}, {"influence", 1, 1, 2, DG_BELIEF_FREE},
    {"fix", 1, 1, 0, DG_BELIEF_FIXED},   {"all", 2, 5, 2, DG_BELIEF_FIXED},
    {"fix_at_zero", 1, 1, 0, 0},         {"all_zero", 2, 5, 2, 0},
};

static dg_config config_of(const ai_type *type)
{
    dg_config c = fixture_config(12);
    c.generations = GENERATIONS;
    for (int g = 1; g < 3; g++) {
        c.group[g].act_period = type->act_period;
        c.group[g].evolve_period = type->evolve_period;
    }
    c.group[0].influence_bonus = type->bonus;
    c.group[0].belief = type->belief;
    return c;
}

ParameterizedTestParameters(ai_types, act_when_they_should)
{
    static int index[] = {0, 1, 2, 3, 4, 5, 6, 7};
    return cr_make_param_array(int, index, 8);
}

ParameterizedTest(const int *k, ai_types, act_when_they_should)
{
    const dg_config c = config_of(&types[*k]);
    fixture_run run = fixture_finish(&c, (fixture_how){.trace = 1});
    for (int g = 0; g < GENERATIONS; g++)
        for (int t = 0; t < c.steps; t++)
            for (int i = 0; i < AGENTS; i++) {
                const int silent = i >= AI && t % types[*k].act_period != 0;
                const int message = fixture_trace(&run, g, DG_TRACE_MESSAGE, t)[i];
                const int views = fixture_trace(&run, g, DG_TRACE_VIEWS, t)[i];
                cr_assert_eq(message < 0, silent, "%s: step %d agent %d", types[*k].name, t, i);
                cr_assert(!silent || views == 0, "%s: a silent agent is viewed", types[*k].name);
            }
    fixture_free(&run);
}

ParameterizedTestParameters(ai_types, hold_their_belief)
{
    static int index[] = {0, 1, 2, 3, 4, 5, 6, 7};
    return cr_make_param_array(int, index, 8);
}

ParameterizedTest(const int *k, ai_types, hold_their_belief)
{
    const dg_config c = config_of(&types[*k]);
    const int fixed = types[*k].belief != DG_BELIEF_FREE;
    fixture_run start = fixture_begin(&c), run = fixture_finish(&c, (fixture_how){.trace = 1});
    int ai_moves = 0, human_moves = 0;
    for (int g = 0; g < GENERATIONS; g++)
        for (int t = 0; t < c.steps; t++)
            for (int i = 0; i < AGENTS; i++) {
                const int moved =
                    fixture_trace(&run, g, DG_TRACE_BELIEF, t)[i] != start.state.belief[i];
                ai_moves += i < AI && moved;
                human_moves += i >= AI && moved;
            }
    cr_assert_eq(ai_moves == 0, fixed, "%s: beliefs of AIs", types[*k].name);
    cr_assert_gt(human_moves, 0);
    for (int i = 0; i < AI && types[*k].belief == 0; i++) cr_assert_eq(run.state.belief[i], 0);
    fixture_free(&start);
    fixture_free(&run);
}

/** Did the genotypes of a group's agents change between two states? */
static int evolved(const fixture_run *before, const fixture_run *after, int32_t g)
{
    const dg_group_shape *group = &after->shape.group[g];
    int changed = 0;
    for (int32_t a = 0; a < group->size; a++) {
        const int64_t at = group->genotype + (int64_t)a * group->stride;
        changed += memcmp(before->state.genotype + at, after->state.genotype + at,
                          (size_t)group->parameters * sizeof(float)) != 0;
    }
    cr_assert(changed == 0 || changed == group->size, "only %d of group %d", changed, g);
    return changed > 0;
}

ParameterizedTestParameters(ai_types, evolve_when_they_should)
{
    static int index[] = {0, 1, 2, 3, 4, 5, 6, 7};
    return cr_make_param_array(int, index, 8);
}

ParameterizedTest(const int *k, ai_types, evolve_when_they_should)
{
    dg_config c = config_of(&types[*k]);
    c.generations = 1;
    fixture_run before = fixture_finish(&c, (fixture_how){0});
    for (int g = 1; g < GENERATIONS; g++) {
        /* one generation more: number g, 0-based, with its evolution */
        c.generations = g + 1;
        fixture_run after = fixture_finish(&c, (fixture_how){0});
        cr_assert(evolved(&before, &after, 0), "%s: AIs after generation %d", types[*k].name, g);
        for (int group = 1; group < 3; group++)
            cr_assert_eq(evolved(&before, &after, group), (g + 1) % types[*k].evolve_period == 0,
                         "%s: humans after generation %d", types[*k].name, g);
        fixture_free(&before);
        before = after;
    }
    fixture_free(&before);
}

/** Share of all views that AIs got. */
static double ai_views(const ai_type *type)
{
    const dg_config c = config_of(type);
    fixture_run run = fixture_finish(&c, (fixture_how){0});
    double views[3] = {0};
    for (int g = 0; g < GENERATIONS; g++)
        for (int group = 0; group < 3; group++)
            views[group] +=
                (double)run.records[g * dg_record_words(&run.shape) +
                                    dg_record_group(&run.shape, group) + DG_COUNT_VIEWS];
    fixture_free(&run);
    return views[0] / (views[0] + views[1] + views[2]);
}

Test(ai_types, gain_views_by_influence_and_by_acting_more_often)
{
    /* 11 x 6 x 13 x 4 = 3,432 views of a type: a share is known to about 0.01 */
    const double none = ai_views(&types[0]);
    cr_assert_gt(ai_views(&types[1]), none + 0.05, "act");
    cr_assert_gt(ai_views(&types[3]), none + 0.1, "influence");
    cr_assert_gt(ai_views(&types[5]), ai_views(&types[3]), "all");
}
