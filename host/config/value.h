/**
 * One value of one field: read from a node, compared, stored into a configuration, written.
 */
#ifndef DG_CONFIG_VALUE_H
#define DG_CONFIG_VALUE_H

#include "host/config/config.h"
#include "host/config/tree.h"

typedef struct dg_value {
    int64_t integer; /* integer, boolean, choice, belief */
    uint64_t seed;
    double real, high; /* real; clip: low and high, both nan for none */
    const char *text;  /* name, borrowed */
} dg_value;

/** Read a node; false if it is not of the field's type or out of its bounds. */
bool dg_value_read(dg_value *out, const dg_field *field, const dg_node *node);

/** As dg_value_read(), from plain text; for the defaults and presets of our own tables. */
bool dg_value_parse(dg_value *out, const dg_field *field, const char *text);

/** What dg_value_read() accepts, "expected an integer in 2 ... 100000"; returns `text`. */
const char *dg_field_expect(const dg_field *field, char *text, size_t size);

/** What dg_value_read() accepts in a few words, "2 ... 100000"; returns `text`. */
const char *dg_field_range(const dg_field *field, char *text, size_t size);

/** Put a value into a configuration, or into its group `group`. */
void dg_value_store(const dg_value *value, const dg_field *field, dg_config *config, int32_t group);

/** The value a configuration holds; names are borrowed from it. */
dg_value dg_value_load(const dg_field *field, const dg_config *config, int32_t group);

/** Whether two values of one field are the same. */
bool dg_value_equal(const dg_value *a, const dg_value *b, const dg_field *field);

/** A value as YAML; returns `text`. */
const char *dg_value_format(const dg_value *value, const dg_field *field, char *text, size_t size);

/** Shortest decimal text that reads back to the same double, with a point in exponent form. */
const char *dg_real_format(double real, char *text, size_t size);

/** A finite decimal number and nothing else; false otherwise. */
bool dg_real_read(double *out, const char *text);

/** A decimal integer and nothing else; false otherwise. */
bool dg_integer_read(int64_t *out, const char *text);
bool dg_seed_read(uint64_t *out, const char *text);

#endif
