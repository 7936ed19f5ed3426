"""Who is seen by whom, by niche: shares of the views of single agents in the recorded generations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import xarray
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from digico_report import elements
from digico_report.figures.labels import named_value
from digico_report.figures.runs import (
    Estimate,
    cells,
    divide,
    estimate,
    mean_of_finite,
    sample_text,
    seeds_of,
)
from digico_report.figures.style import canvas, legend, look, share_axis, styled, to_figure

OF_NICHES = ("agent_niche", "niche_influence")
RECEIVED = (*OF_NICHES, "agent_received", "agent_received_ai", "agent_group")
EARNED = (*OF_NICHES, "agent_views", "agent_group")


@dataclass(frozen=True)
class Ranked:
    """[run, rank] of niches, the most influential first; NaN where nobody lives or nothing was seen."""

    share: np.ndarray  #: AI share of the views
    agents: np.ndarray  #: AI share of the agents of the niche
    influence: np.ndarray


def is_ai(data: xarray.Dataset) -> np.ndarray:
    """[run, agent]; an agent that a smaller run lacks has group -1."""
    kinds = data["group_kind"].values == "ai"
    group = data["agent_group"].values
    return np.take_along_axis(kinds, np.maximum(group, 0), axis=1) & (group >= 0)


def received_by_niche(data: xarray.Dataset) -> Ranked:
    """Of the messages that agents of a niche receive, the share that AI agents sent."""
    got = _per_agent(data, "agent_received")
    return _ranked(data, _per_agent(data, "agent_received_ai"), got)


def earned_by_niche(data: xarray.Dataset) -> Ranked:
    """Of the views that agents of a niche earn, the share that its AI agents earn."""
    views = _per_agent(data, "agent_views")
    return _ranked(data, np.where(is_ai(data), views, 0), views)


def _per_agent(data: xarray.Dataset, name: str) -> np.ndarray:
    """Sum over recorded generations and steps, [run, agent]."""
    values = data[name].transpose("run", "agent", ...).values
    return np.nansum(values.reshape(*values.shape[:2], -1), axis=2, dtype=float)


def _ranked(data: xarray.Dataset, part: np.ndarray, whole: np.ndarray) -> Ranked:
    influence = data["niche_influence"].transpose("run", "niche").values.astype(float)
    order = np.argsort(-influence, axis=1, kind="stable")
    ai = is_ai(data)

    def by_rank(values: np.ndarray) -> np.ndarray:
        return np.take_along_axis(_per_niche(data, values, influence.shape[1]), order, axis=1)

    there = data["agent_group"].values >= 0
    return Ranked(
        divide(by_rank(part), by_rank(whole)),
        divide(by_rank(ai.astype(float)), by_rank(there.astype(float))),
        np.take_along_axis(influence, order, axis=1),
    )


def _per_niche(data: xarray.Dataset, values: np.ndarray, niches: int) -> np.ndarray:
    niche = data["agent_niche"].transpose("run", "agent").values
    lives = (niche >= 0) & (data["agent_group"].values >= 0)
    out = np.zeros((len(values), niches))
    runs = np.broadcast_to(np.arange(len(values))[:, None], niche.shape)
    np.add.at(out, (runs[lives], niche[lives].astype(int)), values[lives])
    return out


@styled
def draw_views_received(data: xarray.Dataset, by: str = "ai_type") -> Figure:
    """AI share of what is received against the rank of the receiver's niche."""
    figure, ax, handles, labels = _lines(data, by, received_by_niche, lambda ranked: _ranks(ranked))
    ai = is_ai(data).sum() / (data["agent_group"].values >= 0).sum()
    ax.axhline(ai, color="black", lw=0.8, ls=(0, (6, 3)))
    ax.set_xlabel("niche of the receiver by influence (1: largest)")
    ax.set_ylabel("AI share of received messages")
    ax.set_xticks(range(1, data.sizes["niche"] + 1))
    legend(figure, [*handles, _plain_line()], [*labels, "all agents equally visible"])
    return figure


@styled
def draw_views_earned(data: xarray.Dataset, by: str = "ai_type") -> Figure:
    """AI share of the views earned in a niche against the niche's influence."""
    figure, ax, handles, labels = _lines(data, by, earned_by_niche, _mean_influence)
    ranked = earned_by_niche(data)
    known = np.where(np.isfinite(ranked.share), ranked.agents, np.nan)
    ax.plot(_mean_influence(ranked), mean_of_finite(known), color="black", lw=0.8, ls=(0, (6, 3)))
    ax.set_xlabel("influence of the niche (mean over runs at each rank)")
    ax.set_ylabel("AI share of views earned")
    legend(figure, [*handles, _plain_line()], [*labels, "AI share of the agents"])
    return figure


def views_received(
    data: xarray.Dataset, *, name: str, title: str = "", by: str = "ai_type", notice: str = ""
) -> elements.Figure | None:
    """Who sees AI: by niche of the receiver. None where the file does not hold what it takes."""
    if any(variable not in data.variables for variable in RECEIVED):
        return None
    caption = (
        "AI share of the messages that agents of a niche receive, all recorded generations. Niches by "
        f"influence. {_counts(data, by, received_by_niche)} Dashed: AI share of all agents, what a "
        "receiver would see if all were equally visible."
    )
    alt = "Lines: AI share of received messages by rank of the receiver's niche. "
    alt += _in_words(data, by, received_by_niche)
    figure = draw_views_received(data, by)
    return to_figure(figure, name, title or "Who sees AI, by niche", caption, alt, notice)


def views_earned(
    data: xarray.Dataset, *, name: str, title: str = "", by: str = "ai_type", notice: str = ""
) -> elements.Figure | None:
    """What AI agents of a niche earn of its views. None where the file does not hold what it takes."""
    if any(variable not in data.variables for variable in EARNED):
        return None
    caption = (
        "AI share of the views that agents of a niche earn, all recorded generations, against the niche's "
        f"influence (without the bonus of AI). {_counts(data, by, earned_by_niche)} Dashed: AI share of the "
        "agents who live there."
    )
    alt = "Lines: AI share of the views earned in a niche against its influence. "
    alt += _in_words(data, by, earned_by_niche)
    figure = draw_views_earned(data, by)
    return to_figure(figure, name, title or "Views earned by AI, by niche", caption, alt, notice)


Measure = Callable[[xarray.Dataset], Ranked]


def _lines(
    data: xarray.Dataset, by: str, measure: Measure, place: Callable[[Ranked], np.ndarray]
) -> tuple[Figure, Axes, list[Line2D], list[str]]:
    """A line with error bars per value of `by`, moved apart a little."""
    inside = cells(data, by)
    figure, axes = canvas(1, 1, 2.9)
    ax = axes[0, 0]
    handles, labels = [], []
    for index, ((value,), part) in enumerate(inside.items()):
        ranked, style = measure(part), look(index)
        x = place(ranked)
        gap = np.nanmin(np.abs(np.diff(x))) if len(x) > 1 else 1
        x = x + 0.08 * gap * (index - (len(inside) - 1) / 2)
        made = _estimates(part, ranked)
        error = [[e.mean - e.low for e in made], [e.high - e.mean for e in made]]
        mean = [e.mean for e in made]
        ax.errorbar(x, mean, yerr=np.nan_to_num(error), fmt="none", ecolor=style.colour, capsize=2)
        ax.plot(x, mean, color=style.colour, ls=style.line, marker=style.marker, clip_on=False)
        handles.append(Line2D([], [], color=style.colour, ls=style.line, marker=style.marker))
        labels.append("all runs" if value is None else named_value(data, by, value))
    share_axis(ax)
    return figure, ax, handles, labels


def _estimates(data: xarray.Dataset, ranked: Ranked) -> list[Estimate]:
    return [estimate(column, seeds_of(data)) for column in ranked.share.T]


def _ranks(ranked: Ranked) -> np.ndarray:
    return np.arange(1, ranked.share.shape[1] + 1, dtype=float)


def _mean_influence(ranked: Ranked) -> np.ndarray:
    return mean_of_finite(ranked.influence)


def _plain_line() -> Line2D:
    return Line2D([], [], color="black", lw=0.8, ls=(0, (6, 3)))


def _counts(data: xarray.Dataset, by: str, measure: Measure) -> str:
    made = [e for part in cells(data, by).values() for e in _estimates(part, measure(part))]
    return f"Means over the runs in which such a niche is inhabited, {sample_text(made, 'point', 'bars')}."


def _in_words(data: xarray.Dataset, by: str, measure: Measure) -> str:
    words = []
    for (value,), part in cells(data, by).items():
        means = ", ".join(f"{e.mean:.2f}" if e.n else "none" for e in _estimates(part, measure(part)))
        words.append(f"{'all runs' if value is None else named_value(data, by, value)}: {means}")
    return "From the most influential niche: " + "; ".join(words) + "."
