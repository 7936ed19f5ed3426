"""What a run's keys are: those it states, over the defaults of the file."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
import xarray

from digico_report.configuration import configurations, keys_of
from digico_report.frames import frame_of
from digico_report.results import Result

PROGRAM = os.environ.get("DIGICO")

#: runs that state few keys, of every kind, with groups of their own; and one that states none
YAML = """
generations: 2
steps: 3
agents: 6
niche: {points: 20, iterations: 1}
observation.capacity: 2
groups: {bots: {kind: ai, belief: {fixed_at: 1}}, people: {kind: human}}
sweep:
  product:
    reading: [text, tables]
    reward.truthfulness: [0.1, 0.25]
"""


def test_keys_are_dotted_however_deep_they_stand() -> None:
    text = (
        "# a: remark\nseed: 3\nbelief_weights:\n  update: reward\n  clip: [0, 1]\n"
        "groups:\n  ai:\n    size: 4\n    belief: {fixed_at: 2}\n  human1:\n    size: 2\n"
    )
    assert keys_of(text) == {
        "seed": "3",
        "belief_weights.update": "reward",
        "belief_weights.clip": "[0, 1]",
        "groups.ai.size": "4",
        "groups.ai.belief": "{fixed_at: 2}",
        "groups.human1.size": "2",
    }
    assert keys_of("") == {}


def dataset(texts: list[str], **attributes: str) -> xarray.Dataset:
    return xarray.Dataset({"configuration": ("run", np.array(texts, dtype=object))}, attrs=attributes)


def test_a_stated_key_stands_over_its_default() -> None:
    data = dataset(["# head\n", "seed: 7\n"], configuration_defaults="seed: 1\nagents: 30\n")
    assert configurations(data) == [{"seed": "1", "agents": "30"}, {"seed": "7", "agents": "30"}]


def test_a_file_of_an_earlier_build_states_all_keys() -> None:
    assert configurations(dataset(["seed: 1\nagents: 9\n"])) == [{"seed": "1", "agents": "9"}]


def test_a_file_without_configurations_has_none() -> None:
    assert configurations(xarray.Dataset()) == []


@pytest.mark.skipif(not PROGRAM, reason="DIGICO does not name a built program")
def test_keys_of_a_real_result_are_those_that_the_program_prints(tmp_path: Path) -> None:
    config = tmp_path / "few.yaml"
    config.write_text(YAML, encoding="utf-8")
    subprocess.run([str(PROGRAM), "run", str(config), "-o", str(tmp_path / "out"), "--quiet"], check=True)
    result = Result(tmp_path / "out")
    found = configurations(result.data)
    assert len(found) == 4
    for run, keys in enumerate(found):
        command = [str(PROGRAM), "config", str(config), "--run", str(run)]
        printed = keys_of(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        assert {key: printed[key] for key in keys} == keys
        assert len(keys) > 40
    frame = frame_of(result.ended)
    assert set(frame["agents"]) == {6}
    assert set(frame["ai_type"]) == {"none"}
    assert set(frame["update"]) == {"fixed"}
    assert list(frame["reading"]) == ["text", "text", "tables", "tables"]
