/** Dimensions, their coordinates, and the outcome of each run: hash, status, generations. */
#include "host/store/writer.h"

#include <stdlib.h>

static const char *const dimension_names[DG_DIMENSIONS] = {
#define DIMENSION_NAME(name) #name,
    DG_DIMENSION_LIST(DIMENSION_NAME)
#undef DIMENSION_NAME
};

/* clang-format off */
enum { R = DG_DIMENSION_run };
static const dg_variable
    hash =      {"hash", NC_UINT64, "1", "64-bit hash of the final state; 0: none yet",
                 {R, DG_WHOLE}},
    status =    {"status", NC_BYTE, "1", "what became of the run", {R, DG_WHOLE}},
    completed = {"generations_completed", NC_INT, "1", "generations that it finished",
                 {R, DG_WHOLE}};
/* clang-format on */

void dg_store_extend(dg_store *store, dg_dimension dimension, int64_t length)
{
    if (length > 0 && (size_t)length > store->length[dimension])
        store->length[dimension] = (size_t)length;
}

static dg_status define_dimensions(dg_store *store)
{
    for (int d = 0; d < DG_DIMENSIONS; d++) {
        if (store->length[d] == 0) continue;
        DG_NETCDF_TRY(
            nc_def_dim(store->file, dimension_names[d], store->length[d], &store->dimension[d]),
            store->part, dimension_names[d]);
    }
    return DG_OK;
}

dg_status dg_store_define_index(dg_store *store, dg_dimension dimension, const char *meaning,
                                const int32_t *kept, size_t count)
{
    const char *name = dimension_names[dimension];
    const size_t length = store->length[dimension];
    if (length == 0) return DG_OK;
    const dg_variable variable = {name, NC_INT, "1", meaning, {(int)dimension, DG_WHOLE}};
    int id;
    DG_TRY(dg_store_define(store, &variable, &id));
    int *value = malloc(length * sizeof *value);
    if (value == NULL) return dg_fail(DG_ERR_MEMORY, "no memory for the result file");
    for (size_t i = 0; i < (kept != NULL ? count : length); i++) {
        const int32_t at = kept != NULL ? kept[i] : (int32_t)i;
        if (at >= 0) value[at] = (int)i;
    }
    const int code = nc_put_var_int(store->file, id, value);
    free(value);
    return dg_netcdf_check(code, store->part, name);
}

/* ---- outcomes
   ------------------------------------------------------------------------------------ */

/** Attributes flag_values and flag_meanings: the words of the status codes (CF, section 3.5). */
static dg_status flag_status(dg_store *store)
{
    static const signed char value[] = {
#define STATUS_VALUE(code, word, text) code,
        DG_RUN_STATUS_LIST(STATUS_VALUE)
#undef STATUS_VALUE
    };
    static const char meaning[] =
#define STATUS_WORD(code, word, text) " " word
        DG_RUN_STATUS_LIST(STATUS_WORD)
#undef STATUS_WORD
        ;
    DG_NETCDF_TRY(nc_put_att_schar(store->file, store->status, "flag_values", NC_BYTE,
                                   sizeof value / sizeof *value, value),
                  store->part, "flag_values");
    return dg_store_text(store, store->status, "flag_meanings", meaning + 1);
}

/** Write hash, status and generations 0 for every run: the status `planned`. */
static dg_status put_planned(dg_store *store)
{
    const bool counts = store->length[DG_DIMENSION_generation] > 0;
    void *zeros = calloc(store->length[DG_DIMENSION_run], sizeof(uint64_t));
    if (zeros == NULL) return dg_fail(DG_ERR_MEMORY, "no memory for the result file");
    errno = 0;
    int code = nc_put_var(store->file, store->hash, zeros);
    if (code == NC_NOERR) code = nc_put_var(store->file, store->status, zeros);
    if (code == NC_NOERR && counts) {
        code = nc_put_var(store->file, store->generations_completed, zeros);
    }
    free(zeros);
    return dg_netcdf_check(code, store->part, "status of runs");
}

static dg_status define_outcomes(dg_store *store)
{
    DG_TRY(dg_store_define(store, &hash, &store->hash));
    DG_TRY(dg_store_define(store, &status, &store->status));
    DG_TRY(flag_status(store));
    if (store->length[DG_DIMENSION_generation] > 0) {
        DG_TRY(dg_store_define(store, &completed, &store->generations_completed));
    }
    return put_planned(store);
}

dg_status dg_store_begin_run(dg_store *store, size_t run)
{
    if (run >= store->length[DG_DIMENSION_run]) {
        return dg_fail(DG_ERR_ARGUMENT, "run %zu: expected 0 ... %zu", run,
                       store->length[DG_DIMENSION_run] - 1);
    }
    return dg_store_reserve(store, store->run_bytes);
}

dg_status dg_store_end_run(dg_store *store, const dg_run_outcome *outcome)
{
    const unsigned long long word = outcome->hash;
    const signed char flag = (signed char)outcome->status;
    const int generations = outcome->generations;
    const size_t *run = &outcome->run;
    DG_NETCDF_TRY(nc_put_var1_ulonglong(store->file, store->hash, run, &word), store->part, "hash");
    DG_NETCDF_TRY(nc_put_var1_schar(store->file, store->status, run, &flag), store->part, "status");
    if (store->length[DG_DIMENSION_generation] > 0) {
        DG_NETCDF_TRY(nc_put_var1_int(store->file, store->generations_completed, run, &generations),
                      store->part, "generations_completed");
    }
    return DG_OK;
}

dg_status dg_store_define_all(dg_store *store)
{
    DG_TRY(define_dimensions(store));
    DG_TRY(dg_store_define_index(store, DG_DIMENSION_run, "index of the run within the sweep", NULL,
                                 0));
    DG_TRY(dg_store_define_axes(store));
    DG_TRY(define_outcomes(store));
    return store->layout->define(store);
}
