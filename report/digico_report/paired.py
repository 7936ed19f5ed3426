"""Tests over seeds: conditions share seeds, so each seed compares them with itself."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import pandas
import scipy.stats

from digico_report.frames import DECIMALS, complete_seeds, seed_means, seed_table
from digico_report.results import UPDATES

RESAMPLES = 9999
EXACT = 12  #: seeds up to which all 2^n sign changes are looked at
SEED = 2412


def permutation_p(differences: pandas.Series, direction: int) -> float:
    """One-sided p of the paired permutation test of the mean (Fisher 1935).

    Under the null the signs of differences are exchangeable. Exact up to 12 seeds, ties and zeros included,
    where Wilcoxon's tables know neither.
    """
    sample = direction * differences.values
    exact = len(sample) <= EXACT
    found = scipy.stats.permutation_test(
        (sample, np.zeros_like(sample)),
        lambda x, y, axis: np.mean(x - y, axis=axis),
        permutation_type="samples",
        vectorized=True,
        alternative="greater",
        n_resamples=np.inf if exact else RESAMPLES,
        random_state=np.random.default_rng(SEED),
    )
    return float(found.pvalue)


def smallest_p(seeds: int) -> float:
    """The least p that the permutation test can give."""
    return 0.5**seeds if seeds <= EXACT else 1 / (RESAMPLES + 1)


def page_p(table: pandas.DataFrame, direction: int) -> float:
    """One-sided p of Page's test (1963) for a trend over the columns, seeds as blocks."""
    ordered = table.values if direction > 0 else table.values[:, ::-1]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return float(scipy.stats.page_trend_test(ordered).pvalue)


def cohens_dz(differences: pandas.Series) -> float | None:
    """Mean paired difference / its standard deviation over seeds; None where that is 0."""
    sd = float(differences.std(ddof=1)) if len(differences) > 1 else 0.0
    return float(differences.mean()) / sd if sd > 0 else None


@dataclass(frozen=True)
class Contrast:
    """AI types against AI types, averaged over updates, paired over seeds."""

    treated: tuple[str, ...]
    control: tuple[str, ...] = ("none",)
    name: str = "paired permutation"

    def runs(self, frame: pandas.DataFrame) -> pandas.DataFrame:
        """Of seeds that have every condition."""
        return complete_seeds(frame, ai_type=(*self.treated, *self.control), update=UPDATES)

    def problem(self, runs: pandas.DataFrame) -> str:
        """Why there is no test."""
        return "" if runs["seed"].nunique() > 1 else "fewer than two seeds have every condition"

    def differences(self, runs: pandas.DataFrame, metric: str) -> pandas.Series:
        """Treated − control, by seed."""
        treated = seed_means(runs[runs["ai_type"].isin(self.treated)], metric)
        return (treated - seed_means(runs[runs["ai_type"].isin(self.control)], metric)).round(DECIMALS)

    def constant(self, runs: pandas.DataFrame, metric: str) -> bool:
        """Whether no seed has any difference."""
        return bool((self.differences(runs, metric) == 0).all())

    def p(self, runs: pandas.DataFrame, metric: str, direction: int) -> float:
        """One-sided."""
        return permutation_p(self.differences(runs, metric), direction)

    def smallest_p(self, seeds: int) -> float:
        """What so many seeds can show at best."""
        return smallest_p(seeds)


@dataclass(frozen=True)
class Trend:
    """A metric over the values of a swept key, averaged over updates, paired over seeds."""

    key: str  #: column of the frame
    name: str = "Page's trend"

    def runs(self, frame: pandas.DataFrame) -> pandas.DataFrame:
        """Of seeds that have every condition, in the order of the key."""
        runs = complete_seeds(frame, **{self.key: frame[self.key].unique(), "update": UPDATES})
        return runs.sort_values(self.key, kind="stable")

    def problem(self, runs: pandas.DataFrame) -> str:
        """Why there is no test."""
        if runs["seed"].nunique() < 2:
            return "fewer than two seeds have every condition"
        return "" if runs[self.key].nunique() > 2 else f"{self.key} has fewer than three values"

    def differences(self, runs: pandas.DataFrame, metric: str) -> pandas.Series:
        """At the largest value − at the smallest, by seed."""
        table = seed_table(runs, metric, self.key)
        return (table.iloc[:, -1] - table.iloc[:, 0]).round(DECIMALS)

    def constant(self, runs: pandas.DataFrame, metric: str) -> bool:
        """Whether no seed has any difference, at whatever values of the key."""
        return bool((np.ptp(seed_table(runs, metric, self.key).values, axis=1) == 0).all())

    def p(self, runs: pandas.DataFrame, metric: str, direction: int) -> float:
        """One-sided."""
        return page_p(seed_table(runs, metric, self.key), direction)

    def smallest_p(self, seeds: int) -> float:
        """Every seed has values! orders: never what limits the test."""
        return 0.0
