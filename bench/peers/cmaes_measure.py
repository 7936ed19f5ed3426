"""Runs every comparison: evaluations to the targets, then generations against the clock."""

from __future__ import annotations

import argparse
import math
import os
import platform
import sys
import time
from dataclasses import asdict
from pathlib import Path

from cmaes_evosax import Evosax, OldEvosax
from cmaes_functions import Problem, problem
from cmaes_plan import Pair, pairs, problems, timed_dimensions
from cmaes_solvers import Digico, Pycma
from cmaes_statistics import FAMILY_ALARM, compare, quartiles

MOST = 200_000  # generations of ours; all targets need far fewer
LIMIT = 4  # times the evaluations of our slowest seed, then a peer has not reached the target
FEW = 1000  # generations of a peer where none of our seeds reaches the target


class Progress:
    """One line with the time left: overwritten on a terminal, one after the other elsewhere."""

    def __init__(self, total: float):
        self.total, self.done, self.began = total, 0.0, time.monotonic()
        self.shown = sys.stderr.isatty()

    def show(self, what: str) -> None:
        """What is going on now."""
        elapsed, share = time.monotonic() - self.began, self.done / self.total
        left = f"{elapsed / share - elapsed:.0f} s left" if share > 0.02 else ""
        line = f"{share:4.0%}  {left:>10}  {what}"
        sys.stderr.write(f"\r\033[K{line}" if self.shown else f"{line}\n")
        sys.stderr.flush()

    def advance(self, cost: float) -> None:
        """So much is done."""
        self.done += cost

    def end(self) -> None:
        """Leave an empty line."""
        if self.shown:
            sys.stderr.write("\r\033[K")


# ---- evaluations ----------------------------------------------------------------------------------------


def evaluations(all_pairs: list[Pair], all_problems: list[Problem], progress: Progress) -> list[dict]:
    """One row per pair and problem."""
    tasks = [(pair, p) for p in all_problems for pair in all_pairs if pair.takes(p)]
    alarm = FAMILY_ALARM / max(1, sum(pair.same for pair, _ in tasks))
    rows, done = [], {}
    for pair, p in tasks:
        progress.show(f"evaluations: {p.function} {p.dimension}, {pair.theirs.label}")
        if (pair.ours.label, p) not in done:
            done[pair.ours.label, p] = pair.ours.runs(p, MOST * p.population)
        ours = done[pair.ours.label, p]
        most = max(run.evaluations or 0 for run in ours)
        theirs = pair.theirs.runs(p, LIMIT * most or FEW * p.population)
        rows.append(evaluation_row(pair, p, ours, theirs, alarm))
        progress.advance(cost_of(pair.theirs, p))
    return rows


def evaluation_row(pair: Pair, p: Problem, ours: list, theirs: list, alarm: float) -> dict:
    """Two distributions and what the test says of them."""
    result = compare(ours, theirs, alarm)
    sides = {}
    for name, solver, runs in (("ours", pair.ours, ours), ("theirs", pair.theirs, theirs)):
        low, median, high = (finite(v) for v in quartiles(runs))
        reached = sum(run.evaluations is not None for run in runs)
        sides[name] = {"solver": solver.label, "seeds": len(runs), "reached": reached}
        sides[name] |= {"lower_quartile": low, "median": median, "upper_quartile": high}
        sides[name]["evaluations"] = [run.evaluations for run in runs]
    verdict = result.verdict(alarm) if pair.same else "by design another method"
    return asdict(p) | {"target": p.target} | sides | asdict(result) | {"same": pair.same, "verdict": verdict}


def finite(value: float) -> float | None:
    """JSON has no infinity."""
    return value if math.isfinite(value) else None


def cost_of(solver, p: Problem) -> float:
    """Seconds to expect, roughly: of the progress line alone."""
    generations = 35 * p.dimension ** (0.7 if p.relative_target > 1e-4 else 0.9) / math.log(p.dimension)
    generations *= {"sphere": 1, "ellipsoid": 2.5, "rosenbrock": 8, "rastrigin": 0.3}[p.function]
    each = 4e-4 + 1.2e-6 * p.dimension if isinstance(solver, Pycma) else 5e-5 + 1.2e-6 * p.dimension
    return 1.5 * (not isinstance(solver, Pycma)) + p.seeds * generations * each


# ---- time per generation --------------------------------------------------------------------------------


def times(program: Path, old: Path | None, quick: bool, progress: Progress) -> list[dict]:
    """One row per dimension and peer."""
    ours, rows = Digico(program), []
    for n in timed_dimensions(quick):
        p = problem("sphere", n, 1e-9, 1, sigma=2.0 if n < 3000 else 0.1)
        peers = [Pycma(published=False), Evosax(), Evosax(whole=False)]
        if old and n <= OldEvosax.MOST:
            peers.append(OldEvosax(old))
        progress.show(f"time per generation: {n}")
        rows += time_dimension(p, ours, peers, 3 if quick else 5, 0.1 if quick else 0.3)
        progress.advance(time_cost(quick, n))
    return rows


def time_cost(quick: bool, n: int) -> float:
    """Seconds to expect, of the progress line alone."""
    return (2 if quick else 10) + 5e-4 * n


def time_dimension(p: Problem, ours: Digico, peers: list, rounds: int, stretch: float) -> list[dict]:
    """All solvers in turn, `rounds` times; a turn lasts about `stretch` seconds."""
    solvers = [ours, *peers]
    compilation = [solver.prepare(p) for solver in solvers]
    plans = [plan_turn(solver.seconds(p, 3, 1), p, stretch) for solver in solvers]
    taken = [
        [solver.seconds(p, *plan) for solver, plan in zip(solvers, plans, strict=True)] for _ in range(rounds)
    ]
    columns = list(zip(*taken, strict=True))
    rows = []
    for k, peer in enumerate(peers, start=1):
        ratios = sorted(theirs / mine for theirs, mine in zip(columns[k], columns[0], strict=True))
        rows.append(
            {
                "dimension": p.dimension,
                "population": p.population,
                "ours": sorted(columns[0])[rounds // 2],
                "solver": peer.label,
                "theirs": sorted(columns[k])[rounds // 2],
                "ratio": ratios[rounds // 2],
                "low": ratios[0],
                "high": ratios[-1],
                "rounds": rounds,
                "compilation": compilation[k],
            }
        )
    return rows


def plan_turn(seconds: float, p: Problem, stretch: float) -> tuple[int, int]:
    """(generations, repeats): no repeat goes on where the sphere is solved and numbers become subnormal."""
    generations = max(3, min(int(stretch / seconds), 10 * p.dimension))
    return generations, max(1, min(200, int(stretch / seconds / generations)))


# ---- all of it ------------------------------------------------------------------------------------------


def machine() -> dict:
    """Whose figures these are."""
    info = Path("/proc/cpuinfo")
    names = (
        [line for line in info.read_text().splitlines() if line.startswith("model name")]
        if info.exists()
        else []
    )
    processor = names[0].split(":", 1)[1].strip() if names else platform.machine()
    return {"processor": processor, "cores": os.cpu_count(), "python": platform.python_version()}


def measure(asked: argparse.Namespace) -> dict:
    """Everything that is printed and written."""
    all_pairs, all_problems = pairs(asked.program, asked.old_evosax), problems(asked.quick)
    total = sum(cost_of(pair.theirs, p) for p in all_problems for pair in all_pairs if pair.takes(p))
    total += sum(time_cost(asked.quick, n) for n in timed_dimensions(asked.quick))
    progress = Progress(total)
    try:
        found = {"machine": machine(), "quick": asked.quick, "family_alarm": FAMILY_ALARM}
        found["evaluations"] = evaluations(all_pairs, all_problems, progress)
        found["seconds"] = times(asked.program, asked.old_evosax, asked.quick, progress)
    finally:
        progress.end()
    return found
