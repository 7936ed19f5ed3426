/** Figures as a table for people and as JSON. */
#include "bench/gpu/gpu.h"

#include "host/base/build_info.h"
#include "host/base/clock.h"
#include "host/base/error.h"

#include <stdlib.h>

/* DESIGN.md, section 5, at N = 30, H = 64, N_o = 4, V = 10 */
#define OPERATIONS_PER_AGENT_STEP 5300.0
#define SECONDS_PER_STEP          1e-6

void gpu_section_open(gpu_bench *b, const char *name, const char *title)
{
    printf("\n%s\n", title);
    fprintf(b->json, ",\n  \"%s\": {", name);
    b->first = 1;
}

/** Write under another name, then rename: a killed bench leaves a whole file. */
static dg_status write_file(const gpu_bench *b)
{
    char part[4096];
    if (!b->file) return DG_OK;
    snprintf(part, sizeof part, "%s.part", b->file);
    FILE *file = fopen(part, "w");
    if (!file) return dg_fail(DG_ERR_IO, "%s: could not be written", part);
    const int written = fprintf(file, "%s\n}\n", b->text) > 0;
    if (fclose(file) != 0 || !written || rename(part, b->file) != 0)
        return dg_fail(DG_ERR_IO, "%s: could not be written", b->file);
    return DG_OK;
}

dg_status gpu_section_close(gpu_bench *b)
{
    fprintf(b->json, "\n  }");
    fflush(b->json);
    fflush(stdout);
    return write_file(b);
}

void gpu_put(gpu_bench *b, const char *name, double value, const char *unit)
{
    printf("  %-56s %12.4g %s\n", name, value, unit);
    fprintf(b->json, "%s\n    \"%s [%s]\": %.6g", b->first ? "" : ",", name, unit, value);
    b->first = 0;
}

static void put_part(gpu_bench *b, const char *name, const char *part, double value,
                     const char *unit)
{
    char text[160];
    snprintf(text, sizeof text, "%s, %s", name, part);
    gpu_put(b, text, value, unit);
}

void gpu_put_figure(gpu_bench *b, const char *name, const gpu_figure *f)
{
    if (f->missing) {
        printf("  %-56s %12s\n", name, "not run: refused, no memory or no time left");
        return;
    }
    put_part(b, name, "throughput", f->agent_steps / f->seconds, "agent-steps/s");
    put_part(b, name, "one step", 1e6 * f->seconds / f->steps, "us");
    put_part(b, name, "spread", 100 * f->spread, "%");
    put_part(b, name, "of the chain floor", 100 * f->steps * SECONDS_PER_STEP / f->seconds, "%");
    if (b->peak > 0 && f->agents == 30)
        put_part(b, name, "of the arithmetic floor",
                 100 * f->agent_steps * OPERATIONS_PER_AGENT_STEP / b->peak / f->seconds, "%");
}

void gpu_put_machine(gpu_bench *b)
{
    char cpu[256], system[256];
    dg_host_cpu(cpu, sizeof cpu);
    dg_host_system(system, sizeof system);
    printf("digico %s (%s), %s\n%s, sm_%d, %d multiprocessors, %.1f GB free%s\n", dg_version(),
           dg_build_git_commit(), dg_build_compiler(), b->info.name, (int)b->info.capability,
           (int)b->info.multiprocessors, 1e-9 * (double)b->info.memory_free,
           b->quick ? "; quick, figures mean little" : "");
    fprintf(b->json,
            "{\n  \"version\": \"%s\",\n  \"commit\": \"%s\",\n  \"compiler\": \"%s\",\n"
            "  \"flags\": \"%s\",\n  \"device\": \"%s\",\n  \"capability\": %d,\n"
            "  \"multiprocessors\": %d,\n  \"memory [bytes]\": %lld,\n"
            "  \"float32 peak [operations/s]\": %.6g,\n  \"cpu\": \"%s\",\n  \"system\": \"%s\",\n"
            "  \"repeats\": %d,\n  \"quick\": %s",
            dg_version(), dg_build_git_commit(), dg_build_compiler(), dg_build_flags(),
            b->info.name, (int)b->info.capability, (int)b->info.multiprocessors,
            (long long)b->info.memory_total, b->peak, cpu, system, b->repeats,
            b->quick ? "true" : "false");
}
