"""Words of axes and legends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import xarray

from digico_report.results import METRICS

_VALUES = {
    "none": "None",
    "act": "Act",
    "evolve": "Evolve",
    "fix": "Fix",
    "influence": "Influence",
    "all": "All",
    "fix_at_zero": "Fix at Zero",
    "all_zero": "All Zero",
    "fixed": "Fixed",
    "random": "Random",
    "momentum": "Momentum",
    "reward": "Reward",
}

_KEYS = {
    "ai_type": "AI type",
    "belief_weights_update": "update of the belief weights",
    "observation_sparsity": "observation sparsity",
    "contagion_sparsity": "belief sparsity",
    "observation_influence_factor": "influence factor $K_I$",
    "observation_belief_factor": "belief factor $K_b$",
    "reward_truthfulness": "weight of truthfulness λ",
    "belief_weights_reward_scale": "reward scale ρ",
}

_MEASURES = {
    "bottleneck": "bottleneck",
    "belief_entropy": "belief entropy / ln V",
    "polarisation_variance": "polarisation (variance)",
    "polarisation_extremes": "polarisation (extremes)",
    "cliques": "cliques",
    "extinct_values": "extinct values",
}


def value_label(value: Any, name: str = "") -> str:
    """Of a swept value as a legend shows it."""
    if name == "reading":
        return f"reading {value}"
    if isinstance(value, float):
        return f"{value:g}"
    if name in ("ai_type", "belief_weights_update", ""):
        return _VALUES.get(str(value), str(value))
    return str(value)


def named_value(data: xarray.Dataset, name: str, value: Any) -> str:
    """A value that does not explain itself has its key before it: seed 3, belief sparsity 0.1."""
    if name in ("ai_type", "belief_weights_update", "reading", "condition"):
        return value_label(value, name)
    return f"{key_label(data, name)} {value_label(value, name)}"


def key_label(data: xarray.Dataset, name: str) -> str:
    """Of a swept key, for an axis."""
    return _KEYS.get(name, str(data[name].attrs.get("configuration_key", name)))


def metric_label(metric: str) -> str:
    """Of a metric or measure, for an axis."""
    if metric in METRICS:
        return METRICS[metric][0]
    return _MEASURES.get(metric, metric.replace("_", " "))


def plain_text(label: str) -> str:
    """Without mathematics, for captions and alternative texts."""
    return label.replace("$", "")


def count_text(counts: Any, what: str = "runs") -> str:
    """`n = 10 runs`, `n = 9 to 10 runs`."""
    numbers = sorted({int(n) for n in counts})
    if not numbers:
        return f"n = 0 {what}"
    return f"n = {numbers[0]} {what}" if len(numbers) == 1 else f"n = {numbers[0]} to {numbers[-1]} {what}"


def same_lines_text(groups: Sequence[str]) -> str:
    """For captions: the upper line hides the lower; empty where none do."""
    return f" Lines that coincide are drawn on top of each other ({'; '.join(groups)})." if groups else ""
