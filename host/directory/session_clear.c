/** Removing files of a result directory: all of a sweep, or incomplete files of killed calls. */
#include "host/directory/session_clear.h"

#include "host/directory/session_internal.h"
#include "host/base/files.h"
#include "host/directory/manifest.h"
#include "host/directory/own_files.h"
#include "host/archive/provenance.h"
#include "host/store/integrity.h"

#include <stdlib.h>
#include <unistd.h>

static dg_status remove_file(const char *directory, const char *name)
{
    char *path = dg_text("%s/%s", directory, name);
    if (!path) return dg_session_no_memory();
    /* a subfolder is not one of ours: it is left alone */
    const bool gone = unlink(path) == 0 || errno == ENOENT || errno == EISDIR;
    const dg_status status = gone ? DG_OK : dg_fail_errno(path, "cannot remove");
    free(path);
    return status;
}

/** Remove the files of a folder whose names begin and end like this; others may be the user's. */
static dg_status remove_files(const char *directory, const char *folder, const char *beginning,
                              const char *ending)
{
    dg_names names = {0};
    char *path = dg_text("%s/%s", directory, folder);
    dg_status status = path ? dg_directory_list(&names, path, ending) : dg_session_no_memory();
    for (size_t k = 0; k < names.count && status == DG_OK; k++)
        if (strncmp(names.name[k], beginning, strlen(beginning)) == 0)
            status = remove_file(path, names.name[k]);
    dg_names_free(&names);
    free(path);
    return status;
}

/** Remove the files with this ending: complete, incomplete (.part) and damaged ones. */
static dg_status remove_archives(const char *directory, const char *folder, const char *ending)
{
    static const char *const state[] = {"", DG_ARCHIVE_PART, DG_DAMAGED};
    for (int k = 0; k < 3; k++) {
        char tail[64];
        snprintf(tail, sizeof tail, "%s%s", ending, state[k]);
        DG_TRY(remove_files(directory, folder, "", tail));
    }
    return DG_OK;
}

dg_status dg_session_remove_parts(const char *directory)
{
#define REMOVE_PARTS(file, begin, end)                                                             \
    DG_TRY(remove_files(directory, ".", begin, end DG_ARCHIVE_PART));
    DG_OWN_FILE_LIST(REMOVE_PARTS)
#undef REMOVE_PARTS
    DG_TRY(remove_files(directory, DG_BATCH_FOLDER, "", DG_BATCH_ENDING DG_ARCHIVE_PART));
    return remove_files(directory, DG_CHECKPOINT_FOLDER, "", DG_CHECKPOINT_ENDING DG_ARCHIVE_PART);
}

void dg_session_remove_checkpoints(const dg_session *s)
{
    if (dg_session_check_place(s) != DG_OK) return;
    const dg_status status =
        remove_files(s->directory, DG_CHECKPOINT_FOLDER, "", DG_CHECKPOINT_ENDING);
    (void)status; /* they only take space: the next call tries again */
}

/* the manifest last: after an interruption the directory is still recognised as a sweep */
dg_status dg_session_remove_all(const char *directory)
{
    DG_TRY(dg_session_remove_parts(directory));
    DG_TRY(remove_archives(directory, DG_BATCH_FOLDER, DG_BATCH_ENDING));
    DG_TRY(remove_archives(directory, DG_CHECKPOINT_FOLDER, DG_CHECKPOINT_ENDING));
    DG_TRY(remove_files(directory, ".", "status-", ".json"));
    DG_TRY(remove_file(directory, "status.json"));
    DG_TRY(remove_file(directory, DG_PROVENANCE_NAME));
    DG_TRY(remove_file(directory, DG_RESULT_NAME));
    DG_TRY(remove_file(directory, DG_REMEMBERED_NAME));
    return remove_file(directory, DG_MANIFEST_NAME);
}
