/** host/directory/lock.c: which locks exclude each other. */
#include "host/directory/lock.h"

#include "tests/support/folders.h"
#include "host/base/error.h"

#include <criterion/criterion.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char *folder;
static const dg_shard all = {0, 0};

static void set_up(void)
{
    folder = records_folder();
}

static void tear_down(void)
{
    records_remove(folder);
}

TestSuite(directory_lock, .init = set_up, .fini = tear_down);

static int lock_of(dg_shard shard)
{
    int lock = -7;
    cr_assert_eq(dg_directory_lock(&lock, folder, shard), DG_OK, "%s", dg_error());
    cr_assert_geq(lock, 0);
    return lock;
}

static void expect_kept_out(dg_shard shard)
{
    int lock = -7;
    cr_expect_eq(dg_directory_lock(&lock, folder, shard), DG_ERR_IO, "shard %d/%d", shard.index,
                 shard.count);
    cr_expect_eq(lock, -7, "unchanged");
    cr_expect(strstr(dg_error(), folder) && strstr(dg_error(), "another"), "%s", dg_error());
}

Test(directory_lock, excludes_another_of_the_same_process)
{
    cr_expect_eq(dg_directory_locked(folder, all), DG_LOCK_UNKNOWN);
    const int lock = lock_of(all);
    cr_expect_eq(dg_directory_locked(folder, all), DG_LOCK_HELD);
    expect_kept_out(all);
    dg_directory_unlock(lock);
    cr_expect_eq(dg_directory_locked(folder, all), DG_LOCK_FREE);
    dg_directory_unlock(lock_of(all));
    dg_directory_unlock(-1);
}

/** A shard of n excludes the same shard and a call of all runs, but no other shard of n. */
Test(directory_lock, of_a_shard_excludes_no_other_shard)
{
    static const int32_t counts[] = {1, 2, 3, 7, 1000, 1000000};
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        const int32_t n = counts[c], some = n < 7 ? n : 7;
        int lock[7];
        for (int32_t i = 0; i < some; i++) {
            lock[i] = lock_of((dg_shard){i + 1, n});
            expect_kept_out((dg_shard){i + 1, n});
        }
        expect_kept_out(all);
        for (int32_t i = 0; i < some; i++) {
            cr_expect_eq(dg_directory_locked(folder, (dg_shard){i + 1, n}), DG_LOCK_HELD);
            dg_directory_unlock(lock[i]);
            cr_expect_eq(dg_directory_locked(folder, (dg_shard){i + 1, n}), DG_LOCK_FREE);
        }
        dg_directory_unlock(lock_of((dg_shard){n, n}));
    }
}

Test(directory_lock, of_all_runs_excludes_every_shard)
{
    const int lock = lock_of(all);
    for (int32_t n = 1; n < 9; n++)
        for (int32_t i = 1; i <= n; i++) expect_kept_out((dg_shard){i, n});
    dg_directory_unlock(lock);
}

Test(directory_lock, of_other_numbers_of_shards_excludes_overlapping_parts)
{
    /* thirds and halves: the first half overlaps the first and the middle third */
    const int lock = lock_of((dg_shard){1, 2});
    expect_kept_out((dg_shard){1, 3});
    expect_kept_out((dg_shard){2, 3});
    dg_directory_unlock(lock_of((dg_shard){3, 3}));
    dg_directory_unlock(lock);
}

/** Start a process that holds a lock until *let_go is closed; returns once it has the lock. */
static pid_t lock_elsewhere(dg_shard shard, int *let_go)
{
    int ready[2], go[2];
    char byte = 0;
    cr_assert(pipe(ready) == 0 && pipe(go) == 0);
    const pid_t child = fork();
    if (child == 0) {
        int lock;
        close(go[1]);
        const bool locked = dg_directory_lock(&lock, folder, shard) == DG_OK;
        if (write(ready[1], locked ? "1" : "0", 1) != 1) _exit(2);
        while (read(go[0], &byte, 1) < 0) {
        }
        _exit(0); /* without unlocking */
    }
    close(ready[1]);
    close(go[0]);
    cr_assert_eq(read(ready[0], &byte, 1), 1);
    cr_assert_eq(byte, '1');
    close(ready[0]);
    *let_go = go[1];
    return child;
}

Test(directory_lock, is_released_when_the_process_ends, .timeout = 20)
{
    for (int killed = 0; killed < 2; killed++) {
        int let_go, status;
        const pid_t child = lock_elsewhere((dg_shard){2, 3}, &let_go);
        expect_kept_out(all);
        expect_kept_out((dg_shard){2, 3});
        cr_expect_eq(dg_directory_locked(folder, (dg_shard){2, 3}), DG_LOCK_HELD);
        cr_expect_eq(dg_directory_locked(folder, (dg_shard){1, 3}), DG_LOCK_FREE);
        dg_directory_unlock(lock_of((dg_shard){3, 3}));
        if (killed) kill(child, SIGKILL);
        close(let_go);
        cr_assert_eq(waitpid(child, &status, 0), child);
        cr_expect_eq(dg_directory_locked(folder, all), DG_LOCK_FREE);
        dg_directory_unlock(lock_of(all));
    }
}

/** A lock belongs to the open file, not to the process: closing another descriptor keeps it. */
Test(directory_lock, survives_closing_another_descriptor_of_the_file)
{
    const int lock = lock_of(all);
    cr_expect_eq(dg_directory_locked(folder, all), DG_LOCK_HELD, "opens and closes the file");
    expect_kept_out(all); /* does so, too */
    cr_expect_eq(dg_directory_locked(folder, all), DG_LOCK_HELD);
    dg_directory_unlock(lock);
}

Test(directory_lock, needs_an_existing_directory)
{
    int lock = -7;
    cr_expect_eq(dg_directory_lock(&lock, folder_path(folder, "absent"), all), DG_ERR_IO);
    cr_expect(strstr(dg_error(), "absent") != NULL, "%s", dg_error());
    cr_expect_eq(lock, -7);
    cr_expect_eq(dg_directory_locked(folder_path(folder, "absent"), all), DG_LOCK_UNKNOWN);
}

/* ---- another directory of the same name ------------------------------------------------------ */

Test(directory_lock, belongs_to_the_directory_and_not_to_its_name)
{
    char moved[700], command[1500];
    const int lock = lock_of(all);
    cr_expect(dg_directory_is_locked_by(lock, folder));
    cr_expect_eq(dg_directory_check_lock(lock, folder), DG_OK);
    snprintf(moved, sizeof moved, "%s-moved", folder);
    cr_assert_eq(rename(folder, moved), 0);
    cr_expect_not(dg_directory_is_locked_by(lock, folder), "there is no such directory");
    cr_expect(dg_directory_is_locked_by(lock, moved));
    cr_assert_eq(mkdir(folder, 0777), 0);
    cr_expect_not(dg_directory_is_locked_by(lock, folder), "a new one without a lock");
    const int other = lock_of(all);
    cr_expect_not(dg_directory_is_locked_by(lock, folder), "a new one, locked by another call");
    cr_expect(dg_directory_is_locked_by(other, folder));
    cr_expect_eq(dg_directory_check_lock(lock, folder), DG_ERR_IO);
    cr_expect(strstr(dg_error(), folder) && strstr(dg_error(), "moved"), "%s", dg_error());
    dg_directory_unlock(lock);
    dg_directory_unlock(other);
    snprintf(command, sizeof command, "rm -rf %s", moved);
    cr_assert_eq(system(command), 0);
}
