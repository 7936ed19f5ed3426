"""A comparison with a published number, a table of them, and how many agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .cells import Cell
from .elements import Column, Table
from .results import METRICS

_COUNTED = ("agrees", "differs", "not comparable")


@dataclass(frozen=True)
class Comparison:
    """Our runs beside one published number. None: there is none."""

    cell: Cell
    reading: str
    experiment: str  #: of configs/paper/, whose runs make the cell
    mean: float | None = None
    sd: float | None = None  #: over pooled runs, as the published spread
    n: int = 0  #: runs
    seeds: int = 0
    generations: int | None = None  #: fewest of a run
    difference: float | None = None  #: ours − published
    in_spreads: float | None = None  #: difference / published spread
    se: float | None = None  #: of the difference
    z: float | None = None  #: difference / se
    verdict: str = "not comparable"  #: agrees, differs, not comparable
    reason: str = ""  #: why it differs, or why it cannot be compared
    section: str = ""  #: of docs/MODEL.md, for the reason
    notes: tuple[str, ...] = ()


def tally(comparisons: Sequence[Comparison]) -> dict[str, dict[str, int]]:
    """By reading: how many cells agree, differ, are not comparable."""
    counts: dict[str, dict[str, int]] = {}
    for one in comparisons:
        counts.setdefault(one.reading, dict.fromkeys(_COUNTED, 0))[one.verdict] += 1
    return counts


def comparison_table(
    comparisons: Sequence[Comparison],
    name: str = "published",
    title: str = "Published numbers and ours, in both readings",
) -> Table:
    """A row per published cell."""
    readings = tuple(dict.fromkeys(one.reading for one in comparisons))
    rows: dict[Cell, dict[str, Any]] = {}
    notes: dict[Cell, tuple[str, ...]] = {}
    for one in comparisons:
        row = rows.setdefault(one.cell, _published(one.cell))
        row |= {f"{one.reading}_{key}": value for key, value in _ours(one).items()}
        notes[one.cell] = notes.get(one.cell, ()) + one.notes
    for cell, row in rows.items():
        row["note"] = "; ".join(dict.fromkeys(notes[cell]))  # both readings say some of them
    columns = (
        *_PUBLISHED,
        *(c for reading in readings for c in _our_columns(reading)),
        Column("note", "note"),
    )
    return Table(name, title, columns, tuple(rows.values()), _CAPTION)


def _published(cell: Cell) -> dict[str, Any]:
    return {
        "source": cell.source,
        "agents": cell.agents,
        "ai_type": cell.ai_type,
        "update": cell.update,
        "parameter": f"{cell.parameter} = {cell.value}" if cell.parameter else "",
        "metric": METRICS[cell.metric][0],
        "mean": cell.mean,
        "spread": cell.spread,
        "seeds": cell.seeds,
    }


def _ours(one: Comparison) -> dict[str, Any]:
    why = f"{one.reason} (MODEL.md, {one.section})" if one.section else one.reason
    return {
        "mean": one.mean,
        "sd": one.sd,
        "n": one.n,
        "seeds": one.seeds,
        "difference": one.difference,
        "in_spreads": one.in_spreads,
        "se": one.se,
        "z": one.z,
        "verdict": one.verdict,
        "why": why,
    }


_PUBLISHED = (
    Column("source", "source"),
    Column("agents", "agents", "integer"),
    Column("ai_type", "AI type"),
    Column("update", "update"),
    Column("parameter", "parameter"),
    Column("metric", "metric"),
    Column("mean", "published", "number", 4),
    Column("spread", "spread", "number", 4, "standard deviation over pooled runs, as published"),
    Column("seeds", "seeds", "integer", help="as published"),
)


def _our_columns(reading: str) -> tuple[Column, ...]:
    return (
        Column(f"{reading}_mean", reading, "number", 4, f"our mean, reading {reading}"),
        Column(f"{reading}_sd", "sd", "number", 4, "over pooled runs"),
        Column(f"{reading}_n", "runs", "integer"),
        Column(f"{reading}_seeds", "seeds", "integer"),
        Column(f"{reading}_difference", "difference", "number", 4, "ours − published"),
        Column(f"{reading}_in_spreads", "in spreads", "number", 2, "difference / published spread"),
        Column(f"{reading}_se", "SE", "number", 4, "standard error of the difference, over seeds"),
        Column(f"{reading}_z", "z", "number", 2, "difference / SE"),
        Column(f"{reading}_verdict", "verdict", "verdict"),
        Column(f"{reading}_why", "why"),
    )


_CAPTION = (
    "Two means agree if they differ by at most 3 standard errors of the difference and half a unit of the "
    "last digit printed. Seeds are the independent unit. One condition: SE² = s²/n of the published + s²/n "
    "of ours, s over seeds. Means over types or updates, and numbers without a spread: our s stands for "
    "both, for the published spread holds the differences between the conditions. Numbers of the paper's "
    "text are taken as of 10 seeds. Ours needs as many seeds as published and 1,000 generations to be "
    "comparable."
)
