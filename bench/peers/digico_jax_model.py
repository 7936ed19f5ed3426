"""Digico in JAX: a step, a generation, a run (MODEL.md, sections 3, 4 and 6).

Functions are of one run; digico_jax.py batches them with vmap. Array axes are agents i, other agents j,
values v, observed agents k and hidden units, in that order.
"""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp

from digico_jax_evolve import ask, constants_of, start_solver, tell
from digico_jax_start import GROUPS, per_agent, start_beliefs, start_costs, start_weights

NEVER = jnp.iinfo(jnp.int32).max


class World(NamedTuple):
    """What changes within a generation."""

    belief: jax.Array  # [agents]
    seen: jax.Array  # [agents, capacity] observed agents
    heard: jax.Array  # [agents, capacity] their messages, -1: none
    weight: jax.Array  # [agents, agents] W_ij
    momentum: jax.Array | None  # [agents, agents] ΔW_ij, of update momentum alone


class Policy(NamedTuple):
    """Parameters of all agents' policies, as a generation uses them."""

    column: jax.Array  # [agents, inputs, hidden] W1
    base: jax.Array  # [agents, hidden] b1 − Σ_j W1[:, j]: what registers that all hold −1 give
    second: jax.Array  # [agents, values, hidden] W2
    bias: jax.Array  # [values, agents] b2


class Totals(NamedTuple):
    """Sums over the steps of a generation."""

    views: jax.Array  # [agents]
    penalty: jax.Array  # [agents] Σ |b_i − m_i|


# ---- a step: MODEL.md, section 3 ---------------------------------------------------------------------------


def policies(s, genotype):
    """Cut genotypes [agents, n] into layers."""
    w1, w2 = s.agents * s.hidden, s.hidden * s.values
    column = genotype[:, :w1].reshape(s.agents, s.agents, s.hidden)
    bias_1 = genotype[:, w1 : w1 + s.hidden]
    second = genotype[:, w1 + s.hidden : w1 + s.hidden + w2].reshape(s.agents, s.values, s.hidden)
    return Policy(column, bias_1 - column.sum(1), second, genotype[:, w1 + s.hidden + w2 :].T)


def draw(exponent, u):
    """Draw v with probability exp x(v) / Σ exp x, by the inverse of the distribution function at u.

    `exponent` is [values, agents]: the agents last, so that loops over them vectorise.
    """
    mass = jnp.exp(exponent - exponent.max(0))
    threshold = u * mass.sum(0)
    below = jnp.zeros(u.shape, jnp.int32)
    cumulative = jnp.zeros(u.shape)
    for v in range(exponent.shape[0] - 1):
        cumulative = cumulative + mass[v]
        below = below + (cumulative <= threshold)
    return below


def choose_messages(s, policy, world, acts, u):
    """Section 3.1: messages of the policies. The first layer adds the columns of observed agents alone."""
    column = jax.vmap(lambda c, j: c[j])
    hidden = policy.base
    for k in range(s.capacity):
        shift = (world.heard[:, k, None] + 1).astype(jnp.float32)
        hidden = hidden + shift * column(policy.column, world.seen[:, k])
    logits = jnp.einsum("ivh,ih->vi", policy.second, jnp.tanh(hidden), precision="highest") + policy.bias
    return jnp.where(acts, draw(logits, u), -1)


def observe(s, inverse_static, belief, message, u):
    """Section 3.2: the agents that each one observes, [agents, capacity].

    Successive draws by weights Omega are the smallest of E / Omega, E exponential (Efraimidis & Spirakis
    2006). Clocks are positive, so their bits order as they do; the low bits give way to the index of the
    candidate, and a minimum of integers finds both. `inverse_static` and `u` are [candidates, agents].
    """
    gap = jnp.abs(message[:, None] - belief).astype(jnp.float32)
    clock = -jnp.log(1 - u) * inverse_static * jnp.exp(s.belief_factor * gap)
    index_mask = (1 << (s.agents - 1).bit_length()) - 1
    candidate = jnp.arange(s.agents, dtype=jnp.int32)[:, None]
    order = jax.lax.bitcast_convert_type(clock, jnp.int32) & ~index_mask | candidate
    order = jnp.where(jnp.eye(s.agents, dtype=bool), NEVER, order)
    seen = []
    for _ in range(s.capacity):
        first = order.min(0)
        order = jnp.where(order == first, NEVER, order)
        seen.append(first & index_mask)
    return jnp.stack(seen, axis=1)


def received(s, seen, heard):
    """[i, j]: does i's register hold a message of j of this step?"""
    of = (seen[:, :, None] == jnp.arange(s.agents)) & (heard >= 0)[:, :, None]
    return of.any(1)


def reward(s, views, penalty):
    """Section 3.3: views less untruthfulness, r_i = views_i − λ |b_i − m_i|; also of sums."""
    return views - s.truthfulness * penalty


def update_weights(s, world, got, rewards, noise):
    """Section 3.4: belief weights W."""
    if s.update == "random":
        return world._replace(weight=world.weight + s.random_sigma * noise)
    if s.update == "momentum":
        momentum = s.momentum_factor * world.momentum + s.momentum_sigma * noise
        return world._replace(weight=world.weight + momentum, momentum=momentum)
    if s.update == "reward":
        ahead = jnp.maximum(rewards[None, :] - rewards[:, None], 0)
        return world._replace(weight=world.weight + s.reward_scale * jnp.where(got, ahead, 0))
    return world


def support(s, world):
    """Σ_j W_ij over the j in J_i whose content is v, [values, agents] (section 3.5)."""
    value = jnp.arange(s.values)[:, None]
    if s.everyone:
        holds = (world.belief == value).astype(jnp.float32)
        return jnp.matmul(holds, world.weight.T, precision="highest")
    total = 0
    for k in range(s.capacity):
        of_seen = jax.vmap(lambda w, j: w[j])(world.weight, world.seen[:, k])
        total = total + jnp.where(world.heard[:, k] == value, of_seen, 0)
    return total


def contagion_exponent(s, total, belief):
    """x_i(v) = C_b · total / max(|v − b_i|, δ), and what becomes of it where a float32 exp overflows."""
    distance = jnp.abs(jnp.arange(s.values)[:, None] - belief).astype(jnp.float32)
    x = s.contagion_factor * total / jnp.maximum(distance, s.contagion_delta)
    if s.overflow_uniform:
        x = jnp.where(x.max(0) > 88.7228, 0, x)
    return x


def spread_beliefs(s, world, held, u):
    """Section 3.5: contagion; groups with a fixed belief skip it."""
    new = draw(contagion_exponent(s, support(s, world), world.belief), u)
    return world._replace(belief=jnp.where(held, world.belief, new))


class Noise(NamedTuple):
    """Random numbers of a step; of a block of steps with one more axis in front."""

    clock: jax.Array  # [candidates, agents] uniforms of the draws of observed agents
    message: jax.Array  # [agents] uniforms
    belief: jax.Array  # [agents] uniforms
    weight: jax.Array | None  # [agents, agents] normals, of updates random and momentum


def draw_noise(s, key, count):
    """Random numbers of `count` steps."""
    keys = jax.random.split(key, 3)
    pairs = (count, s.agents, s.agents)
    choice = jax.random.uniform(keys[1], (2, count, s.agents))
    weight = jax.random.normal(keys[2], pairs) if s.update in ("random", "momentum") else None
    return Noise(jax.random.uniform(keys[0], pairs), choice[0], choice[1], weight)


def step(s, inverse_static, policy, acts_every, held, carry, at):
    """All phases of one step; returns beliefs after it."""
    world, totals = carry
    t, noise = at
    message = choose_messages(s, policy, world, t % acts_every == 0, noise.message)
    seen = observe(s, inverse_static, world.belief, message, noise.clock)
    heard = message[seen]
    got = received(s, seen, heard)
    views = got.sum(0, dtype=jnp.int32)
    penalty = jnp.abs(world.belief - message)
    world = world._replace(seen=seen, heard=heard)
    world = update_weights(s, world, got, reward(s, views, penalty), noise.weight)
    world = spread_beliefs(s, world, held, noise.belief)
    return (world, Totals(totals.views + views, totals.penalty + penalty)), world.belief


# ---- a generation: MODEL.md, sections 4 and 6 ------------------------------------------------------------


def live(s, run, inverse_static, genotype, world, key):
    """T steps: the world after them, sums of views and penalties, beliefs [steps, agents]."""
    policy = policies(s, genotype.reshape(s.agents, -1))
    none = jnp.zeros(s.agents, jnp.int32)
    one_step = partial(
        step, s, inverse_static, policy, per_agent(s, run.act_period), per_agent(s, run.held) != 0
    )
    start = (world, Totals(none, none))
    count = s.block

    def block(carry, at):
        first, block_key = at
        return jax.lax.scan(one_step, carry, (first + jnp.arange(count), draw_noise(s, block_key, count)))

    blocks = (jnp.arange(0, s.steps, count), jax.random.split(key, s.steps // count))
    (world, totals), beliefs = jax.lax.scan(block, start, blocks)
    return world, totals, beliefs.reshape(s.steps, s.agents)


def distances(s, genotype):
    """Mean pairwise distance / √n of genotypes within (diagonal) and between groups (section 6)."""
    x = genotype.reshape(s.agents, -1)
    x = x - x.mean(0)  # keeps differences of squares accurate
    square = (x**2).sum(1)
    cross = jnp.matmul(x, x.T, precision="highest")
    apart = jnp.where(jnp.eye(s.agents, dtype=bool), 0, square[:, None] + square[None, :] - 2 * cross)
    distance = jnp.sqrt(jnp.maximum(apart, 0) / s.parameters)
    size = s.group_size
    sums = distance.reshape(GROUPS, size, GROUPS, size).sum((1, 3))
    return sums / (size * (size - jnp.eye(GROUPS)))


def measure(s, solver, genotype, fitness, totals, beliefs, g):
    """What a generation leaves, by the names of digico's result file; absent distances are nan."""
    group = (GROUPS, s.group_size)
    due = (g % s.diversity_every == 0) | (g == s.generations - 1)
    absent = jnp.full((GROUPS, GROUPS), jnp.nan)
    holds = beliefs.reshape(s.steps, *group)[..., None] == jnp.arange(s.values)
    return {
        "views": totals.views.reshape(group).sum(1),
        "belief_penalty_mean": totals.penalty.reshape(group).mean(1) / s.steps,
        "sigma": solver.sigma,
        "fitness_mean": fitness.mean(1),
        "fitness_spread": fitness.std(1),
        "belief_count": holds.sum((0, 2), dtype=jnp.int32),
        "genotype_distance": jax.lax.cond(due, lambda x: distances(s, x), lambda x: absent, genotype),
    }


def evolve_groups(s, solver, genotype, fitness, key):
    """Solvers take in the fitness and give new genotypes (section 4)."""
    told = tell(constants_of(s.parameters, s.group_size), solver, genotype, fitness)
    return told, ask(told, key, s.group_size, s.samples)


def evolve_ai(s, solver, genotype, fitness, key):
    """The same of the first group alone."""

    def first(tree):
        return jax.tree.map(lambda x: x[:1], tree)

    new = evolve_groups(s, first(solver), genotype[:1], fitness[:1], key)
    return jax.tree.map(lambda x, old: jnp.concatenate([x, old[1:]]), new, (solver, genotype))


def evolve(s, solver, genotype, fitness, g, key):
    """Solvers that are due; the period is the program's, so that those that are not cost nothing."""
    arguments = (solver, genotype, fitness, key)
    if s.human_evolve_period == 1:
        return evolve_groups(s, *arguments)
    due = (g + 1) % s.human_evolve_period == 0
    return jax.lax.cond(due, partial(evolve_groups, s), partial(evolve_ai, s), *arguments)


def generation(s, run, inverse_static, start_weight, carry, g):
    """T steps, measures, evolution."""
    key, world, solver, genotype = carry
    key, step_key, sample_key = jax.random.split(key, 3)
    if s.carry_generation:
        world = world._replace(weight=start_weight[0])
        if s.update == "momentum":
            world = world._replace(momentum=start_weight[1])
    world, totals, beliefs = live(s, run, inverse_static, genotype, world, step_key)
    fitness = reward(s, totals.views, totals.penalty).reshape(GROUPS, s.group_size)
    record = measure(s, solver, genotype, fitness, totals, beliefs, g)
    solver, genotype = evolve(s, solver, genotype, fitness, g, sample_key)
    return (key, world, solver, genotype), record


def simulate(s, run):
    """A whole run, from its seed to the records of all generations."""
    keys = jax.random.split(jax.random.key(run.seed), 5)
    inverse_static = start_costs(s, run, keys[0]).T  # candidates first, see observe
    weight = start_weights(s, keys[1])
    nobody = jnp.zeros((s.agents, s.capacity), jnp.int32)
    world = World(
        belief=start_beliefs(s, run, keys[2]),
        seen=nobody,
        heard=nobody - 1,
        weight=weight[0],
        momentum=weight[1] if s.update == "momentum" else None,
    )
    solver = start_solver(GROUPS, s.parameters, s.sigma, s.diagonal)
    genotype = ask(solver, keys[3], s.group_size, s.samples)
    one_generation = partial(generation, s, run, inverse_static, weight)
    start = (keys[4], world, solver, genotype)
    return jax.lax.scan(one_generation, start, jnp.arange(s.generations))[1]
