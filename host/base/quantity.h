/** Numbers as people read them; every function writes at most `size` bytes and returns `text`. */
#ifndef DG_QUANTITY_H
#define DG_QUANTITY_H

#include <stddef.h>
#include <stdint.h>

/** With an SI prefix, "3.42 M". */
const char *dg_quantity_si(double value, char *text, size_t size);

/** "812 B", "3.42 MB". */
const char *dg_quantity_bytes(int64_t bytes, char *text, size_t size);

/** "0:07", "1:02:03", from a day on "2d 03:04"; "?" for NaN. */
const char *dg_quantity_clock(double seconds, char *text, size_t size);

#endif
