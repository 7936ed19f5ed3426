/** A small run of the model `digico` with records computed by hand. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* nftw() */
#endif
#include "records.h"

#include "kernels/science/fmath.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char records_yaml[] = "values: 4\n"
                            "steps: 10\n"
                            "measures: {diversity_every: 2}\n"
                            "observation: {capacity: 2}\n"
                            "policy: {hidden: 6}\n"
                            "groups:\n"
                            "  bots: {kind: ai, size: 2}\n"
                            "  people: {kind: human, size: 3}\n";

dg_shape records_shape(int32_t generations)
{
    dg_shape shape;
    memset(&shape, 0, sizeof shape);
    shape.agents = RECORDS_AGENTS;
    shape.values = RECORDS_VALUES;
    shape.groups = RECORDS_GROUPS;
    shape.steps = RECORDS_STEPS;
    shape.generations = generations;
    shape.diversity_every = 2;
    shape.group[0] = (dg_group_shape){.size = 2, .kind = DG_KIND_AI, .capacity = 2, .hidden = 6};
    shape.group[1] = (dg_group_shape){.size = 3, .kind = DG_KIND_HUMAN, .capacity = 2, .hidden = 6};
    dg_shape_build(&shape); /* n = 5 * 6 + 6 + 6 * 4 + 4 = 64 */
    return shape;
}

/* clang-format off */
/*                                  V  P   VV  VP   PP    messages  sigma, set below */
static const int64_t bots[] = {     8, 40, 40, 120, 1000, 20,       0, /* beliefs: */ 5, 0, 15, 0};
static const int64_t people[] = {   9, 30, 35, 130, 500,  25,       0,                15, 0, 0, 15};
/* clang-format on */

static void fill(const dg_shape *shape, int64_t *record, int32_t generation)
{
    int64_t *a = record + dg_record_group(shape, 0), *b = record + dg_record_group(shape, 1);
    memcpy(a, bots, sizeof bots);
    memcpy(b, people, sizeof people);
    a[DG_COUNT_SIGMA] = dg_bits_of(0.5f);
    b[DG_COUNT_SIGMA] = dg_bits_of(0.25f);
    b[DG_COUNTS + 0] -= generation;
    b[DG_COUNTS + 3] += generation;
    const int32_t due = dg_diversity_due(shape, generation);
    const int64_t one = 1 << 24; /* 1.0 in fixed point */
    record[dg_record_distance(shape, 0, 0)] = due ? 4 * one : DG_DISTANCE_ABSENT;
    record[dg_record_distance(shape, 1, 1)] = due ? 6 * one : DG_DISTANCE_ABSENT;
    record[dg_record_distance(shape, 0, 1)] = due ? 48 * one : DG_DISTANCE_ABSENT;
    record[dg_record_distance(shape, 1, 0)] = due ? 48 * one : DG_DISTANCE_ABSENT;
}

int64_t *records_make(const dg_shape *shape)
{
    const int64_t words = dg_record_words(shape);
    int64_t *records = calloc((size_t)(words * shape->generations), sizeof *records);
    for (int32_t g = 0; g < shape->generations; g++) fill(shape, records + g * words, g);
    return records;
}

char *records_folder(void)
{
    const char *base = getenv("TMPDIR");
    char path[512];
    snprintf(path, sizeof path, "%s/digico-test-XXXXXX", base != NULL ? base : "/tmp");
    return mkdtemp(path) != NULL ? strdup(path) : NULL;
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *place)
{
    (void)info;
    (void)type;
    (void)place;
    return remove(path);
}

void records_remove(char *folder)
{
    nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(folder);
}
