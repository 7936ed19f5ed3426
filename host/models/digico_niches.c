/**
 * Niches, a part of per-agent output: the niche of each agent and the influence of each niche. Both
 * depend on the seed and the keys `niche.*` only (MODEL.md, section 2) and are written before any
 * run.
 */
#include "host/models/digico_file.h"
#include "host/models/world.h"

#include <math.h>
#include <stdlib.h>

/* clang-format off */
enum { R = DG_DIMENSION_run, A = DG_DIMENSION_agent, N = DG_DIMENSION_niche };
static const dg_variable
    of_agent =  {"agent_niche", NC_INT, "1",
                 "index of the niche that the agent lives in; -1: no such agent",
                 {R, A, DG_WHOLE}},
    influence = {"niche_influence", NC_DOUBLE, "1",
                 "sum of the coordinates of the niche's centroid: C_i of its agents before their "
                 "group's bonus; nan: no such niche", {R, N, DG_WHOLE}};
/* clang-format on */

/** Values of both variables. */
typedef struct niche_values {
    int32_t *of_agent; /* [run][agent] */
    double *influence; /* [run][niche] */
} niche_values;

/** Fill the rows of one run, padded to the lengths of the file's dimensions. */
static dg_status fill_run(const dg_store *store, size_t run, const dg_niche *niche,
                          const niche_values *to)
{
    const dg_config config = dg_run_config(store->experiment, run);
    const size_t agents = store->length[DG_DIMENSION_agent];
    const size_t niches = store->length[DG_DIMENSION_niche];
    int32_t *niche_of = to->of_agent + run * agents;
    double *influence_of = to->influence + run * niches;
    DG_TRY(dg_niche_assign(niche, &config, niche_of));
    for (size_t i = (size_t)config.agents; i < agents; i++) niche_of[i] = -1;
    for (size_t k = 0; k < niches; k++)
        influence_of[k] =
            k < (size_t)niche->centroids ? dg_niche_influence_of(niche, (int64_t)k) : (double)NAN;
    return DG_OK;
}

/** A run with what its tessellation is made of. */
typedef struct run_niche {
    dg_niche_keys keys;
    size_t run;
} run_niche;

static int compare_niches(const void *a, const void *b)
{
    const run_niche *left = a, *right = b;
    return dg_niche_compare(&left->keys, &right->keys);
}

/** Fill the rows of all runs; `of` is sorted by compare_niches(): each niche is made once. */
static dg_status fill_runs(const dg_store *store, const run_niche *of, const niche_values *to)
{
    dg_niche niche = {0};
    dg_status status = DG_OK;
    for (size_t k = 0; k < store->experiment->runs && status == DG_OK; k++) {
        if (k == 0 || compare_niches(&of[k - 1], &of[k]) != 0) {
            dg_niche_free(&niche);
            status = dg_niche_make(&niche, &of[k].keys);
        }
        if (status == DG_OK) status = fill_run(store, of[k].run, &niche, to);
    }
    dg_niche_free(&niche);
    return status;
}

/** List the runs so that those of the same tessellation are neighbours. */
static void sort_by_niche(run_niche *of, const dg_experiment *experiment)
{
    for (size_t r = 0; r < experiment->runs; r++) {
        const dg_config config = dg_run_config(experiment, r);
        of[r] = (run_niche){dg_niche_keys_of(&config), r};
    }
    qsort(of, experiment->runs, sizeof *of, compare_niches);
}

static dg_status put_values(dg_store *store, const niche_values *values)
{
    int id;
    DG_TRY(dg_store_define(store, &of_agent, &id));
    DG_NETCDF_TRY(nc_put_var_int(store->file, id, values->of_agent), store->part, of_agent.name);
    DG_TRY(dg_store_define(store, &influence, &id));
    DG_NETCDF_TRY(nc_put_var_double(store->file, id, values->influence), store->part,
                  influence.name);
    return DG_OK;
}

dg_status dg_digico_define_niches(dg_store *store)
{
    const size_t runs = store->experiment->runs;
    const size_t by_agent = runs * store->length[DG_DIMENSION_agent] * sizeof(int32_t);
    const size_t by_niche = runs * store->length[DG_DIMENSION_niche] * sizeof(double);
    const niche_values values = {malloc(by_agent), malloc(by_niche)};
    run_niche *of = malloc(runs * sizeof *of);
    dg_status status = DG_OK;
    if (values.of_agent == NULL || values.influence == NULL || of == NULL) {
        status = dg_fail(DG_ERR_MEMORY, "no memory for the result file");
        goto end;
    }
    sort_by_niche(of, store->experiment);
    DG_TRY_GOTO(fill_runs(store, of, &values), end);
    DG_TRY_GOTO(dg_store_reserve(store, (int64_t)(by_agent + by_niche)), end);
    status = put_values(store, &values);
end:
    free(values.of_agent);
    free(values.influence);
    free(of);
    return status;
}
