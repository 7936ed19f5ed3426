"""The runs of a result as rows of a table: one run, its swept keys, its measures of the last generation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas
import xarray

from digico_report.configuration import configurations
from digico_report.results import METRICS, plain

#: means of equal numbers differ in their last bits; what is ranked or counted as equal is rounded to this
DECIMALS = 12

# columns that every frame has, swept or not, and their keys
_CONFIGURED = {
    "agents": "agents",
    "ai_type": "ai_type",
    "reading": "reading",
    "update": "belief_weights.update",
}
_SHORT = {"belief_weights_update": "update"}


def frame_of(dataset: xarray.Dataset) -> pandas.DataFrame:
    """A row per run: seed, agents, ai_type, update, reading, other swept keys, generations, metrics.

    Metrics are those of the last generation, the paper's statistic. Swept keys keep the names of the file
    (`contagion_sparsity`) but for `update`; keys that were not swept come from the run's configuration.
    """
    columns: dict[str, Any] = {}
    for name, variable in dataset.variables.items():
        if "configuration_key" in variable.attrs and variable.dims == ("run",):
            columns[_SHORT.get(str(name), str(name))] = variable.values
    columns = {**_configured(configurations(dataset), columns), **columns}
    columns["generations"] = dataset["generations_completed"].values
    for metric in METRICS:
        columns[metric] = dataset[f"{metric}_last"].values.astype(float)
    return pandas.DataFrame(columns)


def _configured(runs: list[dict[str, str]], swept: dict[str, Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for name, key in _CONFIGURED.items():
        if name not in swept and runs and all(key in run for run in runs):
            values = [run[key] for run in runs]
            found[name] = [int(v) for v in values] if name == "agents" else values
    return found


def finite(frame: pandas.DataFrame, metric: str) -> pandas.DataFrame:
    """Rows whose metric is a number: a ratio without a denominator is not one."""
    return frame[np.isfinite(frame[metric])]


def complete_seeds(frame: pandas.DataFrame, **levels: Sequence[Any]) -> pandas.DataFrame:
    """Runs of those seeds that have every combination of the levels.

    A seed that lacks a condition would shift its mean by the difference between conditions.
    """
    for key, values in levels.items():
        frame = frame[frame[key].isin(list(values))]
    conditions = frame.drop_duplicates(["seed", *levels]).groupby("seed").size()
    wanted = math.prod(len(values) for values in levels.values())
    return frame[frame["seed"].isin(conditions.index[conditions == wanted])]


def seed_means(frame: pandas.DataFrame, metric: str) -> pandas.Series:
    """Mean of the metric over everything but the seed, by seed.

    Runs that share a seed share their world (niche, coordinates, first beliefs), so they are no
    independent observations: the seed is.
    """
    return frame.groupby("seed")[metric].mean().round(DECIMALS)


def seed_table(frame: pandas.DataFrame, metric: str, key: str) -> pandas.DataFrame:
    """Means by seed (rows) and level of a key (columns, in the order of their first run)."""
    levels = [plain(level) for level in dict.fromkeys(frame[key])]
    table = frame.pivot_table(index="seed", columns=key, values=metric, aggfunc="mean")
    return table[levels].round(DECIMALS)
