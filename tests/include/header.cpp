/** The public header alone, as C++17: an experiment is read, run in memory and hashed. */
#include <digico/digico.h>

#include <cstdio>
#include <string>

int main()
{
    const std::string text = "seed: 1\nagents: 30\ngenerations: 1\nsteps: 2\n";
    dg_experiment *experiment = nullptr;
    dg_ensemble *ensemble = nullptr;
    uint64_t hash = 0;
    dg_status status =
        dg_experiment_parse(&experiment, "header", text.data(), text.size(), nullptr, 0);
    if (status == DG_OK) status = dg_ensemble_create(&ensemble, experiment, 0, 1, nullptr);
    if (status == DG_OK) status = dg_ensemble_advance(ensemble, 1);
    if (status == DG_OK) status = dg_ensemble_hash(ensemble, 0, &hash);
    if (status != DG_OK) std::fprintf(stderr, "%s: %s\n", dg_status_text(status), dg_error());
    dg_ensemble_free(&ensemble);
    dg_experiment_free(&experiment);
    return status == DG_OK ? 0 : 1;
}
