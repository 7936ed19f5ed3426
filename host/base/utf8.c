/** Characters of texts from elsewhere; see utf8.h. */
#include "host/base/utf8.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

int32_t dg_utf8_decode(const unsigned char *c, int *bytes)
{
    static const int32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const int length = *c < 0x80   ? 1
                       : *c < 0xc2 ? 0
                       : *c < 0xe0 ? 2
                       : *c < 0xf0 ? 3
                       : *c < 0xf5 ? 4
                                   : 0;
    int32_t code = length > 1 ? *c & (0x7f >> length) : *c;
    *bytes = 1;
    for (int k = 1; k < length; k++) {
        if ((c[k] & 0xc0) != 0x80) return -1;
        code = code << 6 | (c[k] & 0x3f);
    }
    const bool surrogate = code >= 0xd800 && code <= 0xdfff;
    if (length == 0 || code < least[length] || code > 0x10ffff || surrogate) return -1;
    *bytes = length;
    return code;
}

/** Does a terminal show the character, and nothing else? */
static bool is_shown(int32_t code)
{
    const bool control = code < 0x20 || (code >= 0x7f && code <= 0x9f);
    const bool separator = code == 0x2028 || code == 0x2029;
    const bool direction = code == 0x200e || code == 0x200f || (code >= 0x202a && code <= 0x202e) ||
                           (code >= 0x2066 && code <= 0x2069);
    return !control && !separator && !direction && code != 0xfeff;
}

/** The character at `c` as it is, or its escape. */
static void put(char shown[16], const unsigned char *c, int32_t code, int bytes)
{
    if (code >= 0 && is_shown(code))
        snprintf(shown, 16, "%.*s", bytes, (const char *)c);
    else if (code == '\n' || code == '\t' || code == '\r')
        snprintf(shown, 16, "\\%c", code == '\n' ? 'n' : code == '\t' ? 't' : 'r');
    else if (bytes > 1)
        snprintf(shown, 16, "\\u%04x", (unsigned)code);
    else
        snprintf(shown, 16, "\\x%02x", *c);
}

char *dg_printable(char *to, size_t size, const char *text)
{
    size_t length = 0;
    int bytes = 0;
    for (const unsigned char *c = (const unsigned char *)text; *c; c += bytes) {
        char shown[16];
        const int32_t code = dg_utf8_decode(c, &bytes);
        put(shown, c, code, bytes);
        const size_t more = strlen(shown);
        if (length + more >= size) break;
        memcpy(to + length, shown, more);
        length += more;
    }
    to[length] = '\0';
    return to;
}
