/** From a line of words to a case. */
#include "cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* groups that are not the default three: other names, sizes, layers, capacities and periods */
static const struct {
    int groups;
    const char *yaml;
} group_lists[] = {
    {1, "groups: {people: {kind: human, size: 9}}\n"},
    {2, "groups:\n"
        "  bots: {kind: ai, size: 13, hidden: 40, observation_capacity: 1, belief: {fixed_at: 1}}\n"
        "  people: {kind: human, size: 20, hidden: 7, act_period: 3, evolve_period: 0}\n"},
    {5, "groups:\n"
        "  bots: {kind: ai, size: 3, hidden: 33, observation_capacity: 10}\n"
        "  trolls: {kind: ai, size: 5, hidden: 64, belief: fixed, influence_bonus: 1}\n"
        "  near: {kind: human, size: 8, hidden: 100, observation_capacity: 1, act_period: 2}\n"
        "  far: {kind: human, size: 2, hidden: 5, evolve_period: 2}\n"
        "  others: {kind: human, size: 13, hidden: 16, observation_capacity: 7}\n"},
};

static void yaml_of_groups(int groups, char *text, int size)
{
    for (size_t k = 0; k < sizeof group_lists / sizeof *group_lists; k++)
        if (group_lists[k].groups == groups)
            snprintf(text, (size_t)size, "%s", group_lists[k].yaml);
    if (groups != 16) return;
    int at = snprintf(text, (size_t)size, "groups:\n");
    for (int g = 0; g < groups; g++)
        at += snprintf(text + at, (size_t)(size - at), "  g%d: {kind: %s, size: %d, hidden: %d}\n",
                       g, g < 6 ? "ai" : "human", 2 + g % 3, 4 + g);
}

void case_yaml(const cuda_case *c, char *text, int size)
{
    const int at = snprintf(text, (size_t)size,
                            "niche: {points: 200, iterations: 3}\n"
                            "sweep: {product: {seed: {from: 1, to: %d}}}\n",
                            c->runs);
    yaml_of_groups(c->groups, text + at, size - at);
}

static int read_trouble(const char *word)
{
    static const char *const words[] = {"none", "weight", "tiny", "huge"};
    for (int k = 0; k < 4; k++)
        if (strcmp(word, words[k]) == 0) return k;
    return -1;
}

/** A word with an @; 0 if it means nothing. */
static int read_how(cuda_case *c, const char *word)
{
    const struct {
        const char *name;
        int *to;
    } numbers[] = {
        {"@runs=", &c->runs},   {"@groups=", &c->groups}, {"@blocks=", &c->blocks},
        {"@warps=", &c->warps}, {"@pieces=", &c->pieces}, {"@alone=", &c->alone},
        {"@ended=", &c->ended}, {"@resume=", &c->resume},
    };
    for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++) {
        const size_t length = strlen(numbers[k].name);
        if (strncmp(word, numbers[k].name, length) != 0) continue;
        *numbers[k].to = (int)strtol(word + length, NULL, 10);
        return 1;
    }
    if (strncmp(word, "@hash=", 6) == 0) return (c->hash = strtoull(word + 6, NULL, 16)) != 0;
    if (strncmp(word, "@trouble=", 9) != 0) return 0;
    const int trouble = read_trouble(word + 9);
    c->trouble = trouble < 0 ? TROUBLE_NONE : (case_trouble)trouble;
    return trouble >= 0;
}

int case_read(cuda_case *out, const char *line)
{
    memset(out, 0, sizeof *out);
    out->runs = 1;
    snprintf(out->text, sizeof out->text, "%s", line);
    char *rest = out->text;
    for (char *word; (word = strtok_r(rest, " ", &rest));) {
        const int full = word[0] != '@' && (out->sets == CASE_WORDS || !strchr(word, '='));
        if (!full && word[0] != '@')
            out->set[out->sets++] = word;
        else if (full || !read_how(out, word)) {
            fprintf(stderr, "%s: expected key=value or a word of tests/cuda/cases.h\n", word);
            return 0;
        }
    }
    return 1;
}
