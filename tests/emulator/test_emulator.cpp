/**
 * tests/emulator/grid.cpp, under the primitives of kernels/cuda/warp.h: what correct kernels compute under every
 * order, and that mistakes show.
 */
#include "kernels/cuda/warp.h"

#include "tests/emulator/death.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static const dg_emulator_order orders[] = {DG_EMULATOR_ASCENDING, DG_EMULATOR_DESCENDING,
                                           DG_EMULATOR_RANDOM, DG_EMULATOR_AHEAD};

/** Arguments of all kernels here. */
typedef struct task {
    uint32_t *out; /* device memory */
    uint32_t *arrived;
    int32_t mistake;
    int32_t blocks;
} task;

static task task_make(int32_t mistake, int32_t blocks, size_t words)
{
    task t = {NULL, NULL, mistake, blocks};
    cr_assert_eq(cudaMalloc(&t.out, words * sizeof(uint32_t)), cudaSuccess);
    cr_assert_eq(cudaMalloc(&t.arrived, sizeof(uint32_t)), cudaSuccess);
    cudaMemset(t.arrived, 0, sizeof(uint32_t));
    return t;
}

static void task_free(const task *t)
{
    cudaFree(t->out);
    cudaFree(t->arrived);
}

static void task_read(const task *t, uint32_t *words, size_t count)
{
    cr_assert_eq(cudaMemcpy(words, t->out, count * sizeof *words, cudaMemcpyDeviceToHost),
                 cudaSuccess);
}

/* ---- the lanes of a warp --------------------------------------------------------------------- */

enum { PRIMITIVES = 9 };

static __global__ void warp_primitives(const task t)
{
    const uint32_t lane = (uint32_t)dg_lane(), value = lane * 3u + 5u;
    uint32_t *out = t.out + ((dg_block_index() * dg_threads()) + dg_thread()) * PRIMITIVES;
    out[0] = dg_shuffle(value, (dg_lane() + 1) % DG_LANES);
    out[1] = dg_shuffle_across(value, 5);
    out[2] = dg_ballot(lane % 3u == 0);
    out[3] = dg_warp_least(100u - lane);
    out[4] = dg_warp_total(value);
    uint32_t sum = value;
    for (int32_t mask = 16; mask > 0; mask /= 2) sum += dg_shuffle_across(sum, mask);
    out[5] = sum;
    out[6] = dg_add_below<4>(value);
    const uint64_t wide = dg_add_below<1>((uint64_t)value << 30);
    out[7] = (uint32_t)wide;
    out[8] = (uint32_t)(wide >> 32);
}

Test(emulator_warp, primitives_under_every_order)
{
    enum { THREADS = 96, BLOCKS = 5 };
    static uint32_t got[BLOCKS * THREADS * PRIMITIVES];
    const task t = task_make(0, BLOCKS, BLOCKS * THREADS * PRIMITIVES);
    for (dg_emulator_order order : orders) {
        dg_emulator_schedule(order);
        cr_assert_eq(dg_launch(warp_primitives, BLOCKS, THREADS, 0, false, t, nullptr),
                     cudaSuccess);
        task_read(&t, got, sizeof got / sizeof *got);
        for (uint32_t i = 0; i < BLOCKS * THREADS; i++) {
            const uint32_t lane = i % DG_LANES, *mine = got + i * PRIMITIVES;
            cr_assert_eq(mine[0], (lane + 1) % DG_LANES * 3u + 5u);
            cr_assert_eq(mine[1], (lane ^ 5u) * 3u + 5u);
            cr_assert_eq(mine[2], 0x49249249u);
            cr_assert_eq(mine[3], 69u);
            cr_assert_eq(mine[4], 1648u);
            cr_assert_eq(mine[5], 1648u);
            const uint64_t value = lane * 3u + 5u, wide = lane < 1 ? value : 2 * value - 3;
            cr_assert_eq(mine[6], lane < 4 ? value : 2 * value - 12);
            cr_assert_eq(mine[7] | (uint64_t)mine[8] << 32, wide << 30);
        }
    }
    task_free(&t);
}

/* every lane reads what its neighbour has written; with a mistake no lane waits for that */
static __global__ void neighbour(const task t)
{
    DG_SHARED(shared);
    uint32_t *word = reinterpret_cast<uint32_t *>(shared);
    word[dg_thread()] = (uint32_t)dg_thread();
    if (!t.mistake) dg_warp_barrier();
    t.out[dg_thread()] = word[dg_thread() ^ 1];
}

/* the same across warps */
static __global__ void other_warp(const task t)
{
    DG_SHARED(shared);
    uint32_t *word = reinterpret_cast<uint32_t *>(shared);
    word[dg_thread()] = (uint32_t)dg_thread();
    if (t.mistake)
        dg_warp_barrier();
    else
        dg_block_barrier();
    t.out[dg_thread()] = word[dg_thread() ^ 32];
}

/* orders under which some thread reads something else than it should */
static int32_t orders_that_show(void (*kernel)(task), int32_t mistake, uint32_t across)
{
    int32_t show = 0;
    for (dg_emulator_order order : orders) {
        uint32_t got[64];
        const task t = task_make(mistake, 1, 64);
        bool wrong = false;
        dg_emulator_schedule(order);
        cr_assert_eq(dg_launch(kernel, 1, 64, sizeof got, false, t, nullptr), cudaSuccess);
        task_read(&t, got, 64);
        for (uint32_t i = 0; i < 64; i++) wrong = wrong || got[i] != (i ^ across);
        show += wrong;
        task_free(&t);
    }
    return show;
}

Test(emulator_warp, missing_meeting_of_lanes_shows)
{
    cr_assert_eq(orders_that_show(neighbour, 0, 1), 0);
    cr_assert_eq(orders_that_show(neighbour, 1, 1), 4);
}

Test(emulator_block, missing_meeting_of_warps_shows)
{
    cr_assert_eq(orders_that_show(other_warp, 0, 32), 0);
    cr_assert_gt(orders_that_show(other_warp, 1, 32), 0);
}

/* ---- mistakes that end the program ----------------------------------------------------------- */

enum mistake {
    DISAGREE,        /* half of a warp shuffles, the other half votes */
    END_IN_WARP,     /* one lane ends, the others vote */
    END_IN_BLOCK,    /* one thread does not come to the barrier */
    OTHER_BARRIER,   /* two barriers, and each warp comes to another one */
    BARRIER_OR_WARP, /* a lane waits for its block, the others for their warp */
    FOREVER          /* a loop that nobody ends */
};

static __global__ void mistaken(const task t)
{
    uint32_t value = 0;
    switch (t.mistake) {
    case DISAGREE:
        if (dg_lane() < 16)
            value = dg_shuffle(1u, 0);
        else
            value = dg_ballot(true);
        break;
    case END_IN_WARP:
        if (dg_lane() != 7) value = dg_ballot(true);
        break;
    case END_IN_BLOCK:
        if (dg_thread() != 40) dg_block_barrier();
        break;
    case OTHER_BARRIER:
        if (dg_warp() == 0)
            dg_block_barrier();
        else
            dg_block_barrier();
        break;
    case BARRIER_OR_WARP:
        if (dg_lane() == 3)
            dg_block_barrier();
        else
            dg_warp_barrier();
        break;
    case FOREVER:
        while (dg_read_again(t.arrived) == 0) value++;
        break;
    default: break;
    }
    t.out[dg_thread()] = value;
}

static void run_mistaken(int32_t mistake)
{
    const task t = task_make(mistake, 1, 64);
    dg_launch(mistaken, 1, 64, 0, false, t, nullptr);
    cudaDeviceSynchronize();
}

static void expect_death(int32_t mistake, const char *message)
{
    for (dg_emulator_order order : orders) {
        char said[8192];
        dg_emulator_schedule(order);
        cr_assert(death_of([=]() { run_mistaken(mistake); }, said, sizeof said), "survived: %s",
                  said);
        cr_assert(strstr(said, message), "expected \"%s\" in: %s", message, said);
        cr_assert(strstr(said, "test_emulator.cpp:"), "names no line: %s", said);
    }
}

Test(emulator_mistake, lanes_in_different_primitives)
{
    expect_death(DISAGREE, "lanes of a warp are in different primitives");
}

Test(emulator_mistake, lane_that_ends_early)
{
    expect_death(END_IN_WARP, " end");
}

Test(emulator_mistake, thread_that_skips_a_barrier)
{
    expect_death(END_IN_BLOCK, "dg_block_barrier");
}

Test(emulator_mistake, warps_in_different_barriers)
{
    expect_death(OTHER_BARRIER, "different dg_block_barrier");
}

Test(emulator_mistake, lane_in_a_barrier_while_its_warp_meets)
{
    expect_death(BARRIER_OR_WARP, "lanes of the warp");
}

Test(emulator_mistake, loop_that_never_ends)
{
    expect_death(FOREVER, "a loop waits for what never comes");
}

Test(emulator_mistake, half_a_warp)
{
    char said[8192];
    const task t = task_make(0, 1, 64);
    cr_assert(
        death_of([=]() { dg_launch(mistaken, 1, 48, 0, false, t, nullptr); }, said, sizeof said));
    cr_assert(strstr(said, "not whole warps"));
    task_free(&t);
}

/* ---- blocks ---------------------------------------------------------------------------------- */

/* each block writes its word; when all have met, each adds up the words of all */
static __global__ void blocks_meet(const task t)
{
    const uint32_t mine = (uint32_t)dg_block_index();
    if (dg_thread() == 0) t.out[mine] = mine + 1u;
    dg_block_barrier();
    if (dg_thread() == 0 && t.mistake == 0) {
        dg_device_fence();
        dg_add_fetch(t.arrived, 1u);
        while (dg_read_again(t.arrived) != (uint32_t)t.blocks) continue;
    }
    dg_block_barrier();
    uint32_t sum = 0;
    for (int32_t b = 0; b < t.blocks; b++) sum += dg_read_fresh(t.out + b);
    t.out[t.blocks + dg_block_index() * dg_threads() + dg_thread()] = sum;
}

static int32_t wrong_sums(dg_emulator_order order, int32_t mistake)
{
    enum { BLOCKS = 7, THREADS = 64, WORDS = BLOCKS + BLOCKS * THREADS };
    uint32_t got[WORDS];
    int32_t wrong = 0;
    const task t = task_make(mistake, BLOCKS, WORDS);
    dg_emulator_schedule(order);
    cr_assert_eq(dg_launch(blocks_meet, BLOCKS, THREADS, 0, true, t, nullptr), cudaSuccess);
    task_read(&t, got, WORDS);
    for (int32_t i = BLOCKS; i < WORDS; i++) wrong += got[i] != 28u;
    task_free(&t);
    return wrong;
}

Test(emulator_blocks, together_meet_through_memory)
{
    for (dg_emulator_order order : orders) {
        for (uint64_t seed = 1; seed <= 20; seed++) {
            dg_emulator_seed(seed);
            cr_assert_eq(wrong_sums(order, 0), 0);
        }
    }
    cr_assert_gt(wrong_sums(DG_EMULATOR_AHEAD, 1), 0, "a missing barrier of blocks does not show");
}

Test(emulator_blocks, without_cooperative_launch_no_barrier)
{
    char said[8192];
    const task t = task_make(0, 7, 1000);
    dg_emulator_schedule(DG_EMULATOR_AHEAD);
    cr_assert(death_of(
        [=]() {
            dg_launch(blocks_meet, 7, 64, 0, false, t, nullptr);
            cudaDeviceSynchronize();
        },
        said, sizeof said));
    cr_assert(strstr(said, "a loop waits for what never comes"), "%s", said);
    task_free(&t);
}

Test(emulator_blocks, together_only_as_many_as_there_is_room_for)
{
    const task t = task_make(0, 9, 1000);
    cr_assert_eq(dg_launch(blocks_meet, 9, 64, 0, true, t, nullptr),
                 cudaErrorCooperativeLaunchTooLarge);
    cr_assert_eq(cudaGetLastError(), cudaErrorCooperativeLaunchTooLarge);
    cr_assert_eq(cudaGetLastError(), cudaSuccess);
    task_free(&t);
}

static __global__ void shared_words(const task t)
{
    DG_SHARED(shared);
    const uint32_t *word = reinterpret_cast<const uint32_t *>(shared);
    t.out[dg_thread()] = word[dg_thread()];
    const int64_t one = 1;
    if (t.mistake) t.out[0] = shared[64 * 4 + one];
}

Test(emulator_blocks, shared_memory_begins_poisoned)
{
    uint32_t got[64];
    const task t = task_make(0, 1, 64);
    cr_assert_eq(dg_launch(shared_words, 1, 64, sizeof got, false, t, nullptr), cudaSuccess);
    task_read(&t, got, 64);
    for (int i = 0; i < 64; i++) cr_assert_eq(got[i], 0x7fa5a5a5u);
    task_free(&t);
}

Test(emulator_blocks, shared_memory_is_limited)
{
    const task t = task_make(0, 1, 64);
    cr_assert_eq(dg_launch(shared_words, 1, 64, 49153, false, t, nullptr), cudaErrorInvalidValue);
    cudaFuncSetAttribute(shared_words, cudaFuncAttributeMaxDynamicSharedMemorySize, 232448);
    cr_assert_eq(dg_launch(shared_words, 1, 64, 49153, false, t, nullptr), cudaSuccess);
    cr_assert_eq(dg_launch(shared_words, 1, 64, 232449, false, t, nullptr), cudaErrorInvalidValue);
    cr_assert_eq(dg_launch(shared_words, 0, 64, 256, false, t, nullptr),
                 cudaErrorInvalidConfiguration);
    cr_assert_eq(dg_launch(shared_words, 1, 2048, 0, false, t, nullptr),
                 cudaErrorInvalidConfiguration);
    cr_assert_eq(cudaDeviceSynchronize(), cudaSuccess);
    task_free(&t);
}
