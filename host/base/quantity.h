/** Numbers as text with units. Every function writes at most `size` bytes and returns `text`. */
#ifndef DG_QUANTITY_H
#define DG_QUANTITY_H

#include <stddef.h>

/** A number with three digits and an SI prefix, such as "3.42 M". */
const char *dg_quantity_si(double value, char *text, size_t size);

/** Bytes, such as "812 B" or "3.42 MB" (1 MB = 1,000,000 bytes). */
const char *dg_quantity_bytes(double bytes, char *text, size_t size);

/** A duration: "0:07" (M:S), "1:02:03" (H:M:S), from one day on "2d 03:04"; "?" for NaN. */
const char *dg_quantity_clock(double seconds, char *text, size_t size);

#endif
