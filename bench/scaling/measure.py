"""Wall time and peak memory of whole processes of `digico run`.

Linux counts what the parent held when it started a process as the process's own peak (ru_maxrss outlives
exec), so this module and what it imports must stay small: no numpy, no matplotlib.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from scaling.cases import Case

KIBIBYTE = 1024  #: ru_maxrss counts these


class ProgramError(Exception):
    """`digico run` did not run a case; its exit code and what it said."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True)
class Program:
    """The program and how it computes."""

    path: Path
    options: tuple[str, ...] = ()  #: of `digico run`, as --device cuda


@dataclass(frozen=True)
class Sample:
    """One process, from its start to its end: reading, planning, starts, generations, storing."""

    seconds: float
    bytes: int  #: largest resident set


def run(program: Program, case: Case) -> tuple[Sample, dict]:
    """Run a case once; also what its provenance says of machine and build."""
    with tempfile.TemporaryDirectory(prefix="digico-scaling-") as folder:
        experiment, out = Path(folder, "case.yaml"), Path(folder, "out")
        experiment.write_text(case.text, encoding="utf-8")
        words = [str(program.path), "run", str(experiment), "-o", str(out), "--quiet", *program.options]
        sample = run_process(words, Path(folder, "errors"))
        provenance = json.loads((out / "provenance.json").read_text(encoding="utf-8"))
        return sample, provenance["batches"][0]["computed"]


def run_process(words: Sequence[str], errors: Path) -> Sample:
    """Start, wait, measure."""
    with errors.open("w") as log:
        begin = time.perf_counter()
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log)
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            process.terminate()
            process.wait()
            raise
        seconds = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        told = errors.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        code = process.returncode if process.returncode > 0 else 1
        raise ProgramError(code, told[-1] if told else f"{words[0]} ended with {process.returncode}")
    return Sample(seconds, usage.ru_maxrss * KIBIBYTE)


def measure(
    program: Program, cases: Sequence[Case], repeats: int, tell: Callable[[Case, Sample], None]
) -> dict[Case, list[Sample]]:
    """Every case so many times. In rounds, so that a machine that slows down does not bend a curve."""
    samples: dict[Case, list[Sample]] = {case: [] for case in cases}
    for _ in range(repeats):
        for case, found in samples.items():
            sample, _ = run(program, case)
            found.append(sample)
            tell(case, sample)
    return samples
