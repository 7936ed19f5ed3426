"""AI fitness that is no share: left out of means, counted, said."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import runs

from digico_report.axes import axis_texts, independent_axes
from digico_report.elements import Text
from digico_report.figures.series import over_generations
from digico_report.frames import frame_of
from digico_report.paper_numbers import Numbers, number_sections
from digico_report.results import Result
from digico_report.sweep import condition_table

GROUPS = np.array([["ai", "human", "human"]] * 4, dtype=object)
SIZES = np.tile([2.0, 3.0, 1.0], (4, 1))
#: of a group's agents, [run, generation, group]; sums of two generations:
#: (2, 4), (6, 6); (-2, 4), (4, 4); (2, 4), (-4, -8); (2, 4), (8, -1)
FITNESS = np.array(
    [
        [[1, 1, 1], [3, 2, 0]],
        [[-1, 1, 1], [2, 1, 1]],
        [[1, 1, 1], [-2, -2, -2]],
        [[1, 1, 1], [4, 0, -1]],
    ],
    dtype=float,
)
SHARES = np.array([[1 / 3, 0.5], [-1, 0.5], [1 / 3, 1 / 3], [1 / 3, 8 / 7]])
LAST = np.array([False, False, True, True])
ANY = np.array([False, True, True, True])


def written(fake_result, **more) -> Result:
    rows = runs(lambda row: {"ai_views": 0.5, "human_belief_0": 0.1, "generations": 2}, seed=range(4))
    for row, shares in zip(rows, SHARES, strict=True):
        row["ai_fitness"] = shares[1]
    return fake_result("out", rows, **more)


def older() -> dict:
    """What a file of any version has."""
    return {
        "older": True,
        "fitness_mean": (("run", "generation", "group"), FITNESS),
        "ai_fitness": (("run", "generation"), SHARES),
        "group_size": (("run", "group"), SIZES),
        "group_kind": (("run", "group"), GROUPS),
        "generation": (("generation",), np.arange(2)),
    }


@pytest.mark.parametrize(
    "more",
    [
        {
            "negative_fitness_last": ("run", LAST.astype(float)),
            "negative_fitness_mean": ("run", np.array([0, 0.5, 0.5, 0.5])),
        },
        older(),
    ],
    ids=["stated", "older"],
)
def test_it_is_in_no_mean_and_counted(fake_result, more) -> None:
    result = written(fake_result, **more)
    assert np.isnan(result.data["ai_fitness_last"].values).tolist() == LAST.tolist()
    assert np.isnan(result.data["ai_fitness_mean"].values).tolist() == ANY.tolist()
    assert result.left_out == 2
    frame = frame_of(result.ended)
    assert frame["ai_fitness"].mean() == pytest.approx(0.5)
    assert frame["ai_views"].notna().all()


def test_without_fitness_of_groups_what_lies_outside_0_and_1_is_no_share(fake_result) -> None:
    assert written(fake_result, older=True).left_out == 1  # 8 / 7; a share of a loss cannot be told


def test_a_run_that_did_not_end_is_not_counted(fake_result) -> None:
    rows = runs(
        lambda row: {"ai_fitness": 2.0, "status": "nonfinite" if row["seed"] else "completed"}, seed=range(3)
    )
    assert fake_result("out", rows, older=True).left_out == 1


def test_series_leave_out_single_generations(fake_result) -> None:
    data = written(fake_result, **older()).ended
    _, (_, middle, _) = over_generations(data, "ai_fitness")
    assert middle == pytest.approx([1 / 3, 0.5])


def test_the_pages_say_so(fake_result) -> None:
    result = written(
        fake_result,
        negative_fitness_last=("run", LAST.astype(float)),
        negative_fitness_mean=("run", ANY.astype(float)),
    )
    axes, twins = independent_axes(result)
    said = axis_texts(result, axes, twins)[0]
    assert said.kind == "warning"
    assert said.text.startswith("AI fitness: 2 of 4 runs left out of every mean")
    assert "`fitness_mean` of the groups" in said.text
    (row,) = condition_table(result, axes).rows
    assert row["left_out"] == 2
    assert row["ai_fitness"][0] == pytest.approx(0.5)
    sections = number_sections(Numbers((), {}), {"truthfulness": result})
    texts = [block.text for block in sections[0].blocks if isinstance(block, Text)]
    assert any(text.startswith("Truthfulness penalty: AI fitness: 2 of 4 runs") for text in texts)


def test_a_page_without_such_runs_says_nothing(fake_result) -> None:
    rows = runs(lambda row: {"ai_fitness": 0.4}, seed=range(3))
    result = fake_result("out", rows)
    table = condition_table(result, ())
    assert "left_out" not in [column.key for column in table.columns]
    assert "left_out" not in table.rows[0]
