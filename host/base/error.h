/**
 * Error handling: the function that fails stores a message of one line for its thread and returns
 * a status; callers return that status; only host/cli prints the message.
 */
#ifndef DG_ERROR_H
#define DG_ERROR_H

#include "digico/digico.h"

/**
 * Store a message for dg_error() and return `status`. It becomes one printable line whatever names
 * it contains (dg_printable()), cut at 1023 bytes.
 */
DG_MUST_CHECK dg_status dg_fail(dg_status status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** DG_ERR_MEMORY where the system has no memory or file descriptors left, else DG_ERR_IO. */
dg_status dg_status_of_errno(int reason);

/** strerror(), with the name of the limit that was met if it is one on open files or on their size. */
const char *dg_errno_text(int reason);

/**
 * Which limit keeps this process from starting others or threads, for a message: the one of its user, or, where
 * there is none or it does not bind (root), those of the machine.
 */
const char *dg_limit_on_processes(void);

/** Fail with dg_status_of_errno() and the message "path: what: text of errno". */
DG_MUST_CHECK dg_status dg_fail_errno(const char *path, const char *what);

/**
 * The errno of the last message, 0 if it was not one of dg_fail_errno(): what the system does not let be read
 * may be intact, what was read and is wrong is damaged.
 */
int dg_error_reason(void);

#ifdef __clang_analyzer__
/* clang's analyser reads one file at a time: show it that dg_fail() returns its first argument */
#define dg_fail(status, ...) ((void)(dg_fail)(status, __VA_ARGS__), (status))
#endif

/** Evaluate a call; if it fails, return its status from the calling function. */
#define DG_TRY(call)                                                                               \
    do {                                                                                           \
        const dg_status dg_try_ = (call);                                                          \
        if (dg_try_ != DG_OK) return dg_try_;                                                      \
    } while (0)

/** Like DG_TRY, but jumps to a label that frees resources; needs a variable `status`. */
#define DG_TRY_GOTO(call, label)                                                                   \
    do {                                                                                           \
        status = (call);                                                                           \
        if (status != DG_OK) goto label;                                                           \
    } while (0)

#endif
