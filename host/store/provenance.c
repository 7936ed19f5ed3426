/**
 * Global attributes: the experiment and the program that wrote the file. Where, when and on which
 * device the runs were computed is in provenance.json, so that equal runs give an equal file.
 */
#include "host/base/build_info.h"
#include "host/store/writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

dg_status dg_store_attribute(dg_store *store, const char *name, const char *text)
{
    const char *value = text != NULL ? text : "";
    DG_NETCDF_TRY(nc_put_att_text(store->file, NC_GLOBAL, name, strlen(value), value), store->part,
                  name);
    return DG_OK;
}

static dg_status integer_attribute(dg_store *store, const char *name, int value)
{
    DG_NETCDF_TRY(nc_put_att_int(store->file, NC_GLOBAL, name, NC_INT, 1, &value), store->part,
                  name);
    return DG_OK;
}

/** The attributes of the CF and NUG conventions. */
static dg_status describe(dg_store *store)
{
    char source[96];
    snprintf(source, sizeof source, "digico %s, model version %d", dg_version(), DG_MODEL_VERSION);
    DG_TRY(dg_store_attribute(store, "Conventions", "CF-1.11"));
    DG_TRY(dg_store_attribute(store, "title", store->layout->title));
    DG_TRY(dg_store_attribute(store, "source", source));
    return dg_store_attribute(store, "references", "arXiv:2412.14500");
}

static dg_status describe_program(dg_store *store)
{
    DG_TRY(dg_store_attribute(store, "digico_version", dg_version()));
    DG_TRY(integer_attribute(store, "model_version", DG_MODEL_VERSION));
    return dg_store_attribute(store, "git_commit", dg_build_git_commit());
}

/** Which runs give the same bytes on every machine. */
static const char *same_everywhere(const dg_store *store)
{
    const dg_store_layout *layout = store->layout;
    const char *differs = layout->differs ? layout->differs(store->experiment) : NULL;
    return differs ? differs : "all runs";
}

/** Values of the keys that a run's configuration omits, unless another key determines them. */
static dg_status describe_defaults(dg_store *store)
{
    char *text = NULL;
    DG_TRY(dg_config_text(&text, &store->experiment->condition[0], dg_config_write_defaults));
    const dg_status status = dg_store_attribute(store, "configuration_defaults", text);
    free(text);
    return status;
}

/** The experiment as it was given; each run's configuration is a variable. */
static dg_status describe_experiment(dg_store *store)
{
    DG_TRY(dg_store_attribute(store, "model", store->layout->model));
    DG_TRY(dg_store_attribute(store, "same_everywhere", same_everywhere(store)));
    DG_TRY(dg_store_attribute(store, "configuration_name", dg_experiment_file(store->experiment)));
    DG_TRY(describe_defaults(store));
    return dg_store_attribute(store, "configuration", store->experiment->text);
}

dg_status dg_store_provenance(dg_store *store)
{
    DG_TRY(describe(store));
    DG_TRY(describe_program(store));
    return describe_experiment(store);
}
