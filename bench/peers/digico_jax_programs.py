"""Digico in JAX: which runs are computed side by side, and where (called by digico_jax.py)."""

from dataclasses import replace
from functools import partial
from typing import NamedTuple

import jax
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from digico_jax_model import simulate
from digico_jax_start import AI_TYPES, READINGS, Settings, make_runs

# threefry's two words per block are both used; see digico_jax.py
jax.config.update("jax_threefry_partitionable", False)

# Runs of a chunk on CPU: genotypes of so many bytes, within a core's second-level cache.
CPU_CHUNK_BYTES = 1 << 20
# Random numbers drawn at once: of a chunk, so many bytes.
NOISE_BYTES = {"cpu": 1 << 20, "gpu": 1 << 28}
# Genotypes drawn side by side on CPU: of so many bytes, within a core's second-level cache.
CPU_SAMPLE_BYTES = 1 << 20
# Share of a GPU's memory that a chunk may take, and how many copies of its genotypes it needs.
GPU_SHARE, GENOTYPE_COPIES = 0.7, 4


class Program(NamedTuple):
    """A compiled program and its runs."""

    compiled: object
    runs: object  # Run, padded to whole chunks
    places: np.ndarray  # of its runs among all; padding left out


def types_and_seeds(a):
    """AI type and seed of every run; mixed: all seeds of a type, type after type."""
    if a.ai_type != "mixed":
        return [a.ai_type] * a.runs, list(range(a.seed, a.seed + a.runs))
    seeds = a.runs // len(AI_TYPES)
    pairs = [(name, a.seed + k) for name in AI_TYPES for k in range(seeds)]
    return [p[0] for p in pairs], [p[1] for p in pairs]


def largest_divisor(n, most):
    """Largest divisor of n up to `most`, at least 1."""
    return max(d for d in range(1, n + 1) if n % d == 0 and d <= max(most, 1))


def settings_of(a, human_evolve_period):
    """What a program of these arguments is compiled for."""
    return Settings(
        agents=a.agents,
        generations=a.generations,
        steps=a.steps,
        update=a.update,
        belief_factor=a.belief_factor,
        human_evolve_period=human_evolve_period,
        **READINGS[a.reading],
    )


def chunk_of(a, settings, runs):
    """Runs of a chunk for `runs` per device: at most what memory allows, with the least padding."""
    bytes_of_run = 4 * settings.agents * settings.parameters
    if a.chunk:
        most = a.chunk
    elif a.device == "gpu":
        limit = (jax.devices()[0].memory_stats() or {}).get("bytes_limit", 1 << 33)
        most = int(GPU_SHARE * limit / (GENOTYPE_COPIES * bytes_of_run))
    else:
        most = CPU_CHUNK_BYTES // bytes_of_run
    most = min(max(most, 1), runs)
    return min(range(1, most + 1), key=lambda c: (-(-runs // c) * c, -c))


def block_of(a, chunk):
    """Largest divisor of the steps whose random numbers fit NOISE_BYTES."""
    if a.block:
        return a.block
    most = NOISE_BYTES[a.device] // (4 * chunk * a.agents**2)
    return largest_divisor(a.steps, most)


def samples_of(a, settings, chunk):
    """Agents whose genotypes are drawn side by side, a divisor of any group's; None: all."""
    bytes_of_one = 4 * settings.parameters * chunk
    if a.device == "gpu" or settings.agents * bytes_of_one <= CPU_SAMPLE_BYTES:
        return None
    return largest_divisor(settings.group_size, CPU_SAMPLE_BYTES // bytes_of_one)


def plan(a, runs, human_evolve_period):
    """Settings, chunk and padded number of runs of a program."""
    per_device = -(-runs // a.devices)
    settings = settings_of(a, human_evolve_period)
    chunk = chunk_of(a, settings, per_device)
    padded = -(-per_device // chunk) * chunk * a.devices
    settings = replace(settings, block=block_of(a, chunk), samples=samples_of(a, settings, chunk))
    return settings, chunk, padded


def batch(settings, chunk, runs):
    """All runs of a device: chunk after chunk, the runs of a chunk side by side."""
    together = jax.vmap(partial(simulate, settings))
    count = runs.seed.shape[0] // chunk
    if count == 1:
        return together(runs)
    chunks = jax.tree.map(lambda x: x.reshape(count, chunk, *x.shape[1:]), runs)
    records = jax.lax.map(together, chunks)
    return jax.tree.map(lambda x: x.reshape(count * chunk, *x.shape[2:]), records)


def compile_program(a, types, seeds, places):
    """One program for runs of one evolve period of humans."""
    period = AI_TYPES[types[0]][1]
    settings, chunk, padded = plan(a, len(types), period)
    places = np.array(places)
    index = np.minimum(np.arange(padded), len(types) - 1)  # padding repeats the last run
    runs = make_runs([types[k] for k in index], [seeds[k] for k in index])
    work = partial(batch, settings, chunk)
    mesh = Mesh(np.array(jax.devices()[: a.devices]), ("runs",))
    split = PartitionSpec("runs")
    if a.devices > 1:
        work = jax.shard_map(work, mesh=mesh, in_specs=split, out_specs=split, check_vma=False)
    runs = jax.device_put(runs, NamedSharding(mesh, split))
    return Program(jax.jit(work).lower(runs).compile(), runs, places)


def compile_programs(a):
    """One program per evolve period of humans among the runs: it is static, see digico_jax_model.evolve."""
    types, seeds = types_and_seeds(a)
    periods = sorted({AI_TYPES[name][1] for name in types})
    programs = []
    for period in periods:
        places = [k for k, name in enumerate(types) if AI_TYPES[name][1] == period]
        programs.append(compile_program(a, [types[k] for k in places], [seeds[k] for k in places], places))
    return programs


def collect(programs):
    """Run all programs; records of all runs in their order, on the host."""
    started = [p.compiled(p.runs) for p in programs]
    records = [jax.device_get(jax.block_until_ready(s)) for s in started]
    total = sum(len(p.places) for p in programs)
    out = {}
    for name, first in records[0].items():
        out[name] = np.empty((total, *first.shape[1:]), first.dtype)
        for p, record in zip(programs, records, strict=True):
            out[name][p.places] = record[name][: len(p.places)]
    return out


def layout_of(a):
    """How the work is laid out, for the line that --serve prints first."""
    types, _ = types_and_seeds(a)
    of_period = [AI_TYPES[name][1] for name in types]
    plans = [plan(a, of_period.count(p), p) for p in sorted(set(of_period))]
    return {
        "devices": a.devices,
        "runs": a.runs,
        "agents": a.agents,
        "agent_steps": a.runs * a.agents * a.steps * a.generations,
        "chunk": [chunk for _, chunk, _ in plans],
        "padded_runs": [padded for _, _, padded in plans],
        "block": [settings.block for settings, _, _ in plans],
    }
