"""Time series over generations: medians or means over runs with bands, bins where there are many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from digico_report.figures.runs import BINS, bin_edges, binned, quartiles
from digico_report.figures.style import BAND, look
from digico_report.negative_fitness import shares_by_generation


def over_generations(data: xarray.Dataset, variable: str, bins: int = BINS) -> tuple[np.ndarray, np.ndarray]:
    """Middles of the bins and [lower quartile, median, upper quartile] over runs."""
    edges = bin_edges(data.sizes["generation"], bins)
    values = binned(shares_by_generation(data, variable), edges, axis=1)
    first = int(data["generation"].values[0])
    return first + (edges[:-1] + edges[1:] - 1) / 2, quartiles(values)


def draw_series(
    ax: Axes, data: xarray.Dataset, variable: str, index: int, band: bool = True, bins: int = BINS
) -> None:
    """One line; its markers stand apart from those of other lines."""
    style = look(index)
    x, (low, middle, high) = over_generations(data, variable, bins)
    if band:
        ax.fill_between(x, low, high, color=style.colour, alpha=BAND, lw=0)
    every = max(1, len(x) // 5)
    start = (index * every // 8) % every
    ax.plot(
        x,
        middle,
        color=style.colour,
        ls=style.line,
        lw=1,
        marker=style.marker,
        ms=3,
        markevery=(start, every),
    )


def line_handles(indices: Sequence[int]) -> list[Any]:
    """For legends."""
    return [
        Line2D([], [], color=look(i).colour, ls=look(i).line, lw=1, marker=look(i).marker, ms=3)
        for i in indices
    ]
