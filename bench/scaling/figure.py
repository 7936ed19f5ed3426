"""The figure of docs/performance.md: time above, memory below; dots measured, lines fitted."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from digico_report.figures.style import COLOURS, canvas, legend, styled, to_figure
from scaling.fit import PowerLaw
from scaling.small import small
from scaling.study import MEASURES, median

UNITS = {"seconds": 1.0, "bytes": 1e-6}
LABELS = {"seconds": "time [s]", "bytes": "peak memory [MB]"}
FIXED_COLOUR, MEASURED_COLOUR, FITTED_COLOUR = "#7F7F7F", COLOURS[0], COLOURS[1]
NAME, TITLE = "scaling", "Time and memory against runs, agents and generations"


@styled
def draw(document: Mapping[str, Any]) -> Figure:
    """Rows: time and memory; columns: the series."""
    series = document["series"]
    figure, axes = canvas(len(MEASURES), len(series), 3.9, sharex="col", sharey="row")
    for row, key in enumerate(MEASURES):
        for column, (along, points) in enumerate(series.items()):
            _panel(axes[row, column], along, key, points, document)
        axes[row, 0].set_ylabel(LABELS[key])
        axes[row, 0].set_ylim(top=4 * axes[row, 0].get_ylim()[1])  # of all in the row: room for legends
    for ax, (along, points) in zip(axes.T, series.items(), strict=True):
        ax[0].set_title(_others(along, points[0]), loc="left")
        ax[-1].set_xlabel(along)
    figure.align_ylabels(axes[:, 0])
    figure.supxlabel(_where(document), fontsize=7.5)
    _legend(figure, document["repeats"])
    return figure


def svg(document: Mapping[str, Any]) -> str:
    """A file of its own: with a size, which a page would give."""
    text = to_figure(draw(document), NAME, TITLE, alt=alternative(document), letters="none").svg
    width, height = re.search(r'viewBox="\S+ \S+ (\S+) (\S+)"', text).groups()
    return small(re.sub(r'style="width: 100%[^"]*"', f'width="{width}pt" height="{height}pt"', text, count=1))


def alternative(document: Mapping[str, Any]) -> str:
    """What it shows, in words."""
    told = [f"{_where(document)}."]
    for along, fits in document["exponents"].items():
        for key in MEASURES:
            what = "time" if key == "seconds" else "memory"
            told.append(f"{what} against {along}: {exponent_text(fits[key])};")
    return " ".join(told)


def exponent_text(fit: Mapping[str, Any] | None) -> str:
    """With half of its interval."""
    if fit is None:
        return "fixed costs dominate"
    return f"exponent {fit['exponent']:.2f} ± {(fit['high'] - fit['low']) / 2:.2f}"


def _panel(
    ax: Axes, along: str, key: str, points: list[Mapping[str, Any]], document: Mapping[str, Any]
) -> None:
    unit = UNITS[key]
    sizes = [point[along] for point in points]
    middle = np.array([median(point, key) for point in points]) * unit
    spread = np.array([(min(point[key]), max(point[key])) for point in points]).T * unit
    fit = document["exponents"][along][key]
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.axhline(median(document["fixed"], key) * unit, color=FIXED_COLOUR, linewidth=0.8, linestyle=":")
    ax.errorbar(
        sizes, middle, yerr=np.abs(spread - middle), fmt="o", color=MEASURED_COLOUR, markersize=3.5,
        elinewidth=0.9,
    )  # fmt: skip
    at = values = ()
    if fit is not None:
        law = PowerLaw(**fit)
        at = np.geomspace(law.first, law.last, 20)
        values = law.at(at) * unit
    ax.plot(at, values, color=FITTED_COLOUR, linestyle="-" if fit else "", label=exponent_text(fit))
    _axes(ax, sizes)


def _axes(ax: Axes, sizes: Sequence[float]) -> None:
    """Decades in plain numbers."""
    ax.set_xlim(min(sizes) / 1.6, max(sizes) * 1.6)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(LogLocator(numticks=8))
        axis.set_minor_locator(NullLocator())
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
    ax.grid(True)
    ax.tick_params(length=0)  # where the lines of the grid end
    for line in (*ax.lines, *ax.collections, *ax.get_xgridlines(), *ax.get_ygridlines()):
        line.set_clip_on(False)  # nothing lies outside, and each clipped line would say so
    ax.legend(loc="upper left", borderaxespad=0.1, handlelength=1.6)


def _legend(figure: Figure, repeats: int) -> None:
    """What stands in all panels."""
    measured = f"measured: median and range of {repeats}" if repeats > 1 else "measured"
    handles = (
        Line2D([], [], color=MEASURED_COLOUR, marker="o", markersize=3.5, linestyle=""),
        Line2D([], [], color=FITTED_COLOUR),
        Line2D([], [], color=FIXED_COLOUR, linewidth=0.8, linestyle=":"),
    )
    legend(figure, handles, (measured, "fitted, ± half of the 95 % interval", "fixed costs"))


def _others(along: str, point: Mapping[str, Any]) -> str:
    """What the column holds fixed."""
    told = [
        f"{point[key]:,} {key[:-1] if point[key] == 1 else key}"
        for key in ("runs", "agents", "generations")
        if key != along
    ]
    return ", ".join(told)


def _where(document: Mapping[str, Any]) -> str:
    """The machine, as the run itself recorded it."""
    vector = f", {document['vector']}" if document["vector"] else ""
    device = document["device"]
    where = (
        f"{document['cpu']}, {document['threads']} threads{vector}" if device.startswith("cpu") else device
    )
    quick = "; quick, figures mean little" if document.get("quick") else ""
    return f"digico {document['digico_version']} ({document['git_commit']}) on {where}{quick}"
