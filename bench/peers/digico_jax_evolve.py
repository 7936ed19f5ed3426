"""Digico in JAX: sep-CMA-ES, one solver per group, in evosax's variant (MODEL.md, section 4).

With isotropic sampling, evosax's effective behaviour and the default, C shapes no sample and no path: C and
p_c are then neither kept nor computed, as they cannot show.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np


class Constants(NamedTuple):
    """Constants of a group's solver, in double precision on the host."""

    weight: np.ndarray  # w by rank, 0 from mu on
    rate_one: float
    rate_mu: float
    rate_sigma: float
    rate_path: float
    damping: float  # d_sigma
    mu_eff: float
    norm: float  # chi_n


class Solver(NamedTuple):
    """State of all groups' solvers, the group in front."""

    mean: jax.Array  # [groups, n]
    path_sigma: jax.Array  # [groups, n]
    sigma: jax.Array  # [groups]
    updates: jax.Array  # [groups]
    path_c: jax.Array | None  # [groups, n]; None where sampling is isotropic
    variance: jax.Array | None  # [groups, n]


def constants_of(n, size):
    """Constants of evosax's variant for n parameters and `size` samples."""
    parents = size // 2
    rank = np.arange(1, size + 1)
    weight = np.where(rank <= parents, np.log(parents + 1) - np.log(rank), 0.0)
    weight /= weight.sum()
    mu_eff = 1 / (weight**2).sum()
    capped = min(n, 40000)
    rank_mu = min(1.0, (2 * mu_eff - 1) / ((capped + 2) ** 2 + mu_eff))
    rate_sigma = (mu_eff + 2) / (n + mu_eff + 3)
    return Constants(
        weight=weight,
        rate_one=2 / ((capped + 1.3) ** 2 + mu_eff),
        rate_mu=(n + 2) / 3 * (2 / (mu_eff * (capped + np.sqrt(2)) ** 2) + (1 - 1 / mu_eff) * rank_mu),
        rate_sigma=rate_sigma,
        rate_path=4 / (n + 4),
        damping=1 + 2 * max(0.0, np.sqrt((mu_eff - 1) / (n + 1)) - 1) + rate_sigma,
        mu_eff=mu_eff,
        norm=np.sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * capped**2)),
    )


def start_solver(groups, n, sigma, diagonal):
    """Mean 0, C = 1, paths 0."""
    zero = jnp.zeros((groups, n))
    return Solver(
        mean=zero,
        path_sigma=zero,
        sigma=jnp.full(groups, sigma),
        updates=jnp.zeros(groups),
        path_c=zero if diagonal else None,
        variance=jnp.ones((groups, n)) if diagonal else None,
    )


def ask(solver, key, size, together=None):
    """One sample per agent: x = m + σ √C z, [groups, size, n].

    `together` agents at a time: jax.random's rounds are a loop on CPU, which is bound by memory where what
    it passes through does not stay in cache.
    """
    groups, n = solver.mean.shape
    spread = solver.sigma[:, None]
    if solver.variance is not None:
        spread = spread * jnp.sqrt(solver.variance)

    def sample(at):
        key, group = at
        return solver.mean[group] + spread[group] * jax.random.normal(key, (n,))

    agents = (jax.random.split(key, groups * size), jnp.repeat(jnp.arange(groups), size))
    x = jax.vmap(sample)(agents) if together is None else jax.lax.map(sample, agents, batch_size=together)
    return x.reshape(groups, size, n)


def rank_weights(c, fitness):
    """w of every agent by its rank: higher fitness first, ties to the smaller index."""
    order = jnp.argsort(-fitness, axis=-1, stable=True)
    rank = jnp.argsort(order, axis=-1)
    return jnp.asarray(c.weight, jnp.float32)[rank]


def tell(c, solver, genotype, fitness):
    """The solvers after one update from the genotypes [groups, size, n] and their fitness [groups, size]."""
    n = solver.mean.shape[1]
    sigma = solver.sigma[:, None]
    weight = rank_weights(c, fitness)
    y = (genotype - solver.mean[:, None, :]) / sigma[:, :, None]
    step = jnp.einsum("ga,gap->gp", weight, y, precision="highest")

    # p_sigma, and sigma by its length
    spread = 1.0 if solver.variance is None else jnp.sqrt(solver.variance)
    gain = np.sqrt(c.rate_sigma * (2 - c.rate_sigma) * c.mu_eff)
    path_sigma = (1 - c.rate_sigma) * solver.path_sigma + gain * step / spread
    length = jnp.sqrt((path_sigma**2).sum(1))
    updates = solver.updates + 1
    new = solver._replace(
        mean=solver.mean + sigma * step,
        path_sigma=path_sigma,
        sigma=solver.sigma * jnp.exp(c.rate_sigma / c.damping * (length / c.norm - 1)),
        updates=updates,
    )
    if solver.variance is None:
        return new

    # p_c and C
    expected = jnp.sqrt(1 - (1 - c.rate_sigma) ** (2 * updates)) * (1.4 + 2 / (n + 1)) * c.norm
    moves = (length < expected).astype(jnp.float32)[:, None]
    stall = c.rate_path * (2 - c.rate_path)
    path_c = (1 - c.rate_path) * solver.path_c + moves * np.sqrt(stall * c.mu_eff) * step
    rank_mu = jnp.einsum("ga,gap->gp", weight, y**2, precision="highest")
    kept = 1 - c.rate_one - c.rate_mu + (1 - moves) * c.rate_one * stall
    variance = kept * solver.variance + c.rate_one * path_c**2 + c.rate_mu * rank_mu
    return new._replace(path_c=path_c, variance=variance)
