"""How every figure looks: one set of rc parameters, categories told apart by more than colour.

Text is drawn as paths (svg.fonttype `path`): a page looks the same where DejaVu Sans is not installed, and no
label runs into another there; that costs 10-30 kB a figure.
"""

from __future__ import annotations

import functools
import io
import logging
import math
import re
import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullLocator

from digico_report import elements
from digico_report.figures.svg import tidy

P = ParamSpec("P")
R = TypeVar("R")

# which fonts it looks for in vain is nothing to a user
logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)

WIDTH = 7.2  #: inches, of every figure
HEAT = "viridis"
LETTER = 0.066  #: inches, width of a digit below a tick
LINE = 0.13  #: inches, height of a label
BAND = 0.18  #: opacity of the band of a line

RC = {
    "font.family": ["DejaVu Sans"],
    "font.size": 8,
    "axes.titlesize": 8.5,
    "axes.labelsize": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.7,
    "axes.axisbelow": True,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.7,
    "legend.fontsize": 7.5,
    "legend.frameon": False,
    "legend.handlelength": 2.6,
    "lines.linewidth": 1.3,
    "lines.markersize": 4,
    "hatch.linewidth": 0.5,
    "grid.linewidth": 0.5,
    "grid.color": "#dddddd",
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "savefig.dpi": 150,
    "svg.fonttype": "path",
    "svg.hashsalt": "digico",  # clip paths are named by a hash: the same data gives the same bytes
}

#: Okabe and Ito's palette; grey instead of its yellow, which does not stand out from white
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#7F7F7F")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
LINES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 1)), (0, (7, 2, 1, 2)))
# of lines only: a pattern of dots is 180 kB of SVG
HATCHES = ("", "////", "\\\\\\\\", "xxxx", "----", "||||", "++++", "//--")


@dataclass(frozen=True)
class Look:
    """What tells one category from another, in colour and in grey."""

    colour: str
    marker: str
    line: Any
    hatch: str


def look(index: int) -> Look:
    """Of the category with this place in its order."""
    i = index % len(COLOURS)
    # a ninth category shares a colour with the first, not the dashes
    return Look(COLOURS[i], MARKERS[i], LINES[(index + index // len(LINES)) % len(LINES)], HATCHES[i])


@contextmanager
def style() -> Iterator[None]:
    """matplotlib's defaults and RC inside; outside all is as before. No matplotlibrc changes a figure."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(RC)
        yield


def styled(draw: Callable[P, R]) -> Callable[P, R]:
    """A function that draws in this style."""

    @functools.wraps(draw)
    def inside(*args: P.args, **kwargs: P.kwargs) -> R:
        with style():
            return draw(*args, **kwargs)

    return inside


def canvas(rows: int, columns: int, height: float, **options: Any) -> tuple[Figure, np.ndarray]:
    """A figure and its axes [row, column]. pyplot, which keeps every figure, is not asked."""
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    FigureCanvasAgg(figure)  # measures texts
    return figure, figure.subplots(rows, columns, squeeze=False, **options)


def small_multiples(count: int, columns: int, height: float, **options: Any) -> tuple[Figure, list[Axes]]:
    """`count` axes, row by row, of this height each; what is left over of the grid is gone."""
    columns = min(columns, count)
    rows = -(-count // columns)
    figure, grid = canvas(rows, columns, height * rows, **options)
    axes = list(grid.ravel())
    for ax in axes[count:]:
        ax.remove()
    if options.get("sharex"):
        for ax in axes[max(count - columns, 0) : count]:
            ax.xaxis.set_tick_params(labelbottom=True)
    return figure, axes[:count]


def legend(figure: Figure, handles: Sequence[Any], labels: Sequence[str]) -> None:
    """Above the axes, in as few rows as the width allows; to_figure() makes room for it."""
    if not handles:
        return
    for columns in range(len(handles), 0, -1):
        made = figure.legend(
            handles, labels, loc="upper center", ncol=columns, borderpad=0, borderaxespad=0, columnspacing=1.6
        )
        made.set_in_layout(False)
        if columns == 1 or _extent(figure, made)[0] <= figure.get_figwidth() - 0.1:
            return
        made.remove()


def share_axis(ax: Axes, values: Any = ()) -> None:
    """0 to 1; wider only where a share of sums with negative parts leaves it."""
    finite = np.asarray(values, dtype=float)
    finite = finite[np.isfinite(finite)]
    low, high = min(0, finite.min(initial=0)), max(1, finite.max(initial=1))
    ax.set_ylim(low - 0.05 * (low < 0), high * (1.05 if high > 1 else 1))
    ax.grid(True, axis="y")


def ticks_at(ax: Axes, values: Sequence[float], log: bool) -> None:
    """Ticks where a key was swept, and nowhere else; numbers at those that leave room for them."""
    if log:
        ax.set_xscale("log")
    places = np.log(values) if log else np.asarray(values, dtype=float)
    inches = ax.get_position().width * ax.figure.get_figwidth() / (np.ptp(places) or 1)
    ax.set_xticks(values, _apart(places * inches, [f"{v:g}" for v in values]))
    ax.xaxis.set_minor_locator(NullLocator())


def _apart(places: np.ndarray, labels: Sequence[str]) -> list[str]:
    """Labels at rising places in inches, "" instead of those that would touch one before."""
    end, shown = -np.inf, []
    for place, label in zip(places, labels, strict=True):
        half = 0.5 * LETTER * (len(label) + 1)
        shown.append(label if place - half >= end else "")
        end = place + half if shown[-1] else end
    return shown


def fit(ax: Axes, text: str, size: float = 8.0) -> str:
    """A text in lines as wide as its panel, which may be narrower than a key is long."""
    inches = ax.get_position().width * ax.figure.get_figwidth()
    # keys may be broken behind their dots, numbers not
    breakable = re.sub(r"(?<=[a-z0-9_]\.)(?=[a-z])", "\x00 ", text).replace(" = ", "\xa0=\xa0")
    lines = textwrap.wrap(breakable, max(12, int(inches / (LETTER * size / 8))), break_long_words=False)
    return "\n".join(lines).replace("\x00 ", "").replace("\x00", "").replace("\xa0", " ")


def category_ticks(ax: Axes, labels: Sequence[str]) -> None:
    """A label per place 0, 1, ...; upright where they would touch, not all of them where there is no room."""
    inches = 0.9 * ax.figure.get_figwidth() / max(1, len(labels))
    if inches >= LETTER * (max(map(len, labels)) + 1):
        ax.set_xticks(range(len(labels)), labels)
        return
    every = max(1, math.ceil(LINE / inches))
    shown = [label if k % every == 0 else "" for k, label in enumerate(labels)]
    ax.set_xticks(range(len(labels)), shown, rotation=90)


def whole_ticks(ax: Axes) -> None:
    """Generations are whole numbers."""
    ax.xaxis.set_major_locator(MaxNLocator("auto", steps=(1, 2, 5, 10), integer=True))


def to_figure(
    figure: Figure,
    name: str,
    title: str,
    caption: str = "",
    alt: str = "",
    notice: str = "",
    letters: str = RC["svg.fonttype"],
) -> elements.Figure:
    """The SVG of a matplotlib figure, once: legend and notice are put above its axes here."""
    with style():
        matplotlib.rcParams["svg.fonttype"] = letters
        _put_head(figure, notice)
        out = io.StringIO()
        figure.savefig(out, format="svg", metadata={"Date": None})
    return elements.Figure(name, title, tidy(out.getvalue(), name, title, alt), caption, alt)


def _put_head(figure: Figure, notice: str) -> None:
    """Adds height for notice and legend, so that the axes keep theirs."""
    lines = textwrap.wrap(notice, 110)
    above = 0.16 * len(lines) + 0.04 * bool(lines)
    heights = [_extent(figure, made)[1] for made in figure.legends]
    height = figure.get_figheight() + above + sum(h + 0.08 for h in heights)
    figure.set_size_inches(figure.get_figwidth(), height)
    if lines:
        figure.text(
            0.5, 1 - 0.03 / height, "\n".join(lines), ha="center", va="top", fontsize=7, color="#8A3B00"
        )
    for made, own in zip(figure.legends, heights, strict=True):
        made.set_bbox_to_anchor((0.5, 1 - (above + 0.03) / height), transform=figure.transFigure)
        above += own + 0.08
    figure.get_layout_engine().set(rect=(0, 0, 1, 1 - above / height))


def _extent(figure: Figure, artist: Any) -> tuple[float, float]:
    """Width and height in inches."""
    box = artist.get_window_extent(figure.canvas.get_renderer())
    return box.width / figure.dpi, box.height / figure.dpi
