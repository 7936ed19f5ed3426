/**
 * gpu-bench [--quick] [--out FILE] [--only SECTION]... [--repeats N] [--limit SECONDS] [--device K]
 *
 * Checks that the device leaves the CPU's bytes, then times it. --out is rewritten after each section, so
 * that a time limit loses one section at most; nothing new starts after --limit seconds (default 420).
 * --self times the CPU, to check the bench; --name prints the device's name alone.
 * Exit code: 0, 1 error or mismatch, 2 usage, 77 no device.
 */
#include "bench/gpu/gpu.h"

#include "host/base/clock.h"
#include "host/base/error.h"

#include <getopt.h>
#include <stdlib.h>

typedef struct request {
    const char *only[16];
    int count;
    int self, name;
} request;

static int usage(void)
{
    fprintf(stderr, "usage: gpu-bench [--quick] [--out FILE] [--only SECTION]... [--repeats N]\n"
                    "                 [--limit SECONDS] [--device K] [--self] [--name]\nsections:");
    for (const gpu_section *s = gpu_sections; s->name; s++) fprintf(stderr, " %s", s->name);
    fprintf(stderr, "\n");
    return 2;
}

static int known(const char *name)
{
    for (const gpu_section *s = gpu_sections; s->name; s++)
        if (strcmp(s->name, name) == 0) return 1;
    return 0;
}

/** 0 if the command line means nothing. */
static int read_request(gpu_bench *b, request *q, int argc, char **argv)
{
    static const struct option options[] = {
        {"quick", no_argument, NULL, 'q'},
        {"out", required_argument, NULL, 'o'},
        {"only", required_argument, NULL, 'n'},
        {"repeats", required_argument, NULL, 'r'},
        {"limit", required_argument, NULL, 'l'},
        {"device", required_argument, NULL, 'd'},
        {"self", no_argument, NULL, 'S'},
        {"name", no_argument, NULL, 'N'},
        {0},
    };
    for (int o; (o = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (o == 'q')
            b->quick = 1;
        else if (o == 'N')
            q->name = 1;
        else if (o == 'S')
            q->self = 1;
        else if (o == 'o')
            b->file = optarg;
        else if (o == 'r')
            b->repeats = atoi(optarg);
        else if (o == 'l')
            b->limit = atof(optarg);
        else if (o == 'd')
            b->device = atoi(optarg);
        else if (o == 'n' && known(optarg) && q->count < 16)
            q->only[q->count++] = optarg;
        else
            return 0;
    }
    return optind == argc && b->repeats >= 1 && b->repeats <= GPU_REPEATS_MOST;
}

static int asked_for(const request *q, const char *name)
{
    int found = q->count == 0;
    for (int k = 0; k < q->count; k++) found = found || strcmp(q->only[k], name) == 0;
    return found;
}

/** Nothing is timed that does not leave the CPU's bytes. */
static dg_status check(const gpu_bench *b)
{
    static const gpu_case cases[] = {
        {"80 runs of N = 30",
         {"ai_type=[none,all]", "belief_weights.update=[fixed,reward]"},
         20,
         5,
         0,
         0},
        {"N = 99", {"agents=99", "reading=tables"}, 2, 3, 0, 0},
    };
    for (int k = 0; k < 2; k++) DG_TRY(gpu_compare(b, &cases[k]));
    printf("\nfinal states equal the CPU's: 80 runs of N = 30, 2 runs of N = 99\n");
    return DG_OK;
}

static dg_status run(gpu_bench *b, const request *q)
{
    dg_status status = DG_OK;
    DG_TRY(b->backend->describe(b->device, &b->info));
    DG_TRY(b->backend->open(b->device, &b->info));
    if (q->name) {
        printf("%s\n", b->info.name);
        return DG_OK;
    }
    b->peak = q->self ? 0 : 2.0 * 128 * b->info.multiprocessors * gpu_clock(b->device);
    b->json = open_memstream(&b->text, &b->size);
    if (!b->json) return dg_fail(DG_ERR_MEMORY, "no memory for the figures");
    gpu_put_machine(b);
    DG_TRY_GOTO(check(b), end);
    for (const gpu_section *s = gpu_sections; s->name; s++) {
        if (!asked_for(q, s->name)) continue;
        if (dg_clock() < b->limit)
            DG_TRY_GOTO(s->run(b), end);
        else
            printf("\n%s: not run: the time is up\n", s->name);
    }
end:
    fclose(b->json);
    free(b->text);
    return status;
}

int main(int argc, char **argv)
{
    gpu_bench b = {.repeats = 3, .limit = 420, .began = dg_clock()};
    request q = {0};
    if (!read_request(&b, &q, argc, argv)) return usage();
    b.limit += b.began;
    b.backend = q.self ? dg_backend_cpu() : dg_backend_cuda();
    if (!b.backend) {
        printf("gpu-bench: not run: this build has no CUDA backend\n");
        return 77;
    }
    const int32_t devices = b.backend->devices();
    if (devices <= b.device) {
        printf("gpu-bench: not run: %s\n",
               devices == 0 ? dg_error() : "no such CUDA device answers");
        return 77;
    }
    if (run(&b, &q) == DG_OK) return 0;
    fprintf(stderr, "gpu-bench: %s\n", dg_error());
    return 1;
}
