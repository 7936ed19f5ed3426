"""Running the experiments: the command, its folder, and what becomes of an exit code."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest

from digico_report.__main__ import main
from digico_report.experiments import EXPERIMENTS
from digico_report.running import ProgramFailed, Runner

BY_NAME = {experiment.name: experiment for experiment in EXPERIMENTS}
CONFIGS = Path(__file__).parents[2] / "configs" / "paper"


def program(folder: Path, script: str) -> Path:
    """A stand-in for digico that notes its words in folder/calls."""
    file = folder / "digico"
    file.write_text(f'#!/bin/sh\necho "$@" >>"{folder}/calls"\n{script}\n', encoding="utf-8")
    file.chmod(0o755)
    return file


def calls(folder: Path) -> list[str]:
    file = folder / "calls"
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []


def test_the_command_is_what_a_user_would_type() -> None:
    runner = Runner(Path("build/digico"), Path("configs/paper"), Path("out"))
    assert runner.command(BY_NAME["table3"]) == [
        "build/digico", "run", "configs/paper/table3.yaml", "-o", "out/runs/table3",
    ]  # fmt: skip


def test_the_small_form_sets_keys_and_has_a_folder_of_its_own() -> None:
    full = Runner(Path("digico"), Path("configs"), Path("out"))
    quick = Runner(Path("digico"), Path("configs"), Path("out"), quick=True)
    for experiment in EXPERIMENTS:
        command = quick.command(experiment)
        sets = [after for word, after in pairwise(command) if word == "--set"]
        assert sets == list(experiment.quick)
        assert sets
        assert quick.folder(experiment) != full.folder(experiment)
        assert command[4] == str(quick.folder(experiment))
    folders = [r.folder(e) for r in (full, quick) for e in EXPERIMENTS]
    assert len(set(folders)) == 2 * len(EXPERIMENTS)


def test_options_of_digico_run_come_last(tmp_path: Path) -> None:
    digico = program(tmp_path, "exit 7")
    words = ["--device", "cpu", "--threads", "2", "--mixed-builds", "--only", "table4"]
    paper = ["paper", "--program", str(digico), "--configs", str(CONFIGS), "--output", str(tmp_path / "out")]
    assert main([*paper, *words]) == 7
    expected = f"run {CONFIGS}/table4.yaml -o {tmp_path}/out/runs/table4"
    assert calls(tmp_path) == [f"{expected} --device cpu --threads 2 --mixed-builds"]


@pytest.mark.parametrize("code", [1, 2, 3])
def test_a_failing_program_hands_its_exit_code_on(tmp_path: Path, capsys, code: int) -> None:
    digico = program(tmp_path, f"echo 'digico: why' >&2; exit {code}")
    paper = ["paper", "--program", str(digico), "--configs", str(CONFIGS), "--output", str(tmp_path / "out")]
    assert main(paper) == code
    assert len(calls(tmp_path)) == 1, "what comes after a failure is not run"
    err = capsys.readouterr().err
    assert err == f"digico: {EXPERIMENTS[0].name}: digico run ended with exit code {code}\n"


def test_a_program_killed_by_a_signal_fails_as_a_shell_has_it(tmp_path: Path) -> None:
    digico = program(tmp_path, "kill -TERM $$")
    runner = Runner(digico, CONFIGS, tmp_path / "out")
    with pytest.raises(ProgramFailed) as failed:
        runner.run(EXPERIMENTS[:1])
    assert failed.value.code == 128 + 15


def test_no_program_is_one_line(tmp_path: Path, capsys) -> None:
    words = [
        "--program",
        str(tmp_path / "none"),
        "--configs",
        str(CONFIGS),
        "--output",
        str(tmp_path / "out"),
    ]
    assert main(["paper", *words]) == 1
    assert capsys.readouterr().err.splitlines() == [f"digico: {tmp_path}/none: No such file or directory"]


def test_experiments_run_in_order_and_tell_their_names(tmp_path: Path, capfd) -> None:
    chosen = [BY_NAME["echo"], BY_NAME["table4"]]
    Runner(program(tmp_path, "echo running"), CONFIGS, tmp_path / "out").run(chosen)
    out = capfd.readouterr().out.splitlines()
    assert out == [
        f"[1/2] echo: {chosen[0].title}", "running", f"[2/2] table4: {chosen[1].title}", "running",
    ]  # fmt: skip
    assert [line.split()[1] for line in calls(tmp_path)] == [f"{CONFIGS}/{e.name}.yaml" for e in chosen]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_program_that_saves_when_it_is_stopped_is_waited_for(tmp_path: Path, number: int) -> None:
    script = "\n".join(
        (
            f"trap 'sleep 1; : >{tmp_path}/saved; exit 3' INT TERM",
            f": >{tmp_path}/ready",
            "while :; do sleep 0.1; done",
        )
    )
    path = program(tmp_path, script)
    # a shell in the background ignores SIGINT, and so would all that it starts
    command = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
        f"from digico_report.running import call; sys.exit(call(['{path}']))"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", command], cwd=Path(__file__).parents[1], start_new_session=True
    )
    try:
        while not (tmp_path / "ready").exists():
            time.sleep(0.05)
        # a Ctrl-C reaches all of a terminal's foreground, a job's SIGTERM the parent alone
        if number == signal.SIGINT:
            os.killpg(parent.pid, number)
        else:
            os.kill(parent.pid, number)
        assert parent.wait(timeout=30) == 3
        assert (tmp_path / "saved").exists()
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(parent.pid, signal.SIGKILL)
        parent.wait()
