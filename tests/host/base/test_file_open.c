/** host/base/file_open.c: only regular files are opened, at once; new files are new. */
#include "host/base/file_open.h"

#include "tests/support/folders.h"

#include <criterion/criterion.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static char *folder;

static void set_up(void)
{
    folder = records_folder();
}

static void tear_down(void)
{
    records_remove(folder);
}

/* open() of a FIFO waits for ever: the time limit ends a test that hangs */
TestSuite(file_open, .init = set_up, .fini = tear_down, .timeout = 60);

static void make_socket(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const int made = socket(AF_UNIX, SOCK_STREAM, 0);
    cr_assert_lt(strlen(path), sizeof address.sun_path);
    strcpy(address.sun_path, path);
    cr_assert_eq(bind(made, (struct sockaddr *)&address, sizeof address), 0);
    close(made);
}

static void expect_refused(const char *path, const char *part)
{
    static const int flags[] = {O_RDONLY, O_WRONLY | O_APPEND | O_CREAT, O_RDWR | O_CREAT};
    for (size_t k = 0; k < sizeof flags / sizeof *flags; k++) {
        int file = -7;
        cr_expect_eq(dg_file_open(&file, path, flags[k]), DG_ERR_IO, "%s", path);
        cr_expect_eq(file, -7, "unchanged");
        cr_expect(strstr(dg_error(), path) && strstr(dg_error(), part), "%s", dg_error());
        cr_expect_eq(dg_file_try(path, flags[k]), -1);
    }
    cr_expect(dg_file_is_odd(path), "%s", path);
}

Test(file_open, refuses_what_is_no_regular_file_without_waiting)
{
    cr_assert_eq(mkfifo(folder_path(folder, "fifo"), 0666), 0);
    make_socket(folder_path(folder, "socket"));
    expect_refused(folder_path(folder, "fifo"), "a FIFO, expected a regular file");
    expect_refused(folder_path(folder, "socket"), "a socket, expected a regular file");
    expect_refused(folder, "a directory, expected a regular file");
    expect_refused("/dev/null", "a device, expected a regular file");
    cr_assert_eq(symlink("fifo", folder_path(folder, "link")), 0);
    expect_refused(folder_path(folder, "link"), "a FIFO, expected a regular file");
}

Test(file_open, opens_regular_files_also_through_links)
{
    int file = -1;
    char byte = 0;
    file_put(folder_path(folder, "a"), "x", 1);
    cr_assert_eq(symlink("a", folder_path(folder, "link")), 0);
    cr_assert_eq(dg_file_open(&file, folder_path(folder, "link"), O_RDONLY), DG_OK, "%s",
                 dg_error());
    cr_expect_eq(read(file, &byte, 1), 1);
    cr_expect_eq(byte, 'x');
    close(file);
    cr_expect_not(dg_file_is_odd(folder_path(folder, "link")));
    cr_expect_not(dg_file_is_odd(folder_path(folder, "absent")));
    cr_expect_eq(dg_file_open(&file, folder_path(folder, "absent"), O_RDONLY), DG_ERR_IO);
    cr_expect(strstr(dg_error(), "cannot open: No such file"), "%s", dg_error());
}

/** Expect that creating the file "a" leaves `target`, to which a link leads, as it is. */
static void expect_new(const char *target)
{
    int file = -1;
    struct stat info;
    const char *path = folder_path(folder, "a");
    cr_assert_eq(dg_file_create(&file, path, 0666), DG_OK, "%s", dg_error());
    cr_expect_eq(write(file, "new", 3), 3);
    close(file);
    cr_assert_eq(lstat(path, &info), 0);
    cr_expect(S_ISREG(info.st_mode) && info.st_size == 3);
    cr_expect(access(target, F_OK) != 0 || (stat(target, &info) == 0 && info.st_size == 8),
              "%s was written", target);
}

Test(file_open, creates_a_new_file_and_follows_no_link)
{
    const char *target = folder_path(folder, "target"), *path = folder_path(folder, "a");
    file_put(target, "precious", 8);
    expect_new(target);
    cr_assert_eq(unlink(path) || symlink("target", path), 0);
    expect_new(target);
    cr_assert_eq(unlink(path) || link(target, path), 0);
    expect_new(target);
    cr_assert_eq(unlink(path) || symlink("absent", path), 0);
    expect_new(folder_path(folder, "absent"));
    cr_assert_eq(unlink(path) || mkfifo(path, 0666), 0);
    expect_new(target);
}

Test(file_open, creates_nothing_over_a_directory)
{
    int file = -7;
    cr_expect_eq(dg_file_create(&file, folder, 0666), DG_ERR_IO);
    cr_expect_eq(file, -7);
    cr_expect(strstr(dg_error(), folder) != NULL, "%s", dg_error());
}
