/** Whose is the result that stands in a directory? It is not replaced if nothing can write it again. */
#ifndef DG_OWNER_H
#define DG_OWNER_H

#include "host/directory/session.h"

struct dg_results;

/** Appended to the name of a result of another experiment that a new one replaces. */
#define DG_REPLACED ".replaced"

typedef enum dg_owner {
    DG_OWNER_OURS,       /* the experiment has each of its runs */
    DG_OWNER_OTHER,      /* it has a run of another experiment */
    DG_OWNER_DAMAGED,    /* it cannot be read, or its hash is not the recorded one */
    DG_OWNER_UNRECORDED, /* no hash is recorded: nothing vouches for it, and it was not opened */
    DG_OWNER_NONE        /* there is no results.nc */
} dg_owner;

/**
 * Find out whose results.nc is.
 *
 * @param id  [runs] fingerprints of the experiment's runs
 * @return DG_OK; DG_ERR_IO: it or provenance.json cannot be opened now; DG_ERR_MEMORY
 */
DG_MUST_CHECK dg_status dg_owner_find(dg_owner *out, const char *directory,
                                      const dg_experiment *experiment, const dg_fingerprint *id);

/** *other: has an open result a run that the experiment does not have? DG_OK or DG_ERR_MEMORY. */
DG_MUST_CHECK dg_status dg_owner_has_others(bool *other, const struct dg_results *results,
                                            const dg_experiment *experiment,
                                            const dg_fingerprint *id);

/**
 * DG_ERR_ARGUMENT with "directory/results.nc: of another experiment than manifest.digico ...", the
 * message for DG_OWNER_OTHER where a result is read.
 */
DG_MUST_CHECK dg_status dg_owner_refuse(const char *directory);

/**
 * Refuse to compute where that would replace a result that nothing here can make again: results.nc
 * is not surely one of this experiment, and no batch has a run of this one; or it cannot be told.
 *
 * @return DG_OK, DG_ERR_ARGUMENT; DG_ERR_IO: as dg_owner_find(); DG_ERR_MEMORY
 */
DG_MUST_CHECK dg_status dg_owner_check(const dg_session *session);

/**
 * Before results.nc is replaced: if it is damaged, has runs of another experiment, or its hash is not
 * recorded, rename it to results.nc.replaced, or a name with a number that no file has.
 *
 * @param written  hash of the new file: equal bytes are not kept
 * @param options  warn, log and user are used; may be NULL
 */
DG_MUST_CHECK dg_status dg_owner_keep_other(const dg_session *session, uint64_t written,
                                            const dg_options *options);

#endif
