/** Characters of texts from elsewhere: names of files, keys, options, words of other programs. */
#ifndef DG_UTF8_H
#define DG_UTF8_H

#include <stddef.h>
#include <stdint.h>

/** Code point of the UTF-8 character at `c` and its number of bytes; -1 and 1 if it is invalid. */
int32_t dg_utf8_decode(const unsigned char *c, int *bytes);

/**
 * Copy a text as one line that a terminal shows as it is: control characters, line separators,
 * marks that change the direction of writing and invalid UTF-8 become \n, \t, \x1b, \u202e.
 *
 * @param to    [size] receives the text, cut between characters where it does not fit; not `text`
 * @return `to`
 */
char *dg_printable(char *to, size_t size, const char *text);

#endif
