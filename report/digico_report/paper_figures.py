"""The figures of the paper's page, with what the paper only tells in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import xarray

from digico_report.comparison import Comparison
from digico_report.elements import Figure, Section, Text
from digico_report.figures import bars, curves, diversity, health, histograms, sweep, trajectories, views
from digico_report.figures.labels import value_label
from digico_report.figures.runs import metric_estimate, named_runs, per_seed
from digico_report.results import METRICS, READINGS, Result, pick

UPDATE = "belief_weights_update"
STEP = "belief_weights_reward_scale"
OVERFLOW = "contagion_overflow"

#: experiment, swept variable, its title, metrics whose curves are drawn
CURVES = (
    ("observation_sparsity", "observation_sparsity", "Observation sparsity", ("ai_views", "human_belief_0")),
    ("belief_sparsity", "contagion_sparsity", "Belief sparsity", ("human_belief_0", "ai_views")),
    ("influence_factor", "observation_influence_factor", "Influence factor", ("ai_views", "human_belief_0")),
    ("truthfulness", "reward_truthfulness", "Truthfulness", ("human_belief_0", "ai_views")),
)

#: name of a condition and what picks its runs
NAMED = {
    "None, Fixed": {"ai_type": "none", UPDATE: "fixed"},
    "None, Random": {"ai_type": "none", UPDATE: "random"},
    "All, Random": {"ai_type": "all", UPDATE: "random"},
    "All Zero, Fixed": {"ai_type": "all_zero", UPDATE: "fixed"},
    "All Zero, Momentum": {"ai_type": "all_zero", UPDATE: "momentum"},
    "All Zero, Random": {"ai_type": "all_zero", UPDATE: "random"},
    "All Zero, Reward": {"ai_type": "all_zero", UPDATE: "reward"},
}


def figure_sections(
    comparisons: Sequence[Comparison], results: Mapping[str, Result], notice: str
) -> tuple[Section, ...]:
    """Sections of the experiments that are there."""
    given = published_values(comparisons)
    sections: list[Section] = []
    if "table3" in results:
        sections.append(_types_and_updates("table3", "30 agents", results["table3"], given, notice))
    sections.append(
        Section("curves", "Sparsity, influence and truthfulness", _curves(results, given, notice))
    )
    if "table3" in results:
        sections.append(_distributions(results["table3"], notice))
    if "table4" in results:
        sections.append(
            _types_and_updates("table4", "100 AIs and 200 humans", results["table4"], given, notice)
        )
    if "overflow" in results:
        sections.append(_overflow(results, given, notice))
    if "table3" in results:
        sections += [
            _trajectories(results["table3"], notice),
            _diversity(results["table3"], notice),
            _health(results["table3"], notice),
        ]
    if "niches" in results:
        sections.append(_views(results["niches"], notice))
    return tuple(section for section in sections if section.blocks)


def notice_of(result: Result, notice: str) -> str:
    """What the figures of one experiment say in the small form: how small it is."""
    if not notice:
        return ""
    generations, seeds = int(result.ended.sizes["generation"]), len(set(result.ended["seed"].values.tolist()))
    return f"Quick form: {generations:,} of 1,000 generations, {seeds} seeds. Shows nothing about beliefs."


# ---- published values, as figures take them ----------------------------------------------------------


def published_values(comparisons: Sequence[Comparison]) -> dict[str, dict]:
    """By source and metric: (mean, spread) by AI type, update, both, or update and swept value."""
    found: dict[str, dict] = {}
    for one in comparisons:
        cell = one.cell
        inside = found.setdefault(cell.parameter or cell.source, {}).setdefault(cell.metric, {})
        inside[_place(cell)] = (cell.mean, cell.spread)
    return found


def _place(cell):
    if cell.parameter:
        ends = {"max": 5.0, "min": 0.2}  # of configs/paper/influence_factor.yaml
        return cell.update, ends[cell.value] if cell.value in ends else float(cell.value)
    means = {"mean over types", "mean over updates"}
    keys = [key for key in (cell.ai_type, cell.update) if key not in means]
    return keys[0] if len(keys) == 1 else tuple(keys)


# ---- the paper's figures ----------------------------------------------------------------------------


def _types_and_updates(name: str, who: str, result: Result, given: Mapping, notice: str) -> Section:
    """AI views and human belief 0 by type, by update, and by both."""
    small = notice_of(result, notice)
    data = result.ended
    by_type, by_update = ("table3", "table5") if name == "table3" else ("table4", "table7")
    metrics = ("ai_views", "human_belief_0", "ai_fitness")
    blocks = [
        bars.by_category(
            data,
            "ai_type",
            metrics,
            given.get(by_type),
            name=f"{name}-by-type",
            title=f"Dominance by AI type, {who}",
            notice=small,
        ),
        bars.by_category(
            data,
            UPDATE,
            metrics,
            given.get(by_update),
            name=f"{name}-by-update",
            title=f"Dominance by update of the belief weights, {who}",
            notice=small,
        ),
    ]
    for metric in ("ai_views", "human_belief_0"):
        table6 = given.get("table6", {}).get(metric) if name == "table3" else None
        blocks.append(
            bars.by_two(
                data,
                "ai_type",
                UPDATE,
                metric,
                table6,
                name=f"{name}-{metric.replace('_', '-')}",
                notice=small,
            )
        )
    return Section(f"{name}-figures", f"AI types and updates, {who}", tuple(blocks))


def _curves(results: Mapping[str, Result], given: Mapping, notice: str) -> tuple[Section | Figure, ...]:
    parameters = {"contagion_sparsity": "belief_sparsity", "reward_truthfulness": "truthfulness"}
    sections = []
    for name, axis, title, metrics in CURVES:
        if name not in results:
            continue
        small = notice_of(results[name], notice)
        stated = given.get(parameters.get(axis, axis), {})
        figures = tuple(
            curves.against(
                results[name].ended,
                axis,
                metric,
                name=f"{name}-{metric}".replace("_", "-"),
                published=stated.get(metric),
                notice=small,
            )
            for metric in metrics
        )
        sections.append(Section(f"{name}-curves".replace("_", "-"), title, figures))
    if "reward_scale" in results:
        sections.append(_reward_scale(results["reward_scale"], given, notice))
    return tuple(sections)


def _reward_scale(result: Result, given: Mapping, notice: str) -> Section:
    """Ours: MODEL 9.7. The published runs have the model's own step, 1."""
    stated = given.get("table6", {}).get("human_belief_0", {}).get(("all_zero", "reward"))
    figure = curves.against(
        result.ended,
        STEP,
        "human_belief_0",
        by=None,
        panels=None,
        name="reward-scale-curve",
        published={(None, 1.0): stated} if stated else None,
        notice=notice_of(result, notice),
    )
    return Section("reward-scale", "Step of the update Reward", (_of_step(result, stated), figure))


def _of_step(result: Result, stated: tuple[float, float | None] | None) -> Text:
    """What is published and what these runs have, at the model's step."""
    words = ["Ours, not the paper's."]
    if stated:
        words.append(f"Table 6 has human belief 0 of All Zero under Reward at {stated[0]:.4g}.")
    here = metric_estimate(pick(result.ended, **{STEP: 1}), "human_belief_0")
    if here.n:
        words.append(
            f"These runs, reading `tables`, have {here.mean:.3g} at the model's step, ρ = 1 (MODEL 9.7)."
        )
    words.append("How human belief 0 goes with the step of W:")
    return Text(" ".join(words))


def _readings(result: Result) -> dict[str, xarray.Dataset]:
    """Runs that ended by reading; one without any is left out, as a figure of nothing cannot be drawn."""
    found = {reading: result.where(reading=reading) for reading in READINGS}
    return {reading: data for reading, data in found.items() if data.sizes["run"]}


def _distributions(result: Result, notice: str) -> Section:
    small = notice_of(result, notice)
    figures = tuple(
        histograms.belief_histograms(
            data,
            NAMED,
            name=f"beliefs-{reading}",
            title=f"Beliefs of the last generation, reading {reading}",
            notice=small,
        )
        for reading, data in _readings(result).items()
        if named_runs(data, NAMED)
    )
    return Section("distributions", "Belief distributions", figures)


def _overflow(results: Mapping[str, Result], given: Mapping, notice: str) -> Section:
    """Ours: what the uniform beliefs among 300 agents come from. MODEL 9.6."""
    exact = results["overflow"]
    small = notice_of(exact, notice)
    both = with_and_without_overflow(results.get("table4"), exact)
    compared = len(set(both[OVERFLOW].values)) > 1
    text = Text(
        "Ours, not the paper's: among 300 agents the published beliefs are close to uniform, which the paper "
        "puts down to the number of sources. MODEL 9.6 puts it down to the overflow of a float32 exp in the "
        "contagion, after which a belief is drawn uniformly. "
        + (
            "The same AI types under reading `tables`, with this overflow (`float32`, the runs of Table 4) "
            "and without (`exact`):"
            if compared
            else "Without this overflow, under reading `tables` (the runs with it are not there):"
        )
    )
    what = "with and without overflow" if compared else "without overflow"
    by_type = bars.by_category(
        both,
        "ai_type",
        ("human_belief_0", "ai_views"),
        given.get("table4"),
        series=OVERFLOW,
        name="overflow-by-type",
        title=f"Contagion {what}: 300 agents, reading tables, over all updates",
        notice=small,
    )
    by_update = bars.by_two(
        both,
        UPDATE,
        OVERFLOW,
        "human_belief_0",
        panels="ai_type",
        name="overflow-by-update",
        title=f"Human belief 0 {what} by update: 300 agents, reading tables",
        notice=small,
    )
    return Section("overflow", f"Contagion {what}", (text, by_type, by_update))


def with_and_without_overflow(large: Result | None, exact: Result) -> xarray.Dataset:
    """The runs without overflow after those of Table 4 that differ from them in nothing else."""
    parts = {"exact": exact.ended}
    if large is not None and "reading" in large.data.variables:
        types = tuple(dict.fromkeys(exact.ended["ai_type"].values.tolist()))
        same = large.where(reading="tables", ai_type=types)
        if same.sizes["run"]:
            parts = {"float32": same, **parts}
    names = ["ai_type", UPDATE, "seed", *(f"{metric}_last" for metric in METRICS)]
    made = []
    for how, part in parts.items():
        # coordinates along other dimensions differ between the two files, and no figure of these needs them
        only = {name: ("run", part[name].values, part[name].attrs) for name in names}
        only[OVERFLOW] = ("run", np.array([how] * part.sizes["run"]), {"configuration_key": "overflow"})
        made.append(xarray.Dataset(only))
    return xarray.concat(made, "run")


# ---- told in words there -----------------------------------------------------------------------------


def _trajectories(result: Result, notice: str) -> Section:
    """Means over seeds, then single seeds of one condition."""
    small = notice_of(result, notice)
    data = result.where(reading="tables")
    seeds = sorted({int(s) for s in data["seed"].values})[:4]
    single = per_seed("All Zero, Fixed", NAMED["All Zero, Fixed"], seeds)
    random = pick(data, **{UPDATE: "random"})
    blocks: list[Figure] = []
    for conditions, name, title in (
        (NAMED, "trajectories", "Beliefs over generations, reading tables"),
        (single, "trajectories-seeds", "Single runs of one condition: outcomes differ by seed"),
    ):
        if named_runs(data, conditions):
            made = trajectories.belief_trajectories(data, conditions, name=name, title=title, notice=small)
            blocks.append(made)
    if random.sizes["run"]:
        series = sweep.time_series(
            random,
            ("ai_type",),
            name="metrics-over-generations",
            title="Dominance over generations, update random, reading tables",
            notice=small,
        )
        blocks.append(series)
    return Section("over-generations", "Beliefs over generations", tuple(blocks))


def _diversity(result: Result, notice: str) -> Section:
    small = notice_of(result, notice)
    figures = tuple(
        diversity.genotype_diversity(
            data,
            name=f"diversity-{reading}",
            title=f"Genotype diversity, reading {reading}",
            notice=small,
        )
        for reading, data in _readings(result).items()
    )
    return Section("diversity", "Genotype diversity", figures)


def _health(result: Result, notice: str) -> Section:
    """One update, or one AI type, at a time: pooled over the other key, runs have little in common."""
    small = notice_of(result, notice)
    data = result.where(reading="tables")
    types, updates, last = [], [], []
    for update in ("random", "fixed"):
        part, of = pick(data, **{UPDATE: update}), f"update {value_label(update)}"
        if part.sizes["run"]:
            types.append(
                health.health(
                    part,
                    name=f"health-types-{update}",
                    by="ai_type",
                    of=f"{of}, reading tables",
                    title=f"Health of the ecosystem by AI type, {of}",
                    notice=small,
                )
            )
    for kind in ("none", "all_zero"):
        part, of = pick(data, ai_type=kind), f"AI type {value_label(kind)}"
        slug = kind.replace("_", "-")
        common = {"scope": "human", "by": UPDATE, "of": f"{of}, reading tables", "notice": small}
        if part.sizes["run"]:
            title = f"Health of the ecosystem by update, humans, {of}"
            updates.append(health.health(part, name=f"health-updates-{slug}", title=title, **common))
            title = f"Last appearance of beliefs by update, humans, {of}"
            last.append(health.last_appearance(part, name=f"last-appearance-{slug}", title=title, **common))
    return Section("health", "Health of the ecosystem", (*types, *updates, *last))


def _views(result: Result, notice: str) -> Section:
    small = notice_of(result, notice)
    data = result.ended
    blocks = (
        views.views_received(data, name="views-received", notice=small),
        views.views_earned(data, name="views-earned", notice=small),
    )
    return Section("niches", "Who is seen by whom", tuple(b for b in blocks if b is not None))
