"""Two-way ANOVA with interaction (the paper's Table 2), its assumptions, and what to read beside it."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas
import scipy.stats
import statsmodels.api as sm
import statsmodels.formula.api as smf

from digico_report.elements import Column, Table
from digico_report.frames import finite
from digico_report.results import METRICS
from digico_report.seedtests import TERMS, Test, mixed_tests, seed_tests

LEVEL = 0.05  #: of the checks and tests
INDEPENDENCE = "no shift common to a seed's runs"  #: the assumption that the mixed model makes good


@dataclass(frozen=True)
class Term:
    """A factor or the interaction. None: not estimable."""

    name: str
    sum_squares: float | None = None  #: type II
    df: float | None = None
    f: float | None = None
    p: float | None = None
    eta2: float | None = None  #: SS / SS_total
    partial_eta2: float | None = None  #: SS / (SS + SS_residual)
    omega2: float | None = None  #: (SS − df·MS_residual) / (SS_total + MS_residual); below 0: no effect
    mixed: Test = Test("mixed model, Wald F", reason="not computed")  # noqa: RUF009 (frozen)
    over_seeds: Test = Test("over seeds", reason="not computed")  # noqa: RUF009


@dataclass(frozen=True)
class Check:
    """An assumption of the ANOVA. holds None: could not be tested, `reason` says why."""

    assumption: str
    test: str
    statistic: float | None = None
    p: float | None = None
    holds: bool | None = None
    reason: str = ""


@dataclass(frozen=True)
class TwoWay:
    """An analysis of one response by two factors. `reason`: why it is not estimable, empty if it is."""

    response: str
    a: str
    b: str
    label: str  #: of which runs: the reading
    n: int
    seeds: int
    cells: int
    constant_cells: int  #: cells without spread
    repeated: tuple[str, ...]  #: factors that change nothing: a seed's runs repeat each other over them
    terms: tuple[Term, ...]  #: a, b, a × b
    residual: Term
    checks: tuple[Check, ...]
    reason: str = ""

    @property
    def assumptions_hold(self) -> bool:
        """Whether the plain ANOVA may be read: all assumptions tested and none failed, no repeated runs."""
        return bool(self.checks) and not self.repeated and all(check.holds for check in self.checks)


def two_way(
    frame: pandas.DataFrame, response: str, a: str = "ai_type", b: str = "update", label: str = ""
) -> TwoWay:
    """ANOVA response ~ a × b over runs, with a mixed model and tests over seeds beside it."""
    rows = finite(frame, response)
    data = pandas.DataFrame(
        {
            "y": rows[response].values.astype(float),
            "a": rows[a].astype(str).values,
            "b": rows[b].astype(str).values,
            "seed": rows["seed"].astype(str).values,
        }
    )
    names = (a, b, f"{a} × {b}")
    spread = data.groupby(["a", "b"])["y"].agg(np.ptp)
    constant = int((spread <= 1e-12).sum())
    repeated = tuple(name for name, other in ((a, "b"), (b, "a")) if _repeats(data, other))
    about = (response, a, b, label, len(data), data["seed"].nunique(), len(spread), constant, repeated)
    problem = _problem(data)
    if problem:
        none = Test("", reason=problem)
        terms = tuple(Term(name, mixed=none, over_seeds=none) for name in names)
        return TwoWay(*about, terms, Term("residual"), (), problem)
    return TwoWay(*about, *_analysis(data, names))


def _repeats(data: pandas.DataFrame, other: str) -> bool:
    """Whether a seed's runs are equal wherever the other factor is."""
    return bool((data.groupby(["seed", other])["y"].agg(np.ptp) <= 1e-12).all())


def _problem(data: pandas.DataFrame) -> str:
    """Why there is no analysis, empty if there is one."""
    levels = data["a"].nunique(), data["b"].nunique()
    cells = data.groupby(["a", "b"])["y"]
    if min(levels) < 2:
        return "a factor has fewer than two levels"
    if cells.ngroups < levels[0] * levels[1]:
        return f"{levels[0] * levels[1] - cells.ngroups} conditions have no run"
    if data.duplicated(["a", "b", "seed"]).any():
        return "a seed has several runs in a condition: another key was swept, choose one of its values"
    if len(data) <= cells.ngroups:
        return "one run per condition leaves no residual"
    if (data["y"] - cells.transform("mean")).abs().max() <= 1e-12 * max(1.0, data["y"].abs().max()):
        return "no condition has any spread"
    return ""


def _analysis(
    data: pandas.DataFrame, names: Sequence[str]
) -> tuple[tuple[Term, ...], Term, tuple[Check, ...]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # _problem() has ruled out what they could be about
        fit = smf.ols("y ~ C(a) * C(b)", data).fit()
        rows = sm.stats.anova_lm(fit, typ=2)
    total = float(((data["y"] - data["y"].mean()) ** 2).sum())
    rest, rest_df = float(rows.loc["Residual", "sum_sq"]), float(rows.loc["Residual", "df"])
    mixed, over_seeds = mixed_tests(data), seed_tests(data)
    terms = []
    for name, key, row in zip(names, TERMS, ("C(a)", "C(b)", "C(a):C(b)"), strict=True):
        ss, df = float(rows.loc[row, "sum_sq"]), float(rows.loc[row, "df"])
        omega2 = (ss - df * rest / rest_df) / (total + rest / rest_df)
        f, p = float(rows.loc[row, "F"]), float(rows.loc[row, "PR(>F)"])
        if ss <= 1e-20 * total:  # rounding
            ss = f = 0.0
        terms.append(
            Term(name, ss, df, f, p, ss / total, ss / (ss + rest), omega2, mixed[key], over_seeds[key])
        )
    return tuple(terms), Term("residual", rest, rest_df), _checks(data, np.asarray(fit.resid))


def _checks(data: pandas.DataFrame, residuals: np.ndarray) -> tuple[Check, ...]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # cells without spread; what comes out is looked at instead
        normal = scipy.stats.shapiro(residuals)
        cells = [group.values for _, group in data.groupby(["a", "b"])["y"]]
        equal = scipy.stats.levene(*cells, center="median")
    return (
        _check("normal residuals", "Shapiro–Wilk", *normal),
        _check("equal variances of conditions", "Brown–Forsythe", *equal),
        _independence(data),
    )


def _check(assumption: str, test: str, statistic: float, p: float) -> Check:
    if not (np.isfinite(statistic) and np.isfinite(p)):
        return Check(assumption, test, reason="not estimable: the deviations do not vary within conditions")
    return Check(assumption, test, float(statistic), float(p), bool(p >= LEVEL))


def _independence(data: pandas.DataFrame) -> Check:
    """Do runs of a seed resemble each other? F of the seed as a block beside the conditions."""
    about = (INDEPENDENCE, "F of the seed, which does not see seed × factor dependence")
    seeds, cells = data["seed"].nunique(), data.groupby(["a", "b"]).ngroups
    if seeds < 2 or len(data) - cells - (seeds - 1) < 1:
        return Check(*about, reason="not estimable: too few seeds")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rows = sm.stats.anova_lm(smf.ols("y ~ C(a) * C(b) + C(seed)", data).fit(), typ=2)
    return _check(*about, float(rows.loc["C(seed)", "F"]), float(rows.loc["C(seed)", "PR(>F)"]))


def assumptions_text(analysis: TwoWay) -> str:
    """What was checked, what failed, and so which column to read; one paragraph."""
    title = METRICS.get(analysis.response, (analysis.response,))[0]
    if analysis.label:
        title += f", {analysis.label}"
    about = f"{title} ({analysis.n} runs, {analysis.seeds} seeds): "
    if analysis.reason:
        return f"{about}not estimable: {analysis.reason}."
    parts = [_check_text(check) for check in analysis.checks]
    if analysis.constant_cells:
        parts.append(f"{analysis.constant_cells} of {analysis.cells} conditions have no spread at all")
    parts += [
        f"{factor} changes nothing, so runs repeat each other over it: ANOVA and mixed model overstate "
        "their degrees of freedom"
        for factor in analysis.repeated
    ]
    return f"{about}{'; '.join(parts)}. {_advice(analysis)}."


def _advice(analysis: TwoWay) -> str:
    """Which p to read. The mixed model mends dependence of one kind, and nothing else."""
    if analysis.assumptions_hold:
        return (
            "No check of the ANOVA's assumptions fails, so its p may be read as far as the seeds' runs "
            "differ by a common shift at most; the tests over seeds need not assume that"
        )
    failed = {check.assumption for check in analysis.checks if not check.holds}
    relied = "The ANOVA's p is therefore not to be relied on: read "
    rest = "; effect sizes still hold for these runs"
    if failed == {INDEPENDENCE} and not analysis.repeated:
        return (
            f"{relied}the mixed model, which takes seeds for a random effect, or the tests over seeds{rest}"
        )
    return (
        f"{relied}only the tests over seeds; the mixed model assumes normal residuals, equal variances and "
        f"no seed × factor variation{rest}"
    )


def _check_text(check: Check) -> str:
    if check.holds is None:
        return f"{check.assumption}: {check.reason}"
    p = "p < .001" if check.p < 0.001 else f"p = {check.p:.3f}"
    return f"{check.assumption} {'not rejected' if check.holds else 'rejected'} ({check.test}, {p})"


def anova_table(analyses: Sequence[TwoWay], name: str = "anova", title: str = "Two-way ANOVA") -> Table:
    """A row per analysis and term; the residual last."""
    rows = tuple(_row(one, term) for one in analyses for term in (*one.terms, one.residual))
    return Table(name, title, _COLUMNS, rows, _CAPTION)


def _row(analysis: TwoWay, term: Term) -> dict:
    row = {
        "response": METRICS.get(analysis.response, (analysis.response,))[0],
        "label": analysis.label,
        "term": term.name,
        **{
            key: getattr(term, key)
            for key in ("sum_squares", "df", "f", "p", "eta2", "partial_eta2", "omega2")
        },
    }
    if term is analysis.residual:
        return row
    notes = [f"not estimable: {analysis.reason}"] if analysis.reason else []
    for key, test in (("mixed", term.mixed), ("seeds", term.over_seeds)):
        row |= {f"{key}_statistic": test.statistic, f"{key}_p": test.p}
        if test.reason and not analysis.reason:
            notes.append(f"{test.name}: {'' if test.p is not None else 'not estimable: '}{test.reason}")
    row["seeds_test"] = term.over_seeds.name
    return row | {"note": "; ".join(notes)}


_COLUMNS = (
    Column("response", "response"),
    Column("label", "runs"),
    Column("term", "term"),
    Column("sum_squares", "SS", "number", 4, "sum of squares, type II"),
    Column("df", "df", "integer"),
    Column("f", "F", "number", 2),
    Column("p", "p", "number", 4),
    Column("eta2", "η²", "number", 3, "SS / SS total"),
    Column("partial_eta2", "partial η²", "number", 3, "SS / (SS + SS residual)"),
    Column("omega2", "ω²", "number", 3, "(SS − df · MS residual) / (SS total + MS residual)"),
    Column("mixed_statistic", "F, mixed", "number", 2, "Wald F of the model with seeds as a random effect"),
    Column("mixed_p", "p, mixed", "number", 4),
    Column("seeds_test", "test over seeds", help="assumes no distribution"),
    Column("seeds_statistic", "statistic", "number", 2, "of the test over seeds"),
    Column("seeds_p", "p, over seeds", "number", 4),
    Column("note", "note"),
)

_CAPTION = (
    "Last generation of each run. The plain ANOVA takes runs for independent, where runs of a seed share "
    "their world. The mixed model (random intercept per seed) mends that alone, and assumes normal residuals "
    "and equal variances as the ANOVA does. The tests over seeds assume neither: Friedman's for the "
    "factors, for the interaction the permutation test that changes signs of seeds. The paragraphs below "
    "say which to read. Sums of squares are of type II; with equal numbers of runs the type makes no "
    "difference."
)
