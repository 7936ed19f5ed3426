"""Tests of two factors that take the seed for a block: what holds where a plain two-way ANOVA does not.

All work on a frame with columns y, a, b, seed; a run per seed and cell.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import pandas
import scipy.stats
import statsmodels.api as sm
import statsmodels.formula.api as smf

from .frames import DECIMALS, complete_seeds, seed_table

TERMS = ("a", "b", "a:b")


@dataclass(frozen=True)
class Test:
    """A test of one term. p None: not estimable, `reason` says why."""

    __test__ = False  # pytest: this is not one of its classes

    name: str
    statistic: float | None = None
    df: tuple[float, ...] = ()
    p: float | None = None
    reason: str = ""


def mixed_tests(data: pandas.DataFrame) -> dict[str, Test]:
    """Linear mixed model y ~ a × b + (1 | seed), REML; a Wald test of each term.

    Sum contrasts make the terms orthogonal in a balanced design. The Wald statistic / df is compared with
    F(df, n − cells − (seeds − 1)), which is exact there (the F of the ANOVA with seeds as blocks), where
    chi² would find too much in few seeds.
    """
    name = "mixed model, Wald F"
    seeds, cells = data["seed"].nunique(), data.groupby(["a", "b"]).ngroups
    rest = len(data) - cells - (seeds - 1)
    if seeds < 2 or rest < 1:
        return _none(name, "fewer than two seeds" if seeds < 2 else "no degrees of freedom left")
    fit, problem = _fit_mixed(data)
    if fit is None:
        return _none(name, problem)
    return {term: _wald(fit, columns, rest, name) for term, columns in _columns(fit).items()}


def _fit_mixed(data: pandas.DataFrame):
    # standardised: the tests stay, the optimiser meets numbers of one size
    scaled = data.assign(z=(data["y"] - data["y"].mean()) / data["y"].std())
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            model = smf.mixedlm("z ~ C(a, Sum) * C(b, Sum)", scaled, groups=scaled["seed"])
            fit = model.fit(reml=True)
            good = fit.converged and np.isfinite(fit.cov_params().iloc[: model.k_fe, : model.k_fe]).all(None)
        except (np.linalg.LinAlgError, ValueError) as error:
            return None, f"singular fit: {error}"
    if good and fit.scale > 1e-12:
        return fit, ""
    said = [str(warning.message).splitlines()[0] for warning in caught]
    return None, said[0] if said else "no variance is left within seeds"


def _columns(fit) -> dict[str, list[int]]:
    """Positions of a term's contrasts among the fixed effects."""
    found: dict[str, list[int]] = {term: [] for term in TERMS}
    for k, name in enumerate(fit.fe_params.index):
        sides = [side for side in "ab" if f"C({side}, Sum)" in name]
        if sides:
            found[":".join(sides)].append(k)
    return found


def _wald(fit, columns: list[int], rest: int, name: str) -> Test:
    effect = fit.fe_params.values[columns]
    covariance = fit.cov_params().values[np.ix_(columns, columns)]
    f = float(effect @ np.linalg.solve(covariance, effect)) / len(columns)
    p = float(scipy.stats.f.sf(f, len(columns), rest))
    # the estimate may lie on the boundary; the model is then the one without seeds
    alone = float(np.asarray(fit.cov_re)[0, 0]) <= 1e-8
    return Test(name, f, (len(columns), rest), p, "variance of seeds estimated as 0" if alone else "")


def rank_tests(data: pandas.DataFrame) -> dict[str, Test]:
    """Ranks: Friedman's test over seeds for each factor, aligned ranks for the interaction.

    Takes the seeds that have every cell.
    """
    whole = complete_seeds(data, a=data["a"].unique(), b=data["b"].unique())
    if whole["seed"].nunique() < 2:
        return _none("rank test", "fewer than two seeds with every condition")
    return {"a": friedman(whole, "a"), "b": friedman(whole, "b"), "a:b": aligned_ranks(whole)}


def friedman(data: pandas.DataFrame, factor: str) -> Test:
    """Friedman's test of a factor's levels, seeds as blocks; of two levels, Wilcoxon's signed-rank test."""
    table = seed_table(data, "y", factor)
    two = table.shape[1] == 2
    name = "Wilcoxon over seeds" if two else "Friedman over seeds"
    if (table.nunique(axis=1) == 1).all():
        return Test(name, reason="all levels are equal in every seed")
    columns = [table[level].values for level in table]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # on the approximation of p in small samples
        found = scipy.stats.wilcoxon(*columns) if two else scipy.stats.friedmanchisquare(*columns)
    return Test(name, float(found[0]), () if two else (table.shape[1] - 1,), float(found[1]))


def aligned_ranks(data: pandas.DataFrame) -> Test:
    """Aligned rank transform of the interaction (Wobbrock et al. 2011), F with seeds as blocks.

    Aligned: y less the mean of its cell, plus the interaction's estimate there (cell − a − b + grand mean);
    their ranks go through the ANOVA, of which the interaction alone is read.
    """
    name = "aligned ranks, F"
    y, mean = data["y"], data["y"].mean()
    cell = data.groupby(["a", "b"])["y"].transform("mean")
    effect = cell - data.groupby("a")["y"].transform("mean") - data.groupby("b")["y"].transform("mean") + mean
    aligned = ((y - cell + effect) / y.std()).round(DECIMALS - 2)
    if aligned.nunique() == 1:
        return Test(name, reason="no interaction and no spread")
    ranked = data.assign(rank=scipy.stats.rankdata(aligned))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        row = sm.stats.anova_lm(smf.ols("rank ~ C(a) * C(b) + C(seed)", ranked).fit(), typ=2)
    f, p = float(row.loc["C(a):C(b)", "F"]), float(row.loc["C(a):C(b)", "PR(>F)"])
    if not np.isfinite(f):
        return Test(name, reason="ranks have no spread within seeds")
    return Test(name, f, (float(row.loc["C(a):C(b)", "df"]), float(row.loc["Residual", "df"])), p)


def _none(name: str, reason: str) -> dict[str, Test]:
    return {term: Test(name, reason=reason) for term in TERMS}
