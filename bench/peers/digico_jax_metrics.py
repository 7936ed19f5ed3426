"""Digico in JAX: metrics of runs from the records of their generations (MODEL.md, section 6), on the host."""

import numpy as np


def dominance(records):
    """AI views, AI fitness and human belief 0 of every generation, [runs, generations]."""
    views = records["views"].astype(float)
    fitness = records["fitness_mean"].astype(float)  # groups of one size: means are in proportion to sums
    humans = records["belief_count"][:, :, 1:].sum(2).astype(float)
    return {
        "ai_views": views[..., 0] / views.sum(-1),
        "ai_fitness": fitness[..., 0] / fitness.sum(-1),
        "human_belief_0": humans[..., 0] / humans.sum(-1),
    }


def health(histogram):
    """Health of the ecosystem (Section 2.5 of the paper) from belief counts [..., values]."""
    values = histogram.shape[-1]
    held = histogram > 0
    share = histogram / histogram.sum(-1, keepdims=True)
    value = np.arange(values)
    mean = (share * value).sum(-1)
    variance = (share * value**2).sum(-1) - mean**2
    third = values // 3
    starts = held & ~np.concatenate([np.zeros_like(held[..., :1]), held[..., :-1]], -1)
    return {
        "bottleneck": share.max(-1),
        "belief_entropy": -(share * np.log(np.where(held, share, 1))).sum(-1) / np.log(values),
        "polarisation_variance": variance / ((values - 1) / 2) ** 2,
        "polarisation_extremes": share[..., :third].sum(-1) + share[..., values - third :].sum(-1),
        "cliques": starts.sum(-1),
        "extinct_values": (~held).sum(-1),
    }


def metrics_of(records):
    """All metrics by the names of digico's result file; `_last` and `_mean` are of a whole run."""
    out = dominance(records)
    for name in list(out):
        out[f"{name}_last"] = out[name][:, -1]
        out[f"{name}_mean"] = out[name].mean(1)
    count = records["belief_count"]
    for scope, counts in (("population", count.sum(2)), ("human", count[:, :, 1:].sum(2))):
        out |= {f"{scope}_{name}": value for name, value in health(counts).items()}
    measured = np.isfinite(records["genotype_distance"]).any((0, 2, 3))
    out["diversity_generation"] = np.flatnonzero(measured)
    out["genotype_distance"] = records["genotype_distance"][:, measured]
    return out | {name: value for name, value in records.items() if name not in out}
