"""Digico in JAX: settings of a program, and the start of a run (MODEL.md, sections 1, 2, 5 and 7).

`Settings` is what a program is compiled for: shapes and choices. `Run` is what may differ from run to run
of one program: the seed and what the AI type sets. Both are read by digico_jax_model.py.
"""

from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

GROUPS = 3  # ai, human1, human2 of N / 3 agents each

# MODEL.md, section 5: humans act every, humans evolve every, AI influence bonus, AI belief
# (None: free, "fixed": at its random initial value, a number: fixed there)
AI_TYPES = {
    "none": (1, 1, 0.0, None),
    "act": (2, 1, 0.0, None),
    "evolve": (1, 5, 0.0, None),
    "influence": (1, 1, 2.0, None),
    "fix": (1, 1, 0.0, "fixed"),
    "all": (2, 5, 2.0, "fixed"),
    "fix_at_zero": (1, 1, 0.0, 0),
    "all_zero": (2, 5, 2.0, 0),
}

# MODEL.md, section 7
READINGS = {
    "text": {"everyone": False, "overflow_uniform": False, "carry_generation": False},
    "tables": {"everyone": True, "overflow_uniform": True, "carry_generation": True},
}


@dataclass(frozen=True)
class Settings:
    """What one compiled program is for; defaults are those of configs/default.yaml."""

    agents: int = 30
    generations: int = 1000
    steps: int = 50
    update: str = "fixed"
    human_evolve_period: int = 1
    everyone: bool = False  # sources all, content belief; else received, message (section 3.5)
    overflow_uniform: bool = False  # contagion.overflow: float32; else exact
    carry_generation: bool = False  # belief_weights.carry: generation; else run
    belief_factor: float = 1.0  # K_b
    coordinate_factor: float = 1.0  # K_c
    influence_factor: float = 1.0  # K_I
    values: int = 10
    hidden: int = 64
    capacity: int = 4
    truthfulness: float = 0.1  # lambda
    random_sigma: float = 1.0
    momentum_sigma: float = 0.05
    momentum_factor: float = 0.2
    reward_scale: float = 1.0
    contagion_factor: float = 5.0  # C_b
    contagion_delta: float = 1.0
    sigma: float = 0.1
    diagonal: bool = False  # evolution.sampling of the evosax variant
    diversity_every: int = 50
    block: int = 1  # steps whose random numbers are drawn at once; a divisor of steps
    samples: int | None = None  # agents whose genotypes are drawn side by side; None: all
    niche_points: int = 5000
    niche_dimensions: int = 10
    niche_centroids: int = 10
    niche_iterations: int = 15

    @property
    def group_size(self):
        """Agents of each group."""
        return self.agents // GROUPS

    @property
    def parameters(self):
        """n, parameters of a policy: W1, b1, W2, b2."""
        return self.agents * self.hidden + self.hidden + self.hidden * self.values + self.values


class Run(NamedTuple):
    """What differs between runs of a program; batches have one more axis in front."""

    seed: jax.Array
    act_period: jax.Array  # [groups]
    bonus: jax.Array  # [groups] influence bonus
    held: jax.Array  # [groups] 1: contagion skips the group
    start_belief: jax.Array  # [groups] a value, or -1: random


def make_runs(ai_types, seeds):
    """Runs of the given AI types and seeds, side by side, as one batch on the host."""
    rows = [AI_TYPES[name] for name in ai_types]

    def groups(ai, human, dtype=np.int32):
        return np.array([[a, h, h] for a, h in zip(ai, human, strict=True)], dtype)

    one, zero = [1] * len(rows), [0] * len(rows)
    belief = [row[3] for row in rows]
    return Run(
        seed=np.array(seeds, np.uint32),
        act_period=groups(one, [row[0] for row in rows]),
        bonus=groups([row[2] for row in rows], zero, np.float32),
        held=groups([b is not None for b in belief], zero),
        start_belief=groups([b if isinstance(b, int) else -1 for b in belief], [-1] * len(rows)),
    )


def per_agent(settings, of_group):
    """A value of each group, repeated for its agents."""
    return jnp.repeat(of_group, settings.group_size)


def tessellate(settings, key):
    """Centroids of the niche, [k, d]: Lloyd iterations from the first k of uniform points [d, points].

    Points last, as far longer an axis than the other two: three times as fast on CPU.
    """
    point = jax.random.uniform(key, (settings.niche_dimensions, settings.niche_points))
    count = settings.niche_centroids

    def lloyd(_, centroid):
        member = (nearest(point, centroid) == jnp.arange(count)[:, None]).astype(jnp.float32)
        members = member.sum(1, keepdims=True)
        total = jnp.matmul(member, point.T, precision="highest")
        return jnp.where(members > 0, total / jnp.maximum(members, 1), centroid)

    return jax.lax.fori_loop(0, settings.niche_iterations, lloyd, point[:, :count].T)


def nearest(point, centroid):
    """Index of the nearest centroid of every point: least |c|² − 2 x·c, the terms that depend on c."""
    closeness = jnp.matmul(centroid, point, precision="highest")
    return jnp.argmin((centroid**2).sum(1, keepdims=True) - 2 * closeness, axis=0)


def influence(settings, centroid, coordinate, bonus):
    """I_ij = exp(C_i − C_j), C_i = sum of the coordinates of i's centroid + its group's bonus (Eq. 7)."""
    standing = centroid.sum(1)[nearest(coordinate.T, centroid)] + per_agent(settings, bonus)
    return jnp.exp(standing[:, None] - standing[None, :])


def static_cost(settings, coordinate, influence_of):
    """−log S_ij = K_c ‖c(i) − c(j)‖ + K_I I_ij."""
    gap = coordinate[:, None, :] - coordinate[None, :, :]
    distance = jnp.sqrt((gap**2).sum(-1))
    return settings.coordinate_factor * distance + settings.influence_factor * influence_of


def inverse_weight(cost):
    """1 / S_ij up to a factor of the row, which no draw notices: the largest weight of a row becomes 1.

    Capped at e^70, so that 1 / Omega_ij stays within float32 for all |b − m| of a run; what lies beyond is
    never drawn.
    """
    others = jnp.where(jnp.eye(cost.shape[0], dtype=bool), jnp.inf, cost)
    return jnp.exp(jnp.minimum(cost - others.min(1, keepdims=True), 70.0))


def start_costs(settings, run, key):
    """1 / S_ij of a run, scaled by rows: all that steps need of niche, coordinates and influence."""
    niche_key, coordinate_key = jax.random.split(key)
    coordinate = jax.random.uniform(coordinate_key, (settings.agents, settings.niche_dimensions))
    centroid = tessellate(settings, niche_key)
    cost = static_cost(settings, coordinate, influence(settings, centroid, coordinate, run.bonus))
    return inverse_weight(cost)


def start_beliefs(settings, run, key):
    """Uniform beliefs, or the one that a group is fixed at."""
    given = per_agent(settings, run.start_belief)
    return jnp.where(given >= 0, given, jax.random.randint(key, (settings.agents,), 0, settings.values))


def start_weights(settings, key):
    """W(0) ~ U[0, 1] and ΔW(0) ~ U[−0.1, 0.1]."""
    weight, delta = jax.random.uniform(key, (2, settings.agents, settings.agents))
    return weight, 0.2 * delta - 0.1
