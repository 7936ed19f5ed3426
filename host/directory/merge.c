/** Merging the batches of shards into one result, strict or partial (dg_experiment_merge()). */
#include "host/directory/assemble.h"
#include "host/directory/recorded.h"
#include "host/directory/session_open.h"
#include "host/base/error.h"
#include "host/base/files.h"
#include "host/directory/manifest.h"
#include "host/store/results.h"
#include "host/directory/status_file.h"
#include "host/base/ticker.h"

#include <stdlib.h>
#include <string.h>

static dg_status fail_missing(const dg_session *s, const dg_run_counts *count)
{
    size_t r = 0;
    while (dg_inventory_finished(&s->inventory, &s->id[r])) r++;
    const dg_config first = dg_run_config(s->experiment, r);
    return dg_fail(DG_ERR_MISSING,
                   "%s: %zu of %zu runs are missing, the first is run %zu (%s%sseed %llu)",
                   s->directory, count->of[DG_RUN_PLANNED], s->experiment->runs, r, first.condition,
                   first.condition[0] ? ", " : "", (unsigned long long)first.seed);
}

/** Refuse to replace a result by one with fewer runs: their batches may have been removed. */
static dg_status check_loss(const dg_session *s, const dg_run_counts *count)
{
    const size_t ended = dg_run_counts_ended(count);
    const size_t before = count->of[DG_RUN_PLANNED] > 0 ? dg_results_ended(s->directory) : 0;
    if (before <= ended) return DG_OK;
    return dg_fail(DG_ERR_MISSING,
                   "%s/" DG_RESULT_NAME
                   ": has %zu finished runs, the batches have %zu: nothing was "
                   "merged; to replace this result, remove it first",
                   s->directory, before, ended);
}

static void report_outcome(dg_outcome *out, const dg_session *s, const dg_run_counts *count)
{
    *out =
        (dg_outcome){.runs_planned = s->experiment->runs, .runs_kept = dg_run_counts_ended(count)};
    dg_outcome_add(out, count);
}

static void report(void *user, const dg_progress *progress)
{
    dg_status_file_tick(user, progress);
}

/** Write the result; status-merge.json says `merging` meanwhile and then how it ended. */
static dg_status assemble(const dg_session *s, const dg_run_counts *count,
                          const dg_options *options)
{
    const size_t ended = dg_run_counts_ended(count);
    const dg_progress all = {.runs_planned = s->experiment->runs, .runs_kept = ended};
    dg_status_file file;
    dg_ticker ticker;
    DG_TRY(dg_status_file_open(&file, s->directory, s->lock, (dg_call){.merge = true}, ""));
    dg_status_file_merging(&file);
    dg_status status = dg_ticker_begin(&ticker, options, &all, report, &file);
    if (status == DG_OK) {
        status = dg_assemble(s, options);
        dg_ticker_end(&ticker);
    }
    const dg_progress now = dg_ticker_now(&ticker);
    dg_status_file_write(&file, dg_call_state_of(status), &now, status == DG_OK ? "" : dg_error());
    dg_status_file_close(&file);
    return status;
}

static dg_status merge(dg_session *s, int partial, const dg_options *options, dg_outcome *outcome)
{
    dg_run_counts count;
    if (dg_assembled_already(&count, s, options)) {
        dg_session_remove_checkpoints(s);
        report_outcome(outcome, s, &count);
        return DG_OK;
    }
    DG_TRY(dg_session_reread(s, false, NULL, NULL));
    dg_session_prune(s);
    count = dg_assembled_count(s);
    report_outcome(outcome, s, &count);
    if (count.of[DG_RUN_PLANNED] > 0 && !partial) return fail_missing(s, &count);
    DG_TRY(check_loss(s, &count));
    return assemble(s, &count, options);
}

/** A manifest that cannot be read is a wrong DIR, as for `digico status`: not a failure of this call. */
static dg_status read_manifest(dg_experiment **out, char **build, const char *directory)
{
    const dg_status status = dg_manifest_read(out, build, directory);
    return status == DG_ERR_IO ? dg_fail(DG_ERR_ARGUMENT, "%s", dg_error()) : status;
}

dg_status dg_experiment_merge(const char *directory, int partial, const dg_options *options,
                              dg_outcome *outcome)
{
    static const dg_options plain;
    dg_options how = {0};
    dg_outcome found = {0};
    dg_experiment *experiment = NULL;
    dg_session *session = NULL;
    char *build = NULL;
    if (!options) options = &plain;
    how.mixed_builds = options->mixed_builds;
    how.log = options->log;
    how.warn = options->warn;
    how.user = options->user;
    how.stop = options->stop;
    dg_status status = read_manifest(&experiment, &build, directory);
    if (status == DG_OK) status = dg_session_open(&session, experiment, directory, &how);
    if (status == DG_OK) status = merge(session, partial, &how, &found);
    if (outcome) *outcome = found;
    dg_session_close(&session);
    dg_experiment_free(&experiment);
    free(build);
    return status;
}
