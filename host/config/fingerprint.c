/** Fingerprints of runs; see fingerprint.h. */
#include "host/config/fingerprint.h"

#include "host/base/error.h"
#include "host/base/hash.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

static dg_fingerprint hash_text(const char *text)
{
    const XXH128_hash_t hash = XXH3_128bits(text, strlen(text));
    return (dg_fingerprint){{hash.high64, hash.low64}};
}

dg_status dg_fingerprint_of(dg_fingerprint *out, const dg_config *config)
{
    char *text = NULL;
    DG_TRY(dg_config_text(&text, config, dg_config_write_identity));
    *out = hash_text(text);
    free(text);
    return DG_OK;
}

/* ---- of all runs, condition by condition ----------------------------------------------------- */

/**
 * Of `count` runs of one condition: their texts differ in the line of the seed alone, which a seed that is
 * the default does not have.
 */
static dg_status name_runs(dg_fingerprint *id, const dg_experiment *experiment, const size_t *run,
                           size_t count)
{
    static const char line[] = "\nseed: 18446744073709551615\n"; /* of a seed that is no default */
    char *text = NULL;
    dg_config config = dg_run_config(experiment, run[0]), unset;
    dg_config_unset(&unset, &config);
    config.seed = UINT64_MAX;
    DG_TRY(dg_config_text(&text, &config, dg_config_write_identity));
    char *seed = strstr(text, line) + 1; /* there is a line before, of the model version */
    char *rest = strdup(seed + strlen(line + 1));
    for (size_t k = 0; rest && k < count; k++) {
        const dg_run *r = &experiment->run[run[k]];
        char *end = seed;
        if (r->seed != unset.seed) end += sprintf(end, "seed: %" PRIu64 "\n", r->seed);
        strcpy(end, rest);
        id[run[k]] = hash_text(text);
    }
    free(text);
    free(rest);
    return rest ? DG_OK : dg_fail(DG_ERR_MEMORY, "no memory for %zu runs", count);
}

/** Order runs by condition; those of condition c are run[end[c - 1]] to run[end[c] - 1]. */
static void sort_by_condition(size_t *run, size_t *end, const dg_experiment *experiment)
{
    const size_t runs = experiment->runs, conditions = experiment->conditions;
    for (size_t r = 0; r < runs; r++) end[experiment->run[r].condition + 1]++;
    for (size_t c = 1; c < conditions; c++) end[c] += end[c - 1];
    for (size_t r = 0; r < runs; r++) run[end[experiment->run[r].condition]++] = r;
}

dg_status dg_fingerprints_of(dg_fingerprint **out, const dg_experiment *experiment)
{
    const size_t runs = experiment->runs, conditions = experiment->conditions;
    dg_fingerprint *id = malloc(runs * sizeof *id);
    size_t *run = calloc(runs, sizeof *run), *end = calloc(conditions + 1, sizeof *end);
    const bool memory = id && run && end;
    dg_status status = memory ? DG_OK : dg_fail(DG_ERR_MEMORY, "no memory for %zu runs", runs);
    if (memory) sort_by_condition(run, end, experiment);
    for (size_t c = 0, first = 0; c < conditions && status == DG_OK; first = end[c++])
        status = name_runs(id, experiment, run + first, end[c] - first);
    free(run);
    free(end);
    if (status == DG_OK)
        *out = id;
    else
        free(id);
    return status;
}

/* ---- several --------------------------------------------------------------------------------- */

uint64_t dg_fingerprints_hash(const dg_fingerprint *run, size_t count)
{
    return dg_hash_bytes(run, (int64_t)(count * sizeof *run));
}

int dg_fingerprint_compare(const void *a, const void *b)
{
    const dg_fingerprint *left = a, *right = b;
    for (int k = 0; k < 2; k++)
        if (left->word[k] != right->word[k]) return left->word[k] < right->word[k] ? -1 : 1;
    return 0;
}

dg_fingerprint *dg_fingerprints_sorted(const dg_fingerprint *id, size_t count)
{
    dg_fingerprint *sorted = malloc(count * sizeof *sorted);
    if (!sorted) return NULL;
    memcpy(sorted, id, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, dg_fingerprint_compare);
    return sorted;
}
