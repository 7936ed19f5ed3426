/** The library in twenty lines: computes one run in memory and prints a metric at its end. */
#include <digico/digico.h>

#include <stdio.h>
#include <string.h>

int main(void)
{
    static const char text[] = "ai_type: all_zero\nreading: tables\ngenerations: 50\nseed: 1\n";
    dg_experiment *experiment = NULL;
    dg_ensemble *runs = NULL;
    dg_generation_summary last;

    dg_status status = dg_experiment_parse(&experiment, "quick", text, strlen(text), NULL, 0);
    if (status == DG_OK) status = dg_ensemble_create(&runs, experiment, 0, 1, NULL);
    if (status == DG_OK) status = dg_ensemble_advance(runs, 50);
    if (status == DG_OK) status = dg_ensemble_summary(runs, 0, 49, &last);
    if (status == DG_OK) printf("human belief 0: %.3f\n", last.human_belief_0);
    if (status != DG_OK) fprintf(stderr, "quick: %s\n", dg_error());

    dg_ensemble_free(&runs);
    dg_experiment_free(&experiment);
    return status == DG_OK ? 0 : 1;
}
