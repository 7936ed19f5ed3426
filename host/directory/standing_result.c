/** The result in the directory of a sweep: is it there, whose is it, and how old; see standing_read.h. */
#include "host/directory/owner.h"
#include "host/directory/recorded.h"
#include "host/directory/standing_read.h"
#include "host/store/results.h"

#include <stdlib.h>
#include <sys/stat.h>

static dg_status no_memory(void)
{
    return dg_fail(DG_ERR_MEMORY, "no memory for the status of a sweep");
}

/* ---- what is wrong with it ------------------------------------------------------------------- */

/** Note dg_error(), why the result cannot be used. */
static dg_status note_unusable(dg_standing *s, dg_status status)
{
    if (status == DG_ERR_MEMORY) return status;
    s->result = DG_STANDING_NO_RESULT;
    if (dg_error_reason() == ENOENT) return DG_OK; /* a call that replaces it has removed it */
    s->result = dg_error_reason() != 0 ? DG_STANDING_UNREADABLE_RESULT : DG_STANDING_DAMAGED_RESULT;
    return dg_standing_note(s);
}

static dg_status note_other_result(dg_standing *s)
{
    s->result = DG_STANDING_OTHER_RESULT;
    return dg_owner_refuse(s->directory) != DG_OK ? dg_standing_note(s) : DG_OK;
}

static bool is_usable(const dg_standing *s)
{
    return s->result == DG_STANDING_RESULT || s->result == DG_STANDING_OLD_RESULT;
}

/* ---- whose is it, and how old? ---------------------------------------------------------------- */

/** A result that is not recorded as that of the experiment is of a smaller one, or of another. */
static dg_status check_owner(dg_standing *s, const dg_fingerprint *id)
{
    dg_owner owner = DG_OWNER_OURS;
    if (s->result != DG_STANDING_OLD_RESULT || dg_recorded_as_of(s->directory, s->experiment, id))
        return DG_OK;
    const dg_status status = dg_owner_find(&owner, s->directory, s->experiment, id);
    if (status != DG_OK) return note_unusable(s, status);
    return owner == DG_OWNER_OTHER ? note_other_result(s) : DG_OK;
}

/** If all runs of the result have ended, take their states from it: its batches may be removed. */
static dg_status use_result(dg_standing *s, const dg_fingerprint *id)
{
    dg_results *results = NULL;
    bool other = false;
    dg_status status = dg_results_open(&results, s->directory);
    if (status != DG_OK) return note_unusable(s, status);
    if (!dg_recorded_as_of(s->directory, s->experiment, id))
        status = dg_owner_has_others(&other, results, s->experiment, id);
    if (status == DG_OK && other) status = note_other_result(s);
    bool whole = status == DG_OK && !other && results->runs == s->experiment->runs;
    for (size_t r = 0; r < results->runs && whole; r++)
        whole = dg_sweep_run_of(results->status[r]) != DG_STANDING_MISSING;
    for (size_t r = 0; r < results->runs && whole; r++)
        s->run[r] = dg_sweep_run_of(results->status[r]);
    if (whole) {
        if (!s->by_dates) s->result = DG_STANDING_RESULT; /* no run has ended since */
        s->begun = 0;
        s->begun_share = 0;
        s->agent_steps_safe = s->agent_steps;
    }
    dg_results_close(&results);
    return status;
}

static bool is_newer(const struct stat *a, const struct stat *b)
{
    if (a->st_mtim.tv_sec != b->st_mtim.tv_sec) return a->st_mtim.tv_sec > b->st_mtim.tv_sec;
    return a->st_mtim.tv_nsec > b->st_mtim.tv_nsec;
}

/** Add the bytes of a folder to *bytes; *newest receives its newest file, if there is any. */
static dg_status measure_folder(const dg_standing *s, const char *folder, int64_t *bytes,
                                struct stat *newest)
{
    dg_names names = {0};
    char *path = dg_text("%s/%s", s->directory, folder);
    dg_status status = path ? dg_directory_list(&names, path, "") : no_memory();
    if (status == DG_ERR_IO) status = DG_OK; /* the inventory tells why */
    for (size_t k = 0; k < names.count && status == DG_OK; k++) {
        struct stat info;
        char *file = dg_text("%s/%s", path, names.name[k]);
        if (!file) status = no_memory();
        if (file && stat(file, &info) == 0 && S_ISREG(info.st_mode)) {
            *bytes += info.st_size;
            if (is_newer(&info, newest)) *newest = info;
        }
        free(file);
    }
    dg_names_free(&names);
    free(path);
    return status;
}

/** Age of results.nc by provenance.json; if that does not record it, by the dates of the files. */
static dg_sweep_result age_of(dg_standing *s, const dg_fingerprint *id, bool batch_newer)
{
    const dg_result_age age =
        dg_result_recorded_age(s->directory, s->experiment, id, dg_sweep_ended(s));
    s->by_dates = age == DG_RESULT_UNKNOWN && batch_newer;
    if (age == DG_RESULT_UNKNOWN) return batch_newer ? DG_STANDING_OLD_RESULT : DG_STANDING_RESULT;
    return age == DG_RESULT_OLD ? DG_STANDING_OLD_RESULT : DG_STANDING_RESULT;
}

/** Is it what was written, as far as a look can tell? With `check` every byte of it is read. */
static dg_status look_at(dg_standing *s, bool check, dg_integrity *integrity)
{
    dg_status status = dg_integrity_glance(integrity, s->directory);
    if (status == DG_OK && check) status = dg_integrity_of(integrity, NULL, s->directory, true);
    /* without a hash nothing vouches for it: that is damage if it was to be checked */
    if (status == DG_OK &&
        (*integrity == DG_RESULT_DIFFERS || (check && *integrity == DG_RESULT_UNRECORDED)))
        status = dg_integrity_refuse(s->directory, *integrity);
    return status == DG_OK ? DG_OK : note_unusable(s, status);
}

/** Would dg_owner_check() refuse to compute beside this result? Only where no batch has a run. */
static dg_status find_blocked(dg_standing *s, const dg_fingerprint *id)
{
    dg_owner owner = DG_OWNER_NONE;
    if (dg_sweep_ended(s) > 0) return DG_OK;
    const dg_status status = dg_owner_find(&owner, s->directory, s->experiment, id);
    if (status != DG_OK) return is_usable(s) ? note_unusable(s, status) : DG_OK;
    s->blocked = owner != DG_OWNER_OURS && owner != DG_OWNER_NONE;
    return DG_OK;
}

dg_status dg_standing_read_result(dg_standing *s, const dg_fingerprint *id, bool check)
{
    dg_integrity integrity = DG_RESULT_UNCHECKED;
    struct stat result = {0}, batch = {0}, checkpoint = {0};
    DG_TRY(measure_folder(s, DG_BATCH_FOLDER, &s->batch_bytes, &batch));
    DG_TRY(measure_folder(s, DG_CHECKPOINT_FOLDER, &s->checkpoint_bytes, &checkpoint));
    char *path = dg_text("%s/" DG_RESULT_NAME, s->directory);
    if (!path) return no_memory();
    const bool there = dg_file_exists(path);
    (void)stat(path, &result); /* what cannot be looked at cannot be opened either */
    free(path);
    if (!there) return DG_OK;
    dg_standing_count(s);
    s->result = age_of(s, id, is_newer(&batch, &result));
    DG_TRY(look_at(s, check, &integrity));
    DG_TRY(find_blocked(s, id));
    if (is_usable(s)) DG_TRY(check_owner(s, id));
    /* a file without a hash is opened, as whoever reads it does first */
    const bool open = dg_sweep_ended(s) < s->experiment->runs ||
                      (integrity == DG_RESULT_UNRECORDED && result.st_size <= DG_GLANCE_BYTES);
    return open && is_usable(s) ? use_result(s, id) : DG_OK;
}
