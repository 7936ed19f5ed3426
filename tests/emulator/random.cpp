/* Choices, counts and what the environment says. */
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int64_t dg_emulator_number(const char *name, int64_t otherwise)
{
    const char *text = getenv(name);
    return text && *text ? strtoll(text, nullptr, 0) : otherwise;
}

static dg_emulator_order order_of_environment(void)
{
    static const char *const names[] = {"ascending", "descending", "random", "ahead", "mixed"};
    const char *text = getenv("DIGICO_EMULATOR_SCHEDULE");
    if (!text || !*text) return DG_EMULATOR_MIXED;
    for (int i = 0; i <= DG_EMULATOR_MIXED; i++) {
        if (strcmp(text, names[i]) == 0) return static_cast<dg_emulator_order>(i);
    }
    fprintf(stderr, "emulator: DIGICO_EMULATOR_SCHEDULE=%s is none of the orders\n", text);
    exit(2);
}

static dg_emulator_state *state_make(void)
{
    dg_emulator_state *state = new dg_emulator_state();
    state->random = static_cast<uint64_t>(dg_emulator_number("DIGICO_EMULATOR_SEED", 1));
    state->order = order_of_environment();
    state->fail_allocation = dg_emulator_number("DIGICO_EMULATOR_FAIL_ALLOCATION", 0);
    return state;
}

/* never destroyed: programs may hold devices until they end */
dg_emulator_state *dg_emulator_get(void)
{
    static dg_emulator_state *const state = state_make();
    return state;
}

std::recursive_mutex &dg_emulator_lock(void)
{
    static std::recursive_mutex *const lock = new std::recursive_mutex();
    return *lock;
}

/* splitmix64 (Steele, Lea & Flood 2014) */
uint64_t dg_emulator_random(void)
{
    uint64_t z = dg_emulator_get()->random += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

dg_emulator_order dg_emulator_order_choose(void)
{
    const dg_emulator_order order = dg_emulator_get()->order;
    return order == DG_EMULATOR_MIXED
               ? static_cast<dg_emulator_order>(dg_emulator_below(DG_EMULATOR_MIXED))
               : order;
}

void dg_emulator_poison(void *memory, size_t bytes)
{
    static const unsigned char pattern[4] = {0xa5, 0xa5, 0xa5, 0x7f};
    unsigned char *to = static_cast<unsigned char *>(memory);
    for (size_t i = 0; i < bytes; i++) to[i] = pattern[i % 4];
}

void dg_emulator_seed(uint64_t seed)
{
    std::lock_guard<std::recursive_mutex> guard(dg_emulator_lock());
    dg_emulator_get()->random = seed;
}

void dg_emulator_schedule(dg_emulator_order order)
{
    std::lock_guard<std::recursive_mutex> guard(dg_emulator_lock());
    dg_emulator_get()->order = order;
}

void dg_emulator_machine_set(const dg_emulator_machine *machine)
{
    std::lock_guard<std::recursive_mutex> guard(dg_emulator_lock());
    dg_emulator_get()->machine = *machine;
}

void dg_emulator_fail_allocation(int64_t count)
{
    std::lock_guard<std::recursive_mutex> guard(dg_emulator_lock());
    dg_emulator_get()->fail_allocation = count;
}

dg_emulator_counts dg_emulator_counted(void)
{
    std::lock_guard<std::recursive_mutex> guard(dg_emulator_lock());
    return dg_emulator_get()->counts;
}
