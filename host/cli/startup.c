/** What the program needs of its surroundings; see startup.h. */
#include "host/cli/startup.h"

#include "host/cli/command.h"
#include "host/cli/outlet.h"
#include "host/cli/stop.h"
#include "host/machine/threads.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- descriptors ----------------------------------------------------------------------------- */

bool dg_startup_descriptors(void)
{
    /* opened the other way round, so that to read the input or to write the output still fails */
    static const int flags[] = {O_WRONLY, O_RDONLY, O_RDWR};
    for (int file = 0; file <= STDERR_FILENO; file++) {
        if (fcntl(file, F_GETFD) >= 0 || open("/dev/null", flags[file]) == file) continue;
        dg_command_say("/dev/null: cannot open: %s", strerror(errno));
        return false;
    }
    return true;
}

/* ---- output ---------------------------------------------------------------------------------- */

/** It was said before if a command has flushed its output; --help and --version end in the library. */
static void end_output(void)
{
    const bool written = dg_command_flush() == DG_EXIT_OK;
    (void)dg_outlet_drain(dg_outlet_stderr(), dg_stop_flag());
    if (!written) _exit(DG_EXIT_FAILURE);
}

void dg_startup_output(void)
{
    /* a write beyond the limit on file sizes (ulimit -f) fails, as on a full disk, with a message */
    signal(SIGXFSZ, SIG_IGN);
    (void)atexit(end_output);
}

/* ---- stacks ---------------------------------------------------------------------------------- */

bool dg_startup_stacks(void)
{
    const size_t first = dg_threads_first_stack(), each = dg_threads_stack();
    const int least = (int)(DG_STACK_LEAST >> 10);
    if (first < DG_STACK_LEAST) {
        dg_command_say("stacks may have %d KiB here (ulimit -s), expected at least %d",
                       (int)(first >> 10), least);
        return false;
    }
    if (each >= DG_STACK_LEAST) return true;
    dg_command_say("threads have stacks of %d KiB (OMP_STACKSIZE), expected at least %d",
                   (int)(each >> 10), least);
    return false;
}
