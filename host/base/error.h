/**
 * How a failure travels: the failing place writes one line for its thread and returns the code;
 * callers pass the code on; only main.c prints.
 */
#ifndef DG_ERROR_H
#define DG_ERROR_H

#include "digico/digico.h"

/** Keep a line for dg_error() and return `status`. */
DG_MUST_CHECK dg_status dg_fail(dg_status status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#ifdef __clang_analyzer__
/* the analyser sees one file at a time: tell it that what was handed in comes back */
#define dg_fail(status, ...) ((void)(dg_fail)(status, __VA_ARGS__), (status))
#endif

#define DG_TRY(call)                                                                               \
    do {                                                                                           \
        const dg_status dg_try_ = (call);                                                          \
        if (dg_try_ != DG_OK) return dg_try_;                                                      \
    } while (0)

/** As DG_TRY, leaving through a label that frees what exists; `status` is declared before. */
#define DG_TRY_GOTO(call, label)                                                                   \
    do {                                                                                           \
        status = (call);                                                                           \
        if (status != DG_OK) goto label;                                                           \
    } while (0)

#endif
