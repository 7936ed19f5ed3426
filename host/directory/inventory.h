/**
 * The runs in a result directory: finished ones in batches, unfinished ones in checkpoints.
 *
 * Every file is opened and every damage reported; intact runs of damaged files are listed. Runs
 * whose head cannot be true (run_head.h) are damage, too. Contents are checked only in the files that the caller asks for: of the other shards' files only the heads
 * of runs are read.
 */
#ifndef DG_INVENTORY_H
#define DG_INVENTORY_H

#include "host/base/files.h"
#include "host/archive/run_archive.h"

#define DG_BATCH_FOLDER      "batches"
#define DG_BATCH_ENDING      ".batch"
#define DG_CHECKPOINT_FOLDER "checkpoints"
#define DG_CHECKPOINT_ENDING ".checkpoint"

/** A batch or checkpoint that could be opened. */
typedef struct dg_inventory_file {
    dg_archive *archive;
    bool checked; /* every byte was read and checked */
    bool damaged; /* damage was found somewhere in it */
} dg_inventory_file;

typedef struct dg_inventory {
    dg_inventory_file *file; /* [files] batches first, then checkpoints */
    size_t files, batches;
    dg_names unreadable;    /* paths of files without a valid archive header */
    dg_run_place *finished; /* [finished_count] runs in batches, sorted by fingerprint */
    size_t finished_count;
    dg_run_place *begun; /* [begun_count] runs in checkpoints, sorted by fingerprint, then by
                            generations, most first */
    size_t begun_count;
    size_t damages; /* lines reported, of damage and of files that cannot be read */
} dg_inventory;

/** What to read and check. */
typedef struct dg_inventory_request {
    const char *directory;
    const dg_fingerprint *check; /* [check_count] sorted: files with any of these runs are checked
                                    byte by byte, and so are damaged files */
    size_t check_count;          /* 0: no contents are checked */
    void (*report)(void *user, const char *line); /* called for each damage found; may be NULL */
    void *user;
    const dg_experiment *experiment; /* whose runs' heads are checked; may be NULL */
    const dg_fingerprint *id;        /* [experiment->runs] of its runs; NULL without it */
    /* called for what the system does not let be read, which then is left out; NULL: a file that cannot
       be opened ends the reading, another is damage */
    void (*unreadable)(void *user, const char *line);
    const volatile int *stop; /* once *stop is not 0, no further file is checked; may be NULL */
} dg_inventory_request;

/**
 * Read the folders of batches and checkpoints.
 *
 * @param out  receives the inventory; the caller frees it with dg_inventory_free()
 * @return DG_OK, also if files are damaged; DG_ERR_IO: a folder or file cannot be opened;
 *         DG_ERR_ARGUMENT: of another model version; DG_ERR_UNSUPPORTED: of another format version;
 *         DG_ERR_MEMORY; DG_ERR_STOPPED
 */
DG_MUST_CHECK dg_status dg_inventory_make(dg_inventory *out, const dg_inventory_request *request);

/** Free the contents; accepts a zeroed inventory. */
void dg_inventory_free(dg_inventory *inventory);

/** Where the places of a run begin in a list sorted by fingerprint, or would begin. */
const dg_run_place *dg_run_place_first(const dg_run_place *place, size_t count,
                                       const dg_fingerprint *run);

/** Where a run is stored in a batch; NULL: in none. */
const dg_run_place *dg_inventory_finished(const dg_inventory *inventory, const dg_fingerprint *run);

/** Has this checkpoint a run that is in no batch? */
bool dg_inventory_needs(const dg_inventory *inventory, const dg_archive *checkpoint);

/** Where a run with the most generations is stored in a checkpoint; NULL: in none. */
const dg_run_place *dg_inventory_begun(const dg_inventory *inventory, const dg_fingerprint *run);

#endif
