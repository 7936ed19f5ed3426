/** digico plan: what an experiment will take, before anything starts. */
#include "host/command.h"
#include "host/plan.h"

#include <math.h>
#include <stdio.h>

enum { KEY_THREADS = 0x200, KEY_VECTOR, KEY_BATCH };

typedef struct arguments {
    dg_input input;
    dg_options options;
} arguments;

static const struct argp_option options[] = {
    {"threads", KEY_THREADS, "N", 0, "CPU threads to plan for (default: all)", 0},
    {"batch", KEY_BATCH, "N", 0, "Runs held in memory at once (default: as memory allows)", 0},
    {"vector", KEY_VECTOR, "SET", 0, "avx512, avx2 or generic (default: the widest here)", 0},
    {0},
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    arguments *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = &a->input; return 0;
    case KEY_VECTOR: a->options.vector = argument; return 0;
    case KEY_BATCH:
        a->options.batch = (int)dg_command_integer(state, "--batch", argument, 1, INT32_MAX);
        return 0;
    case KEY_THREADS:
        a->options.threads = (int)dg_command_integer(state, "--threads", argument, 1, 4096);
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

/* ---- units ---------------------------------------------------------------------------------- */

static const char *bytes_text(int64_t bytes, char *text, size_t size)
{
    char number[32];
    snprintf(text, size, "%s%sB", dg_command_si((double)bytes, number, sizeof number),
             bytes < 1000 ? " " : "");
    return text;
}

static const char *seconds_text(double seconds, char *text, size_t size)
{
    if (!isfinite(seconds)) {
        snprintf(text, size, "not measured: a run needs more memory than is free");
    } else if (seconds < 120.0) {
        snprintf(text, size, "about %.*f s", seconds < 10.0 ? 1 : 0, seconds);
    } else if (seconds < 7200.0) {
        snprintf(text, size, "about %.0f min", seconds / 60.0);
    } else {
        snprintf(text, size, "about %.1f h", seconds / 3600.0);
    }
    return text;
}

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

/* ---- table ---------------------------------------------------------------------------------- */

static void print_axes(const dg_experiment *experiment)
{
    if (experiment->axes == 0) puts("axes         none: one run");
    for (size_t i = 0; i < experiment->axes; i++) {
        printf("%-12s %s: %zu\n", i == 0 ? "axes" : "", experiment->axis[i].key,
               experiment->axis[i].size);
    }
}

static void print_shape(const dg_plan_shape *shape)
{
    char memory[32];
    const dg_config *c = &shape->config;
    if (c->model == DG_MODEL_ECHO) {
        printf("  %zu run%s: echo-chamber, %lld agents x %lld steps", shape->runs,
               plural(shape->runs), (long long)c->echo_agents, (long long)c->echo_steps);
    } else {
        printf("  %zu run%s: %lld agents, %d groups, %lld values, %lld generations x %lld steps",
               shape->runs, plural(shape->runs), (long long)c->agents, c->group_count,
               (long long)c->values, (long long)c->generations, (long long)c->steps);
    }
    printf("; %s a run", bytes_text(shape->run_bytes, memory, sizeof memory));
    if (isfinite(shape->run_seconds)) {
        printf(", %.0f ns an agent-step and thread",
               1e9 * shape->run_seconds / (double)shape->agent_steps);
    }
    putchar('\n');
}

static void print_plan(const dg_plan *plan, const dg_experiment *experiment)
{
    char text[80];
    printf("runs         %zu\n", plan->runs);
    print_axes(experiment);
    printf("shapes       %zu\n", plan->shapes);
    for (size_t i = 0; i < plan->shapes; i++) print_shape(&plan->shape[i]);
    printf("agent-steps  %s\n", dg_command_si((double)plan->agent_steps, text, sizeof text));
    printf("memory       %s in the largest of %zu batch%s",
           bytes_text(plan->held_bytes, text, sizeof text), plan->batches,
           plan->batches == 1 ? "" : "es");
    if (plan->memory_free > 0)
        printf("; %s free", bytes_text(plan->memory_free, text, sizeof text));
    printf("\ntime         %s on %d thread%s\n", seconds_text(plan->seconds, text, sizeof text),
           plan->threads, plural((size_t)plan->threads));
    printf("disk         about %s, before compression\n",
           bytes_text(plan->file_bytes, text, sizeof text));
}

int dg_command_plan(int argc, char **argv)
{
    static const struct argp_child children[] = {{&dg_input_argp, 0, NULL, 0}, {0}};
    static const struct argp parser = {
        .options = options,
        .parser = parse,
        .args_doc = "FILE",
        .doc = "Print how many runs an experiment makes and the memory, time and disk they will "
               "take. Nothing is written; the first run of each shape is timed for a moment.",
        .children = children,
    };
    arguments a = {0};
    dg_experiment *experiment = NULL;
    argp_parse(&parser, argc, argv, 0, NULL, &a);
    dg_exit code = dg_input_load(&experiment, &a.input);
    if (code == DG_EXIT_OK) {
        dg_plan plan;
        const dg_status status = dg_plan_make(&plan, experiment, &a.options);
        if (status == DG_OK) {
            print_plan(&plan, experiment);
            dg_plan_free(&plan);
            code = dg_command_flush();
        } else {
            code = dg_command_fail(status);
        }
    }
    dg_experiment_free(&experiment);
    dg_input_free(&a.input);
    return code;
}
