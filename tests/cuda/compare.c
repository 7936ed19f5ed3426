/** The first difference of two outcomes, named. */
#include "compare.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

/** One element of a field as text. */
static const char *element(char *text, size_t size, const void *at, int is_float)
{
    uint32_t bits;
    float number;
    memcpy(&bits, at, sizeof bits);
    memcpy(&number, at, sizeof number);
    if (is_float)
        snprintf(text, size, "%.9g (0x%08" PRIx32 ")", (double)number, bits);
    else
        snprintf(text, size, "%" PRId32, (int32_t)bits);
    return text;
}

/** First differing element of a field, -1: none. All types have four bytes. */
static int64_t first_difference(const void *a, const void *b, int64_t elements)
{
    const uint32_t *of_a = a, *of_b = b;
    for (int64_t k = 0; k < elements; k++)
        if (of_a[k] != of_b[k]) return k;
    return -1;
}

static int64_t first_nan(const float *a, int64_t elements)
{
    for (int64_t k = 0; k < elements; k++)
        if (isnan(a[k])) return k;
    return -1;
}

typedef struct field {
    const char *name;
    const char *a, *b;
    int64_t elements;
    int is_float;
} field;

static int field_equal(const field *f, int32_t run, const char *const names[2], char *said)
{
    char first[48], second[48];
    int64_t k = first_difference(f->a, f->b, f->elements);
    if (k >= 0) {
        snprintf(said, DIFFERENCE_TEXT, "run %d, %s[%" PRId64 "]: %s %s, %s %s", run, f->name, k,
                 names[0], element(first, sizeof first, f->a + 4 * k, f->is_float), names[1],
                 element(second, sizeof second, f->b + 4 * k, f->is_float));
        return 0;
    }
    k = f->is_float ? first_nan((const float *)(const void *)f->a, f->elements) : -1;
    if (k >= 0)
        snprintf(said, DIFFERENCE_TEXT, "run %d, %s[%" PRId64 "] is a NaN in both: bits of chance",
                 run, f->name, k);
    return k < 0;
}

static int states_equal(const outcome *a, const outcome *b, int32_t run, const char *const names[2],
                        char *said)
{
    const dg_shape *s = &a->shape;
    const int64_t bytes = dg_state_bytes(s);
    char *of_a = a->block + run * bytes, *of_b = b->block + run * bytes;
    const dg_state x = dg_state_at(s, of_a), y = dg_state_at(s, of_b);
    const field fields[] = {
#define FIELD(type, name, elements, meaning)                                                       \
    {#name, (const char *)x.name, (const char *)y.name, elements,                                  \
     _Generic((type){0}, float : 1, default : 0)},
        DG_STATE_FIELDS(FIELD)
#undef FIELD
    };
    for (size_t f = 0; f < sizeof fields / sizeof *fields; f++)
        if (!field_equal(&fields[f], run, names, said)) return 0;
    if (memcmp(of_a, of_b, (size_t)bytes) == 0) return 1;
    snprintf(said, DIFFERENCE_TEXT, "run %d: padding between fields", run);
    return 0;
}

static int records_equal(const outcome *a, const outcome *b, int32_t run,
                         const char *const names[2], char *said)
{
    const int64_t words = outcome_record_words(a), each = dg_record_words(&a->shape);
    const int64_t *x = a->records + run * words, *y = b->records + run * words;
    for (int64_t k = 0; k < words; k++)
        if (x[k] != y[k]) {
            snprintf(said, DIFFERENCE_TEXT,
                     "run %d, record of generation %" PRId64 ", word %" PRId64 ": %s %" PRId64
                     ", %s %" PRId64,
                     run, k / each, k % each, names[0], x[k], names[1], y[k]);
            return 0;
        }
    return 1;
}

static int traces_equal(const outcome *a, const outcome *b, int32_t run, const char *const names[2],
                        char *said)
{
    static const char *const fields[] = {"belief", "message", "views", "received",
                                         "received from AI"};
    const dg_shape *s = &a->shape;
    const int64_t page = outcome_trace_words(a), layer = (int64_t)s->steps * s->agents;
    const int16_t *x = a->trace + run * page, *y = b->trace + run * page;
    for (int64_t k = 0; k < page; k++)
        if (x[k] != y[k]) {
            snprintf(said, DIFFERENCE_TEXT,
                     "run %d, trace %" PRId64 ", %s, step %" PRId64 ", agent %" PRId64
                     ": %s %d, %s %d",
                     run, k / (DG_TRACES * layer), fields[k / layer % DG_TRACES],
                     k % layer / s->agents, k % s->agents, names[0], x[k], names[1], y[k]);
            return 0;
        }
    return 1;
}

static int counts_equal(const outcome *a, const outcome *b, const char *const names[2], char *said)
{
    static const char *const counts[] = {"generations", "agent-steps", "runs"};
    for (int32_t run = 0; run < a->runs; run++)
        if (a->generations[run] != b->generations[run]) {
            snprintf(said, DIFFERENCE_TEXT, "run %d: finished generations: %s %d, %s %d", run,
                     names[0], a->generations[run], names[1], b->generations[run]);
            return 0;
        }
    for (int k = 0; k < 3; k++)
        if (a->watched[k] != b->watched[k]) {
            snprintf(said, DIFFERENCE_TEXT, "watched %s: %s %" PRId64 ", %s %" PRId64, counts[k],
                     names[0], a->watched[k], names[1], b->watched[k]);
            return 0;
        }
    return 1;
}

int outcome_equal(const outcome *a, const outcome *b, const char *const names[2], char *said)
{
    /* what came first, first: traces by step, records by generation, then the state */
    for (int32_t run = 0; run < a->runs; run++)
        if (!traces_equal(a, b, run, names, said) || !records_equal(a, b, run, names, said) ||
            !states_equal(a, b, run, names, said))
            return 0;
    return counts_equal(a, b, names, said);
}
