"""The published numbers, and ours beside them, on results made by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import runs, study

from digico_report.cells import OVER_TYPES, OVER_UPDATES, Cell
from digico_report.comparison import Comparison
from digico_report.layout import paper_table
from digico_report.paper_numbers import Numbers, difference_table, tally_table
from digico_report.published import compare, comparison_table, finer_tally, read_published, tally
from digico_report.reasons import reason_for
from digico_report.results import AI_TYPES, METRICS, UPDATES, ReportError
from digico_report.standard_errors import false_alarms, standard_error

CSV = Path(__file__).parents[2] / "configs" / "paper" / "published.csv"
LINES = CSV.read_text(encoding="utf-8").splitlines()


@pytest.fixture(scope="module")
def cells() -> tuple[Cell, ...]:
    return read_published(CSV)


def cell(cells: tuple[Cell, ...], **where: object) -> Cell:
    found = [one for one in cells if all(getattr(one, key) == value for key, value in where.items())]
    assert len(found) == 1
    return found[0]


def swept(metrics, key: str, values: tuple[float, ...], seeds=range(10)) -> list:
    return runs(
        lambda row: {"ai_type": "all_zero", **metrics(row)},
        reading=("tables", "text"),
        belief_weights_update=UPDATES,
        **{key: values},
        seed=seeds,
    )


def noise(row: dict) -> float:
    """A deviation of the seed, mean 0 over seeds 0 to 9."""
    return 0.01 * (row["seed"] - 4.5)


def everything(fake_result, metrics) -> dict:
    """All six experiments, in the published form."""
    return {
        "table3": fake_result("table3", study(metrics, range(10))),
        "table4": fake_result("table4", study(metrics, range(3), agents=300)),
        **{
            name: fake_result(name, swept(metrics, key, values))
            for name, key, values in (
                ("observation_sparsity", "observation_sparsity", (0, 0.1, 0.2, 0.5)),
                ("belief_sparsity", "contagion_sparsity", (0, 0.1, 0.2, 0.5)),
                ("influence_factor", "observation_influence_factor", (0.2, 0.5, 1, 2, 5)),
                ("truthfulness", "reward_truthfulness", (0.01, 0.1, 1, 10)),
            )
        },
    }


# ---- the file ----


def test_all_rows_are_read(cells) -> None:
    assert len(cells) == len(LINES) - 1 == 91
    none = cells[0]
    assert (none.source, none.agents, none.ai_type, none.update) == ("table3", 30, "none", OVER_UPDATES)
    assert (none.mean, none.spread, none.seeds, none.line) == (0.3367, 0.0384, 10, 2)
    assert cells[-1].spread is None
    assert cells[-1].seeds is None


def test_digits_are_those_of_the_table_as_zeros_are_lost(cells) -> None:
    assert cell(cells, source="table4", ai_type="act", metric="ai_views").mean == 0.599
    assert cell(cells, source="table4", ai_type="act", metric="ai_views").digits == 4
    lowest = cell(cells, source="text_4.1", value="min")
    assert (lowest.mean, lowest.digits, lowest.rounding) == (0.6, 2, pytest.approx(0.005))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("table3,30,nobody,fixed,,,ai_views,0.3,0.1,10", "ai_type: 'nobody', expected one of none, act"),
        (
            "table3,30,none,often,,,ai_views,0.3,0.1,10",
            "weight_update: 'often', expected one of fixed, random",
        ),
        ("table3,some,none,fixed,,,ai_views,0.3,0.1,10", "agents: 'some', expected a whole number above 0"),
        ("table3,30,none,fixed,,,views,0.3,0.1,10", "metric: 'views', expected one of ai_views"),
        ("table3,30,none,fixed,,,ai_views,.3x,0.1,10", "mean: '.3x', expected a number"),
        ("table3,30,none,fixed,,,ai_views,nan,0.1,10", "mean: 'nan', expected a number"),
        ("table3,30,none,fixed,,,ai_views,0.3,-0.1,10", "spread: '-0.1', expected a number, 0 or above"),
        ("table3,30,none,fixed,,,ai_views,0.3,0.1,0", "seeds: '0', expected a whole number above 0"),
        (
            "table3,30,none,fixed,mass,1,ai_views,0.3,0.1,3",
            "parameter: 'mass', expected one of nothing, belief",
        ),
        (
            "table3,30,none,fixed,truthfulness,,ai_views,0.3,0.1,3",
            "value: '', expected one, of the parameter",
        ),
        ("table3,30,none,fixed,,0.5,ai_views,0.3,0.1,3", "value: '0.5', expected none without a parameter"),
        ("table3,30,none,fixed,truthfulness,big,ai_views,0.3,0.1,3", "value: 'big', expected a number, max"),
        (",30,none,fixed,,,ai_views,0.3,0.1,10", "source: '', expected the table"),
        ("table3,30,none", "columns: 3, expected 10"),
    ],
)
def test_a_wrong_line_is_named_in_one_line(tmp_path: Path, line: str, said: str) -> None:
    path = tmp_path / "wrong.csv"
    path.write_text("\n".join([*LINES[:3], line, *LINES[3:]]) + "\n", encoding="utf-8")
    with pytest.raises(ReportError) as error:
        read_published(path)
    assert str(error.value).startswith(f"{path}:4: {said}")
    assert "\n" not in str(error.value)


def test_another_header_or_no_file(tmp_path: Path) -> None:
    path = tmp_path / "wrong.csv"
    with pytest.raises(ReportError, match=r"wrong.csv: cannot be read"):
        read_published(path)
    for text in ("", "a,b\n"):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(ReportError, match=r"wrong.csv:1: header: .* expected source,agents"):
            read_published(path)


def test_published_spreads_have_divisor_n(cells) -> None:
    # Table 6 pools to Table 3 so, whatever the number of runs: total² = mean of squares + variance of means
    for ai_type in ("none", "all", "all_zero"):
        parts = [c for c in cells if c.source == "table6" and c.ai_type == ai_type]
        total = cell(cells, source="table3", ai_type=ai_type, metric="human_belief_0")
        pooled = np.mean([c.spread**2 for c in parts]) + np.var([c.mean for c in parts])
        assert math.sqrt(pooled) == pytest.approx(total.spread, abs=1.5e-4)
        # 3 or 10 runs with divisor n - 1 throughout would give more, or less, than is printed
        for n in (3, 10):
            squares = sum((n - 1) * c.spread**2 for c in parts) + 4 * n * np.var([c.mean for c in parts])
            assert abs(math.sqrt(squares / (4 * n - 1)) - total.spread) > 1.5e-4


# ---- the comparison ----


def test_every_cell_has_both_readings_and_a_row(cells, fake_result) -> None:
    results = everything(fake_result, lambda row: dict.fromkeys(METRICS, 0.4 + noise(row)))
    found = compare(cells, results)
    assert [(one.cell, one.reading) for one in found] == [(c, r) for c in cells for r in ("tables", "text")]
    # each found its runs
    assert {one.verdict for one in found} == {"agrees", "differs"}
    assert all(one.mean is not None and one.n for one in found)
    table = comparison_table(found)
    assert len(table.rows) == 91
    assert all(row["tables_verdict"] and row["text_verdict"] for row in table.rows)
    counts = tally(found)
    assert {sum(counts[reading].values()) for reading in ("tables", "text")} == {91}
    assert table.to_csv().count("\n") == 92


SWEPT = {
    "belief_sparsity": "contagion_sparsity",
    "truthfulness": "reward_truthfulness",
    "observation_influence_factor": "observation_influence_factor",
}


def code(metric: str, reading: str, agents: int, ai_type: str, update: str, value: float) -> float:
    """Another number for each condition."""
    places = [
        list(METRICS).index(metric),
        reading == "text",
        agents == 300,
        AI_TYPES.index(ai_type),
        UPDATES.index(update),
    ]
    return sum(place * 10.0 ** (k + 2) for k, place in enumerate(places)) + value


def test_each_cell_is_made_of_its_own_runs(cells, fake_result) -> None:
    def metrics(row: dict) -> dict:
        value = next((row[key] + 10 for key in (*SWEPT.values(), "observation_sparsity") if key in row), 0)
        where = row["reading"], row.get("agents", 30)
        kind = row.get("ai_type", "all_zero"), row["belief_weights_update"]
        return {metric: code(metric, *where, *kind, value) for metric in METRICS}

    for one in compare(cells, everything(fake_result, metrics)):
        cell, text = one.cell, {"max": "5", "min": "0.2"}.get(one.cell.value, one.cell.value)
        expected = [
            code(cell.metric, one.reading, cell.agents, ai_type, update, float(text) + 10 if text else 0)
            for ai_type in (AI_TYPES if cell.ai_type == OVER_TYPES else (cell.ai_type,))
            for update in (UPDATES if cell.update == OVER_UPDATES else (cell.update,))
        ]
        assert one.mean == pytest.approx(np.mean(expected), abs=0.01), (cell, one.reading)
        assert one.seeds == (3 if cell.agents == 300 else 10)
        assert one.n == one.seeds * len(expected)


def test_the_rule_for_one_condition(cells, fake_result) -> None:
    one_cell = cell(cells, source="table6", ai_type="none", update="random")  # .062 ± .007, 3 seeds
    ours = 0.01 * np.array([5, 6, 7, 8.5])
    rows = runs(
        lambda row: {"human_belief_0": ours[row["seed"]]},
        reading=("tables",),
        ai_type=("none",),
        belief_weights_update=("random",),
        seed=range(4),
    )
    one = compare([one_cell], {"table3": fake_result("table3", rows)})[0]
    se = math.sqrt(0.007**2 / 2 + np.var(ours, ddof=1) / 4)
    assert (one.n, one.seeds, one.generations) == (4, 4, 1000)
    assert one.se == pytest.approx(se)
    assert one.z == pytest.approx((ours.mean() - 0.062) / se)
    assert one.in_spreads == pytest.approx((ours.mean() - 0.062) / 0.007)
    assert one.sd == pytest.approx(np.std(ours))
    assert one.spread_ratio == pytest.approx(np.std(ours) / 0.007)
    assert one.allowed == pytest.approx(3 * se + 0.00005)
    assert one.verdict == "agrees"
    assert one.notes == (
        "3 seeds as printed; Table 3 says 10 for the same runs (MODEL.md, 9.3)",
        f"3 seeds: the rule errs in {100 * false_alarms(3, 4, False):.0f} to 10 % of such cells",
    )
    row = comparison_table([one]).rows[0]
    assert (row["tables_allowed"], row["tables_spread_ratio"]) == (one.allowed, one.spread_ratio)


def test_a_mean_over_updates_with_published_parts(cells, fake_result) -> None:
    wanted = [c for c in cells if c.ai_type == "all" and c.agents == 30 and c.metric == "human_belief_0"]
    rng = np.random.default_rng(5)
    ours = {update: 0.1 + 0.05 * rng.random(10) for update in UPDATES}
    rows = study(lambda row: {"human_belief_0": ours[row["belief_weights_update"]][row["seed"]]}, range(10))
    results = {"table3": fake_result("parts", rows)}
    one = next(one for one in compare(wanted, results) if one.cell.source == "table3")
    over_seeds = np.std(np.mean(list(ours.values()), axis=0), ddof=1)
    within = np.sqrt(np.mean([np.var(values, ddof=1) for values in ours.values()]))
    parts = np.sqrt(np.mean(np.square([0.1459, 0.0537, 0.1461, 0.0746])))
    se = math.sqrt(over_seeds**2 / 10 + (over_seeds / within * parts) ** 2 / 9)
    assert one.se == pytest.approx(se)
    assert not any("stands for both" in note for note in one.notes)
    # without all four parts ours stands for both, which is said as the published spread is much larger
    alone = compare(wanted[:1], results)[0]
    assert alone.se == pytest.approx(over_seeds * math.sqrt(2 / 10))
    ratio = one.cell.spread / one.sd
    assert (
        f"tables: our variation stands for both sides, published spread ×{ratio:.2g} of ours" in alone.notes
    )


def test_no_published_variance_is_taken_of_one_seed(cells) -> None:
    single = replace(cell(cells, source="table6", ai_type="all", update="fixed"), seeds=1)
    assert standard_error(single, 0.1, 0.1, 10).ours_for_both
    assert standard_error(single, None, None, 1) is None


@pytest.mark.parametrize("seeds", [(3, 10), (10, 10), (3, 3)])
@pytest.mark.parametrize("ours_for_both", [False, True])
def test_how_often_the_rule_errs(seeds: tuple[int, int], ours_for_both: bool) -> None:
    rng, n = np.random.default_rng(17), 40_000
    theirs, mine = (rng.normal(size=(n, k)) for k in seeds)
    own = mine.var(axis=1, ddof=1)
    published = own / seeds[0] if ours_for_both else theirs.var(axis=1) / (seeds[0] - 1)
    se = np.sqrt(published + own / seeds[1])
    share = np.mean(np.abs(theirs.mean(axis=1) - mine.mean(axis=1)) > 3 * se)
    known = false_alarms(*seeds, ours_for_both)
    assert abs(share - known) < 4 * math.sqrt(known / n)  # four standard errors of the simulated share
    if seeds == (3, 3) and ours_for_both:
        assert "or 10 %" in comparison_table([]).caption
        assert known == pytest.approx(0.0955, abs=1e-4)


def test_what_agrees_by_its_mean_alone_is_counted(cells, fake_result) -> None:
    wanted = [c for c in cells if c.source == "table6" and c.ai_type == "none"]
    spreads = {"fixed": 0.0272, "random": 0.007, "momentum": 0.4 * 0.0342, "reward": 2.5 * 0.0244}
    seeds = np.tile((-1.0, 1.0), 5)
    means = {c.update: c.mean for c in wanted}

    def metrics(row: dict) -> dict:
        update = row["belief_weights_update"]
        return {"human_belief_0": means[update] + spreads[update] * seeds[row["seed"]]}

    found = compare(wanted, {"table3": fake_result("alike", study(metrics, range(10)))})
    tables = [one for one in found if one.reading == "tables"]
    assert {one.verdict for one in tables} == {"agrees"}
    assert finer_tally(tables) == {"alike": 2, "mean_only": 2, "no_spread": 0}
    assert [one.spread_ratio for one in tables] == pytest.approx([1, 1, 0.4, 2.5])
    assert "tables: mean only: spread ×2.5" in tables[3].notes
    assert not any("mean only" in note for note in (*tables[0].notes, *tables[1].notes))
    row = tally_table(Numbers(found, tally(found))).rows[0]
    assert (row["agrees"], row["alike"], row["mean_only"], row["no_spread"]) == (4, 2, 2, 0)


def test_what_should_be_known_of_a_published_number(cells) -> None:
    notes = {one.cell.line: one.notes for one in compare(cells, {})}
    table6 = [c for c in cells if c.source == "table6"]
    assert all("Table 3 says 10" in notes[c.line][0] for c in table6)
    same = cell(cells, source="text_4.2", update="fixed", parameter="")
    assert notes[same.line] == ("table6 prints the same number as 0.7191",)
    for c in cells:
        assert ("range of K_I not stated; ours 0.2 to 5" in notes[c.line]) == (c.value in ("max", "min"))


def test_tables_of_the_page_name_the_sweep_and_group_by_rule(cells, fake_result) -> None:
    wanted = [c for c in cells if c.parameter == "truthfulness"]
    rows = swept(lambda row: {"human_belief_0": 0.1 + noise(row) / 10}, "reward_truthfulness", (0.01, 10))
    found = compare(wanted, {"truthfulness": fake_result("low", rows)})
    table = difference_table(Numbers(found, tally(found)))[0]
    assert [(row["reading"], row["cells"]) for row in table.rows] == [("tables", 2), ("text", 2)]
    assert "all_zero, reward, truthfulness = 0.01, r_HB0" in table.rows[0]["which"]
    assert all("differs as well" not in row["reason"] for row in table.rows)


def test_runs_of_a_row_are_the_fewest_of_its_metrics(cells) -> None:
    where = [c for c in cells if c.source == "table3" and c.ai_type == "act"]
    found = [Comparison(c, "tables", "table3", n=n) for c, n in zip(where, (40, 36, 40), strict=True)]
    assert paper_table(found, "table3").rows[0]["tables_n"] == 36


@pytest.mark.parametrize(("shift", "verdict"), [(2.99, "agrees"), (-2.99, "agrees"), (3.05, "differs")])
def test_the_rule_for_a_mean_over_updates(cells, fake_result, shift: float, verdict: str) -> None:
    one_cell = cell(cells, source="table3", ai_type="act", metric="ai_views")
    # seeds differ by noise(); updates by much more, which must not widen the error
    se = np.std([noise({"seed": k}) for k in range(10)], ddof=1) * math.sqrt(1 / 10 + 1 / 10)
    offset = dict(zip(UPDATES, (-0.3, -0.1, 0.1, 0.3), strict=True))
    rows = study(
        lambda row: {
            "ai_views": one_cell.mean + shift * se + offset[row["belief_weights_update"]] + noise(row)
        },
        range(10),
    )
    one = compare([one_cell], {"table3": fake_result("table3", rows)})[0]
    assert (one.n, one.seeds) == (40, 10)
    assert one.se == pytest.approx(se)
    assert one.z == pytest.approx(shift)
    assert one.sd > 0.2  # over pooled runs
    assert one.verdict == verdict


def test_rounding_is_allowed_for(cells, fake_result) -> None:
    lowest = cell(cells, source="text_4.1", value="min")
    for shift, verdict in ((0.0049, "agrees"), (0.0051, "differs")):
        rows = swept(lambda _: {"ai_views": 0.6 + shift}, "observation_influence_factor", (0.2, 5))  # noqa: B023
        one = compare([lowest], {"influence_factor": fake_result(verdict, rows)})[0]
        assert (one.se, one.z, one.verdict) == (pytest.approx(0, abs=1e-12), one.z, verdict)
        assert one.notes[1:] == ("tables: no variance, decided by rounding alone",)


def test_a_seed_that_lacks_a_condition_does_not_count(cells, fake_result) -> None:
    one_cell = cell(cells, source="table5", update="fixed", metric="ai_views")
    rows = study(lambda row: {"ai_views": 0.5 + noise(row)}, range(11))
    for row in rows:
        if row["seed"] == 10 and row["ai_type"] == "act":
            row["status"] = "nonfinite"
    one = compare([one_cell], {"table3": fake_result("table3", rows)})[0]
    assert (one.cell.ai_type, one.n, one.seeds) == (OVER_TYPES, 80, 10)


def test_not_comparable_says_why(cells, fake_result) -> None:
    assert {one.verdict for one in compare(cells, {})} == {"not comparable"}
    assert compare(cells, {})[0].reason == "experiment table3 is not there"

    small = study(lambda row: {**dict.fromkeys(METRICS, 0.4 + noise(row)), "generations": 60}, range(3))
    results = {"table3": fake_result("small", small)}
    found = compare(cells[:1], results, quick=True)[0]
    assert found.verdict == "not comparable"
    assert found.reason == "quick form: 60 of 1000 generations, 3 of 10 seeds"
    assert found.mean == pytest.approx(0.4 - 0.035)

    few = study(lambda row: dict.fromkeys(METRICS, 0.4 + noise(row)), range(9))
    assert compare(cells[:1], {"table3": fake_result("few", few)})[0].reason == "9 of 10 seeds"
    other = [row for row in few if row["reading"] == "text"]
    one = compare(cells[:1], {"table3": fake_result("other", other)})[0]
    assert (one.reading, one.reason) == ("tables", "table3 has no such runs")
    wrong = {"table4": fake_result("wrong", few)}  # 30 agents
    assert compare([c for c in cells if c.source == "table4"], wrong)[0].reason == "table4 has no such runs"


def test_one_seed_has_no_error(cells, fake_result) -> None:
    rows = study(lambda _: dict.fromkeys(METRICS, 0.4), range(1))
    one = compare(cells[:1], {"table3": fake_result("one", rows)})[0]
    assert (one.se, one.z, one.verdict) == (None, None, "not comparable")


def test_single_runs_are_told_where_they_end_far_apart(cells, fake_result) -> None:
    high = {"fixed": 7, "random": 0, "momentum": 0, "reward": 7}  # whatever the update, our runs decide
    rows = study(
        lambda row: {"human_belief_0": float(row["seed"] < high[row["belief_weights_update"]])}, range(10)
    )
    found = compare(
        [c for c in cells if c.source == "table6" and c.ai_type == "all_zero"],
        {"table3": fake_result("ends", rows)},
    )
    notes = {one.cell.update: one.notes for one in found if one.reading == "tables"}
    said = "tables: single runs from 0.00 to 1.00, 7 of 10 above .5"
    assert {update: said in notes[update] for update in UPDATES} == {
        update: high[update] > 0 for update in UPDATES
    }
    row = comparison_table(found).rows[0]
    assert f"{said}; " in row["note"]
    assert "text: single runs from 0.00 to 1.00, 7 of 10 above .5" in row["note"]


# ---- why ----


@pytest.mark.parametrize(
    ("where", "reading", "sign", "section"),
    [
        ({"source": "table3", "ai_type": "act", "metric": "ai_views"}, "text", 1, "9.1"),
        ({"source": "table6", "ai_type": "all_zero", "update": "fixed"}, "text", -1, "9.2"),
        ({"source": "table6", "ai_type": "all_zero", "update": "random"}, "text", -1, "9.2, 9.5"),
        ({"source": "table4", "ai_type": "act", "metric": "human_belief_0"}, "text", -1, "9.2, 9.6"),
        ({"source": "table6", "ai_type": "all_zero", "update": "reward"}, "tables", -1, "9.7"),
        ({"source": "table6", "ai_type": "all_zero", "update": "reward"}, "text", 1, "9.6"),
        ({"source": "table6", "ai_type": "all_zero", "update": "fixed"}, "tables", 1, "9.7"),
        ({"source": "table6", "ai_type": "none", "update": "fixed"}, "tables", 1, "8"),
        ({"source": "table6", "ai_type": "none", "update": "momentum"}, "tables", 1, "8"),
        ({"source": "table3", "ai_type": "evolve", "metric": "ai_views"}, "tables", -1, "9.1"),
        ({"source": "table3", "ai_type": "all_zero", "metric": "ai_views"}, "tables", -1, "9.1"),
        ({"source": "table3", "ai_type": "evolve", "metric": "ai_fitness"}, "tables", -1, "8"),
        ({"source": "table4", "ai_type": "act", "metric": "ai_views"}, "tables", 1, ""),
        ({"source": "table6", "ai_type": "all_zero", "update": "random"}, "tables", -1, "8"),
    ],
)
def test_reasons_follow_model_md(cells, where: dict, reading: str, sign: int, section: str) -> None:
    reason = reason_for(cell(cells, **where), reading, sign * 0.1)
    assert reason.section == section
    # 9.1 names the views of All Zero without explaining them
    open_question = section in ("", "8", "9.6", "9.7") or (where["ai_type"], section) == ("all_zero", "9.1")
    assert reason.text.startswith(("not explained", "known and unexplained")) == open_question
    assert reason.text.startswith(reason.rule)


def test_reward_above_the_published_is_not_explained_by_reward_low(cells) -> None:
    one = cell(cells, source="table6", ai_type="all_zero", update="reward")
    assert reason_for(one, "tables", 0.1).text.startswith("not explained")


def test_where_both_readings_differ_text_says_so(cells, fake_result) -> None:
    rows = study(lambda row: {"ai_views": 0.9 + noise(row)}, range(10))
    tables, text = compare(cells[:1], {"table3": fake_result("high", rows)})
    assert tables.verdict == text.verdict == "differs"
    assert text.reason.endswith("`tables` differs as well")
    assert comparison_table([tables, text]).rows[0]["text_why"].endswith("(MODEL.md, 9.1)")
