"""A whole step and whole generations of digico_jax_model.py against MODEL.md, section 3, in plain NumPy.

The plain model is written from the text, agent after agent in double precision, with registers as a table
[i, j] and every number of Table 1 as a literal. It is fed the random numbers that JAX uses, so the two must
agree in every belief, message and view: what happens when in a step, and what outlives a generation, shows.
A near tie, where float32 may decide otherwise, fails as such: change SEED.
"""

import os
import subprocess
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import yaml

import digico_jax
import digico_jax_evolve as evolve
import digico_jax_model as model
import digico_jax_start as start
from digico_jax_programs import settings_of

ROOT = Path(__file__).resolve().parents[3]
DIGICO = Path(os.environ.get("DIGICO", ROOT / "build" / "digico"))
SEED = 1
NEAR = 3e-6  # closer than this is a tie

# reading, update, AI type, agents: both readings of all updates
CASES = [
    ("text", "reward", "act", 9),
    ("text", "momentum", "act", 6),
    ("text", "random", "all_zero", 9),
    ("text", "fixed", "fix", 9),
    ("tables", "reward", "act", 9),
    ("tables", "momentum", "all", 9),
    ("tables", "random", "act", 6),
    ("tables", "fixed", "none", 9),
]
of_cases = pytest.mark.parametrize(("reading", "update", "ai_type", "agents"), CASES)
of_moving_cases = pytest.mark.parametrize(  # generations take seconds to compile
    ("reading", "update", "ai_type", "agents"), [c for c in CASES if c[1] in ("reward", "momentum")]
)
# far less to compile, and numbers the same up to rounding
jit = partial(jax.jit, compiler_options={"xla_backend_optimization_level": 0})
draw_noise = jit(model.draw_noise, static_argnums=(0, 2))


def settings(reading, update, agents, **others):
    """Few agents of small policies; sigma makes them depend on their registers."""
    sizes = {"agents": agents, "hidden": 3, "values": 5, "capacity": 3, "sigma": 1.5}
    return start.Settings(update=update, **sizes, **start.READINGS[reading], **others)


# ---- MODEL.md, section 3, agent after agent ----------------------------------------------------------------


def pick(x, u):
    """Value v with probability exp x(v) / Σ exp x: the first whose distribution function exceeds u."""
    chance = np.exp(x - x.max())
    edge = np.cumsum(chance / chance.sum())[:-1]
    assert np.abs(edge - u).min() > NEAR, "a tie"
    return int((edge <= u).sum())


@dataclass
class Plain:
    """A population: what section 2 starts and section 3 changes."""

    reading: str
    update: str
    values: int
    hidden: int
    capacity: int
    act_period: np.ndarray  # [agents]
    fixed: np.ndarray  # [agents] does the group's belief stay?
    static: np.ndarray  # [agents, agents] S
    belief: np.ndarray  # [agents]
    register: np.ndarray  # [agents, agents] last received by i from j, or -1
    weight: np.ndarray  # [agents, agents] W
    momentum: np.ndarray  # [agents, agents] ΔW
    message: np.ndarray | None = None  # [agents] of the last step
    views: np.ndarray | None = None  # [agents] of the last step
    penalty: np.ndarray | None = None  # [agents] of the last step

    def step(self, genotype, t, noise):
        """All of section 3 for one t."""
        noise = [None if x is None else np.array(x, float) for x in noise]
        clock, message_u, belief_u, weight_z = noise
        self.send(genotype, t, message_u)
        self.look(clock)
        before = self.belief.copy()
        self.views = np.array([(self.register[:, i] != -1).sum() for i in range(len(before))])
        self.penalty = np.abs(before - self.message)
        self.learn(self.views - 0.1 * self.penalty, weight_z)
        self.catch(before, belief_u)

    def send(self, genotype, t, u):
        """3.1: messages, −1 of those that do not act."""
        n, h, v = len(self.belief), self.hidden, self.values
        self.message = np.full(n, -1)
        for i in range(n):
            if t % self.act_period[i] != 0:
                continue
            w1, b1, w2, b2 = np.split(genotype[i].astype(float), np.cumsum([n * h, h, h * v]))
            hidden = np.tanh(self.register[i] @ w1.reshape(n, h) + b1)
            self.message[i] = pick(w2.reshape(v, h) @ hidden + b2, u[i])

    def look(self, u):
        """3.2, K_b = 1: registers of the new messages. The first of clocks of rate Ω is drawn first."""
        n = len(self.belief)
        self.register = np.full((n, n), -1)
        for i in range(n):
            others = [j for j in range(n) if j != i]
            omega = [self.static[i, j] * np.exp(-abs(self.belief[i] - self.message[j])) for j in others]
            ring = -np.log(1 - u[others, i]) / np.array(omega)
            order = np.argsort(ring)
            last, next_one = ring[order[[self.capacity - 1, self.capacity]]]
            assert next_one / last > 1 + NEAR, "a tie"
            for k in order[: self.capacity]:
                self.register[i, others[k]] = self.message[others[k]]

    def learn(self, reward, z):
        """3.4: belief weights."""
        if self.update == "random":
            self.weight = self.weight + 1.0 * z
        if self.update == "momentum":
            self.momentum = 0.2 * self.momentum + 0.05 * z
            self.weight = self.weight + self.momentum
        if self.update == "reward":
            for i, j in np.argwhere(self.register != -1):
                self.weight[i, j] += 1.0 * max(reward[j] - reward[i], 0)

    def catch(self, before, u):
        """3.5: contagion."""
        n = len(before)
        for i in range(n):
            if self.fixed[i]:
                continue
            x = np.zeros(self.values)
            for j in range(n):
                v = before[j] if self.reading == "tables" else self.register[i, j]
                if v != -1:
                    x[v] += 5 * self.weight[i, j] / max(abs(v - before[i]), 1)
            assert abs(x.max() - 88.7228) > 0.001, "a tie"
            if self.reading == "tables" and x.max() > 88.7228:
                x[:] = 0
            self.belief[i] = pick(x, u[i])


# ---- the same population for both --------------------------------------------------------------------------


def population(s, reading, ai_type):
    """A plain population in the middle of a run, and the run."""
    rng = np.random.default_rng(SEED)
    n = s.agents
    run = jax.tree.map(lambda x: x[0], start.make_runs([ai_type], [SEED]))
    register = np.full((n, n), -1)
    for i in range(n):
        seen = rng.permutation([j for j in range(n) if j != i])[: s.capacity]
        register[i, seen] = rng.integers(-1, s.values, s.capacity)
    plain = Plain(
        reading,
        s.update,
        s.values,
        s.hidden,
        s.capacity,
        act_period=np.repeat(run.act_period, n // 3),
        fixed=np.repeat(run.held, n // 3) != 0,
        static=np.exp(-rng.uniform(0, 2, (n, n))).astype(np.float32),
        belief=rng.integers(0, s.values, n),
        register=register,
        weight=rng.random((n, n), np.float32).astype(float),
        momentum=rng.uniform(-0.1, 0.1, (n, n)).astype(np.float32).astype(float),
    )
    return plain, run


def world_of(s, plain):
    """The same as JAX keeps it. What a register reads is told by who was observed; −1 reads as nobody."""
    seen = np.argsort(-plain.register, axis=1, kind="stable")[:, : s.capacity]
    return model.World(
        belief=jnp.array(plain.belief, jnp.int32),
        seen=jnp.array(seen, jnp.int32),
        heard=jnp.array(np.take_along_axis(plain.register, seen, 1), jnp.int32),
        weight=jnp.array(plain.weight, jnp.float32),
        momentum=jnp.array(plain.momentum, jnp.float32) if s.update == "momentum" else None,
    )


def assert_same(world, plain):
    """The state after a step or a generation."""
    register = np.full(plain.register.shape, -1)
    np.put_along_axis(register, np.array(world.seen), np.array(world.heard), 1)
    np.testing.assert_array_equal(register, plain.register)
    np.testing.assert_allclose(world.weight, plain.weight, rtol=1e-5, atol=1e-5)
    if world.momentum is not None:
        np.testing.assert_allclose(world.momentum, plain.momentum, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(world.belief, plain.belief)


# ---- tests -------------------------------------------------------------------------------------------------


@of_cases
def test_steps_are_those_of_section_3(reading, update, ai_type, agents):
    s = settings(reading, update, agents)
    plain, _ = population(s, reading, ai_type)
    rng = np.random.default_rng(SEED + 1)
    genotype = rng.normal(0, s.sigma, (agents, s.parameters)).astype(np.float32)
    inverse = jnp.array(1 / plain.static.T)
    policy = model.policies(s, jnp.array(genotype))
    one = jit(partial(model.step, s, inverse, policy, jnp.array(plain.act_period), jnp.array(plain.fixed)))
    none = jnp.zeros(agents, jnp.int32)
    carry = (world_of(s, plain), model.Totals(none, none))
    views, penalty = np.zeros(agents, int), np.zeros(agents, int)
    for t in range(12):
        normal = rng.normal(size=(agents, agents)) if update in ("random", "momentum") else None
        uniform = [rng.random(shape, np.float32) for shape in ((agents, agents), agents, agents)]
        noise = model.Noise(*uniform, None if normal is None else normal.astype(np.float32))
        carry, belief = one(carry, (jnp.int32(t), noise))
        plain.step(genotype, t, noise)
        views, penalty = views + plain.views, penalty + plain.penalty
        assert_same(carry[0], plain)
        np.testing.assert_array_equal(belief, plain.belief)
        np.testing.assert_array_equal(carry[1].views, views)
        np.testing.assert_array_equal(carry[1].penalty, penalty)
        # silent are exactly those who do not act, and those are humans at odd steps
        silent = (t % 2 == 1) & (np.arange(agents) >= agents // 3) & (start.AI_TYPES[ai_type][0] == 2)
        np.testing.assert_array_equal(plain.message == -1, silent)


@of_moving_cases
def test_generations_are_those_of_section_3(reading, update, ai_type, agents):
    # an odd number of steps: a clock that runs on through generations shows
    s = settings(reading, update, agents, steps=9, block=3, generations=3)
    plain, run = population(s, reading, ai_type)
    world = world_of(s, plain)
    rng = np.random.default_rng(SEED + 2)
    weight_0 = rng.random((agents, agents), np.float32)  # W(0) and ΔW(0); those of `world` are later ones
    momentum_0 = rng.uniform(-0.1, 0.1, (agents, agents)).astype(np.float32)
    inverse, first = jnp.array(1 / plain.static.T), (jnp.array(weight_0), jnp.array(momentum_0))
    one = jit(partial(model.generation, s, run, inverse, first))
    solver = evolve.start_solver(3, s.parameters, s.sigma, s.diagonal)
    tell = jit(partial(evolve.tell, evolve.constants_of(s.parameters, s.group_size)))
    genotype = jnp.array(rng.normal(0, s.sigma, (3, s.group_size, s.parameters)), jnp.float32)
    carry = (jax.random.key(SEED + 3), world, solver, genotype)
    for g in range(s.generations):
        key, _, solver, genotype = carry
        carry, record = one(carry, jnp.int32(g))
        if reading == "tables":
            plain.weight, plain.momentum = weight_0.astype(float), momentum_0.astype(float)
        views, penalty, fitness, beliefs = live(s, plain, np.array(genotype), key)
        assert_same(carry[1], plain)
        np.testing.assert_array_equal(record["views"], views.sum(1))
        np.testing.assert_allclose(record["belief_penalty_mean"], penalty.mean(1) / s.steps, rtol=1e-5)
        np.testing.assert_allclose(record["fitness_mean"], fitness.mean(1), rtol=1e-5, atol=1e-4)
        np.testing.assert_allclose(record["fitness_spread"], fitness.std(1), rtol=1e-4, atol=1e-4)
        count = [[(group == v).sum() for v in range(s.values)] for group in np.split(beliefs, 3, axis=1)]
        np.testing.assert_array_equal(record["belief_count"], count)
        # this fitness, of this generation alone, is what solvers that are due are told
        told = tell(solver, genotype, jnp.array(fitness, jnp.float32))
        np.testing.assert_allclose(carry[2].mean, told.mean, rtol=1e-5, atol=1e-5)


def live(s, plain, genotype, key):
    """A generation of the plain model, with the random numbers that model.generation makes of its key.

    Sums of views, of penalties and of rewards [groups, size], and beliefs [steps, agents].
    """
    genotype = genotype.reshape(s.agents, s.parameters)
    blocks = jax.random.split(jax.random.split(key, 3)[1], s.steps // s.block)
    noise = [jax.device_get(draw_noise(s, block, s.block)) for block in blocks]
    views, penalty, fitness = np.zeros(s.agents), np.zeros(s.agents), np.zeros(s.agents)
    beliefs = []
    for t in range(s.steps):
        b, k = divmod(t, s.block)
        plain.step(genotype, t, [None if x is None else x[k] for x in noise[b]])
        views, penalty = views + plain.views, penalty + plain.penalty
        fitness = fitness + plain.views - 0.1 * plain.penalty
        beliefs.append(plain.belief.copy())
    return *(x.reshape(3, -1) for x in (views, penalty, fitness)), np.array(beliefs)


# ---- defaults ----------------------------------------------------------------------------------------------


def effective(*options):
    """Keys of configs/default.yaml as digico prints them, dotted."""
    words = [DIGICO, "config", *options, ROOT / "configs" / "default.yaml"]
    text = subprocess.run(words, capture_output=True, text=True, check=True).stdout

    def dotted(tree, before=""):
        if not isinstance(tree, dict):
            return {before[:-1]: tree}
        return {k: v for name in tree for k, v in dotted(tree[name], f"{before}{name}.").items()}

    return dotted(yaml.safe_load(text))


# of every key that sections 1 to 6 give a number or a choice, the field of Settings
FIELDS = {
    "agents": "agents",
    "generations": "generations",
    "steps": "steps",
    "values": "values",
    "niche.points": "niche_points",
    "niche.dimensions": "niche_dimensions",
    "niche.centroids": "niche_centroids",
    "niche.iterations": "niche_iterations",
    "policy.hidden": "hidden",
    "observation.capacity": "capacity",
    "observation.coordinate_factor": "coordinate_factor",
    "observation.influence_factor": "influence_factor",
    "observation.belief_factor": "belief_factor",
    "reward.truthfulness": "truthfulness",
    "belief_weights.update": "update",
    "belief_weights.random_sigma": "random_sigma",
    "belief_weights.momentum_sigma": "momentum_sigma",
    "belief_weights.momentum_factor": "momentum_factor",
    "belief_weights.reward_scale": "reward_scale",
    "contagion.factor": "contagion_factor",
    "contagion.delta": "contagion_delta",
    "evolution.sigma": "sigma",
    "measures.diversity_every": "diversity_every",
    "groups.human1.evolve_period": "human_evolve_period",
    "groups.human2.evolve_period": "human_evolve_period",
}
# what digico_jax.py has no choice of
ONLY = {
    "policy.output": "sample",
    "observation.sparsity": 0,
    "observation.silent": "marker",
    "reward.penalise_silence": True,
    "belief_weights.clip": "none",
    "contagion.distance": "floor",
    "contagion.sparsity": 0,
    "evolution.variant": "evosax",
    "evolution.mean_rate": None,
    "evolution.covariance_rate": None,
    "early_stop.share": None,
}


@pytest.mark.parametrize("reading", ["text", "tables"])
def test_defaults_are_digicos(reading):
    keys = effective(f"--set=reading={reading}")
    by_options = settings_of(digico_jax.parse(["--reading", reading]), 1)
    by_name = replace(start.Settings(), **start.READINGS[reading])
    for s in (by_options, by_name):
        for key, field in FIELDS.items():
            assert getattr(s, field) == keys[key], key
        spread = (keys["contagion.sources"], keys["contagion.content"])
        assert spread == (("all", "belief") if s.everyone else ("received", "message"))
        assert keys["contagion.overflow"] == ("float32" if s.overflow_uniform else "exact")
        assert keys["belief_weights.carry"] == ("generation" if s.carry_generation else "run")
        assert keys["evolution.sampling"] == ("diagonal" if s.diagonal else "isotropic")
        for group in ("ai", "human1", "human2"):
            assert keys[f"groups.{group}.size"] == s.group_size
    assert {key: keys[key] for key in ONLY} == ONLY


def test_reading_by_default_is_digicos():
    reading = effective()["reading"]
    assert start.Settings() == replace(start.Settings(), **start.READINGS[reading])
    assert digico_jax.parse([]).reading == reading
