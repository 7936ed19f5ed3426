"""Results made by hand: a results.nc with what digico_report.results reads, and chosen metrics."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray
from browser import chromium

from digico_report.results import AI_TYPES, METRICS, UPDATES, Result

STATUS = ("planned", "completed", "nonfinite", "converged")
KEYS = {  # variable: configuration key
    "seed": "seed",
    "agents": "agents",
    "reading": "reading",
    "ai_type": "ai_type",
    "belief_weights_update": "belief_weights.update",
    "observation_sparsity": "observation.sparsity",
    "observation_influence_factor": "observation.influence_factor",
    "contagion_sparsity": "contagion.sparsity",
    "reward_truthfulness": "reward.truthfulness",
}

Row = dict[str, Any]


def runs(metrics: Callable[[Row], dict[str, float]], **axes: Iterable[Any]) -> list[Row]:
    """All combinations of the axes, each with what `metrics` makes of it."""
    keys = list(axes)
    rows = [dict(zip(keys, values, strict=True)) for values in itertools.product(*axes.values())]
    return [row | metrics(row) for row in rows]


def study(metrics: Callable[[Row], dict[str, float]], seeds: Iterable[int], agents: int = 30) -> list[Row]:
    """Runs of table3.yaml (30 agents) or table4.yaml (300)."""
    return runs(
        lambda row: {"agents": agents, **metrics({**row, "agents": agents})},
        reading=("tables", "text"),
        ai_type=AI_TYPES,
        belief_weights_update=UPDATES,
        seed=seeds,
    )


def write_result(directory: Path, rows: list[Row], older: bool = False, **more: Any) -> Path:
    """DIR/results.nc with a run per row.

    A row holds swept keys by name of variable, metrics (`ai_views`: the last generation's), and may hold
    `status` and `generations`. `older`: without what says where AI fitness is no
    share. `more`: variables by name as (dims, values), attributes as anything else.
    """
    variables: dict[str, Any] = {
        "configuration": ("run", np.array([_configuration(row) for row in rows], dtype=object)),
        "status": (
            "run",
            np.array([STATUS.index(row.get("status", "completed")) for row in rows], dtype="i1"),
            {"flag_values": np.arange(4, dtype="i1"), "flag_meanings": " ".join(STATUS)},
        ),
        "generations_completed": (
            "run",
            np.array([row.get("generations", 1000) for row in rows], dtype="i4"),
        ),
    }
    for metric in METRICS:
        values = np.array([row.get(metric, np.nan) for row in rows], dtype=float)
        variables |= {f"{metric}_last": ("run", values), f"{metric}_mean": ("run", values)}
    for statistic in () if older else ("last", "mean"):
        variables[f"negative_fitness_{statistic}"] = ("run", np.zeros(len(rows)))
    swept = {name: key for name, key in KEYS.items() if name in rows[0] and name != "agents"}
    coordinates = {
        name: ("run", np.array([row[name] for row in rows]), {"configuration_key": key, "long_name": key})
        for name, key in swept.items()
    }
    variables |= {name: value for name, value in more.items() if isinstance(value, tuple)}
    attributes = {"digico_version": "0.0.0", "model": "digico"}
    attributes |= {name: value for name, value in more.items() if not isinstance(value, tuple)}
    directory.mkdir(parents=True, exist_ok=True)
    data = xarray.Dataset(variables, coordinates, attributes)
    data.to_netcdf(directory / "results.nc", engine="netcdf4")
    return directory


def _configuration(row: Row) -> str:
    """The lines of an effective configuration that the report looks for."""
    return (
        f"model: digico\nreading: {row.get('reading', 'text')}\nai_type: {row.get('ai_type', 'none')}\n"
        f"seed: {row['seed']}\nagents: {row.get('agents', 30)}\n"
        f"belief_weights:\n  update: {row.get('belief_weights_update', 'fixed')}\n"
    )


@pytest.fixture
def fake_result(tmp_path: Path) -> Callable[..., Result]:
    """fake_result(name, rows, **more) writes a result below tmp_path and opens it."""

    def make(name: str, rows: list[Row], **more: Any) -> Result:
        return Result(write_result(tmp_path / name, rows, **more))

    return make


@pytest.fixture(scope="module")
def driver():
    """A browser for the tests of one file (tests/browser.py)."""
    with chromium() as opened:
        yield opened
