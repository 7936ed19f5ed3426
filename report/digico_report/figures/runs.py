"""What figures compute over runs: parts of a dataset, means and their uncertainty, bins of generations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import xarray

from digico_report.results import AI_TYPES, UPDATES, pick, plain

Interval = Literal["se", "bootstrap"]
INTERVALS = {
    "se": "standard error over seeds",
    "bootstrap": "bootstrap 95 % interval of the mean over seeds",
}
BINS = 200  #: of generations, at most: more is below what a page resolves


@dataclass(frozen=True)
class Estimate:
    """A mean and its uncertainty; NaN bounds with fewer than two seeds."""

    mean: float
    low: float
    high: float
    n: int  #: runs
    seeds: int


def levels(data: xarray.Dataset, name: str) -> tuple[Any, ...]:
    """Distinct values: AI types and updates in the paper's order, numbers by size, others as they come."""
    return _ordered(data[name].values, name)


def _ordered(column: np.ndarray, name: str) -> tuple[Any, ...]:
    values = list(dict.fromkeys(plain(v) for v in column))
    known = {"ai_type": AI_TYPES, "belief_weights_update": UPDATES}.get(name)
    if known:
        return tuple(sorted(values, key=lambda v: known.index(v) if v in known else len(known)))
    if all(isinstance(v, (int, float)) for v in values):
        values.sort()
    return tuple(values)


def cells(data: xarray.Dataset, *names: str | None) -> dict[tuple[Any, ...], xarray.Dataset]:
    """Runs by values of several keys; combinations that were not run are left out.

    A key that is None or was not swept has the one value None.
    """
    if not names:
        return {(): data}
    # places first: taking runs out of a dataset of many variables is what takes time
    found = {(): np.arange(data.sizes["run"])}
    for name in names:
        if name is None or name not in data.variables:
            found = {(*key, None): places for key, places in found.items()}
            continue
        column = data[name].values
        found = {
            (*key, value): places[column[places] == value]
            for key, places in found.items()
            for value in _ordered(column[places], name)
        }
    whole = data.sizes["run"]
    return {
        key: data if len(places) == whole else data.isel(run=places)
        for key, places in found.items()
        if len(places)
    }


def metric_values(data: xarray.Dataset, metric: str, statistic: str = "last") -> np.ndarray:
    """One number per run: statistic `last` (generation, the paper's) or `mean` (over all generations)."""
    return data[f"{metric}_{statistic}"].values.astype(float)


def seeds_of(data: xarray.Dataset) -> np.ndarray:
    """Seed of every run; a file without seeds counts as one of a single seed."""
    return data["seed"].values if "seed" in data.variables else np.zeros(data.sizes["run"], dtype=int)


def estimate(values: np.ndarray, seeds: np.ndarray, interval: Interval = "se") -> Estimate:
    """Of the finite values, one per run. The independent unit is the seed: runs of one share their world.

    So what is averaged, and what has an error, are the means of the seeds.
    """
    there = np.isfinite(values)
    n = int(there.sum())
    if n == 0:
        return Estimate(np.nan, np.nan, np.nan, 0, 0)
    _, which = np.unique(seeds[there], return_inverse=True)
    means = np.bincount(which, weights=values[there]) / np.bincount(which)
    mean, count = float(means.mean()), len(means)
    if count == 1:
        return Estimate(mean, np.nan, np.nan, n, 1)
    if interval == "bootstrap":
        low, high = np.percentile(_resampled_means(means), (2.5, 97.5))
        return Estimate(mean, float(low), float(high), n, count)
    error = float(means.std(ddof=1)) / count**0.5
    return Estimate(mean, mean - error, mean + error, n, count)


def metric_estimate(
    data: xarray.Dataset, metric: str, statistic: str = "last", interval: Interval = "se"
) -> Estimate:
    """Of a metric of all runs of a dataset."""
    return estimate(metric_values(data, metric, statistic), seeds_of(data), interval)


def sample_text(made: Iterable[Estimate], per: str, shown: str, interval: Interval = "se") -> str:
    """`n = 40 runs of 10 seeds per bar; error bars: standard error over seeds`."""
    made = list(made)
    most = max((e.seeds for e in made), default=0)
    count = f"n = {_span(e.n for e in made)} of {_span((e.seeds for e in made), 'seed')} per {per}"
    if most > 1:
        return f"{count}; {shown}: {INTERVALS[interval]}"
    return f"{count}; no {shown}: runs of one seed tell no error"


def _span(counts: Iterable[int], what: str = "run") -> str:
    numbers = sorted({*counts}) or [0]
    few = f"{numbers[0]}" if len(numbers) == 1 else f"{numbers[0]} to {numbers[-1]}"
    return f"{few} {what}{'' if numbers == [1] else 's'}"


def _resampled_means(values: np.ndarray) -> np.ndarray:
    # a generator of its own: the same values give the same figure
    picks = np.random.default_rng(0).integers(len(values), size=(2000, len(values)))
    return values[picks].mean(axis=1)


def coinciding(lines: Mapping[Any, np.ndarray]) -> list[list[Any]]:
    """Lines of the same values, two and more each; the last bits of a mean may differ."""
    same: dict[bytes, list[Any]] = {}
    for line, values in lines.items():
        # + 0.0: there is a -0
        same.setdefault((np.asarray(values, dtype=float).round(12) + 0.0).tobytes(), []).append(line)
    return [group for group in same.values() if len(group) > 1]


def bin_edges(count: int, bins: int = BINS) -> np.ndarray:
    """Bounds of bins of nearly equal width over `count` generations."""
    return np.unique(np.linspace(0, count, min(bins, count) + 1).round().astype(int))


def binned(values: np.ndarray, edges: np.ndarray, axis: int) -> np.ndarray:
    """Mean of what is finite inside every bin along an axis, NaN where nothing is."""
    values = np.moveaxis(np.asarray(values, dtype=float), axis, 0)
    there = np.isfinite(values)
    total = np.add.reduceat(np.where(there, values, 0), edges[:-1], axis=0)
    count = np.add.reduceat(there.astype(float), edges[:-1], axis=0)
    return np.moveaxis(divide(total, count), 0, axis)


def divide(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a / b, NaN where b is 0."""
    a, b = np.broadcast_arrays(np.asarray(a, dtype=float), np.asarray(b, dtype=float))
    return np.divide(a, b, out=np.full(a.shape, np.nan), where=b != 0)


def mean_of_finite(values: np.ndarray, axis: int = 0) -> np.ndarray:
    """Mean along an axis, NaN where nothing is finite. numpy's own warns there."""
    there = np.isfinite(values)
    return divide(np.where(there, values, 0).sum(axis=axis), there.sum(axis=axis))


def quartiles(values: np.ndarray) -> np.ndarray:
    """Lower quartile, median, upper quartile over the first axis (runs): [3, ...]."""
    out = np.full((3, *values.shape[1:]), np.nan)
    some = np.isfinite(values).any(axis=0)
    if some.any():
        out[:, some] = np.nanpercentile(values[:, some], (25, 50, 75), axis=0)
    return out


def belief_shares(data: xarray.Dataset) -> np.ndarray:
    """[run, generation, group, belief]; sums to 1 over beliefs, NaN after the end of a run."""
    count = data["belief_count"].values.astype(float)
    return divide(count, count.sum(axis=-1, keepdims=True))


def last_generation(values: np.ndarray) -> np.ndarray:
    """[run, generation, ...] at the last generation of every run; one that converged ended early."""
    there = np.isfinite(values).reshape(*values.shape[:2], -1).any(axis=2)
    last = values.shape[1] - 1 - there[:, ::-1].argmax(axis=1)
    return values[np.arange(len(values)), last]


def named_runs(
    data: xarray.Dataset, conditions: Mapping[str, Mapping[str, Any]]
) -> dict[str, xarray.Dataset]:
    """Runs of every named condition that has some: {"All Zero, Fixed": {"ai_type": "all_zero", ...}}."""
    found = {title: pick(data, **values) for title, values in conditions.items()}
    return {title: part for title, part in found.items() if part.sizes["run"]}


def per_seed(title: str, condition: Mapping[str, Any], seeds: Any) -> dict[str, dict[str, Any]]:
    """One condition as one of its own for every seed, for figures that take named conditions."""
    return {f"{title}, seed {int(seed)}": {**condition, "seed": int(seed)} for seed in seeds}
