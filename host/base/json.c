/** Writing JSON; see json.h. */
#include "host/base/json.h"

#include "host/base/utf8.h"

#include <inttypes.h>
#include <math.h>

/** Can the character be written without escaping? YAML, which reads this JSON, allows fewer. */
static bool is_plain(int32_t code)
{
    return code >= 0x20 && code != '"' && code != '\\' && (code < 0x7f || code > 0x9f) &&
           code != 0xfeff && code != 0xfffe && code != 0xffff;
}

/** File names and system messages may contain any bytes: invalid UTF-8 is written as U+FFFD. */
void dg_json_string(FILE *file, const char *text)
{
    int bytes = 0;
    fputc('"', file);
    for (const unsigned char *c = (const unsigned char *)text; *c; c += bytes) {
        const int32_t code = dg_utf8_decode(c, &bytes);
        if (code == '"' || code == '\\')
            fprintf(file, "\\%c", *c);
        else if (code >= 0 && is_plain(code))
            fwrite(c, 1, (size_t)bytes, file);
        else
            fprintf(file, "\\u%04x", code >= 0 ? (unsigned)code : 0xfffd);
    }
    fputc('"', file);
}

void dg_json_open(dg_json *json, FILE *file, const char *indent)
{
    *json = (dg_json){.file = file, .indent = indent};
    fputc('{', file);
}

void dg_json_close(dg_json *json)
{
    if (json->indent && json->members > 0) fputc('\n', json->file);
    fputc('}', json->file);
}

void dg_json_key(dg_json *json, const char *key)
{
    if (json->members++ > 0) fputs(json->indent ? "," : ", ", json->file);
    if (json->indent) fprintf(json->file, "\n%s", json->indent);
    dg_json_string(json->file, key);
    fputs(": ", json->file);
}

void dg_json_text(dg_json *json, const char *key, const char *text)
{
    dg_json_key(json, key);
    dg_json_string(json->file, text);
}

void dg_json_integer(dg_json *json, const char *key, int64_t value)
{
    dg_json_key(json, key);
    fprintf(json->file, "%" PRId64, value);
}

void dg_json_boolean(dg_json *json, const char *key, bool value)
{
    dg_json_key(json, key);
    fputs(value ? "true" : "false", json->file);
}

void dg_json_real(dg_json *json, const char *key, double value)
{
    dg_json_key(json, key);
    if (isfinite(value))
        fprintf(json->file, "%.10g", value);
    else
        fputs("null", json->file);
}
