"""Figures of any sweep, whatever keys it has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from digico_report import elements
from digico_report.figures import bars as bars_module
from digico_report.figures.curves import draw_line, line_legend, spans_a_decade
from digico_report.figures.heat import heat_map, write_cells
from digico_report.figures.labels import count_text, key_label, metric_label, named_value, plain_text
from digico_report.figures.runs import Interval, cells, levels, metric_estimate, sample_text
from digico_report.figures.series import draw_series, line_handles
from digico_report.figures.style import (
    canvas,
    fit,
    legend,
    look,
    share_axis,
    small_multiples,
    styled,
    ticks_at,
    to_figure,
    whole_ticks,
)
from digico_report.results import METRICS

ALL = tuple(METRICS)
LINES = 8  #: more are not told apart in one panel
BANDED_PANELS = 16  #: bands are most of a figure's bytes
SMALL_BINS = 60  #: of generations, in small panels
PANELS = 32  #: of single conditions; a sweep may have thousands


@styled
def draw_against(
    data: xarray.Dataset,
    axis: str,
    metrics: Sequence[str] = ALL,
    by: str | None = None,
    interval: Interval = "bootstrap",
) -> Figure:
    """A panel per metric, a line per value of a category."""
    figure, axes = canvas(1, len(metrics), 2.5)
    numbers = levels(data, axis)
    lines = levels(data, by) if by is not None else (None,)
    for ax, metric in zip(axes[0], metrics, strict=True):
        for index, line in enumerate(lines):
            draw_line(ax, data, axis, metric, {by: line}, look(index), interval, "last")
        ticks_at(ax, numbers, spans_a_decade(numbers))
        ax.set_xlabel(fit(ax, key_label(data, axis)))
        ax.set_title(metric_label(metric), loc="left")
        share_axis(ax, [metric_estimate(part, metric).mean for part in cells(data, by, axis).values()])
    line_legend(figure, data, by, lines, False)
    return figure


def against(
    data: xarray.Dataset,
    axis: str,
    metrics: Sequence[str] = ALL,
    *,
    name: str,
    title: str = "",
    by: str | None = None,
    interval: Interval = "bootstrap",
    notice: str = "",
) -> elements.Figure:
    """Metrics against one numeric axis, lines per value of a category axis."""
    found = {
        (metric, *key): metric_estimate(part, metric)
        for metric in metrics
        for key, part in cells(data, by, axis).items()
    }
    caption = f"Means of the last generation, {sample_text(found.values(), 'point', 'band', interval)}."
    what = f"{', '.join(map(metric_label, metrics))} against {plain_text(key_label(data, axis))}"
    figure = draw_against(data, axis, metrics, by, interval)
    return to_figure(figure, name, title or what, caption, f"Lines: {what}.", notice)


def bars(
    data: xarray.Dataset, category: str, *, name: str, series: str | None = None, **options: Any
) -> elements.Figure:
    """Metrics by a category axis, bars side by side for a second one; options of bars.by_category()."""
    options.setdefault("metrics", ALL)
    return bars_module.by_category(data, category, name=name, series=series or "", **options)


def mean_grid(data: xarray.Dataset, x: str, y: str, metric: str) -> tuple[np.ndarray, np.ndarray]:
    """Means and counts of runs [y, x]; NaN and 0 where a combination was not run."""
    columns, rows = levels(data, x), levels(data, y)
    means, counts = np.full((len(rows), len(columns)), np.nan), np.zeros((len(rows), len(columns)), int)
    for (column, row), part in cells(data, x, y).items():
        found = metric_estimate(part, metric)
        place = rows.index(row), columns.index(column)
        means[place], counts[place] = found.mean, found.n
    return means, counts


@styled
def draw_heat_maps(data: xarray.Dataset, x: str, y: str, metrics: Sequence[str] = ALL) -> Figure:
    """A panel per metric; cells are equally large, whatever the steps of the axes."""
    columns, rows = levels(data, x), levels(data, y)
    figure, axes = canvas(1, len(metrics), 1.2 + 0.22 * min(len(rows), 16), sharey=True)
    for ax, metric in zip(axes[0], metrics, strict=True):
        means, _ = mean_grid(data, x, y, metric)
        edges = (np.arange(n + 1) - 0.5 for n in means.shape[::-1])
        drawn = heat_map(ax, means, *edges, Normalize(0, 1))
        if len(columns) <= 8 and len(rows) <= 20:
            write_cells(ax, means, drawn, ".2f")
        _ticks(ax.set_xticks, columns)
        ax.set_xlabel(fit(ax, key_label(data, x)))
        ax.set_title(metric_label(metric), loc="left")
    _ticks(axes[0, 0].set_yticks, rows)
    axes[0, 0].set_ylabel(key_label(data, y))
    figure.colorbar(drawn, ax=list(axes[0]), aspect=25, pad=0.01).outline.set_visible(False)
    return figure


def _ticks(put: Any, values: Sequence[float]) -> None:
    every = max(1, -(-len(values) // 10))
    places = range(0, len(values), every)
    put(places, [f"{values[i]:g}" for i in places])


def heat_maps(
    data: xarray.Dataset,
    x: str,
    y: str,
    metrics: Sequence[str] = ALL,
    *,
    name: str,
    title: str = "",
    notice: str = "",
) -> elements.Figure:
    """Metrics over two numeric axes."""
    counts = [mean_grid(data, x, y, metric)[1] for metric in metrics]
    caption = f"Means of the last generation, {count_text(np.unique(counts), 'runs per cell')}; grey: no run."
    over = plain_text(f"{key_label(data, x)} and {key_label(data, y)}")
    what = f"{', '.join(map(metric_label, metrics))} over {over}"
    figure = draw_heat_maps(data, x, y, metrics)
    return to_figure(figure, name, title or what, caption, f"Heat maps: {what}.", notice)


@styled
def draw_time_series(data: xarray.Dataset, by: Sequence[str], metrics: Sequence[str] = ALL) -> Figure:
    """Up to LINES conditions: a panel per metric; more: a panel per condition with a line per metric."""
    inside = cells(data, *by)
    labels = [_condition(data, by, key) for key in inside]
    if len(inside) <= LINES:
        figure, axes = small_multiples(len(metrics), 3, 2.2, sharex=True)
        for ax, metric in zip(axes, metrics, strict=True):
            for index, part in enumerate(inside.values()):
                draw_series(ax, part, metric, index, band=len(inside) <= LINES // 2)
            ax.set_title(metric_label(metric), loc="left")
        names = labels
    else:
        shown = list(inside.values())[:PANELS]
        figure, axes = small_multiples(len(shown), 4, 1.35, sharex=True, sharey=True)
        for ax, part, label in zip(axes, shown, labels, strict=False):
            for index, metric in enumerate(metrics):
                draw_series(ax, part, metric, index, len(shown) <= BANDED_PANELS, SMALL_BINS)
            ax.set_title(fit(ax, label, 7), loc="left", fontsize=7)
        names = [metric_label(metric) for metric in metrics]
    for ax in axes:
        share_axis(ax)
        whole_ticks(ax)
    figure.supxlabel("generation", fontsize=8)
    legend(figure, line_handles(range(len(names))), [n for n in names if n] or ["all runs"])
    return figure


def time_series(
    data: xarray.Dataset,
    by: Sequence[str] = (),
    metrics: Sequence[str] = ALL,
    *,
    name: str,
    title: str = "",
    notice: str = "",
) -> elements.Figure:
    """The metrics over generations per condition: median and quartiles over its runs."""
    inside = cells(data, *by)
    banded = LINES < len(inside) <= BANDED_PANELS or len(inside) <= LINES // 2
    counts = [part.sizes["run"] for part in list(inside.values())[:PANELS]]
    caption = f"Median over {count_text(counts, 'runs per line')}"
    caption += "; bands: quartiles." if banded else "."
    if len(inside) > PANELS:
        caption += f" The first {PANELS} of {len(inside)} conditions."
    alt = f"Lines: {', '.join(map(metric_label, metrics))} over generations for {len(inside)} condition(s)."
    figure = draw_time_series(data, by, metrics)
    return to_figure(figure, name, title or "Metrics over generations", caption, alt, notice)


def _condition(data: xarray.Dataset, by: Sequence[str], key: Sequence[Any]) -> str:
    return ", ".join(plain_text(named_value(data, n, v)) for n, v in zip(by, key, strict=True))
