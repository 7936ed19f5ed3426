"""evosax behind the interface of cmaes_solvers.py: the installed version, and 0.1.x beside it."""

from __future__ import annotations

import importlib
import sys
import time
from functools import cache
from pathlib import Path

import numpy as np

from cmaes_constants import constants
from cmaes_functions import FUNCTIONS, Problem, constants_of
from cmaes_solvers import Run, UnavailableError


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
