"""A comparison with a published number, a table of them, and how many agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from digico_report.cells import Cell
from digico_report.elements import Column, Table
from digico_report.null_models import chance
from digico_report.results import METRICS
from digico_report.standard_errors import TEXT_SEEDS, false_alarms

_COUNTED = ("agrees", "differs", "not comparable")
WEAK = "chance agrees"  #: mark of a cell that can hardly fail
ALIKE = 2.0  #: factor within which two spreads are taken for alike


@dataclass(frozen=True)
class Comparison:
    """Our runs beside one published number. None: there is none."""

    cell: Cell
    reading: str
    experiment: str  #: of configs/paper/, whose runs make the cell
    mean: float | None = None
    sd: float | None = None  #: over pooled runs, divisor n as the published spread
    n: int = 0  #: runs
    seeds: int = 0
    generations: int | None = None  #: fewest of a run
    difference: float | None = None  #: ours − published
    in_spreads: float | None = None  #: difference / published spread
    spread_ratio: float | None = None  #: sd / published spread
    se: float | None = None  #: of the difference
    z: float | None = None  #: difference / se
    allowed: float | None = None  #: difference that still agrees
    verdict: str = "not comparable"  #: agrees, differs, not comparable
    reason: str = ""  #: why it differs, or why it cannot be compared
    section: str = ""  #: of docs/MODEL.md, for the reason
    rule: str = ""  #: the reason without what it says of this cell alone
    notes: tuple[str, ...] = ()

    @property
    def from_chance(self) -> float:
        """How far the published number is from chance."""
        return abs(self.cell.mean - chance(self.cell))

    @property
    def weak(self) -> bool | None:
        """Whether chance would agree by the same allowance: such a cell can hardly fail."""
        return None if self.allowed is None else self.allowed >= self.from_chance

    @property
    def spread_alike(self) -> bool | None:
        """Whether the spreads are within a factor of 2; None: there are not two."""
        return None if self.spread_ratio is None else 1 / ALIKE <= self.spread_ratio <= ALIKE


def tally(comparisons: Sequence[Comparison]) -> dict[str, dict[str, int]]:
    """By reading: how many cells agree, differ, are not comparable."""
    counts: dict[str, dict[str, int]] = {}
    for one in comparisons:
        counts.setdefault(one.reading, dict.fromkeys(_COUNTED, 0))[one.verdict] += 1
    return counts


FINER = {
    "alike": "spread within a factor of 2",
    "mean_only": "spread not",
    "no_spread": "no spread published",
}  #: what finer_tally() counts


def finer_tally(comparisons: Sequence[Comparison]) -> dict[str, int]:
    """Of the cells that agree: in how many the spreads do so, too. Sums to the cells that agree."""
    names = {True: "alike", False: "mean_only", None: "no_spread"}
    counts = dict.fromkeys(FINER, 0)
    for one in comparisons:
        if one.verdict == "agrees":
            counts[names[one.spread_alike]] += 1
    return counts


def weak_tally(comparisons: Sequence[Comparison]) -> int:
    """Of the cells that agree: how many can hardly fail, for chance agrees with them, too."""
    return sum(one.verdict == "agrees" and one.weak is True for one in comparisons)


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
    return Table(name, title, columns, tuple(rows.values()), _caption())


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
        "from_chance": abs(cell.mean - chance(cell)),
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
        "spread_ratio": one.spread_ratio,
        "se": one.se,
        "z": one.z,
        "allowed": one.allowed,
        "weak": WEAK if one.weak else "",
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
    Column("spread", "spread", "number", 4, "standard deviation over pooled runs, divisor n"),
    Column("seeds", "seeds", "integer", help="as published"),
    Column("from_chance", "from chance", "number", 4, "distance to the share by chance: AI 1/3, belief 1/10"),
)


_WEAK_HELP = f"{WEAK}: allowed is wider than the distance to chance, so that the cell can hardly fail"


def _our_columns(reading: str) -> tuple[Column, ...]:
    return (
        Column(f"{reading}_mean", reading, "number", 4, f"our mean, reading {reading}"),
        Column(f"{reading}_sd", "sd", "number", 4, "over pooled runs, divisor n as published"),
        Column(f"{reading}_n", "runs", "integer"),
        Column(f"{reading}_seeds", "seeds", "integer"),
        Column(f"{reading}_difference", "difference", "number", 4, "ours − published"),
        Column(f"{reading}_in_spreads", "in spreads", "number", 2, "difference / published spread"),
        Column(f"{reading}_spread_ratio", "spread ratio", "number", 2, "our sd / published spread"),
        Column(f"{reading}_se", "SE", "number", 4, "standard error of the difference, over seeds"),
        Column(f"{reading}_z", "z", "number", 2, "difference / SE"),
        Column(f"{reading}_allowed", "allowed", "number", 4, "3 SE + rounding: what still agrees"),
        Column(f"{reading}_verdict", "verdict", "verdict"),
        Column(f"{reading}_weak", "power", help=_WEAK_HELP),
        Column(f"{reading}_why", "why"),
    )


def _caption() -> str:
    single, both = 100 * false_alarms(3, 10, False), 100 * false_alarms(3, 3, True)
    return (
        "Two means agree if they differ by at most 3 standard errors (SE) of the difference and half a unit "
        "of the last digit printed, `allowed`. It is the means that agree: a wide allowance or a spread "
        "ratio far from 1 tells how much that says. A cell whose allowance is wider than the distance of "
        f"the published number to chance is marked `{WEAK}` and can hardly fail: chance, too, would agree. "
        "Seeds are the independent unit. Published spreads have divisor n, as Table 6 pools to Table 3, and "
        "so has our sd here. One condition: SE² = s²/(n − 1) of the published + s²/n of ours, the latter "
        "over seeds with divisor n − 1. Means over the updates of a "
        "type for which Table 6 has all four: as published s the root mean square of its four spreads, times "
        "our ratio of the variation over seeds to that within conditions. Other means over types or updates, "
        "whose spread holds the differences between the conditions, and numbers without a spread: our s "
        f"stands for both. Numbers of the paper's text are taken as of {TEXT_SEEDS} seeds. Ours needs as "
        "many seeds as published and 1,000 generations to be comparable. The rule is meant for 10 seeds or "
        f"more. Of 3 seeds it finds a difference in about {single:.0f} % (3 published against 10 of ours) or "
        f"{both:.0f} % (3 of ours for both) of the cells where there is none, computed for normal means of "
        "seeds of equal variance; published seeds that vary more than ours bring the former towards the "
        "latter."
    )
