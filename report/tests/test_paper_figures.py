"""What the paper's figures are made of: which runs, which published values, which words."""

import figure_data
import numpy as np
import pytest

from digico_report import paper_figures
from digico_report.results import UPDATES, pick

TYPES = ("none", "act", "all_zero")
PUBLISHED = {
    "table4": {"human_belief_0": {"none": (0.099, 0.003)}, "ai_views": {"all_zero": (0.79, 0.002)}},
    "table6": {"human_belief_0": {("all_zero", "reward"): (0.3515, 0.0146)}},
}


class Runs:
    """What of a Result the figures ask for."""

    def __init__(self, data):
        self.data = self.ended = data

    def where(self, **values):
        return pick(self.data, **values)


def large(readings=("tables", "text")):
    return Runs(figure_data.sweep(reading=readings, ai_type=TYPES, belief_weights_update=UPDATES))


EXACT = Runs(figure_data.sweep(generations=9, ai_type=("none", "all_zero"), belief_weights_update=UPDATES))
STEPS = Runs(figure_data.sweep(belief_weights_reward_scale=(0.1, 1.0, 10.0), seeds=4))


def names(section):
    return [block.name for block in section.blocks[1:]]


def test_runs_with_overflow_are_those_of_the_same_types_and_reading():
    both = paper_figures.with_and_without_overflow(large(), EXACT)
    float32 = pick(both, contagion_overflow="float32")
    assert both.sizes["run"] == 2 * EXACT.data.sizes["run"]
    assert set(float32["ai_type"].values) == {"none", "all_zero"}
    expected = large().where(reading="tables", ai_type=("none", "all_zero"))
    assert np.array_equal(float32["ai_views_last"], expected["ai_views_last"])
    exact = pick(both, contagion_overflow="exact")
    assert np.array_equal(exact["human_belief_0_last"], EXACT.data["human_belief_0_last"])


def test_overflow_is_drawn_beside_no_overflow_and_published_means_over_updates():
    section = paper_figures._overflow({"table4": large(), "overflow": EXACT}, PUBLISHED, "")
    assert names(section) == ["overflow-by-type", "overflow-by-update"]
    text, by_type, by_update = section.blocks
    assert "MODEL 9.6 puts it down to" in text.text
    assert "n = 12 runs of 3 seeds" in by_type.caption
    assert "Diamonds" in by_type.caption
    assert "Diamonds" not in by_update.caption
    assert "n = 3 runs of 3 seeds" in by_update.caption


@pytest.mark.parametrize("results", [{}, {"table4": large(("text",))}])
def test_without_runs_under_tables_only_those_without_overflow_are_drawn(results):
    section = paper_figures._overflow({**results, "overflow": EXACT}, PUBLISHED, "")
    assert section.title == "Contagion without overflow"
    assert "the runs with it are not there" in section.blocks[0].text


def test_the_text_of_the_step_has_its_numbers_from_the_runs():
    text, figure = paper_figures._reward_scale(STEPS, PUBLISHED, "").blocks
    ours = pick(STEPS.data, belief_weights_reward_scale=1.0)["human_belief_0_last"].values
    assert "at 0.3515." in text.text
    assert f"have {ours.mean():.3g} at the model's step" in text.text
    assert "Diamonds" in figure.caption
    other = Runs(pick(STEPS.data, belief_weights_reward_scale=(0.1, 10.0)))
    text, figure = paper_figures._reward_scale(other, {}, "").blocks
    assert text.text == "Ours, not the paper's. How human belief 0 goes with the step of W:"
    assert "Diamonds" not in figure.caption


def test_health_is_of_one_update_or_one_type_at_a_time():
    section = paper_figures._health(large(), "")
    expected = {
        "health-types-random": "update Random",
        "health-types-fixed": "update Fixed",
        "health-updates-none": "AI type None",
        "health-updates-all-zero": "AI type All Zero",
        "last-appearance-none": "AI type None",
        "last-appearance-all-zero": "AI type All Zero",
    }
    assert [block.name for block in section.blocks] == list(expected)
    for block in section.blocks:
        assert block.title.endswith(expected[block.name])
        assert f"{expected[block.name]}, reading tables" in block.caption
        assert "n = 3 runs per" in block.caption
    only = Runs(pick(large().data, ai_type="act", belief_weights_update="random"))
    assert [block.name for block in paper_figures._health(only, "").blocks] == ["health-types-random"]
