/** Parsing durations; see duration.h. */
#include "host/base/duration.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#define YEAR (INT64_C(366) * 86400)

/** Read a number of at most nine digits and advance *at; -1 if there is no digit. */
static int64_t read_number(const char **at)
{
    int64_t number = 0;
    int digits = 0;
    for (; isdigit((unsigned char)**at) && digits < 9; ++*at, digits++)
        number = 10 * number + (**at - '0');
    return digits > 0 ? number : -1;
}

/** Read one to three numbers separated by colons; returns how many, 0 if the format differs. */
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
    const bool has_days = strchr(text, '-') != NULL;
    const int64_t days = has_days ? read_number(&clock) : 0;
    const bool read = days >= 0 && (!has_days || *clock++ == '-');
    const int count = read ? read_numbers(clock, part) : 0;
    /* after days, the first number is hours; without days, one number is M and two are M:S */
    const int64_t total = has_days     ? 86400 * days + 3600 * part[0] + 60 * part[1] + part[2]
                          : count == 3 ? 3600 * part[0] + 60 * part[1] + part[2]
                                       : 60 * part[0] + part[1];
    if (count == 0 || total < 1 || total > YEAR)
        return dg_fail(DG_ERR_ARGUMENT,
                       "%s, expected a duration of 1 second to 366 days: H:M:S, M:S, M (minutes), "
                       "D-H, D-H:M or D-H:M:S",
                       text);
    *seconds = total;
    return DG_OK;
}
