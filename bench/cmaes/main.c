/**
 * bench-cmaes: the engine's sep-CMA-ES on a test function, one line of JSON per seed.
 *
 * bench/peers/cmaes.py sets it beside other implementations. The function is minimised: fitness is its
 * rank. Evaluations are counted by whole generations. Exit code: 0, 1 the machine failed, 2 bad input.
 */
#include "bench/cmaes/objective.h"
#include "bench/cmaes/solver.h"
#include "host/base/clock.h"
#include "host/config/value.h"
#include "host/base/error.h"
#include "host/base/json.h"
#include "kernels/backend.h"

#include <argp.h>
#include <math.h>
#include <stdlib.h>

/** Generations have 24 bits of a counter (kernels/science/rng.h). */
#define GENERATIONS_MOST ((int64_t)1 << 24)

typedef struct request {
    cmaes_request solver;
    const char *function;
    double target; /* stop at this value; nan: only at the end */
    int64_t seed, seeds, evaluations;
    int values; /* of points from stdin, and nothing else */
} request;

typedef struct outcome {
    int64_t reached; /* evaluations to the target, 0: not reached */
    int64_t generations;
    double best, seconds, objective_seconds;
} outcome;

/* ---- a run ----------------------------------------------------------------------------------- */

static void run(outcome *out, cmaes_solver *s, const cmaes_objective *f, const request *q,
                uint64_t seed, double *value)
{
    const int32_t size = q->solver.population;
    *out = (outcome){.best = (double)INFINITY};
    cmaes_solver_begin(s, seed, q->solver.sigma);
    const double began = dg_clock();
    for (int sound = 1; sound && (out->generations + 1) * size <= q->evaluations;) {
        const double before = dg_clock();
        for (int32_t k = 0; k < size; k++) {
            value[k] = f->value(f, cmaes_solver_sample(s, k));
            out->best = fmin(out->best, value[k]);
        }
        out->objective_seconds += dg_clock() - before;
        out->generations++;
        if (out->best <= q->target) {
            out->reached = out->generations * size;
            break;
        }
        sound = cmaes_solver_update(s, value);
    }
    out->seconds = dg_clock() - began;
}

static void put(const outcome *out, const request *q, int64_t seed)
{
    const double generations = (double)(out->generations > 0 ? out->generations : 1);
    dg_json json;
    dg_json_open(&json, stdout, NULL);
    dg_json_text(&json, "function", q->function);
    dg_json_integer(&json, "dimension", q->solver.dimension);
    dg_json_integer(&json, "population", q->solver.population);
    dg_json_integer(&json, "seed", seed);
    if (out->reached)
        dg_json_integer(&json, "evaluations", out->reached);
    else
        dg_json_real(&json, "evaluations", (double)NAN);
    dg_json_integer(&json, "generations", out->generations);
    dg_json_real(&json, "best", out->best);
    dg_json_real(&json, "seconds_per_generation", out->seconds / generations);
    dg_json_real(&json, "objective_seconds_per_generation", out->objective_seconds / generations);
    dg_json_text(&json, "vector", dg_backend_cpu_vector(q->solver.vector));
    dg_json_close(&json);
    putchar('\n');
    fflush(stdout);
}

static dg_status run_seeds(const request *q, const cmaes_objective *f)
{
    cmaes_solver s;
    dg_status status = DG_OK;
    double *value = calloc((size_t)q->solver.population, sizeof *value);
    DG_TRY_GOTO(cmaes_solver_make(&s, &q->solver), end);
    if (!value) DG_TRY_GOTO(dg_fail(DG_ERR_MEMORY, "no memory for values"), end);
    for (int64_t k = 0; k < q->seeds; k++) {
        outcome out;
        run(&out, &s, f, q, (uint64_t)(q->seed + k), value);
        put(&out, q, q->seed + k);
    }
end:
    cmaes_solver_free(&s);
    free(value);
    return status;
}

/** One value per n numbers of stdin. */
static dg_status put_values(const cmaes_objective *f)
{
    float *x = calloc((size_t)f->n, sizeof *x);
    if (!x) return dg_fail(DG_ERR_MEMORY, "no memory for a point");
    char word[64];
    double number;
    int64_t read = 0;
    dg_status status = DG_OK;
    while (status == DG_OK && scanf("%63s", word) == 1) {
        if (!dg_real_read(&number, word)) {
            status = dg_fail(DG_ERR_ARGUMENT, "stdin: `%s' is no number", word);
            break;
        }
        x[read++ % f->n] = (float)number;
        if (read % f->n == 0) printf("%.17g\n", f->value(f, x));
    }
    if (status == DG_OK && read % f->n != 0)
        status = dg_fail(DG_ERR_ARGUMENT, "stdin: %lld numbers, expected a multiple of %d",
                         (long long)read, f->n);
    free(x);
    return status;
}

/* ---- command line ---------------------------------------------------------------------------- */

enum { KEY_MEAN_RATE = 0x400, KEY_COVARIANCE_RATE, KEY_SEEDS, KEY_VALUES, KEY_VECTOR };

static const struct argp_option options[] = {
    {"function", 'f', "NAME", 0, "sphere, ellipsoid, rosenbrock or rastrigin", 0},
    {"dimension", 'n', "N", 0, "Coordinates, 1 ... 1000000", 0},
    {"population", 'p', "LAMBDA", 0, "Samples of a generation, 2 ... 4096", 0},
    {"sigma", 's', "SIGMA", 0, "Initial step size (default 1); the mean starts at 0", 0},
    {"seed", 'r', "SEED", 0, "The first seed (default 1)", 0},
    {"seeds", KEY_SEEDS, "COUNT", 0, "So many seeds, one after the other (default 1)", 0},
    {"target", 't', "F", 0, "Stop at this value (default: at the end only)", 0},
    {"max-evaluations", 'e', "COUNT", 0, "Stop after so many at most", 0},
    {"variant", 'v', "NAME", 0, "ros-hansen (default) or evosax", 0},
    {"sampling", 'd', "NAME", 0, "diagonal (default) or isotropic", 0},
    {"mean-rate", KEY_MEAN_RATE, "C_M", 0, "As the key evolution.mean_rate", 0},
    {"covariance-rate", KEY_COVARIANCE_RATE, "C_MU", 0, "As the key evolution.covariance_rate", 0},
    {"vector", KEY_VECTOR, "SET", 0, "Instruction set (default: the widest)", 0},
    {"values", KEY_VALUES, 0, 0, "Print the function at the points of stdin, solve nothing", 0},
    {0},
};

/* one line and exit code 2, without argp's second line */
#define REFUSE(state, ...) argp_failure(state, 2, 0, __VA_ARGS__)

static int64_t integer(const struct argp_state *state, const char *name, const char *text,
                       int64_t low, int64_t high)
{
    int64_t value = 0;
    if (!dg_integer_read(&value, text) || value < low || value > high)
        REFUSE(state, "--%s: `%s', expected an integer in %lld ... %lld", name, text,
               (long long)low, (long long)high);
    return value;
}

static double real(const struct argp_state *state, const char *name, const char *text, double low)
{
    double value = 0;
    if (!dg_real_read(&value, text) || value < low)
        REFUSE(state, "--%s: `%s', expected a number of at least %g", name, text, low);
    return value;
}

static int32_t choice(const struct argp_state *state, const char *name, const char *text,
                      const char *const *words)
{
    for (int32_t k = 0; k < 2; k++)
        if (strcmp(text, words[k]) == 0) return k;
    REFUSE(state, "--%s: `%s', expected %s or %s", name, text, words[0], words[1]);
    return 0;
}

#define WORD(code, word) [code] = (word),
static const char *const variants[] = {DG_VARIANT_LIST(WORD)};
static const char *const samplings[] = {DG_SAMPLING_LIST(WORD)};
#undef WORD

static void check(const request *q, const struct argp_state *state)
{
    if (!q->function || q->solver.dimension == 0)
        REFUSE(state, "--function and --dimension are missing");
    if (q->values) return;
    if (q->solver.population == 0 || q->evaluations == 0)
        REFUSE(state, "--population and --max-evaluations are missing");
    if (q->evaluations / (q->solver.population ? q->solver.population : 1) >= GENERATIONS_MOST)
        REFUSE(state, "--max-evaluations: at most %lld generations",
               (long long)GENERATIONS_MOST - 1);
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    request *q = state->input;
    cmaes_request *s = &q->solver;
    switch (key) {
    case 'f': q->function = text; return 0;
    case 'n': s->dimension = (int32_t)integer(state, "dimension", text, 1, 1000000); return 0;
    case 'p': s->population = (int32_t)integer(state, "population", text, 2, 4096); return 0;
    case 's': s->sigma = real(state, "sigma", text, 1e-20); return 0;
    case 'r': q->seed = integer(state, "seed", text, 0, INT32_MAX); return 0;
    case KEY_SEEDS: q->seeds = integer(state, "seeds", text, 1, INT32_MAX); return 0;
    case 't': q->target = real(state, "target", text, 0); return 0;
    case 'e': q->evaluations = integer(state, "max-evaluations", text, 1, INT64_MAX); return 0;
    case 'v': s->variant = choice(state, "variant", text, variants); return 0;
    case 'd': s->sampling = choice(state, "sampling", text, samplings); return 0;
    case KEY_MEAN_RATE: s->mean_rate = real(state, "mean-rate", text, 0); return 0;
    case KEY_COVARIANCE_RATE:
        s->covariance_rate = real(state, "covariance-rate", text, 0);
        return 0;
    case KEY_VECTOR: s->vector = text; return 0;
    case KEY_VALUES: q->values = 1; return 0;
    case ARGP_KEY_ARG: REFUSE(state, "no argument expected, got `%s'", text); return EINVAL;
    case ARGP_KEY_END: check(q, state); return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

int main(int argc, char **argv)
{
    static const struct argp parser = {
        .options = options,
        .parser = parse,
        .doc = "The engine's sep-CMA-ES on a test function: a line of JSON per seed.",
    };
    request q = {.target = (double)NAN, .seed = 1, .seeds = 1};
    q.solver = (cmaes_request){.variant = DG_VARIANT_ROS_HANSEN,
                               .sampling = DG_SAMPLING_DIAGONAL,
                               .sigma = 1,
                               .mean_rate = (double)NAN,
                               .covariance_rate = (double)NAN};
    argp_err_exit_status = 2;
    argp_parse(&parser, argc, argv, 0, NULL, &q);

    cmaes_objective f;
    dg_status status = cmaes_objective_make(&f, q.function, q.solver.dimension);
    if (status == DG_OK) status = q.values ? put_values(&f) : run_seeds(&q, &f);
    cmaes_objective_free(&f);
    if (status == DG_OK && fflush(stdout) == 0 && !ferror(stdout)) return 0;
    fprintf(stderr, "bench-cmaes: %s\n", status == DG_OK ? "stdout: can't write" : dg_error());
    return status == DG_ERR_ARGUMENT || status == DG_ERR_UNSUPPORTED ? 2 : 1;
}
