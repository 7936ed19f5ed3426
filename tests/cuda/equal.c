/**
 * equal: do runs on CUDA leave the bytes that they leave on the CPU?
 *
 *   equal               all cases; needs a GPU for it to be quick
 *   equal --short       the first of them, for the emulator
 *   equal --case N      one case; may be repeated
 *   equal key=value ... a case of your own, in the words of tests/cuda/cases.h
 *   equal --golden      those whose final state must have a known hash
 *   equal --list        print the cases; with --short the short list
 *   equal --self        the CPU's portable instruction set in place of CUDA
 *   equal --device K    CUDA device K
 *
 * Exit code: 0 all equal, 1 a difference or an error, 2 usage, 77 no CUDA device.
 */
#include "cases.h"
#include "compare.h"

#include "host/base/clock.h"
#include "host/base/hash.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct request {
    int short_list, golden, list, self;
    int32_t device;
    int case_number[64];
    int case_count;
    char own[CASE_TEXT]; /* a case of the user's words */
} request;

typedef struct tally {
    int equal, differ, refused;
    int64_t agent_steps;
} tally;

/* ---- one case -------------------------------------------------------------------------------- */

static int hash_holds(const cuda_case *c, const outcome *o, char *said)
{
    const uint64_t hash = dg_hash_bytes(o->block, dg_state_bytes(&o->shape));
    if (c->hash == 0 || (hash == c->hash && o->runs == 1)) return 1;
    snprintf(said, DIFFERENCE_TEXT, "hash 0x%016" PRIx64 ", expected 0x%016" PRIx64, hash, c->hash);
    return 0;
}

/** Did as many runs end early as the case is about? */
static int ends_hold(const cuda_case *c, const outcome *o, char *said)
{
    int ended = 0;
    for (int32_t r = 0; r < o->runs; r++) ended += o->generations[r] < o->shape.generations;
    if (c->ended == 0 || ended == c->ended) return 1;
    snprintf(said, DIFFERENCE_TEXT, "%d of %d runs ended early, expected %d", ended, o->runs,
             c->ended);
    return 0;
}

/** A line that repeats the case: its number, what was found, its words. */
static void complain(int number, const char *what, const char *said, const char *line)
{
    if (isatty(STDERR_FILENO)) fprintf(stderr, "\r\033[K");
    printf("case %d %s: %s\n    equal %s\n", number, what, said, line);
    fflush(stdout);
}

static void try_case(tally *t, const char *line, int number, const processor *cpu,
                     const processor *target)
{
    const char *const names[2] = {cpu->name, target->name};
    char said[DIFFERENCE_TEXT];
    cuda_case c;
    outcome expected = {0}, found = {0};
    if (!case_read(&c, line)) {
        t->refused++;
    } else if (outcome_make(&expected, &c, cpu, 0) != DG_OK ||
               outcome_make(&found, &c, target, 1) != DG_OK) {
        complain(number, "could not be run", dg_error(), line);
        t->refused++;
    } else if (!outcome_equal(&expected, &found, names, said) || !hash_holds(&c, &found, said) ||
               !ends_hold(&c, &found, said)) {
        complain(number, "differs", said, line);
        t->differ++;
    } else {
        t->equal++;
    }
    t->agent_steps += found.watched[1];
    outcome_free(&expected);
    outcome_free(&found);
}

/* ---- all cases ------------------------------------------------------------------------------- */

static void show_progress(const tally *t, int number, int last, double begin)
{
    if (!isatty(STDERR_FILENO)) return;
    fprintf(stderr, "\r\033[Kcase %d of %d, %d differ, %.0f s", number, last,
            t->differ + t->refused, dg_clock() - begin);
}

static int run_cases(const request *q, const case_list *list, const processor *cpu,
                     const processor *target)
{
    const double begin = dg_clock();
    tally t = {0};
    const int last = q->short_list ? list->count_short : list->count;
    if (q->own[0]) try_case(&t, q->own, 0, cpu, target);
    for (int k = 0; k < q->case_count; k++)
        try_case(&t, list->line[q->case_number[k] - 1], q->case_number[k], cpu, target);
    for (int n = 1; n <= last && !q->own[0] && q->case_count == 0; n++) {
        if (q->golden && !strstr(list->line[n - 1], "@hash=")) continue;
        show_progress(&t, n, last, begin);
        try_case(&t, list->line[n - 1], n, cpu, target);
    }
    if (isatty(STDERR_FILENO)) fprintf(stderr, "\r\033[K");
    printf("%d cases equal, %d differ", t.equal, t.differ);
    if (t.refused) printf(", %d could not be run", t.refused);
    printf(" (%s and %s, %" PRId64 " agent-steps, %.1f s)\n", cpu->name, target->name,
           t.agent_steps, dg_clock() - begin);
    return t.differ + t.refused > 0 || t.equal == 0;
}

/* ---- the command line ------------------------------------------------------------------------ */

static int usage(const char *program)
{
    fprintf(stderr,
            "usage: %s [--short] [--golden] [--list] [--self] [--device K] [--case N]... "
            "[key=value]...\n"
            "Words of a case: tests/cuda/cases.h\n",
            program);
    return 2;
}

/** 0 if the command line means nothing. */
static int read_request(request *q, const case_list *list, int argc, char **argv)
{
    static const struct option options[] = {
        {"short", no_argument, NULL, 's'},
        {"golden", no_argument, NULL, 'g'},
        {"list", no_argument, NULL, 'l'},
        {"self", no_argument, NULL, 'S'},
        {"case", required_argument, NULL, 'c'},
        {"device", required_argument, NULL, 'd'},
        {0},
    };
    for (int o; (o = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        const int number = optarg ? atoi(optarg) : 0;
        if (o == 's')
            q->short_list = 1;
        else if (o == 'l')
            q->list = 1;
        else if (o == 'g')
            q->golden = 1;
        else if (o == 'S')
            q->self = 1;
        else if (o == 'd')
            q->device = number;
        else if (o == 'c' && number >= 1 && number <= list->count && q->case_count < 64)
            q->case_number[q->case_count++] = number;
        else
            return 0;
    }
    for (int k = optind; k < argc; k++)
        if (strlen(q->own) + strlen(argv[k]) + 2 < sizeof q->own)
            strcat(strcat(q->own, " "), argv[k]);
    return 1;
}

/** What is compared with the CPU; 0 if it is not here. */
static int find_target(processor *target, const request *q)
{
    int32_t devices = 0;
    *target = (processor){dg_backend_cuda(), q->device, NULL, "cuda"};
    if (q->self) *target = (processor){dg_backend_cpu(), 0, "generic", "generic"};
    if (!target->backend)
        printf("equal: not run: this build has no CUDA backend\n");
    else if ((devices = target->backend->devices()) == 0)
        printf("equal: not run: %s\n", dg_error());
    else if (devices <= q->device)
        printf("equal: not run: no CUDA device %d answers\n", q->device);
    else
        return 1;
    return 0;
}

static void print_list(const case_list *list, int count)
{
    for (int k = 0; k < count; k++) printf("%d: %s\n", k + 1, list->line[k]);
}

int main(int argc, char **argv)
{
    const processor cpu = {dg_backend_cpu(), 0, NULL, "cpu"};
    processor target;
    request q = {0};
    case_list list;
    int code = 0;
    case_list_make(&list);
    if (!read_request(&q, &list, argc, argv))
        code = usage(argv[0]);
    else if (q.list)
        print_list(&list, q.short_list ? list.count_short : list.count);
    else
        code = find_target(&target, &q) ? run_cases(&q, &list, &cpu, &target) : 77;
    case_list_free(&list);
    return code;
}
