"""Exponents: y = fixed + a x^p, by least squares of log(y - fixed) on log x.

Fixed costs (process, libraries, an empty result) are measured and taken off. Fitted is the upper part: the
last decade of x, of it what is at least twice the fixed costs, because below they dominate and the line
would say more of them than of the growth. The interval is Student's for a slope, n - 2 degrees of freedom.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

DECADE = 10.0  #: of x are fitted, from the largest down
ABOVE = 2.0  #: times the fixed costs are fitted
LEAST_POINTS = 3


@dataclass(frozen=True)
class PowerLaw:
    """y = fixed + factor * x^exponent on first <= x <= last."""

    exponent: float
    standard_error: float
    low: float  #: of the exponent's confidence interval
    high: float
    confidence: float
    factor: float
    fixed: float
    first: float
    last: float
    points: int

    def at(self, x: np.ndarray) -> np.ndarray:
        """What it says of other sizes."""
        return self.fixed + self.factor * np.asarray(x, dtype=float) ** self.exponent


def power_law(
    x: Sequence[float], y: Sequence[float], fixed: float, confidence: float = 0.95
) -> PowerLaw | None:
    """None where fixed costs leave too few points."""
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    use = (x >= x.max() / DECADE * (1 - 1e-9)) & (y >= ABOVE * fixed)
    points = int(use.sum())
    if points < LEAST_POINTS:
        return None
    line = stats.linregress(np.log(x[use]), np.log(y[use] - fixed))
    half = stats.t.ppf(0.5 + confidence / 2, points - 2) * line.stderr
    return PowerLaw(
        exponent=float(line.slope),
        standard_error=float(line.stderr),
        low=float(line.slope - half),
        high=float(line.slope + half),
        confidence=confidence,
        factor=float(np.exp(line.intercept)),
        fixed=fixed,
        first=float(x[use].min()),
        last=float(x[use].max()),
        points=points,
    )
