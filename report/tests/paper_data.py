"""Results of every experiment of the paper, made of random numbers, in the folders of `make paper`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import figure_data
import numpy as np
import xarray

from digico_report.results import AI_TYPES, UPDATES

READINGS = ("tables", "text")
STATUS = ("planned", "completed", "nonfinite", "converged")
CONFIGS = Path(__file__).parents[2] / "configs" / "paper"
SEEDS = {"table4": 3}  #: as published; the others have too few to be compared

ZERO: dict[str, tuple] = {"reading": READINGS, "belief_weights_update": UPDATES}
AXES: dict[str, dict[str, tuple]] = {
    "table3": {"reading": READINGS, "ai_type": AI_TYPES, "belief_weights_update": UPDATES},
    "observation_sparsity": {**ZERO, "observation_sparsity": (0.0, 0.1, 0.2, 0.5)},
    "belief_sparsity": {**ZERO, "contagion_sparsity": (0.0, 0.1, 0.2, 0.5)},
    "influence_factor": {**ZERO, "observation_influence_factor": (0.2, 0.5, 1.0, 2.0, 5.0)},
    "truthfulness": {**ZERO, "reward_truthfulness": (0.01, 0.1, 1.0, 10.0)},
    "reward_scale": {"belief_weights_reward_scale": (0.01, 0.1, 1.0, 10.0)},
    "niches": {"ai_type": ("none", "act", "influence", "all")},
    "echo": {},
    "table4": {"reading": READINGS, "ai_type": AI_TYPES, "belief_weights_update": UPDATES},
    "overflow": {"ai_type": ("none", "all_zero"), "belief_weights_update": UPDATES},
}


def dataset(name: str) -> xarray.Dataset:
    """Of an experiment, all runs complete, as long as the published ones by their own word."""
    if name == "echo":
        return finished(figure_data.echo(), "echo-chamber")
    data = figure_data.sweep(generations=4, seeds=SEEDS.get(name, 2), **AXES[name])
    if name == "niches":
        data = figure_data.with_agents(data)
    agents = 300 if name in ("table4", "overflow") else 30
    data["configuration"] = ("run", np.array([_text(data, run, agents) for run in range(data.sizes["run"])]))
    data["generations_completed"] = ("run", np.full(data.sizes["run"], 1000))
    return finished(data, "digico")


def finished(data: xarray.Dataset, model: str) -> xarray.Dataset:
    """With a status and the attributes of a result."""
    data["seed"].attrs["configuration_key"] = "seed"
    data["status"] = (
        "run",
        np.full(data.sizes["run"], STATUS.index("completed"), dtype="i1"),
        {"flag_values": np.arange(4, dtype="i1"), "flag_meanings": " ".join(STATUS)},
    )
    return data.assign_attrs(digico_version="0.0.0", model=model, configuration="# text\n")


def _text(data: xarray.Dataset, run: int, agents: int) -> str:
    def value(name: str, default: str) -> str:
        return str(data[name].values[run]) if name in data else default

    return (
        f"model: digico\nreading: {value('reading', 'tables')}\nai_type: {value('ai_type', 'all_zero')}\n"
        f"seed: {value('seed', '1')}\nagents: {agents}\ngenerations: 1000\n"
        f"belief_weights:\n  update: {value('belief_weights_update', 'reward')}\n"
    )


def with_status(data: xarray.Dataset, status: str, runs: Any) -> xarray.Dataset:
    """Some runs failed or never run; their metrics would show in any mean they were part of."""
    data = data.copy(deep=True)
    data["status"].values[runs] = STATUS.index(status)
    for name in ("ai_views_last", "ai_fitness_last", "human_belief_0_last"):
        data[name].values[runs] = 1e6
    return data


def put(output: Path, name: str, data: xarray.Dataset, form: str = "runs") -> Path:
    """Where `tools/report paper` looks for it."""
    folder = output / form / name
    folder.mkdir(parents=True)
    data.to_netcdf(folder / "results.nc", engine="netcdf4")
    return folder
