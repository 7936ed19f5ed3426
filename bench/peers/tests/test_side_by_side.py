"""bench/peers/side_by_side.py: who is timed, how ratios are taken, what a mistake costs."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

import side_by_side
from scaling.measure import Sample
from side_by_side import WORKS, Work

DIGICO = Path(os.environ.get("DIGICO", side_by_side.ROOT / "build/digico"))
LITTLE = (Work(9, 2, 2), Work(9, 80, 1, mixed=True))


@pytest.fixture
def little(monkeypatch):
    """The smallest comparison there is."""
    monkeypatch.setattr(side_by_side, "QUICK_WORKS", LITTLE)


class FakePeer:
    """Twice, four and eight times as slow as FAKE_OURS; its first round must not count."""

    seconds = (99.0, 2.0, 8.0, 32.0)

    def __init__(self, work, device):
        self.about = {"compile_seconds": 3.0, "start_seconds": 1.0, "jax": "0"}
        self.left = list(self.seconds)

    def run(self):
        return Sample(self.left.pop(0), 7_000_000)

    def close(self):
        pass


FAKE_OURS = (50.0, 1.0, 2.0, 4.0)


def test_ratios_are_taken_within_rounds_and_the_first_does_not_count(monkeypatch):
    ours = list(FAKE_OURS)
    monkeypatch.setattr(side_by_side, "Peer", FakePeer)
    monkeypatch.setattr(side_by_side, "run_ours", lambda *_: Sample(ours.pop(0), 5_000_000))
    *ticks, row = side_by_side.compare(DIGICO, WORKS[0], "cpu", 3)
    assert ticks == [None] * 4
    assert row["ratio"] == {"median": 4.0, "least": 2.0, "largest": 8.0}
    assert row["digico_seconds"] == {"median": 2.0, "least": 1.0, "largest": 4.0}
    assert (row["digico_bytes"], row["jax_bytes"]) == (5_000_000, 7_000_000)
    text = side_by_side.table({"works": [row]})
    assert "4.0 (2.0 ... 8.0)" in text
    assert "3.0 s" in text  # compilation, apart


def test_the_works_are_those_of_the_issue_and_the_same_for_both():
    asked = [(w.agents, w.runs) for w in WORKS]
    assert asked == [(30, 1), (30, 10), (30, 80), (30, 320), (300, 8), (999, 2)]
    for work in WORKS:
        words = work.jax_words("cpu")
        assert words[words.index("--generations") + 1] == str(work.generations)
        assert f"generations: {work.generations}\n" in work.experiment
        assert ("--set" in words) == work.mixed == ("all_zero" in work.experiment)


def test_both_run_and_the_figures_are_written(tmp_path, little, capsys):
    out = tmp_path / "peers.json"
    words = ["--quick", "--program", str(DIGICO), "--json", str(out), "--machine", "a machine"]
    assert side_by_side.main(words) == 0
    told = json.loads(out.read_text())
    assert told["machine"] == "a machine"
    assert [w["agent_steps"] for w in told["works"]] == [9 * 2 * 2 * 50, 9 * 80 * 50]
    for row in told["works"]:
        assert row["jax"]["agent_steps"] == row["agent_steps"]
        assert row["ratio"]["least"] <= row["ratio"]["median"] <= row["ratio"]["largest"]
        assert row["digico_bytes"] > 1e6
        assert row["jax_bytes"] > 1e7
    assert "a machine" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--program", "/nowhere"], "--program: /nowhere, expected the program digico"),
        (["--program", str(DIGICO), "--json", "/nowhere/x.json"], "--json: /nowhere/x.json, expected a file"),
        (["--device", "abacus"], "argument --device: invalid choice: 'abacus'"),
    ],
)
def test_a_mistake_is_one_line(words, line, capsys):
    with pytest.raises(SystemExit) as left:
        side_by_side.main(words)
    assert left.value.code == 2
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 1
    assert told[0].startswith(f"side_by_side.py: {line}")


def test_a_program_that_fails_is_told_and_writes_nothing(tmp_path, little, capsys):
    program, out = tmp_path / "digico", tmp_path / "peers.json"
    program.write_text("#!/bin/sh\necho 'digico: the disk is gone' >&2\nexit 1\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    assert side_by_side.main(["--quick", "--program", str(program), "--json", str(out)]) == 1
    assert capsys.readouterr().err == "side_by_side.py: digico: the disk is gone\n"
    assert not out.exists()
