"""What figures compute over runs: parts of a dataset, means and their uncertainty, bins of generations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import xarray

from digico_report.results import AI_TYPES, UPDATES, pick, plain

Interval = Literal["se", "bootstrap"]
INTERVALS = {"se": "standard error", "bootstrap": "bootstrap 95 % interval of the mean"}
BINS = 200  #: of generations, at most: more is below what a page resolves


@dataclass(frozen=True)
class Estimate:
    """A mean over runs and its uncertainty; NaN bounds with fewer than two runs."""

    mean: float
    low: float
    high: float
    n: int


def levels(data: xarray.Dataset, name: str) -> tuple[Any, ...]:
    """Distinct values: AI types and updates in the paper's order, numbers by size, others as they come."""
    values = list(dict.fromkeys(plain(v) for v in data[name].values))
    known = {"ai_type": AI_TYPES, "belief_weights_update": UPDATES}.get(name)
    if known:
        return tuple(sorted(values, key=lambda v: known.index(v) if v in known else len(known)))
    if all(isinstance(v, (int, float)) for v in values):
        values.sort()
    return tuple(values)


def parts(data: xarray.Dataset, name: str | None) -> dict[Any, xarray.Dataset]:
    """Runs by value of a key; all of them under None where nothing was swept."""
    if name is None or name not in data.variables:
        return {None: data}
    return {value: pick(data, **{name: value}) for value in levels(data, name)}


def cells(data: xarray.Dataset, *names: str | None) -> dict[tuple[Any, ...], xarray.Dataset]:
    """Runs by values of several keys; combinations that were not run are left out."""
    found: dict[tuple[Any, ...], xarray.Dataset] = {(): data}
    for name in names:
        found = {
            (*key, value): part
            for key, inside in found.items()
            for value, part in parts(inside, name).items()
            if part.sizes["run"]
        }
    return found


def metric_values(data: xarray.Dataset, metric: str, statistic: str = "last") -> np.ndarray:
    """One number per run: statistic `last` (generation, the paper's) or `mean` (over all generations)."""
    return data[f"{metric}_{statistic}"].values.astype(float)


def estimate(values: np.ndarray, interval: Interval = "se") -> Estimate:
    """Of the finite values."""
    values = values[np.isfinite(values)]
    n = len(values)
    if n == 0:
        return Estimate(np.nan, np.nan, np.nan, 0)
    mean = float(values.mean())
    if n == 1:
        return Estimate(mean, np.nan, np.nan, 1)
    if interval == "bootstrap":
        low, high = np.percentile(_resampled_means(values), (2.5, 97.5))
        return Estimate(mean, float(low), float(high), n)
    error = float(values.std(ddof=1)) / n**0.5
    return Estimate(mean, mean - error, mean + error, n)


def _resampled_means(values: np.ndarray) -> np.ndarray:
    # a generator of its own: the same values give the same figure
    picks = np.random.default_rng(0).integers(len(values), size=(2000, len(values)))
    return values[picks].mean(axis=1)


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
