#!/usr/bin/env python3
"""Digico in JAX: the opponent of bench/peers/side_by_side.py, as a user of JAX would write it with care.

The model is that of docs/MODEL.md, section by section (digico_jax_start.py, _model.py, _evolve.py), in
float32, with random numbers of jax.random. A program is compiled ahead of time and runs from seeds to
metrics without the host: scan over steps and generations, vmap over runs, shard_map over devices. Nothing
but seeds and what AI types set goes in, nothing but records comes out, so there are no buffers to donate.

In: all of sections 1 to 7 for three equal groups; per generation and group views, belief penalty, mean and
spread of fitness, belief histograms and, every 50 generations and in the last, distances of genotypes; on
the host the three dominance metrics and the health of the ecosystem over population and humans. Out:
observation.silent other than marker, both sparsities, clip, offset distance, argmax policy, ros-hansen,
early stop, recorded agents, files, checkpoints.

What was tried on two CPU cores (N = 30), and what came of it:
- first layer: gathering the observed columns beats the dense product over all registers, and adding one
  column after the other beats gathering four and contracting them;
- observed agents: minima of integers that hold clock and index beat lax.top_k, which beats argmin and
  sorting; lax.approx_min_k is a sort on CPU; candidates on the first axis, so that the minima vectorise;
- draws of messages and beliefs: inverse distribution function with one uniform beats Gumbel noise for every
  value, with agents on the last axis so that loops vectorise; cumsum and triangular products are slower;
- second layer as [values, hidden] beats [hidden, values];
- threefry with jax_threefry_partitionable off makes two words per block and beats it switched on; rbg and
  unsafe_rbg are far slower on CPU;
- jax.random.normal beats Box-Muller (cos is slow); threefry with its rounds written out beats jax.random
  by less than it costs in clarity;
- random numbers of a whole generation at once beat those of each step: on CPU jax.random's rounds are a
  loop of small operations, and few runs feel every one of them; large ones are bound by memory, so that
  genotypes at N = 300 are drawn a few agents at a time;
- vectors of 512 bits beat XLA's own choice of 256 where the CPU has them;
- both cores: runs spread over one XLA host device per core beat one device whose operations are
  threaded; within a device, chunks of few runs (lax.map over vmap) keep genotypes in the second-level cache.
A GPU takes all runs in one chunk, as far as its memory goes.
"""

import argparse
import json
import math
import os
import sys
import time
from pathlib import Path

UPDATES = ("fixed", "random", "momentum", "reward")
TYPES = ("none", "act", "evolve", "influence", "fix", "all", "fix_at_zero", "all_zero")
SET80 = 80  # bench/bench.c: 8 AI types x seeds 1 ... 10, reading text, update fixed


class UsageError(Exception):
    """Bad arguments: one line, exit code 2."""


class Parser(argparse.ArgumentParser):
    """A parser whose complaint is one line."""

    def error(self, message):
        """Leave with the complaint."""
        raise UsageError(message)


def parse(arguments):
    """Checked arguments."""
    p = Parser(description="Digico in JAX, a peer of digico's bench.", allow_abbrev=False)
    p.add_argument("--agents", type=int, default=30, help="N, a multiple of 3, at least 6")
    p.add_argument("--runs", type=int, help="R: seeds from --seed on, of each type where mixed (default 1)")
    p.add_argument("--generations", type=int, default=1000)
    p.add_argument("--steps", type=int, default=50)
    p.add_argument("--ai-type", choices=(*TYPES, "mixed"), help="default none, as in bench/bench.c")
    p.add_argument("--update", choices=UPDATES, default="fixed")
    p.add_argument("--reading", choices=("text", "tables"), default="text")
    p.add_argument("--belief-factor", type=float, default=1.0, help="K_b")
    p.add_argument("--seed", type=int, default=1, help="first seed")
    p.add_argument("--set", choices=("set80",), help="runs and types of the 80-run set")
    p.add_argument("--device", choices=("cpu", "gpu"), default="cpu")
    p.add_argument("--devices", type=int, help="CPU: XLA host devices (default: one per core)")
    p.add_argument("--chunk", type=int, help="runs computed side by side on a device")
    p.add_argument("--block", type=int, help="steps whose random numbers are drawn at once")
    p.add_argument("--serve", action="store_true", help="compile, then run once per line of stdin")
    p.add_argument("--out", type=Path, help="write metrics to FILE.npz or FILE.json")
    return check(p.parse_args(arguments))


def check(a):
    """Complete and check what the parser cannot."""
    if a.set == "set80":
        if a.runs not in (None, SET80) or a.ai_type not in (None, "mixed"):
            raise UsageError(f"--set set80: {SET80} runs of --ai-type mixed, expected no others")
        a.runs, a.ai_type = SET80, "mixed"
    a.runs = 1 if a.runs is None else a.runs
    a.ai_type = a.ai_type or "none"
    if a.agents < 6 or a.agents % 3:
        raise UsageError(f"--agents: {a.agents}, expected a multiple of 3, at least 6")
    for name in ("runs", "generations", "steps", "devices", "chunk", "block"):
        value = getattr(a, name)
        if value is not None and value < 1:
            raise UsageError(f"--{name}: {value}, expected at least 1")
    if a.block is not None and a.steps % a.block:
        raise UsageError(f"--block: {a.block}, expected a divisor of {a.steps} steps")
    if a.ai_type == "mixed" and a.runs % len(TYPES):
        raise UsageError(f"--runs: {a.runs}, expected a multiple of {len(TYPES)} types where mixed")
    if not 0 <= a.seed < 2**32 - a.runs:
        raise UsageError(f"--seed: {a.seed}, expected 0 ... 2^32 - runs")
    if not (math.isfinite(a.belief_factor) and a.belief_factor >= 0):
        raise UsageError(f"--belief-factor: {a.belief_factor}, expected at least 0")
    if a.out and a.out.suffix not in (".npz", ".json"):
        raise UsageError(f"--out: {a.out}, expected FILE.npz or FILE.json")
    if a.out and (a.out.is_dir() or not a.out.absolute().parent.is_dir()):
        raise UsageError(f"--out: {a.out}, expected a file in a folder that is there")
    return a


def prepare_backend(a):
    """What XLA wants to know before JAX is imported."""
    if a.device == "cpu":
        cores = len(os.sched_getaffinity(0))
        a.devices = min(a.devices or cores, a.runs)
        os.environ["JAX_PLATFORMS"] = "cpu"
        flags = [os.environ.get("XLA_FLAGS", ""), f"--xla_force_host_platform_device_count={a.devices}"]
        if "avx512f" in Path("/proc/cpuinfo").read_text():
            flags.append("--xla_cpu_prefer_vector_width=512")
        os.environ["XLA_FLAGS"] = " ".join(flags).strip()
    else:
        a.devices = 1
        os.environ["JAX_PLATFORMS"] = "cuda"


def run_once(programs):
    """The whole work: from seeds to metrics of all runs, in their order."""
    from digico_jax_metrics import metrics_of
    from digico_jax_programs import collect

    return metrics_of(collect(programs))


def peak_bytes(a):
    """Most memory held so far: of the device, or of this process (VmHWM)."""
    if a.device == "gpu":
        import jax

        return jax.devices()[0].memory_stats()["peak_bytes_in_use"]
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024
    return None


def say(**words):
    """One line of JSON."""
    print(json.dumps(words), flush=True)


def timed_run(a, programs):
    """Run once, print what it took."""
    begin = time.perf_counter()
    run_once(programs)
    say(seconds=time.perf_counter() - begin, peak_bytes=peak_bytes(a))


def write(path, metrics):
    """Metrics as arrays by name, or as JSON."""
    import numpy as np

    if path is not None and path.suffix == ".npz":
        np.savez_compressed(path, **metrics)
        return
    text = json.dumps({name: np.asarray(value).tolist() for name, value in metrics.items()})
    if path is None:
        print(text)
    else:
        path.write_text(text + "\n")


def main(arguments=None):
    """Compile, then serve or run once."""
    try:
        a = parse(arguments)
    except UsageError as e:
        print(f"digico_jax: {e}", file=sys.stderr)
        return 2
    prepare_backend(a)
    import jax

    try:
        device = jax.devices()[0].device_kind
    except (RuntimeError, AssertionError) as e:  # the latter: a JAX without the plugin of the platform
        reason = str(e).splitlines()[0] if str(e) else "this JAX knows none"
        print(f"digico_jax: --device {a.device}: {reason}", file=sys.stderr)
        return 1
    from digico_jax_programs import compile_programs, layout_of

    begin = time.perf_counter()
    programs = compile_programs(a)
    seconds = time.perf_counter() - begin
    if not a.serve:
        write(a.out, run_once(programs))
        return 0
    say(compile_seconds=seconds, device=device, jax=jax.__version__, peak_bytes=peak_bytes(a), **layout_of(a))
    for _ in sys.stdin:
        timed_run(a, programs)
    return 0


if __name__ == "__main__":
    sys.exit(main())
