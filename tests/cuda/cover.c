/** Greedy: each row starts from a pair that is still open and takes what closes most others. */
#include "cover.h"

#include <string.h>

typedef struct table {
    const int *levels;
    int factors;
    uint32_t random;
    /* bit m of open[f][l][g]: level l of f has not met level m of g */
    uint8_t open[COVER_FACTORS][COVER_LEVELS][COVER_FACTORS];
} table;

static uint32_t below(table *t, int limit)
{
    t->random = t->random * 1664525u + 1013904223u;
    return (t->random >> 8) % (uint32_t)limit;
}

static void open_all(table *t)
{
    memset(t->open, 0, sizeof t->open);
    for (int f = 0; f < t->factors; f++)
        for (int l = 0; l < t->levels[f]; l++)
            for (int g = 0; g < t->factors; g++)
                if (g != f) t->open[f][l][g] = (uint8_t)((1u << t->levels[g]) - 1);
}

/** Put an open pair into an empty row; 0 if there is none. */
static int take_open(table *t, int *row)
{
    const int first = (int)below(t, t->factors);
    for (int k = 0; k < t->factors; k++) {
        const int f = (first + k) % t->factors;
        for (int l = 0; l < t->levels[f]; l++)
            for (int g = 0; g < t->factors; g++)
                if (t->open[f][l][g]) {
                    row[f] = l;
                    row[g] = __builtin_ctz(t->open[f][l][g]);
                    return 1;
                }
    }
    return 0;
}

/** Open pairs that a level of a factor would close with what the row holds. */
static int closes(const table *t, const int *row, int factor, int level)
{
    int count = 0;
    for (int g = 0; g < t->factors; g++)
        if (row[g] >= 0) count += t->open[factor][level][g] >> row[g] & 1;
    return count;
}

static void fill(table *t, int *row)
{
    const int first = (int)below(t, t->factors);
    for (int k = 0; k < t->factors; k++) {
        const int f = (first + k) % t->factors;
        if (row[f] >= 0) continue;
        const int start = (int)below(t, t->levels[f]);
        int best = -1, taken = 0;
        for (int l = 0; l < t->levels[f]; l++) {
            const int level = (start + l) % t->levels[f];
            const int count = closes(t, row, f, level);
            if (count > best) {
                best = count;
                taken = level;
            }
        }
        row[f] = taken;
    }
}

static void close_row(table *t, const int *row)
{
    for (int f = 0; f < t->factors; f++)
        for (int g = 0; g < t->factors; g++) t->open[f][row[f]][g] &= (uint8_t) ~(1u << row[g]);
}

int cover_pairs(const int *levels, int factors, uint32_t seed, int (*row)[COVER_FACTORS], int most)
{
    table t = {.levels = levels, .factors = factors, .random = seed};
    int rows = 0;
    open_all(&t);
    while (rows < most) {
        for (int f = 0; f < COVER_FACTORS; f++) row[rows][f] = -1;
        if (!take_open(&t, row[rows])) break;
        fill(&t, row[rows]);
        close_row(&t, row[rows]);
        rows++;
    }
    return rows;
}
