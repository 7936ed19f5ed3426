/** What messages and logs are written to; see outlet.h. */
#include "host/cli/outlet.h"

#include "kernels/backend.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* between two looks whether the call is to stop, and how many are made after that */
#define WAIT_MILLISECONDS 100
#define WAITS_AFTER_STOP  10

/* ---- opening --------------------------------------------------------------------------------- */

/**
 * O_NONBLOCK belongs to what was opened, which the shell and other programs share: so a pipe or a terminal is
 * opened once more. Without permission to, as after su(1), or without /proc, it is written to in pieces that find
 * room once poll() says so: in a pipe PIPE_BUF bytes, on a terminal as little as one.
 */
static void open_again(dg_outlet *outlet, int file)
{
    char name[32];
    struct stat info;
    outlet->file = file;
    /* writing to a regular file waits for no reader, and to a socket need not wait */
    if (fstat(file, &info) != 0 || !(S_ISFIFO(info.st_mode) || S_ISCHR(info.st_mode))) return;
    snprintf(name, sizeof name, "/proc/self/fd/%d", file);
    const int again = open(name, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (again >= 0)
        outlet->file = again;
    else
        outlet->piece = S_ISFIFO(info.st_mode) ? PIPE_BUF : 1;
}

dg_outlet *dg_outlet_stderr(void)
{
    static dg_outlet outlet = {.file = -1};
    if (outlet.file < 0) open_again(&outlet, STDERR_FILENO);
    return &outlet;
}

/* ---- writing --------------------------------------------------------------------------------- */

static ssize_t write_once(const dg_outlet *outlet, const char *text, size_t length)
{
    const ssize_t sent = send(outlet->file, text, length, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0 || errno != ENOTSOCK) return sent;
    if (outlet->piece > 0) {
        struct pollfd one = {.fd = outlet->file, .events = POLLOUT};
        const int ready = poll(&one, 1, 0);
        if (ready == 0) errno = EAGAIN;
        if (ready <= 0) return -1;
        if (length > outlet->piece) length = outlet->piece;
    }
    return write(outlet->file, text, length);
}

size_t dg_outlet_try(const dg_outlet *outlet, const char *text, size_t length)
{
    size_t done = 0;
    while (done < length) {
        const ssize_t written = write_once(outlet, text + done, length - done);
        if (written < 0 && errno != EINTR) break;
        if (written > 0) done += (size_t)written;
    }
    return done;
}

static bool keep(dg_outlet *outlet, const char *text, size_t length)
{
    char *grown = realloc(outlet->kept, outlet->length + length);
    if (grown == NULL) return false;
    memcpy(grown + outlet->length, text, length);
    outlet->kept = grown;
    outlet->length += length;
    return true;
}

bool dg_outlet_flush(dg_outlet *outlet)
{
    if (outlet->length == 0) return true;
    const size_t done = dg_outlet_try(outlet, outlet->kept, outlet->length);
    const bool taken = done == outlet->length || errno == EAGAIN;
    outlet->length = taken ? outlet->length - done : 0;
    memmove(outlet->kept, outlet->kept + done, outlet->length);
    return taken;
}

bool dg_outlet_put(dg_outlet *outlet, const char *text, size_t length)
{
    if (!dg_outlet_flush(outlet)) return false;
    const size_t done = outlet->length > 0 ? 0 : dg_outlet_try(outlet, text, length);
    if (done == length) return true;
    if (outlet->length == 0 && errno != EAGAIN) return false;
    return keep(outlet, text + done, length - done);
}

/* the rest of what is taken in part is kept: terminals wait for the end of a sequence */
void dg_outlet_offer(dg_outlet *outlet, const char *text, size_t length)
{
    if (dg_outlet_flush(outlet) && outlet->length == 0) (void)dg_outlet_put(outlet, text, length);
}

bool dg_outlet_drain(dg_outlet *outlet, const volatile int *stop)
{
    int waits = outlet->given_up ? 0 : WAITS_AFTER_STOP;
    struct pollfd one = {.fd = outlet->file, .events = POLLOUT};
    for (;;) {
        if (!dg_outlet_flush(outlet)) return false;
        if (outlet->length == 0) return true;
        if (dg_flag_set(stop) && waits-- == 0) break;
        (void)poll(&one, 1, WAIT_MILLISECONDS);
    }
    outlet->given_up = true;
    outlet->length = 0;
    errno = EAGAIN;
    return false;
}
