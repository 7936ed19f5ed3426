/** Signals that request a stop; see stop.h. */
#include "host/cli/stop.h"

#include "host/base/clock.h"
#include "host/cli/outlet.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

/*
 * Batch systems can be configured to send SIGUSR1 before the time limit of a job. SIGXCPU: the soft limit
 * on processor time is met (ulimit -S -t); the hard one kills: see processor_time.h.
 */
static const int stop_signals[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGXCPU};
#define STOP_SIGNALS (sizeof stop_signals / sizeof *stop_signals)

/* two SIGINT within this time count as one: timeout(1) sends it to the program and to its group */
#define REPEAT_SECONDS 1.0

static volatile int stop_requested;
static volatile double requested_at; /* dg_clock() of the first signal */

typedef struct note {
    char text[256];
    size_t length; /* 0: nothing is said */
} note;

static note usual, limit;

/**
 * The first signal requests a stop. A later SIGINT kills: the user at the terminal wants no delay.
 * The other signals may come twice: batch systems send SIGTERM to every process of a job, and the
 * script of the job forwards it. The note is left out where it would wait for its reader.
 */
static void request_stop(int number)
{
    const int saved_errno = errno;
    const bool first = !stop_requested;
    const note *said = number == SIGXCPU ? &limit : &usual;
    if (!first && number == SIGINT && dg_clock() > requested_at + REPEAT_SECONDS) {
        signal(SIGINT, SIG_DFL);
        raise(SIGINT); /* delivered when this handler returns */
    }
    if (first) requested_at = dg_clock();
    stop_requested = 1;
    if (first && said->length > 0)
        (void)dg_outlet_try(dg_outlet_stderr(), said->text, said->length);
    errno = saved_errno;
}

static void make_note(note *out, const char *reason, const char *what, const char *more,
                      const char *cost)
{
    /* the cursor may be in a progress line on the terminal */
    const char *line = isatty(STDERR_FILENO) ? "\n" : "";
    const int length = snprintf(out->text, sizeof out->text, "%sdigico: %s%s%s%s\n", line, reason,
                                what, more, cost);
    out->length = length > 0 && (size_t)length < sizeof out->text ? (size_t)length : 0;
}

void dg_stop_catch(bool quiet, const char *what, const char *cost)
{
    struct sigaction action = {.sa_handler = request_stop, .sa_flags = SA_RESTART};
    if (!quiet) {
        make_note(&usual, "", what, "; Ctrl-C stops at once", cost);
        make_note(&limit, "limit on processor time (ulimit -t): ", what, "", "");
    }
    (void)dg_outlet_stderr(); /* opened before the handler needs it */
    signal(SIGPIPE, SIG_IGN);
    signal(SIGTTOU, SIG_IGN); /* else `stty tostop` halts a background run, deaf to all signals */
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < STOP_SIGNALS; i++) {
        struct sigaction before;
        if (sigaction(stop_signals[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            sigaction(stop_signals[i], &action, NULL);
    }
}

void dg_stop_release(void)
{
    for (size_t i = 0; i < STOP_SIGNALS; i++) {
        struct sigaction now;
        if (sigaction(stop_signals[i], NULL, &now) == 0 && now.sa_handler == request_stop)
            signal(stop_signals[i], SIG_DFL);
    }
}

const volatile int *dg_stop_flag(void)
{
    return &stop_requested;
}

void dg_stop_request(void)
{
    stop_requested = 1;
}
