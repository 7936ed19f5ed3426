/**
 * What is compared, CPU against CUDA: a list of cases, each a line of words.
 *
 * A word `key=value` is laid over the default experiment (one batch, seeds 1 ... runs; niches of 200
 * points). A list as value (`belief_weights.update=[fixed,reward]`) mixes such runs in the batch. A word
 * with an @ says how the batch is run or made:
 *
 *   @runs=17      seeds 1 ... 17 (default 1)
 *   @groups=5     a list of five groups in place of the default three; also 1, 2 and 16
 *   @blocks=2     blocks per run on CUDA, @warps=4 warps per block (default: chosen)
 *   @pieces=1     advance by 1, by 2 and by the rest, downloading in between
 *   @alone=1      on CUDA, every run in a batch of its own
 *   @resume=3     on CUDA, go on with what the CPU has brought to generation 3, with no run ended by then
 *   @trouble=word a number that ends every second run, put into its start: weight, tiny, huge
 *   @ended=3      so many runs must end before their last generation
 *   @hash=0x...   what the final state of the only run must hash to
 */
#ifndef DG_TEST_CUDA_CASES_H
#define DG_TEST_CUDA_CASES_H

#include <stdint.h>

enum { CASE_TEXT = 1024, CASE_WORDS = 64, CASES_MOST = 1200 };

/** A number put into the start of a run. */
typedef enum case_trouble {
    TROUBLE_NONE,
    TROUBLE_WEIGHT, /* the first belief weight that dg_weight_sound() does not accept */
    TROUBLE_TINY,   /* a step size whose inverse overflows */
    TROUBLE_HUGE    /* a step size beyond the last that dg_evolve_sound() accepts */
} case_trouble;

/** A case, read from its line. `set` points into `text`. */
typedef struct cuda_case {
    char text[CASE_TEXT];
    const char *set[CASE_WORDS]; /* key=value */
    int sets;
    int runs, groups, blocks, warps, pieces, alone, resume;
    int ended; /* 0: any number */
    case_trouble trouble;
    uint64_t hash; /* 0: none */
} cuda_case;

/** The list of lines. Case k is line[k - 1]; a short list is the start of the long one. */
typedef struct case_list {
    char (*line)[CASE_TEXT]; /* owned */
    int count;
    int count_short;
} case_list;

/** Make the list; exits the program without memory. Free with case_list_free(). */
void case_list_make(case_list *list);

void case_list_free(case_list *list);

/** Read a line; 0 and a message on standard error if a word means nothing. */
int case_read(cuda_case *out, const char *line);

/** The experiment of a case before its words are laid over it, as YAML: at most `size` bytes. */
void case_yaml(const cuda_case *c, char *text, int size);

#endif
