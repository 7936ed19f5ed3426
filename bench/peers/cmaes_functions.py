"""Test functions of real-valued optimisation, as bench/cmaes/objective.c has them, and what is asked of each.

All are minimised from a mean of zero, where the engine's solver starts; so it is the optimum that lies
elsewhere. Targets are relative to the value at the start, f(0): states of float32 resolve a coordinate near 1
to 6e-8, so a sphere can fall to about 1e-14 f(0) and no further, and an ellipsoid of condition 1e6 to 1e-12;
1e-9 is far from both, and small enough that the ellipsoid's flattest axis has to be found, too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np


def optimum(n: int) -> np.ndarray:
    """Odd multiples of 2^-9 that wander through (-2, 2): exact in float32."""
    return (np.arange(n, dtype=np.int64) * 389 % 1024) / 256 - 2 + 1 / 512


def weights(n: int) -> np.ndarray:
    """Squared axis lengths of the ellipsoid: 10^(6 i / (n - 1))."""
    return 10 ** (6 * np.arange(n) / max(n - 1, 1))


def sphere(x, constants, xp=np):
    """Sum of z_i^2, z = x - s; x: [..., n]."""
    return xp.sum(xp.square(x - constants[0]), axis=-1)


def ellipsoid(x, constants, xp=np):
    """Sum of 10^(6 i / (n - 1)) z_i^2: separable, condition 10^6."""
    return xp.square(x - constants[0]) @ constants[1]


def rosenbrock(x, constants, xp=np):
    """Sum of 100 (x_i^2 - x_(i+1))^2 + (x_i - 1)^2."""
    a = x[..., :-1]
    return xp.sum(100 * xp.square(a * a - x[..., 1:]) + xp.square(a - 1), axis=-1)


def rastrigin(x, constants, xp=np):
    """Sum of z_i^2 - 10 cos(2 pi z_i) + 10."""
    z = x - constants[0]
    return xp.sum(z * z - 10 * xp.cos(2 * math.pi * z) + 10, axis=-1)


FUNCTIONS = {f.__name__: f for f in (sphere, ellipsoid, rosenbrock, rastrigin)}


@cache
def constants_of(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Optimum and weights, as every function takes them."""
    return optimum(n), weights(n)


@dataclass(frozen=True)
class Problem:
    """One function in one dimension, and how a solver is to begin and to stop."""

    function: str
    dimension: int
    population: int
    sigma: float
    relative_target: float  # of f(0)
    seeds: int

    def value(self, x: np.ndarray) -> np.ndarray:
        """Values of the points x: [..., n]."""
        return FUNCTIONS[self.function](x, constants_of(self.dimension))

    @cached_property
    def target(self) -> float:
        """The value to reach."""
        return self.relative_target * float(self.value(np.zeros(self.dimension)))


def default_population(n: int) -> int:
    """4 + floor(3 ln n), the default of CMA-ES."""
    return 4 + int(3 * math.log(n))


def problem(function: str, n: int, relative_target: float, seeds: int, sigma=2.0, population=None) -> Problem:
    """A problem with the default population."""
    return Problem(function, n, population or default_population(n), sigma, relative_target, seeds)
