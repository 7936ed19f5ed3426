"""The experiments of the paper's page: which files, and what the small form takes of each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Experiment:
    """One set of runs: a file of configs/paper/ that is not a link to another there."""

    name: str  #: stem of its file and folder of its result
    title: str
    quick: tuple[str, ...]  #: --set of the small form

    def file(self, configs: Path) -> Path:
        """Its configuration."""
        return configs / f"{self.name}.yaml"


#: of the small form, which shows that everything works and nothing about beliefs
_FEW = ("generations=100", "seed={from: 1, to: 3}")
_LARGE = ("generations=10", "seed={from: 1, to: 2}")

EXPERIMENTS = (
    Experiment("table3", "AI types and updates, 30 agents (Tables 3, 5, 6)", _FEW),
    Experiment("observation_sparsity", "Observation sparsity", _FEW),
    Experiment("belief_sparsity", "Belief sparsity", _FEW),
    Experiment("influence_factor", "Influence factor of the recommender", _FEW),
    Experiment("truthfulness", "Truthfulness penalty", _FEW),
    Experiment("reward_scale", "Step of W under the update `reward` (ours)", _FEW),
    Experiment("niches", "Who is seen by whom", (*_FEW, "output.first=90")),
    Experiment("echo", "Echo-chamber notebook", ("echo.steps=100000",)),
    # the long ones last: what came before can be looked at meanwhile
    Experiment("table4", "AI types and updates, 300 agents (Tables 4, 7)", _LARGE),
    Experiment("overflow", "Contagion without overflow, 300 agents (ours)", _LARGE),
)
