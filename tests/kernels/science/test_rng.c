/** kernels/science/rng.h: the generator against published answers and cuRAND, counters, variates. */
#include "tests/support/chance.h"
#include "kernels/science/rng.h"

#include <criterion/criterion.h>

#include <dlfcn.h>
#include <math.h>
#include <stdlib.h>

/* ---- philox ---------------------------------------------------------------------------------- */

/** Counter and key, and what they become: Random123's kat_vectors, philox4x32 with 10 rounds. */
static const uint32_t known[][10] = {
    {0, 0, 0, 0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8},
    {~0u, ~0u, ~0u, ~0u, ~0u, ~0u, 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd},
    {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0, 0xd16cfe09, 0x94fdcceb,
     0x5001e420, 0x24126ea1}};

static dg_draw draw_from(uint32_t key_0, uint32_t key_1, uint32_t word_2, uint32_t word_3)
{
    const dg_draw draw = {(uint64_t)key_1 << 32 | key_0, word_2, word_3};
    return draw;
}

Test(rng, gives_random123_known_answers)
{
    for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
        const uint32_t *v = known[k];
        const dg_philox_block block = dg_philox(draw_from(v[4], v[5], v[2], v[3]), v[0], v[1]);
        cr_assert_arr_eq(block.word, v + 6, 16, "vector %zu", k);
    }
}

/* ---- cuRAND's host generator, where the toolkit is installed --------------------------------- */

/**
 * The few calls of curand.h, found at run time: neither build nor test depends on the toolkit. The
 * library stays open: memory that it keeps to the end would else be reported as leaked.
 */
typedef struct curand_host {
    int (*create)(void **generator, int type);
    int (*seed)(void *generator, unsigned long long seed);
    int (*offset)(void *generator, unsigned long long offset);
    int (*order)(void *generator, int order);
    int (*generate)(void *generator, unsigned *out, size_t count);
    int (*destroy)(void *generator);
} curand_host;

/* curandRngType and curandOrdering of curand.h */
enum { CURAND_PHILOX = 161, CURAND_LEGACY_ORDER = 103 };

static void *curand_open(void)
{
    static const char *const names[] = {"libcurand.so", "libcurand.so.10",
                                        "/usr/local/cuda/lib64/libcurand.so.10"};
    void *library = NULL;
    for (size_t k = 0; !library && k < sizeof names / sizeof *names; k++)
        library = dlopen(names[k], RTLD_NOW | RTLD_LOCAL);
    return library;
}

static curand_host curand_calls(void *library)
{
    curand_host h;
    *(void **)&h.create = dlsym(library, "curandCreateGeneratorHost");
    *(void **)&h.seed = dlsym(library, "curandSetPseudoRandomGeneratorSeed");
    *(void **)&h.offset = dlsym(library, "curandSetGeneratorOffset");
    *(void **)&h.order = dlsym(library, "curandSetGeneratorOrdering");
    *(void **)&h.generate = dlsym(library, "curandGenerate");
    *(void **)&h.destroy = dlsym(library, "curandDestroyGenerator");
    cr_assert(h.create && h.seed && h.offset && h.order && h.generate && h.destroy);
    return h;
}

/** cuRAND's first words of a seed. */
static void curand_words(const curand_host *h, uint64_t seed, unsigned *out, size_t count)
{
    void *generator = NULL;
    cr_assert_eq(h->create(&generator, CURAND_PHILOX), 0);
    cr_assert_eq(h->seed(generator, seed), 0);
    cr_assert_eq(h->order(generator, CURAND_LEGACY_ORDER), 0);
    cr_assert_eq(h->offset(generator, 0), 0);
    cr_assert_eq(h->generate(generator, out, count), 0);
    cr_assert_eq(h->destroy(generator), 0);
}

Test(rng, gives_the_words_of_curand)
{
    enum { WORDS = 1 << 20 };
    static unsigned theirs[WORDS];
    void *library = curand_open();
    if (!library) cr_skip("cuRAND is not installed");
    const curand_host h = curand_calls(library);
    const uint64_t seeds[] = {0, 1, 0x123456789abcdef0u};
    for (size_t s = 0; s < sizeof seeds / sizeof *seeds; s++) {
        curand_words(&h, seeds[s], theirs, WORDS);
        for (uint32_t b = 0; b < WORDS / 4; b++) {
            /* 65,536 subsequences (word 2) side by side, then the next block of each (word 0) */
            const dg_draw draw = {seeds[s], b % 65536, 0};
            cr_assert_arr_eq(dg_philox(draw, b / 65536, 0).word, theirs + 4 * b, 16, "block %u", b);
        }
    }
}

/* ---- counters -------------------------------------------------------------------------------- */

static int by_words(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(dg_philox_block));
}

/* Equal words mean equal counters: philox is a bijection of the counter. */
Test(rng, no_two_draws_share_a_counter)
{
    static const int32_t generation[] = {0, 1, 2, 999, (1 << 24) - 1};
    static const int32_t step[] = {0, 1, 49, 65535};
    static const uint32_t index[] = {0, 1, 29, 299, 99999}, element[] = {0, 4, 8, 2632, 1 << 20};
    enum { EACH = 5 * 4 * 5 * 5, BLOCKS = DG_STREAMS * EACH };
    dg_philox_block *block = malloc(BLOCKS * sizeof *block);
    int64_t count = 0;
    cr_assert_not_null(block);
    for (int stream = 0; stream < DG_STREAMS; stream++)
        for (int k = 0; k < EACH; k++) {
            const dg_draw draw =
                dg_draw_of(7, (dg_stream)stream, generation[k % 5], step[k / 5 % 4]);
            block[count++] = dg_philox(draw, element[k / 100] / 4, index[k / 20 % 5]);
        }
    qsort(block, (size_t)count, sizeof *block, by_words);
    for (int64_t k = 1; k < count; k++)
        cr_assert(memcmp(&block[k - 1], &block[k], sizeof *block) != 0, "draw %lld", (long long)k);
    free(block);
}

Test(rng, streams_fit_their_eight_bits)
{
    cr_assert_leq(DG_STREAMS, 256);
    const dg_draw last = dg_draw_of(1, (dg_stream)(DG_STREAMS - 1), (1 << 24) - 1, 3);
    cr_assert_eq(last.purpose >> 24, DG_STREAMS - 1);
    cr_assert_eq(last.purpose & 0xffffffu, 0xffffffu);
    cr_assert_eq(last.time, 3);
}

Test(rng, elements_take_the_four_words_of_a_block_in_turn)
{
    const dg_draw draw = dg_draw_of(5, DG_STREAM_NOISE, 3, 2);
    for (uint32_t element = 0; element < 12; element++)
        cr_assert_eq(dg_word(draw, element, 9), dg_philox(draw, element / 4, 9).word[element % 4]);
}

Test(rng, other_seeds_give_other_words)
{
    /* both halves of the seed are in the key */
    const uint64_t seed[] = {0, 1, (uint64_t)1 << 32, (uint64_t)1 << 63};
    for (int a = 0; a < 4; a++)
        for (int b = 0; b < a; b++)
            cr_assert_neq(dg_word(dg_draw_of(seed[a], DG_STREAM_WEIGHT, 0, 0), 0, 0),
                          dg_word(dg_draw_of(seed[b], DG_STREAM_WEIGHT, 0, 0), 0, 0));
}

/* ---- variates -------------------------------------------------------------------------------- */

Test(rng, uniform_is_exact_and_never_0_or_1)
{
    cr_assert_eq(dg_uniform(0), 0x1p-24f);
    cr_assert_eq(dg_uniform(511), 0x1p-24f);
    cr_assert_eq(dg_uniform(512), 0x3p-24f);
    cr_assert_eq(dg_uniform(~0u), 0x1.fffffep-1f);
    for (uint32_t x = 0; x < (1u << 23); x += 97)
        cr_assert_eq((double)dg_uniform(x << 9), (x + 0.5) / 8388608, "%u", x);
}

Test(rng, integers_are_floor_of_u_n)
{
    static const int32_t n[] = {1, 2, 3, 7, 10, 1000, 4194303};
    for (int k = 0; k < 7; k++) {
        cr_assert_eq(dg_uniform_integer(0, n[k]), 0);
        cr_assert_eq(dg_uniform_integer(~0u, n[k]), n[k] - 1);
        for (uint32_t x = 0; x < (1u << 23); x += 97)
            cr_assert_eq(dg_uniform_integer(x << 9, n[k]),
                         (int32_t)floor((x + 0.5) / 8388608 * n[k]));
    }
}

Test(rng, uniforms_are_uniform)
{
    enum { DRAWS = 1000000, CELLS = 100 };
    int64_t count[CELLS] = {0};
    double probability[CELLS];
    const dg_draw draw = dg_draw_of(1, DG_STREAM_WEIGHT, 0, 0);
    for (int k = 0; k < CELLS; k++) probability[k] = 1.0 / CELLS;
    for (uint32_t k = 0; k < DRAWS; k++)
        count[(int)(dg_uniform(dg_word(draw, k % 1000, k / 1000)) * CELLS)]++;
    chance_assert("uniform", count, probability, CELLS);
}

Test(rng, log_exponential_is_the_logarithm_of_one)
{
    const dg_draw draw = dg_draw_of(1, DG_STREAM_RACE, 0, 0);
    for (uint32_t k = 0; k < 100000; k++) {
        const uint32_t word = dg_word(draw, k, 0);
        const double expected = log(-log(((word >> 9) + 0.5) / 8388608));
        cr_assert_float_eq(dg_log_exponential(word), expected, 1e-6);
    }
    /* the ends: u = 2^-24 and 1 - 2^-24 */
    cr_assert_float_eq(dg_log_exponential(0), log(24 * log(2)), 1e-6);
    cr_assert_float_eq(dg_log_exponential(~0u), log(-log1p(-0x1p-24)), 1e-6);
}

Test(rng, normals_are_box_mullers_and_standard)
{
    enum { DRAWS = 1000000 };
    static float x[DRAWS];
    const dg_draw draw = dg_draw_of(1, DG_STREAM_GENOTYPE, 4, 0);
    for (uint32_t k = 0; k < DRAWS; k++) x[k] = dg_normal(draw, k % 1000, k / 1000);
    chance_assert_normal("normal", x, DRAWS);
    for (uint32_t k = 0; k < 1000; k++) {
        const double u = (double)dg_uniform(dg_word(draw, k - k % 2, 0));
        const double angle = 2 * acos(-1) * (double)dg_uniform(dg_word(draw, k - k % 2 + 1, 0));
        const double expected = sqrt(-2 * log(u)) * (k % 2 == 0 ? cos(angle) : sin(angle));
        cr_assert_float_eq(x[k], expected, 2e-6, "%u", k);
    }
}

Test(rng, the_two_normals_of_a_pair_are_independent)
{
    enum { DRAWS = 500000 };
    int64_t count[16] = {0};
    double probability[16];
    const dg_draw draw = dg_draw_of(2, DG_STREAM_NOISE, 0, 0);
    for (int k = 0; k < 16; k++) probability[k] = 1 / 16.0;
    for (uint32_t k = 0; k < DRAWS; k++) {
        const double a = 0.5 * erfc(-(double)dg_normal(draw, 2 * (k % 500), k / 500) / sqrt(2));
        const double b = 0.5 * erfc(-(double)dg_normal(draw, 2 * (k % 500) + 1, k / 500) / sqrt(2));
        count[(int)(a * 4) * 4 + (int)(b * 4)]++;
    }
    chance_assert("pairs of normals", count, probability, 16);
}
