/** What is timed on a device. */
#include "bench/gpu/gpu.h"

#include "host/base/error.h"

#define ALL_TYPES    "ai_type=[none,act,evolve,influence,fix,all,fix_at_zero,all_zero]"
#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

enum { MOST = 40 };

/** Shorter repeats, and fewer seeds, where only a look is asked for. */
static gpu_case shortened(const gpu_bench *b, gpu_case c)
{
    if (!b->quick) return c;
    c.generations = c.generations > 10 ? 10 : c.generations;
    return c;
}

/** Time cases in turn and put them into an open section. */
static dg_status put_cases(gpu_bench *b, const gpu_case *cases, int count)
{
    gpu_case taken[MOST] = {0};
    gpu_figure figures[MOST];
    for (int k = 0; k < count; k++) taken[k] = shortened(b, cases[k]);
    DG_TRY(gpu_measure(figures, b, taken, count));
    for (int k = 0; k < count; k++) gpu_put_figure(b, cases[k].name, &figures[k]);
    return DG_OK;
}

/* ---- sets of the paper ----------------------------------------------------------------------- */

static dg_status put_set(gpu_bench *b, const gpu_case *set)
{
    gpu_figure f;
    const gpu_case taken = shortened(b, *set);
    DG_TRY(gpu_measure_whole(&f, b, &taken));
    gpu_put_figure(b, set->name, &f);
    if (f.missing) return DG_OK;
    gpu_put(b, "runs", f.runs, "runs");
    gpu_put(b, "generations", f.generations, "generations");
    gpu_put(b, "starts of runs", f.start_seconds, "s");
    gpu_put(b, "advancing", f.seconds, "s");
    gpu_put(b, "together", f.start_seconds + f.seconds, "s");
    return DG_OK;
}

static dg_status section_set80(gpu_bench *b)
{
    const gpu_case set = {"set80", {ALL_TYPES}, 10, 1000, 0, 0};
    gpu_section_open(b, "set80", "The 80-run set: 10 seeds x 8 AI types, N = 30");
    DG_TRY(put_set(b, &set));
    return gpu_section_close(b);
}

static dg_status section_grid320(gpu_bench *b)
{
    const gpu_case set = {
        "grid320", {ALL_TYPES, "belief_weights.update=[fixed,random,momentum,reward]"}, 10, 1000, 0,
        0};
    gpu_section_open(b, "grid320", "The 320-run grid: 10 seeds x 8 AI types x 4 updates, N = 30");
    DG_TRY(put_set(b, &set));
    return gpu_section_close(b);
}

static dg_status section_large96(gpu_bench *b)
{
    const gpu_case set = {
        "large96",
        {ALL_TYPES, "agents=300", "belief_weights.update=[fixed,random,momentum,reward]"},
        3,
        1000,
        0,
        0};
    gpu_section_open(b, "large96", "96 runs: 3 seeds x 8 AI types x 4 updates, N = 300");
    DG_TRY(put_set(b, &set));
    return gpu_section_close(b);
}

/* ---- by the number of runs and of agents ----------------------------------------------------- */

static dg_status section_saturation(gpu_bench *b)
{
    static const struct {
        const char *name;
        int runs;
    } points[] = {{"1 run", 1},        {"8 runs", 8},      {"32 runs", 32},   {"80 runs", 80},
                  {"132 runs", 132},   {"264 runs", 264},  {"528 runs", 528}, {"1056 runs", 1056},
                  {"2112 runs", 2112}, {"4224 runs", 4224}};
    gpu_section_open(b, "saturation", "Throughput by the number of runs (N = 30)");
    for (int k = 0; k < (b->quick ? 4 : COUNT(points)); k++) {
        const gpu_case c = {
            points[k].name, {0}, points[k].runs, points[k].runs < 500 ? 200 : 50, 0, 0};
        DG_TRY(put_cases(b, &c, 1));
    }
    return gpu_section_close(b);
}

static dg_status section_sizes(gpu_bench *b)
{
    static const gpu_case cases[] = {
        {"N = 30, 264 runs", {"agents=30"}, 264, 200, 0, 0},
        {"N = 99, 132 runs", {"agents=99"}, 132, 50, 0, 0},
        {"N = 300, 96 runs", {"agents=300"}, 96, 20, 0, 0},
        {"N = 300, 1 run", {"agents=300"}, 1, 50, 0, 0},
        {"N = 999, 16 runs", {"agents=999"}, 16, 10, 0, 0},
        {"N = 999, 1 run", {"agents=999"}, 1, 20, 0, 0},
        {"N = 3000, 2 runs", {"agents=3000", "measures.diversity_every=0"}, 2, 3, 0, 0},
    };
    gpu_section_open(b, "sizes", "Sizes");
    for (int k = 0; k < (b->quick ? 2 : COUNT(cases)); k++) DG_TRY(put_cases(b, &cases[k], 1));
    return gpu_section_close(b);
}

/* ---- forward --------------------------------------------------------------------------------- */

static dg_status section_forward(gpu_bench *b)
{
    static const struct {
        const char *agents, *capacity;
        int runs, generations;
    } shapes[] = {{"agents=30", "observation.capacity=4", 264, 50},
                  {"agents=30", "observation.capacity=29", 264, 50},
                  {"agents=99", "observation.capacity=4", 64, 20},
                  {"agents=99", "observation.capacity=98", 64, 20},
                  {"agents=300", "observation.capacity=4", 32, 10},
                  {"agents=300", "observation.capacity=64", 32, 10},
                  {"agents=300", "observation.capacity=299", 32, 5},
                  {"agents=999", "observation.capacity=4", 4, 5},
                  {"agents=999", "observation.capacity=256", 4, 3}};
    static const char *const forward[] = {"policy.forward=gather", "policy.forward=dense",
                                          "policy.forward=cublas"};
    gpu_section_open(b, "forward", "Gather, dense and cuBLAS by N and capacity");
    for (int k = 0; k < (b->quick ? 2 : COUNT(shapes)); k++) {
        char names[3][96];
        gpu_case cases[3];
        int count = 0;
        for (int f = 0; f < 3; f++) {
            if (f == 2 && b->backend->accepts(DG_FORWARD_CUBLAS) != DG_OK) continue;
            snprintf(names[f], sizeof names[f], "N = %s, capacity %s, %s", shapes[k].agents + 7,
                     shapes[k].capacity + 21, forward[f] + 15);
            cases[count++] = (gpu_case){names[f],
                                        {shapes[k].agents, shapes[k].capacity, forward[f]},
                                        shapes[k].runs,
                                        shapes[k].generations,
                                        0,
                                        0};
        }
        DG_TRY(put_cases(b, cases, count));
    }
    return gpu_section_close(b);
}

/* ---- layouts --------------------------------------------------------------------------------- */

/** All layouts of a shape in turn, the chosen one among them. */
static dg_status put_layouts(gpu_bench *b, const char *agents, int runs, int generations)
{
    static const int layouts[][2] = {{0, 0}, {1, 4}, {1, 8}, {1, 16}, {2, 4},
                                     {2, 8}, {4, 8}, {8, 8}, {2, 16}, {4, 16}};
    char names[COUNT(layouts)][96];
    gpu_case cases[COUNT(layouts)];
    for (int k = 0; k < COUNT(layouts); k++) {
        snprintf(names[k], sizeof names[k], "N = %s, %d runs, %d blocks of %d warps", agents + 7,
                 runs, layouts[k][0], layouts[k][1]);
        if (k == 0)
            snprintf(names[k], sizeof names[k], "N = %s, %d runs, chosen", agents + 7, runs);
        cases[k] = (gpu_case){names[k], {agents}, runs, generations, layouts[k][0], layouts[k][1]};
    }
    return put_cases(b, cases, b->quick ? 3 : COUNT(layouts));
}

static dg_status section_layouts(gpu_bench *b)
{
    gpu_section_open(b, "layouts", "Blocks per run and warps per block");
    DG_TRY(put_layouts(b, "agents=30", 1, 50));
    DG_TRY(put_layouts(b, "agents=30", 80, 50));
    if (!b->quick) {
        DG_TRY(put_layouts(b, "agents=30", 1056, 20));
        DG_TRY(put_layouts(b, "agents=300", 1, 20));
        DG_TRY(put_layouts(b, "agents=300", 32, 10));
        DG_TRY(put_layouts(b, "agents=999", 4, 5));
    }
    return gpu_section_close(b);
}

/* ---- parts ----------------------------------------------------------------------------------- */

/** Generations of 50 and of 250 steps: what a step costs, and what a generation costs beside them. */
static dg_status put_parts(gpu_bench *b, const char *name, int runs)
{
    const gpu_case both[2] = {
        shortened(b, (gpu_case){name, {"steps=50", "measures.diversity_every=0"}, runs, 100, 0, 0}),
        shortened(b,
                  (gpu_case){name, {"steps=250", "measures.diversity_every=0"}, runs, 100, 0, 0})};
    char text[96];
    gpu_figure f[2];
    DG_TRY(gpu_measure(f, b, both, 2));
    if (f[0].missing || f[1].missing) return DG_OK;
    const double step = (f[1].seconds - f[0].seconds) / (200.0 * f[0].generations);
    const double rest = f[0].seconds / f[0].generations - 50 * step;
    snprintf(text, sizeof text, "%s, one step", name);
    gpu_put(b, text, 1e6 * step, "us");
    snprintf(text, sizeof text, "%s, evolution and launches of a generation", name);
    gpu_put(b, text, 1e6 * rest, "us");
    return DG_OK;
}

static dg_status put_diversity(gpu_bench *b)
{
    const gpu_case both[2] = {
        shortened(b, (gpu_case){"never", {"measures.diversity_every=0"}, 80, 100, 0, 0}),
        shortened(b, (gpu_case){"always", {"measures.diversity_every=1"}, 80, 100, 0, 0})};
    gpu_figure f[2];
    DG_TRY(gpu_measure(f, b, both, 2));
    if (f[0].missing || f[1].missing) return DG_OK;
    gpu_put(b, "80 runs, genotype diversity of a generation",
            1e6 * (f[1].seconds - f[0].seconds) / f[0].generations, "us");
    return DG_OK;
}

static dg_status section_parts(gpu_bench *b)
{
    gpu_section_open(b, "parts", "Where the time goes (N = 30)");
    DG_TRY(put_parts(b, "1 run", 1));
    DG_TRY(put_parts(b, "80 runs", 80));
    if (!b->quick) DG_TRY(put_parts(b, "1056 runs", 1056));
    DG_TRY(put_diversity(b));
    return gpu_section_close(b);
}

/* ---- traffic --------------------------------------------------------------------------------- */

static dg_status section_traffic(gpu_bench *b)
{
    const gpu_case c = shortened(b, (gpu_case){"80 runs", {ALL_TYPES}, 10, 200, 0, 0});
    gpu_figure f;
    DG_TRY(gpu_measure(&f, b, &c, 1));
    const dg_traffic *t = &f.traffic;
    const double each = t->generations > 0 ? (double)t->generations : 1;
    gpu_section_open(b, "traffic", "What the host does per generation (80 runs, N = 30)");
    gpu_put(b, "kernel launches", (double)t->launches / each, "per generation");
    gpu_put(b, "graph launches", (double)t->graphs / each, "per generation");
    gpu_put(b, "host synchronisations", (double)t->synchronisations / each, "per generation");
    gpu_put(b, "bytes to the host", (double)t->bytes_to_host / each, "bytes per generation");
    gpu_put(b, "bytes to the device, starts included", (double)t->bytes_to_device / each,
            "bytes per generation");
    return gpu_section_close(b);
}

const gpu_section gpu_sections[] = {
    {"set80", section_set80},           {"grid320", section_grid320},
    {"saturation", section_saturation}, {"sizes", section_sizes},
    {"forward", section_forward},       {"layouts", section_layouts},
    {"parts", section_parts},           {"traffic", section_traffic},
    {"large96", section_large96},       {NULL, NULL},
};
