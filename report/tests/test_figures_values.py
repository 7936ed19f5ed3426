"""What is drawn is what the data says, by computations of the test's own."""

import figure_data
import numpy as np
import pytest
from matplotlib.colors import to_hex

from digico_report.figures import (
    bars,
    curves,
    diversity,
    echo,
    health,
    histograms,
    labels,
    runs,
    series,
    sweep,
    trajectories,
    views,
)

TABLE = figure_data.table()
SWEPT = figure_data.sweep(
    observation_influence_factor=(5.0, 0.2, 1.0), belief_weights_update=("fixed", "reward"), seeds=4
)


def chosen(data, metric, **values):
    keep = np.all([data[name].values == value for name, value in values.items()], axis=0)
    return data[f"{metric}_last"].values[keep]


def error_ends(ax):
    return [segment[:, 1] for lines in ax.collections for segment in lines.get_segments()]


def test_bars_are_means_and_error_bars_standard_errors():
    ax = bars.draw_by_category(TABLE, "ai_type", ("ai_views",)).axes[0]
    heights = [bar.get_height() for bar in ax.patches]
    found = [
        chosen(TABLE, "ai_views", ai_type=t, reading=r)
        for r in ("tables", "text")
        for t in ("none", "all_zero")
    ]
    assert heights == pytest.approx([v.mean() for v in found])
    # runs of one seed share their world: two updates of three seeds are three observations
    errors = [v.reshape(2, 3).mean(axis=0).std(ddof=1) / 3**0.5 for v in found]
    ends = [(v.mean() - e, v.mean() + e) for v, e in zip(found, errors, strict=True)]
    assert np.array(error_ends(ax)) == pytest.approx(np.array(ends))
    assert [t.get_text() for t in ax.get_xticklabels()] == ["None", "All Zero"]
    assert ax.get_ylim() == (0, 1)


def test_bars_of_two_keys_stand_in_the_paper_s_order():
    figure = bars.draw_by_two(TABLE, "ai_type", "belief_weights_update", "human_belief_0")
    for ax, reading in zip(figure.axes, ("tables", "text"), strict=True):
        expected = [
            chosen(TABLE, "human_belief_0", ai_type=t, belief_weights_update=u, reading=reading).mean()
            for u in ("fixed", "reward")
            for t in ("none", "all_zero")
        ]
        bars_of_ax = sorted(
            ax.patches, key=lambda bar: (to_hex(bar.get_facecolor()) != "#0072b2", bar.get_x())
        )
        assert [bar.get_height() for bar in bars_of_ax] == pytest.approx(expected)


def test_published_values_stand_at_their_rows_and_bars():
    given = {"None": (0.25, 0.1), ("all_zero", "Reward"): (0.75, None)}
    figure = bars.draw_by_two(TABLE, "ai_type", "belief_weights_update", "ai_views", given)
    marked = [line.get_xydata()[0] for line in figure.axes[0].lines if line.get_marker() == "D"]
    assert np.array(marked) == pytest.approx(np.array([[0, 0.25], [1.2, 0.75]]))


def test_the_spread_of_a_published_value_is_thin_and_no_error_bar():
    given = {"ai_views": {"None": (0.25, 0.1), "All Zero": (0.75, None)}}
    plain = bars.draw_by_category(TABLE, "ai_type", ("ai_views",)).axes[0]
    ax = bars.draw_by_category(TABLE, "ai_type", ("ai_views",), given).axes[0]
    (spread,) = [line for line in ax.lines if to_hex(line.get_color()) == bars.SPREAD]
    assert np.array(spread.get_xydata()) == pytest.approx(np.array([[0, 0.15], [0, 0.35]]))
    assert spread.get_linewidth() < 0.9
    assert len(error_ends(ax)) == len(error_ends(plain))
    caption = bars.by_category(TABLE, "ai_type", ("ai_views",), given, name="a").caption
    assert caption.endswith("published standard deviation over runs (not an error of the mean).")
    assert bars.published_text([(0.8, None)]) == " Diamonds: published values."
    assert bars.published_text([]) == ""


def test_published_values_of_one_place_stand_side_by_side():
    given = {("fixed", 1.0): (0.8, None), ("reward", 1.0): (0.8, None), ("reward", 5.0): (0.3, None)}
    figure = curves.draw_against(SWEPT, "observation_influence_factor", "ai_views", published=given)
    figure.draw_without_rendering()
    ax = figure.axes[0]
    marks = [line for line in ax.lines if line.get_marker() == "D" and len(line.get_xdata()) == 1]
    assert [tuple(line.get_xydata()[0]) for line in marks] == [(1, 0.8), (1, 0.8), (5, 0.3)]
    drawn = [line.get_transform().transform(line.get_xydata())[0] for line in marks]
    places = [ax.transData.transform(line.get_xydata())[0] for line in marks]
    shift = (np.array(drawn) - places) * 72 / figure.dpi
    half = curves.DODGE / 2
    assert shift == pytest.approx(np.array([[-half, 0], [half, 0], [0, 0]]), abs=1e-6)


def test_a_caption_names_lines_that_hide_each_other():
    apart = curves.against(SWEPT, "observation_influence_factor", "ai_views", name="a").caption
    assert "coincide" not in apart
    same = SWEPT.copy(deep=True)
    one, other = (same["belief_weights_update"].values == u for u in ("fixed", "reward"))
    same["ai_views_last"].values[other] = same["ai_views_last"].values[one] + 1e-16
    text = curves.against(same, "observation_influence_factor", "ai_views", name="a").caption
    assert "Lines that coincide are drawn on top of each other (Fixed, Reward)." in text


def test_a_run_that_gave_no_number_is_not_averaged_in():
    found = runs.estimate(np.array([1.0, np.nan, 3.0]), np.arange(3))
    assert (found.mean, found.low, found.high, found.n, found.seeds) == (2, 1, 3, 2, 2)
    alone = runs.estimate(np.array([0.5]), np.array([7]))
    assert (alone.mean, alone.n, alone.seeds) == (0.5, 1, 1)
    assert np.isnan(alone.low)
    assert runs.estimate(np.array([np.nan]), np.array([1])).n == 0


def test_runs_of_one_seed_are_averaged_before_there_is_an_error():
    values, seeds = np.array([0.0, 2.0, 4.0, 6.0, 1.0]), np.array([1, 1, 2, 2, 3], dtype=np.uint64)
    found = runs.estimate(values, seeds)
    error = np.std([1, 5, 1], ddof=1) / 3**0.5
    assert (found.mean, found.low, found.high) == pytest.approx((7 / 3, 7 / 3 - error, 7 / 3 + error))
    assert (found.n, found.seeds) == (5, 3)
    same_seed = runs.estimate(values, np.ones(5), "bootstrap")
    assert same_seed.mean == values.mean()
    assert np.isnan([same_seed.low, same_seed.high]).all()
    twice = runs.estimate(np.repeat(values[1:4], 2), np.repeat(seeds[1:4], 2) * [1, 1, 3, 3, 5, 5], "se")
    assert (twice.n, twice.seeds) == (6, 3)


def test_captions_count_runs_and_seeds():
    pooled = bars.by_category(TABLE, "ai_type", ("ai_views",), name="a").caption
    assert "n = 6 runs of 3 seeds per bar; error bars: standard error over seeds" in pooled
    one_seed = TABLE.drop_vars("seed")
    assert (
        "n = 6 runs of 1 seed per bar; no error bars"
        in bars.by_category(one_seed, "ai_type", ("ai_views",), name="a").caption
    )
    assert not error_ends(bars.draw_by_category(one_seed, "ai_type", ("ai_views",)).axes[0])
    line = sweep.against(SWEPT, "observation_influence_factor", name="a").caption
    assert "n = 8 runs of 4 seeds per point; band: bootstrap 95 % interval of the mean over seeds" in line


def test_the_bootstrap_interval_is_that_of_the_mean():
    values = np.random.default_rng(1).normal(size=400)
    found = runs.estimate(values, np.arange(400), "bootstrap")
    half = 1.96 * values.std(ddof=1) / 20
    assert (found.low, found.high) == pytest.approx((found.mean - half, found.mean + half), abs=0.012)


def test_curves_go_through_the_means_on_a_log_axis():
    figure = curves.draw_against(SWEPT, "observation_influence_factor", "ai_views", interval="se")
    (ax,) = figure.axes
    lines = [line for line in ax.lines if len(line.get_xdata()) == 3]
    for line, update in zip(lines, ("fixed", "reward"), strict=True):
        expected = [
            chosen(SWEPT, "ai_views", observation_influence_factor=x, belief_weights_update=update).mean()
            for x in (0.2, 1, 5)
        ]
        assert list(line.get_xdata()) == [0.2, 1, 5]
        assert list(line.get_ydata()) == pytest.approx(expected)
    assert ax.get_xscale() == "log"
    assert ax.get_ylim() == (0, 1)


def test_the_band_of_a_curve_is_its_standard_error():
    figure = curves.draw_against(SWEPT, "observation_influence_factor", "ai_views", interval="se")
    band = figure.axes[0].collections[0].get_paths()[0].vertices
    values = chosen(SWEPT, "ai_views", observation_influence_factor=1.0, belief_weights_update="fixed")
    error = values.std(ddof=1) / 2
    at = np.unique(band[band[:, 0] == 1.0, 1])
    assert at == pytest.approx([values.mean() - error, values.mean() + error])


def test_histograms_show_the_last_generation_and_every_run():
    figure = histograms.draw_belief_histograms(TABLE, {"a": {"ai_type": "none", "reading": "text"}})
    keep = (TABLE["ai_type"].values == "none") & (TABLE["reading"].values == "text")
    shares = TABLE["belief_count"].values[keep, -1] / 50
    for g, ax in enumerate(figure.axes):
        assert [bar.get_height() for bar in ax.patches] == pytest.approx(shares[:, g].mean(axis=0))
        assert np.array([line.get_ydata() for line in ax.lines]) == pytest.approx(shares[:, g])


def test_the_last_generation_of_a_run_that_ended_early_is_its_own():
    values = np.array([[1.0, 2, 3], [4, 5, np.nan]])
    assert list(runs.last_generation(values)) == [3, 5]


def test_shares_of_a_trajectory_sum_to_one():
    data = figure_data.sweep(generations=500, ai_type=("none",))
    edges, shares = trajectories.trajectory(data)
    assert shares.shape == (3, 5, 200)
    assert shares.sum(axis=1) == pytest.approx(np.ones((3, 200)))
    count = data["belief_count"].values[:, edges[10] : edges[11], 2, 4] / 50
    assert shares[2, 4, 10] == pytest.approx(count.mean())
    image = trajectories.draw_belief_trajectories(data, {"a": {"ai_type": "none"}}).axes[2].images[0]
    assert np.asarray(image.get_array()) == pytest.approx(shares[2])
    assert image.origin == "lower"
    assert list(image.get_extent()) == [0, 500, -0.5, 4.5]


def test_after_the_end_of_all_runs_there_is_no_share():
    data = figure_data.sweep(generations=12, ai_type=("none",))
    data["belief_count"][:, 8:] = np.nan
    _, shares = trajectories.trajectory(data)
    assert np.isnan(shares[..., 8:]).all()
    assert np.isfinite(shares[..., :8]).all()


def test_genotype_distances_by_kind_of_pair():
    values = TABLE["genotype_distance"].values
    found = diversity.distances(TABLE)
    assert found["within AI groups"] == pytest.approx(values[..., 0, 0])
    assert found["within human groups"] == pytest.approx((values[..., 1, 1] + values[..., 2, 2]) / 2)
    assert found["AI to human groups"] == pytest.approx((values[..., 0, 1] + values[..., 0, 2]) / 2)
    assert found["human to human groups"] == pytest.approx((values[..., 1, 2] + values[..., 2, 1]) / 2)
    ax = diversity.draw_genotype_diversity(TABLE).axes[0]
    middle = np.median(values[TABLE["ai_type"].values == "none", :, 0, 0], axis=0)
    assert ax.lines[0].get_ydata() == pytest.approx(middle)


def test_series_are_medians_and_quartiles():
    x, bounds = series.over_generations(TABLE, "human_cliques")
    assert list(x) == list(range(12))
    values = TABLE["human_cliques"].values
    assert bounds == pytest.approx(np.percentile(values, (25, 50, 75), axis=0))
    drawn = health.draw_health(TABLE, "human").axes[4].lines[1].get_ydata()
    assert drawn == pytest.approx(np.median(values[TABLE["ai_type"].values == "all_zero"], axis=0))


def test_bins_have_their_middle_on_the_axis():
    data = figure_data.sweep(generations=12, ai_type=("none",))
    x, (_, middle, _) = series.over_generations(data, "ai_views", bins=4)
    assert list(x) == [1, 4, 7, 10]
    means = data["ai_views"].values.reshape(3, 4, 3).mean(axis=2)
    assert middle == pytest.approx(np.median(means, axis=0))


def test_last_appearance_and_life_at_the_end():
    last = TABLE["last_appearance"].values
    assert health.alive_at_end(TABLE) == pytest.approx((last == 11).mean(axis=0))
    mesh = health.draw_last_appearance(TABLE).axes[0].collections[0]
    none = np.median(last[TABLE["ai_type"].values == "none"], axis=0)
    assert np.asarray(mesh.get_array()).ravel()[:5] == pytest.approx(none)


def test_a_median_below_none_is_no_minus_zero():
    data = TABLE.copy(deep=True)
    data["last_appearance"][:] = -0.5
    texts = [text.get_text() for text in health.draw_last_appearance(data).axes[0].texts]
    assert set(texts) == {"0"}


def test_health_says_whose_it_is_and_which_lines_are_the_same():
    data = TABLE.copy(deep=True)
    none, zero = (data["ai_type"].values == t for t in ("none", "all_zero"))
    for measure in health.MEASURES:
        data[f"human_{measure}"].values[zero] = data[f"human_{measure}"].values[none]
    data["human_extinct_values"][:] = 0
    made = health.health(data, name="a", scope="human", of="update Random")
    assert made.caption.startswith("Measures over humans; update Random. Lines:")
    assert made.caption.endswith("drawn on top of each other (None, All Zero).")
    assert "coincide" not in health.health(TABLE, name="a", scope="human").caption
    assert health.draw_health(data, "human").axes[5].get_ylim() == (0, 1)


def test_time_series_of_many_conditions_are_small_multiples():
    few = sweep.draw_time_series(TABLE, ("ai_type", "reading"))
    assert len(few.axes) == 3
    assert len(few.axes[0].lines) == 4
    many = sweep.draw_time_series(TABLE, ("ai_type", "reading", "seed"))
    assert len(many.axes) == 12
    assert len(many.axes[0].lines) == 3


def test_heat_maps_of_a_sweep_hold_means():
    means, counts = sweep.mean_grid(SWEPT, "observation_influence_factor", "seed", "ai_fitness")
    assert means[2, 0] == pytest.approx(
        chosen(SWEPT, "ai_fitness", observation_influence_factor=0.2, seed=3).mean()
    )
    assert (counts == 2).all()


def agents():
    """One run, two niches, agents 0 and 1 of AI: who sees whom is written down."""
    data = figure_data.with_agents(figure_data.sweep(ai_type=("none",), seeds=1), niches=2)
    shape = data["agent_views"].dims
    ten = np.ones((1, 2, 5, 10))
    data["agent_niche"] = (("run", "agent"), [[0, 1, 1, 0, 0, 1, 1, 1, 1, -1]])
    data["niche_influence"] = (("run", "niche"), [[0.5, 2.5]])
    data["agent_received"] = (shape, ten * [4, 4, 4, 2, 2, 4, 4, 4, 4, 0])
    data["agent_received_ai"] = (shape, ten * [2, 3, 3, 0, 0, 1, 1, 1, 0, 0])
    data["agent_views"] = (shape, ten * [6, 1, 2, 1, 1, 1, 1, 0, 0, 9])
    return data


def test_views_by_niche_start_with_the_most_influential():
    received = views.received_by_niche(agents())
    assert received.share[0] == pytest.approx([9 / 24, 2 / 8])
    assert received.agents[0] == pytest.approx([2 / 6, 1 / 3])
    assert list(received.influence[0]) == [2.5, 0.5]
    earned = views.earned_by_niche(agents())
    assert earned.share[0] == pytest.approx([3 / 5, 6 / 8])


def test_the_line_of_equal_visibility_is_the_share_of_ai_agents():
    ax = views.draw_views_received(agents()).axes[0]
    level = next(line for line in ax.lines if line.get_color() == "black").get_ydata()
    assert list(level) == pytest.approx([1 / 3, 1 / 3])


def test_an_empty_niche_has_no_share():
    data = agents()
    data["agent_niche"] = (("run", "agent"), [[0] * 9 + [-1]])
    assert np.isnan(views.earned_by_niche(data).share[0, 0])
    assert views.views_earned(data, name="a") is not None


def test_the_closed_form_meets_the_beliefs():
    data = figure_data.echo()
    assert echo.setting(data, "rate") == "0.01"
    form = echo.closed_form(data, data["step"].values[0], 0.01)
    assert form == pytest.approx(data["belief"].values)
    ax = echo.draw_radicalisation(data).axes[1]
    line, points = ax.lines[:2]
    at = np.interp(points.get_xdata(), line.get_xdata(), line.get_ydata())
    assert at == pytest.approx(points.get_ydata(), rel=0.05)


def test_beliefs_stand_beside_evidence():
    data = figure_data.echo()
    figure = echo.draw_beliefs_and_evidence(data, seed=3)
    mesh = figure.axes[4].collections[0]
    expected = np.stack([data["belief"].values[2, 4], data["evidence"].values[2]], axis=1)
    assert np.asarray(mesh.get_array()).ravel() == pytest.approx(expected.ravel())
    with pytest.raises(KeyError, match="seed 9"):
        echo.draw_beliefs_and_evidence(data, seed=9)


def test_mean_utility_starts_where_the_runs_do():
    data = figure_data.echo()
    steps, values = echo.utility_over_steps(data)
    assert list(steps[0]) == [0, 1000, 2000, 3000, 4000, 5000]
    start = data["initial_belief"].values * data["evidence"].values
    assert values[:, 0] == pytest.approx(start.mean(axis=1))


def test_levels_are_in_the_paper_s_order_and_numbers_by_size():
    assert runs.levels(TABLE, "ai_type") == ("none", "all_zero")
    assert runs.levels(SWEPT, "observation_influence_factor") == (0.2, 1, 5)
    assert labels.value_label("fix_at_zero") == "Fix at Zero"
    assert labels.count_text([3, 3]) == "n = 3 runs"
    assert labels.count_text([3, 1]) == "n = 1 to 3 runs"
