"""Small sweeps of the real program, one of every kind that a page must cope with."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

_SMALL = (
    "agents: 6\nsteps: 5\ngenerations: 4\nmeasures: {diversity_every: 2}\n"
    "niche: {points: 50, iterations: 2}\nobservation: {capacity: 2}\npolicy: {hidden: 4}\n"
)
_FREE = _SMALL.replace("agents: 6\n", "")  #: groups state their sizes
_ECHO = "model: echo-chamber\necho: {agents: 4, steps: 40, snapshot_every: 10"
_UTILITIES = "echo.utility: [product, bounded-confidence]"
_SEEDS = "    seed: {from: 1, to: 2}\n"


def product(*axes: str) -> str:
    return "sweep:\n  product:\n" + "".join(f"    {axis}\n" for axis in axes) + _SEEDS


TEXTS = {
    "single": _SMALL,
    "category": _SMALL + product("ai_type: [none, all, fix_at_zero]"),
    "number": _SMALL + product("reward.truthfulness: [0.0001, 0.1, 1]"),
    "numbers": _SMALL + product("reward.truthfulness: [0, 0.1]", "contagion.factor: [-1, 0, 5]"),
    "many": _SMALL + product("contagion.factor: {from: 0, to: 5, count: 21}"),
    "zip": _SMALL
    + "sweep:\n  zip:\n    reading: [text, tables]\n    observation.belief_factor: [1, 0]\n  product:\n"
    + _SEEDS,
    "conditions": _SMALL
    + "sweep:\n  conditions:\n    - {name: sparse, set: {contagion.sparsity: 0.5}}\n"
    + "    - {name: Full_x.y, set: {contagion.factor: 1}}\n  product:\n"
    + _SEEDS,
    "groups": _FREE
    + "groups:\n  bots: {kind: ai, size: 2}\n  trolls: {kind: ai, size: 2}\n  left: {kind: human, size: 3}\n"
    + "  right: {kind: human, size: 2, belief: {fixed_at: 9}}\n"
    + product("groups.trolls.influence_bonus: [0, 2]"),
    "people": _FREE
    + "groups: {people: {kind: human, size: 6}}\n"
    + product("contagion.factor: [1, 5]", "ai_type: [none, act]"),
    "ragged": _SMALL + "output: {agents: true}\n" + product("agents: [6, 9]", "values: [3, 12]"),
    "early": _SMALL + "early_stop: {share: 0.2, generations: 1}\n" + product("ai_type: [none, all_zero]"),
    "agents": _SMALL + "output: {agents: true, first: 1, every: 2}\n" + product("ai_type: [none, all]"),
    "no-diversity": _SMALL.replace("every: 2", "every: 0") + product("ai_type: [none, all]"),
    "null": _SMALL + product("evolution.mean_rate: [null, 0.001, 0.5]"),
    "excluded": _SMALL
    + product("ai_type: [none, all]", "contagion.factor: [1, 5]")
    + "  exclude:\n    - {ai_type: none, contagion.factor: 5}\n",
    "echo": _ECHO + "}\n" + product(),
    "echo-near": _ECHO + ", utility: bounded-confidence}\n" + product(),
    "echo-steps": _ECHO + "}\n" + product("echo.steps: [20, 40]"),
    "echo-agents": _ECHO + "}\n" + product("echo.agents: [2, 5]", _UTILITIES),
    "echo-nothing": _ECHO + ", scale: 0}\n",
}


def digico(*words: object) -> None:
    """The program; the test is skipped where there is none."""
    program = os.environ.get("DIGICO")
    if not program:
        pytest.skip("DIGICO does not name a built program")
    done = subprocess.run([program, *map(str, words)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def run(folder: Path, kind: str, *words: str) -> Path:
    """A folder with the result of a kind."""
    file = folder / f"{kind}.yaml"
    file.write_text(TEXTS[kind], encoding="utf-8")
    digico("run", file, "-o", folder / kind, "--quiet", "--device", "cpu", "--threads", "1", *words)
    return folder / kind


def partial(folder: Path) -> Path:
    """Half of the runs of `category`."""
    made = run(folder, "category", "--shard", "1/2")
    digico("merge", made, "--partial", "--quiet")
    return made
