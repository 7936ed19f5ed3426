/** Writing JSON; see json.h. */
#include "host/json.h"

#include <inttypes.h>
#include <math.h>

static void put_string(FILE *file, const char *text)
{
    fputc('"', file);
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        if (*c == '"' || *c == '\\')
            fprintf(file, "\\%c", *c);
        else if (*c < 0x20)
            fprintf(file, "\\u%04x", *c);
        else
            fputc(*c, file);
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
    put_string(json->file, key);
    fputs(": ", json->file);
}

void dg_json_text(dg_json *json, const char *key, const char *text)
{
    dg_json_key(json, key);
    put_string(json->file, text);
}

void dg_json_integer(dg_json *json, const char *key, int64_t value)
{
    dg_json_key(json, key);
    fprintf(json->file, "%" PRId64, value);
}

void dg_json_real(dg_json *json, const char *key, double value)
{
    dg_json_key(json, key);
    if (isfinite(value))
        fprintf(json->file, "%.10g", value);
    else
        fputs("null", json->file);
}
