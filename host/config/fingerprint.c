/** Fingerprints of runs; see fingerprint.h. */
#include "host/config/fingerprint.h"

#include "host/base/error.h"
#include "host/base/hash.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

dg_status dg_fingerprint_of(dg_fingerprint *out, const dg_config *config)
{
    char *text = NULL;
    size_t size = 0;
    dg_config bare = *config;
    memset(bare.condition, 0, sizeof bare.condition);
    bare.checkpoint_minutes = 0;
    FILE *file = open_memstream(&text, &size);
    if (!file) return dg_fail(DG_ERR_MEMORY, "no memory for a fingerprint");
    fprintf(file, "model version %d\n", DG_MODEL_VERSION);
    dg_config_write(&bare, file);
    if (fclose(file) != 0 || !text) {
        free(text);
        return dg_fail(DG_ERR_MEMORY, "no memory for a fingerprint");
    }
    const XXH128_hash_t hash = XXH3_128bits(text, size);
    free(text);
    *out = (dg_fingerprint){{hash.high64, hash.low64}};
    return DG_OK;
}

dg_status dg_fingerprints_of(dg_fingerprint **out, const dg_experiment *experiment)
{
    dg_fingerprint *id = malloc(experiment->runs * sizeof *id);
    dg_status status = DG_OK;
    if (!id) return dg_fail(DG_ERR_MEMORY, "no memory for %zu runs", experiment->runs);
    for (size_t r = 0; r < experiment->runs && status == DG_OK; r++)
        status = dg_fingerprint_of(&id[r], &experiment->run[r]);
    if (status == DG_OK)
        *out = id;
    else
        free(id);
    return status;
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
