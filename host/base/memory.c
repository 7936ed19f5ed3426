/** Available memory, from /proc/meminfo; see memory.h. */
#include "host/base/memory.h"

#include <stdio.h>

int64_t dg_memory_available(void)
{
    char line[256];
    long long kib = 0;
    FILE *file = fopen("/proc/meminfo", "re");
    if (file == NULL) return 0;
    while (fgets(line, sizeof line, file) != NULL) {
        if (sscanf(line, "MemAvailable: %lld", &kib) == 1) break;
    }
    fclose(file);
    return kib * 1024;
}
