/**
 * What a result directory holds: finished runs in batches, runs under way in checkpoints.
 *
 * Every file is looked at and every damage told; what is not damaged is used. Files of runs that the
 * caller does not own (another shard's) are not read beyond their heads.
 */
#ifndef DG_INVENTORY_H
#define DG_INVENTORY_H

#include "host/base/files.h"
#include "host/directory/run_archive.h"

#define DG_BATCH_FOLDER      "batches"
#define DG_BATCH_ENDING      ".batch"
#define DG_CHECKPOINT_FOLDER "checkpoints"
#define DG_CHECKPOINT_ENDING ".checkpoint"

/** One file. */
typedef struct dg_held {
    dg_archive *archive;
    bool checked; /* every byte of it was read */
    bool hurt;    /* damaged somewhere */
} dg_held;

typedef struct dg_inventory {
    dg_held *held; /* [files] batches first */
    size_t files, batches;
    dg_names lost;          /* paths of files that not even begin as an archive */
    dg_run_place *finished; /* [finished_count] by fingerprint */
    size_t finished_count;
    dg_run_place *begun; /* [begun_count] by fingerprint, the furthest first */
    size_t begun_count;
    size_t damages;
} dg_inventory;

/** What to look at, and whom to tell. */
typedef struct dg_inventory_request {
    const char *directory;
    const dg_fingerprint *
        own; /* [owned], sorted: every byte of files with one of them is checked, and of damaged ones */
    size_t owned;
    void (*tell)(void *user, const char *line); /* of each damage; may be NULL */
    void *user;
} dg_inventory_request;

/** DG_OK also where files are damaged; DG_ERR_IO: a folder or file cannot be opened; DG_ERR_MEMORY. */
DG_MUST_CHECK dg_status dg_inventory_make(dg_inventory *out, const dg_inventory_request *request);

/** Accepts a zeroed inventory. */
void dg_inventory_free(dg_inventory *inventory);

/** Where a finished run lies, NULL: it is not finished. */
const dg_run_place *dg_inventory_finished(const dg_inventory *inventory, const dg_fingerprint *run);

/** The furthest state of a run that has not ended, or where it ended; NULL: none. */
const dg_run_place *dg_inventory_begun(const dg_inventory *inventory, const dg_fingerprint *run);

#endif
