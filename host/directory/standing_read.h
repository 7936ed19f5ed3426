/** Reading the state of a sweep. */
#ifndef DG_STANDING_READ_H
#define DG_STANDING_READ_H

#include "host/directory/standing.h"

/**
 * Read the state of the sweep in a directory.
 *
 * @param out    receives it; the caller frees it with dg_standing_free()
 * @param check  true: check every byte of every run and of the result; false: only the structure of the files
 * @return DG_OK, also with damaged batches and checkpoints; DG_ERR_IO: the directory or its
 *         manifest cannot be read; DG_ERR_ARGUMENT: there is no sweep, or one of another model
 *         version; DG_ERR_CONFIG: the manifest has a key or value that this program does not
 *         accept; DG_ERR_MEMORY
 */
DG_MUST_CHECK dg_status dg_standing_read(dg_standing **out, const char *directory, bool check);

/**
 * Fill status->result, after the runs; where their batches were removed take their states from it.
 * standing_result.c
 *
 * @param id     [experiment->runs] fingerprints of the runs
 * @param check  as dg_standing_read()
 * @return DG_OK also if it cannot be used, which is noted; DG_ERR_MEMORY
 */
DG_MUST_CHECK dg_status dg_standing_read_result(dg_standing *status, const dg_fingerprint *id,
                                                bool check);

#endif
