/** The two jobs of digico submit: prints, writes and submits their scripts. */
#ifndef DG_SUBMIT_JOBS_H
#define DG_SUBMIT_JOBS_H

#include "host/cli/command.h"
#include "host/slurm/slurm.h"

/** Print the scripts; write and submit nothing. */
dg_exit dg_submit_print_scripts(const dg_slurm *job);

/** Write the scripts, submit them and print the jobs; needs the lock of dg_slurm_lock(). */
dg_exit dg_submit_jobs(const dg_slurm *job, size_t runs);

#endif
