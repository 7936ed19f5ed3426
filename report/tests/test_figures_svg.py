"""Every figure as it stands in a page: well-formed, unique ids, notice, the same bytes again."""

import itertools
import re
from xml.etree import ElementTree

import figure_data
import matplotlib
import pytest

from digico_report.figures import (
    bars,
    curves,
    diversity,
    echo,
    health,
    histograms,
    runs,
    style,
    svg,
    sweep,
    trajectories,
    views,
)

TABLE = figure_data.table()
SWEPT = figure_data.sweep(observation_sparsity=(0.0, 0.2, 0.1), belief_weights_update=("fixed", "reward"))
MANY = figure_data.sweep(ai_type=("none", "act", "all"), reading=("a", "b", "c"))
AGENTS = figure_data.with_agents(figure_data.sweep(ai_type=("none", "all"), seeds=4))
ECHO = figure_data.echo()
FIXED = {"ai_type": "none", "belief_weights_update": "fixed", "reading": "text"}
NAMED = {"None, Fixed": FIXED, **runs.per_seed("None, Fixed", FIXED, (2,))}

FIGURES = {
    "bars": lambda **k: bars.by_category(TABLE, "ai_type", published={"ai_views": {"None": (0.3, 0.1)}}, **k),
    "bars-two": lambda **k: bars.by_two(TABLE, "ai_type", "belief_weights_update", "human_belief_0", **k),
    "curves": lambda **k: curves.against(
        SWEPT, "observation_sparsity", "ai_views", published={("fixed", 0.1): (0.5, None)}, **k
    ),
    "histograms": lambda **k: histograms.belief_histograms(TABLE, NAMED, **k),
    "trajectories": lambda **k: trajectories.belief_trajectories(TABLE, NAMED, **k),
    "diversity": lambda **k: diversity.genotype_diversity(TABLE, **k),
    "health": lambda **k: health.health(TABLE, **k),
    "last": lambda **k: health.last_appearance(TABLE, scope="human", **k),
    "received": lambda **k: views.views_received(AGENTS, **k),
    "earned": lambda **k: views.views_earned(AGENTS, **k),
    "echo-heat": lambda **k: echo.beliefs_and_evidence(ECHO, seed=2, **k),
    "echo-utility": lambda **k: echo.mean_utility(ECHO, **k),
    "echo-radical": lambda **k: echo.radicalisation(ECHO, **k),
    "echo-deviation": lambda **k: echo.deviation(ECHO, **k),
    "sweep-lines": lambda **k: sweep.against(SWEPT, "observation_sparsity", by="belief_weights_update", **k),
    "sweep-bars": lambda **k: sweep.bars(TABLE, "reading", series="ai_type", **k),
    "sweep-heat": lambda **k: sweep.heat_maps(SWEPT, "observation_sparsity", "seed", **k),
    "sweep-time": lambda **k: sweep.time_series(TABLE, ("ai_type", "reading"), **k),
    "sweep-many": lambda **k: sweep.time_series(MANY, ("ai_type", "reading"), **k),
}
made = {}


def figure(name):
    if name not in made:
        made[name] = FIGURES[name](name=name, notice="quick form: 12 of 1,000 generations")
    return made[name]


def box(text):
    return [float(v) for v in re.search(r'viewBox="([^"]*)"', text)[1].split()]


def ids(text):
    return re.findall(r'\bid="([^"]*)"', text)


@pytest.mark.parametrize("name", FIGURES)
def test_is_one_scalable_element_with_a_name(name):
    drawn = figure(name)
    root = ElementTree.fromstring(drawn.svg)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert root.get("role") == "img"
    assert "width" not in root.attrib
    assert "max-width" in root.get("style")
    assert root[0].text == drawn.title != ""
    assert root[1].text == drawn.alt != ""
    assert "n = " in drawn.caption
    assert "<style" not in drawn.svg
    assert "metadata" not in drawn.svg
    assert len(drawn.svg) < 300_000


@pytest.mark.parametrize("name", FIGURES)
def test_its_ids_are_its_own_and_all_references_resolve(name):
    text = figure(name).svg
    assert len(set(ids(text))) == len(ids(text)) > 5
    assert all(i.startswith(f"{name}-") for i in ids(text))
    referred = re.findall(r'(?:url\(#|href="#)([^)"]*)', text)
    assert set(referred) <= set(ids(text))


def test_ids_of_two_figures_of_a_page_differ():
    for one, other in itertools.combinations([figure(n) for n in ("bars", "bars-two", "curves")], 2):
        assert not set(ids(one.svg)) & set(ids(other.svg))


@pytest.mark.parametrize("name", FIGURES)
def test_the_same_data_gives_the_same_bytes_and_the_notice_makes_its_own_room(name):
    with_notice = figure(name)
    again = FIGURES[name](name=name, notice="quick form: 12 of 1,000 generations")
    assert again.svg == with_notice.svg
    without = FIGURES[name](name=name)
    assert box(with_notice.svg)[3] == pytest.approx(box(without.svg)[3] + 14.4, abs=0.1)
    assert box(with_notice.svg)[2] == box(without.svg)[2]


def test_the_notice_is_drawn_at_the_top():
    drawn, _ = style.canvas(1, 1, 2)
    style.to_figure(drawn, "a", "A", notice="three of ten seeds")
    (text,) = drawn.texts
    assert text.get_text() == "three of ten seeds"
    assert text.get_position()[1] > 0.95


def test_no_setting_of_the_user_changes_a_figure_and_none_is_changed():
    with matplotlib.rc_context({"font.size": 30, "svg.fonttype": "none", "axes.facecolor": "red"}):
        before = dict(matplotlib.rcParams)
        again = FIGURES["curves"](name="curves", notice="quick form: 12 of 1,000 generations")
        assert dict(matplotlib.rcParams) == before
    assert again.svg == figure("curves").svg


def test_words_are_escaped():
    drawn, _ = style.canvas(1, 1, 2)
    text = style.to_figure(drawn, "a", "beliefs < 3 & more", alt="<b>").svg
    assert ElementTree.fromstring(text)[0].text == "beliefs < 3 & more"


def test_only_lines_lose_their_letters():
    lines, curve = "M 1.23456 2 \nL 3 4 \nL 5 6 \nz", "M 1 2 \nQ 3 4 5 6 \nL 7 8"
    body = svg.tidy(f'<svg viewBox="0 0 9 9"><path d="{lines}"/><path d="{curve}"/></svg>', "a", "A", "")
    assert 'd="M 1.23 2 3 4 5 6 \nz' in body
    assert "\nL 7 8" in body


def test_categories_differ_by_more_than_colour():
    looks = [style.look(i) for i in range(8)]
    for part in ("colour", "marker", "line", "hatch"):
        assert len({getattr(one, part) for one in looks}) == 8
    assert style.look(8).line != style.look(0).line


def test_without_recorded_views_there_is_no_figure():
    assert views.views_received(TABLE, name="a") is None
    assert views.views_earned(TABLE, name="a") is None


def test_a_utility_without_closed_form_has_no_figure_of_it():
    other = figure_data.echo("bounded-confidence")
    assert echo.radicalisation(other, name="a") is None
    assert echo.deviation(other, name="a") is None
    assert echo.mean_utility(other, name="a") is not None
