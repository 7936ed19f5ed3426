/**
 * Fibers: threads of control that hand over to each other by name, in one operating system thread.
 * Known to AddressSanitizer. Of all fibers and callers one runs at a time (the emulator's lock).
 */
#ifndef DG_FIBER_H
#define DG_FIBER_H

#include <stddef.h>

struct dg_fiber {
    void *place = nullptr; /* where it stopped */
    void *fake = nullptr;  /* AddressSanitizer's frames of it */
    const void *bottom = nullptr;
    size_t bytes = 0;
};

/** Give it a stack; entry starts when first switched to, and may never return. */
void dg_fiber_make(dg_fiber *fiber, void (*entry)(void));

/** Stop here, go on there. `from` describes whoever calls. */
void dg_fiber_switch(dg_fiber *from, dg_fiber *to);

#endif
