"""Health of the ecosystem over generations, and when beliefs were last held."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import xarray
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from digico_report import elements
from digico_report.figures.heat import heat_map, write_cells
from digico_report.figures.histograms import belief_ticks
from digico_report.figures.labels import (
    count_text,
    key_label,
    metric_label,
    named_value,
    plain_text,
    same_lines_text,
    value_label,
)
from digico_report.figures.runs import cells, coinciding, mean_of_finite, quartiles
from digico_report.figures.series import draw_series, line_handles, over_generations
from digico_report.figures.style import (
    HEAT,
    canvas,
    legend,
    share_axis,
    small_multiples,
    styled,
    to_figure,
    whole_ticks,
)

Scope = Literal["population", "human"]
SHARES = ("bottleneck", "belief_entropy", "polarisation_variance", "polarisation_extremes")
MEASURES = (*SHARES, "cliques", "extinct_values")
BANDED_LINES = 4  #: bands of more lines than these hide each other


@styled
def draw_health(data: xarray.Dataset, scope: Scope = "population", by: str = "ai_type") -> Figure:
    """A panel per measure, a line per value of `by`."""
    inside = cells(data, by)
    figure, axes = small_multiples(len(MEASURES), 3, 1.75, sharex=True)
    for ax, measure in zip(axes, MEASURES, strict=True):
        for index, part in enumerate(inside.values()):
            draw_series(ax, part, f"{scope}_{measure}", index, band=len(inside) <= BANDED_LINES)
        ax.set_title(metric_label(measure), loc="left")
        if measure in SHARES:
            share_axis(ax)
        else:
            ax.set_ylim(0, max(1, ax.get_ylim()[1]))
            ax.grid(True, axis="y")
        whole_ticks(ax)
    figure.supxlabel("generation", fontsize=8)
    if (None,) not in inside:
        legend(figure, line_handles(range(len(inside))), [named_value(data, by, v) for (v,) in inside])
    return figure


def health(
    data: xarray.Dataset,
    *,
    name: str,
    title: str = "",
    scope: Scope = "population",
    by: str = "ai_type",
    of: str = "",
    notice: str = "",
) -> elements.Figure:
    """The six health measures over generations, of the whole population or of humans.

    `of`: which runs these are, for the caption: "AI type None, reading tables".
    """
    inside = cells(data, by)
    counts = [part.sizes["run"] for part in inside.values()]
    who = "the whole population" if scope == "population" else "humans"
    caption = f"Measures over {who}{f'; {of}' if of else ''}. "
    caption += f"Lines: median over {count_text(counts, 'runs per line')}"
    caption += "; bands: quartiles of the runs." if len(inside) <= BANDED_LINES else "."
    caption += _coinciding_text(inside, scope, by)
    by_words = f" by {plain_text(key_label(data, by))}" if by in data.variables else ""
    alt = f"Small multiples: {', '.join(metric_label(m) for m in MEASURES)} over generations{by_words}."
    figure = draw_health(data, scope, by)
    return to_figure(figure, name, title or f"Health of the ecosystem, {who}", caption, alt, notice)


def _coinciding_text(inside: Mapping[tuple[Any, ...], xarray.Dataset], scope: Scope, by: str) -> str:
    """Which lines are the same in every panel."""
    medians = {
        value: np.concatenate([over_generations(part, f"{scope}_{m}")[1][1] for m in MEASURES])
        for (value,), part in inside.items()
    }
    groups = [", ".join(value_label(v, by) for v in same) for same in coinciding(medians)]
    return same_lines_text(groups)


def alive_at_end(data: xarray.Dataset, scope: Scope = "population") -> np.ndarray:
    """Share of the runs that have the value in whose last generation somebody held it, [belief]."""
    name = "last_appearance" if scope == "population" else "human_last_appearance"
    last = data["generations_completed"].values[:, None] - 1
    held = data[name].values.astype(float)
    # a run of fewer values than another has none to hold there
    return mean_of_finite(np.where(np.isfinite(held), held >= last, np.nan))


@styled
def draw_last_appearance(data: xarray.Dataset, scope: Scope = "population", by: str = "ai_type") -> Figure:
    """Left: median generation of last appearance; right: share of runs that end with the value alive."""
    inside = cells(data, by)
    name = "last_appearance" if scope == "population" else "human_last_appearance"
    median = np.array([quartiles(part[name].values.astype(float))[1] for part in inside.values()])
    alive = np.array([alive_at_end(part, scope) for part in inside.values()])
    figure, axes = canvas(1, 2, 0.8 + 0.24 * len(inside), sharey=True)
    beliefs = np.arange(data.sizes["belief"] + 1) - 0.5
    rows = np.arange(len(inside) + 1) - 0.5
    end = max(int(data["generation"].values[-1]), 1)
    for ax, values, norm, form, title in (
        (axes[0, 0], median, Normalize(-1, end), ".0f", "last generation of a value (median)"),
        (axes[0, 1], alive, Normalize(0, 1), ".2f", "runs that end with it alive (share)"),
    ):
        drawn = heat_map(ax, values, beliefs, rows, norm, HEAT)
        if data.sizes["belief"] <= 12:
            write_cells(ax, values, drawn, form, 6)
        ax.set_title(title, loc="left")
        ax.set_xticks(belief_ticks(data.sizes["belief"]))
        ax.set_xlabel("belief")
    labels = ["all" if v is None else named_value(data, by, v) for (v,) in inside]
    axes[0, 0].set_yticks(range(len(inside)), labels)
    axes[0, 0].invert_yaxis()
    return figure


def last_appearance(
    data: xarray.Dataset,
    *,
    name: str,
    title: str = "",
    scope: Scope = "population",
    by: str = "ai_type",
    of: str = "",
    notice: str = "",
) -> elements.Figure:
    """When every value was last held by anybody, and in how many runs it is held at the end.

    `of`: which runs these are, for the caption.
    """
    counts = [part.sizes["run"] for part in cells(data, by).values()]
    who = "anybody" if scope == "population" else "a human"
    caption = (
        f"Last generation in which {who} held a value, median over {count_text(counts, 'runs per row')} "
        f"(-1: never), and share of the runs in whose last generation it is held{f'; {of}' if of else ''}."
    )
    alive = alive_at_end(data, scope)
    alt = "Two heat maps by belief. Share of all runs with a belief alive at the end: " + ", ".join(
        f"{b} {a:.2f}" for b, a in zip(data["belief"].values, alive, strict=True)
    )
    figure = draw_last_appearance(data, scope, by)
    return to_figure(figure, name, title or "Last appearance of beliefs", caption, alt + ".", notice)
