/** What is timed, and how it is printed and stored. */
#include "bench/bench.h"

#include "bench/measure.h"
#include "host/base/build_info.h"
#include "host/base/error.h"

#include <omp.h>
#include <stdlib.h>
#include <unistd.h>

/** Where figures go: a table for people, JSON for the next machine. */
typedef struct sink {
    FILE *out;
    FILE *json; /* a memory stream */
    int first;  /* no member written yet in the open object */
} sink;

static void open_section(sink *s, const char *name, const char *title)
{
    fprintf(s->out, "\n%s\n", title);
    fprintf(s->json, ",\n  \"%s\": {", name);
    s->first = 1;
}

static void close_section(sink *s)
{
    fprintf(s->json, "\n  }");
}

/** One figure: a row of the table and a member of the section's object. */
static void put(sink *s, const char *name, double value, const char *unit)
{
    fprintf(s->out, "  %-44s %12.4g %s\n", name, value, unit);
    fprintf(s->json, "%s\n    \"%s [%s]\": %.6g", s->first ? "" : ",", name, unit, value);
    s->first = 0;
}

/* ---- machine --------------------------------------------------------------------------------- */

static void put_machine(sink *s, const dg_bench_options *o)
{
    char cpu[256], system[256];
    dg_host_cpu(cpu, sizeof cpu);
    dg_host_system(system, sizeof system);
    fprintf(s->out, "digico %s (%s), %s\n%s, %d threads, vector set %s%s\n", dg_version(),
            dg_build_git_commit(), dg_build_compiler(), cpu, omp_get_num_procs(),
            dg_backend_cpu_vector(NULL), o->quick ? "; quick, figures mean little" : "");
    fprintf(s->json,
            "{\n  \"version\": \"%s\",\n  \"commit\": \"%s\",\n  \"compiler\": \"%s\",\n"
            "  \"flags\": \"%s\",\n  \"cpu\": \"%s\",\n  \"threads\": %d,\n"
            "  \"vector\": \"%s\",\n  \"system\": \"%s\",\n  \"quick\": %s",
            dg_version(), dg_build_git_commit(), dg_build_compiler(), dg_build_flags(), cpu,
            omp_get_num_procs(), dg_backend_cpu_vector(NULL), system, o->quick ? "true" : "false");
}

/* ---- instruction sets ------------------------------------------------------------------------ */

/** Instruction sets of this CPU, one thread, in turn; all must agree in every byte. */
static dg_status bench_vectors(sink *s, const dg_bench_options *o)
{
    static const char *const sets[] = {"avx512", "avx2", "generic"};
    bench_case cases[3];
    bench_figure figures[3];
    int count = 0;
    for (int k = 0; k < 3; k++) {
        const char *taken = dg_backend_cpu_vector(sets[k]);
        if (!taken) continue;
        cases[count] = (bench_case){taken, {"reading=text"}, taken, 1, 2, o->quick ? 2 : 20};
        count++;
    }
    DG_TRY(bench_measure(figures, cases, count, o->quick ? 1 : 5, NULL));
    open_section(s, "vector_sets", "Instruction sets (N = 30, reading text, one thread)");
    for (int k = 0; k < count; k++) {
        put(s, cases[k].name, bench_nanoseconds(&figures[k]), "ns per agent-step");
        if (figures[k].hash != figures[0].hash)
            return dg_fail(DG_ERR_MISMATCH, "%s and %s end in different states", cases[0].name,
                           cases[k].name);
    }
    close_section(s);
    return DG_OK;
}

/* ---- stages ---------------------------------------------------------------------------------- */

static dg_status bench_stages(sink *s, const dg_bench_options *o)
{
    static const char *const names[] = {
#define STAGE_NAME(code, name) name,
        DG_STAGE_LIST(STAGE_NAME)
#undef STAGE_NAME
    };
    const bench_case timed = {"stages", {"reading=text"}, NULL, 1, 2, o->quick ? 2 : 60};
    double least[DG_STAGES] = {0}, total = 0;
    for (int r = 0; r < (o->quick ? 1 : 6); r++) {
        double stage[DG_STAGES] = {0};
        bench_figure figure;
        DG_TRY(bench_measure(&figure, &timed, 1, 1, stage));
        for (int k = 0; k < DG_STAGES; k++) {
            const double each = stage[k] * 1e9 / (double)figure.agent_steps;
            if (r == 0 || each < least[k]) least[k] = each;
        }
        if (r == 0 || bench_nanoseconds(&figure) < total) total = bench_nanoseconds(&figure);
    }
    open_section(s, "stages", "Where the time goes (N = 30, reading text, one thread)");
    for (int k = 0; k < DG_STAGES; k++) put(s, names[k], least[k], "ns per agent-step");
    put(s, "all, clock reading included", total, "ns per agent-step");
    close_section(s);
    return DG_OK;
}

/* ---- conditions ------------------------------------------------------------------------------ */

static dg_status bench_conditions(sink *s, const dg_bench_options *o)
{
    static const char *const updates[] = {
        "belief_weights.update=fixed", "belief_weights.update=random",
        "belief_weights.update=momentum", "belief_weights.update=reward"};
    static const char *const readings[] = {"reading=text", "reading=tables"};
    bench_case cases[8];
    bench_figure figures[8];
    for (int k = 0; k < 8; k++)
        cases[k] = (bench_case){updates[k % 4],   {readings[k / 4], updates[k % 4]}, NULL, 1, 2,
                                o->quick ? 2 : 40};
    DG_TRY(bench_measure(figures, cases, 8, o->quick ? 1 : 3, NULL));
    open_section(s, "conditions", "Readings and weight updates (N = 30, one thread)");
    for (int k = 0; k < 8; k++) {
        char name[80];
        snprintf(name, sizeof name, "%s, %s", readings[k / 4] + 8, updates[k % 4] + 22);
        put(s, name, bench_nanoseconds(&figures[k]), "ns per agent-step");
    }
    close_section(s);
    return DG_OK;
}

/* ---- sizes ----------------------------------------------------------------------------------- */

static dg_status bench_sizes(sink *s, const dg_bench_options *o)
{
    static const bench_case cases[] = {{"N = 30", {"agents=30"}, NULL, 0, 16, 40},
                                       {"N = 99", {"agents=99"}, NULL, 0, 8, 16},
                                       {"N = 300", {"agents=300"}, NULL, 0, 4, 6},
                                       {"N = 999", {"agents=999"}, NULL, 0, 2, 2}};
    const int count = o->quick ? 2 : 4;
    bench_figure figures[4];
    DG_TRY(bench_measure(figures, cases, count, o->quick ? 1 : 3, NULL));
    open_section(s, "sizes", "Sizes (reading text, all threads)");
    for (int k = 0; k < count; k++) {
        char name[80];
        put(s, cases[k].name, (double)figures[k].agent_steps / figures[k].seconds, "agent-steps/s");
        snprintf(name, sizeof name, "%s, whole population", cases[k].name);
        put(s, name, (double)figures[k].simulation_steps / figures[k].seconds, "sim-steps/s");
        snprintf(name, sizeof name, "%s, start of a run", cases[k].name);
        put(s, name, 1e3 * figures[k].start_seconds / cases[k].runs, "ms");
    }
    close_section(s);
    return DG_OK;
}

/* ---- the 80-run set -------------------------------------------------------------------------- */

/** 10 seeds x 8 AI types, 1,000 generations x 50 steps, from YAML to a synced file. */
static dg_status bench_set80(sink *s, const dg_bench_options *o)
{
    static const char text[] =
        "sweep: {product: {ai_type: [none, act, evolve, influence, fix, all,\n"
        "  fix_at_zero, all_zero], seed: {from: 1, to: 10}}}\n";
    char directory[] = "/tmp/digico-bench-XXXXXX", file[64];
    const char *short_run = "generations=5";
    const dg_options on_cpu = {.device = "cpu"};
    dg_experiment *experiment = NULL;
    dg_outcome outcome;
    if (!mkdtemp(directory)) return dg_fail(DG_ERR_IO, "no temporary folder: %s", directory);
    DG_TRY(dg_experiment_parse(&experiment, "80-run set", text, sizeof text - 1,
                               o->quick ? &short_run : NULL, o->quick ? 1 : 0));
    const dg_status status = dg_experiment_run(experiment, directory, &on_cpu, &outcome);
    dg_experiment_free(&experiment);
    snprintf(file, sizeof file, "%s/results.nc", directory);
    unlink(file);
    rmdir(directory);
    DG_TRY(status);
    open_section(s, "set80",
                 o->quick ? "The 80-run set, 5 of its 1,000 generations"
                          : "The 80-run set (10 seeds x 8 types, 1,000 generations)");
    put(s, "everything included", outcome.seconds, "s");
    put(s, "starts of runs", outcome.seconds_start, "s");
    put(s, "generations", outcome.seconds_advance, "s");
    put(s, "storing", outcome.seconds_store, "s");
    put(s, "throughput", (double)outcome.agent_steps / outcome.seconds, "agent-steps/s");
    close_section(s);
    return DG_OK;
}

/* ---- all ------------------------------------------------------------------------------------- */

static dg_status write_json(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    if (!file || fputs(text, file) < 0 || fclose(file) != 0)
        return dg_fail(DG_ERR_IO, "%s: could not be written", path);
    return DG_OK;
}

dg_status dg_bench_run(FILE *out, const dg_bench_options *options)
{
    char *text = NULL;
    size_t size = 0;
    sink s = {out, open_memstream(&text, &size), 1};
    dg_status status = DG_OK;
    if (!s.json) return dg_fail(DG_ERR_MEMORY, "no memory for the figures");
    put_machine(&s, options);
    DG_TRY_GOTO(bench_vectors(&s, options), end);
    DG_TRY_GOTO(bench_stages(&s, options), end);
    DG_TRY_GOTO(bench_conditions(&s, options), end);
    DG_TRY_GOTO(bench_sizes(&s, options), end);
    DG_TRY_GOTO(bench_set80(&s, options), end);
    fprintf(s.json, "\n}\n");
    fflush(s.json);
    if (options->json) status = write_json(options->json, text);
end:
    fclose(s.json);
    free(text);
    return status;
}
