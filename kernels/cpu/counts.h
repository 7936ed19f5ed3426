/** What a generation counts on the CPU into its record of measures (measures.h). */
#ifndef DG_COUNTS_CPU_H
#define DG_COUNTS_CPU_H

#include "kernels/cpu/step.h"

/** Beliefs after the step, into the histograms of the groups. */
static inline void dg_count_beliefs(const dg_step_view *v, int64_t *record)
{
    for (int32_t g = 0; g < v->s->groups; g++) {
        const dg_group_shape *group = &v->s->group[g];
        int64_t *histogram = record + dg_record_group(v->s, g) + DG_COUNTS;
        for (int32_t i = group->first; i < group->first + group->size; i++)
            histogram[v->st.belief[i]]++;
    }
}

/** After the last step: moments of views and penalties over each group's agents. */
static inline void dg_count_fitness(const dg_step_view *v, int64_t *record)
{
    for (int32_t g = 0; g < v->s->groups; g++) {
        const dg_group_shape *group = &v->s->group[g];
        int64_t *count = record + dg_record_group(v->s, g);
        for (int32_t i = group->first; i < group->first + group->size; i++) {
            const int64_t views = v->st.views[i], penalty = v->st.penalty[i];
            count[DG_COUNT_VIEWS] += views;
            count[DG_COUNT_PENALTY] += penalty;
            count[DG_COUNT_VIEWS_SQUARED] += views * views;
            count[DG_COUNT_VIEWS_PENALTY] += views * penalty;
            count[DG_COUNT_PENALTY_SQUARED] += penalty * penalty;
        }
        count[DG_COUNT_SIGMA] = dg_bits_of(v->st.sigma[g]);
    }
}

#endif
