"""Are evaluations to a target equal within noise, and how fine can this many seeds see?"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from cmaes_solvers import Run

FAMILY_ALARM = 0.01  # chance that a table of equal solvers shows "differs" anywhere (Bonferroni)


@dataclass(frozen=True)
class Comparison:
    """Evaluations of one solver over those of another."""

    ratio: float | None  # of geometric means; None where either missed the target with some seed
    low: float | None  # confidence interval of the ratio, simultaneous over the family
    high: float | None
    p: float | None  # None where neither reaches the target: nothing to compare
    method: str
    finest: float = 0.0  # the smallest p that so few seeds can give

    def verdict(self, alarm: float) -> str:
        """In words, at a false-alarm rate of this one comparison."""
        if self.p is None:
            return "neither reaches it"
        if self.finest >= alarm:
            return "too few seeds to tell"
        return "equal within noise" if self.p >= alarm else "differs"


def compare(ours: list[Run], theirs: list[Run], alarm: float) -> Comparison:
    """Student's t-test of log evaluations where all seeds arrive; else ranks, with those that don't last."""
    reached = [[run.evaluations for run in runs if run.evaluations is not None] for runs in (ours, theirs)]
    if not any(reached):
        return Comparison(None, None, None, None, "none")
    if len(reached[0]) == len(ours) and len(reached[1]) == len(theirs):
        return student(np.log(reached[0]), np.log(reached[1]), alarm)
    p = ranks(values(ours), values(theirs))
    finest = ranks(list(range(len(ours))), [math.inf] * len(theirs))
    return Comparison(None, None, None, p, "Mann-Whitney", finest)


def ranks(a: list[float], b: list[float]) -> float:
    """p of the rank test, ties counted."""
    return float(stats.mannwhitneyu(a, b, alternative="two-sided", method="asymptotic").pvalue)


def student(ours: np.ndarray, theirs: np.ndarray, alarm: float) -> Comparison:
    """Of means of logarithms, with the interval at the same rate.

    One algorithm has one spread: pooled, it is known well enough even where a peer has three seeds.
    """
    if float(np.ptp(np.concatenate([ours, theirs]))) == 0:  # no spread, and nothing to tell apart
        return Comparison(1.0, 1.0, 1.0, 1.0, "all the same")
    test = stats.ttest_ind(theirs, ours)
    interval = test.confidence_interval(1 - alarm)
    ratio = math.exp(float(np.mean(theirs) - np.mean(ours)))
    low, high = math.exp(interval.low), math.exp(interval.high)
    return Comparison(ratio, low, high, float(test.pvalue), "Student, logarithms")


def quartiles(runs: list[Run]) -> tuple[float, float, float]:
    """Lower quartile, median, upper quartile of the evaluations; infinite where seeds did not arrive."""
    # each is one of the values: no arithmetic with infinities
    return tuple(float(v) for v in np.quantile(values(runs), [0.25, 0.5, 0.75], method="inverted_cdf"))


def values(runs: list[Run]) -> list[float]:
    """Evaluations, infinite where the target was not reached."""
    return [math.inf if run.evaluations is None else run.evaluations for run in runs]
