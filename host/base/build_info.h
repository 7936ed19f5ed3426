/**
 * What this program was built from and where it runs: provenance of results, `digico info`.
 *
 * The Makefile passes DG_GIT_COMMIT and DG_BUILD_FLAGS to build_info.c alone, so that a new commit
 * recompiles one file.
 */
#ifndef DG_BUILD_INFO_H
#define DG_BUILD_INFO_H

#include <stddef.h>

/** Commit of the source, with "-dirty" where it was changed; "unknown" outside a checkout. */
const char *dg_build_git_commit(void);

/** "gcc 13.2.0" */
const char *dg_build_compiler(void);

/** Flags of the compiler; "unknown" if the build did not say. */
const char *dg_build_flags(void);

/** Model name of the CPU, at most `size` bytes with the terminator; returns `text`. */
const char *dg_host_cpu(char *text, size_t size);

/** Operating system, release and machine: "Linux 6.1.0 x86_64"; returns `text`. */
const char *dg_host_system(char *text, size_t size);

#endif
