/**
 * Golden hashes: XXH3 over the whole state of fixed runs. They say nothing about right or wrong
 * (the other tests do); they say that no bit of any result has changed. Changing one is its own
 * commit with the reason, and DG_MODEL_VERSION goes up.
 */
#include "tests/support/fixture.h"

#include "host/base/hash.h"

#include <criterion/criterion.h>

/** N = 30 as in the paper, 20 steps, 4 generations. */
static dg_config thirty(int32_t update)
{
    dg_config c = fixture_config(1);
    fixture_groups(&c, 3, (const int64_t[]){10, 10, 10}, 1);
    c.steps = 20;
    c.generations = 4;
    c.update = update;
    return c;
}

static dg_config thirty_tables(int32_t update)
{
    dg_config c = thirty(update);
    fixture_tables(&c);
    return c;
}

/** AI type all_zero (MODEL.md, section 5). */
static dg_config all_zero(dg_config c)
{
    c.group[0].influence_bonus = 2;
    c.group[0].belief = 0;
    for (int g = 1; g < 3; g++) {
        c.group[g].act_period = 2;
        c.group[g].evolve_period = 5;
    }
    c.generations = 6;
    return c;
}

static dg_config ros_hansen(dg_config c)
{
    c.variant = DG_VARIANT_ROS_HANSEN;
    c.sampling = DG_SAMPLING_DIAGONAL;
    return c;
}

static dg_config sizes(const int64_t *size, int64_t values)
{
    dg_config c = thirty(DG_UPDATE_MOMENTUM);
    fixture_groups(&c, 3, size, 1);
    c.values = values;
    c.group[1].hidden = 33;
    return c;
}

/** On every instruction set that this machine has. */
static void assert_hash(const char *name, dg_config c, uint64_t expected)
{
    static const char *const sets[] = {"generic", "avx2", "avx512"};
    for (size_t k = 0; k < sizeof sets / sizeof *sets; k++) {
        if (!dg_backend_cpu_vector(sets[k])) continue;
        fixture_run run = fixture_finish(&c, (fixture_how){.vector = sets[k]});
        const uint64_t hash = dg_hash_bytes(run.block, dg_state_bytes(&run.shape));
        fixture_free(&run);
        cr_expect_eq(hash, expected, "%s, %s: 0x%016llx", name, sets[k], (unsigned long long)hash);
    }
}

/* clang-format off */
Test(golden, reading_text)
{
    assert_hash("fixed",    thirty(DG_UPDATE_FIXED),    0x58c8d732184e43a7u);
    assert_hash("random",   thirty(DG_UPDATE_RANDOM),   0x7d3a847b2f132069u);
    assert_hash("momentum", thirty(DG_UPDATE_MOMENTUM), 0x43e5899c7f38874du);
    assert_hash("reward",   thirty(DG_UPDATE_REWARD),   0xff87bf2df8dd32d8u);
}

Test(golden, reading_tables)
{
    assert_hash("fixed",    thirty_tables(DG_UPDATE_FIXED),    0x5fcbe2b33e4b64a1u);
    assert_hash("random",   thirty_tables(DG_UPDATE_RANDOM),   0xfb5319543ae38ab2u);
    assert_hash("momentum", thirty_tables(DG_UPDATE_MOMENTUM), 0x8020871be5aff345u);
    assert_hash("reward",   thirty_tables(DG_UPDATE_REWARD),   0xc555a807155c50bdu);
}

Test(golden, all_zero)
{
    assert_hash("text",   all_zero(thirty(DG_UPDATE_REWARD)),        0x9d483166a586351au);
    assert_hash("tables", all_zero(thirty_tables(DG_UPDATE_REWARD)), 0xf301d14f9ef083c8u);
}

Test(golden, ros_hansen)
{
    assert_hash("text",   ros_hansen(thirty(DG_UPDATE_MOMENTUM)),        0x42c9d5b92c7c4b52u);
    assert_hash("tables", ros_hansen(thirty_tables(DG_UPDATE_MOMENTUM)), 0xdf3ed3af420d717au);
}

Test(golden, odd_sizes)
{
    assert_hash("N = 7",  sizes((const int64_t[]){2, 2, 3}, 3),     0x7c2b159125528cf6u);
    assert_hash("N = 31", sizes((const int64_t[]){10, 10, 11}, 17), 0xc2bb60df4f345427u);
    assert_hash("N = 33", sizes((const int64_t[]){11, 11, 11}, 33), 0x8a52520646154bf8u);
}
/* clang-format on */
