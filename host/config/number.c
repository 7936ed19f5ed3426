/**
 * Numbers as text, independent of the locale of the program that uses the library.
 *
 * Stricter than strtod and strtoll: no white space, no hexadecimal, no infinity, no leading zeros
 * (YAML 1.1 takes 010 for eight, people for ten).
 */
#include "host/config/value.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* digits after an optional sign, without leading zeros */
static bool is_integer(const char *text)
{
    if (*text == '-' || *text == '+') text++;
    const size_t digits = strspn(text, "0123456789");
    return digits > 0 && text[digits] == '\0' && (text[0] != '0' || digits == 1);
}

bool dg_integer_read(int64_t *out, const char *text)
{
    if (!is_integer(text)) return false;
    errno = 0;
    const long long value = strtoll(text, NULL, 10);
    if (errno != 0) return false;
    *out = value;
    return true;
}

bool dg_seed_read(uint64_t *out, const char *text)
{
    if (!is_integer(text) || *text == '-') return false;
    errno = 0;
    const unsigned long long value = strtoull(text, NULL, 10);
    if (errno != 0) return false;
    *out = value;
    return true;
}

/* the mark between whole and fraction that strtod and printf use at this moment */
static char decimal_point(void)
{
    return localeconv()->decimal_point[0];
}

bool dg_real_read(double *out, const char *text)
{
    char copy[64];
    const size_t length = strlen(text);
    if (length == 0 || length >= sizeof copy) return false;
    if (strspn(text, "+-.0123456789eE") != length) return false;
    memcpy(copy, text, length + 1);
    char *point = strchr(copy, '.');
    if (point) *point = decimal_point();
    char *end;
    const double value = strtod(copy, &end);
    if (*end != '\0' || !isfinite(value)) return false;
    *out = value + 0.0; /* -0 becomes 0, so that equal values have equal bytes */
    return true;
}

const char *dg_real_format(double real, char *text, size_t size)
{
    char digits[40];
    for (int precision = 15; precision <= 17; precision++) {
        snprintf(digits, sizeof digits, "%.*g", precision, real);
        if (strtod(digits, NULL) == real) break;
    }
    char *point = strchr(digits, decimal_point());
    if (point) *point = '.';
    /* readers of YAML 1.1 take 1e-05 for text and 1.0e-05 for a number */
    const char *exponent = strchr(digits, 'e');
    if (exponent && !point)
        snprintf(text, size, "%.*s.0%s", (int)(exponent - digits), digits, exponent);
    else
        snprintf(text, size, "%s", digits);
    return text;
}
