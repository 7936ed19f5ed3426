"""How far apart the genotypes of a group, and those of different groups, are."""

from __future__ import annotations

import numpy as np
import xarray
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from digico_report import elements
from digico_report.figures.labels import count_text, key_label, named_value, plain_text
from digico_report.figures.runs import cells, mean_of_finite, quartiles
from digico_report.figures.style import (
    BAND,
    fit,
    legend,
    look,
    small_multiples,
    styled,
    to_figure,
    whole_ticks,
)

PAIRS = ("within AI groups", "within human groups", "AI to human groups", "human to human groups")


def distances(data: xarray.Dataset) -> dict[str, np.ndarray]:
    """[run, diversity_generation] by kind of pair: mean over the pairs of groups of that kind."""
    values = data["genotype_distance"].values.astype(float)
    ai = data["group_kind"].values == "ai"
    human = data["group_kind"].values == "human"
    same = np.eye(values.shape[-1], dtype=bool)
    wanted = (
        same & ai[:, :, None],
        same & human[:, :, None],
        ai[:, :, None] & human[:, None, :],
        ~same & human[:, :, None] & human[:, None, :],
    )
    flat = values.reshape(*values.shape[:2], -1)
    found = {}
    for pair, mask in zip(PAIRS, wanted, strict=True):
        if mask.any():
            only = mask.reshape(len(mask), 1, -1)
            found[pair] = mean_of_finite(np.where(only, flat, np.nan), axis=2)
    return found


@styled
def draw_genotype_diversity(data: xarray.Dataset, by: str = "ai_type") -> Figure:
    """A panel per value of `by`, a line per kind of pair."""
    inside = cells(data, by)
    figure, axes = small_multiples(len(inside), 4, 1.7, sharex=True, sharey=True)
    shown: set[str] = set()
    for ax, ((value,), part) in zip(axes, inside.items(), strict=True):
        found = distances(part)
        shown |= set(found)
        for pair, values in found.items():
            _line(ax, part["diversity_generation"].values, values, PAIRS.index(pair))
        label = "" if value is None else f"{named_value(data, by, value)} "
        ax.set_title(fit(ax, f"{label}(n = {part.sizes['run']})"), loc="left")
        ax.set_ylim(bottom=0)
        ax.grid(True, axis="y")
        whole_ticks(ax)
    figure.supxlabel("generation", fontsize=8)
    figure.supylabel("genotype distance", fontsize=8)
    pairs = [pair for pair in PAIRS if pair in shown]
    legend(figure, [_handle(PAIRS.index(pair)) for pair in pairs], pairs)
    return figure


def genotype_diversity(
    data: xarray.Dataset, *, name: str, title: str = "", by: str = "ai_type", notice: str = ""
) -> elements.Figure:
    """Genotype diversity within and between groups over generations, per AI type."""
    counts = [part.sizes["run"] for part in cells(data, by).values()]
    caption = (
        "Mean pairwise Euclidean distance of genotypes / √(number of parameters), within a group and between "
        f"groups. Lines: median, bands: quartiles over {count_text(counts, 'runs per panel')}."
    )
    words = ", ".join(
        f"{pair} {np.nanmedian(values[:, -1]):.2f}"
        for pair, values in distances(data).items()
        if np.isfinite(values[:, -1]).any()
    )
    by_words = plain_text(key_label(data, by)) if by in data.variables else "all runs"
    alt = f"Lines: genotype distance over generations by {by_words}. Medians at the end: {words}."
    figure = draw_genotype_diversity(data, by)
    return to_figure(figure, name, title or "Genotype diversity", caption, alt, notice)


def _line(ax: Axes, x: np.ndarray, values: np.ndarray, index: int) -> None:
    style = look(index)
    low, middle, high = quartiles(values)
    ax.fill_between(x, low, high, color=style.colour, alpha=BAND, lw=0)
    every = max(1, len(x) // 5)
    ax.plot(x, middle, color=style.colour, ls=style.line, marker=style.marker, ms=3.5, markevery=every)


def _handle(index: int) -> Line2D:
    style = look(index)
    return Line2D([], [], color=style.colour, ls=style.line, marker=style.marker, ms=3.5)
