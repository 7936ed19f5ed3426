"""Two-way ANOVA and what stands beside it, against sums of squares computed here."""

from __future__ import annotations

import itertools

import numpy as np
import pandas
import pytest
import scipy.stats

from digico_report.seedtests import seed_tests
from digico_report.statistics import anova_table, assumptions_text, two_way

TYPES, UPDATES = ("none", "act", "all"), ("fixed", "random", "momentum", "reward")


def frame(y: np.ndarray) -> pandas.DataFrame:
    """y[type, update, seed] as runs."""
    places = itertools.product(*(range(n) for n in y.shape))
    return pandas.DataFrame(
        [{"ai_type": f"t{i}", "update": f"u{j}", "seed": k, "y": y[i, j, k]} for i, j, k in places]
    )


def noisy(seed: int = 3, seeds: int = 5, of_seed: float = 1.0) -> np.ndarray:
    """Effects of both factors and of the seed, and noise."""
    rng = np.random.default_rng(seed)
    y = rng.normal(size=(len(TYPES), len(UPDATES), seeds))
    return y + np.arange(3)[:, None, None] + of_seed * rng.normal(size=seeds)


def squares(y: np.ndarray) -> dict[str, float]:
    """Sums of squares of a balanced design, by their definitions."""
    n_a, n_b, n = y.shape
    grand, a, b, cell = y.mean(), y.mean((1, 2)), y.mean((0, 2)), y.mean(2)
    return {
        "a": n_b * n * ((a - grand) ** 2).sum(),
        "b": n_a * n * ((b - grand) ** 2).sum(),
        "ab": n * ((cell - a[:, None] - b[None] + grand) ** 2).sum(),
        "seed": n_a * n_b * ((y.mean((0, 1)) - grand) ** 2).sum(),
        "residual": ((y - cell[:, :, None]) ** 2).sum(),
        "total": ((y - grand) ** 2).sum(),
    }


def test_an_example_computed_by_hand() -> None:
    # cell means 2, 6 / 3, 11, grand mean 5.5, every run 1 off: SS 18, 72, 8, residual 8 with 4 df
    found = two_way(frame(np.array([[[1, 3], [5, 7]], [[2, 4], [10, 12]]], dtype=float)), "y")
    assert [term.sum_squares for term in found.terms] == pytest.approx([18, 72, 8])
    assert [term.df for term in found.terms] == [1, 1, 1]
    assert [term.f for term in found.terms] == pytest.approx([9, 36, 4])
    assert (found.residual.sum_squares, found.residual.df) == (pytest.approx(8), 4)
    assert [term.eta2 for term in found.terms] == pytest.approx([18 / 106, 72 / 106, 8 / 106])
    assert [term.partial_eta2 for term in found.terms] == pytest.approx([18 / 26, 72 / 80, 8 / 16])
    assert [term.omega2 for term in found.terms] == pytest.approx([16 / 108, 70 / 108, 6 / 108])


def test_sums_of_squares_and_p_by_definition() -> None:
    y = noisy()
    found, ss = two_way(frame(y), "y"), squares(y)
    assert [term.sum_squares for term in found.terms] == pytest.approx([ss["a"], ss["b"], ss["ab"]])
    assert found.residual.df == y.size - 12
    mean_square = ss["residual"] / (y.size - 12)
    for term, df in zip(found.terms, (2, 3, 6), strict=True):
        f = term.sum_squares / df / mean_square
        assert (term.df, term.f) == (df, pytest.approx(f))
        assert term.p == pytest.approx(scipy.stats.f.sf(f, df, y.size - 12))
    assert sum(t.sum_squares for t in (*found.terms, found.residual)) == pytest.approx(ss["total"])


def test_the_mixed_model_is_the_anova_with_seeds_as_blocks() -> None:
    y = noisy(of_seed=2.0)
    found, ss = two_way(frame(y), "y"), squares(y)
    rest = y.size - 12 - 4
    mean_square = (ss["residual"] - ss["seed"]) / rest
    for term, key, df in zip(found.terms, ("a", "b", "ab"), (2, 3, 6), strict=True):
        f = ss[key] / df / mean_square
        assert term.mixed.df == (df, rest)
        # REML ends where its optimiser is content
        assert term.mixed.statistic == pytest.approx(f, rel=1e-3)
        assert term.mixed.p == pytest.approx(scipy.stats.f.sf(f, df, rest), rel=1e-2)


def test_a_seed_without_effect_is_said() -> None:
    y = noisy()
    y -= y.mean((0, 1))  # all seeds the same mean: REML puts their variance at its boundary
    found = two_way(frame(y), "y")
    assert all(term.mixed.p is not None for term in found.terms)
    assert "variance of seeds estimated as 0" in anova_table([found]).rows[0]["note"]


def test_friedman_by_definition() -> None:
    y = noisy()
    table = y.mean(1).T  # seed × type
    ranks = np.argsort(np.argsort(table, axis=1), axis=1) + 1.0
    n, k = ranks.shape
    chi2 = 12 / (n * k * (k + 1)) * (ranks.sum(0) ** 2).sum() - 3 * n * (k + 1)
    ranked = two_way(frame(y), "y").terms[0].over_seeds
    assert ranked.statistic == pytest.approx(chi2)
    assert ranked.p == pytest.approx(scipy.stats.chi2.sf(chi2, k - 1))


def test_the_interaction_over_all_signs() -> None:
    y = noisy()
    y[0, 0] += 1.5
    seeds = np.moveaxis(y, 2, 0)
    own = (
        seeds
        - seeds.mean(1, keepdims=True)
        - seeds.mean(2, keepdims=True)
        + seeds.mean((1, 2), keepdims=True)
    )
    sums = [
        (np.mean([sign * one for sign, one in zip(signs, own, strict=True)], axis=0) ** 2).sum()
        for signs in itertools.product((1, -1), repeat=5)
    ]
    share = np.mean([value >= sums[0] - 1e-12 for value in sums])
    found = two_way(frame(y), "y").terms[2].over_seeds
    assert found.statistic == pytest.approx(sums[0] / frame(y)["y"].var())
    assert found.p == pytest.approx(share)


def bistable(seed: int, high: float) -> np.ndarray:
    """All 0 but for some runs of one type that end at 1, under two of four updates."""
    y = np.zeros((8, 4, 10))
    y[7, ::2] = np.random.default_rng(seed).random((2, 10)) < high
    return y


def test_one_run_apart_is_no_interaction() -> None:
    y = np.zeros((8, 4, 10))
    y[7, 0, 3] = 1.0
    for term in two_way(frame(y), "y").terms:
        assert term.over_seeds.p > 0.3
        assert term.mixed.p > 0.3


def test_bistable_conditions_are_estimable() -> None:
    for seed in range(3):
        for term in two_way(frame(bistable(seed, 0.7)), "y").terms:
            assert term.mixed.p < 0.001
            assert term.over_seeds.p < 0.05


def test_false_alarms_where_nothing_differs_but_seeds() -> None:
    # 200 studies without any effect, runs bistable by seed alone or by run: each test is to reject in at most
    # 5 %. More than 20 of 200 (.1) has probability 2e-3 at a true .05; the seed is fixed
    rng, alarms = np.random.default_rng(11), np.zeros(2)
    for _ in range(200):
        y = (rng.random((3, 4, 8)) < rng.random(8)).astype(float)
        terms = two_way_over_seeds(y)
        alarms += [terms["a"].p < 0.05, terms["a:b"].p < 0.05]
    assert alarms.max() <= 20


def two_way_over_seeds(y: np.ndarray) -> dict:
    return seed_tests(frame(y).rename(columns={"ai_type": "a", "update": "b"}))


def test_two_levels_take_wilcoxon() -> None:
    assert two_way(frame(noisy()[:2]), "y").terms[0].over_seeds.name == "Wilcoxon over seeds"


def test_checks_find_what_is_wrong() -> None:
    clean = two_way(frame(noisy(of_seed=0)), "y")
    assert [check.holds for check in clean.checks] == [True, True, True]
    assert "may be read" in assumptions_text(clean)
    y = noisy(of_seed=3.0)
    y[0] = 10 * noisy(seed=4, of_seed=0)[0] ** 3
    broken = two_way(frame(y), "y", label="tables")
    assert [check.holds for check in broken.checks][:2] == [False, False]
    assert two_way(frame(noisy(of_seed=3.0)), "y").checks[2].holds is False
    text = assumptions_text(broken)
    assert "y, tables (60 runs, 5 seeds)" in text
    assert "read only the tests over seeds; the mixed model assumes normal residuals" in text
    shifted = assumptions_text(two_way(frame(noisy(seeds=8, of_seed=0.6)), "y"))
    assert "read the mixed model, which takes seeds for a random effect, or the tests over seeds" in shifted
    assert "which does not see seed × factor dependence" in assumptions_text(clean)


def _one_less(y: np.ndarray) -> pandas.DataFrame:
    rows = frame(y)
    return rows[~((rows["ai_type"] == "t0") & (rows["update"] == "u0"))]


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (frame(np.ones((3, 4, 5))), "no condition has any spread"),
        (frame(np.broadcast_to(np.arange(12.0).reshape(3, 4, 1), (3, 4, 5))), "no condition has any spread"),
        (frame(noisy(seeds=1)), "one run per condition leaves no residual"),
        (frame(noisy()[:1]), "a factor has fewer than two levels"),
        (_one_less(noisy()), "1 conditions have no run"),
        (pandas.concat([frame(noisy()), frame(noisy())]), "several runs in a condition"),
        (frame(np.full((3, 4, 5), np.nan)), "a factor has fewer than two levels"),
    ],
)
def test_not_estimable_is_said_with_its_reason(rows: pandas.DataFrame, reason: str) -> None:
    found = two_way(rows, "y")
    assert reason in found.reason
    assert all(term.p is None and term.mixed.p is None and term.over_seeds.p is None for term in found.terms)
    assert f"not estimable: {found.reason}" in assumptions_text(found)
    assert "not estimable" in anova_table([found]).rows[0]["note"]


def test_a_factor_without_any_effect_is_repetition() -> None:
    y = np.repeat(noisy()[:, :1], 4, axis=1)
    found = two_way(frame(y), "y")
    assert found.repeated == ("update",)
    assert not found.assumptions_hold
    assert (found.terms[1].sum_squares, found.terms[1].f) == (0.0, 0.0)
    assert found.terms[1].over_seeds.p is None
    assert "update changes nothing" in assumptions_text(found)
    assert "read only the tests over seeds" in assumptions_text(found)
    assert "all levels are equal in every seed" in anova_table([found]).rows[1]["note"]


def test_conditions_without_spread_are_counted() -> None:
    y = noisy()
    y[0] = 0.0
    found = two_way(frame(y), "y")
    assert (found.constant_cells, found.cells) == (4, 12)
    assert "4 of 12 conditions have no spread" in assumptions_text(found)


def test_two_seeds_and_a_missing_run_are_no_crash() -> None:
    assert two_way(frame(noisy(seeds=2)), "y").terms[0].mixed.p is not None
    found = two_way(frame(noisy()).iloc[1:], "y")
    assert found.n == 59
    assert all(term.over_seeds.p is not None for term in found.terms)


def test_the_table_has_a_row_per_term() -> None:
    table = anova_table([two_way(frame(noisy()), "y", label=label) for label in ("tables", "text")])
    assert [row["term"] for row in table.rows] == ["ai_type", "update", "ai_type × update", "residual"] * 2
    assert table.to_csv().count("\n") == 9
