/** Writing JSON objects that a program polls; reading them is libyaml's part, for JSON is YAML. */
#ifndef DG_JSON_H
#define DG_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/** An object under way. */
typedef struct dg_json {
    FILE *file;
    const char *indent; /* before each member; NULL: all in one line */
    int members;
} dg_json;

/** Begin and end an object: "{" ... "}". */
void dg_json_open(dg_json *json, FILE *file, const char *indent);
void dg_json_close(dg_json *json);

/** Members. A number that is not finite becomes null, as JSON has no other. */
void dg_json_text(dg_json *json, const char *key, const char *text);
void dg_json_integer(dg_json *json, const char *key, int64_t value);
void dg_json_boolean(dg_json *json, const char *key, bool value);
void dg_json_real(dg_json *json, const char *key, double value);

/** Key alone; the caller writes the value. */
void dg_json_key(dg_json *json, const char *key);

/** A text in quotes, for an item of a list. */
void dg_json_string(FILE *file, const char *text);

#endif
