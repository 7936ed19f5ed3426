"""Ours beside the published numbers: which runs make a cell, and whether the two agree (docs/MODEL.md, 8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas

from digico_report.cells import OVER_TYPES, OVER_UPDATES, Cell, read_published
from digico_report.comparison import Comparison, comparison_table, finer_tally, tally
from digico_report.frames import complete_seeds, finite, frame_of, seed_means
from digico_report.reasons import reason_for
from digico_report.results import AI_TYPES, GENERATIONS, READINGS, UPDATES, Result
from digico_report.standard_errors import (
    STANDARD_ERRORS,
    Error,
    false_alarms,
    published_seeds,
    root_mean_square,
    standard_error,
)

__all__ = [
    "Cell",
    "Comparison",
    "compare",
    "comparison_table",
    "finer_tally",
    "read_published",
    "tally",
]

ENOUGH_SEEDS = 10  #: from which MODEL.md states the rule
WIDE = 0.2  #: standard deviation of a share from which single runs are told

_SWEPT = {  # parameter of the paper: experiment, swept key's column
    "belief_sparsity": ("belief_sparsity", "contagion_sparsity"),
    "observation_sparsity": ("observation_sparsity", "observation_sparsity"),
    "observation_influence_factor": ("influence_factor", "observation_influence_factor"),
    "truthfulness": ("truthfulness", "reward_truthfulness"),
}
_ENDS = {"observation_influence_factor": {"max": 5.0, "min": 0.2}}  # of configs/paper/influence_factor.yaml
INFLUENCE_RANGE = "range of K_I not stated; ours 0.2 to 5"


@dataclass(frozen=True)
class Ours:
    """Runs of a cell, reduced."""

    n: int
    seeds: int
    generations: int
    mean: float
    sd: float | None  #: over pooled runs, divisor n as the published spreads
    error_sd: float | None  #: over the means of seeds, the independent unit; divisor n - 1
    within: float | None  #: root mean square of the standard deviations within conditions; divisor n - 1
    low: float
    high: float
    above_half: int


@dataclass(frozen=True)
class Others:
    """What the other published numbers say of one, and what holds in either reading."""

    components: tuple[float, ...]  #: spreads within the conditions it is a mean of; empty: not all known
    notes: tuple[str, ...]


def compare(cells: Iterable[Cell], results: Mapping[str, Result], quick: bool = False) -> list[Comparison]:
    """Every cell in both readings, in the order of the cells.

    `results` by the name of the experiment: table3 (30 agents), table4 (300), observation_sparsity,
    belief_sparsity, influence_factor, truthfulness. `quick` only says in the reasons that the small form was
    asked for: what can be compared follows from the generations and seeds found.
    """
    cells = tuple(cells)
    used = {experiment_of(cell) for cell in cells}
    others = {cell: others_of(cell, cells) for cell in cells}
    frames = {name: frame_of(result.ended) for name, result in results.items() if name in used}
    found = []
    for cell in cells:
        both = [_compare(cell, reading, frames, others[cell]) for reading in READINGS]
        found += [_reworded(one, other, quick) for one, other in zip(both, both[::-1], strict=True)]
    return found


def _reworded(one: Comparison, other: Comparison, quick: bool) -> Comparison:
    """What the reason leaves out: that it is the quick form, or that the other reading differs as well."""
    if one.verdict == "not comparable" and quick:
        return replace(one, reason=f"quick form: {one.reason}")
    # keys in which the readings differ cannot be the whole reason then
    if one.reading == "text" and one.verdict == other.verdict == "differs":
        return replace(one, reason=f"{one.reason}; `tables` differs as well")
    return one


def experiment_of(cell: Cell) -> str:
    """Which experiment of configs/paper/ makes the cell."""
    if cell.parameter:
        return _SWEPT[cell.parameter][0]
    return "table4" if cell.agents == 300 else "table3"


def others_of(cell: Cell, cells: Sequence[Cell]) -> Others:
    """Of a cell, all cells being `cells`."""
    return Others(_components(cell, cells), _cell_notes(cell, cells))


def _components(cell: Cell, cells: Sequence[Cell]) -> tuple[float, ...]:
    """Published spreads of the updates of a type, for a mean over these."""
    if cell.update != OVER_UPDATES or cell.ai_type == OVER_TYPES or cell.parameter:
        return ()
    spreads = {
        other.update: other.spread
        for other in cells
        if other.update in UPDATES and other.spread is not None and _same(cell, other)
    }
    return tuple(spreads[update] for update in UPDATES) if len(spreads) == len(UPDATES) else ()


def _same(one: Cell, other: Cell) -> bool:
    """Equal conditions, whatever the update."""
    keys = ("agents", "ai_type", "parameter", "value", "metric")
    return all(getattr(one, key) == getattr(other, key) for key in keys)


def _cell_notes(cell: Cell, cells: Sequence[Cell]) -> tuple[str, ...]:
    """What a reader should know of the published number."""
    notes = []
    if cell.source == "table6":
        notes.append(f"{cell.seeds} seeds as printed; Table 3 says 10 for the same runs (MODEL.md, 9.3)")
    notes += [
        f"{other.source} prints the same number as {other.mean:.{other.digits}f}"
        for other in cells
        if cell.spread is None
        and other.spread is not None
        and _same(cell, other)
        and cell.update == other.update
        and abs(cell.mean - other.mean) <= cell.rounding
    ]
    if cell.value in _ENDS.get(cell.parameter, {}):
        notes.append(INFLUENCE_RANGE)
    return tuple(notes)


def _compare(cell: Cell, reading: str, frames: Mapping[str, pandas.DataFrame], others: Others) -> Comparison:
    experiment = experiment_of(cell)
    empty = Comparison(cell, reading, experiment, notes=others.notes)
    if experiment not in frames:
        return replace(empty, reason=f"experiment {experiment} is not there")
    runs = _runs(cell, reading, frames[experiment])
    if runs.empty:
        return replace(empty, reason=f"{experiment} has no such runs")
    return judge(empty, _reduce(cell, runs), others)


def _runs(cell: Cell, reading: str, frame: pandas.DataFrame) -> pandas.DataFrame:
    """Runs of a cell: of the seeds that have all conditions it is a mean of."""
    wanted = {"agents": cell.agents, "reading": reading}
    levels = {
        "ai_type": AI_TYPES if cell.ai_type == OVER_TYPES else (cell.ai_type,),
        "update": UPDATES if cell.update == OVER_UPDATES else (cell.update,),
    }
    if not {*wanted, *levels, "seed"} <= set(frame.columns):
        return frame.iloc[:0]
    for key, value in wanted.items():
        frame = frame[frame[key] == value]
    if cell.parameter:
        column = _SWEPT[cell.parameter][1]
        if column not in frame:
            return frame.iloc[:0]
        value = _ENDS.get(cell.parameter, {}).get(cell.value)
        frame = frame[np.isclose(frame[column].astype(float), float(cell.value) if value is None else value)]
    return complete_seeds(finite(frame, cell.metric), **levels)


def _reduce(cell: Cell, runs: pandas.DataFrame) -> Ours:
    values, means = runs[cell.metric], seed_means(runs, cell.metric)
    conditions = runs.groupby(["ai_type", "update"])[cell.metric].std(ddof=1)
    several = len(means) > 1
    return Ours(
        n=len(values),
        seeds=len(means),
        generations=int(runs["generations"].min()),
        mean=float(values.mean()),
        sd=float(values.std(ddof=0)) if len(values) > 1 else None,
        error_sd=float(means.std(ddof=1)) if several else None,
        within=root_mean_square(conditions.values) if several else None,
        low=float(values.min()),
        high=float(values.max()),
        above_half=int((values > 0.5).sum()),
    )


def judge(empty: Comparison, ours: Ours, others: Others) -> Comparison:
    """Whether the mean of runs, or of a null model, agrees with the published one."""
    cell = empty.cell
    difference = ours.mean - cell.mean
    error = standard_error(cell, ours.error_sd, ours.within, ours.seeds, others.components)
    se = error.se if error else None
    one = replace(
        empty,
        mean=ours.mean,
        sd=ours.sd,
        n=ours.n,
        seeds=ours.seeds,
        generations=ours.generations,
        difference=difference,
        in_spreads=difference / cell.spread if cell.spread else None,
        spread_ratio=ours.sd / cell.spread if cell.spread and ours.sd is not None else None,
        se=se,
        z=difference / se if se else None,
        allowed=STANDARD_ERRORS * se + cell.rounding if error else None,
    )
    one = replace(one, notes=(*one.notes, *_ends(one, ours)))
    reason = _not_comparable(cell, ours)
    if reason or error is None:
        return replace(one, reason=reason)
    return _with_notes(_verdict(one), error)


def _not_comparable(cell: Cell, ours: Ours) -> str:
    reasons = []
    if ours.generations < GENERATIONS:
        reasons.append(f"{ours.generations} of {GENERATIONS} generations")
    # a standard deviation needs two seeds, whatever was published
    needed = max(2, published_seeds(cell))
    if ours.seeds < needed:
        reasons.append(f"{ours.seeds} of {needed} seeds")
    return ", ".join(reasons)


def _verdict(one: Comparison) -> Comparison:
    # rounding lies within the numbers as printed, to the last bits of a double
    if abs(one.difference) <= one.allowed * (1 + 1e-9):
        return replace(one, verdict="agrees")
    reason = reason_for(one.cell, one.reading, one.difference)
    return replace(one, verdict="differs", reason=reason.text, section=reason.section, rule=reason.rule)


def _with_notes(one: Comparison, error: Error) -> Comparison:
    """What the verdict leaves out: how it was reached, and that it is of the mean alone."""
    cell, notes = one.cell, []
    if not one.se:
        notes.append(f"{one.reading}: no variance, decided by rounding alone")
    elif (few := min(one.seeds, published_seeds(cell))) < ENOUGH_SEEDS:
        notes.append(f"{few} seeds: the rule errs in {_share(cell, one.seeds, error)} of such cells")
    if one.spread_alike is False:
        if error.ours_for_both:
            times = f"published spread ×{1 / one.spread_ratio:.2g} of ours" if one.spread_ratio else "ours 0"
            notes.append(f"{one.reading}: our variation stands for both sides, {times}")
        if one.verdict == "agrees":
            notes.append(f"{one.reading}: mean only: spread ×{one.spread_ratio:.2g}")
    return replace(one, notes=(*one.notes, *notes))


def _share(cell: Cell, ours: int, error: Error) -> str:
    """Of false alarms: at equal variances, and where all error is of the side with fewer seeds."""
    theirs = published_seeds(cell)
    equal = 100 * false_alarms(theirs, ours, error.ours_for_both)
    if error.ours_for_both:
        return f"about {equal:.0f} %"
    few = min(theirs, ours)
    return f"{equal:.0f} to {100 * false_alarms(few, few, True):.0f} %"


def _ends(one: Comparison, ours: Ours) -> tuple[str, ...]:
    """Beliefs that end near 0 or near 1 by seed (MODEL.md, 8): of these a mean says little."""
    if one.cell.metric != "human_belief_0" or ours.sd is None or ours.sd <= WIDE:
        return ()
    return (
        f"{one.reading}: single runs from {ours.low:.2f} to {ours.high:.2f}, "
        f"{ours.above_half} of {ours.n} above .5",
    )
