/**
 * What this program was built from and on which machine it runs; for provenance.json and
 * `digico info`.
 *
 * The Makefile passes DG_GIT_COMMIT to version.c only, so that a new commit recompiles only this file, and
 * DG_BUILD_FLAGS to build_info.c.
 */
#ifndef DG_BUILD_INFO_H
#define DG_BUILD_INFO_H

#include <stdbool.h>
#include <stddef.h>

/**
 * Git commit. Where no commit has the sources a hash of them follows: "64c7a4ec7f6b-dirty-0c5d8e0f2b1a" if files
 * were modified, "unknown-0c5d8e0f2b1a" outside of a git checkout. "unknown" if the Makefile did not build it.
 * version.c
 */
const char *dg_build_git_commit(void);

/**
 * Are two builds surely of the same sources? Given are their commits, or texts that end in them. Not if no
 * hash follows "unknown" or "-dirty", as in what older builds left.
 */
bool dg_build_is_same(const char *a, const char *b);

/** Name and version of the compiler, such as "gcc 13.2.0". */
const char *dg_build_compiler(void);

/** Compiler flags; "unknown" if the build did not pass them. */
const char *dg_build_flags(void);

/** Write the model name of the CPU, on aarch64 the numbers of maker and part, or "unknown"; returns `text`. */
const char *dg_host_cpu(char *text, size_t size);

/** The same from a file as /proc/cpuinfo. */
const char *dg_host_cpu_in(const char *path, char *text, size_t size);

/** Write operating system, release and architecture ("Linux 6.1.0 x86_64"); returns `text`. */
const char *dg_host_system(char *text, size_t size);

#endif
