/** What a result directory tells of its sweep; see standing.h. */
#include "host/directory/standing.h"

#include "host/directory/assemble.h"
#include "host/directory/manifest.h"
#include "host/store/results.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* how often to look anew where files come and go meanwhile */
#define TRIES 3

static dg_status no_memory(void)
{
    return dg_fail(DG_ERR_MEMORY, "no memory for the status of a sweep");
}

/* ---- words ------------------------------------------------------------------------------------ */

const char *dg_sweep_run_key(dg_sweep_run run)
{
    switch (run) {
    case DG_STANDING_COMPLETED: return dg_run_status_word(DG_RUN_COMPLETED);
    case DG_STANDING_CONVERGED: return dg_run_status_word(DG_RUN_CONVERGED);
    case DG_STANDING_NONFINITE: return dg_run_status_word(DG_RUN_NONFINITE);
    case DG_STANDING_RUNNING: return "running";
    case DG_STANDING_SAVED: return "saved";
    case DG_STANDING_MISSING:
    case DG_STANDING_RUNS: break;
    }
    return "missing";
}

const char *dg_sweep_run_text(dg_sweep_run run)
{
    switch (run) {
    case DG_STANDING_COMPLETED: return dg_run_status_text(DG_RUN_COMPLETED);
    case DG_STANDING_CONVERGED: return dg_run_status_text(DG_RUN_CONVERGED);
    case DG_STANDING_NONFINITE: return dg_run_status_text(DG_RUN_NONFINITE);
    case DG_STANDING_SAVED: return "saved half-way";
    case DG_STANDING_RUNNING:
    case DG_STANDING_MISSING:
    case DG_STANDING_RUNS: break;
    }
    return dg_sweep_run_key(run);
}

/* ---- what is on disk -------------------------------------------------------------------------- */

static void note_damage(void *user, const char *line)
{
    dg_standing *s = user;
    if (!dg_names_add(&s->damages, line)) {
        /* one line less */
    }
}

static dg_status list_batches(dg_names *out, const char *directory)
{
    char *path = dg_text("%s/" DG_BATCH_FOLDER, directory);
    const dg_status status = path ? dg_directory_list(out, path, DG_BATCH_ENDING) : no_memory();
    free(path);
    return status;
}

static bool same_names(const dg_names *a, const dg_names *b)
{
    bool same = a->count == b->count;
    for (size_t k = 0; k < a->count && same; k++) same = strcmp(a->name[k], b->name[k]) == 0;
    return same;
}

/** Is every file that was looked at still there? */
static bool all_there(const dg_inventory *inventory)
{
    for (size_t k = 0; k < inventory->files; k++)
        if (!dg_file_exists(inventory->held[k].archive->path)) return false;
    return true;
}

/** One look; *steady: nothing has come or gone meanwhile. */
static dg_status look_once(dg_inventory *out, const dg_inventory_request *request, bool *steady)
{
    dg_names before = {0}, after = {0};
    dg_status status = list_batches(&before, request->directory);
    if (status == DG_OK) status = dg_inventory_make(out, request);
    if (status == DG_OK) status = list_batches(&after, request->directory);
    if (status == DG_OK) *steady = same_names(&before, &after) && all_there(out);
    dg_names_free(&before);
    dg_names_free(&after);
    return status;
}

/**
 * A batch that is stored between a look at the batches and one at the checkpoints is in neither list: so
 * look until nothing moves. In a storm of batches the last look has to do.
 */
static dg_status look(dg_inventory *out, dg_standing *s, const dg_fingerprint *sorted, bool check)
{
    const dg_inventory_request request = {s->directory, sorted, check ? s->experiment->runs : 0,
                                          note_damage, s};
    bool steady = false;
    for (int k = 0; k < TRIES && !steady; k++) {
        dg_inventory_free(out);
        dg_names_free(&s->damages);
        DG_TRY(look_once(out, &request, &steady));
    }
    return DG_OK;
}

/* ---- runs ------------------------------------------------------------------------------------- */

static dg_sweep_run run_of(int32_t status)
{
    switch (status) {
    case DG_RUN_COMPLETED: return DG_STANDING_COMPLETED;
    case DG_RUN_CONVERGED: return DG_STANDING_CONVERGED;
    case DG_RUN_NONFINITE: return DG_STANDING_NONFINITE;
    default: return DG_STANDING_MISSING;
    }
}

static void place_runs(dg_standing *s, const dg_inventory *inventory, const dg_fingerprint *id)
{
    const dg_model *model = dg_model_of_experiment(s->experiment);
    int64_t begun = 0, planned = 0, safe = 0; /* agent-steps */
    for (size_t r = 0; r < s->experiment->runs; r++) {
        const dg_config *c = &s->experiment->run[r];
        const dg_run_place *place = dg_inventory_begun(inventory, &id[r]);
        const dg_run_place *ended = dg_inventory_finished(inventory, &id[r]);
        /* a run that has ended in a checkpoint, its neighbours not, waits there for its batch */
        if (!ended && place && place->head.status != DG_RUN_PLANNED) ended = place;
        if (ended) place = NULL;
        const int64_t agent_steps = model->agent_steps(c, model->generations(c));
        s->run[r] = ended   ? run_of(ended->head.status)
                    : place ? DG_STANDING_SAVED
                            : DG_STANDING_MISSING;
        s->agent_steps += agent_steps;
        if (ended) safe += agent_steps;
        if (!place) continue;
        s->begun++;
        planned += agent_steps;
        begun += model->agent_steps(c, place->head.generations);
    }
    s->begun_share = planned > 0 ? (double)begun / (double)planned : 0;
    s->agent_steps_safe = safe + begun;
}

static void count_runs(dg_standing *s)
{
    memset(s->count, 0, sizeof s->count);
    for (size_t r = 0; r < s->experiment->runs; r++) s->count[s->run[r]]++;
}

static dg_status read_runs(dg_standing *s, const dg_fingerprint *id, bool check)
{
    dg_inventory inventory = {0};
    dg_fingerprint *sorted = NULL;
    const size_t runs = s->experiment->runs;
    dg_status status = DG_OK;
    s->run = calloc(runs, sizeof *s->run);
    sorted = malloc(runs * sizeof *sorted);
    if (!s->run || !sorted) status = no_memory();
    if (status == DG_OK) {
        memcpy(sorted, id, runs * sizeof *sorted);
        qsort(sorted, runs, sizeof *sorted, dg_fingerprint_compare);
        status = look(&inventory, s, sorted, check);
    }
    if (status == DG_OK) {
        place_runs(s, &inventory, id);
        s->batches = inventory.batches;
        s->checkpoints = inventory.files - inventory.batches;
    }
    dg_inventory_free(&inventory);
    free(sorted);
    return status;
}

/* ---- the result ------------------------------------------------------------------------------- */

/** Does the result hold every run, ended? Then its batches may have been removed. */
static dg_status take_result(dg_standing *s)
{
    dg_results *results = NULL;
    const dg_status status = dg_results_open(&results, s->directory);
    if (status == DG_ERR_MEMORY) return status;
    if (status != DG_OK) {
        note_damage(s, dg_error());
        return DG_OK;
    }
    bool whole = results->runs == s->experiment->runs;
    for (size_t r = 0; r < results->runs && whole; r++)
        whole = run_of(results->status[r]) != DG_STANDING_MISSING;
    for (size_t r = 0; r < results->runs && whole; r++) s->run[r] = run_of(results->status[r]);
    if (whole) {
        s->begun = 0;
        s->begun_share = 0;
        s->agent_steps_safe = s->agent_steps;
    }
    dg_results_close(&results);
    return DG_OK;
}

static bool is_newer(const struct stat *a, const struct stat *b)
{
    if (a->st_mtim.tv_sec != b->st_mtim.tv_sec) return a->st_mtim.tv_sec > b->st_mtim.tv_sec;
    return a->st_mtim.tv_nsec > b->st_mtim.tv_nsec;
}

/** Bytes of a folder; *newest receives its newest file, if there is any. */
static dg_status measure_folder(const dg_standing *s, const char *folder, int64_t *bytes,
                                struct stat *newest)
{
    dg_names names = {0};
    char *path = dg_text("%s/%s", s->directory, folder);
    dg_status status = path ? dg_directory_list(&names, path, "") : no_memory();
    for (size_t k = 0; k < names.count && status == DG_OK; k++) {
        struct stat info;
        char *file = dg_text("%s/%s", path, names.name[k]);
        if (!file) status = no_memory();
        if (file && stat(file, &info) == 0 && S_ISREG(info.st_mode)) {
            *bytes += info.st_size;
            if (is_newer(&info, newest)) *newest = info;
        }
        free(file);
    }
    dg_names_free(&names);
    free(path);
    return status;
}

/** By what its provenance says; by its date where that says nothing. */
static dg_sweep_result age_of(const dg_standing *s, const dg_fingerprint *id, bool batch_newer)
{
    const dg_result_age age = dg_result_told(s->directory, s->experiment, id, dg_sweep_ended(s));
    if (age == DG_RESULT_UNTOLD) return batch_newer ? DG_STANDING_OLD_RESULT : DG_STANDING_RESULT;
    return age == DG_RESULT_OLD ? DG_STANDING_OLD_RESULT : DG_STANDING_RESULT;
}

static dg_status read_result(dg_standing *s, const dg_fingerprint *id)
{
    struct stat result, batch = {0}, checkpoint = {0};
    DG_TRY(measure_folder(s, DG_BATCH_FOLDER, &s->batch_bytes, &batch));
    DG_TRY(measure_folder(s, DG_CHECKPOINT_FOLDER, &s->checkpoint_bytes, &checkpoint));
    char *path = dg_text("%s/" DG_RESULT_NAME, s->directory);
    if (!path) return no_memory();
    const bool there = stat(path, &result) == 0;
    free(path);
    if (!there) return DG_OK;
    count_runs(s);
    s->result = age_of(s, id, is_newer(&batch, &result));
    return dg_sweep_ended(s) < s->experiment->runs ? take_result(s) : DG_OK;
}

/* ---- the whole -------------------------------------------------------------------------------- */

/** One line for a name that is no directory, or one that must not be read. */
static dg_status check_directory(const char *directory)
{
    DIR *folder = opendir(directory);
    if (!folder) return dg_fail_errno(directory, "cannot read this directory");
    closedir(folder);
    return DG_OK;
}

static dg_status read_all(dg_standing *s, bool check)
{
    dg_fingerprint *id = NULL;
    DG_TRY(check_directory(s->directory));
    DG_TRY(dg_manifest_read(&s->experiment, &s->build, s->directory));
    DG_TRY(dg_fingerprints_of(&id, s->experiment));
    dg_status status = read_runs(s, id, check);
    if (status == DG_OK) status = read_result(s, id);
    free(id);
    DG_TRY(status);
    DG_TRY(dg_sweep_calls_read(s));
    count_runs(s);
    return DG_OK;
}

dg_status dg_standing_read(dg_standing **out, const char *directory, bool check)
{
    dg_standing *s = calloc(1, sizeof *s);
    if (!s) return no_memory();
    s->directory = strdup(directory);
    const dg_status status = s->directory ? read_all(s, check) : no_memory();
    if (status == DG_OK)
        *out = s;
    else
        dg_standing_free(&s);
    return status;
}

void dg_standing_free(dg_standing **status)
{
    dg_standing *s = *status;
    if (!s) return;
    dg_experiment_free(&s->experiment);
    dg_names_free(&s->damages);
    free(s->directory);
    free(s->build);
    free(s->run);
    free(s->call);
    free(s);
    *status = NULL;
}

/* ---- verdict ---------------------------------------------------------------------------------- */

size_t dg_sweep_ended(const dg_standing *s)
{
    return s->count[DG_STANDING_COMPLETED] + s->count[DG_STANDING_CONVERGED] +
           s->count[DG_STANDING_NONFINITE];
}

bool dg_sweep_call_troubled(const dg_standing *s, const dg_sweep_call *call)
{
    if (call->life != DG_LIFE_FAILED && call->life != DG_LIFE_DEAD) return false;
    return call->call.merge ? s->result != DG_STANDING_RESULT : call->ended < call->planned;
}

dg_sweep_state dg_sweep_state_of(const dg_standing *s)
{
    bool trouble = s->damages.count > 0;
    for (size_t k = 0; k < s->calls && !trouble; k++)
        trouble = dg_sweep_call_troubled(s, &s->call[k]);
    if (trouble) return DG_STANDING_TROUBLE;
    return dg_sweep_ended(s) == s->experiment->runs ? DG_STANDING_FINISHED : DG_STANDING_OPEN;
}

/** Of two calls with runs left the one to tell of: what was begun comes before what was not. */
static const dg_sweep_call *more_pressing(const dg_sweep_call *a, const dg_sweep_call *b)
{
    return !a || (a->life == DG_LIFE_NONE && b->life != DG_LIFE_NONE) ? b : a;
}

/** The first call that can be, or must be, begun again, NULL: none; and how many others. */
static const dg_sweep_call *first_left(const dg_standing *s, size_t *others)
{
    const dg_sweep_call *first = NULL;
    size_t shards = 0;
    for (size_t k = 0; k < s->calls; k++) {
        const dg_sweep_call *c = &s->call[k];
        if (c->call.merge || dg_call_lives(c->life) || c->ended == c->planned) continue;
        first = more_pressing(first, c);
        shards += (size_t)(c->last - c->call.shard.index) + 1;
    }
    *others = shards > 0 ? shards - 1 : 0;
    return first;
}

size_t dg_sweep_living(const dg_standing *s)
{
    size_t count = 0;
    for (size_t k = 0; k < s->calls; k++) count += dg_call_lives(s->call[k].life);
    return count;
}

static void say_go_on(const dg_standing *s, const dg_sweep_call *call, size_t others, char *text,
                      size_t size)
{
    char shard[64] = "", more[64] = "";
    const bool begin = call && call->life == DG_LIFE_NONE;
    if (call && call->call.shard.count > 0)
        snprintf(shard, sizeof shard, " --shard %d/%d", call->call.shard.index,
                 call->call.shard.count);
    if (others > 0)
        snprintf(more, sizeof more, "; so do %zu other shard%s", others, others == 1 ? "" : "s");
    snprintf(text, size, "`digico run %s -o %s%s` %s%s", s->experiment->name, s->directory, shard,
             begin ? "begins" : "goes on", more);
}

const char *dg_sweep_next(const dg_standing *s, char *text, size_t size)
{
    size_t others = 0;
    const size_t alive = dg_sweep_living(s);
    const dg_sweep_call *left = first_left(s, &others);
    if (dg_sweep_ended(s) == s->experiment->runs && s->result == DG_STANDING_RESULT)
        snprintf(text, size, "nothing is left to do; `digico summary %s` shows the result",
                 s->directory);
    else if (alive > 0 && (!left || left->life == DG_LIFE_NONE))
        snprintf(text, size, "nothing to do but wait: %zu call%s at work", alive,
                 alive == 1 ? " is" : "s are");
    else if (dg_sweep_ended(s) == s->experiment->runs)
        snprintf(text, size, "`digico merge %s` makes the result", s->directory);
    else
        say_go_on(s, left, others, text, size);
    return text;
}
