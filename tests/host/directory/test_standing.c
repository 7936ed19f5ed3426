/** host/directory/standing.c, standing_calls.c, standing_conditions.c: how a sweep stands, from its directory alone. */
#include "host/directory/lock.h"
#include "host/directory/provenance.h"
#include "host/store/results.h"
#include "host/directory/result.h"
#include "host/directory/standing_conditions.h"
#include "host/directory/standing_read.h"
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

static void look(void)
{
    dg_standing_free(&s);
    cr_assert_eq(dg_standing_read(&s, folder, false), DG_OK, "%s", dg_error());
}

/** Write a status file as another program on another machine would. */
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
    static char text[512];
    return dg_sweep_next(s, text, sizeof text);
}

#define SAYS(part) cr_expect(strstr(next_step(), part) != NULL, "no `%s' in: %s", part, next_step())

/* ---- runs ------------------------------------------------------------------------------------- */

Test(standing, a_finished_sweep_needs_nothing)
{
    cr_assert_eq(compute(NULL), DG_OK, "%s", dg_error());
    look();
    cr_expect_eq(dg_sweep_state_of(s), DG_STANDING_FINISHED);
    cr_expect_eq(s->count[DG_STANDING_COMPLETED], 12);
    cr_expect_eq(s->agent_steps_safe, s->agent_steps);
    cr_expect_eq(s->result, DG_STANDING_RESULT);
    cr_expect(s->batches > 0 && s->batch_bytes > 0 && s->checkpoints == 0);
    cr_assert_eq(s->calls, 1);
    cr_expect_eq(s->call[0].life, DG_LIFE_DONE);
    cr_expect(s->call[0].planned == 12 && s->call[0].ended == 12);
    SAYS("nothing is left to do");
}

Test(standing, runs_in_checkpoints_are_half_way)
{
    stop_half_way();
    look();
    cr_expect_eq(dg_sweep_state_of(s), DG_STANDING_OPEN);
    cr_expect_eq(s->begun, s->count[DG_STANDING_SAVED]);
    cr_expect(s->begun >= 1);
    cr_expect(s->begun_share > 0 && s->begun_share < 1);
    cr_expect(s->agent_steps_safe > 0 && s->agent_steps_safe < s->agent_steps);
    cr_expect_eq(s->count[DG_STANDING_MISSING], 12 - s->begun - dg_sweep_ended(s));
    cr_expect_eq(s->call[0].life, DG_LIFE_STOPPED);
    cr_expect_eq(s->result, DG_STANDING_NO_RESULT);
    SAYS("goes on");
}

Test(standing, reading_changes_nothing)
{
    struct stat before, after;
    stop_half_way();
    cr_assert_eq(stat(folder, &before), 0);
    unlink(in_folder(".lock"));
    cr_assert_eq(stat(folder, &before), 0);
    look();
    cr_assert_eq(stat(folder, &after), 0);
    cr_expect(before.st_mtim.tv_sec == after.st_mtim.tv_sec &&
              before.st_mtim.tv_nsec == after.st_mtim.tv_nsec);
    cr_expect_not(dg_file_exists(in_folder(".lock")));
}

Test(standing, a_result_stands_without_its_batches)
{
    char command[700];
    cr_assert_eq(compute(NULL), DG_OK, "%s", dg_error());
    snprintf(command, sizeof command, "/bin/rm -r '%s/batches'", folder);
    cr_assert_eq(system(command), 0);
    look();
    cr_expect_eq(dg_sweep_state_of(s), DG_STANDING_FINISHED);
    cr_expect_eq(s->count[DG_STANDING_COMPLETED], 12);
}

Test(standing, a_result_that_is_behind_is_told)
{
    const struct timespec old[2] = {{1000000000, 0}, {1000000000, 0}};
    cr_assert_eq(compute(NULL), DG_OK, "%s", dg_error());
    cr_assert_eq(utimensat(AT_FDCWD, in_folder("results.nc"), old, 0), 0);
    cr_assert_eq(unlink(in_folder("provenance.json")), 0);
    look();
    cr_expect_eq(s->result, DG_STANDING_OLD_RESULT);
    SAYS("digico merge");
}

Test(standing, a_copied_result_is_as_new_as_its_provenance_says)
{
    const struct timespec old[2] = {{1000000000, 0}, {1000000000, 0}};
    cr_assert_eq(compute(NULL), DG_OK, "%s", dg_error());
    cr_assert_eq(utimensat(AT_FDCWD, in_folder("results.nc"), old, 0), 0);
    look();
    cr_expect_eq(s->result, DG_STANDING_RESULT);
    SAYS("nothing is left to do");
}

/* ---- damage ----------------------------------------------------------------------------------- */

/** Change one byte in the middle of the only file of a folder. */
static void hurt_file(const char *inside, bool cut)
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
    hurt_file("batches", true);
    look();
    cr_assert(s->damages.count > 0);
    cr_expect(strstr(s->damages.name[0], ".batch: damaged") != NULL, "%s", s->damages.name[0]);
    cr_expect_eq(dg_sweep_state_of(s), DG_STANDING_TROUBLE);
    cr_expect_eq(s->count[DG_STANDING_MISSING], 12);
    SAYS("goes on");
}

Test(standing, damaged_contents_are_found_by_reading_all)
{
    cr_assert_eq(compute(NULL), DG_OK, "%s", dg_error());
    unlink(in_folder("results.nc"));
    hurt_file("batches", false);
    look();
    cr_expect_eq(s->damages.count, 0);
    dg_standing_free(&s);
    cr_assert_eq(dg_standing_read(&s, folder, true), DG_OK, "%s", dg_error());
    cr_expect(s->damages.count > 0);
    cr_expect(s->count[DG_STANDING_MISSING] > 0);
}

Test(standing, a_status_file_that_is_none_is_named)
{
    stop_half_way();
    cr_assert_eq(dg_file_replace(in_folder("status.json"), "{\"state\": \"run", false), DG_OK);
    look();
    cr_assert_eq(s->damages.count, 1);
    cr_expect(strstr(s->damages.name[0], "status.json: damaged") != NULL);
    cr_expect_eq(dg_sweep_state_of(s), DG_STANDING_TROUBLE);
}

Test(standing, what_is_no_sweep_is_refused)
{
    cr_expect_eq(dg_standing_read(&s, folder, false), DG_ERR_ARGUMENT);
    cr_expect_eq(dg_standing_read(&s, "/nowhere", false), DG_ERR_IO);
    cr_expect_eq(dg_standing_read(&s, "/proc/version", false), DG_ERR_IO);
    cr_assert_eq(dg_file_replace(in_folder("manifest.digico"), "no", false), DG_OK);
    cr_expect_eq(dg_standing_read(&s, folder, false), DG_ERR_IO);
    cr_expect(strstr(dg_error(), "manifest.digico: damaged") != NULL, "%s", dg_error());
    cr_expect_null(s);
}

/* ---- shards ----------------------------------------------------------------------------------- */

Test(standing, shards_that_nobody_started_are_told)
{
    compute_shard(2, 5);
    look();
    cr_assert_eq(s->calls, 3);
    cr_expect(s->call[0].life == DG_LIFE_NONE && s->call[0].call.shard.index == 1);
    cr_expect(s->call[1].life == DG_LIFE_DONE && s->call[1].call.shard.index == 2);
    cr_expect(s->call[2].life == DG_LIFE_NONE && s->call[2].call.shard.index == 3);
    cr_expect_eq(s->call[2].last, 5);
    cr_expect_eq(s->call[0].planned + s->call[1].planned + s->call[2].planned, 12);
    cr_expect_eq(dg_sweep_ended(s), s->call[1].planned);
    cr_expect_eq(dg_sweep_state_of(s), DG_STANDING_OPEN);
    SAYS("--shard 1/5` begins; so do 3 other shards");
}

Test(standing, shards_of_one_sweep_are_merged_next)
{
    for (int k = 1; k <= 3; k++) compute_shard(k, 3);
    look();
    cr_expect_eq(s->calls, 3);
    cr_expect_eq(dg_sweep_state_of(s), DG_STANDING_FINISHED);
    SAYS("digico merge");
    dg_outcome outcome;
    cr_assert_eq(dg_experiment_merge(folder, 0, NULL, &outcome), DG_OK, "%s", dg_error());
    look();
    cr_assert_eq(s->calls, 4);
    cr_expect(s->call[3].call.merge && s->call[3].life == DG_LIFE_DONE);
    SAYS("nothing is left");
}

Test(standing, another_partition_leaves_the_first_to_rest)
{
    compute_shard(1, 3);
    cr_assert_eq(compute(NULL), DG_OK, "%s", dg_error());
    look();
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
    look();
    cr_expect_eq(s->calls, 1);
}

/* ---- dead or alive ---------------------------------------------------------------------------- */

static dg_call_life life_of(const char *state, const char *host, const char *updated)
{
    write_status("status.json", state, host, updated);
    look();
    return s->call[0].life;
}

Test(standing, silence_is_death_where_no_lock_tells)
{
    char now[32], here[256] = "";
    stop_half_way();
    dg_now(now, sizeof now);
    gethostname(here, sizeof here - 1);
    cr_expect_eq(life_of("running", "elsewhere", now), DG_LIFE_RUNNING);
    cr_expect_eq(s->count[DG_STANDING_RUNNING], 12 - dg_sweep_ended(s));
    SAYS("wait");
    cr_expect_eq(life_of("running", "elsewhere", "2020-01-01T00:00:00Z"), DG_LIFE_DEAD);
    cr_expect_eq(dg_sweep_state_of(s), DG_STANDING_TROUBLE);
    cr_expect_eq(life_of("merging", "elsewhere", now), DG_LIFE_MERGING);
    cr_expect_eq(life_of("running", here, now), DG_LIFE_DEAD, "nobody holds its lock");
    cr_expect_eq(life_of("stopped", here, now), DG_LIFE_STOPPED);
}

Test(standing, who_holds_the_lock_lives)
{
    int lock = -1;
    stop_half_way();
    cr_assert_eq(dg_directory_lock(&lock, folder, (dg_shard){0, 0}), DG_OK);
    cr_expect_eq(life_of("running", "elsewhere", "2020-01-01T00:00:00Z"), DG_LIFE_RUNNING);
    cr_expect_eq(life_of("stopped", "elsewhere", "2020-01-01T00:00:00Z"), DG_LIFE_STARTING);
    unlink(in_folder("status.json"));
    look();
    cr_assert_eq(s->calls, 1);
    cr_expect_eq(s->call[0].life, DG_LIFE_STARTING);
    dg_directory_unlock(lock);
    look();
    cr_expect_eq(s->calls, 0);
}

Test(standing, the_lock_of_another_part_is_not_meant)
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

Test(standing, a_failure_counts_while_its_runs_are_left)
{
    compute_shard(1, 2);
    write_status("status-2-of-2.json", "failed", "elsewhere", "2020-01-01T00:00:00Z");
    look();
    cr_expect_eq(dg_sweep_state_of(s), DG_STANDING_TROUBLE);
    cr_expect_str_eq(s->call[1].report.message, "no space left");
    SAYS("--shard 2/2` goes on");
    cr_assert_eq(compute(NULL), DG_OK, "%s", dg_error());
    look();
    cr_expect_eq(dg_sweep_state_of(s), DG_STANDING_FINISHED, "another call has done its runs");
}

Test(standing, the_dead_come_before_the_unstarted)
{
    compute_shard(1, 4);
    write_status("status-3-of-4.json", "running", "elsewhere", "2020-01-01T00:00:00Z");
    look();
    SAYS("--shard 3/4` goes on; so do 2 other shards");
}

Test(standing, a_call_that_fails_early_tells_what_it_planned)
{
    char command[700];
    stop_half_way();
    /* batches cannot be stored where they belong once it runs: the folder is made unusable at once */
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

/* ---- conditions ------------------------------------------------------------------------------- */

Test(standing, conditions_are_counted_in_the_order_of_the_sweep)
{
    dg_sweep_condition *condition = NULL;
    size_t count = 0;
    char text[64];
    static const char *const value[] = {"none", "act", "all_zero"};
    compute_shard(1, 2);
    look();
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

/* ---- no result yet ---------------------------------------------------------------------------- */

Test(standing, a_result_that_is_not_there_yet_is_told_how_to_get)
{
    dg_results *results = NULL;
    compute_shard(1, 2);
    cr_expect_eq(dg_result_open(&results, folder), DG_ERR_IO);
    cr_expect(strstr(dg_error(), "6 of 12 runs have ended") != NULL, "%s", dg_error());
    cr_expect(strstr(dg_error(), "--partial") != NULL, "%s", dg_error());
    compute_shard(2, 2);
    cr_expect_eq(dg_result_open(&results, folder), DG_ERR_IO);
    cr_expect(strstr(dg_error(), "digico merge") != NULL, "%s", dg_error());
}
