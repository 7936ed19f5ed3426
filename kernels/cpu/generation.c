/**
 * All steps of one generation of one run on the CPU: messages, observation, reward, belief weights,
 * contagion (MODEL.md, section 3).
 *
 * The order of a step. A phase runs over all agents before the next begins, because each reads what the
 * phase before wrote for other agents; the phases are in messages.h, observation.h, reward.h, weights.h and
 * contagion.h beside this file.
 */
#include "kernels/cpu/contagion.h"
#include "kernels/cpu/counts.h"
#include "kernels/cpu/messages.h"
#include "kernels/cpu/observation.h"
#include "kernels/cpu/reward.h"
#include "kernels/cpu/trace.h"
#include "kernels/cpu/undo.h"
#include "kernels/cpu/weights.h"
#include "kernels/science/convergence.h"

/** Beliefs that have converged for long enough end the run, after the evolution that is yet to come. */
static void watch_beliefs(const dg_step_view *v)
{
    int32_t converged = 0;
    if (v->p->early_stop_count == 0) return;
    for (int32_t k = 0; k < v->s->values; k++)
        converged |= dg_convergence_reached(v->s, v->p, v->run->record, k);
    dg_convergence_follow(v->st.ended, v->p, v->run->generation, converged);
}

/** All phases of one step. */
static void whole_step(const dg_step_view *v, double *since)
{
    const dg_run_cpu *run = v->run;
    dg_messages_phase(v, run->record);
    dg_stage_end(run, DG_STAGE_MESSAGES, since);
    dg_observation_phase(v);
    dg_stage_end(run, DG_STAGE_OBSERVATION, since);
    dg_reward_phase(v);
    dg_stage_end(run, DG_STAGE_REWARD, since);
    dg_weights_phase(v);
    dg_stage_end(run, DG_STAGE_WEIGHTS, since);
    dg_contagion_phase(v);
    dg_stage_end(run, DG_STAGE_CONTAGION, since);
    dg_count_beliefs(v, run->record);
    if (run->trace) dg_trace_phase(v, run->trace);
    dg_stage_end(run, DG_STAGE_MEASURES, since);
}

/** What a generation begins with. */
static void begin(dg_step_view *v)
{
    const dg_shape *s = v->s;
    dg_undo_keep(v->run, &v->ws);
    dg_workspace_tables(s, &v->ws);
    memset(v->run->record, 0, (size_t)dg_record_words(s) * sizeof *v->run->record);
    memset(v->st.views, 0, (size_t)s->row * sizeof *v->st.views);
    memset(v->st.penalty, 0, (size_t)s->row * sizeof *v->st.penalty);
    if (dg_weight_returns(v->p->carry)) dg_restore_weights(v);
}

int32_t DG_VECTORED(dg_generation)(const dg_run_cpu *run)
{
    const dg_shape *s = run->shape;
    dg_step_view v = {run, s, run->params, run->state, dg_workspace_at(s, run->workspace), 0};
    double since = 0;
    dg_stage_end(run, DG_STAGE_MEASURES, &since);
    begin(&v);
    dg_stage_end(run, DG_STAGE_WEIGHTS, &since);
    dg_pack_second_layers(&v);
    for (v.step = 0; v.step < s->steps && !dg_watch_leaves(run->watch);) {
        whole_step(&v, &since);
        dg_watch_step(run->watch, s, ++v.step);
    }
    if (v.step < s->steps) {
        dg_undo(run, &v.ws);
        return v.step;
    }
    dg_count_fitness(&v, run->record);
    dg_watch_weights(&v);
    watch_beliefs(&v);
    dg_stage_end(run, DG_STAGE_MEASURES, &since);
    return v.step;
}
