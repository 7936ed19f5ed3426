"""The paper's page on results made of random numbers: its contents, what is missing, exit codes, files."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import paper_data
import pytest
from drafts import drafts

from digico_report import paper, paper_figures, paper_numbers
from digico_report.__main__ import main
from digico_report.elements import Figure, Page, Section, Table, Text
from digico_report.experiments import EXPERIMENTS
from digico_report.page import render
from digico_report.published import compare, read_published, tally
from digico_report.results import ReportError, Result

NAMES = tuple(experiment.name for experiment in EXPERIMENTS)
NOTICE = paper.quick_notice(True)
SECTIONS = [
    "result", "hypotheses", "tables", "cells", "anova", "table3-figures", "curves", "distributions",
    "table4-figures", "overflow", "over-generations", "diversity", "health", "niches",
    "provenance",
]  # fmt: skip


@pytest.fixture(scope="module")
def output(tmp_path_factory) -> Path:
    """All experiments, full form and small form."""
    folder = tmp_path_factory.mktemp("paper")
    for name in NAMES:
        paper_data.put(folder, name, paper_data.dataset(name))
    # netCDF 4.10 with HDF5 2.2 crashes where a file is opened beside an open one of the same path
    for form in ("quick/runs", "kept"):
        shutil.copytree(folder / "runs", folder / form)
    return folder


@pytest.fixture(scope="module")
def results(output: Path) -> dict[str, Result]:
    return {name: Result(output / "kept" / name) for name in NAMES}


@pytest.fixture(scope="module")
def cells():
    return read_published(paper_data.CONFIGS / "published.csv")


def page_of(cells, results: Mapping[str, Result], notice: str = "") -> Page:
    comparisons = compare(cells, paper_numbers.with_runs(results), bool(notice))
    return paper.paper_page(paper_numbers.Numbers(comparisons, tally(comparisons)), results, notice)


@pytest.fixture(scope="module")
def page(cells, results) -> Page:
    with drafts():
        return page_of(cells, results, NOTICE)


@pytest.fixture
def sketch(monkeypatch) -> Iterator[None]:
    """Figures are not drawn: what is asked for, and of which results, is what counts."""

    def fake(*_: object, name: str, **__: object) -> Figure:
        return Figure(name, name, '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>')

    for module, functions in (
        (paper_figures.bars, ("by_category", "by_two")),
        (paper_figures.curves, ("against",)),
        (paper_figures.histograms, ("belief_histograms",)),
        (paper_figures.trajectories, ("belief_trajectories",)),
        (paper_figures.sweep, ("time_series",)),
        (paper_figures.diversity, ("genotype_diversity",)),
        (paper_figures.health, ("health", "last_appearance")),
        (paper_figures.views, ("views_received", "views_earned")),
    ):
        for function in functions:
            monkeypatch.setattr(module, function, fake)
    monkeypatch.setattr(paper_numbers, "anova_section", lambda _: Section("anova", "", (Text(""),)))
    with drafts():
        yield


def command(output: Path, *words: str, configs: Path = paper_data.CONFIGS) -> int:
    with drafts():
        return main(
            ["paper", "--program", "/none", "--configs", str(configs), "--output", str(output), *words]
        )


def rows(table: Path) -> list[dict[str, str]]:
    with table.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def warnings_of(page: Page) -> str:
    return " ".join(text.text for text in page.blocks(Text) if text.kind == "warning")


# ---- the page ----


def test_all_sections_are_there_in_their_order(page: Page) -> None:
    assert [section.name for section in page.sections] == SECTIONS
    assert all(section.blocks for section in page.blocks(Section))


def test_every_published_number_stands_there_in_both_readings(page: Page) -> None:
    table = next(table for table in page.blocks(Table) if table.name == "published")
    assert len(table.rows) == 91
    for row in table.rows:
        for reading in ("tables", "text"):
            assert row[f"{reading}_mean"] is not None
            assert row[f"{reading}_verdict"] in ("agrees", "differs", "not comparable")


def test_all_experiments_show(page: Page) -> None:
    figures = {figure.name for figure in page.blocks(Figure)}
    expected = {
        "table3-by-type", "table3-by-update", "table3-ai-views", "table3-human-belief-0",
        "table4-by-type", "table4-by-update", "overflow-by-type", "reward-scale-curve",
        "observation-sparsity-ai-views", "observation-sparsity-human-belief-0",
        "belief-sparsity-human-belief-0", "influence-factor-ai-views", "truthfulness-human-belief-0",
        "beliefs-tables", "beliefs-text", "trajectories", "trajectories-seeds", "metrics-over-generations",
        "diversity-tables", "diversity-text", "health-types-random", "health-updates-none",
        "last-appearance-all-zero",
        "views-received", "views-earned",
    }  # fmt: skip
    assert expected <= figures
    assert {"tally", "differences", "hypothesis-table", "anova-table", "published"} <= {
        table.name for table in page.blocks(Table)
    }


def test_names_are_unique_and_the_page_is_rendered(page: Page) -> None:
    html = render(page)  # it refuses names that repeat
    assert html.count("<h1") == 1
    assert all(f'id="{name}"' in html for name in SECTIONS)


def test_the_small_form_says_so_on_the_page_and_on_every_figure(page: Page) -> None:
    assert NOTICE in render(page)
    for figure in page.blocks(Figure):
        assert "Quick form" in figure.svg, figure.name


def test_nothing_is_missing_and_all_runs_are_counted(page: Page, results) -> None:
    assert warnings_of(page) == ""
    planned = sum(result.counts.planned for result in results.values())
    assert dict(page.facts)["runs"] == f"{planned:,} completed / {planned:,} planned"


# ---- experiments that are not there ----


@pytest.mark.parametrize("name", NAMES)
def test_an_experiment_that_was_not_run_is_named(cells, results, sketch, name: str) -> None:
    some = cells[::7]  # comparing all of them takes most of the time
    page = page_of(some, {key: value for key, value in results.items() if key != name})
    title = next(e.title for e in EXPERIMENTS if e.name == name)
    assert warnings_of(page) == f"Not run, and left out: {title}."
    render(page)


@pytest.mark.parametrize("name", NAMES)
def test_one_experiment_alone_makes_a_page(cells, results, sketch, name: str) -> None:
    page = page_of(cells, {name: results[name]})
    assert warnings_of(page).count(";") >= len(NAMES) - 2
    assert len(next(t for t in page.blocks(Table) if t.name == "published").rows) == 91
    render(page)


# ---- runs that failed or are missing ----


def test_failed_and_missing_runs_are_counted_and_never_averaged(cells, results, tmp_path, sketch) -> None:
    data = paper_data.dataset("table4")
    data = paper_data.with_status(data, "nonfinite", slice(0, 7))
    data = paper_data.with_status(data, "planned", slice(20, 25))
    broken = {**results, "table4": Result(paper_data.put(tmp_path, "table4", data))}
    page = page_of(cells, broken)
    planned = sum(result.counts.planned for result in results.values())
    expected = f"{planned - 12:,} completed / {planned:,} planned, 12 failed or missing"
    assert dict(page.facts)["runs"] == expected
    for table in page.blocks(Table):
        for row in table.rows:
            numbers = [value for value in row.values() if isinstance(value, float)]
            assert not any(value > 1e4 for value in numbers), (table.name, row)


def test_a_reading_without_a_run_that_ended_is_no_figure(cells, results, tmp_path) -> None:
    data = paper_data.dataset("table3")
    data = paper_data.with_status(data, "nonfinite", np.flatnonzero(data["reading"].values == "tables"))
    with drafts():
        page = page_of(cells, {"table3": Result(paper_data.put(tmp_path, "table3", data))})
    figures = {figure.name for figure in page.blocks(Figure)}
    assert {"beliefs-text", "diversity-text", "table3-by-type"} <= figures
    assert not {"beliefs-tables", "diversity-tables", "trajectories", "health-types-random"} & figures
    render(page)


def test_an_experiment_without_a_run_that_ended_is_named_and_counted(
    cells, results, tmp_path, sketch
) -> None:
    data = paper_data.with_status(paper_data.dataset("niches"), "nonfinite", slice(None))
    page = page_of(cells, {**results, "niches": Result(paper_data.put(tmp_path, "niches", data))})
    said = (
        "Without a run that ended, and left out: Who is seen by whom (0 completed / 8 planned, 8 not finite)."
    )
    assert warnings_of(page) == said
    assert dict(page.facts)["runs"].endswith("8 failed or missing")
    assert "niches" not in [section.name for section in page.sections]


def test_nothing_but_failures_is_one_line(tmp_path, capsys) -> None:
    data = paper_data.with_status(paper_data.dataset("niches"), "nonfinite", slice(None))
    paper_data.put(tmp_path, "niches", data)
    assert command(tmp_path, "--no-run", "--only", "niches") == 2
    said = "nothing to report on: niches: 0 completed / 8 planned, 8 not finite"
    assert capsys.readouterr().err.splitlines()[-1] == f"digico: {tmp_path}: {said}"


# ---- the command ----


def test_files_and_exit_code(output: Path, sketch, capsys) -> None:
    assert command(output, "--no-run") == 0
    said = capsys.readouterr().out.splitlines()
    assert said[-2:] == [str(output / "index.html"), str(output / "echo" / "index.html")]
    assert said[0].startswith("published numbers, reading tables: ")
    assert len(rows(output / "tables" / "published.csv")) == 91
    for name in ("table3", "table7", "tally", "differences"):
        assert rows(output / "tables" / f"{name}.csv"), name
    assert (output / "figures" / "table3-by-type.svg").read_text(encoding="utf-8").startswith("<svg")
    assert "Quick form" not in (output / "index.html").read_text(encoding="utf-8")
    assert not list(output.rglob("*.part"))


def test_the_small_form_reads_its_own_folders(output: Path, sketch) -> None:
    assert command(output, "--no-run", "--quick") == 0
    small = output / "quick"
    assert "Quick form" in (small / "index.html").read_text(encoding="utf-8")
    assert "Quick form" in (small / "echo" / "index.html").read_text(encoding="utf-8")


def test_fail_on_differs(output: Path, sketch) -> None:
    # random numbers of three seeds and 1,000 generations differ from the published ones of table 4
    assert command(output, "--no-run", "--fail-on", "differs") == 4
    # two seeds of the others cannot be compared
    assert command(output, "--no-run", "--fail-on", "differs", "--only", "table3", "--only", "niches") == 0
    verdicts = {row["tables_verdict"] for row in rows(output / "tables" / "published.csv")}
    assert verdicts == {"not comparable"}


def test_an_unknown_experiment_is_one_line(output: Path, capsys) -> None:
    assert command(output, "--no-run", "--only", "nonsense") == 2
    assert capsys.readouterr().err == f"digico: --only: nonsense, expected one of {', '.join(NAMES)}\n"


def test_nothing_to_read_is_told(tmp_path: Path, capsys) -> None:
    assert command(tmp_path, "--no-run", "--only", "echo") == 2
    assert capsys.readouterr().err.splitlines() == [
        f"digico: {tmp_path}/runs/echo: no result, left out of the page",
        f"digico: {tmp_path}: no result of any experiment; without --no-run they are run",
    ]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("line", ["table3,30,nobody,fixed,,,ai_views,0.3,0.1,10", ""])
def test_a_mistake_among_the_published_numbers_costs_no_run(tmp_path: Path, capsys, line: str) -> None:
    configs = tmp_path / "configs"
    configs.mkdir()
    header = (paper_data.CONFIGS / "published.csv").read_text(encoding="utf-8").splitlines()[0]
    text = f"{header}\n{line}\n" if line else "nonsense\n"
    (configs / "published.csv").write_text(text, encoding="utf-8")
    # a program that is not there would be told about first
    assert command(tmp_path / "out", configs=configs) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"digico: {configs}/published.csv:{2 if line else 1}: ")
    assert err.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_page_that_cannot_be_rendered_leaves_the_old_ones(
    output: Path, sketch, monkeypatch, capsys
) -> None:
    for name in ("index.html", "echo/index.html", "tables/published.csv"):
        (output / name).parent.mkdir(exist_ok=True)
        (output / name).write_text("old", encoding="utf-8")

    def twice(*_: object) -> Page:
        return Page("", "", (Section("one", ""), Section("one", "")))

    monkeypatch.setattr(paper, "echo_page", twice)
    assert command(output, "--no-run") == 2
    assert "'one' occurs twice" in capsys.readouterr().err
    for name in ("index.html", "echo/index.html", "tables/published.csv"):
        assert (output / name).read_text(encoding="utf-8") == "old"


def test_a_file_that_is_no_result_is_one_line(tmp_path: Path, capsys) -> None:
    folder = tmp_path / "runs" / "table3"
    folder.mkdir(parents=True)
    (folder / "results.nc").write_bytes(b"nothing")
    assert command(tmp_path, "--no-run") == 2
    assert capsys.readouterr().err.splitlines()[-1].startswith(f"digico: {folder}/results.nc: cannot be read")
    with pytest.raises(ReportError):
        Result(folder)
