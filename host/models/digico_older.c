/** Runs of result files without negative_fitness whose AI fitness is no share: from fitness_mean. */
#include "host/models/digico_file.h"
#include "host/store/results.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/** What is read of a file: fitness [run, generation, group]; size, kind [run, group]; ended [run]. */
typedef struct older {
    double *fitness, *size, *ended;
    char **kind;
    size_t generations, groups, kinds;
} older;

static dg_status read_file(older *o, const dg_results *results)
{
    size_t length = 0, sizes = 0, ended = 0;
    o->generations = dg_results_length(results, "generation");
    o->groups = dg_results_length(results, "group");
    DG_TRY(dg_results_numbers(results, "fitness_mean", &o->fitness, &length));
    DG_TRY(dg_results_numbers(results, "group_size", &o->size, &sizes));
    DG_TRY(dg_results_numbers(results, "generations_completed", &o->ended, &ended));
    DG_TRY(dg_results_texts(results, "group_kind", &o->kind, &o->kinds));
    const size_t shapes = results->runs * o->groups;
    if (sizes == shapes && o->kinds == shapes && ended == results->runs &&
        length == shapes * o->generations)
        return DG_OK;
    return dg_fail(DG_ERR_IO, "%s: fitness_mean: expected one number per run, generation and group",
                   results->path);
}

/** Is fitness negative in sum over AI or over human agents? Not after the end of a run. */
static bool is_negative(const older *o, size_t run, size_t generation)
{
    const double *fitness = o->fitness + (run * o->generations + generation) * o->groups;
    double sum[2] = {0, 0};
    for (size_t g = 0; g < o->groups; g++) {
        const size_t group = run * o->groups + g;
        if (isnan(fitness[g])) continue;
        sum[strcmp(o->kind[group], "ai") == 0] += fitness[g] * o->size[group];
    }
    return sum[0] < 0 || sum[1] < 0;
}

static double left_out_of(const older *o, size_t run, dg_statistic statistic)
{
    const double ended = o->ended[run];
    if (statistic == DG_STATISTIC_LAST)
        return ended >= 1 && ended <= (double)o->generations &&
               is_negative(o, run, (size_t)ended - 1);
    for (size_t g = 0; g < o->generations; g++)
        if (is_negative(o, run, g)) return 1;
    return 0;
}

dg_status dg_digico_find_older_negative(const dg_results *results, dg_statistic statistic,
                                        double *left_out)
{
    older o = {0};
    const dg_status status = read_file(&o, results);
    for (size_t r = 0; status == DG_OK && r < results->runs; r++)
        left_out[r] = left_out_of(&o, r, statistic);
    free(o.fitness);
    free(o.size);
    free(o.ended);
    dg_results_texts_free(o.kind, o.kinds);
    return status;
}
