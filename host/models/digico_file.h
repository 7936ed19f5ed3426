/**
 * Result files of the model `digico`: netCDF ids of its variables, and buffers for one run.
 *
 * digico_sizes.c: lengths of dimensions. digico_define.c: measures. digico_groups.c: groups.
 * digico_agents.c: per-agent output. digico_niches.c: niches. digico_write.c: writing a run.
 * digico_negative.c: where AI fitness is no share; digico_older.c: the same in files that do not state it.
 */
#ifndef DG_DIGICO_FILE_H
#define DG_DIGICO_FILE_H

#include "host/models/model.h"
#include "host/models/statistics.h"
#include "host/store/writer.h"

/** Index of AI fitness in DG_DOMINANCE_LIST. */
enum { DG_AI_FITNESS = offsetof(dg_generation_summary, ai_fitness) / sizeof(double) };

/** dg_store.model_data of this model. */
typedef struct dg_digico_file {
    int32_t *diversity_slot;  /* [generation] index along diversity_generation; -1: not measured */
    int32_t *recorded_slot;   /* [generation] index along recorded_generation; -1: not recorded */
    int32_t negative_runs[2]; /* averaged runs with negative fitness: last generation, any one */
    /* buffers for one run */
    float *column;  /* [quantities][generation][group] */
    int32_t *count; /* [generation][group][belief] */
    int16_t *trace; /* [step][agent] */
    /* netCDF ids of variables of a run */
    int last[DG_DOMINANCE_QUANTITIES], mean[DG_DOMINANCE_QUANTITIES];
    int negative_last, negative_mean;
    int group_size, group_kind;
    /* of a run and generation */
    int dominance[DG_DOMINANCE_QUANTITIES];
    int health[2][DG_HEALTH_QUANTITIES]; /* by dg_scope */
    int group_quantity[DG_GROUP_QUANTITIES];
    int belief_count, genotype_distance;
    int last_appearance[2]; /* by dg_scope */
    int trace_variable[DG_TRACES], agent_group;
} dg_digico_file;

extern const dg_store_layout dg_digico_layout;

/** Set the lengths of the dimensions and allocate buffers; dg_store_layout.measure and .release. */
DG_MUST_CHECK dg_status dg_digico_measure(dg_store *store);
void dg_digico_release(dg_store *store);

/** Define all variables; dg_store_layout.define. */
DG_MUST_CHECK dg_status dg_digico_define(dg_store *store);

/** Define and write names, sizes and kinds of groups. */
DG_MUST_CHECK dg_status dg_digico_define_groups(dg_store *store);

/** Define where AI fitness is no share; call after ai_fitness and its statistics are defined. */
DG_MUST_CHECK dg_status dg_digico_define_negative(dg_store *store);

/** Define the variables of per-agent output; define and write the niches of the agents. */
DG_MUST_CHECK dg_status dg_digico_define_agents(dg_store *store);
DG_MUST_CHECK dg_status dg_digico_define_niches(dg_store *store);

/** Record of one generation of a run. */
static inline dg_record dg_digico_record(const dg_store *store, const dg_kept_run *result,
                                         int32_t generation)
{
    const dg_record record = {
        result->shape, result->records + generation * dg_record_words(result->shape),
        (float)dg_run_config(store->experiment, result->outcome.run).truthfulness};
    return record;
}

/** Write one run; dg_model.store. Not thread-safe, as netCDF is not. */
DG_MUST_CHECK dg_status dg_digico_store(dg_store *store, const dg_kept_run *run);

/** Write in how many of its generations the AI fitness of one run is no share. */
DG_MUST_CHECK dg_status dg_digico_write_negative(dg_store *store, const dg_kept_run *run);

/** Write the number of such runs; dg_store_layout.finish. */
DG_MUST_CHECK dg_status dg_digico_finish_negative(dg_store *store);

/**
 * left_out[run] = 1 where the AI fitness of a file that has fitness_mean but not negative_fitness is no
 * share: in the last generation, or for the mean in any generation; else 0.
 */
DG_MUST_CHECK dg_status dg_digico_find_older_negative(const dg_results *results,
                                                      dg_statistic statistic, double *left_out);

/** Write the per-agent output of one run. */
DG_MUST_CHECK dg_status dg_digico_write_agents(dg_store *store, const dg_kept_run *run);

#endif
