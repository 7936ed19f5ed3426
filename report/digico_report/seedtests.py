"""Tests of two factors that take the seed for a block: what holds where a plain two-way ANOVA does not.

All work on a frame with columns y, a, b, seed; a run per seed and cell.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import pandas
import scipy.stats
import statsmodels.formula.api as smf

from digico_report.frames import DECIMALS, complete_seeds, seed_table
from digico_report.paired import EXACT, RESAMPLES, SEED

TERMS = ("a", "b", "a:b")

#: gradients lead nowhere where the variance of seeds is 0; the others ask for none
_OPTIMISERS = (["bfgs", "lbfgs"], "powell", "nm")


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
    model = smf.mixedlm("z ~ C(a, Sum) * C(b, Sum)", scaled, groups=scaled["seed"])
    problem = ""
    for optimiser in _OPTIMISERS:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                fit = model.fit(reml=True, method=optimiser)
            except (np.linalg.LinAlgError, ValueError) as error:
                return None, f"singular fit: {error}"
        if fit.converged and fit.scale > 1e-12 and np.isfinite(fit.bse_fe).all():
            return fit, ""
        said = [str(warning.message).splitlines()[0] for warning in caught]
        problem = said[0] if said else "no variance is left within seeds"
    return None, problem


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


def seed_tests(data: pandas.DataFrame) -> dict[str, Test]:
    """Without distributions: Friedman's test over seeds for each factor, sign changes for the interaction.

    Takes the seeds that have every cell. Aligned ranks (Wobbrock et al. 2011) are not used: where most cells
    hold one value, as bistable beliefs do, a single deviating run makes their interaction "significant".
    """
    whole = complete_seeds(data, a=data["a"].unique(), b=data["b"].unique())
    if whole["seed"].nunique() < 2:
        return _none("over seeds", "fewer than two seeds with every condition")
    return {"a": friedman(whole, "a"), "b": friedman(whole, "b"), "a:b": interaction(whole)}


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


def interaction(data: pandas.DataFrame) -> Test:
    """Permutation test of the interaction: are the seeds' own interactions about 0?

    A seed's interaction is its table of cells, both margins taken off. Without one in the mean, and errors as
    often up as down, it could as well have the other sign: statistic Σ (mean over seeds)² over all sign
    changes. No assumption on variances or on how cells of a seed go together. Least p: 2 / 2^seeds.
    """
    name = "sign changes over seeds"
    table = data.pivot_table(index="seed", columns=["a", "b"], values="y")
    cells = table.values.reshape(len(table), data["a"].nunique(), data["b"].nunique())
    own = (
        cells
        - cells.mean(1, keepdims=True)
        - cells.mean(2, keepdims=True)
        + cells.mean((1, 2), keepdims=True)
    )
    own = (own / data["y"].std()).round(DECIMALS - 2).reshape(len(table), -1)
    if not own.any():
        return Test(name, reason="no seed has any interaction")
    found = scipy.stats.permutation_test(
        (np.ones(len(own)), -np.ones(len(own))),
        lambda signs, _, axis: ((signs @ own / len(own)) ** 2).sum(axis=-1),
        permutation_type="samples",
        vectorized=True,
        alternative="greater",
        n_resamples=np.inf if len(own) <= EXACT else RESAMPLES,
        random_state=np.random.default_rng(SEED),
    )
    return Test(name, float(found.statistic), (), float(found.pvalue))


def _none(name: str, reason: str) -> dict[str, Test]:
    return {term: Test(name, reason=reason) for term in TERMS}
