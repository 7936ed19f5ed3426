/** Fingerprints of runs; see fingerprint.h. */
#include "host/config/fingerprint.h"

#include "host/base/error.h"
#include "host/base/hash.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

dg_status dg_fingerprint_of_text(dg_fingerprint *out, const dg_config *config,
                                 dg_config_writer *write)
{
    char *text = NULL;
    DG_TRY(dg_config_text(&text, config, write));
    const XXH128_hash_t hash = XXH3_128bits(text, strlen(text));
    free(text);
    *out = (dg_fingerprint){{hash.high64, hash.low64}};
    return DG_OK;
}

dg_status dg_fingerprint_of(dg_fingerprint *out, const dg_config *config)
{
    return dg_fingerprint_of_text(out, config, dg_config_write_identity);
}

dg_status dg_fingerprints_by(dg_fingerprint **out, const dg_experiment *experiment,
                             dg_fingerprint_scheme *of)
{
    dg_fingerprint *id = malloc(experiment->runs * sizeof *id);
    dg_status status = DG_OK;
    if (!id) return dg_fail(DG_ERR_MEMORY, "no memory for %zu runs", experiment->runs);
    for (size_t r = 0; r < experiment->runs && status == DG_OK; r++)
        status = of(&id[r], &experiment->run[r]);
    if (status == DG_OK)
        *out = id;
    else
        free(id);
    return status;
}

dg_status dg_fingerprints_of(dg_fingerprint **out, const dg_experiment *experiment)
{
    return dg_fingerprints_by(out, experiment, dg_fingerprint_of);
}

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
