"""The figure of the README: time above, memory below, a column per size; dots measured, lines fitted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from digico_report.figures.style import COLOURS, canvas, styled, to_figure
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator

from scaling.fit import PowerLaw
from scaling.study import MEASURES, median

UNITS = {"seconds": 1.0, "bytes": 1e-6}
LABELS = {"seconds": "time [s]", "bytes": "peak memory [MB]"}
SIZES = {"runs": "runs", "agents": "agents N", "generations": "generations"}
SIGNS = {"runs": "R", "agents": "N", "generations": "G"}
NAME, TITLE = "scaling", "Time and memory against runs, agents and generations"


@styled
def draw(document: Mapping[str, Any]) -> Figure:
    """Rows: time and memory; columns: the series."""
    series = document["series"]
    figure, axes = canvas(len(MEASURES), len(series), 3.9, sharex="col", sharey="row")
    for row, key in enumerate(MEASURES):
        for column, (along, points) in enumerate(series.items()):
            ax = axes[row, column]
            _panel(ax, along, key, points, document)
            if row == 0:
                ax.set_title(_others(along, points[0]), loc="left")
            if row == len(MEASURES) - 1:
                ax.set_xlabel(SIZES[along])
        axes[row, 0].set_ylabel(LABELS[key])
    figure.suptitle(_where(document), fontsize=8.5, x=0.01, ha="left")
    return figure


def svg(document: Mapping[str, Any]) -> str:
    """A file of its own: with a size, which a page would give."""
    text = to_figure(draw(document), NAME, TITLE, alt=alternative(document)).svg
    width, height = re.search(r'viewBox="\S+ \S+ (\S+) (\S+)"', text).groups()
    return re.sub(r'style="width: 100%[^"]*"', f'width="{width}pt" height="{height}pt"', text, count=1)


def alternative(document: Mapping[str, Any]) -> str:
    """What it shows, in words."""
    told = [f"{_where(document)}."]
    for along, fits in document["exponents"].items():
        for key in MEASURES:
            what = "time" if key == "seconds" else "memory"
            told.append(f"{what} against {along}: {exponent_text(along, fits[key])};")
    return " ".join(told)


def exponent_text(along: str, fit: Mapping[str, Any] | None) -> str:
    """With half of its interval, as a legend tells it."""
    if fit is None:
        return "fixed costs dominate"
    half = (fit["high"] - fit["low"]) / 2
    return f"{SIGNS[along]}^({fit['exponent']:.2f} ± {half:.2f})"


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
    ax.axhline(median(document["fixed"], key) * unit, color="#7F7F7F", linewidth=0.8, linestyle=":")
    ax.errorbar(
        sizes, middle, yerr=np.abs(spread - middle), fmt="o", color=COLOURS[0], markersize=3.5, capsize=2,
        elinewidth=0.9, label="measured",
    )  # fmt: skip
    if fit is not None:
        law = PowerLaw(**fit)
        at = np.geomspace(law.first, law.last, 20)
        ax.plot(at, law.at(at) * unit, color=COLOURS[1], label=_power(along, fit))
    else:
        ax.plot([], [], " ", label="fixed costs dominate")
    ax.set_xlim(min(sizes) / 1.6, max(sizes) * 1.6)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(LogLocator(numticks=8))
        axis.set_minor_locator(NullLocator())
    ax.grid(True)
    ax.legend(loc="upper left", borderaxespad=0.1)


def _power(along: str, fit: Mapping[str, Any]) -> str:
    half = (fit["high"] - fit["low"]) / 2
    return rf"$\propto {SIGNS[along]}^{{\,{fit['exponent']:.2f}\,\pm\,{half:.2f}}}$"


def _others(along: str, point: Mapping[str, Any]) -> str:
    """What the column holds fixed."""
    told = [f"{SIGNS[key]} = {point[key]:,}" for key in SIZES if key != along]
    return ", ".join(told)


def _where(document: Mapping[str, Any]) -> str:
    """The machine, as the run itself recorded it."""
    vector = f", {document['vector']}" if document["vector"] else ""
    device = document["device"]
    where = (
        f"{document['cpu']}, {document['threads']} threads{vector}" if device.startswith("cpu") else device
    )
    quick = "; quick, figures mean little" if document.get("quick") else ""
    return f"digico {document['digico_version']} ({document['git_commit'][:7]}) on {where}{quick}"
