/** The table of models; see model.h. */
#include "host/models/model.h"

/* a row for each entry of DG_MODEL_LIST. A missing one is NULL, and tests fail */
static const dg_model *const models[] = {
    [DG_MODEL_DIGICO] = &dg_model_digico,
    [DG_MODEL_ECHO] = &dg_model_echo,
};

#define COUNT_MODEL(code, word) +1
_Static_assert(sizeof models / sizeof *models == 0 DG_MODEL_LIST(COUNT_MODEL), "a row for each");
#undef COUNT_MODEL

const dg_model *dg_model_of(int32_t kind)
{
    return models[kind];
}

const dg_model *dg_model_of_experiment(const dg_experiment *experiment)
{
    return models[experiment->condition[0].model];
}

const dg_model *dg_model_of_results(const dg_results *results)
{
    return models[results->model];
}

bool dg_model_on_backends(const dg_model *model)
{
    return model->compute == NULL;
}

int64_t dg_model_work(const dg_config *config)
{
    const dg_model *model = models[config->model];
    return model->agent_steps(config, model->generations(config));
}
