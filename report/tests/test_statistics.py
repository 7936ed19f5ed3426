"""Summaries, bootstrap intervals, frames of runs."""

from __future__ import annotations

import numpy as np
import pandas
import pytest
from conftest import runs

from digico_report.statistics import complete_seeds, frame_of, seed_means, seed_table, summarise


def test_moments() -> None:
    one = summarise([1.0, 2.0, 6.0])
    assert (one.n, one.mean) == (3, 3.0)
    assert one.sd == pytest.approx(np.sqrt((4 + 1 + 9) / 2))
    assert one.se == pytest.approx(one.sd / np.sqrt(3))
    assert 1.0 <= one.low < 3.0 < one.high <= 6.0


def test_too_few_or_equal_values_need_no_bootstrap() -> None:
    assert summarise([]) == summarise([float("nan")])
    assert summarise([]).mean is None
    assert (summarise([0.3]).mean, summarise([0.3]).sd, summarise([0.3]).low) == (0.3, None, None)
    equal = summarise([0.3, 0.3, 0.3])
    assert (equal.low, equal.high) == (0.3, 0.3)
    assert equal.sd == pytest.approx(0, abs=1e-15)
    zero = summarise([0.0, 0.0])
    assert (zero.low, zero.high) == (0.0, 0.0)


def test_values_that_are_not_finite_are_left_out_and_not_counted() -> None:
    assert summarise([1.0, np.nan, 3.0, np.inf]) == summarise([1.0, 3.0])


@pytest.mark.parametrize("sample", [[0, 0, 0, 1], [0, 1], [0.5, 0.5, 0.5 + 1e-9], [-1, 0, 0, 0, 0, 0, 0, 0]])
def test_awkward_samples_have_an_interval_about_the_mean(sample: list[float]) -> None:
    one = summarise(sample)
    assert min(sample) <= one.low <= one.mean <= one.high <= max(sample)


def test_the_interval_is_the_same_each_time() -> None:
    assert summarise([1, 2, 3, 5, 8]) == summarise([1, 2, 3, 5, 8])


def test_a_wider_interval_for_more_confidence() -> None:
    sample = np.random.default_rng(1).normal(size=12)
    narrow, wide = summarise(sample, 0.8), summarise(sample, 0.99)
    assert wide.low < narrow.low < narrow.high < wide.high


def test_intervals_cover_the_mean_about_as_often_as_they_say() -> None:
    # BCa of n = 20 covers a normal mean in about .925. Of 200 such, fewer than 168 (.84) or more than 197
    # (.985) has probability 2e-4: were the seed another, one in 5,000 would fail
    rng = np.random.default_rng(7)
    covered = 0
    for _ in range(200):
        one = summarise(rng.normal(3.0, 2.0, size=20))
        covered += one.low <= 3.0 <= one.high
    assert 168 <= covered <= 197


def test_seed_means_average_everything_but_the_seed() -> None:
    frame = pandas.DataFrame({"seed": [1, 1, 2, 2], "update": list("abab"), "y": [0.0, 1.0, 2.0, 4.0]})
    assert seed_means(frame, "y").to_dict() == {1: 0.5, 2: 3.0}
    assert seed_table(frame, "y", "update").to_dict() == {"a": {1: 0.0, 2: 2.0}, "b": {1: 1.0, 2: 4.0}}


def test_seeds_that_lack_a_condition_are_left_out() -> None:
    frame = pandas.DataFrame({"seed": [1, 1, 2, 3, 3], "update": list("abaac"), "y": 0.0})
    assert set(complete_seeds(frame, update=("a", "b"))["seed"]) == {1}
    assert set(complete_seeds(frame, update=("a",))["seed"]) == {1, 2, 3}
    assert complete_seeds(frame, update=("a", "z")).empty


def test_a_frame_has_swept_keys_and_those_of_the_configuration(fake_result) -> None:
    rows = runs(
        lambda row: {"ai_type": "all_zero", "agents": 300, "ai_views": row["seed"] / 10},
        contagion_sparsity=(0, 0.5),
        seed=(1, 2, 3),
    )
    rows[0]["status"] = "nonfinite"
    result = fake_result("some", rows)
    del result.data["ai_type"]  # not swept: known from the configuration alone
    frame = frame_of(result.ended)
    assert len(frame) == 5
    assert set(frame["ai_type"]) == {"all_zero"}
    assert set(frame["agents"]) == {300}
    assert set(frame["update"]) == {"fixed"}
    assert set(frame["contagion_sparsity"]) == {0, 0.5}
    assert set(frame["generations"]) == {1000}
    assert frame[frame["seed"] == 3]["ai_views"].to_list() == [0.3, 0.3]
