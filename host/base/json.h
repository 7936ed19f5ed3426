/** Writing JSON objects. They are read back with libyaml, because JSON is a subset of YAML. */
#ifndef DG_JSON_H
#define DG_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/** An object that is being written. */
typedef struct dg_json {
    FILE *file;
    const char *indent; /* written before each member; NULL: all members on one line */
    int members;        /* written so far */
} dg_json;

/** Write "{" and "}", the begin and the end of an object. */
void dg_json_open(dg_json *json, FILE *file, const char *indent);
void dg_json_close(dg_json *json);

/** Write a member. JSON has no number that is not finite: dg_json_real() writes null for it. */
void dg_json_text(dg_json *json, const char *key, const char *text);
void dg_json_integer(dg_json *json, const char *key, int64_t value);
void dg_json_boolean(dg_json *json, const char *key, bool value);
void dg_json_real(dg_json *json, const char *key, double value);

/** Write the key of a member; the caller writes the value. */
void dg_json_key(dg_json *json, const char *key);

/** Write a text in quotes, with escapes; for an item of a list. */
void dg_json_string(FILE *file, const char *text);

#endif
