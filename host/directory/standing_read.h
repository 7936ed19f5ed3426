/** Reading how a sweep stands. */
#ifndef DG_STANDING_READ_H
#define DG_STANDING_READ_H

#include "host/directory/standing.h"

/**
 * @param check  read every byte of every run; else the structure of files alone
 * @return DG_OK, also with damaged batches and checkpoints; DG_ERR_IO: the directory or its manifest
 *         cannot be read; DG_ERR_ARGUMENT: no sweep there; DG_ERR_UNSUPPORTED: of another model
 *         version; DG_ERR_CONFIG: this program does not read its keys; DG_ERR_MEMORY
 */
DG_MUST_CHECK dg_status dg_standing_read(dg_standing **out, const char *directory, bool check);

#endif
