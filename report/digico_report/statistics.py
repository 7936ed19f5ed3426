"""Statistics of runs. The tests are scipy's and statsmodels'; here stands what they are asked.

The independent unit is the seed: runs that share one share their world. So samples are reduced to one
number per seed (`seed_means`) before an interval or a test is taken of them.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import scipy.stats

from digico_report.anova import TwoWay, anova_table, assumptions_text, two_way
from digico_report.frames import complete_seeds, frame_of, seed_means, seed_table

__all__ = [
    "Summary",
    "TwoWay",
    "anova_table",
    "assumptions_text",
    "complete_seeds",
    "frame_of",
    "seed_means",
    "seed_table",
    "summarise",
    "two_way",
]

RESAMPLES = 9999
SEED = 2412  #: of the bootstrap: a report of the same result is the same report


@dataclass(frozen=True)
class Summary:
    """Moments of a sample and the bootstrap interval of its mean. None: the sample is too small for it."""

    n: int
    mean: float | None
    sd: float | None  #: divisor n - 1
    se: float | None  #: sd / sqrt(n)
    low: float | None
    high: float | None


def summarise(values: Iterable[float], confidence: float = 0.95) -> Summary:
    """Summary of the values that are finite.

    Interval: bias-corrected and accelerated bootstrap (Efron 1987). With a handful of values it covers less
    than it says, as every bootstrap does.
    """
    sample = np.asarray(list(values), dtype=float)
    sample = sample[np.isfinite(sample)]
    if len(sample) < 2:
        mean = float(sample[0]) if len(sample) else None
        return Summary(len(sample), mean, None, None, None, None)
    mean, sd = float(sample.mean()), float(sample.std(ddof=1))
    low, high = interval(sample, confidence)
    return Summary(len(sample), mean, sd, sd / float(np.sqrt(len(sample))), low, high)


def interval(sample: np.ndarray, confidence: float = 0.95) -> tuple[float, float]:
    """Bootstrap interval of the mean of two values or more; of equal values, that value."""
    if np.ptp(sample) <= 1e-12 * np.abs(sample).max():
        return float(sample[0]), float(sample[0])
    # the percentile interval needs no jackknife, which is what can degenerate
    for method in ("BCa", "percentile"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            limits = scipy.stats.bootstrap(
                (sample,),
                np.mean,
                n_resamples=RESAMPLES,
                confidence_level=confidence,
                method=method,
                random_state=np.random.default_rng(SEED),
            ).confidence_interval
        if np.isfinite(limits.low) and np.isfinite(limits.high):
            break
    return float(limits.low), float(limits.high)
