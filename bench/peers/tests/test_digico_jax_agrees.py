"""bench/peers/digico_jax.py computes what digico computes: equal in distribution over seeds, per condition.

Both run the same conditions with generators of their own. Every metric of every condition is compared by
Kolmogorov and Smirnov's exact two-sample test over seeds, all p-values by Holm's method: if the programs
agree, the chance that the comparison as a whole fails is at most FALSE_ALARM, whatever the dependence between
metrics. Seeds are fixed, so it passes or fails for good. Deliberately wrong programs fail by the same tests.
"""

import os
import subprocess
import warnings
from dataclasses import replace
from pathlib import Path

import netCDF4
import numpy as np
import pytest
from scipy import stats

import digico_jax
import digico_jax_model as model
import digico_jax_start as start
from digico_jax_programs import compile_programs

DIGICO = Path(os.environ.get("DIGICO", Path(__file__).resolve().parents[3] / "build" / "digico"))

FALSE_ALARM = 0.01  # of all comparisons of a test together
SEEDS = 40

# reading, update, AI type, K_b, agents, generations: both readings of all updates, all AI types; evolution
# needs one long condition to show, and moves few agents faster
CONDITIONS = {
    "text_fixed": ("text", "fixed", "none", 1, 30, 31),
    "text_random": ("text", "random", "act", 1, 30, 31),
    "text_momentum": ("text", "momentum", "all", 0, 30, 31),
    "text_reward": ("text", "reward", "influence", 1, 30, 31),
    "tables_fixed": ("tables", "fixed", "all_zero", 0, 15, 160),
    "tables_random": ("tables", "random", "evolve", 1, 30, 31),
    "tables_momentum": ("tables", "momentum", "fix_at_zero", 0, 30, 31),
    "tables_reward": ("tables", "reward", "fix", 1, 30, 31),
}


def configuration(condition):
    """A condition as an experiment of digico."""
    reading, update, ai_type, belief_factor, agents, generations = CONDITIONS[condition]
    return f"""reading: {reading}
ai_type: {ai_type}
agents: {agents}
generations: {generations}
belief_weights.update: {update}
observation.belief_factor: {belief_factor}
sweep: {{product: {{seed: {{from: 1, to: {SEEDS}}}}}}}
"""


def ours(condition, folder):
    """Metrics of digico, of a condition."""
    out = folder / condition
    config = folder / f"{condition}.yaml"
    config.write_text(configuration(condition))
    subprocess.run([DIGICO, "run", config, "-o", out], check=True, capture_output=True)
    with netCDF4.Dataset(out / "results.nc") as file:
        assert (file["status"][:] == 1).all()
        names = [n for n, v in file.variables.items() if v.dimensions[:1] == ("run",) and v.dtype != str]
        return {name: np.asarray(file[name][:]) for name in names}


def theirs(condition):
    """Metrics of the JAX program, of a condition."""
    reading, update, ai_type, belief_factor, agents, generations = CONDITIONS[condition]
    words = f"--runs {SEEDS} --agents {agents} --generations {generations} --reading {reading}"
    words += f" --update {update} --ai-type {ai_type} --belief-factor {belief_factor}"
    a = digico_jax.parse(words.split())
    a.devices = 1
    return digico_jax.run_once(compile_programs(a))


def statistics_of(metrics):
    """One number per seed and metric: means over generations, and the last generation."""
    out = {}
    for name in ("ai_views", "ai_fitness", "human_belief_0"):
        for kind in ("last", "mean"):
            out[f"{name}_{kind}"] = metrics[f"{name}_{kind}"]
    for scope in ("population", "human"):
        for name in ("bottleneck", "belief_entropy", "polarisation_variance", "polarisation_extremes"):
            out[f"{scope}_{name}"] = metrics[f"{scope}_{name}"].mean(1)
        for name in ("cliques", "extinct_values"):
            out[f"{scope}_{name}"] = metrics[f"{scope}_{name}"].mean(1)
    for name in ("fitness_mean", "fitness_spread", "belief_penalty_mean"):
        for g, group in enumerate(("ai", "human1", "human2")):
            out[f"{name}_{group}"] = metrics[name][:, :, g].mean(1)
    # what a run starts with, before beliefs have gathered, and how far evolution has moved it
    for name in ("population_bottleneck", "population_belief_entropy", "human_belief_0"):
        out[f"{name}_at_first"] = metrics[name][:, 0]
    for name in ("fitness_mean", "belief_penalty_mean"):
        for g in (0, 1):
            series = metrics[name][:, :, g]
            out[f"{name}_at_first_{g}"] = series[:, 0]
            out[f"{name}_moved_{g}"] = series[:, -10:].mean(1) - series[:, :10].mean(1)
    for g in (0, 1):
        out[f"sigma_{g}"] = metrics["sigma"][:, -1, g]
        out[f"genotype_distance_within_{g}"] = metrics["genotype_distance"][:, -1, g, g]
        out[f"genotype_distance_between_{g}_2"] = metrics["genotype_distance"][:, -1, g, 2]
        out[f"genotype_distance_at_first_{g}"] = metrics["genotype_distance"][:, 0, g, g]
    count = metrics["belief_count"].sum(1).astype(float)
    for v in range(count.shape[2]):
        out[f"ai_belief_{v}"] = count[:, 0, v]
        out[f"human_belief_{v}"] = count[:, 1:, v].sum(1)
    return {name: np.asarray(value, float) for name, value in out.items()}


def compare(ours, theirs):
    """p-value of every metric."""
    a, b = statistics_of(ours), statistics_of(theirs)
    assert all(np.isfinite(x[name]).all() and len(x[name]) == SEEDS for x in (a, b) for name in a)
    with warnings.catch_warnings():  # below 1e-30 or so the exact method gives way to the asymptotic one
        warnings.filterwarnings("ignore", "ks_2samp: Exact calculation unsuccessful")
        # equal numbers up to rounding are ties, whichever program rounded them
        return {name: stats.ks_2samp(a[name].round(5), b[name].round(5), method="exact").pvalue for name in a}


def rejected(p):
    """Hypotheses that Holm's method rejects at FALSE_ALARM, with their p-values."""
    out = {}
    for k, name in enumerate(sorted(p, key=p.get)):
        if p[name] > FALSE_ALARM / (len(p) - k):
            break
        out[name] = p[name]
    return out


def test_holm_rejects_step_by_step():
    assert rejected({"a": 0.004, "b": 0.0001, "c": 0.006}) == {"b": 0.0001, "a": 0.004, "c": 0.006}
    assert rejected({"a": 0.004, "b": 0.9, "c": 0.5}) == {}


def test_metrics_have_the_distribution_of_digicos(tmp_path):
    p = {
        f"{condition}: {name}": value
        for condition in CONDITIONS
        for name, value in compare(ours(condition, tmp_path), theirs(condition)).items()
    }
    assert len(p) >= 8 * 30
    assert rejected(p) == {}


def without_distance(s, total, belief):
    """Contagion whose distance is left out."""
    return s.contagion_factor * total


def without_belief_factor(s, inverse_static, belief, message, u):
    """Recommender that takes no notice of beliefs and messages."""
    return observe(replace(s, belief_factor=0.0), inverse_static, belief, message, u)


def without_bonus(settings, centroid, coordinate, bonus):
    """Influence without the bonus of AIs."""
    return influence(settings, centroid, coordinate, 0 * bonus)


def without_order(c, solver, genotype, fitness):
    """Evolution that ranks the worst first."""
    return tell(c, solver, genotype, -fitness)


observe, tell, influence = model.observe, model.tell, start.influence
WRONG = [
    ("tables_random", model, "contagion_exponent", without_distance),
    ("tables_fixed", model, "tell", without_order),
    ("text_random", model, "observe", without_belief_factor),
    ("text_reward", start, "influence", without_bonus),
]


@pytest.mark.parametrize(("condition", "module", "name", "wrong"), WRONG, ids=[w[3].__name__ for w in WRONG])
def test_a_wrong_program_is_told_apart(tmp_path, monkeypatch, condition, module, name, wrong):
    monkeypatch.setattr(module, name, wrong)
    assert rejected(compare(ours(condition, tmp_path), theirs(condition))) != {}
