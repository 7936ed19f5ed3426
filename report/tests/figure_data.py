"""Small results as the engine writes them, made of random numbers."""

import itertools

import numpy as np
import xarray

GROUPS = ["ai", "human1", "human2"]
HEALTH = (
    "bottleneck",
    "belief_entropy",
    "polarisation_variance",
    "polarisation_extremes",
    "cliques",
    "extinct_values",
)


def sweep(generations: int = 12, seeds: int = 3, **axes: tuple) -> xarray.Dataset:
    """Runs of every combination of the axes and seeds."""
    axes = {**axes, "seed": tuple(range(1, seeds + 1))}
    combinations = list(itertools.product(*axes.values()))
    columns = zip(*combinations, strict=True)
    n = len(combinations)
    random = np.random.default_rng(7)
    series = ("run", "generation")
    data = xarray.Dataset(coords={"generation": np.arange(generations), "belief": np.arange(5)})
    for name, column in zip(axes, columns, strict=True):
        data[name] = ("run", np.array(column), {"configuration_key": name})
    for metric in ("ai_views", "ai_fitness", "human_belief_0"):
        values = random.random((n, generations))
        data[metric] = (series, values)
        data[f"{metric}_last"] = ("run", values[:, -1])
        data[f"{metric}_mean"] = ("run", values.mean(axis=1))
    for scope, measure in itertools.product(("population", "human"), HEALTH):
        data[f"{scope}_{measure}"] = (series, random.random((n, generations)))
    for name in ("last_appearance", "human_last_appearance"):
        data[name] = (("run", "belief"), random.integers(-1, generations, (n, 5)).astype(float))
    data["group_kind"] = (("run", "group"), np.array([["ai", "human", "human"]] * n))
    data["generations_completed"] = ("run", np.full(n, generations))
    count = random.multinomial(50, [0.1, 0.4, 0.2, 0.2, 0.1], (n, generations, 3)).astype(float)
    data["belief_count"] = ((*series, "group", "belief"), count)
    shape = (n, 4, 3, 3)
    dims = ("run", "diversity_generation", "group", "other_group")
    data["genotype_distance"] = (dims, random.random(shape))
    return data.assign_coords(
        group=GROUPS, other_group=GROUPS, diversity_generation=[0, 4, 8, 11], run=np.arange(n)
    )


def with_agents(data: xarray.Dataset, niches: int = 4) -> xarray.Dataset:
    """The same with views of ten agents: three of AI, the last one of none."""
    n, random = data.sizes["run"], np.random.default_rng(8)
    dims, shape = ("run", "recorded_generation", "step", "agent"), (n, 2, 5, 10)
    received = random.integers(0, 5, shape)
    group = np.tile([0, 0, 0, 1, 1, 1, 2, 2, 2, -1], (n, 1))
    niche = random.integers(0, niches, (n, 10))
    return data.assign(
        agent_views=(dims, random.integers(0, 9, shape)),
        agent_received=(dims, received),
        agent_received_ai=(dims, random.binomial(received, 0.4)),
        agent_group=(("run", "agent"), group),
        agent_niche=(("run", "agent"), np.where(group < 0, -1, niche)),
        niche_influence=(("run", "niche"), random.random((n, niches))),
    )


def echo(utility: str = "product") -> xarray.Dataset:
    """Three runs of four agents, beliefs by the closed form."""
    random = np.random.default_rng(9)
    start, evidence = random.normal(size=(2, 3, 4)) / 10
    steps = np.tile(np.arange(1, 6) * 1000, (3, 1))
    belief = start[:, None] + 0.01 * steps[:, :, None] * evidence[:, None]
    text = f"model: echo-chamber\necho:\n  agents: 4\n  rate: 0.01\n  utility: {utility}\n"
    return xarray.Dataset(
        {
            "configuration": ("run", np.array([text] * 3, dtype=object)),
            "belief": (("run", "snapshot", "agent"), belief),
            "evidence": (("run", "agent"), evidence),
            "initial_belief": (("run", "agent"), start),
            "utility_mean": (("run", "snapshot"), (belief * evidence[:, None]).mean(axis=2)),
            "deviation": (("run", "snapshot"), random.random((3, 5)) * 1e-4),
            "radicalisation": (("run", "snapshot", "agent"), np.abs(belief / start[:, None])),
        },
        coords={"seed": ("run", np.arange(1, 4)), "step": (("run", "snapshot"), steps)},
    )


def table():
    """A small Table 3: types, updates and readings, not in the paper's order."""
    return sweep(
        ai_type=("all_zero", "none"), belief_weights_update=("reward", "fixed"), reading=("tables", "text")
    )
