"""Standard error of ours − published, and how often the rule built on it errs (docs/MODEL.md, 8)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import scipy.stats

from digico_report.cells import Cell

STANDARD_ERRORS = 3.0  #: of the difference, within which two means agree
TEXT_SEEDS = 10  #: taken for numbers of the paper's text, which tells none

_QUANTILES = 400  #: of each variance, over which false_alarms() averages


@dataclass(frozen=True)
class Error:
    """Standard error of ours − published. `ours_for_both`: our variation stands for the published one."""

    se: float
    ours_for_both: bool


def published_seeds(cell: Cell) -> int:
    """As printed; of a number of the text, what is taken for it."""
    return cell.seeds or TEXT_SEEDS


def standard_error(
    cell: Cell,
    over_seeds: float | None,
    within: float | None,
    seeds: int,
    components: Sequence[float] = (),
) -> Error | None:
    """Error of the difference of means, seeds as the independent unit.

    `over_seeds`: standard deviation of our means by seed; `within`: root mean square of our standard
    deviations within conditions; both with divisor n − 1. Published spreads have divisor n, as pooling
    Table 6 to Table 3 shows, so that their part of SE² is s²/(n − 1).

    One condition: the published spread itself. Mean over conditions: its spread holds the differences
    between them and says nothing of the mean's error. Where `components`, the published spreads within the
    conditions, are known, their root mean square times over_seeds/within stands for it: as many conditions
    share a seed there as here. Else, and for a number without spread, ours stands for both.
    """
    if over_seeds is None:
        return None
    n = published_seeds(cell)
    spread = None
    if not cell.averaged:
        spread = cell.spread
    elif components and within:
        spread = over_seeds / within * root_mean_square(components)
    ours_for_both = spread is None or n < 2
    published = over_seeds**2 / n if ours_for_both else spread**2 / (n - 1)
    return Error(math.sqrt(published + over_seeds**2 / seeds), ours_for_both)


def root_mean_square(values: Sequence[float]) -> float:
    """Of standard deviations: the one whose variance is their mean."""
    return float(np.sqrt(np.mean(np.square(values))))


@lru_cache
def false_alarms(published: int, ours: int, ours_for_both: bool) -> float:
    """Share of equal means that the rule takes for different: normal seeds of one variance, no rounding.

    By numbers of seeds. With ours for both sides Student's t, else the mean of the normal tail over both
    variances.
    """
    if ours_for_both:
        return float(2 * scipy.stats.t.sf(STANDARD_ERRORS, ours - 1))
    middles = (np.arange(_QUANTILES) + 0.5) / _QUANTILES
    # each s²/(n - 1) with divisor n, or s²/n with divisor n - 1: chi² / (n (n - 1))
    theirs, mine = (scipy.stats.chi2.ppf(middles, n - 1) / (n * (n - 1)) for n in (published, ours))
    variance = (theirs[:, None] + mine[None, :]) / (1 / published + 1 / ours)
    return float(np.mean(2 * scipy.stats.norm.sf(STANDARD_ERRORS * np.sqrt(variance))))
