/** Quoting for a shell; see shell.h. */
#include "host/base/shell.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

void dg_shell_quote(FILE *out, const char *text)
{
    fputc('\'', out);
    for (; *text; text++) {
        if (*text == '\'')
            fputs("'\\''", out);
        else
            fputc(*text, out);
    }
    fputc('\'', out);
}

/** Has it control characters, which would break the line of a message? */
static bool has_control(const char *text)
{
    for (; *text; text++)
        if (iscntrl((unsigned char)*text)) return true;
    return false;
}

/** $'...', in which bash, zsh and POSIX since 2024 read escapes. */
static void put_escaped(FILE *out, const char *text)
{
    fputs("$'", out);
    for (; *text; text++) {
        const unsigned char c = (unsigned char)*text;
        if (c == '\n')
            fputs("\\n", out);
        else if (iscntrl(c))
            fprintf(out, "\\%03o", c);
        else if (c == '\'' || c == '\\')
            fprintf(out, "\\%c", c);
        else
            fputc(c, out);
    }
    fputc('\'', out);
}

static bool is_plain(const char *text)
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                               "_-+./,:@%=";
    return *text && text[strspn(text, safe)] == '\0';
}

static char *quoted(const char *before, const char *text)
{
    char *quoted = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&quoted, &size);
    if (!out) return NULL;
    fputs(before, out);
    if (is_plain(text))
        fputs(text, out);
    else if (has_control(text))
        put_escaped(out, text);
    else
        dg_shell_quote(out, text);
    if (fclose(out) == 0) return quoted;
    free(quoted);
    return NULL;
}

char *dg_shell_path(const char *path)
{
    return quoted(path[0] == '-' ? "./" : "", path);
}

char *dg_shell_word(const char *text)
{
    return quoted("", text);
}
