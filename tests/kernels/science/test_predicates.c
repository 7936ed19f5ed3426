/** kernels/science: questions with a yes or a no that schedules branch on, at the edges of each. */
#include "kernels/science/contagion.h"
#include "kernels/science/evolve.h"
#include "kernels/science/measures.h"
#include "kernels/science/observe.h"

#include <criterion/criterion.h>

#include <math.h>

Test(predicates, a_message_of_value_0_is_received_and_silence_is_not)
{
    cr_expect(dg_observe_received(0));
    cr_expect(dg_observe_received(9));
    cr_expect_not(dg_observe_received(-1));
}

/* registers of whom nobody observed are -1, so that messages of all reach no further than those received */
Test(predicates, everyone_is_a_source_of_beliefs_alone)
{
    cr_expect(dg_contagion_everyone(DG_SOURCES_ALL, DG_CONTENT_BELIEF));
    cr_expect_not(dg_contagion_everyone(DG_SOURCES_ALL, DG_CONTENT_MESSAGE));
    cr_expect_not(dg_contagion_everyone(DG_SOURCES_RECEIVED, DG_CONTENT_BELIEF));
    cr_expect_not(dg_contagion_everyone(DG_SOURCES_RECEIVED, DG_CONTENT_MESSAGE));
}

static void expect_due(int32_t every, int32_t generations, const char *expected)
{
    const dg_shape shape = {.diversity_every = every, .generations = generations};
    for (int32_t g = 0; g < generations; g++)
        cr_expect_eq(dg_diversity_due(&shape, g), expected[g] == 'x', "every %d: generation %d",
                     every, g);
}

Test(predicates, diversity_is_due_every_so_many_and_in_the_last)
{
    expect_due(1, 4, "xxxx");
    expect_due(3, 8, "x..x..xx");
    expect_due(3, 7, "x..x..x");
    expect_due(50, 4, "x..x");
    expect_due(0, 4, "....");
}

Test(predicates, traced_generations_are_counted_from_the_first_to_the_last)
{
    static const int32_t place[] = {-1, -1, 0, -1, -1, 1, -1, -1, 2, -1, -1, -1};
    for (int32_t g = 0; g < 12; g++) cr_expect_eq(dg_trace_place(2, 8, 3, g), place[g], "%d", g);
    cr_expect_eq(dg_trace_place(0, 0, 1, 0), 0);
    cr_expect_eq(dg_trace_place(0, 0, 1, 1), -1);
    cr_expect_eq(dg_trace_place(0, 9, 0, 0), -1, "none are");
}

/* ---- solvers --------------------------------------------------------------------------------- */

Test(predicates, a_solver_is_sound_between_its_bounds)
{
    cr_expect(dg_evolve_sound(0, 0.1f, 1));
    /* sigma alone: C makes up for it */
    cr_expect(dg_evolve_sound(0, nextafterf(0x1p-100f, 1), 1));
    cr_expect_not(dg_evolve_sound(0, 0x1p-100f, 1));
    cr_expect_not(dg_evolve_sound(0, 0x1p-100f, 0x1p60f));
    cr_expect(dg_evolve_sound(0, nextafterf(0x1p90f, 0), 0x1p-60f));
    cr_expect_not(dg_evolve_sound(0, 0x1p90f, 0x1p-60f));
    /* the mean, which selection alone moves */
    cr_expect(dg_evolve_sound(nextafterf(0x1p90f, 0), 0.1f, 1));
    cr_expect_not(dg_evolve_sound(0x1p90f, 0.1f, 1));
    cr_expect_not(dg_evolve_sound(-0x1p90f, 0.1f, 1));
    cr_expect_not(dg_evolve_sound((float)NAN, 0.1f, 1));
    /* sigma sqrt(C): 2^-50 2^-60, 2^50 2^40 */
    cr_expect(dg_evolve_sound(0, nextafterf(0x1p-50f, 1), 0x1p-120f));
    cr_expect_not(dg_evolve_sound(0, 0x1p-50f, 0x1p-120f));
    cr_expect(dg_evolve_sound(0, nextafterf(0x1p50f, 0), 0x1p80f));
    cr_expect_not(dg_evolve_sound(0, 0x1p50f, 0x1p80f));
    /* no numbers, or no variance */
    cr_expect_not(dg_evolve_sound(0, 0.1f, 0));
    cr_expect_not(dg_evolve_sound(0, 0.1f, -1));
    cr_expect_not(dg_evolve_sound(0, 0.1f, (float)NAN));
    cr_expect_not(dg_evolve_sound(0, 0.1f, (float)INFINITY));
    cr_expect_not(dg_evolve_sound(0, 0, 1));
    cr_expect_not(dg_evolve_sound(0, -0.1f, 1));
    cr_expect_not(dg_evolve_sound(0, (float)NAN, 1));
    cr_expect_not(dg_evolve_sound(0, (float)INFINITY, 1));
}

/** What the bounds are for: samples of any normal number there is are finite and can be read back. */
Test(predicates, a_sound_solver_makes_finite_samples)
{
    const float widest = nextafterf(0x1p90f, 0), narrowest = nextafterf(0x1p-100f, 1);
    cr_expect(isfinite(dg_evolve_sample(1e30f, widest, 100)));
    cr_expect(isfinite(dg_evolve_sample(-1e30f, widest, -100)));
    cr_expect(isfinite(1 / narrowest));
    cr_expect(isfinite(dg_evolve_offset(1, -1, 1 / narrowest)));
}
