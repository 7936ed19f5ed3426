"""Beliefs over generations as heat maps."""

from __future__ import annotations

import numpy as np
import xarray
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure

from digico_report import elements
from digico_report.figures.heat import heat_map
from digico_report.figures.histograms import Conditions, belief_ticks, condition_label
from digico_report.figures.labels import count_text
from digico_report.figures.runs import BINS, belief_shares, bin_edges, binned, mean_of_finite, named_runs
from digico_report.figures.style import canvas, styled, to_figure, whole_ticks


def trajectory(data: xarray.Dataset, bins: int = BINS) -> tuple[np.ndarray, np.ndarray]:
    """Edges of the bins of generations and shares [group, belief, bin], mean over runs."""
    edges = bin_edges(data.sizes["generation"], bins)
    shares = binned(mean_of_finite(belief_shares(data)), edges, axis=0)
    return edges + int(data["generation"].values[0]), np.moveaxis(shares, 0, -1)


@styled
def draw_belief_trajectories(data: xarray.Dataset, conditions: Conditions, bins: int = BINS) -> Figure:
    """A row per condition, a column per group."""
    rows = named_runs(data, conditions)
    groups = [str(g) for g in data["group"].values]
    figure, axes = canvas(len(rows), len(groups), 0.4 + 1.2 * len(rows), sharex=True, sharey=True)
    beliefs = np.arange(data.sizes["belief"] + 1) - 0.5
    # the square root keeps a share of 1 / V apart from none
    norm = PowerNorm(0.5, vmin=0, vmax=1)
    for line, (title, part) in zip(axes, rows.items(), strict=True):
        edges, shares = trajectory(part, bins)
        for ax, share in zip(line, shares, strict=True):
            drawn = heat_map(ax, share, edges, beliefs, norm)
            ax.set_yticks(belief_ticks(data.sizes["belief"]))
        line[0].set_ylabel(condition_label(title, part.sizes["run"]))
    for ax, group in zip(axes[0], groups, strict=True):
        ax.set_title(group)
    for ax in axes[-1]:
        whole_ticks(ax)
        ax.set_xlabel("generation")
    bar = figure.colorbar(drawn, ax=list(axes.ravel()), ticks=(0, 0.1, 0.25, 0.5, 1), aspect=30, pad=0.01)
    bar.ax.set_yticklabels(["0", "0.1", "0.25", "0.5", "1"])
    bar.set_label("share of beliefs")
    bar.outline.set_visible(False)
    return figure


def belief_trajectories(
    data: xarray.Dataset,
    conditions: Conditions,
    *,
    name: str,
    title: str = "",
    bins: int = BINS,
    notice: str = "",
) -> elements.Figure:
    """Share of every belief over generations per group, for named conditions.

    A row is a mean over the runs of its condition; runs.per_seed() makes conditions of single seeds.
    """
    rows = named_runs(data, conditions)
    counts = [part.sizes["run"] for part in rows.values()]
    width = data.sizes["generation"] / (len(bin_edges(data.sizes["generation"], bins)) - 1)
    caption = (
        f"Colour: share of (agent, step) pairs that hold a belief, {count_text(counts, 'runs per row')}"
        + (f", mean over bins of about {width:.3g} generations" if width > 1 else "")
        + ". The colour scale goes by the square root of the share; grey: no run went on."
    )
    alt = f"Heat maps of belief against generation per group, for {', '.join(rows)}."
    figure = draw_belief_trajectories(data, conditions, bins)
    return to_figure(figure, name, title or "Beliefs over generations", caption, alt, notice)
