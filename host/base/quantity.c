/** Numbers as text with units; see quantity.h. */
#include "host/base/quantity.h"

#include <math.h>
#include <stdio.h>

const char *dg_quantity_si(double value, char *text, size_t size)
{
    static const char *const prefix[] = {"", " k", " M", " G", " T", " P", " E"};
    size_t at = 0;
    while (fabs(value) >= 999.5 && at + 1 < sizeof prefix / sizeof *prefix) {
        value /= 1000.0;
        at++;
    }
    const int digits = at == 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
    snprintf(text, size, "%.*f%s", digits, value, prefix[at]);
    return text;
}

const char *dg_quantity_bytes(double bytes, char *text, size_t size)
{
    char number[32];
    snprintf(text, size, "%s%sB", dg_quantity_si(bytes, number, sizeof number),
             bytes < 1000 ? " " : "");
    return text;
}

const char *dg_quantity_clock(double seconds, char *text, size_t size)
{
    if (isnan(seconds) || seconds > 1e12) {
        snprintf(text, size, "?");
        return text;
    }
    const long long s = seconds > 0 ? (long long)(seconds + 0.5) : 0;
    if (s >= 86400)
        snprintf(text, size, "%lldd %02lld:%02lld", s / 86400, s / 3600 % 24, s / 60 % 60);
    else if (s >= 3600)
        snprintf(text, size, "%lld:%02lld:%02lld", s / 3600, s / 60 % 60, s % 60);
    else
        snprintf(text, size, "%lld:%02lld", s / 60, s % 60);
    return text;
}
