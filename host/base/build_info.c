/** What this program was built from and where it runs. */
#include "host/base/build_info.h"

#include "host/base/files.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#ifndef DG_BUILD_FLAGS
#define DG_BUILD_FLAGS "unknown"
#endif

bool dg_build_is_same(const char *a, const char *b)
{
    return strcmp(a, b) == 0 && !dg_ends_in(a, "unknown") && !dg_ends_in(a, "-dirty");
}

const char *dg_build_compiler(void)
{
#if defined(__clang__)
    return __VERSION__; /* names clang itself */
#elif defined(__GNUC__)
    return "gcc " __VERSION__;
#else
    return "unknown";
#endif
}

const char *dg_build_flags(void)
{
    return DG_BUILD_FLAGS;
}

/** Value in the line "key : value", or NULL if the line has another key; removes the newline. */
static const char *value_of(char *line, const char *key)
{
    if (strncmp(line, key, strlen(key)) != 0) return NULL;
    const char *value = strchr(line, ':');
    if (value == NULL) return NULL;
    line[strcspn(line, "\n")] = '\0';
    return value + 1 + strspn(value + 1, " \t");
}

/* Linux names the model of a CPU on x86-64; on aarch64 it gives the numbers of its maker and its part alone */
const char *dg_host_cpu_in(const char *path, char *text, size_t size)
{
    char line[512], maker[32] = "";
    snprintf(text, size, "unknown");
    FILE *file = fopen(path, "r");
    if (file == NULL) return text;
    while (fgets(line, sizeof line, file) != NULL) {
        const char *model = value_of(line, "model name"), *part = value_of(line, "CPU part");
        const char *implementer = value_of(line, "CPU implementer");
        if (implementer) snprintf(maker, sizeof maker, "%s", implementer);
        if (!model && !part) continue;
        if (model)
            snprintf(text, size, "%s", model);
        else
            snprintf(text, size, "Arm implementer %s, part %s", maker, part);
        break;
    }
    fclose(file);
    return text;
}

const char *dg_host_cpu(char *text, size_t size)
{
    return dg_host_cpu_in("/proc/cpuinfo", text, size);
}

const char *dg_host_system(char *text, size_t size)
{
    struct utsname name;
    if (uname(&name) != 0) {
        snprintf(text, size, "unknown");
    } else {
        snprintf(text, size, "%s %s %s", name.sysname, name.release, name.machine);
    }
    return text;
}
