"""The paper by one command: its experiments, then one page and CSV tables, published beside measured."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from digico_report.comparison import Comparison, finer_tally, weak_tally
from digico_report.echo import echo_page
from digico_report.elements import Page, Section
from digico_report.errors import say
from digico_report.experiments import EXPERIMENTS, Experiment
from digico_report.integrity import RESULT
from digico_report.page.render import write_all
from digico_report.paper_figures import figure_sections
from digico_report.paper_numbers import Numbers, number_sections, with_runs
from digico_report.power import in_lines, scores
from digico_report.provenance import provenance_section
from digico_report.published import compare, read_published, tally
from digico_report.results import ReportError, Result, note_unchecked
from digico_report.running import Runner

TITLE = "The Digital Ecosystem of Beliefs"
SUBTITLE = "Every experiment of arXiv:2412.14500, published beside measured"


@dataclass(frozen=True)
class Written:
    """What was made."""

    page: Path
    echo: Path | None
    counts: dict[str, dict[str, int]]  #: by reading: agrees, differs, not comparable
    lines: tuple[str, ...]  #: for the terminal


def report_paper(arguments: argparse.Namespace) -> bool:
    """Run, read, write, tell. True: a published number differs and --fail-on differs was given."""
    runner = Runner(
        arguments.program, arguments.configs, arguments.output, arguments.quick, _options(arguments)
    )
    chosen = choose(arguments.only)
    # a mistake in it should not cost the runs
    cells = read_published(arguments.configs / "published.csv")
    if not arguments.no_run:
        runner.run(chosen)
    written = write_pages(cells, read_results(runner, chosen), runner.home, quick_notice(arguments.quick))
    _tell(written)
    return bool(arguments.fail_on) and any(count["differs"] for count in written.counts.values())


def _options(arguments: argparse.Namespace) -> tuple[str, ...]:
    """Further options of `digico run`."""
    names = ("device", "threads")
    given = [word for name in names if (v := getattr(arguments, name)) for word in (f"--{name}", v)]
    flags = ("mixed_builds", "overwrite")
    return (*given, *(f"--{name.replace('_', '-')}" for name in flags if getattr(arguments, name)))


def choose(names: Sequence[str]) -> list[Experiment]:
    """Experiments by name, all without any."""
    known = [experiment.name for experiment in EXPERIMENTS]
    for name in names:
        if name not in known:
            raise ReportError(f"--only: {name}, expected one of {', '.join(known)}")
    return [experiment for experiment in EXPERIMENTS if not names or experiment.name in names]


def read_results(runner: Runner, chosen: Sequence[Experiment]) -> dict[str, Result]:
    """Results that are there; one that was never run is left out, and the page says so."""
    found = {}
    for experiment in chosen:
        folder = runner.folder(experiment)
        if not (folder / RESULT).is_file():
            say(f"{folder}: no result, left out of the page")
            continue
        found[experiment.name] = Result(folder)
        note_unchecked(found[experiment.name])
    if not found:
        raise ReportError(f"{runner.output}: no result of any experiment; without --no-run they are run")
    return found


def quick_notice(quick: bool) -> str:
    """What the small form says on top and on every figure."""
    if not quick:
        return ""
    return (
        "Quick form: a few seeds and generations of each experiment. It shows that everything works, and "
        "nothing about beliefs."
    )


def write_pages(cells: Sequence, results: Mapping[str, Result], output: Path, notice: str) -> Written:
    """The paper's page and the notebook's."""
    ended = with_runs(results)
    if not ended:
        counts = "; ".join(f"{name}: {result.counts.text}" for name, result in results.items())
        raise ReportError(f"{output}: nothing to report on: {counts}")
    comparisons = compare(cells, ended, bool(notice))
    counts = tally(comparisons)
    numbers = Numbers(comparisons, counts)
    page = paper_page(numbers, results, notice)
    pages = {output: page}
    if "echo" in ended:
        pages[output / "echo"] = echo_page(ended["echo"], notice)
    path, *echo = write_all(pages)
    lines = tuple(f"{what}: {text}" for what, text in facts(numbers, results)[1:])
    return Written(path, echo[0] if echo else None, counts, lines)


def paper_page(numbers: Numbers, results: Mapping[str, Result], notice: str) -> Page:
    """All sections in the order in which they are read."""
    ended = with_runs(results)
    sections: tuple[Section, ...] = (
        *number_sections(numbers, results),
        *figure_sections(numbers.comparisons, ended, notice),
        provenance_section(dict(results)),
    )
    return Page(TITLE, SUBTITLE, sections, notice, facts(numbers, results))


def facts(numbers: Numbers, results: Mapping[str, Result]) -> tuple[tuple[str, str], ...]:
    """Runs and verdicts, at a glance."""
    counts = [result.counts for result in results.values()]
    completed, planned = sum(c.completed for c in counts), sum(c.planned for c in counts)
    lost = sum(c.nonfinite + c.missing for c in counts)
    runs = f"{completed:,} completed / {planned:,} planned" + (
        f", {lost:,} failed or missing" if lost else ""
    )
    verdicts = (
        (f"published numbers, reading {reading}", in_words(numbers.comparisons, reading))
        for reading in numbers.counts
    )
    nulls = (
        (f"{population}, null models by the same rule", line)
        for population, line in in_lines(scores(numbers.comparisons)).items()
    )
    return (("runs", runs), *verdicts, *nulls)


def in_words(comparisons: Sequence[Comparison], reading: str) -> str:
    """49 agree (40 with their spread, 12 of them where chance agrees), 6 differ, 36 not comparable."""
    mine = [one for one in comparisons if one.reading == reading]
    count = tally(mine)[reading]
    agree = f"{count['agrees']} agree"
    if count["agrees"]:
        agree += f" ({finer_tally(mine)['alike']} with their spread; {weak_tally(mine)} where chance agrees)"
    return f"{agree}, {count['differs']} differ, {count['not comparable']} not comparable"


def _tell(written: Written) -> None:
    for line in written.lines:
        print(line)
    for path in filter(None, (written.page, written.echo)):
        print(path)
