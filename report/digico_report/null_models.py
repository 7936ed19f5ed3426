"""Null models: what anything that knows nothing of the paper's model would measure, in closed form.

A rule that takes a wide difference for agreement lets these agree as well. Their scores by the same rule
(power.py) say how much an agreement is worth. Each is a mean and the standard deviation over seeds of what
the runs of a seed share; runs of one seed have the same random words, so that conditions differ in nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from digico_report.cells import Cell

# of the published runs (docs/MODEL.md, 1 to 3)
VALUES = 10  #: of a belief
STEPS = 50  #: of a generation
OBSERVED = 4  #: messages that an agent receives in a step
AI_SHARE = 1 / 3  #: of the agents


@dataclass(frozen=True)
class Moments:
    """Of a measure of the last generation, over seeds."""

    mean: float
    sd: float


@dataclass(frozen=True)
class NullModel:
    """`moments` of a cell; None: it says nothing of that metric."""

    name: str
    meaning: str
    moments: Callable[[Cell], Moments | None]


def chance(cell: Cell) -> float:
    """Of views and fitness the AI agents' share of the population; of beliefs that of one value."""
    return 1 / VALUES if cell.metric == "human_belief_0" else AI_SHARE


def _share(probability: float, draws: float) -> Moments:
    """Of independent draws: binomial."""
    return Moments(probability, math.sqrt(probability * (1 - probability) / draws))


def _humans(cell: Cell) -> float:
    return (1 - AI_SHARE) * cell.agents


def _of_beliefs(moments: Callable[[Cell], Moments]) -> Callable[[Cell], Moments | None]:
    return lambda cell: moments(cell) if cell.metric == "human_belief_0" else None


def _redrawn(cell: Cell) -> Moments:
    """Eq. 2 with C_b = 0: in every step every human draws any value."""
    return _share(1 / VALUES, _humans(cell) * STEPS)


def _kept(cell: Cell) -> Moments:
    """Eq. 2 is skipped: humans keep the values that they drew at the start of the run."""
    return _share(1 / VALUES, _humans(cell))


def _coin(_: Cell) -> Moments:
    """1 or 1 / V with equal probability: half the difference is the standard deviation."""
    return Moments((1 + 1 / VALUES) / 2, (1 - 1 / VALUES) / 2)


def _chance(cell: Cell) -> Moments:
    if cell.metric == "human_belief_0":
        return _redrawn(cell)
    return _share(AI_SHARE, cell.agents * OBSERVED * STEPS)


NULL_MODELS = (
    NullModel("no contagion", "C_b = 0: every human draws any belief in every step", _of_beliefs(_redrawn)),
    NullModel(
        "beliefs kept", "Eq. 2 is skipped: every human keeps the belief of the start", _of_beliefs(_kept)
    ),
    NullModel(
        "coin flip",
        "in each seed all humans believe 0, or all draw any belief, with equal probability",
        _of_beliefs(_coin),
    ),
    NullModel(
        "chance shares",
        "AI agents have their share of the population in views and fitness, beliefs as without contagion",
        _chance,
    ),
)
