"""Means of metrics by category as bars, published values laid over them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import xarray
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.transforms import ScaledTranslation

from digico_report import elements
from digico_report.figures.labels import (
    key_label,
    metric_label,
    named_value,
    plain_text,
    value_label,
)
from digico_report.figures.runs import (
    Estimate,
    Interval,
    cells,
    levels,
    metric_estimate,
    metric_values,
    sample_text,
)
from digico_report.figures.style import canvas, category_ticks, legend, look, share_axis, styled, to_figure

#: (mean, spread or None) by value of a row or its label: {"fix_at_zero": (0.71, 0.2)}
Published = Mapping[Any, tuple[float, float | None]]
MARKED_RUNS = 12  #: single runs are marked beside bars of at most so many
SPREAD = "#6b6b6b"  #: of published values
BESIDE = 3  #: points from a bar's error bar to its published value


@styled
def draw_by_category(
    data: xarray.Dataset,
    category: str,
    metrics: Sequence[str],
    published: Mapping[str, Published] | None = None,
    *,
    series: str = "reading",
    statistic: str = "last",
    interval: Interval = "se",
) -> Figure:
    """A panel per metric, a group of bars per value of `category`, in it a bar per value of `series`."""
    figure, axes = canvas(len(metrics), 1, 0.4 + 1.7 * len(metrics), sharex=True)
    shown: Sequence[Any] = ()
    for ax, metric in zip(axes[:, 0], metrics, strict=True):
        shown = _groups(ax, data, (category, series), metric, statistic, interval)
        _overlay(ax, levels(data, category), shown, (published or {}).get(metric, {}))
        ax.set_ylabel(metric_label(metric))
        ax.tick_params(axis="x", length=0)
    _label_groups(axes[-1, 0], data, category)
    _legend(figure, data, series, shown, bool(published))
    return figure


@styled
def draw_by_two(
    data: xarray.Dataset,
    category: str,
    series: str,
    metric: str,
    published: Published | None = None,
    *,
    panels: str = "reading",
    statistic: str = "last",
    interval: Interval = "se",
) -> Figure:
    """A panel per value of `panels`; published values by (value of category, value of series)."""
    inside = cells(data, panels)
    figure, axes = canvas(len(inside), 1, 0.4 + 1.7 * len(inside), sharex=True)
    shown: Sequence[Any] = ()
    for ax, ((value,), part) in zip(axes[:, 0], inside.items(), strict=True):
        shown = _groups(ax, part, (category, series), metric, statistic, interval)
        _overlay(ax, levels(data, category), shown, published or {})
        ax.set_ylabel(metric_label(metric))
        ax.tick_params(axis="x", length=0)
        if value is not None:
            ax.set_title(named_value(data, panels, value), loc="left")
    _label_groups(axes[-1, 0], data, category)
    _legend(figure, data, series, shown, bool(published))
    return figure


def by_category(
    data: xarray.Dataset,
    category: str,
    metrics: Sequence[str] = ("ai_views", "human_belief_0"),
    published: Mapping[str, Published] | None = None,
    *,
    name: str,
    title: str = "",
    series: str = "reading",
    statistic: str = "last",
    interval: Interval = "se",
    notice: str = "",
) -> elements.Figure:
    """Metrics by AI type, by update or by any other key, the readings side by side.

    `published`: by metric, values as Published has them.
    """
    options = {"series": series, "statistic": statistic, "interval": interval}
    figure = draw_by_category(data, category, metrics, published, **options)
    by = plain_text(key_label(data, category))
    what = " and ".join(metric_label(m) for m in metrics)
    given = [value for metric in metrics for value in (published or {}).get(metric, {}).values()]
    caption = _caption(data, (category, series), metrics, statistic, interval, given)
    alt = f"Bars: {what} by {by}. {_in_words(data, category, series, metrics, statistic)}"
    return to_figure(figure, name, title or f"{what} by {by}", caption, alt, notice)


def by_two(
    data: xarray.Dataset,
    category: str,
    series: str,
    metric: str,
    published: Published | None = None,
    *,
    name: str,
    title: str = "",
    panels: str = "reading",
    statistic: str = "last",
    interval: Interval = "se",
    notice: str = "",
) -> elements.Figure:
    """One metric by two keys, such as AI type and update; the readings as panels."""
    options = {"panels": panels, "statistic": statistic, "interval": interval}
    figure = draw_by_two(data, category, series, metric, published, **options)
    by = plain_text(f"{key_label(data, category)} and {key_label(data, series)}")
    given = (published or {}).values()
    caption = _caption(data, (category, series, panels), (metric,), statistic, interval, given)
    alt = f"Bars: {metric_label(metric)} by {by}. {_in_words(data, category, series, (metric,), statistic)}"
    return to_figure(figure, name, title or f"{metric_label(metric)} by {by}", caption, alt, notice)


def _groups(
    ax: Axes, data: xarray.Dataset, keys: tuple[str, str], metric: str, statistic: str, interval: Interval
) -> tuple[Any, ...]:
    """Draws the bars; returns the values of the series in order."""
    rows = levels(data, keys[0])
    shown = levels(data, keys[1]) if keys[1] in data.variables else (None,)
    found = cells(data, *keys)
    made = {key: metric_estimate(part, metric, statistic, interval) for key, part in found.items()}
    for s, value in enumerate(shown):
        keys_here = [(row, value) for row in rows if (row, value) in found]
        centres = [rows.index(row) + offset(s, len(shown)) for row, _ in keys_here]
        _bars(ax, centres, [made[key] for key in keys_here], s, width(len(shown)))
        runs = [metric_values(found[key], metric, statistic) for key in keys_here]
        if max(map(len, runs), default=0) <= MARKED_RUNS:
            _runs(ax, centres, runs, width(len(shown)))
    share_axis(ax, [e.mean for e in made.values()])
    return shown


def width(count: int) -> float:
    """Of a bar in a group of so many; groups are 1 apart."""
    return 0.8 / count


def offset(index: int, count: int) -> float:
    """Of a bar's centre from that of its group."""
    return (index - (count - 1) / 2) * width(count)


def _bars(ax: Axes, x: Sequence[float], made: Sequence[Estimate], index: int, wide: float) -> None:
    style = look(index)
    heights = [e.mean for e in made]
    ax.bar(
        x, heights, wide * 0.92, color=style.colour, alpha=0.75, edgecolor="black", linewidth=0.5,
        hatch=style.hatch,
    )  # fmt: skip
    known = [(at, e) for at, e in zip(x, made, strict=True) if np.isfinite(e.low)]
    if known:
        low = [e.mean - e.low for _, e in known]
        high = [e.high - e.mean for _, e in known]
        at, mean = [at for at, _ in known], [e.mean for _, e in known]
        ax.errorbar(at, mean, yerr=(low, high), fmt="none", ecolor="black", elinewidth=0.9, capsize=2)


def _runs(ax: Axes, x: Sequence[float], values: Sequence[np.ndarray], wide: float) -> None:
    """Every run as a point left of the error bar: a mean of two kinds of run stands between them."""
    for at, runs in zip(x, values, strict=True):
        runs = runs[np.isfinite(runs)]
        if not len(runs):
            continue  # no points that nothing clips stand at the figure's corner, which no layout can hold
        ax.plot(
            np.full(len(runs), at - 0.28 * wide),
            runs,
            ls="",
            marker=".",
            ms=2.2,
            mew=0,
            c="black",
            clip_on=False,
        )


def published_value(published: Published, key: Any) -> tuple[float, float | None] | None:
    """By value or by label, of a row or a pair: tables in print have labels."""
    return {_words(given): value for given, value in published.items()}.get(_words(key))


def _words(key: Any) -> Any:
    return tuple(map(value_label, key)) if isinstance(key, tuple) else value_label(key)


def _overlay(ax: Axes, rows: Sequence[Any], shown: Sequence[Any], published: Published) -> None:
    """A published value of a whole row stands at the middle of its group, that of a bar at the bar."""
    for r, row in enumerate(rows):
        places = {row: float(r)}
        places |= {(row, value): r + offset(s, len(shown)) for s, value in enumerate(shown)}
        for key, x in places.items():
            given = published_value(published, key)
            if given is not None:
                mark_published(ax, x, given, shift=BESIDE if isinstance(key, tuple) else 0)


def mark_published(
    ax: Axes, x: float, given: tuple[float, float | None], colour: str = "black", shift: float = 0
) -> None:
    """A white diamond on top of everything. Its spread is thin and grey: it is no error of a mean.

    `shift`: to the right, in points, where other diamonds stand at the same place.
    """
    mean, spread = given
    at = ax.transData + ScaledTranslation(shift / 72, 0, ax.figure.dpi_scale_trans)
    if spread:
        ax.plot([x, x], [mean - spread, mean + spread], color=SPREAD, lw=0.7, zorder=4.5, transform=at)
    ax.plot([x], [mean], ls="", marker="D", ms=4.2, mfc="white", mec=colour, mew=1, zorder=5, transform=at)


def published_handle() -> Line2D:
    """For legends."""
    return Line2D([], [], ls="", marker="D", ms=4.2, mfc="white", mec="black")


def published_text(given: Iterable[tuple[float, float | None]]) -> str:
    """Of a caption; empty where nothing is published."""
    spreads = [spread for _, spread in given]
    if not spreads:
        return ""
    if not any(spreads):
        return " Diamonds: published values."
    return (
        " Diamonds: published values; thin grey: published standard deviation over runs "
        "(not an error of the mean)."
    )


def _label_groups(ax: Axes, data: xarray.Dataset, category: str) -> None:
    rows = levels(data, category)
    category_ticks(ax, [value_label(row, category) for row in rows])
    ax.set_xlim(-0.6, len(rows) - 0.4)
    ax.set_xlabel(key_label(data, category))


def _legend(figure: Figure, data: xarray.Dataset, series: str, shown: Sequence[Any], published: bool) -> None:
    handles: list[Any] = []
    labels: list[str] = []
    for s, value in enumerate(shown):
        if value is not None:
            style = look(s)
            handles.append(Patch(fc=style.colour, alpha=0.75, ec="black", lw=0.5, hatch=style.hatch))
            labels.append(named_value(data, series, value))
    if published:
        handles.append(published_handle())
        labels.append("published")
    legend(figure, handles, labels)


def _caption(
    data: xarray.Dataset,
    keys: Sequence[str],
    metrics: Sequence[str],
    statistic: str,
    interval: Interval,
    published: Iterable[tuple[float, float | None]],
) -> str:
    made = [
        metric_estimate(part, metric, statistic) for part in cells(data, *keys).values() for metric in metrics
    ]
    of = "of the last generation" if statistic == "last" else "over all generations"
    text = f"Means {of}, {sample_text(made, 'bar', 'error bars', interval)}."
    if max((e.n for e in made), default=0) <= MARKED_RUNS:
        text += " Small points: single runs."
    return text + published_text(published)


def _in_words(
    data: xarray.Dataset, category: str, series: str, metrics: Sequence[str], statistic: str
) -> str:
    """The heights, for those who cannot see them."""
    words = []
    for metric in metrics:
        for (row, value), part in cells(data, category, series).items():
            of = "" if value is None else f", {value_label(value, series)}"
            mean = metric_estimate(part, metric, statistic).mean
            words.append(f"{metric_label(metric)} {value_label(row, category)}{of}: {mean:.3f}")
    return "; ".join(words) + "."
