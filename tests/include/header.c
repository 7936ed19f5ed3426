/** The public header alone, as strict C11: an experiment is read, run in memory and measured. */
#include <digico/digico.h>

#include <stdio.h>
#include <string.h>

static const char text[] = "seed: 1\nagents: 30\ngenerations: 1\nsteps: 2\n";

int main(void)
{
    dg_experiment *experiment = NULL;
    dg_ensemble *ensemble = NULL;
    dg_generation_summary last;
    dg_status status = dg_experiment_parse(&experiment, "header", text, strlen(text), NULL, 0);
    if (status == DG_OK) status = dg_ensemble_create(&ensemble, experiment, 0, 1, NULL);
    if (status == DG_OK) status = dg_ensemble_advance(ensemble, 1);
    if (status == DG_OK) status = dg_ensemble_summary(ensemble, 0, 0, &last);
    if (status != DG_OK) fprintf(stderr, "%s: %s\n", dg_status_text(status), dg_error());
    dg_ensemble_free(&ensemble);
    dg_experiment_free(&experiment);
    return status == DG_OK && last.human_belief_0 >= 0.0 && last.human_belief_0 <= 1.0 ? 0 : 1;
}
