"""A metric against a swept number: one line per category, the readings as panels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from digico_report import elements
from digico_report.figures.bars import mark_published, published_handle, published_value
from digico_report.figures.labels import count_text, key_label, metric_label, named_value, plain_text
from digico_report.figures.runs import INTERVALS, Interval, cells, estimate, levels, metric_values
from digico_report.figures.style import (
    BAND,
    Look,
    canvas,
    legend,
    look,
    share_axis,
    styled,
    ticks_at,
    to_figure,
)

#: (mean, spread or None) by (value of the lines' key, swept number)
Published = Mapping[tuple[Any, float], tuple[float, float | None]]


@styled
def draw_against(
    data: xarray.Dataset,
    axis: str,
    metric: str,
    *,
    by: str | None = "belief_weights_update",
    panels: str | None = "reading",
    published: Published | None = None,
    interval: Interval = "bootstrap",
    statistic: str = "last",
    log: bool | None = None,
) -> Figure:
    """Lines of means with bands. log: axis of x; None: where the values span a decade."""
    inside = cells(data, panels)
    figure, axes = canvas(1, len(inside), 2.7, sharey=True)
    numbers = levels(data, axis)
    lines = levels(data, by) if by in data.variables else (None,)
    for ax, ((value,), part) in zip(axes[0], inside.items(), strict=True):
        for s, line in enumerate(lines):
            draw_line(ax, part, axis, metric, {by: line}, look(s), interval, statistic)
            for x in numbers:
                given = published_value(published or {}, (line, x))
                if given is not None:
                    mark_published(ax, x, given, look(s).colour)
        ticks_at(ax, numbers, spans_a_decade(numbers) if log is None else log)
        ax.set_xlabel(key_label(data, axis))
        if value is not None:
            ax.set_title(named_value(data, str(panels), value), loc="left")
    axes[0, 0].set_ylabel(metric_label(metric))
    share_axis(axes[0, 0], metric_values(data, metric, statistic))
    for ax in axes[0]:
        ax.grid(True, axis="y")
    line_legend(figure, data, by, lines, bool(published))
    return figure


def against(
    data: xarray.Dataset,
    axis: str,
    metric: str,
    *,
    name: str,
    title: str = "",
    by: str | None = "belief_weights_update",
    panels: str | None = "reading",
    published: Published | None = None,
    interval: Interval = "bootstrap",
    statistic: str = "last",
    log: bool | None = None,
    notice: str = "",
) -> elements.Figure:
    """A metric against a swept number such as sparsity, influence factor, truthfulness."""
    figure = draw_against(
        data,
        axis,
        metric,
        by=by,
        panels=panels,
        published=published,
        interval=interval,
        statistic=statistic,
        log=log,
    )
    found = {
        key: estimate(metric_values(part, metric, statistic))
        for key, part in cells(data, panels, by, axis).items()
    }
    what = f"{metric_label(metric)} against {plain_text(key_label(data, axis))}"
    of = "of the last generation" if statistic == "last" else "over all generations"
    caption = (
        f"Means {of}, {count_text((e.n for e in found.values()), 'runs per point')}; "
        f"band: {INTERVALS[interval]}."
    )
    if published:
        caption += " Diamonds: published values with the spread given there."
    points = "; ".join(
        f"{' '.join(str(k) for k in key if k is not None)}: {e.mean:.3f}" for key, e in found.items()
    )
    return to_figure(figure, name, title or what, caption, f"Lines: {what}. {points}.", notice)


def spans_a_decade(numbers: tuple[float, ...]) -> bool:
    """Positive, and the largest at least ten times the smallest."""
    return min(numbers) > 0 and max(numbers) >= 10 * min(numbers)


def draw_line(
    ax: Axes,
    data: xarray.Dataset,
    axis: str,
    metric: str,
    only: Mapping[str | None, Any],
    style: Look,
    interval: Interval,
    statistic: str,
) -> None:
    """Means of the runs that have the values `only` names, at every value of the axis."""
    for by, value in only.items():
        if value is not None:
            data = cells(data, by).get((value,), data.isel(run=[]))
    found = {
        x: estimate(metric_values(part, metric, statistic), interval)
        for (x,), part in cells(data, axis).items()
    }
    if not found:
        return
    x = np.array(list(found), dtype=float)
    low, high = (np.array([getattr(e, side) for e in found.values()]) for side in ("low", "high"))
    ax.fill_between(x, low, high, color=style.colour, alpha=BAND, lw=0)
    mean = [e.mean for e in found.values()]
    ax.plot(x, mean, color=style.colour, marker=style.marker, ls=style.line, clip_on=False, zorder=3)


def line_legend(
    figure: Figure, data: xarray.Dataset, by: str | None, lines: tuple[Any, ...], published: bool
) -> None:
    """A handle per line, and one for published values."""
    handles, labels = [], []
    for s, value in enumerate(lines):
        if value is not None:
            handles.append(Line2D([], [], color=look(s).colour, marker=look(s).marker, ls=look(s).line))
            labels.append(named_value(data, str(by), value))
    if published:
        handles.append(published_handle())
        labels.append("published")
    legend(figure, handles, labels)
