"""The page of any result, on small sweeps of the real program: every kind has one, and it is true."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Callable
from pathlib import Path

import netCDF4
import numpy as np
import pytest
import sweeps
from drafts import drafts

from digico_report import sweep
from digico_report.__main__ import main
from digico_report.elements import Figure, Page, Section, Table, Text
from digico_report.results import Result

#: kinds whose labels or gaps could leave the axes no room; laying out takes half of the time
LAID_OUT = {"excluded", "many", "groups", "people"}

Made = Callable[[str], tuple[Path, Page]]


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Made:
    """made(kind): folder of the result and its page, written by the command, once."""
    folder, found = tmp_path_factory.mktemp("sweeps"), {}

    def make(kind: str) -> tuple[Path, Page]:
        if kind not in found:
            found[kind] = _reported(sweeps.run(folder, kind))
        return found[kind]

    return make


def _reported(directory: Path) -> tuple[Path, Page]:
    """By the command, which writes a page; that page."""
    pages: list[Page] = []
    with drafts(layout=directory.name in LAID_OUT), pytest.MonkeyPatch.context() as patch:
        write = sweep.write
        patch.setattr(sweep, "write", lambda page, folder: pages.append(page) or write(page, folder))
        assert main(["sweep", str(directory)]) == 0
    assert (directory / "report" / "index.html").is_file()
    return directory, pages[0]


def table(page: Page, name: str = "condition-table") -> Table:
    return next(one for one in page.blocks(Table) if one.name == name)


def texts(page: Page) -> str:
    return "\n".join(text.text for text in page.blocks(Text))


def figures(page: Page) -> list[str]:
    return [figure.name for figure in page.blocks(Figure)]


def sections(page: Page) -> list[str]:
    return [section.name for section in page.sections]


def column(page: Page, key: str) -> list:
    return [row[key] for row in table(page).rows]


@pytest.mark.parametrize("kind", sweeps.TEXTS)
def test_every_kind_of_sweep_has_a_page(made: Made, kind: str) -> None:
    directory, page = made(kind)
    counts = Result(directory).counts
    assert dict(page.facts)["runs"] == counts.text
    assert counts.planned == counts.completed + counts.converged
    assert page.blocks(Figure)
    assert sections(page)[-1] == "provenance"
    assert all(section.blocks for section in page.blocks(Section))
    html = (directory / "report" / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"(?<![a-z])nan(?![a-z])", html, re.IGNORECASE), "what is no number is shown"


def test_a_result_of_another_model_version_has_a_page_that_says_so(tmp_path: Path) -> None:
    directory = sweeps.run(tmp_path, "single")
    with netCDF4.Dataset(directory / "results.nc", "a") as file:
        now = int(file.model_version)
        file.model_version = np.int32(1)
    (directory / "provenance.json").unlink()
    _, page = _reported(directory)
    assert now > 1
    assert [row["model"] for row in table(page, "provenance-computing").rows] == ["1"]


def test_one_run_has_one_condition(made: Made) -> None:
    _, page = made("single")
    assert dict(page.facts)["swept"] == "nothing"
    assert len(table(page).rows) == 1
    assert column(page, "n") == [1]
    assert "axes" not in sections(page)


def test_a_category_is_bars_and_its_conditions_are_counted(made: Made) -> None:
    _, page = made("category")
    assert dict(page.facts)["swept"] == "ai_type, seed"
    assert column(page, "ai_type") == ["none", "all", "fix_at_zero"]
    assert column(page, "n") == column(page, "planned") == [2, 2, 2]
    assert "by-ai-type" in figures(page)
    assert "Values: `None`" not in texts(page)
    assert "`none`, `all`, `fix_at_zero`" in texts(page)


def test_conditions_have_their_last_generation_and_the_mean_over_all(made: Made) -> None:
    directory, page = made("category")
    data = Result(directory).data
    series = data["ai_views"].values.astype(float)  # [run, generation]
    for row in table(page).rows:
        mine = series[data["ai_type"].values == row["ai_type"]]
        assert row["ai_views"][0] == pytest.approx(mine[:, -1].mean(), abs=1e-6)
        assert row["ai_views"][1] == pytest.approx(mine[:, -1].std(ddof=1), abs=1e-6)
        assert row["ai_views_mean"] == pytest.approx(mine.mean(), abs=1e-6)
    assert any(
        row["ai_views"][0] != pytest.approx(row["ai_views_mean"], abs=1e-3) for row in table(page).rows
    )


def test_small_numbers_can_be_told_apart(made: Made) -> None:
    directory, page = made("number")
    assert "against-reward-truthfulness" in figures(page)
    html = (directory / "report" / "index.html").read_text(encoding="utf-8")
    assert "0.0001" in html
    digits = next(c for c in table(page).columns if c.key == "reward_truthfulness").digits
    assert digits == 4


def test_two_numbers_have_a_map(made: Made) -> None:
    _, page = made("numbers")
    assert "map-reward-truthfulness-contagion-factor" in figures(page)
    assert len(table(page).rows) == 6


def test_many_values_are_not_all_written_out(made: Made) -> None:
    _, page = made("many")
    assert "`5` (21 values)" in texts(page)
    assert len(table(page).rows) == 21


def test_keys_side_by_side_are_one_axis(made: Made) -> None:
    _, page = made("zip")
    assert "`observation.belief_factor` changes with `reading`, which stands for it here." in texts(page)
    assert dict(page.facts)["swept"] == "reading, observation.belief_factor, seed"
    assert len(table(page).rows) == 2
    assert "against-observation-belief-factor" not in figures(page)


def test_named_conditions_stand_for_their_keys(made: Made) -> None:
    _, page = made("conditions")
    assert column(page, "condition") == ["sparse", "Full_x.y"]
    assert "by-condition" in figures(page)
    histograms = next(figure for figure in page.blocks(Figure) if figure.name == "histograms")
    assert " sparse: most common belief" in histograms.alt


def test_groups_of_ones_own_are_all_drawn(made: Made) -> None:
    directory, page = made("groups")
    assert [str(g) for g in Result(directory).data["group"].values] == ["bots", "trolls", "left", "right"]
    assert {"trajectories", "histograms", "genotype-diversity"} <= set(figures(page))
    histograms = next(figure for figure in page.blocks(Figure) if figure.name == "histograms")
    assert "most common belief of right 9 (1.00)" in histograms.alt
    assert "groups.trolls.influence_bonus 2" in histograms.alt


def test_runs_of_other_sizes_stand_beside_each_other(made: Made) -> None:
    _, page = made("ragged")
    assert [(row["agents"], row["values"]) for row in table(page).rows] == [(6, 3), (6, 12), (9, 3), (9, 12)]
    kinds = {c.key: c.kind for c in table(page).columns}
    assert kinds["agents"] == kinds["values"] == "integer"
    assert "views-received" in figures(page)
    provenance = table(page, "provenance-experiments").rows[0]
    assert provenance["agents"] == "6, 9"


def test_runs_that_ended_early_are_counted_and_shown(made: Made) -> None:
    directory, page = made("early")
    result = Result(directory)
    assert result.counts.converged > 0
    assert f"{result.counts.converged} converged early" in dict(page.facts)["runs"]
    assert sum(column(page, "n")) == 4
    assert all(math.isfinite(mean) for mean, _ in column(page, "human_belief_0"))


def test_single_agents_are_shown_where_they_were_stored(made: Made) -> None:
    assert sections(made("agents")[1])[-2] == "niches"
    assert "niches" not in sections(made("category")[1])


def test_diversity_that_was_not_measured_has_no_section(made: Made) -> None:
    assert "evolution" not in sections(made("no-diversity")[1])
    assert "evolution" in sections(made("category")[1])


def test_null_is_a_value_whose_runs_count(made: Made) -> None:
    _, page = made("null")
    assert column(page, "evolution_mean_rate") == ["null", "0.001", "0.5"]
    assert sum(column(page, "n")) == 6
    assert "by-evolution-mean-rate" in figures(page)


def test_conditions_that_were_left_out_have_no_row(made: Made) -> None:
    _, page = made("excluded")
    assert [(row["ai_type"], row["contagion_factor"]) for row in table(page).rows] == [
        ("none", 1), ("all", 1), ("all", 5),
    ]  # fmt: skip


def test_the_title_is_that_of_the_file_or_one_s_own(made: Made, tmp_path: Path) -> None:
    directory, page = made("single")
    assert page.title == "single.yaml"
    with drafts():
        words = ["sweep", str(directory), "-o", str(tmp_path / "elsewhere"), "--title", "<My> & title"]
        assert main(words) == 0
        echo, _ = made("echo")
        assert main(["sweep", str(echo), "-o", str(tmp_path / "echo"), "--title", "Mine"]) == 0
    assert "&lt;My&gt; &amp; title" in (tmp_path / "elsewhere" / "index.html").read_text(encoding="utf-8")
    assert "<h1>Mine" in (tmp_path / "echo" / "index.html").read_text(encoding="utf-8")


# ---- the echo-chamber model ----


def test_seeds_alone_are_the_notebook(made: Made) -> None:
    _, page = made("echo")
    assert sections(page) == ["model", "beliefs-and-evidence", "utility", "radicalisation", "provenance"]
    assert "deviation-curves" in figures(page)
    assert len(table(page, "radicalisation-agents").rows) == 2 * 4
    assert "e: evidence never changes" in texts(page)


def test_another_utility_is_described_and_has_no_closed_form(made: Made) -> None:
    _, page = made("echo-near")
    assert "Deffuant" in texts(page)
    assert "evidence never changes" not in texts(page)
    assert "deviation-curves" not in figures(page)
    assert all(math.isnan(row["deviation"]) for row in table(page, "radicalisation-agents").rows)


def test_an_echo_sweep_has_its_conditions_apart(made: Made) -> None:
    _, page = made("echo-steps")
    assert column(page, "echo_steps") == column(page, "steps") == [20, 40]
    assert column(page, "n") == [2, 2]
    assert {"condition-1", "condition-2"} <= set(sections(page))
    assert dict(page.facts)["swept"] == "echo.steps, seed"
    last = [table(page, f"radicalisation-agents-c{k}").caption for k in (1, 2)]
    assert "step 20;" in last[0]
    assert "step 40;" in last[1]
    for row in table(page, "radicalisation-agents-c1").rows:
        assert abs(row["deviation"]) < 1e-6, "the closed form is of the steps of its own condition"


def test_an_echo_sweep_over_sizes_and_utilities(made: Made) -> None:
    _, page = made("echo-agents")
    assert dict(page.facts)["agents per run"] == "2, 5"
    assert [len(table(page, f"radicalisation-agents-c{k}").rows) for k in (1, 2, 3, 4)] == [4, 4, 10, 10]
    assert "deviation-curves-c1" in figures(page)
    assert "deviation-curves-c2" not in figures(page)
    assert "Deffuant" in texts(page)


# ---- what is missing ----


def test_a_result_with_holes_says_what_is_missing(tmp_path: Path) -> None:
    directory, page = _reported(sweeps.partial(tmp_path))
    assert dict(page.facts)["runs"] == "3 completed / 6 planned, 3 missing"
    first = next(text for text in page.blocks(Text))
    assert first.kind == "warning"
    assert first.text == "3 completed / 6 planned, 3 missing: what is missing or failed is in no mean."
    assert column(page, "planned") == [2, 2, 2]
    assert sum(column(page, "n")) == 3
    with (directory / "report" / "tables" / "condition-table.csv").open(encoding="utf-8") as file:
        assert sum(int(row["n"]) for row in csv.DictReader(file)) == 3


def test_a_model_without_a_page_is_named(fake_result, capsys) -> None:
    result = fake_result("other", [{"seed": 1}], model="other")
    assert main(["sweep", str(result.directory)]) != 0
    assert "no page for results of model other" in capsys.readouterr().err


def test_no_result_is_one_line(tmp_path: Path, capsys) -> None:
    assert main(["sweep", str(tmp_path)]) == 2
    err = capsys.readouterr().err
    assert err == (f"digico: {tmp_path}/results.nc: not found; `digico run FILE -o {tmp_path}` makes it\n")
