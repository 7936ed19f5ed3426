"""The echo-chamber model: beliefs beside evidence, utility, radicalisation, deviation of float32."""

from __future__ import annotations

import numpy as np
import xarray
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import EngFormatter

from digico_report import elements
from digico_report.configuration import configurations
from digico_report.figures.heat import heat_map, write_cells
from digico_report.figures.labels import count_text
from digico_report.figures.runs import divide, mean_of_finite
from digico_report.figures.style import (
    HEAT,
    canvas,
    legend,
    look,
    small_multiples,
    styled,
    to_figure,
)

PANELS = 6  #: runs of which every agent is shown
COLUMNS = 5  #: snapshots in a row
SNAPSHOTS = 10  #: drawn one by one
ROWS = 200  #: agents of a heat map
CURVES = 50  #: agents of a panel of lines


def setting(data: xarray.Dataset, key: str) -> str:
    """`rate`, `utility` of the section echo of the first run's configuration."""
    run = configurations(data)[0]
    if f"echo.{key}" not in run:
        raise KeyError(f"echo.{key}: not in the configuration of the run")
    return run[f"echo.{key}"]


def closed_form(data: xarray.Dataset, steps: np.ndarray, rate: float) -> np.ndarray:
    """b(0) + rate * t * e in double, [run, step, agent]; of the product utility alone."""
    start, evidence = (data[v].values.astype(float)[:, None, :] for v in ("initial_belief", "evidence"))
    return start + rate * np.asarray(steps, dtype=float)[None, :, None] * evidence


@styled
def draw_beliefs_and_evidence(data: xarray.Dataset, seed: int) -> Figure:
    """A panel per snapshot: agents down, belief and evidence across."""
    run = _shown(_run_of(data, seed))
    belief = run["belief"].values.astype(float)
    evidence = run["evidence"].values.astype(float)
    steps = run["step"].values
    agents = run.sizes["agent"]
    figure, axes = small_multiples(len(steps), COLUMNS, 0.5 + 0.2 * min(agents, 20), sharex=True, sharey=True)
    largest = max(np.abs(belief).max(), np.abs(evidence).max()) or 1.0
    for ax, step, beliefs in zip(axes, steps, belief, strict=True):
        pair = np.stack([beliefs, evidence], axis=1)
        drawn = heat_map(
            ax, pair, np.arange(3) - 0.5, np.arange(agents + 1) - 0.5, Normalize(-largest, largest), HEAT
        )
        if agents <= 20:
            write_cells(ax, pair, drawn, ".2f", 6)
        ax.set_title(f"step {int(step):,}")
        ax.set_xticks((0, 1), ("belief", "evidence"))
        ax.tick_params(length=0)
    axes[0].set_yticks(np.arange(0, agents, max(1, agents // 10)))
    axes[0].invert_yaxis()
    axes[0].set_ylabel("agent")
    figure.colorbar(drawn, ax=axes, aspect=30, pad=0.01).outline.set_visible(False)
    return figure


def beliefs_and_evidence(
    data: xarray.Dataset, *, name: str, seed: int, title: str = "", notice: str = ""
) -> elements.Figure:
    """The notebook's heat maps: beliefs beside evidence at every snapshot, one seed."""
    caption = (
        f"Belief and evidence of every agent at the snapshots, seed {seed} (n = 1 run), on one scale. "
        "Evidence does not change."
    )
    run = _run_of(data, seed)
    parts = [
        f"the first {ROWS} of {run.sizes['agent']:,} agents" if run.sizes["agent"] > ROWS else "",
        f"{SNAPSHOTS} of {run.sizes['snapshot']:,} snapshots" if run.sizes["snapshot"] > SNAPSHOTS else "",
    ]
    if any(parts):
        caption += f" Shown: {', '.join(filter(None, parts))}."
    last = np.abs(run["belief"].values[-1].astype(float))
    alt = f"Heat maps of agents by belief and evidence. Largest |belief| at the end: {last.max():.3g}."
    figure = draw_beliefs_and_evidence(data, seed)
    return to_figure(figure, name, title or "Beliefs and evidence", caption, alt, notice)


@styled
def draw_mean_utility(data: xarray.Dataset) -> Figure:
    """A thin line per seed from the start on, the mean over seeds thick."""
    figure, axes = canvas(1, 1, 2.5)
    ax = axes[0, 0]
    steps, values = utility_over_steps(data)
    for x, y in zip(steps, values, strict=True):
        ax.plot(x, y, color=look(0).colour, lw=0.8, alpha=0.7, marker=".", ms=4, mew=0)
    mean = Line2D([], [], color="black", lw=1.8, ls="--")
    if len(np.unique(steps, axis=0)) == 1:
        ax.plot(steps[0], mean_of_finite(values), color="black", lw=1.8, ls="--")
    _step_axis(ax)
    ax.set_ylabel("mean utility")
    ax.grid(True, axis="y")
    one = Line2D([], [], color=look(0).colour, lw=0.8, marker=".")
    legend(figure, [one, mean], ["one seed", "mean over seeds"])
    return figure


def utility_over_steps(data: xarray.Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Steps and mean utility, [run, snapshot]; with that of the start for the product utility."""
    steps, values = data["step"].values.astype(float), data["utility_mean"].values.astype(float)
    if setting(data, "utility") != "product":
        return steps, values
    start = (data["initial_belief"].values.astype(float) * data["evidence"].values).mean(axis=1)
    zero = np.zeros((len(steps), 1))
    return np.concatenate([zero, steps], axis=1), np.concatenate([start[:, None], values], axis=1)


def mean_utility(data: xarray.Dataset, *, name: str, title: str = "", notice: str = "") -> elements.Figure:
    """Mean utility over agents against steps, every seed."""
    runs = count_text([data.sizes["run"]])
    start = "the start and at " if setting(data, "utility") == "product" else ""
    caption = f"Utility at {start}the snapshots, mean over agents; {runs}, one per seed."
    _, values = utility_over_steps(data)
    alt = f"Lines: mean utility from {values[:, 0].mean():.3g} to {values[:, -1].mean():.3g} (mean of seeds)."
    figure = draw_mean_utility(data)
    return to_figure(figure, name, title or "Mean utility", caption, alt, notice)


@styled
def draw_radicalisation(data: xarray.Dataset, rate: float | None = None) -> Figure:
    """A panel per run: points of the recurrence on lines of the closed form."""
    rate = float(setting(data, "rate")) if rate is None else rate
    shown = data.isel(run=slice(0, PANELS), agent=slice(0, CURVES))
    figure, axes = small_multiples(shown.sizes["run"], 3, 1.9, sharex=True, sharey=True)
    fine = np.linspace(0, float(shown["step"].values.max()), 401)
    start = shown["initial_belief"].values.astype(float)
    lines = divide(np.abs(closed_form(shown, fine, rate)), np.abs(start[:, None, :]))
    largest = shown["radicalisation"].values.max(initial=0, where=np.isfinite(shown["radicalisation"].values))
    agree = start * shown["evidence"].values >= 0
    for r, ax in enumerate(axes):
        _agents(ax, fine, lines[r], shown.isel(run=r), agree[r])
        ax.set_yscale("log")
        # a belief that changes its sign passes 0, which a logarithmic axis cannot show
        ax.set_ylim(0.05, max(10, 2 * largest))
        ax.set_title(f"seed {int(shown['seed'].values[r])}", loc="left")
        ax.grid(True, axis="y")
        ax.xaxis.set_major_formatter(EngFormatter(sep=""))
    figure.supxlabel("step", fontsize=8)
    figure.supylabel("|b(t)| / |b(0)|", fontsize=8)
    handles = [
        Line2D([], [], color=look(i).colour, marker=look(i).marker, ls=look(i).line, lw=0.9, ms=3)
        for i in (0, 1)
    ]
    legend(figure, handles, ["b(0) has the sign of the evidence", "b(0) has the other sign"])
    return figure


def _agents(ax: Axes, fine: np.ndarray, lines: np.ndarray, run: xarray.Dataset, agree: np.ndarray) -> None:
    for agent in range(lines.shape[1]):
        style = look(0 if agree[agent] else 1)
        ax.plot(fine, lines[:, agent], color=style.colour, lw=0.7, ls=style.line)
        points = run["radicalisation"].values[:, agent]
        ax.plot(run["step"].values, points, color=style.colour, ls="", marker=style.marker, ms=2.8)


def radicalisation(
    data: xarray.Dataset, *, name: str, title: str = "", rate: float | None = None, notice: str = ""
) -> elements.Figure | None:
    """Radicalisation of every agent against the closed form; None of a utility that has no such form."""
    if setting(data, "utility") != "product":
        return None
    runs, agents = min(data.sizes["run"], PANELS), data.sizes["agent"]
    who = "every agent" if agents <= CURVES else f"the first {CURVES} of {agents:,} agents"
    rest = "" if runs == data.sizes["run"] else f" (of {data.sizes['run']})"
    eta = float(setting(data, "rate")) if rate is None else rate
    caption = (
        f"Radicalisation |b(t)| / |b(0)| of {who}, {count_text([runs])}{rest}, a panel each. Points: "
        f"float32 recurrence; lines: |b(0) + η t e| / |b(0)|, η = {eta:g}."
    )
    last = data["radicalisation"].values[:, -1].astype(float)
    last = last[np.isfinite(last)]
    alt = "Points on lines, rising."
    if len(last):
        alt += f" At the end: median {np.median(last):.3g}, largest {last.max():.3g}."
    figure = draw_radicalisation(data, rate)
    return to_figure(figure, name, title or "Radicalisation", caption, alt, notice)


@styled
def draw_deviation(data: xarray.Dataset) -> Figure:
    """A line per seed."""
    figure, axes = canvas(1, 1, 2.5)
    ax = axes[0, 0]
    values = data["deviation"].values.astype(float)
    for r, (x, y) in enumerate(zip(data["step"].values, values, strict=True)):
        style = look(r)
        label = f"seed {int(data['seed'].values[r])}"
        ax.plot(x, y, color=style.colour, ls=style.line, marker=style.marker, ms=3, label=label)
    if (values > 0).any():
        ax.set_yscale("log")
    _step_axis(ax)
    ax.set_ylabel("largest |float32 - closed form|")
    ax.grid(True, axis="y")
    if len(values) <= 8:
        legend(figure, *ax.get_legend_handles_labels())
    return figure


def deviation(
    data: xarray.Dataset, *, name: str, title: str = "", notice: str = ""
) -> elements.Figure | None:
    """How far the float32 recurrence is from the closed form; None of a utility that has none."""
    if setting(data, "utility") != "product":
        return None
    runs = count_text([data.sizes["run"]])
    caption = f"Largest deviation of a belief over agents, float32 recurrence from closed form; {runs}."
    largest = np.nanmax(data["deviation"].values)
    alt = f"Lines: deviation grows with the steps; largest {largest:.2g}."
    figure = draw_deviation(data)
    return to_figure(figure, name, title or "Deviation of float32", caption, alt, notice)


def _run_of(data: xarray.Dataset, seed: int) -> xarray.Dataset:
    found = np.flatnonzero(data["seed"].values == seed)
    if not len(found):
        raise KeyError(f"seed {seed}: no such run")
    return data.isel(run=int(found[0]))


def _shown(run: xarray.Dataset) -> xarray.Dataset:
    """What a heat map has room for: the first agents, and snapshots spread evenly, the last among them."""
    last = run.sizes["snapshot"] - 1
    places = np.unique(np.linspace(0, last, min(SNAPSHOTS, last + 1)).astype(int))
    return run.isel(agent=slice(0, ROWS), snapshot=places)


def _step_axis(ax: Axes) -> None:
    ax.set_xlabel("step")
    ax.xaxis.set_major_formatter(EngFormatter(sep=""))
