/** Provenance of a batch; see provenance.h. */
#include "host/directory/provenance.h"

#include "host/base/build_info.h"
#include "host/base/json.h"
#include "host/directory/run_archive.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

const char *dg_now(char *text, size_t size)
{
    const time_t now = time(NULL);
    struct tm utc;
    gmtime_r(&now, &utc);
    strftime(text, size, "%Y-%m-%dT%H:%M:%SZ", &utc);
    return text;
}

static void put_program(dg_json *json)
{
    dg_json_text(json, "digico_version", dg_version());
    dg_json_text(json, "git_commit", dg_build_git_commit());
    dg_json_text(json, "compiler", dg_build_compiler());
    dg_json_text(json, "build_flags", dg_build_flags());
}

static void put_machine(dg_json *json)
{
    char text[256] = "";
    if (gethostname(text, sizeof text - 1) == 0) dg_json_text(json, "host", text);
    dg_json_text(json, "system", dg_host_system(text, sizeof text));
    dg_json_text(json, "cpu", dg_host_cpu(text, sizeof text));
}

static void put_how(dg_json *json, const dg_provenance *how)
{
    char now[32];
    dg_json_text(json, "backend", how->backend);
    dg_json_text(json, "device", how->device);
    dg_json_text(json, "vector", how->vector);
    dg_json_integer(json, "threads", how->threads);
    dg_json_text(json, "started", how->started);
    dg_json_text(json, "finished", dg_now(now, sizeof now));
}

dg_status dg_provenance_add(dg_archive_writer *writer, const dg_provenance *how)
{
    char *text = NULL;
    size_t size = 0;
    dg_json json;
    FILE *file = open_memstream(&text, &size);
    if (!file) return dg_fail(DG_ERR_MEMORY, "no memory for a provenance");
    dg_json_open(&json, file, NULL);
    put_program(&json);
    put_machine(&json);
    put_how(&json, how);
    dg_json_close(&json);
    dg_status status =
        fclose(file) == 0 && text
            ? dg_archive_add(writer, DG_PART_PROVENANCE, 0, text, (int64_t)size, false)
            : dg_fail(DG_ERR_MEMORY, "no memory for a provenance");
    free(text);
    return status;
}
