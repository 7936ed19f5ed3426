"""The engine and pycma behind one interface: runs to a target, and seconds per generation.

Evaluations are counted by whole generations everywhere. The functions are computed where the solver lives: in
C for the engine, in NumPy for pycma, in JAX for evosax.
"""

from __future__ import annotations

import json
import math
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cmaes_constants import constants
from cmaes_functions import Problem


@dataclass(frozen=True)
class Run:
    """One seed: evaluations to the target, None where the limit came first."""

    evaluations: int | None
    best: float


class UnavailableError(Exception):
    """A solver that this machine cannot run; the message is for the reader."""


# ---- the engine -----------------------------------------------------------------------------------------


class Digico:
    """build/bench-cmaes: kernels/cpu/evolve.c on one thread."""

    SEEDS = 4  # times as many as the others: they cost nothing, and narrow the comparison

    def __init__(
        self, program: Path, variant="ros-hansen", sampling="diagonal", options: tuple[str, ...] = ()
    ):
        self.program, self.options = program, ("--variant", variant, "--sampling", sampling, *options)
        self.label = f"digico {variant}" + ("" if variant == "ros-hansen" else f" {sampling}")

    def call(self, problem: Problem, evaluations: int, *options: str) -> list[dict]:
        """One dictionary per seed."""
        command = [self.program, "--function", problem.function, "--dimension", problem.dimension]
        command += ["--population", problem.population, "--sigma", problem.sigma]
        command += ["--max-evaluations", evaluations, *self.options, *options]
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise UnavailableError(done.stderr.strip())
        return [json.loads(line) for line in done.stdout.splitlines()]

    def runs(self, problem: Problem, limit: int) -> list[Run]:
        """Every seed of the problem."""
        seeds = problem.seeds * self.SEEDS
        rows = self.call(problem, limit, "--target", repr(problem.target), "--seeds", str(seeds))
        return [Run(row["evaluations"], row["best"]) for row in rows]

    def prepare(self, problem: Problem) -> float:
        """Nothing is compiled at run time."""
        return 0.0

    def seconds(self, problem: Problem, generations: int, repeats: int) -> float:
        """Per generation, the function included; median over repeats from the start."""
        rows = self.call(problem, generations * problem.population, "--seeds", str(repeats))
        return float(np.median([row["seconds_per_generation"] for row in rows]))


# ---- pycma ----------------------------------------------------------------------------------------------


class Pycma:
    """pycma's CMA_diagonal as it comes or, with `published`, as Ros and Hansen describe the method.

    As it comes it has negative weights, learning rates and a c_c of its own, and it multiplies the scale of a
    coordinate by exp(w / 2) where the published method multiplies its square by 1 + w, w being the same sum.
    Constants alone cannot make the two equal: p_c is kept in units of the scale, and a slow c_c then lags
    behind a scale that shrinks.
    """

    def __init__(self, published: bool):
        import cma

        self.cma, self.published = cma, published
        self.label = f"pycma {cma.__version__}" + (" as published" if published else " as it comes")

    def strategy(self, problem: Problem, seed: int):
        """A solver at its start; nothing is logged, normals come from NumPy's fastest generator."""
        random = np.random.default_rng(seed)
        options = {
            "CMA_diagonal": True,
            "AdaptSigma": self.cma.sigma_adaptation.CMAAdaptSigmaCSA,
            "popsize": problem.population,
            "verbose": -9,
            "verb_log": 0,
            "verb_disp": 0,
            "seed": np.nan,  # leave NumPy's global state alone
            "randn": lambda *shape: random.standard_normal(shape),
        }
        if self.published:
            options["CMA_active"] = False  # no negative weights
        es = self.cma.CMAEvolutionStrategy(np.zeros(problem.dimension), problem.sigma, options)
        if self.published:
            self.publish(es, problem)
        return es

    def publish(self, es, problem: Problem) -> None:
        """Constants and update of C; sampling, selection, recombination, paths and sigma stay pycma's."""
        c = constants("ros-hansen", problem.dimension, problem.population)
        es.sp.weights.set_attributes_from_weights(list(c.weights))
        es.sp.c1_sep, es.sp.cmu_sep, es.sp.cc_sep = c.c_1, c.c_mu, c.c_c
        es.adapt_sigma.initialize(es)
        es.adapt_sigma.cs, es.adapt_sigma.damps = c.c_sigma, c.d_sigma

        def update(vectors, weights, **_):
            """C <- (1 - sum w) C + sum w y^2, y = scale z; p_c keeps its value as its unit changes."""
            w = np.asarray(weights) / np.log(2)  # which tell() had multiplied
            factor = np.sqrt(1 - w.sum() + w @ np.square(np.asarray(vectors)))
            es.sigma_vec *= factor
            es.pc /= factor

        es.sigma_vec.update = update

    @staticmethod
    def generation(es, problem: Problem) -> float:
        """Ask, evaluate, tell; the best value."""
        population = es.ask()
        value = problem.value(np.asarray(population))
        es.tell(population, value.tolist())
        return float(value.min())

    def run(self, problem: Problem, seed: int, limit: int) -> Run:
        """One seed."""
        es, best, evaluations = self.strategy(problem, seed), math.inf, 0
        while evaluations + problem.population <= limit:
            best = min(best, self.generation(es, problem))
            evaluations += problem.population
            if best <= problem.target:
                return Run(evaluations, best)
        return Run(None, best)

    def runs(self, problem: Problem, limit: int) -> list[Run]:
        """Every seed of the problem."""
        return [self.run(problem, seed, limit) for seed in range(1, problem.seeds + 1)]

    def prepare(self, problem: Problem) -> float:
        """Nothing is compiled at run time."""
        return 0.0

    def seconds(self, problem: Problem, generations: int, repeats: int) -> float:
        """Per generation, the function included; median over repeats from the start."""
        return float(np.median([self.stretch(problem, generations) for _ in range(repeats)]))

    def stretch(self, problem: Problem, generations: int) -> float:
        """Seconds per generation of one start; two generations of warming up are left out."""
        es = self.strategy(problem, 1)
        for _ in range(2):
            self.generation(es, problem)
        began = time.perf_counter()
        for _ in range(generations):
            self.generation(es, problem)
        return (time.perf_counter() - began) / generations
