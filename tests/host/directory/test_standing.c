/** host/directory/standing*.c: the state of a sweep, read from its directory. */
#include "host/directory/lock.h"
#include "host/archive/provenance.h"
#include "host/store/results.h"
#include "host/directory/result.h"
#include "host/directory/result.h"
#include "host/directory/standing_conditions.h"
#include "host/directory/standing_read.h"
#include "tests/support/folders.h"
#include "tests/support/load.h"
#include "tests/support/records.h"
#include "tests/support/stopper.h"

#include <criterion/criterion.h>

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* three conditions of four seeds */
static const char sweep[] = "steps: 7\ngenerations: 30\nniche: {points: 200}\n"
                            "sweep:\n  product:\n"
                            "    ai_type: [none, act, all_zero]\n    seed: [1, 2, 3, 4]\n";

/* the same, long enough to be stopped */
static const char long_sweep[] = "steps: 7\ngenerations: 4000\nniche: {points: 200}\n"
                                 "sweep:\n  product:\n"
                                 "    ai_type: [none, act, all_zero]\n    seed: [1, 2, 3, 4]\n";

static const char *text_of_sweep = sweep;
static char *folder;
static dg_standing *s;

static void set_up(void)
{
    folder = records_folder();
}

static void tear_down(void)
{
    dg_standing_free(&s);
    records_remove(folder);
}

TestSuite(standing, .init = set_up, .fini = tear_down);

/** Path of a name in the folder, valid until the next call. */
static const char *in_folder(const char *name)
{
    static char path[600];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static dg_status compute(const dg_options *options)
{
    dg_experiment *experiment = load_text(text_of_sweep, NULL, NULL);
    const dg_status status = dg_experiment_run(experiment, folder, options, NULL);
    dg_experiment_free(&experiment);
    return status;
}

static void compute_shard(int shard, int shards)
{
    const dg_options options = {.shard = shard, .shards = shards};
    cr_assert_eq(compute(&options), DG_OK, "%s", dg_error());
}

static void stop_half_way(void)
{
    stopper stop = {.after = 20};
    text_of_sweep = long_sweep;
    const dg_options options = {
        .batch = 2, .threads = 1, .stop = &stop.stop, .progress = stop_later, .user = &stop};
    cr_assert_eq(compute(&options), DG_ERR_STOPPED, "%s", dg_error());
}

static void read_standing(void)
{
    dg_standing_free(&s);
    cr_assert_eq(dg_standing_read(&s, folder, false), DG_OK, "%s", dg_error());
}

/** Write a status file like that of a process on another machine. */
static void write_status(const char *name, const char *state, const char *host, const char *updated)
{
    char text[512];
    snprintf(text, sizeof text,
             "{\"state\": \"%s\", \"host\": \"%s\", \"updated\": \"%s\", \"process\": 1,\n"
             " \"message\": \"no space left\", \"runs_planned\": 12, \"runs_done\": 1}\n",
             state, host, updated);
    cr_assert_eq(dg_file_replace(in_folder(name), text, false), DG_OK);
}

static const char *next_step(void)
{
    static char *text;
    free(text);
    text = dg_sweep_next(s);
    cr_assert_not_null(text);
    return text;
}

#define EXPECT_NEXT(part)                                                                          \
    cr_expect(strstr(next_step(), part) != NULL, "no `%s' in: %s", part, next_step())

/* ---- runs ------------------------------------------------------------------------------------ */

Test(standing, of_a_finished_sweep)
{
    cr_assert_eq(compute(NULL), DG_OK, "%s", dg_error());
    read_standing();
    cr_expect_eq(dg_sweep_state_of(s), DG_STANDING_FINISHED);
    cr_expect_eq(s->count[DG_STANDING_COMPLETED], 12);
    cr_expect_eq(s->agent_steps_safe, s->agent_steps);
    cr_expect_eq(s->result, DG_STANDING_RESULT);
    cr_expect(s->batches > 0 && s->batch_bytes > 0 && s->checkpoints == 0);
    cr_assert_eq(s->calls, 1);
    cr_expect_eq(s->call[0].life, DG_LIFE_DONE);
    cr_expect(s->call[0].planned == 12 && s->call[0].ended == 12);
    EXPECT_NEXT("nothing is left to do");
}

Test(standing, runs_in_checkpoints_are_saved)
{
    stop_half_way();
    read_standing();
    cr_expect_eq(dg_sweep_state_of(s), DG_STANDING_OPEN);
    cr_expect_eq(s->begun, s->count[DG_STANDING_SAVED]);
    cr_expect(s->begun >= 1);
    cr_expect(s->begun_share > 0 && s->begun_share < 1);
    cr_expect(s->agent_steps_safe > 0 && s->agent_steps_safe < s->agent_steps);
    cr_expect_eq(s->count[DG_STANDING_MISSING], 12 - s->begun - dg_sweep_ended(s));
    cr_expect_eq(s->call[0].life, DG_LIFE_STOPPED);
    cr_expect_eq(s->result, DG_STANDING_NO_RESULT);
    EXPECT_NEXT("to continue");
}

Test(standing, reading_changes_nothing)
{
    struct stat before, after;
    stop_half_way();
    cr_assert_eq(stat(folder, &before), 0);
    unlink(in_folder(".lock"));
    cr_assert_eq(stat(folder, &before), 0);
    read_standing();
    cr_assert_eq(stat(folder, &after), 0);
    cr_expect(before.st_mtim.tv_sec == after.st_mtim.tv_sec &&
              before.st_mtim.tv_nsec == after.st_mtim.tv_nsec);
    cr_expect_not(dg_file_exists(in_folder(".lock")));
}

Test(standing, a_result_without_its_batches_is_finished)
{
    char command[700];
    cr_assert_eq(compute(NULL), DG_OK, "%s", dg_error());
    snprintf(command, sizeof command, "/bin/rm -r '%s/batches'", folder);
    cr_assert_eq(system(command), 0);
    read_standing();
    cr_expect_eq(dg_sweep_state_of(s), DG_STANDING_FINISHED);
    cr_expect_eq(s->count[DG_STANDING_COMPLETED], 12);
}

Test(standing, a_result_older_than_its_batches_is_old)
{
    const struct timespec old[2] = {{1000000000, 0}, {1000000000, 0}};
    cr_assert_eq(compute(NULL), DG_OK, "%s", dg_error());
    cr_assert_eq(utimensat(AT_FDCWD, in_folder("results.nc"), old, 0), 0);
    cr_assert_eq(unlink(in_folder("provenance.json")), 0);
    read_standing();
    cr_expect_eq(s->result, DG_STANDING_OLD_RESULT);
    EXPECT_NEXT("digico merge");
}

Test(standing, provenance_decides_the_age_of_a_result)
{
    const struct timespec old[2] = {{1000000000, 0}, {1000000000, 0}};
    cr_assert_eq(compute(NULL), DG_OK, "%s", dg_error());
    cr_assert_eq(utimensat(AT_FDCWD, in_folder("results.nc"), old, 0), 0);
    read_standing();
    cr_expect_eq(s->result, DG_STANDING_RESULT);
    EXPECT_NEXT("nothing is left to do");
}

/* ---- damage ---------------------------------------------------------------------------------- */

/** Truncate all files of a folder, or change one byte in the middle of each. */
static void damage_files(const char *inside, bool cut)
{
    char command[900];
    snprintf(command, sizeof command,
             cut ? "for f in '%s/%s'/*; do truncate -s 100 $f; done"
                 : "for f in '%s/%s'/*; do printf X | dd of=$f bs=1 conv=notrunc "
                   "seek=$(($(stat -c %%s $f) / 2)) 2>/dev/null; done",
             folder, inside);
    cr_assert_eq(system(command), 0);
}

Test(standing, damaged_structure_is_named)
{
    cr_assert_eq(compute(NULL), DG_OK, "%s", dg_error());
    unlink(in_folder("results.nc"));
    damage_files("batches", true);
    read_standing();
    cr_assert(s->damages.count > 0);
    cr_expect(strstr(s->damages.name[0], ".batch: damaged") != NULL, "%s", s->damages.name[0]);
    cr_expect_eq(dg_sweep_state_of(s), DG_STANDING_TROUBLE);
    cr_expect_eq(s->count[DG_STANDING_MISSING], 12);
    EXPECT_NEXT("to continue");
}

Test(standing, damaged_contents_are_found_by_a_check)
{
    cr_assert_eq(compute(NULL), DG_OK, "%s", dg_error());
    unlink(in_folder("results.nc"));
    damage_files("batches", false);
    read_standing();
    cr_expect_eq(s->damages.count, 0);
    dg_standing_free(&s);
    cr_assert_eq(dg_standing_read(&s, folder, true), DG_OK, "%s", dg_error());
    cr_expect(s->damages.count > 0);
    cr_expect(s->count[DG_STANDING_MISSING] > 0);
}

Test(standing, a_damaged_status_file_is_named)
{
    stop_half_way();
    cr_assert_eq(dg_file_replace(in_folder("status.json"), "{\"state\": \"run", false), DG_OK);
    read_standing();
    cr_assert_eq(s->damages.count, 1);
    cr_expect(strstr(s->damages.name[0], "status.json: damaged") != NULL);
    cr_expect_eq(dg_sweep_state_of(s), DG_STANDING_TROUBLE);
}

Test(standing, directories_without_a_sweep_are_refused)
{
    cr_expect_eq(dg_standing_read(&s, folder, false), DG_ERR_ARGUMENT);
    cr_expect_eq(dg_standing_read(&s, "/nowhere", false), DG_ERR_IO);
    cr_expect_eq(dg_standing_read(&s, "/proc/version", false), DG_ERR_IO);
    cr_assert_eq(dg_file_replace(in_folder("manifest.digico"), "no", false), DG_OK);
    cr_expect_eq(dg_standing_read(&s, folder, false), DG_ERR_IO);
    cr_expect(strstr(dg_error(), "manifest.digico: damaged") != NULL, "%s", dg_error());
    cr_expect_null(s);
}

/* ---- shards ---------------------------------------------------------------------------------- */

Test(standing, unstarted_shards_are_listed)
{
    compute_shard(2, 5);
    read_standing();
    cr_assert_eq(s->calls, 3);
    cr_expect(s->call[0].life == DG_LIFE_NONE && s->call[0].call.shard.index == 1);
    cr_expect(s->call[1].life == DG_LIFE_DONE && s->call[1].call.shard.index == 2);
    cr_expect(s->call[2].life == DG_LIFE_NONE && s->call[2].call.shard.index == 3);
    cr_expect_eq(s->call[2].last, 5);
    cr_expect_eq(s->call[0].planned + s->call[1].planned + s->call[2].planned, 12);
    cr_expect_eq(dg_sweep_ended(s), s->call[1].planned);
    cr_expect_eq(dg_sweep_state_of(s), DG_STANDING_OPEN);
    EXPECT_NEXT("--shard 1/5` to start it; 3 other shards have runs left, too");
}

Test(standing, shards_of_one_sweep_are_merged_next)
{
    for (int k = 1; k <= 3; k++) compute_shard(k, 3);
    read_standing();
    cr_expect_eq(s->calls, 3);
    cr_expect_eq(dg_sweep_state_of(s), DG_STANDING_FINISHED);
    EXPECT_NEXT("digico merge");
    dg_outcome outcome;
    cr_assert_eq(dg_experiment_merge(folder, 0, NULL, &outcome), DG_OK, "%s", dg_error());
    read_standing();
    cr_assert_eq(s->calls, 4);
    cr_expect(s->call[3].call.merge && s->call[3].life == DG_LIFE_DONE);
    EXPECT_NEXT("nothing is left");
}

Test(standing, unstarted_shards_without_runs_left_are_not_listed)
{
    compute_shard(1, 3);
    cr_assert_eq(compute(NULL), DG_OK, "%s", dg_error());
    read_standing();
    cr_expect_eq(s->calls, 2); /* shards 2 and 3 of 3 have nothing left to do */
    cr_expect_eq(dg_sweep_state_of(s), DG_STANDING_FINISHED);
}

Test(standing, files_of_other_names_are_no_calls)
{
    static const char *const name[] = {"status-1-of-2.json.part", "status-0-of-2.json",
                                       "status-3-of-2.json", "status-1-of-2x.json", "status-.json"};
    compute_shard(1, 1);
    for (size_t k = 0; k < sizeof name / sizeof *name; k++)
        write_status(name[k], "running", "elsewhere", "");
    read_standing();
    cr_expect_eq(s->calls, 1);
}

/* ---- state of a call ------------------------------------------------------------------------- */

static dg_call_life life_of(const char *state, const char *host, const char *updated)
{
    write_status("status.json", state, host, updated);
    read_standing();
    return s->call[0].life;
}

Test(standing, a_silent_call_is_dead_where_locks_give_no_answer)
{
    char now[32], here[256] = "";
    stop_half_way();
    dg_now(now, sizeof now);
    gethostname(here, sizeof here - 1);
    cr_expect_eq(life_of("running", "elsewhere", now), DG_LIFE_RUNNING);
    cr_expect_eq(s->count[DG_STANDING_RUNNING], 12 - dg_sweep_ended(s));
    EXPECT_NEXT("wait");
    cr_expect_eq(life_of("running", "elsewhere", "2020-01-01T00:00:00Z"), DG_LIFE_DEAD);
    cr_expect_eq(dg_sweep_state_of(s), DG_STANDING_TROUBLE);
    cr_expect_eq(life_of("merging", "elsewhere", now), DG_LIFE_MERGING);
    cr_expect_eq(life_of("running", here, now), DG_LIFE_DEAD, "nobody holds its lock");
    cr_expect_eq(life_of("stopped", here, now), DG_LIFE_STOPPED);
}

Test(standing, a_call_that_holds_the_lock_is_active)
{
    int lock = -1;
    stop_half_way();
    cr_assert_eq(dg_directory_lock(&lock, folder, (dg_shard){0, 0}), DG_OK);
    cr_expect_eq(life_of("running", "elsewhere", "2020-01-01T00:00:00Z"), DG_LIFE_RUNNING);
    cr_expect_eq(life_of("stopped", "elsewhere", "2020-01-01T00:00:00Z"), DG_LIFE_STARTING);
    unlink(in_folder("status.json"));
    read_standing();
    cr_assert_eq(s->calls, 1);
    cr_expect_eq(s->call[0].life, DG_LIFE_STARTING);
    dg_directory_unlock(lock);
    read_standing();
    cr_expect_eq(s->calls, 0);
}

Test(standing, locks_of_other_parts_do_not_count)
{
    int lock = -1;
    stop_half_way();
    cr_assert_eq(dg_directory_lock(&lock, folder, (dg_shard){1, 2}), DG_OK);
    cr_expect_eq(dg_directory_locked(folder, (dg_shard){1, 2}), DG_LOCK_HELD);
    cr_expect_eq(dg_directory_locked(folder, (dg_shard){2, 2}), DG_LOCK_FREE);
    cr_expect_eq(dg_directory_locked(folder, (dg_shard){0, 0}), DG_LOCK_FREE);
    cr_expect_eq(dg_directory_locked("/nowhere", (dg_shard){0, 0}), DG_LOCK_UNKNOWN);
    dg_directory_unlock(lock);
    cr_expect_eq(dg_directory_locked(folder, (dg_shard){1, 2}), DG_LOCK_FREE);
}

Test(standing, a_failure_counts_while_runs_are_left)
{
    compute_shard(1, 2);
    write_status("status-2-of-2.json", "failed", "elsewhere", "2020-01-01T00:00:00Z");
    read_standing();
    cr_expect_eq(dg_sweep_state_of(s), DG_STANDING_TROUBLE);
    cr_expect_str_eq(s->call[1].report.message, "no space left");
    EXPECT_NEXT("--shard 2/2` to continue");
    cr_assert_eq(compute(NULL), DG_OK, "%s", dg_error());
    read_standing();
    cr_expect_eq(dg_sweep_state_of(s), DG_STANDING_FINISHED, "another call has done its runs");
}

Test(standing, next_names_dead_calls_before_unstarted_ones)
{
    compute_shard(1, 4);
    write_status("status-3-of-4.json", "running", "elsewhere", "2020-01-01T00:00:00Z");
    read_standing();
    EXPECT_NEXT("--shard 3/4` to continue; 2 other shards have runs left, too");
}

Test(standing, a_call_that_fails_early_states_its_planned_runs)
{
    char command[700];
    stop_half_way();
    /* batches cannot be stored: their folder is unusable */
    snprintf(command, sizeof command, "cd '%s' && /bin/rm -r batches && ln -s /proc/self batches",
             folder);
    cr_assert_eq(system(command), 0);
    cr_assert_neq(compute(NULL), DG_OK);
    dg_call_report r;
    cr_assert_eq(dg_status_file_read(&r, in_folder("status.json")), DG_OK, "%s", dg_error());
    cr_expect_eq(r.state, DG_CALL_FAILED);
    cr_expect_eq(r.runs_planned, 12);
    cr_expect(r.message[0] != '\0');
}

/* ---- conditions ------------------------------------------------------------------------------ */

Test(standing, conditions_are_counted_in_the_order_of_the_sweep)
{
    dg_sweep_condition *condition = NULL;
    size_t count = 0;
    char text[64];
    static const char *const value[] = {"none", "act", "all_zero"};
    compute_shard(1, 2);
    read_standing();
    cr_assert_eq(dg_sweep_conditions(&condition, &count, s), DG_OK, "%s", dg_error());
    cr_assert_eq(count, 3);
    for (size_t k = 0; k < 3; k++) {
        const dg_sweep_condition *c = &condition[k];
        cr_expect_str_eq(
            dg_sweep_axis_text(s->experiment, &s->experiment->axis[0], c->first, text, sizeof text),
            value[k]);
        cr_expect_eq(c->planned, 4);
        cr_expect_eq(c->count[DG_STANDING_COMPLETED], 2, "shards are balanced");
        cr_expect_eq(c->count[DG_STANDING_MISSING], 2);
    }
    free(condition);
}

/** Seeds that vary together with a key make conditions of their own; equal values are one all the same. */
Test(standing, conditions_of_the_same_values_are_one)
{
    static const char yaml[] = "sweep: {zip: {seed: [4, 1, 2, 3], values: [7, 9, 7, 9]}}\n";
    dg_sweep_run state[] = {DG_STANDING_COMPLETED, DG_STANDING_MISSING, DG_STANDING_COMPLETED,
                            DG_STANDING_SAVED};
    dg_sweep_condition *condition = NULL;
    dg_experiment *experiment = NULL;
    size_t count = 0;
    cr_assert_eq(dg_experiment_parse(&experiment, "a.yaml", yaml, strlen(yaml), NULL, 0), DG_OK);
    const dg_standing standing = {.experiment = experiment, .run = state};
    cr_assert_eq(dg_sweep_conditions(&condition, &count, &standing), DG_OK, "%s", dg_error());
    cr_assert_eq(count, 2);
    for (size_t k = 0; k < 2; k++) {
        cr_expect_eq(condition[k].first, k);
        cr_expect_eq(condition[k].planned, 2);
    }
    cr_expect_eq(condition[0].count[DG_STANDING_COMPLETED], 2);
    cr_expect_eq(condition[1].count[DG_STANDING_MISSING], 1);
    cr_expect_eq(condition[1].count[DG_STANDING_SAVED], 1);
    free(condition);
    dg_experiment_free(&experiment);
}

/* ---- no result yet --------------------------------------------------------------------------- */

Test(standing, a_missing_result_is_an_error_with_the_next_command)
{
    dg_results *results = NULL;
    compute_shard(1, 2);
    cr_expect_eq(dg_result_open(&results, folder, false), DG_ERR_IO);
    cr_expect(strstr(dg_error(), "6 of 12 runs have ended") != NULL, "%s", dg_error());
    cr_expect(strstr(dg_error(), "--partial") != NULL, "%s", dg_error());
    compute_shard(2, 2);
    cr_expect_eq(dg_result_open(&results, folder, false), DG_ERR_IO);
    cr_expect(strstr(dg_error(), "digico merge") != NULL, "%s", dg_error());
}

/** The command can be pasted: names are quoted, and the overrides are part of it. */
Test(standing, the_next_command_is_quoted)
{
    static const char *const sets[] = {"seed=[1, 2]"};
    char inner[600];
    dg_results *results = NULL;
    dg_experiment *experiment = NULL;
    snprintf(inner, sizeof inner, "%s/it's `id`", folder);
    cr_assert_eq(dg_experiment_parse(&experiment, "a sweep.yaml", sweep, strlen(sweep), sets, 1),
                 DG_OK, "%s", dg_error());
    const dg_options part = {.shard = 1, .shards = 2};
    cr_assert_eq(dg_experiment_run(experiment, inner, &part, NULL), DG_OK, "%s", dg_error());
    dg_experiment_free(&experiment);
    cr_assert_eq(dg_standing_read(&s, inner, false), DG_OK, "%s", dg_error());
    EXPECT_NEXT("`digico run 'a sweep.yaml' --set 'seed=[1, 2]' -o '");
    EXPECT_NEXT("/it'\\''s `id`' --shard 2/2` to start it");
    cr_expect_eq(dg_result_open(&results, inner, false), DG_ERR_IO);
    cr_expect(strstr(dg_error(), "/it'\\''s `id`' --shard 2/2") != NULL, "%s", dg_error());
    cr_expect_eq(dg_result_open(&results, "no such folder", false), DG_ERR_IO);
    cr_expect(strstr(dg_error(), "-o 'no such folder'`") != NULL, "%s", dg_error());
}

/** Another user's folder: whether there is a result is not known. */
Test(standing, an_unreadable_folder_is_not_one_without_a_result)
{
    dg_results *results = NULL;
    cr_assert_eq(compute(NULL), DG_OK, "%s", dg_error());
    cr_assert_eq(chmod(folder, geteuid() == 0 ? 0700 : 0), 0);
    if (geteuid() == 0) cr_assert_eq(seteuid(65534), 0);
    cr_expect_eq(dg_result_open(&results, folder, false), DG_ERR_IO);
    cr_expect(strstr(dg_error(), "Permission denied") != NULL, "%s", dg_error());
    if (getuid() == 0) cr_assert_eq(seteuid(0), 0);
    cr_assert_eq(chmod(folder, 0700), 0);
}

/** Every byte of the result is compared with its hash: with --check, or if its runs are needed. */
Test(standing, a_changed_result_is_damage)
{
    dg_outcome outcome;
    cr_assert_eq(compute(NULL), DG_OK, "%s", dg_error());
    file_flip(folder_result(folder), -100, 4);
    dg_standing_free(&s);
    cr_assert_eq(dg_standing_read(&s, folder, true), DG_OK, "%s", dg_error());
    cr_assert_eq(s->damages.count, 1);
    cr_expect(strstr(s->damages.name[0], folder_result(folder)) == s->damages.name[0], "%s",
              s->damages.name[0]);
    cr_expect_eq(s->result, DG_STANDING_DAMAGED_RESULT);
    cr_expect_eq(dg_sweep_state_of(s), DG_STANDING_TROUBLE);
    EXPECT_NEXT("run `digico merge ");
    cr_assert_eq(dg_experiment_merge(folder, 0, NULL, &outcome), DG_OK, "%s", dg_error());
    dg_standing_free(&s);
    cr_assert_eq(dg_standing_read(&s, folder, true), DG_OK, "%s", dg_error());
    cr_expect_eq(s->damages.count, 0, "it was written again");
    cr_expect_eq(s->result, DG_STANDING_RESULT);
}

/** An unset variable of a shell is an empty name, not the root directory. */
Test(standing, an_empty_name_holds_no_result)
{
    dg_results *results = NULL;
    cr_expect_eq(dg_result_open(&results, "", false), DG_ERR_ARGUMENT);
    cr_expect(strstr(dg_error(), "got an empty one") != NULL, "%s", dg_error());
}

Test(standing, a_result_without_a_hash_is_damage)
{
    cr_assert_eq(compute(NULL), DG_OK, "%s", dg_error());
    cr_assert_eq(remove(folder_path(folder, "provenance.json")), 0);
    cr_assert_eq(dg_standing_read(&s, folder, true), DG_OK, "%s", dg_error());
    cr_assert_eq(s->damages.count, 1);
    cr_expect(strstr(s->damages.name[0], "cannot be checked: its hash is not in") != NULL, "%s",
              s->damages.name[0]);
    cr_expect_eq(s->result, DG_STANDING_DAMAGED_RESULT);
    EXPECT_NEXT("run `digico merge ");
}
