/**
 * What messages and logs are written to. It may be a pipe, a terminal or a FIFO that nobody reads at the
 * moment: no line waits for its reader. What is not taken is kept, in memory, and written later.
 */
#ifndef DG_OUTLET_H
#define DG_OUTLET_H

#include <stdbool.h>
#include <stddef.h>

typedef struct dg_outlet {
    int file; /* -1: none */
    /* bytes written at once, each time after poll(), where writing to `file` may wait; 0: it never waits */
    size_t piece;
    char *kept; /* [length] what has not been taken yet; owned */
    size_t length;
    bool given_up; /* a stop was requested, and nobody read: no line is waited for again */
} dg_outlet;

/**
 * The one of stderr, opened with the first call, which no second thread may make at the same time. The flags of
 * stderr itself stay as they are: other programs have it, too.
 */
dg_outlet *dg_outlet_stderr(void);

/**
 * Write as much as is taken at once, past what is kept; returns how many bytes that is. If not all, errno says why.
 * Signal handlers may call it.
 */
size_t dg_outlet_try(const dg_outlet *outlet, const char *text, size_t length);

/** Write what is kept, as far as it is taken. False: it cannot be written (errno) and is lost. */
bool dg_outlet_flush(dg_outlet *outlet);

/** Write a text after what is kept; what is not taken is kept. False: it cannot be written (errno). */
bool dg_outlet_put(dg_outlet *outlet, const char *text, size_t length);

/** Write a text that is of no use later: dropped while others are kept. */
void dg_outlet_offer(dg_outlet *outlet, const char *text, size_t length);

/**
 * Wait until all that is kept is taken; once *stop is not 0, for a second. False: it could not be written
 * (errno; EAGAIN: nobody read it) and is lost.
 */
bool dg_outlet_drain(dg_outlet *outlet, const volatile int *stop);

#endif
