"""The echo-chamber notebook as a page of its own (docs/MODEL.md, section 10)."""

from __future__ import annotations

import numpy as np

from digico_report.elements import Column, Figure, Page, Section, Table, Text
from digico_report.figures import echo as draw
from digico_report.provenance import provenance_section
from digico_report.results import Result

_MODEL = (
    "Every agent holds a belief b and evidence e, both N(0, 1) / 10; its utility is u = b · e. In each step "
    "it climbs the gradient of its utility, b ← b + η · e: evidence never changes, so a belief runs away in "
    "the direction of its evidence, whatever it was to begin with. The closed form is b(t) = b(0) + η t e."
)


def echo_page(result: Result, notice: str = "") -> Page:
    """Heat maps at the notebook's moments, utility, radicalisation against the closed form."""
    data = result.ended
    seed = int(data["seed"].values[0])
    beliefs = draw.beliefs_and_evidence(data, name="beliefs", seed=seed, notice=notice)
    figures = (
        draw.radicalisation(data, name="radicalisation-curves", notice=notice),
        draw.deviation(data, name="deviation-curves", notice=notice),
    )
    sections = (
        Section(
            "model",
            "What is simulated",
            (Text(_MODEL), Text(f"Utility of these runs: `{draw.setting(data, 'utility')}`.")),
        ),
        Section("beliefs-and-evidence", "Beliefs and evidence", (beliefs, *_other_seeds(data, seed, notice))),
        Section(
            "utility", "Average utility", (draw.mean_utility(data, name="utility-curves", notice=notice),)
        ),
        Section(
            "radicalisation",
            "Radicalisation against the closed form",
            (*(f for f in figures if f is not None), radicalisation_table(result)),
        ),
        provenance_section({"echo": result}),
    )
    facts = (("runs", result.counts.text), ("agents per run", str(data.sizes["agent"])))
    subtitle = "The echo-chamber notebook, episode 1: agents alone with their evidence"
    return Page("Echo chambers", subtitle, sections, notice, facts)


def _other_seeds(data, shown: int, notice: str) -> tuple[Figure, ...]:
    """Two more starts, so that nobody takes one for all."""
    seeds = [int(s) for s in data["seed"].values if int(s) != shown][:2]
    return tuple(
        draw.beliefs_and_evidence(
            data, name=f"beliefs-{s}", seed=s, title=f"Beliefs and evidence, seed {s}", notice=notice
        )
        for s in seeds
    )


def radicalisation_table(result: Result) -> Table:
    """A row per agent of every run at the last snapshot."""
    data = result.ended
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
        for r in range(data.sizes["run"])
        for a in range(data.sizes["agent"])
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
    return Table("radicalisation-agents", "Every agent", columns, tuple(rows), caption)
