"""Ours beside the published numbers: which runs make a cell, and whether the two agree (docs/MODEL.md, 8)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas

from .cells import OVER_TYPES, OVER_UPDATES, Cell, read_published
from .comparison import Comparison, comparison_table, tally
from .frames import complete_seeds, finite, frame_of, seed_means
from .reasons import reason_for
from .results import AI_TYPES, UPDATES, Result

__all__ = ["Cell", "Comparison", "compare", "comparison_table", "read_published", "tally"]

READINGS = ("tables", "text")
GENERATIONS = 1000  #: of the published runs
TEXT_SEEDS = 10  #: taken for numbers of the paper's text, which tells none
STANDARD_ERRORS = 3.0  #: of the difference, within which two means agree

_SWEPT = {  # parameter of the paper: experiment, swept key's column
    "belief_sparsity": ("belief_sparsity", "contagion_sparsity"),
    "observation_sparsity": ("observation_sparsity", "observation_sparsity"),
    "observation_influence_factor": ("influence_factor", "observation_influence_factor"),
    "truthfulness": ("truthfulness", "reward_truthfulness"),
}
_ENDS = {"observation_influence_factor": {"max": 5.0, "min": 0.2}}  # of configs/paper/influence_factor.yaml


@dataclass(frozen=True)
class _Ours:
    """Runs of a cell, reduced."""

    n: int
    seeds: int
    generations: int
    mean: float
    sd: float | None  #: over pooled runs, as the published spreads are
    error_sd: float | None  #: over the means of seeds, the independent unit
    above_half: int


def compare(cells: Iterable[Cell], results: Mapping[str, Result], quick: bool = False) -> list[Comparison]:
    """Every cell in both readings, in the order of the cells.

    `results` by the name of the experiment: table3 (30 agents), table4 (300), observation_sparsity,
    belief_sparsity, influence_factor, truthfulness. `quick` only says in the reasons that the small form was
    asked for: what can be compared follows from the generations and seeds found.
    """
    cells = tuple(cells)
    used = {experiment_of(cell) for cell in cells}
    frames = {name: frame_of(result.ended) for name, result in results.items() if name in used}
    found = []
    for cell in cells:
        both = [_compare(cell, reading, frames) for reading in READINGS]
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


def _compare(cell: Cell, reading: str, frames: Mapping[str, pandas.DataFrame]) -> Comparison:
    experiment = experiment_of(cell)
    empty = Comparison(cell, reading, experiment)
    if experiment not in frames:
        return replace(empty, reason=f"experiment {experiment} is not there")
    runs = _runs(cell, reading, frames[experiment])
    if runs.empty:
        return replace(empty, reason=f"{experiment} has no such runs")
    return _judge(empty, _reduce(cell, runs))


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


def _reduce(cell: Cell, runs: pandas.DataFrame) -> _Ours:
    values, means = runs[cell.metric], seed_means(runs, cell.metric)
    return _Ours(
        n=len(values),
        seeds=len(means),
        generations=int(runs["generations"].min()),
        mean=float(values.mean()),
        sd=float(values.std(ddof=1)) if len(values) > 1 else None,
        error_sd=float(means.std(ddof=1)) if len(means) > 1 else None,
        above_half=int((values > 0.5).sum()),
    )


def _judge(empty: Comparison, ours: _Ours) -> Comparison:
    cell = empty.cell
    difference = ours.mean - cell.mean
    se = standard_error(cell, ours.error_sd, ours.seeds)
    one = replace(
        empty,
        mean=ours.mean,
        sd=ours.sd,
        n=ours.n,
        seeds=ours.seeds,
        generations=ours.generations,
        difference=difference,
        in_spreads=difference / cell.spread if cell.spread else None,
        se=se,
        z=difference / se if se else None,
        notes=_notes(empty, ours),
    )
    reason = _not_comparable(cell, ours)
    if reason:
        return replace(one, reason=reason)
    return _verdict(one)


def standard_error(cell: Cell, error_sd: float | None, seeds: int) -> float | None:
    """Standard error of ours − published, seeds as the independent unit.

    One condition: sqrt(s_p²/n_p + s_o²/n_o). Mean over conditions: the published spread holds the
    differences between conditions and says nothing of the mean's error, so ours stands for both,
    s·sqrt(1/n_o + 1/n_p); likewise for a number without spread.
    """
    if error_sd is None:
        return None
    published = error_sd if cell.averaged or cell.spread is None else cell.spread
    return math.sqrt(published**2 / (cell.seeds or TEXT_SEEDS) + error_sd**2 / seeds)


def _not_comparable(cell: Cell, ours: _Ours) -> str:
    reasons = []
    if ours.generations < GENERATIONS:
        reasons.append(f"{ours.generations} of {GENERATIONS} generations")
    # a standard deviation needs two seeds, whatever was published
    needed = max(2, cell.seeds or TEXT_SEEDS)
    if ours.seeds < needed:
        reasons.append(f"{ours.seeds} of {needed} seeds")
    return ", ".join(reasons)


def _verdict(one: Comparison) -> Comparison:
    allowed = STANDARD_ERRORS * one.se + one.cell.rounding
    if not one.se:
        one = replace(one, notes=(*one.notes, f"{one.reading}: no variance, decided by rounding alone"))
    # rounding lies within the numbers as printed, to the last bits of a double
    if abs(one.difference) <= allowed * (1 + 1e-9):
        return replace(one, verdict="agrees")
    reason = reason_for(one.cell, one.reading, one.difference)
    return replace(one, verdict="differs", reason=reason.text, section=reason.section)


def _notes(one: Comparison, ours: _Ours) -> tuple[str, ...]:
    """Beliefs under `fixed` and `momentum` end near 0 or near 1, by seed (MODEL.md, 8)."""
    cell = one.cell
    if cell.metric != "human_belief_0" or cell.agents != 30 or cell.update in ("random", "reward"):
        return ()
    which = "Fixed and Momentum are bistable" if cell.update == OVER_UPDATES else "bistable"
    return (
        f"{which} over seeds: a mean over few of them says little",
        f"{one.reading}: {ours.above_half} of {ours.n} runs end above .5",
    )
