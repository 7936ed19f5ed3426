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

/** Three senders outweigh all others: many draws make weights anew, and the bytes tell from which total on. */
static dg_config dominant(const int64_t *size, double influence_factor)
{
    dg_config c = thirty(DG_UPDATE_REWARD);
    fixture_groups(&c, 3, size, 1);
    for (int g = 0; g < 3; g++) c.group[g].observation_capacity = 8;
    c.group[0].influence_bonus = 5;
    c.influence_factor = influence_factor;
    return c;
}

/** The same with more agents than there are lanes, for a shorter time. */
static dg_config many(dg_config c)
{
    for (int g = 0; g < 3; g++) c.group[g].hidden = 8;
    c.steps = 10;
    c.generations = 2;
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
    assert_hash("fixed",    thirty(DG_UPDATE_FIXED),    0xb7f45f0cd4ed2debu);
    assert_hash("random",   thirty(DG_UPDATE_RANDOM),   0x1a31ccecf0d436e0u);
    assert_hash("momentum", thirty(DG_UPDATE_MOMENTUM), 0x055a43c930cecf34u);
    assert_hash("reward",   thirty(DG_UPDATE_REWARD),   0x0f613324a88294cfu);
}

Test(golden, reading_tables)
{
    assert_hash("fixed",    thirty_tables(DG_UPDATE_FIXED),    0x647cb1ae4909ea6bu);
    assert_hash("random",   thirty_tables(DG_UPDATE_RANDOM),   0xd0f28961594b3c44u);
    assert_hash("momentum", thirty_tables(DG_UPDATE_MOMENTUM), 0x7758177e94dde2a3u);
    assert_hash("reward",   thirty_tables(DG_UPDATE_REWARD),   0xf2df94291a8d0e0eu);
}

Test(golden, all_zero)
{
    assert_hash("text",   all_zero(thirty(DG_UPDATE_REWARD)),        0x1f8a212d4d36a70cu);
    assert_hash("tables", all_zero(thirty_tables(DG_UPDATE_REWARD)), 0x3b3338e0299a6603u);
}

Test(golden, ros_hansen)
{
    assert_hash("text",   ros_hansen(thirty(DG_UPDATE_MOMENTUM)),        0xc1c14593b51e6678u);
    assert_hash("tables", ros_hansen(thirty_tables(DG_UPDATE_MOMENTUM)), 0x1f6bcc268ce91668u);
}

Test(golden, odd_sizes)
{
    assert_hash("N = 7",  sizes((const int64_t[]){2, 2, 3}, 3),     0x2118d78c0bd62da6u);
    assert_hash("N = 31", sizes((const int64_t[]){10, 10, 11}, 17), 0xdc390ae9e2123276u);
    assert_hash("N = 33", sizes((const int64_t[]){11, 11, 11}, 33), 0xaddffa43af3daeebu);
}

/* with DG_SUMS_ENOUGH 2^20 the first is another, with 2^22 the second */
Test(golden, dominant_senders)
{
    assert_hash("N = 30",  dominant((const int64_t[]){3, 13, 14}, 7),        0x1849aa3a4cdc9eb6u);
    assert_hash("N = 200", many(dominant((const int64_t[]){3, 100, 97}, 9)), 0x9fe7c09181c4899du);
}
/* clang-format on */
