#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* syscall() */
#endif
/**
 * host/directory/standing_result.c, inventory.c: what stands in place of a result, and what cannot be read.
 *
 * This program has a pread() of its own, which fails where a disk would.
 */
#include "host/directory/standing_read.h"

#include "host/store/store.h"
#include "tests/support/folders.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *failing; /* what the names of files end in whose bytes the disk does not give */

ssize_t pread(int file, void *bytes, size_t count, off_t offset)
{
    char link[64], path[600] = "";
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    const ssize_t length = readlink(link, path, sizeof path - 1);
    const size_t end = failing ? strlen(failing) : 0;
    if (failing && length > (ssize_t)end && strcmp(path + length - end, failing) == 0) {
        errno = EIO;
        return -1;
    }
    return (ssize_t)syscall(SYS_pread64, file, bytes, count, offset);
}

static const char two[] = "agents: 9\nsteps: 3\ngenerations: 3\nniche: {points: 50}\n"
                          "sweep: {product: {seed: [1, 2]}}\n";
static char *folder;
static dg_standing *s;

static void set_up(void)
{
    folder = folder_unbroken(two);
}

static void tear_down(void)
{
    failing = NULL;
    dg_standing_free(&s);
    records_remove(folder);
}

TestSuite(standing_result, .init = set_up, .fini = tear_down, .timeout = 60);

static void look(bool check)
{
    dg_standing_free(&s);
    cr_assert_eq(dg_standing_read(&s, folder, check), DG_OK, "%s", dg_error());
}

static void expect_next(const char *part)
{
    char *next = dg_sweep_next(s);
    cr_expect(next && strstr(next, part), "no `%s' in: %s", part, next);
    free(next);
}

/** One line that begins with the path and has this cause, of damage or of what cannot be read. */
static void expect_line(const dg_names *in, const char *path, const char *cause)
{
    const dg_names *other = in == &s->damages ? &s->unreadable : &s->damages;
    cr_assert_eq(in->count, 1, "%zu lines: %s", in->count, cause);
    cr_expect(strncmp(in->name[0], path, strlen(path)) == 0 && strstr(in->name[0], cause), "%s",
              in->name[0]);
    cr_expect_eq(other->count, 0, "%s", other->count ? other->name[0] : "");
    cr_expect_eq(dg_sweep_state_of(s), DG_STANDING_TROUBLE);
}

static void put_odd(int k, const char *path)
{
    if (k == 0) file_put(path, "", 0);
    if (k == 1) file_put(path, "a text of some words", 20);
    if (k == 2) cr_assert_eq(mkdir(path, 0777), 0);
    if (k == 3) cr_assert_eq(mkfifo(path, 0666), 0);
}

Test(standing_result, what_is_no_result_is_named)
{
    static const char *const cause[] = {"of 0 bytes", "no netCDF-4 file", "a directory, expected",
                                        "a FIFO, expected"};
    const char *path = folder_result(folder);
    for (int k = 0; k < 8; k++) {
        cr_assert_eq(remove(path), 0);
        put_odd(k % 4, path);
        look(k >= 4);
        cr_expect_eq(s->result, DG_STANDING_DAMAGED_RESULT);
        expect_line(&s->damages, path, cause[k % 4]);
        expect_next("run `digico merge ");
    }
    cr_assert_eq(dg_experiment_merge(folder, 0, NULL, NULL), DG_OK, "%s", dg_error());
    look(false);
    cr_expect_eq(s->result, DG_STANDING_RESULT);
    cr_expect_eq(s->damages.count, 0);
}

/** The result of another experiment, beside the record of ours. */
Test(standing_result, another_file_is_named_without_a_check)
{
    size_t length;
    char *other = folder_unbroken("agents: 9\nsteps: 3\ngenerations: 2\nniche: {points: 50}\n"
                                  "sweep: {product: {seed: [1, 2]}}\n");
    char *bytes = file_bytes(folder_result(other), &length);
    file_put(folder_result(folder), bytes, length);
    look(false);
    cr_expect_eq(s->result, DG_STANDING_DAMAGED_RESULT);
    expect_line(&s->damages, folder_result(folder), "damaged or replaced");
    free(bytes);
    records_remove(other);
}

Test(standing_result, what_a_disk_does_not_give_is_not_damaged)
{
    failing = DG_RESULT_NAME;
    for (int check = 0; check < 2; check++) {
        look(check);
        cr_expect_eq(s->result, DG_STANDING_UNREADABLE_RESULT);
        expect_line(&s->unreadable, folder_result(folder), "cannot read: Input/output error");
    }
    failing = ".batch";
    for (int check = 0; check < 2; check++) {
        look(check);
        expect_line(&s->unreadable, folder_file(folder, DG_BATCH_FOLDER, 0),
                    "cannot read: Input/output error");
    }
}

Test(standing_result, a_link_in_a_loop_cannot_be_read)
{
    const char *path = folder_result(folder);
    cr_assert_eq(unlink(path), 0);
    cr_assert_eq(symlink(DG_RESULT_NAME, path), 0);
    look(false);
    cr_expect_eq(s->result, DG_STANDING_UNREADABLE_RESULT);
    expect_line(&s->unreadable, path, "Too many levels of symbolic links");
    expect_next("no command continues this as it is: ");
    path = folder_file(folder, DG_BATCH_FOLDER, 0);
    cr_assert_eq(unlink(folder_result(folder)), 0);
    cr_assert_eq(unlink(path), 0);
    cr_assert_eq(symlink(strrchr(path, '/') + 1, path), 0);
    look(false);
    expect_line(&s->unreadable, path, "Too many levels of symbolic links");
}

/** Look as a user whom the mode of a file of another keeps from reading it. */
static void look_without_rights(const char *path, bool check)
{
    const bool root = geteuid() == 0;
    struct stat info;
    cr_assert_eq(stat(path, &info), 0);
    cr_assert_eq(chmod(folder, 0755), 0);
    cr_assert_eq(chmod(path, 0), 0);
    if (root) cr_assert_eq(seteuid(65534), 0);
    look(check);
    if (root) cr_assert_eq(seteuid(0), 0);
    cr_assert_eq(chmod(path, info.st_mode), 0);
}

Test(standing_result, what_may_not_be_read_is_not_damaged)
{
    const char *const path[] = {folder_file(folder, DG_BATCH_FOLDER, 0),
                                folder_path(folder, DG_BATCH_FOLDER),
                                folder_path(folder, "status.json"), folder_result(folder),
                                folder_path(folder, DG_PROVENANCE_NAME)};
    for (int k = 0; k < 10; k++) {
        look_without_rights(path[k / 2], k % 2);
        expect_line(&s->unreadable, path[k / 2], "Permission denied");
        cr_expect_eq(s->result == DG_STANDING_UNREADABLE_RESULT, k / 2 >= 3);
    }
}
