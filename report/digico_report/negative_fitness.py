"""Where AI fitness is no share of a whole: fitness negative in sum over AI or human agents (MODEL.md, 6)."""

from __future__ import annotations

from typing import Literal

import numpy as np
import xarray

METRIC = "ai_fitness"
LEFT_OUT = "ai_fitness_left_out"  #: variable that Result adds: [run], of the last generation
Statistic = Literal["last", "mean"]


def negative_runs(data: xarray.Dataset, statistic: Statistic) -> np.ndarray:
    """[run]: in the last generation, or for the mean in any generation."""
    name = f"negative_fitness_{statistic}"
    if name in data.variables:
        return data[name].values > 0
    if "fitness_mean" not in data.variables:
        values = data[f"{METRIC}_{statistic}"].values
        return (values < 0) | (values > 1)
    found = _by_generation(data)  # of an older version
    if statistic == "mean":
        return found.any(axis=1)
    last = data["generations_completed"].values.astype(int) - 1
    return found[np.arange(len(found)), last] & (last >= 0)


def shares_by_generation(data: xarray.Dataset, variable: str) -> np.ndarray:
    """[run, generation] of any variable; AI fitness without the generations where it is no share."""
    values = data[variable].transpose("run", "generation").values
    if variable != METRIC or "fitness_mean" not in data.variables:
        return values
    return np.where(_by_generation(data), np.nan, values)


def _by_generation(data: xarray.Dataset) -> np.ndarray:
    """[run, generation]; False after the end of a run."""
    fitness = data["fitness_mean"].transpose("run", "generation", "group").values
    sums = np.nan_to_num(fitness * data["group_size"].values[:, None, :])
    ai = (data["group_kind"].values == "ai")[:, None, :]
    return (np.where(ai, sums, 0).sum(axis=-1) < 0) | (np.where(ai, 0, sums).sum(axis=-1) < 0)


def left_out_text(left_out: int, ended: int) -> str:
    """What a page says of them."""
    return (
        f"AI fitness: {left_out:,} of {ended:,} runs left out of every mean, for it is no share where "
        "fitness is negative in sum over AI or over human agents; compare `fitness_mean` of the groups."
    )
