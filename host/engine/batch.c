/** Starting, saving and storing one batch; see batch.h. */
#include "host/engine/batch.h"
#include "host/base/error.h"
#include "host/base/files.h"
#include "host/archive/run_archive.h"
#include "host/models/batch_shape.h"
#include "host/engine/starts.h"
#include "host/base/hash.h"
#include "host/base/run_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- writing runs into an archive ------------------------------------------------------------ */

/** Fill in a run's head, from its state `block`. */
static void read_head(dg_run_head *head, const dg_batch_task *c, int32_t run, void *block)
{
    const dg_shape *shape = &c->plan->shape;
    const int32_t generations = c->backend->generations(c->batch, run);
    const bool complete = generations == shape->generations;
    const int32_t *ended = dg_state_at(shape, block).ended;
    *head = (dg_run_head){
        .id = c->session->id[c->plan->run[run]],
        .hash = dg_hash_bytes(block, dg_state_bytes(shape)),
        .status = ended[DG_ENDED_NONFINITE]   ? DG_RUN_NONFINITE
                  : ended[DG_ENDED_CONVERGED] ? DG_RUN_CONVERGED
                  : complete                  ? DG_RUN_COMPLETED
                                              : DG_RUN_PLANNED,
        .generations = generations,
    };
    const dg_batch_options *options = &c->plan->options;
    head->bytes[DG_PART_RECORDS] =
        dg_batch_part_bytes(DG_PART_RECORDS, shape, options, generations);
    head->bytes[DG_PART_TRACE] = dg_batch_part_bytes(DG_PART_TRACE, shape, options, generations);
}

static void count_run(dg_outcome_counts *tally, const dg_batch_task *c, const dg_run_head *head)
{
    const dg_shape *s = &c->plan->shape;
    dg_run_count(&tally->runs, head->status);
    tally->agent_steps += (int64_t)head->generations * s->agents * s->steps;
}

/** Append a run, with its state if it has not ended. A run at generation 0 is not stored. */
static dg_status add_run(dg_archive_writer *writer, const dg_batch_task *c, int32_t run,
                         void **copy, dg_outcome_counts *tally)
{
    dg_run_head head;
    void *block = NULL;
    DG_TRY(dg_run_state(&block, copy, c->backend, c->batch, &c->plan->shape, run));
    read_head(&head, c, run, block);
    count_run(tally, c, &head);
    if (head.generations == 0) return DG_OK;
    if (head.status == DG_RUN_PLANNED) head.bytes[DG_PART_STATE] = dg_state_bytes(&c->plan->shape);
    const void *part[DG_PARTS] = {[DG_PART_STATE] = block,
                                  [DG_PART_RECORDS] = c->backend->records(c->batch, run),
                                  [DG_PART_TRACE] = c->backend->trace(c->batch, run)};
    return dg_run_add(writer, (uint32_t)run, &head, part);
}

/** The provenance first: what is left of a file that was cut short still says which build computed it. */
static dg_status add_runs(dg_archive_writer *writer, const dg_batch_task *c,
                          dg_outcome_counts *tally)
{
    void *copy = NULL;
    dg_status status = dg_provenance_add(writer, &c->provenance);
    *tally = (dg_outcome_counts){.agent_steps = 0};
    for (int32_t r = 0; r < c->plan->options.runs && status == DG_OK; r++)
        status = add_run(writer, c, r, &copy, tally);
    free(copy);
    return status;
}

/* ---- checkpoints ----------------------------------------------------------------------------- */

static char *checkpoint_path(const dg_batch_task *c, int number)
{
    return dg_session_checkpoint_path(c->session, c->plan->run, (size_t)c->plan->options.runs,
                                      number);
}

static void remove_checkpoint(const dg_batch_task *c, int number)
{
    char *path = number > 0 ? checkpoint_path(c, number) : NULL;
    if (path) unlink(path);
    free(path);
}

/** Agent-steps that the batch has done so far. */
static int64_t agent_steps_of(const dg_batch_task *c)
{
    const dg_shape *s = &c->plan->shape;
    int64_t generations = 0;
    for (int32_t r = 0; r < c->plan->options.runs; r++)
        generations += c->backend->generations(c->batch, r);
    return generations * s->agents * s->steps;
}

dg_status dg_batch_save(dg_batch_task *c, dg_outcome_counts *tally)
{
    dg_archive_writer *writer = NULL;
    const int64_t agent_steps = agent_steps_of(c);
    *tally = (dg_outcome_counts){.agent_steps = agent_steps};
    tally->runs.of[DG_RUN_PLANNED] = (size_t)c->plan->options.runs;
    if (agent_steps == c->agent_steps) return DG_OK;
    char *path = checkpoint_path(c, c->checkpoint + 1);
    if (!path) return dg_fail(DG_ERR_MEMORY, "no memory for a checkpoint");
    dg_status status = dg_session_archive_create(&writer, c->session, path, DG_ARCHIVE_CHECKPOINT);
    if (status == DG_OK) status = add_runs(writer, c, tally);
    if (status == DG_OK && tally->runs.of[DG_RUN_PLANNED] > 0)
        status = dg_session_archive_commit(&writer, c->session);
    dg_archive_discard(&writer);
    free(path);
    if (status != DG_OK || tally->runs.of[DG_RUN_PLANNED] == 0) return status;
    c->agent_steps = agent_steps;
    remove_checkpoint(c, c->checkpoint++ - 1);
    return DG_OK;
}

/** Find the number of the latest checkpoint of these runs; it stays 0 if there is none. */
static dg_status find_checkpoint(dg_batch_task *c)
{
    dg_names names = {0};
    char *folder = dg_text("%s/" DG_CHECKPOINT_FOLDER, c->session->directory);
    char *path = checkpoint_path(c, 0);
    dg_status status = folder && path ? dg_directory_list(&names, folder, DG_CHECKPOINT_ENDING)
                                      : dg_fail(DG_ERR_MEMORY, "no memory for a checkpoint");
    const char *name = path ? strrchr(path, '/') + 1 : "";
    const size_t stem = strcspn(name, "-") + 1;
    for (size_t k = 0; k < names.count; k++) {
        if (strncmp(names.name[k], name, stem) != 0) continue;
        const int number = atoi(names.name[k] + stem);
        c->checkpoint = number > c->checkpoint ? number : c->checkpoint;
    }
    dg_names_free(&names);
    free(folder);
    free(path);
    return status;
}

/* ---- starting and storing -------------------------------------------------------------------- */

dg_status dg_batch_begin(dg_batch_task *c, double *seconds)
{
    const dg_starts_source source = {&c->session->inventory, c->session->id};
    DG_TRY(find_checkpoint(c));
    DG_TRY(dg_starts_make(&c->batch, NULL, c->backend, c->session->experiment, c->plan, &source,
                          seconds));
    c->agent_steps = agent_steps_of(c);
    return DG_OK;
}

dg_status dg_batch_store(dg_batch_task *c, dg_outcome_counts *tally)
{
    dg_archive_writer *writer = NULL;
    char *path = dg_session_batch_path(c->session, c->plan->run, (size_t)c->plan->options.runs);
    if (!path) return dg_fail(DG_ERR_MEMORY, "no memory for a batch");
    dg_status status = dg_session_archive_create(&writer, c->session, path, DG_ARCHIVE_BATCH);
    if (status == DG_OK) status = add_runs(writer, c, tally);
    if (status == DG_OK) status = dg_session_archive_commit(&writer, c->session);
    dg_archive_discard(&writer);
    free(path);
    if (status != DG_OK) return status;
    remove_checkpoint(c, c->checkpoint);
    remove_checkpoint(c, c->checkpoint - 1);
    return DG_OK;
}

void dg_batch_end(dg_batch_task *task)
{
    task->backend->destroy(&task->batch);
}
