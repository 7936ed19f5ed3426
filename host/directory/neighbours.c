/** Shards on this machine; see neighbours.h. */
#include "host/directory/neighbours.h"

#include "host/directory/lock.h"
#include "host/directory/status_file.h"

#include <stdlib.h>

static bool is_here(const char *directory, dg_shard shard)
{
    dg_call_report report;
    if (dg_directory_locked(directory, shard) != DG_LOCK_HELD) return false;
    char *path = dg_status_file_path(directory, (dg_call){.shard = shard});
    const bool here =
        path && dg_status_file_read(&report, path) == DG_OK && dg_call_is_here(&report);
    free(path);
    return here;
}

int32_t dg_shards_here(const char *directory, dg_shard shard)
{
    int32_t here = 1;
    for (int32_t i = 1; i <= shard.count; i++)
        here += i != shard.index && is_here(directory, (dg_shard){i, shard.count});
    return here;
}
