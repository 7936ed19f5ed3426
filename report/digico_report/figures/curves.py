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
from digico_report.figures.bars import mark_published, published_handle, published_text, published_value
from digico_report.figures.labels import (
    key_label,
    metric_label,
    named_value,
    plain_text,
    same_lines_text,
    value_label,
)
from digico_report.figures.runs import (
    Estimate,
    Interval,
    cells,
    coinciding,
    levels,
    metric_estimate,
    metric_values,
    sample_text,
)
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
DODGE = 6.5  #: points between the diamonds of one place


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
            _mark(ax, x, [published_value(published or {}, (line, x)) for line in lines])
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
        key: metric_estimate(part, metric, statistic) for key, part in cells(data, panels, by, axis).items()
    }
    what = f"{metric_label(metric)} against {plain_text(key_label(data, axis))}"
    of = "of the last generation" if statistic == "last" else "over all generations"
    caption = f"Means {of}, {sample_text(found.values(), 'point', 'band', interval)}."
    caption += _coinciding_text(found, panels, by) + published_text((published or {}).values())
    points = "; ".join(
        f"{' '.join(str(k) for k in key if k is not None)}: {e.mean:.3f}" for key, e in found.items()
    )
    return to_figure(figure, name, title or what, caption, f"Lines: {what}. {points}.", notice)


def _mark(ax: Axes, x: float, given: list[tuple[float, float | None] | None]) -> None:
    """Published values of the lines at one place, side by side."""
    there = [(s, value) for s, value in enumerate(given) if value is not None]
    for k, (s, value) in enumerate(there):
        mark_published(ax, x, value, look(s).colour, DODGE * (k - (len(there) - 1) / 2))


def _coinciding_text(
    found: Mapping[tuple[Any, Any, Any], Estimate], panels: str | None, by: str | None
) -> str:
    """Which lines of a panel have the same means everywhere; `found` by (panel, line, place)."""
    inside: dict[Any, dict[Any, list[tuple[float, float]]]] = {}
    for (panel, line, x), made in found.items():
        inside.setdefault(panel, {}).setdefault(line, []).append((x, made.mean))
    return same_lines_text(
        [
            ("" if panel is None else f"{value_label(panel, str(panels))}: ")
            + ", ".join(value_label(line, str(by)) for line in group)
            for panel, lines in inside.items()
            for group in coinciding({line: np.array(points) for line, points in lines.items()})
        ]
    )


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
        x: metric_estimate(part, metric, statistic, interval) for (x,), part in cells(data, axis).items()
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
