/** Durations; see duration.h. */
#include "host/base/duration.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#define YEAR (INT64_C(366) * 86400)

/** The next number, of at most nine digits; -1: there is none. */
static int64_t read_number(const char **at)
{
    int64_t number = 0;
    int digits = 0;
    for (; isdigit((unsigned char)**at) && digits < 9; ++*at, digits++)
        number = 10 * number + (**at - '0');
    return digits > 0 ? number : -1;
}

/** Numbers between colons, at most three; how many, 0: another form. */
static int read_numbers(const char *text, int64_t part[3])
{
    int count = 0;
    do {
        if (count == 3) return 0;
        part[count] = read_number(&text);
        if (part[count++] < 0) return 0;
    } while (*text++ == ':');
    return text[-1] == '\0' ? count : 0;
}

dg_status dg_duration_parse(int64_t *seconds, const char *text)
{
    const char *clock = text;
    int64_t part[3] = {0};
    const bool dashed = strchr(text, '-') != NULL;
    const int64_t days = dashed ? read_number(&clock) : 0;
    const bool read = days >= 0 && (!dashed || *clock++ == '-');
    const int count = read ? read_numbers(clock, part) : 0;
    /* without days a single number is minutes and two are M:S; with days all begins with hours */
    const int64_t total = dashed       ? 86400 * days + 3600 * part[0] + 60 * part[1] + part[2]
                          : count == 3 ? 3600 * part[0] + 60 * part[1] + part[2]
                                       : 60 * part[0] + part[1];
    if (count == 0 || total < 1 || total > YEAR)
        return dg_fail(DG_ERR_ARGUMENT,
                       "%s, expected a time up to a year: H:M:S, M, M:S, D-H, D-H:M or D-H:M:S",
                       text);
    *seconds = total;
    return DG_OK;
}
