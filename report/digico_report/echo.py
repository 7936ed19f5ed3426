"""The echo-chamber notebook as a page of its own (docs/MODEL.md, section 10)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

import numpy as np
import xarray

from digico_report.axes import (
    Condition,
    axis_column,
    axis_texts,
    conditions,
    in_words,
    independent_axes,
    spread_out,
)
from digico_report.elements import Column, Figure, Page, Section, Table, Text
from digico_report.figures import echo as draw
from digico_report.provenance import provenance_section
from digico_report.results import Axis, Result

#: by `echo.utility`
_MODELS = {
    "product": "Every agent holds a belief b and evidence e, both drawn from a normal distribution "
    "(`echo.scale`); its utility is u = b · e. In each step it climbs the gradient of its utility, "
    "b ← b + η · e: evidence never changes, so a belief runs away in the direction of its evidence, "
    "whatever it was to begin with. The closed form is b(t) = b(0) + η t e.",
    "bounded-confidence": "In each step one random pair of agents meets. An agent's utility is "
    "u = −(b − b′)² / 2 if its partner's belief b′ is nearer than `echo.confidence`, else 0, and it climbs "
    "the gradient of that: near beliefs draw together, far ones ignore each other (Deffuant et al. 2000). "
    "Evidence plays no part, and there is no closed form.",
}
_SUBTITLES = {
    "product": "The echo-chamber notebook, episode 1: agents alone with their evidence",
    "bounded-confidence": "The echo-chamber model: agents who listen to those who think alike",
}

SHOWN = 6  #: conditions that have figures
ROWS = 2000  #: of the table of agents: a run may have a million


def echo_page(result: Result, notice: str = "", title: str | None = None) -> Page:
    """Heat maps at the notebook's moments, utility, radicalisation against the closed form.

    Of a sweep over more than seeds: a table of the conditions, then all of that for some of them.
    """
    axes, twins = independent_axes(result)
    parts = [(condition, rectangle(part)) for condition, part in conditions(result.ended, axes)]
    shown = spread_out(parts, SHOWN)
    utilities = list(dict.fromkeys(draw.setting(part, "utility") for _, part in parts))
    named = ", ".join(f"`{utility}`" for utility in utilities)
    texts = (
        *(Text(_MODELS[utility]) for utility in utilities if utility in _MODELS),
        Text(f"Utility of these runs: {named}."),
    )
    sections: list[Section] = [Section("model", "What is simulated", texts)]
    if axes:
        some = Text(f"Figures of {len(shown)} of {len(parts)} conditions follow.", "note")
        blocks = (*axis_texts(result, axes, twins), condition_table(parts, axes))
        sections.append(Section("conditions", "Conditions", blocks if shown == parts else (*blocks, some)))
        for k, (condition, part) in enumerate(shown, start=1):
            inside = condition_sections(part, notice, f"-c{k}")
            sections.append(Section(f"condition-{k}", in_words(result.ended, condition), inside))
    else:
        lost = axis_texts(result, axes, twins)
        sections += [*([Section("runs", "Runs", lost)] if lost else [])]
        sections += condition_sections(parts[0][1], notice)
    sections.append(provenance_section({result.directory.resolve().name: result}))
    agents = sorted({part.sizes["agent"] for _, part in parts})
    facts = (
        ("runs", result.counts.text),
        ("agents per run", ", ".join(f"{n:,}" for n in agents)),
        *([("swept", ", ".join(axis.key for axis in result.axes))] if axes else []),
    )
    subtitle = _SUBTITLES.get(utilities[0], "") if len(utilities) == 1 else "The echo-chamber model"
    return Page(title or "Echo chambers", subtitle, tuple(sections), notice, facts)


def rectangle(data: xarray.Dataset) -> xarray.Dataset:
    """Runs of one condition without the agents and snapshots that only runs of others have."""
    agents = np.isfinite(data["evidence"].values).any(axis=0)
    snapshots = np.isfinite(data["belief"].values).any(axis=(0, 2))
    return data.isel(agent=np.flatnonzero(agents), snapshot=np.flatnonzero(snapshots))


def condition_sections(data: xarray.Dataset, notice: str, tail: str = "") -> tuple[Section, ...]:
    """All about runs that differ in their seed alone; `tail` makes names of their own."""
    seed = int(data["seed"].values[0])
    beliefs = draw.beliefs_and_evidence(data, name=f"beliefs{tail}", seed=seed, notice=notice)
    figures = (
        draw.radicalisation(data, name=f"radicalisation-curves{tail}", notice=notice),
        draw.deviation(data, name=f"deviation-curves{tail}", notice=notice),
    )
    utility = draw.mean_utility(data, name=f"utility-curves{tail}", notice=notice)
    closed = any(f is not None for f in figures)
    return (
        Section(
            f"beliefs-and-evidence{tail}",
            "Beliefs and evidence",
            (beliefs, *_other_seeds(data, seed, notice, tail)),
        ),
        Section(f"utility{tail}", "Average utility", (utility,)),
        Section(
            f"radicalisation{tail}",
            "Radicalisation against the closed form" if closed else "Radicalisation",
            (*(f for f in figures if f is not None), radicalisation_table(data, tail)),
        ),
    )


def condition_table(parts: Sequence[tuple[Condition, xarray.Dataset]], axes: Sequence[Axis]) -> Table:
    """A row per condition: where its runs end."""
    rows = []
    for condition, part in parts:
        utility = part["utility_mean"].values[:, -1].astype(float)
        rows.append(
            condition
            | {
                "n": part.sizes["run"],
                "steps": int(part["step"].values.max()),
                "utility": (utility.mean(), utility.std(ddof=1) if len(utility) > 1 else None),
                "belief": _middle(np.abs(part["belief"].values[:, -1])),
                "radicalisation": _middle(part["radicalisation"].values[:, -1]),
                "deviation": _largest(part["deviation"].values[:, -1]),
            }
        )
    columns = (
        *(axis_column(axis) for axis in axes),
        Column("n", "runs", "integer"),
        Column("steps", "last snapshot", "integer", help="step"),
        Column("utility", "mean utility", "spread", 5, "mean ± standard deviation over runs"),
        Column("belief", "|belief|", "number", 4, "median over agents and runs"),
        Column("radicalisation", "radicalisation", "number", 2, "|b(t)| / |b(0)|, median"),
        Column("deviation", "deviation", "number", 7, "largest |float32 recurrence − closed form|"),
    )
    return Table("condition-table", "The end of every condition", columns, tuple(rows))


def _middle(values: np.ndarray) -> float | None:
    finite = values[np.isfinite(values)]
    return float(np.median(finite)) if len(finite) else None


def _largest(values: np.ndarray) -> float | None:
    finite = values[np.isfinite(values)]
    return float(finite.max()) if len(finite) else None


def _other_seeds(data: xarray.Dataset, shown: int, notice: str, tail: str) -> tuple[Figure, ...]:
    """Two more starts, so that nobody takes one for all."""
    seeds = [int(s) for s in data["seed"].values if int(s) != shown][:2]
    return tuple(
        draw.beliefs_and_evidence(
            data, name=f"beliefs-{s}{tail}", seed=s, title=f"Beliefs and evidence, seed {s}", notice=notice
        )
        for s in seeds
    )


def radicalisation_table(data: xarray.Dataset, tail: str = "") -> Table:
    """A row per agent of every run at the last snapshot."""
    rate = float(draw.setting(data, "rate"))
    product = draw.setting(data, "utility") == "product"
    steps = data["step"].values[:, -1]
    last = data["belief"].values[:, -1].astype(float)
    start, evidence = data["initial_belief"].values.astype(float), data["evidence"].values.astype(float)
    expected = start + rate * steps[:, None] * evidence if product else np.full(last.shape, np.nan)
    rows = [
        {
            "seed": int(data["seed"].values[r]),
            "agent": a,
            "start": float(start[r, a]),
            "evidence": float(evidence[r, a]),
            "belief": float(last[r, a]),
            "closed_form": float(expected[r, a]),
            "deviation": float(last[r, a] - expected[r, a]),
            "radicalisation": float(data["radicalisation"].values[r, -1, a]),
        }
        for r, a in islice(np.ndindex(last.shape), ROWS)
    ]
    columns = (
        Column("seed", "seed", "integer"),
        Column("agent", "agent", "integer"),
        Column("start", "belief at step 0", "number", 4),
        Column("evidence", "evidence", "number", 4),
        Column("belief", "belief at the end", "number", 4),
        Column("closed_form", "closed form", "number", 4, "b(0) + η t e, in double precision"),
        Column("deviation", "deviation", "number", 7, "float32 recurrence − closed form"),
        Column("radicalisation", "radicalisation", "number", 2, "|b(t)| / |b(0)|"),
    )
    caption = f"Last snapshot, step {int(steps.max()):,}; η = {rate:g}. One row per agent and run."
    if last.size > ROWS:
        caption += f" The first {ROWS:,} of {last.size:,}."
    return Table(f"radicalisation-agents{tail}", "Every agent", columns, tuple(rows), caption)
