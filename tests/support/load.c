#include "load.h"

#include <criterion/criterion.h>

#include <string.h>

static dg_status parse(dg_experiment **out, const char *yaml, const char *first, const char *second)
{
    const char *const overrides[] = {first, second};
    const size_t count = first ? second ? 2 : 1 : 0;
    return dg_experiment_parse(out, "a.yaml", yaml, strlen(yaml), overrides, count);
}

dg_experiment *load_text(const char *yaml, const char *first, const char *second)
{
    dg_experiment *experiment = NULL;
    const dg_status status = parse(&experiment, yaml, first, second);
    cr_assert_eq(status, DG_OK, "%s", dg_error());
    cr_assert_not_null(experiment);
    return experiment;
}

const char *load_refusal(const char *yaml, const char *first, const char *second)
{
    dg_experiment *experiment = NULL;
    const dg_status status = parse(&experiment, yaml, first, second);
    cr_assert_eq(status, DG_ERR_CONFIG, "accepted: %s", yaml);
    cr_assert_null(experiment);
    cr_assert_null(strchr(dg_error(), '\n'));
    return dg_error();
}

const char *load_value(const dg_experiment *experiment, size_t run, const char *key)
{
    static char text[128];
    int32_t group;
    cr_assert_lt(run, experiment->runs);
    const dg_field *field = dg_field_find(RUN_CONFIG(experiment, run), key, &group);
    cr_assert_not_null(field, "%s", key);
    return dg_field_format(RUN_CONFIG(experiment, run), field, group, text, sizeof text);
}

const char *load_values(const dg_experiment *experiment, const char *key)
{
    static char all[1024];
    all[0] = '\0';
    for (size_t r = 0; r < experiment->runs; r++) {
        const char *value = load_value(experiment, r, key);
        cr_assert_lt(strlen(all) + strlen(value) + 2, sizeof all);
        if (r > 0) strcat(all, " ");
        strcat(all, value);
    }
    return all;
}
