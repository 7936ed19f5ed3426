"""Null models against simulations of them, and what an agreement is worth."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
import xarray
from conftest import study

from digico_report.cells import Cell, read_published
from digico_report.comparison import WEAK, comparison_table, tally, weak_tally
from digico_report.null_models import NULL_MODELS, chance
from digico_report.paper import in_words
from digico_report.power import Score, in_lines, null_comparison, power_table, scores
from digico_report.published import compare

ROOT = Path(__file__).parents[2]
NULLS = {null.name: null for null in NULL_MODELS}
SIMULATED = 4000


def cell_of(metric: str = "human_belief_0", agents: int = 30, mean: float = 0.05) -> Cell:
    return Cell(2, "table6", agents, "none", "fixed", "", "", metric, mean, 0.03, 3, 4)


# ---- each null model against a simulation of what it says ----


def redrawn(random: np.random.Generator) -> float:
    return np.mean(random.integers(10, size=(50, 20)) == 0)


def kept(random: np.random.Generator) -> float:
    return np.mean(random.integers(10, size=20) == 0)


def coin(random: np.random.Generator) -> float:
    return 1.0 if random.random() < 0.5 else 0.1


def seen(random: np.random.Generator) -> float:
    """Every agent receives 4 messages in 50 steps, of any of the 30 agents."""
    return np.mean(random.integers(30, size=(50, 30, 4)) < 10)


@pytest.mark.parametrize(
    ("name", "metric", "draw"),
    [
        ("no contagion", "human_belief_0", redrawn),
        ("beliefs kept", "human_belief_0", kept),
        ("coin flip", "human_belief_0", coin),
        ("chance shares", "human_belief_0", redrawn),
        ("chance shares", "ai_views", seen),
        ("chance shares", "ai_fitness", seen),
    ],
)
def test_moments_are_those_of_a_simulation(name: str, metric: str, draw) -> None:
    random = np.random.default_rng(1)
    values = np.array([draw(random) for _ in range(SIMULATED)])
    found = NULLS[name].moments(cell_of(metric))
    # 5 standard errors: of 12 comparisons of a right formula one in 10^5 fails
    assert found.mean == pytest.approx(values.mean(), abs=5 * found.sd / SIMULATED**0.5)
    assert found.sd == pytest.approx(values.std(), rel=5 / (2 * SIMULATED) ** 0.5)


@pytest.mark.parametrize("name", ["no contagion", "beliefs kept", "coin flip"])
def test_models_of_beliefs_say_nothing_of_views(name: str) -> None:
    assert NULLS[name].moments(cell_of("ai_views")) is None


def test_without_contagion_the_program_has_these_moments(tmp_path: Path) -> None:
    """C_b = 0 in the program: the mean, the spread over seeds, and conditions of a seed that are equal."""
    program = os.environ.get("DIGICO")
    if not program:
        pytest.skip("DIGICO does not name a built program")
    (tmp_path / "null.yaml").write_text(
        "generations: 4\nreading: tables\ncontagion.factor: 0\nobservation.belief_factor: 0\n"
        "sweep: {product: {ai_type: [none, all_zero], belief_weights.update: [fixed, random], "
        "seed: {from: 1, to: 40}}}\n",
        encoding="utf-8",
    )
    command = [program, "run", tmp_path / "null.yaml", "-o", tmp_path / "out"]
    subprocess.run(command, check=True, capture_output=True)
    with xarray.open_dataset(tmp_path / "out" / "results.nc") as data:
        values = data["human_belief_0"].values
        by_condition = values.reshape(2, 2, 40, 4)
    assert (by_condition == by_condition[:1, :1]).all()
    expected = NULLS["no contagion"].moments(cell_of())
    sample = by_condition[0, 0].ravel()
    assert sample.mean() == pytest.approx(expected.mean, abs=5 * expected.sd / len(sample) ** 0.5)
    assert sample.std(ddof=1) == pytest.approx(expected.sd, rel=5 / (2 * len(sample)) ** 0.5)


# ---- scores ----


@pytest.fixture
def comparisons(fake_result):
    """Tables 3, 5, 6 of a world with the published means of views, and chance for beliefs."""
    cells = read_published(ROOT / "configs" / "paper" / "published.csv")
    views = {c.ai_type: c.mean for c in cells if c.source == "table3" and c.metric == "ai_views"}
    random = np.random.default_rng(2)

    def metrics(row: dict) -> dict[str, float]:
        shift = random.normal(0, 0.01)
        share = views[row["ai_type"]] + shift
        return {"ai_views": share, "ai_fitness": share, "human_belief_0": 0.1 + shift}

    return compare(cells, {"table3": fake_result("table3", study(metrics, range(10)))})


def of_tables(comparisons) -> dict[str, Score]:
    """By model, of Tables 3, 5, 6."""
    return {score.model: score for score in scores(comparisons) if score.population == "Tables 3, 5, 6"}


def test_a_coin_agrees_with_more_than_chance_does(comparisons) -> None:
    by_model = of_tables(comparisons)
    assert list(by_model) == ["tables", "text", *NULLS]
    assert by_model["coin flip"].belief_agree > by_model["chance shares"].belief_agree
    assert by_model["coin flip"].belief_alike < by_model["coin flip"].belief_agree


@pytest.mark.parametrize(
    ("ai_type", "allowed", "verdict"),
    [
        # Table 6 has the spreads .0272, .007, .0342, .0244: 3 sqrt(.0248^2 / 9 + .45^2 / 10); .55 - .0452
        ("none", 0.4277, "differs"),
        # no spreads of the updates, 3 * .45 sqrt(2 / 10); .55 - .0457
        ("act", 0.6038, "agrees"),
    ],
)
def test_a_coin_is_judged_by_the_rule(comparisons, ai_type: str, allowed: float, verdict: str) -> None:
    cells = tuple(dict.fromkeys(one.cell for one in comparisons))
    key = ("table3", ai_type, "human_belief_0", "tables")
    one = next(c for c in comparisons if (c.cell.source, c.cell.ai_type, c.cell.metric, c.reading) == key)
    found = null_comparison(NULLS["coin flip"], one, cells)
    assert found.mean == pytest.approx(0.55)
    assert found.allowed == pytest.approx(allowed, abs=0.0005)
    assert found.verdict == verdict


def test_cells_of_a_null_model_are_ours_where_it_says_nothing(comparisons) -> None:
    by_model = of_tables(comparisons)
    for name in ("no contagion", "beliefs kept", "coin flip"):
        assert not by_model[name].other_own
        assert by_model[name].other_agree == by_model["tables"].other_agree
    assert by_model["chance shares"].other_own
    assert {(s.cells, s.belief_cells, s.other_cells) for s in by_model.values()} == {(48, 24, 24)}
    rows = power_table(list(by_model.values())).rows
    assert [row["other_agree"] is None for row in rows] == [False, False, True, True, True, False]


def test_beliefs_of_chance_score_as_no_contagion_does(comparisons) -> None:
    """Our beliefs here are chance with the spread of 0.01, those of `no contagion` of 0.0095."""
    by_model = of_tables(comparisons)
    assert abs(by_model["tables"].belief_agree - by_model["no contagion"].belief_agree) <= 2


def test_a_cell_where_chance_agrees_is_marked(comparisons) -> None:
    rows = {
        (row["source"], row["ai_type"], row["update"], row["metric"]): row
        for row in comparison_table(comparisons).rows
    }
    near = rows["table3", "fix", "mean over updates", "human belief 0"]  # .0994
    far = rows["table3", "all_zero", "mean over updates", "human belief 0"]  # .4923
    assert near["tables_weak"] == WEAK
    assert near["from_chance"] == pytest.approx(0.0006)
    assert far["tables_weak"] == ""
    assert far["from_chance"] == pytest.approx(0.3923)
    one = next(c for c in comparisons if c.weak and c.verdict == "agrees")
    assert one.allowed >= abs(one.cell.mean - chance(one.cell))


def test_words_beside_an_agreement(comparisons) -> None:
    tables = [one for one in comparisons if one.reading == "tables"]
    agree = tally(tables)["tables"]["agrees"]
    words = in_words(comparisons, "tables")
    assert words.startswith(f"{agree} agree (")
    assert f"{weak_tally(tables)} where chance agrees" in words
    line = in_lines(scores(comparisons))["Tables 3, 5, 6"]
    assert "coin flip " in line
    assert "no contagion " in line
    assert "chance shares " in line


def test_nothing_is_scored_without_comparable_cells(fake_result) -> None:
    cells = read_published(ROOT / "configs" / "paper" / "published.csv")
    rows = study(lambda row: {"ai_views": 0.3, "ai_fitness": 0.3, "human_belief_0": 0.1}, range(2))
    found = compare(cells, {"table3": fake_result("table3", rows)})
    assert scores(found) == ()
    assert power_table(()).rows == ()
    assert in_words(found, "tables") == "0 agree, 0 differ, 91 not comparable"
