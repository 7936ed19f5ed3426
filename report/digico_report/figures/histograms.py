"""Beliefs of the last generation per group."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from digico_report import elements
from digico_report.figures.labels import count_text
from digico_report.figures.runs import belief_shares, last_generation, mean_of_finite, named_runs
from digico_report.figures.style import canvas, look, share_axis, styled, to_figure

Conditions = Mapping[str, Mapping[str, Any]]


@styled
def draw_belief_histograms(data: xarray.Dataset, conditions: Conditions) -> Figure:
    """A row per condition, a column per group; bars: mean over runs, thin lines: every run."""
    rows = named_runs(data, conditions)
    groups = [str(g) for g in data["group"].values]
    figure, axes = canvas(len(rows), len(groups), 0.4 + 1.25 * len(rows), sharex=True, sharey=True)
    for line, (title, part) in zip(axes, rows.items(), strict=True):
        shares = last_generation(belief_shares(part))
        for g, ax in enumerate(line):
            _histogram(ax, data["belief"].values, shares[:, g], g)
        line[0].set_ylabel(condition_label(title, part.sizes["run"]))
    for ax, group in zip(axes[0], groups, strict=True):
        ax.set_title(group)
    for ax in axes[-1]:
        ax.set_xlabel("belief")
    return figure


def belief_histograms(
    data: xarray.Dataset, conditions: Conditions, *, name: str, title: str = "", notice: str = ""
) -> elements.Figure:
    """Belief distributions of the last generation for named conditions; every run is visible."""
    rows = named_runs(data, conditions)
    counts = [part.sizes["run"] for part in rows.values()]
    caption = (
        "Share of (agent, step) pairs of the last generation that hold a belief. "
        f"Bars: mean over {count_text(counts, 'runs per row')}; thin lines: single runs."
    )
    alt = "Histograms of beliefs per group. " + " ".join(
        f"{title}: {_in_words(part)}." for title, part in rows.items()
    )
    figure = draw_belief_histograms(data, conditions)
    return to_figure(figure, name, title or "Beliefs of the last generation", caption, alt, notice)


def condition_label(title: str, n: int) -> str:
    """Of a row of panels."""
    return "\n".join([*textwrap.wrap(title, 18), f"n = {n}"])


def belief_ticks(count: int) -> np.ndarray:
    """At most about ten of so many values."""
    return np.arange(0, count, max(1, -(-count // 10)))


def _histogram(ax: Axes, beliefs: np.ndarray, shares: np.ndarray, group: int) -> None:
    style = look(group)
    ax.bar(
        beliefs, mean_of_finite(shares), 0.86, color=style.colour, alpha=0.55, edgecolor="black",
        linewidth=0.4, hatch=style.hatch,
    )  # fmt: skip
    for run in shares:
        ax.plot(beliefs, run, color="black", lw=0.5, alpha=0.6, marker=".", ms=2, mew=0)
    ax.set_xticks(beliefs[belief_ticks(len(beliefs))])
    share_axis(ax)


def _in_words(data: xarray.Dataset) -> str:
    means = mean_of_finite(last_generation(belief_shares(data)))
    modes = [int(np.nanargmax(m)) if np.isfinite(m).any() else None for m in means]
    return ", ".join(
        f"most common belief of {group} {mode} ({mean[mode]:.2f})"
        for group, mode, mean in zip(data["group"].values, modes, means, strict=True)
        if mode is not None
    )
