/** kernels/science/shape.h: sizes that follow from sizes. */
#include "tests/support/fixture.h"

#include <criterion/criterion.h>

Test(shape, shape_follows_from_the_groups)
{
    dg_config c = fixture_config(1);
    dg_shape s;
    fixture_groups(&c, 3, (const int64_t[]){10, 10, 10}, 1);
    c.group[1].observation_capacity = 7;
    c.group[2].hidden = 33;
    dg_config_shape(&c, &s);
    cr_assert(s.agents == 30 && s.row == 32 && s.capacity == 7 && s.hidden == 64);
    /* N H + H + H V + V, MODEL.md's 2,634 */
    cr_assert(s.group[0].parameters == 2634 && s.group[1].parameters == 2634);
    cr_assert_eq(s.group[2].parameters, 30 * 33 + 33 + 330 + 10);
    cr_assert(s.group[0].first == 0 && s.group[1].first == 10 && s.group[2].first == 20);
}

Test(shape, genotypes_and_solvers_do_not_overlap)
{
    dg_config c = fixture_config(1);
    dg_shape s;
    fixture_groups(&c, 4, (const int64_t[]){3, 1, 7, 2}, 1);
    c.group[2].hidden = 5;
    dg_config_shape(&c, &s);
    int64_t genotype = 0, solver = 0;
    for (int g = 0; g < 4; g++) {
        const dg_group_shape *group = &s.group[g];
        cr_assert_geq(group->stride, group->parameters);
        cr_assert(group->genotype == genotype && group->solver == solver, "group %d", g);
        genotype += (int64_t)group->size * group->stride;
        solver += group->stride;
    }
    cr_assert(s.genotypes == genotype && s.solvers == solver);
}

Test(shape, rounds_up_to_multiples)
{
    cr_assert_eq(dg_round_up(0, 16), 0);
    cr_assert_eq(dg_round_up(1, 16), 16);
    cr_assert_eq(dg_round_up(16, 16), 16);
    cr_assert_eq(dg_round_up(17, 16), 32);
}
