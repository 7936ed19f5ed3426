"""The engine, pycma and evosax behind one interface: runs to a target, and seconds per generation.

Evaluations are counted by whole generations everywhere. The functions are computed where the solver lives: in
C for the engine, in NumPy for pycma, in JAX for evosax.
"""

from __future__ import annotations

import importlib
import json
import math
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from cmaes_constants import constants
from cmaes_functions import FUNCTIONS, Problem, constants_of


@dataclass(frozen=True)
class Run:
    """One seed: evaluations to the target, None where the limit came first."""

    evaluations: int | None
    best: float


class UnavailableError(Exception):
    """A solver that this machine cannot run; the message is for the reader."""


# ---- the engine -----------------------------------------------------------------------------------------


class Digico:
    """build/bench-cmaes: kernels/evolve_cpu.c on one thread."""

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


# ---- evosax ---------------------------------------------------------------------------------------------


@cache
def load_evosax(folder: Path | None = None):
    """The evosax that is installed, or another one from a folder (pip install --target), beside it."""
    if folder is None:
        importlib.import_module("evosax.algorithms")
        return sys.modules["evosax"]
    if not (folder / "evosax").is_dir():
        raise UnavailableError(f"{folder}: no evosax in there")
    kept = {name: sys.modules.pop(name) for name in list(sys.modules) if name.split(".")[0] == "evosax"}
    sys.path.insert(0, str(folder))
    try:
        return importlib.import_module("evosax")
    finally:
        sys.path.remove(str(folder))
        for name in [name for name in sys.modules if name.split(".")[0] == "evosax"]:
            del sys.modules[name]
        sys.modules.update(kept)


def evosax_version(evosax) -> str:
    """Its version; not every release has __version__."""
    from importlib.metadata import distributions

    folder = str(Path(evosax.__file__).parents[1])
    return next((d.version for d in distributions(name="evosax", path=[folder])), "?")


class Evosax:
    """Sep_CMA_ES of evosax from 0.2 on.

    `variant`: None for its own constants, else those of that variant. `whole`: all generations are one
    compiled program; else ask and tell are called from Python, each compiled by itself.
    """

    def __init__(self, variant: str | None = None, whole: bool = True):
        import jax

        self.jax, self.variant, self.whole = jax, variant, whole
        self.evosax = load_evosax()
        how = "as it comes" if variant is None else f"constants of {variant}"
        self.label = f"evosax {evosax_version(self.evosax)} {how}" + ("" if whole else ", ask and tell")
        self.made = {}

    def strategy(self, problem: Problem):
        """(init(key), ask(key, state), tell(key, population, value, state))."""
        jnp = self.jax.numpy
        n, population = problem.dimension, problem.population
        solver = self.evosax.algorithms.Sep_CMA_ES(
            population,
            jnp.zeros(n),
            metrics_fn=lambda *state: {},  # nobody reads them
        )
        params = solver.default_params.replace(std_init=jnp.float32(problem.sigma))
        if self.variant:
            params = params.replace(**self.params_of(problem))

        def tell(key, x, value, state):
            return solver.tell(key, x, value, state, params)[0]

        return (
            lambda key: solver.init(key, jnp.zeros(n), params),
            lambda key, state: solver.ask(key, state, params),
            tell,
        )

    def params_of(self, problem: Problem) -> dict:
        """Constants of a variant, by evosax's names."""
        c = constants(self.variant, problem.dimension, problem.population)
        values = {"weights": c.weights, "mu_eff": c.mu_eff, "c_std": c.c_sigma, "d_std": c.d_sigma}
        values |= {"c_c": c.c_c, "c_1": c.c_1, "c_mu": c.c_mu, "chi_n": c.chi_n}
        return {name: self.jax.numpy.asarray(value, "float32") for name, value in values.items()}

    def parts(self, problem: Problem):
        """(init, generation, run, stretch), made once per problem; the last two are compiled as a whole."""
        if problem not in self.made:
            self.made = {problem: self.make(problem)}
        return self.made[problem]

    def make(self, problem: Problem):
        """See parts()."""
        jax, jnp = self.jax, self.jax.numpy
        init, ask, tell = self.strategy(problem)
        arrays = tuple(jnp.asarray(a, "float32") for a in constants_of(problem.dimension))
        value_of = jax.jit(lambda x: FUNCTIONS[problem.function](x, arrays, jnp))

        def generation(key, state):
            key, ask_key, tell_key = jax.random.split(key, 3)
            x, state = ask(ask_key, state)
            value = value_of(x)
            return key, tell(tell_key, x, value, state), value

        @jax.jit
        def run(key, target, limit):
            def go_on(carry):
                return (carry[2] > target) & (carry[3] < limit)

            def step(carry):
                key, state, value = generation(carry[0], carry[1])
                return key, state, jnp.minimum(carry[2], jnp.min(value)), carry[3] + 1

            first = (key, init(key), jnp.float32(jnp.inf), 0)
            return jax.lax.while_loop(go_on, step, first)[2:]

        @jax.jit
        def stretch(key, state, generations):
            carry = (key, state)
            return jax.lax.fori_loop(0, generations, lambda _, c: generation(*c)[:2], carry)

        return init, generation, run, stretch

    def runs(self, problem: Problem, limit: int) -> list[Run]:
        """Every seed of the problem."""
        run, most = self.parts(problem)[2], limit // problem.population
        found = []
        for seed in range(1, problem.seeds + 1):
            best, generations = run(self.jax.random.key(seed), problem.target, most)
            reached = float(best) <= problem.target
            found.append(Run(int(generations) * problem.population if reached else None, float(best)))
        return found

    def advance(self, problem: Problem, key, state, generations: int):
        """Some generations, and wait for them."""
        _, generation, _, stretch = self.parts(problem)
        if self.whole:
            key, state = stretch(key, state, generations)
        else:
            for _ in range(generations):
                key, state, _ = generation(key, state)
        self.jax.block_until_ready(state)
        return key, state

    def prepare(self, problem: Problem) -> float:
        """Seconds of the first two generations: compilation."""
        began = time.perf_counter()
        key = self.jax.random.key(1)
        self.advance(problem, key, self.parts(problem)[0](key), 2)
        return time.perf_counter() - began

    def seconds(self, problem: Problem, generations: int, repeats: int) -> float:
        """Per generation, the function included; median over repeats from the start, compilation left out."""
        key = self.jax.random.key(1)
        key, state = self.advance(problem, key, self.parts(problem)[0](key), 2)
        taken = []
        for _ in range(repeats):
            began = time.perf_counter()
            self.advance(problem, key, state, generations)
            taken.append((time.perf_counter() - began) / generations)
        return float(np.median(taken))


class OldEvosax(Evosax):
    """Sep_CMA_ES of evosax 0.1.x as it comes: the square root of C is computed once and never again."""

    MOST = 1000  # it multiplies samples by a full n x n matrix

    def __init__(self, folder: Path):
        import jax

        self.jax, self.whole, self.made = jax, True, {}
        self.evosax = load_evosax(folder)
        self.label = f"evosax {evosax_version(self.evosax)} as it comes"

    def strategy(self, problem: Problem):
        """As its base class; the interface of 0.1.x."""
        solver = self.evosax.Sep_CMA_ES(
            popsize=problem.population, num_dims=problem.dimension, sigma_init=problem.sigma
        )
        params = solver.default_params
        return (
            lambda key: solver.initialize(key, params),
            lambda key, state: solver.ask(key, state, params),
            lambda key, x, value, state: solver.tell(x, value, state, params),
        )
