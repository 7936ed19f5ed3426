"""The paper's hypotheses 1.A to 5, tested on our runs.

The paper's wording is not at hand: statements and their numbers are ours, put together from its abstract and
the results it reports (sections 4.1, 4.2). Sizes that it claims stand beside them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas
from statsmodels.stats.multitest import multipletests

from digico_report.elements import Column, Table
from digico_report.frames import finite, frame_of, seed_means
from digico_report.paired import Contrast, Trend, cohens_dz
from digico_report.published import INFLUENCE_RANGE
from digico_report.results import GENERATIONS, METRICS, READINGS, Result
from digico_report.statistics import Summary, summarise

LEVEL = 0.05
SEEDS = 5  #: fewer decide nothing


@dataclass(frozen=True)
class Claim:
    """A size that the paper tells: ours should overlap [low, high]."""

    text: str
    low: float
    high: float
    of: Callable[[pandas.DataFrame], pandas.Series]  #: runs -> what is claimed, by seed


@dataclass(frozen=True)
class Hypothesis:
    """A statement, and what would show it."""

    id: str
    statement: str
    experiment: str
    metric: str
    test: Contrast | Trend
    direction: int = 1  #: predicted sign of the effect
    claim: Claim | None = None
    note: str = ""  #: what holds of it in either reading


@dataclass(frozen=True)
class Finding:
    """A hypothesis in one reading. None: not estimable, `note` says why."""

    hypothesis: Hypothesis
    reading: str
    seeds: int = 0
    effect: Summary | None = None  #: mean paired difference
    dz: float | None = None  #: Cohen's d_z
    size: Summary | None = None  #: what the claim is about
    constant: bool = False  #: every seed has the same under all conditions
    p: float | None = None
    p_holm: float | None = None
    verdict: str = "undecided"
    note: str = ""


def _level(metric: str, **where: Any) -> Callable[[pandas.DataFrame], pandas.Series]:
    """Mean by seed of the runs with these values."""

    def of(runs: pandas.DataFrame) -> pandas.Series:
        for key, values in where.items():
            runs = runs[runs[key].isin(values)]
        return seed_means(runs, metric)

    return of


def _drop(runs: pandas.DataFrame) -> pandas.Series:
    """Human belief 0 under `reward`: at the smallest penalty − at the largest."""
    reward = runs[runs["update"] == "reward"]
    return -Trend("reward_truthfulness").differences(reward, "human_belief_0")


HYPOTHESES = (
    Hypothesis(
        "1.A",
        "AIs that act more often than humans get more views (Act against None)",
        "table3",
        "ai_views",
        Contrast(("act",)),
    ),
    Hypothesis(
        "1.B",
        "AIs that evolve faster than humans get more views (Evolve against None)",
        "table3",
        "ai_views",
        Contrast(("evolve",)),
    ),
    Hypothesis(
        "1.C",
        "AIs with more influence in the recommender get more views (Influence against None)",
        "table3",
        "ai_views",
        Contrast(("influence",)),
    ),
    Hypothesis(
        "1.D",
        "All advantages together give AIs 80 to 95 % of the views (All, All Zero against None)",
        "table3",
        "ai_views",
        Contrast(("all", "all_zero")),
        claim=Claim(
            "views of All and All Zero: .80 to .95",
            0.80,
            0.95,
            _level("ai_views", ai_type=("all", "all_zero")),
        ),
    ),
    Hypothesis(
        "1.D, factor",
        "... the more, the larger the influence factor K_I is (All Zero)",
        "influence_factor",
        "ai_views",
        Trend("observation_influence_factor"),
        claim=Claim(
            "views at K_I = 5: .95",
            0.945,
            0.955,
            _level("ai_views", observation_influence_factor=(5.0,)),
        ),
        note=INFLUENCE_RANGE,
    ),
    Hypothesis(
        "2",
        "AIs with a fixed extreme belief convince about half of the humans (Fix at Zero, All Zero against "
        "None)",
        "table3",
        "human_belief_0",
        Contrast(("fix_at_zero", "all_zero")),
        claim=Claim(
            "human belief 0: about a half, taken as .45 to .55",
            0.45,
            0.55,
            _level("human_belief_0", ai_type=("fix_at_zero", "all_zero")),
        ),
    ),
    Hypothesis(
        "3",
        "Fewer channels believed (belief sparsity) strengthen propaganda, up to 85 % (All Zero)",
        "belief_sparsity",
        "human_belief_0",
        Trend("contagion_sparsity"),
        claim=Claim(
            "human belief 0 at sparsity 0.5, Fixed and Momentum: .85",
            0.845,
            0.855,
            _level("human_belief_0", contagion_sparsity=(0.5,), update=("fixed", "momentum")),
        ),
        note="tested over the four updates; the claimed size is of Fixed and Momentum",
    ),
    Hypothesis(
        "4",
        "Observation sparsity, a limit of the recommender, gives AIs more views (All Zero)",
        "observation_sparsity",
        "ai_views",
        Trend("observation_sparsity"),
    ),
    Hypothesis(
        "5",
        "A penalty for messages against one's own belief (λ) lowers propaganda by up to 8 % (All Zero)",
        "truthfulness",
        "human_belief_0",
        Trend("reward_truthfulness"),
        direction=-1,
        claim=Claim("fall of human belief 0 under Reward from λ = 0.01 to 10: .08", 0.075, 0.085, _drop),
    ),
)


def hypotheses(results: Mapping[str, Result]) -> list[Finding]:
    """Every hypothesis in both readings; p corrected over all of them (Holm 1979).

    `results` by the name of the experiment, as in published.compare().
    """
    used = {one.experiment for one in HYPOTHESES}
    frames = {name: frame_of(result.ended) for name, result in results.items() if name in used}
    found = [_examine(one, reading, frames) for one in HYPOTHESES for reading in READINGS]
    tested = [k for k, one in enumerate(found) if one.p is not None]
    if tested:
        corrected = multipletests([found[k].p for k in tested], method="holm")[1]
        for k, p in zip(tested, corrected, strict=True):
            found[k] = _verdict(replace(found[k], p_holm=float(p)), len(tested))
    return found


def _examine(hypothesis: Hypothesis, reading: str, frames: Mapping[str, pandas.DataFrame]) -> Finding:
    empty = Finding(hypothesis, reading, note=hypothesis.note)
    test, metric = hypothesis.test, hypothesis.metric
    if hypothesis.experiment not in frames:
        return _with(empty, f"experiment {hypothesis.experiment} is not there")
    frame = finite(frames[hypothesis.experiment], metric)
    needed = {"reading", "update", "ai_type", *([test.key] if isinstance(test, Trend) else [])}
    if not needed <= set(frame.columns):
        return _with(empty, f"{hypothesis.experiment} lacks {', '.join(sorted(needed - set(frame)))}")
    runs = test.runs(frame[frame["reading"] == reading])
    if problem := test.problem(runs):
        return _with(replace(empty, seeds=runs["seed"].nunique()), problem)
    differences, least = test.differences(runs, metric), int(runs["generations"].min())
    short = f"{least} of {GENERATIONS} generations" if least < GENERATIONS else ""
    return replace(
        _with(empty, _equal_by_construction(reading, metric) if test.constant(runs, metric) else "", short),
        constant=test.constant(runs, metric),
        seeds=len(differences),
        effect=summarise(differences),
        dz=cohens_dz(differences),
        size=summarise(hypothesis.claim.of(runs)) if hypothesis.claim else None,
        p=test.p(runs, metric, hypothesis.direction),
    )


def _with(one: Finding, *notes: str) -> Finding:
    return replace(one, note="; ".join(filter(None, (*notes, one.note))))


def _equal_by_construction(reading: str, metric: str) -> str:
    note = "equal in every seed: this reading cannot show it"
    if (reading, metric) == ("tables", "ai_views"):
        note += " (K_b = 0: views depend on neither beliefs nor messages)"
    return note


def _verdict(one: Finding, rows: int) -> Finding:
    """Supported: corrected p < .05 and the predicted sign.

    Undecided: too few seeds to ever get there, or no difference in any.
    """
    hypothesis = one.hypothesis
    significant = one.p_holm < LEVEL
    hopeless = not significant and hypothesis.test.smallest_p(one.seeds) * rows >= LEVEL
    if one.seeds < SEEDS or hopeless:
        return _with(one, f"{one.seeds} seeds are too few")
    if one.constant:
        return one
    if not significant or one.effect.mean * hypothesis.direction <= 0:
        return replace(one, verdict="not supported")
    return replace(one, verdict="supported" + _beside_claim(hypothesis.claim, one.size))


def _beside_claim(claim: Claim | None, size: Summary | None) -> str:
    if claim is None or size is None or size.low is None:
        return ""
    if size.high < claim.low:
        return ", smaller than claimed"
    return ", larger than claimed" if size.low > claim.high else ""


def hypothesis_table(results: Mapping[str, Result], name: str = "hypotheses") -> Table:
    """A row per hypothesis and reading."""
    rows = tuple(_row(one) for one in hypotheses(results))
    return Table(name, "Hypotheses of the paper", _COLUMNS, rows, _CAPTION)


def _row(one: Finding) -> dict[str, Any]:
    hypothesis, effect, size = one.hypothesis, one.effect, one.size
    return {
        "id": hypothesis.id,
        "statement": hypothesis.statement,
        "reading": one.reading,
        "metric": METRICS[hypothesis.metric][0],
        "test": hypothesis.test.name,
        "seeds": one.seeds,
        "effect": effect.mean if effect else None,
        "effect_interval": _limits(effect),
        "dz": one.dz,
        "claim": hypothesis.claim.text if hypothesis.claim else "",
        "size": size.mean if size else None,
        "size_interval": _limits(size),
        "p": one.p,
        "p_holm": one.p_holm,
        "verdict": one.verdict,
        "note": one.note,
    }


def _limits(summary: Summary | None) -> tuple[float, float] | None:
    return (summary.low, summary.high) if summary and summary.low is not None else None


_COLUMNS = (
    Column("id", "hypothesis"),
    Column("statement", "statement"),
    Column("reading", "reading"),
    Column("verdict", "verdict", "verdict"),
    Column("metric", "metric"),
    Column("test", "test", help="one-sided, seeds as blocks"),
    Column("seeds", "seeds", "integer"),
    Column(
        "effect",
        "effect",
        "number",
        3,
        "mean paired difference; of a trend, largest − smallest value of the key",
    ),
    Column("effect_interval", "95 % interval", "interval", 3, "bootstrap over seeds"),
    Column("dz", "d_z", "number", 2, "mean paired difference / its standard deviation over seeds"),
    Column("claim", "claimed size"),
    Column("size", "size", "number", 3, "ours, of what is claimed"),
    Column("size_interval", "95 % interval", "interval", 3, "bootstrap over seeds"),
    Column("p", "p", "number", 4),
    Column("p_holm", "p, Holm", "number", 4, "corrected over all rows"),
    Column("note", "note"),
)

_CAPTION = (
    "Wording and numbering of the statements are ours, put together from the paper's abstract and the "
    "results it reports. Means over the updates of belief weights, by seed; conditions share seeds, so "
    "tests are paired: the exact permutation test of the mean difference, Page's test for a trend. "
    "Supported: p < .05 after Holm's correction over all rows, and the predicted sign; where a size is "
    "claimed and the interval of ours misses it, that is said. Undecided: runs are not there, or fewer than "
    "5 seeds, or so few that no outcome could be significant, or the conditions are equal in every seed."
)
