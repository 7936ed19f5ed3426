"""Constants of sep-CMA-ES (docs/MODEL.md, section 4), worked out anew for other implementations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Constants:
    """Everything that an update is made of but the samples."""

    weights: np.ndarray  # [lambda], 0 from mu on
    mu_eff: float
    c_1: float
    c_mu: float
    c_c: float
    c_sigma: float
    d_sigma: float
    chi_n: float


def constants(variant: str, n: int, population: int) -> Constants:
    """`ros-hansen`, as published in 2008, or `evosax`, as its versions 0.0.9 to 0.1.6 compute them."""
    parents = population // 2
    weights = np.zeros(population)
    weights[:parents] = np.log(parents + 1) - np.log(np.arange(1, parents + 1))
    weights /= weights.sum()
    mu_eff = 1 / float(np.sum(weights**2))
    squared = min(n, 40000) if variant == "evosax" else n
    full = 2 / (mu_eff * (squared + np.sqrt(2)) ** 2) + (1 - 1 / mu_eff) * min(
        1, (2 * mu_eff - 1) / ((squared + 2) ** 2 + mu_eff)
    )
    rate = (n + 2) / 3 * full
    c_1, c_mu = rate / mu_eff, rate * (1 - 1 / mu_eff)
    if variant == "evosax":
        c_1, c_mu = 2 / ((squared + 1.3) ** 2 + mu_eff), rate
    c_sigma = (mu_eff + 2) / (n + mu_eff + 3)
    return Constants(
        weights=weights,
        mu_eff=mu_eff,
        c_1=float(c_1),
        c_mu=float(c_mu),
        c_c=4 / (n + 4),
        c_sigma=c_sigma,
        d_sigma=1 + 2 * max(0.0, float(np.sqrt((mu_eff - 1) / (n + 1))) - 1) + c_sigma,
        chi_n=float(np.sqrt(n)) * (1 - 1 / (4 * n) + 1 / (21 * squared**2)),
    )
