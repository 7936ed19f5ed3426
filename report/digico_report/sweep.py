"""The page of any result: finds the swept axes and picks figures that fit them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import xarray

from digico_report.axes import axis_column, axis_texts, conditions, in_words, independent_axes, spread_out
from digico_report.echo import echo_page
from digico_report.elements import Column, Figure, Page, Section, Table
from digico_report.figures import diversity, health, histograms, sweep, trajectories, views
from digico_report.figures.runs import cells, mean_of_finite, metric_values
from digico_report.negative_fitness import LEFT_OUT
from digico_report.page.render import write
from digico_report.provenance import file_name, provenance_section
from digico_report.results import METRICS, Axis, ReportError, Result, note_unchecked
from digico_report.statistics import summarise

MANY = 8  #: more values of a category than this are not told apart by lines or bars side by side
SHOWN = 6  #: conditions whose beliefs are drawn one by one


def report_sweep(directory: Path, output: Path | None, title: str | None, trust: bool = False) -> int:
    """Write the page of DIR and tell where it is."""
    result = Result(directory, trust)
    note_unchecked(result)
    if result.ended.sizes["run"] == 0:
        raise ReportError(f"{directory}/results.nc: {result.counts.text}: nothing to report on")
    page_of = {"digico": sweep_page, "echo-chamber": echo_page}.get(result.model)
    if page_of is None:
        raise ReportError(f"{directory}/results.nc: there is no page for results of model {result.model}")
    page = page_of(result, title=title)
    print(write(page, output or directory / "report"))
    return 0


def _name(directory: Path) -> str:
    """Name of a folder; bytes that are no UTF-8 cannot stand in a page."""
    return os.fsencode(directory.resolve().name).decode("utf-8", "replace")


def sweep_page(result: Result, title: str | None = None) -> Page:
    """Numbers by condition, figures by axis, beliefs, evolution, health, provenance."""
    axes, twins = independent_axes(result)
    texts = axis_texts(result, axes, twins)
    sections = (
        Section("conditions", "Conditions", (*texts, condition_table(result, axes))),
        Section("axes", "What the swept keys do", axis_figures(result.ended, axes)),
        Section("over-generations", "Over generations", _over_generations(result.ended, axes)),
        Section("beliefs", "Beliefs of the last generation", _histograms(result.ended, axes)),
        Section("evolution", "Genotype diversity", _diversity(result.ended, axes)),
        Section("health", "Health of the ecosystem", _health(result.ended, axes)),
        Section("niches", "Who is seen by whom", _views(result.ended, axes)),
        provenance_section({_name(result.directory): result}),
    )
    facts = (
        ("runs", result.counts.text),
        ("swept", ", ".join(axis.key for axis in result.axes) or "nothing"),
    )
    heading = title or file_name(result)
    return Page(heading, "Report of a sweep", tuple(s for s in sections if s.blocks), facts=facts)


# ---- numbers -------------------------------------------------------------------------------------------


def condition_table(result: Result, axes: Sequence[Axis]) -> Table:
    """A row per condition: runs, and mean, spread and interval of the three metrics."""
    names = [axis.name for axis in axes]
    planned = {key: part.sizes["run"] for key, part in cells(result.data, *names).items()}
    ended = cells(result.ended, *names)
    rows = []
    for key, count in planned.items():
        row = {axis.name: value for axis, value in zip(axes, key, strict=True)}
        row |= {"n": ended[key].sizes["run"] if key in ended else 0, "planned": count}
        if key in ended and result.left_out:
            row["left_out"] = int(ended[key][LEFT_OUT].sum())
        rows.append(row | (_metrics(ended[key]) if key in ended else {}))
    columns = [axis_column(axis) for axis in axes]
    columns += [Column("n", "runs", "integer"), Column("planned", "planned", "integer")]
    for metric, (title, _) in METRICS.items():
        columns += [
            Column(metric, title, "spread", 3, "mean ± standard deviation over runs, last generation"),
            Column(f"{metric}_interval", "95 %", "interval", 3, "bootstrap interval of the mean"),
            Column(f"{metric}_mean", "all generations", "number", 3, "mean over all generations"),
        ]
    if result.left_out:
        help_text = "runs whose AI fitness is no share, last generation: in none of its statistics"
        columns.append(Column("left_out", "AI fitness left out", "integer", help=help_text))
    return Table("condition-table", "Metrics by condition", tuple(columns), tuple(rows))


def _metrics(part: xarray.Dataset) -> dict:
    row = {}
    for metric in METRICS:
        last = summarise(metric_values(part, metric))
        row[metric] = (last.mean, last.sd)
        row[f"{metric}_interval"] = (last.low, last.high)
        row[f"{metric}_mean"] = float(mean_of_finite(metric_values(part, metric, "mean")))
    return row


# ---- figures -------------------------------------------------------------------------------------------


def _slug(*names: str) -> str:
    return "-".join(names).replace("_", "-").lower()


def _lines(axes: Sequence[Axis], but: Sequence[Axis] = ()) -> str | None:
    """A key whose values can be told apart side by side: categories first."""
    fit = [a for a in axes if a not in but and len(a.values) <= MANY]
    return next((a.name for a in sorted(fit, key=lambda a: a.numeric)), None)


def axis_figures(data: xarray.Dataset, axes: Sequence[Axis]) -> tuple[Figure, ...]:
    """One per axis over all others, and maps of pairs of numbers."""
    figures = []
    for axis in axes:
        by = _lines(axes, (axis,))
        if axis.numeric:
            figures.append(sweep.against(data, axis.name, by=by, name=_slug("against", axis.name)))
        else:
            figures.append(sweep.bars(data, axis.name, series=by, name=_slug("by", axis.name)))
    for one, other in combinations([a for a in axes if a.numeric], 2):
        figures.append(sweep.heat_maps(data, one.name, other.name, name=_slug("map", one.name, other.name)))
    return tuple(figures)


def _conditions(data: xarray.Dataset, axes: Sequence[Axis]) -> dict[str, dict]:
    """Some conditions, spread evenly over the sweep."""
    shown = spread_out(conditions(data, axes), SHOWN)
    return {in_words(data, condition): condition for condition, _ in shown}


def _over_generations(data: xarray.Dataset, axes: Sequence[Axis]) -> tuple[Figure, ...]:
    series = sweep.time_series(data, [a.name for a in axes if len(a.values) <= MANY][:2], name="time-series")
    return series, trajectories.belief_trajectories(data, _conditions(data, axes), name="trajectories")


def _histograms(data: xarray.Dataset, axes: Sequence[Axis]) -> tuple[Figure, ...]:
    return (histograms.belief_histograms(data, _conditions(data, axes), name="histograms"),)


def _diversity(data: xarray.Dataset, axes: Sequence[Axis]) -> tuple[Figure, ...]:
    if "genotype_distance" not in data.variables:
        return ()
    return (diversity.genotype_diversity(data, by=_lines(axes) or "", name="genotype-diversity"),)


def _health(data: xarray.Dataset, axes: Sequence[Axis]) -> tuple[Figure, ...]:
    by = _lines(axes) or ""
    return (
        health.health(data, by=by, name="health-population"),
        health.health(data, by=by, scope="human", name="health-humans"),
        health.last_appearance(data, by=by, name="last-appearance"),
    )


def _views(data: xarray.Dataset, axes: Sequence[Axis]) -> tuple[Figure, ...]:
    by = _lines(axes) or ""
    drawn = (
        views.views_received(data, by=by, name="views-received"),
        views.views_earned(data, by=by, name="views-earned"),
    )
    return tuple(figure for figure in drawn if figure is not None)
