/** host/base/shell.c: a shell reads back what was quoted. */
#include "host/base/shell.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

static const char *const texts[] = {
    "out",      "a b",      "it's",       "`id`",  "$(id)", "$HOME", "\"",        "a\\b",
    "\\",       "-x",       "--",         "*",     "~",     "!!",    "a;b",       "a#b",
    "#",        "",         "'",          "''",    "a\nb",  "\ttab", "it's\n\\n", "\x7f\033[1m",
    "\xc3\xa4", "\xff\xfe", "key=[1, 2]", "{a,b}", "a=b",   "%s"};
enum { TEXTS = sizeof texts / sizeof *texts };

/** What a shell makes of one word; valid until the next call. */
static const char *read_by_bash(const char *word)
{
    static char read[256];
    char command[512];
    snprintf(command, sizeof command, "exec printf %%s %s", word);
    setenv("DG_TEST_COMMAND", command, true);
    FILE *out = popen("exec bash -c \"$DG_TEST_COMMAND\"", "r");
    cr_assert_not_null(out);
    const size_t length = fread(read, 1, sizeof read - 1, out);
    read[length] = '\0';
    cr_assert_eq(pclose(out), 0, "%s", word);
    return read;
}

Test(shell, reads_back_every_word)
{
    for (int k = 0; k < TEXTS; k++) {
        char *word = dg_shell_word(texts[k]);
        cr_expect_null(strpbrk(word, "\n\t\033\x7f"), "one line: %s", word);
        if (strcmp(texts[k], "--") == 0) {
            cr_expect_str_eq(word, "--"); /* printf takes it as an option, the shell does not */
        } else {
            cr_expect_str_eq(read_by_bash(word), texts[k], "%s", word);
        }
        free(word);
    }
}

Test(shell, reads_back_every_path)
{
    for (int k = 0; k < TEXTS; k++) {
        char *word = dg_shell_path(texts[k]);
        const char *read = read_by_bash(word);
        cr_expect_neq(read[0], '-', "an option: %s", word);
        cr_expect_str_eq(texts[k][0] == '-' ? read + 2 : read, texts[k], "%s", word);
        free(word);
    }
}

Test(shell, leaves_plain_paths_alone)
{
    char *word = dg_shell_path("/scratch/user-1/sweep_2.yaml");
    cr_expect_str_eq(word, "/scratch/user-1/sweep_2.yaml");
    free(word);
}
