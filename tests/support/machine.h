/** A made-up machine: a folder with the files of /proc and /sys that limits are read from. */
#ifndef DG_TEST_MACHINE_H
#define DG_TEST_MACHINE_H

/** Write `text` to "root/path"; folders are made. */
void machine_put(const char *root, const char *path, const char *text);

#endif
