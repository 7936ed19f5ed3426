"""What is compared: problems, and pairs of solvers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cmaes_evosax import Evosax, OldEvosax
from cmaes_functions import Problem, problem
from cmaes_solvers import Digico, Pycma


def problems(quick: bool) -> list[Problem]:
    """What is solved. Where n is large the step is small and the target near: minutes have to be enough."""
    if quick:
        return [
            problem("sphere", 10, 1e-9, 12),
            problem("ellipsoid", 30, 1e-9, 8),
            rastrigin(10, 30, 12),
        ]
    easy = [problem("sphere", n, 1e-9, seeds) for n, seeds in ((10, 25), (30, 25), (100, 20), (1000, 4))]
    easy += [problem("sphere", n, target, 3, sigma=0.1) for n, target in ((10000, 0.5), (20000, 0.7))]
    bent = [problem("ellipsoid", n, 1e-9, seeds) for n, seeds in ((10, 25), (30, 25), (100, 15), (1000, 2))]
    bent += [problem("ellipsoid", 10000, 0.1, 3, sigma=0.1), problem("ellipsoid", 20000, 0.5, 3, sigma=0.1)]
    valley = [problem("rosenbrock", n, 1e-3, 8, sigma=0.5) for n in (10, 30)]
    return easy + bent + valley + [rastrigin(10, 30, 25), rastrigin(30, 50, 25), rastrigin(100, 100, 12)]


def rastrigin(n: int, population: int, seeds: int) -> Problem:
    """To the value n, a local optimum one off in every coordinate: few runs find the global one."""
    start = problem("rastrigin", n, 1.0, 1).target
    return problem("rastrigin", n, n / start, seeds, population=population)


# In Rosenbrock's valley C shrinks without end, as sigma grows: by 1e-34 in 2,500 generations at n = 10.
# There evosax, which adds 1e-8 to C in every generation, follows another method; and float32 ends soon after,
# so the target is one that comes before it.
SEPARABLE = ("sphere", "ellipsoid", "rastrigin")


@dataclass
class Pair:
    """Two solvers on some problems, and whether they are meant to be the same algorithm."""

    ours: Digico
    theirs: object
    same: bool
    dimensions: int = 10**9  # up to so many
    functions: tuple[str, ...] = (*SEPARABLE, "rosenbrock")

    def takes(self, p: Problem) -> bool:
        """Is the problem one for this pair?"""
        return p.dimension <= self.dimensions and p.function in self.functions


def pairs(program: Path, old: Path | None) -> list[Pair]:
    """Every comparison of evaluations."""
    published = Digico(program)
    diagonal = Digico(program, "evosax", "diagonal")
    found = [
        Pair(published, Evosax("ros-hansen"), True, functions=SEPARABLE),
        Pair(published, Evosax("ros-hansen"), False, functions=("rosenbrock",)),
        Pair(published, Pycma(published=True), True),
        Pair(published, Pycma(published=False), False, 100),
        Pair(published, Evosax(), False, 100),
        Pair(diagonal, Evosax("evosax"), True, 100, SEPARABLE),
    ]
    if old:  # without a shape of its samples it never ends on an ellipsoid or in the valley
        isotropic = Digico(program, "evosax", "isotropic")
        found.append(Pair(isotropic, OldEvosax(old), True, 100, ("sphere", "rastrigin")))
    return found


def timed_dimensions(quick: bool) -> list[int]:
    """Where generations are timed."""
    return [10, 10000] if quick else [10, 30, 100, 300, 1000, 3000, 10000, 20000]
