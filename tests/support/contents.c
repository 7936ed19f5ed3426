#include "contents.h"

#include "host/base/files.h"

#include <criterion/criterion.h>
#include <netcdf.h>

#include <stdlib.h>
#include <string.h>

#define NC(call) cr_assert_eq((call), NC_NOERR, "%s", #call)

/** A variable with all its values. */
typedef struct values {
    char name[NC_MAX_NAME + 1];
    nc_type type;
    size_t count, size; /* number of elements, bytes of one element */
    void *data;
} values;

static values read_values(int file, int variable)
{
    values w = {.count = 1};
    int rank, dimension[NC_MAX_VAR_DIMS];
    NC(nc_inq_var(file, variable, w.name, &w.type, &rank, dimension, NULL));
    for (int d = 0; d < rank; d++) {
        size_t length;
        NC(nc_inq_dimlen(file, dimension[d], &length));
        w.count *= length;
    }
    NC(nc_inq_type(file, w.type, NULL, &w.size));
    w.data = calloc(w.count + 1, w.size);
    cr_assert_not_null(w.data);
    NC(nc_get_var(file, variable, w.data));
    return w;
}

static void free_values(values *w)
{
    if (w->type == NC_STRING) nc_free_string(w->count, w->data);
    free(w->data);
}

static bool same_strings(const values *a, const values *b)
{
    char **left = a->data, **right = b->data;
    for (size_t k = 0; k < a->count; k++)
        if (strcmp(left[k], right[k]) != 0) return false;
    return true;
}

static void expect_same_variable(int file, int other, int variable)
{
    values a = read_values(file, variable), b = read_values(other, variable);
    cr_assert_str_eq(a.name, b.name);
    cr_assert_eq(a.type, b.type, "%s", a.name);
    cr_assert_eq(a.count, b.count, "%s", a.name);
    cr_expect(a.type == NC_STRING ? same_strings(&a, &b)
                                  : memcmp(a.data, b.data, a.count * a.size) == 0,
              "%s differs", a.name);
    free_values(&a);
    free_values(&b);
}

void contents_expect_same(const char *path, const char *other)
{
    int a, b, variables, others;
    NC(nc_open(path, NC_NOWRITE, &a));
    NC(nc_open(other, NC_NOWRITE, &b));
    NC(nc_inq_nvars(a, &variables));
    NC(nc_inq_nvars(b, &others));
    cr_assert_eq(variables, others);
    cr_assert_gt(variables, 10);
    for (int v = 0; v < variables; v++) expect_same_variable(a, b, v);
    NC(nc_close(a));
    NC(nc_close(b));
}

void contents_expect_same_bytes(const char *path, const char *other)
{
    char *a = NULL, *b = NULL;
    size_t length = 0, others = 0;
    contents_expect_same(path, other);
    cr_assert_eq(dg_file_load(path, &a, &length), DG_OK, "%s", dg_error());
    cr_assert_eq(dg_file_load(other, &b, &others), DG_OK, "%s", dg_error());
    cr_assert_eq(length, others, "%s has %zu bytes, %s %zu", path, length, other, others);
    cr_assert_eq(memcmp(a, b, length), 0, "the bytes of %s and %s differ", path, other);
    free(a);
    free(b);
}
