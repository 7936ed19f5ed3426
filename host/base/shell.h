/** Quoting for a shell: texts in scripts, and names in commands that a message suggests. */
#ifndef DG_SHELL_H
#define DG_SHELL_H

#include <stdio.h>

/** Write a text in single quotes, in which a shell treats only the closing quote specially. */
void dg_shell_quote(FILE *out, const char *text);

/**
 * A path as a user may paste it behind a command: as it is where a shell takes it so, else quoted
 * on one line, a line feed as `$'\n'`; "./" before a dash, which would begin an option.
 *
 * @return the text, freed by the caller; NULL: no memory
 */
char *dg_shell_path(const char *path);

/** The same for an argument that is no path, such as "key=value". */
char *dg_shell_word(const char *text);

#endif
