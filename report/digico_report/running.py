"""Runs experiments with the program `digico`, each into a folder of its own."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from digico_report.errors import ReportError
from digico_report.experiments import Experiment


@dataclass(frozen=True)
class Runner:
    """How experiments are run; no result depends on it, but for `quick`."""

    program: Path
    configs: Path
    output: Path
    quick: bool = False
    options: tuple[str, ...] = field(default=())  #: further options of `digico run`, as --device cuda

    @property
    def home(self) -> Path:
        """Where runs and pages go. The small form has a folder of its own: neither undoes the other."""
        return self.output / "quick" if self.quick else self.output

    def folder(self, experiment: Experiment) -> Path:
        """Where its result lies."""
        return self.home / "runs" / experiment.name

    def command(self, experiment: Experiment) -> list[str]:
        """What a user would type."""
        sets = [word for text in experiment.quick for word in ("--set", text)] if self.quick else []
        return [
            str(self.program),
            "run",
            str(experiment.file(self.configs)),
            "-o",
            str(self.folder(experiment)),
            *sets,
            *self.options,
        ]

    def run(self, experiments: Sequence[Experiment]) -> None:
        """Run what is not there yet; `digico run` goes on where an earlier call was stopped."""
        for k, experiment in enumerate(experiments, start=1):
            print(f"[{k}/{len(experiments)}] {experiment.name}: {experiment.title}", flush=True)
            self.folder(experiment).mkdir(parents=True, exist_ok=True)
            code = call(self.command(experiment))
            code = 128 - code if code < 0 else code  # of a signal, as shells have it
            if code != 0:
                raise ProgramFailed(code, f"{experiment.name}: digico run ended with exit code {code}")


def call(command: Sequence[str]) -> int:
    """Exit code of a program that saves its work when it is asked to stop; -n where signal n ended it.

    subprocess.run() kills it a quarter of a second after a Ctrl-C, before its checkpoint is written. Here it
    is waited for: a Ctrl-C reaches it from the terminal, the other signals are handed on.
    """
    program: subprocess.Popen | None = None

    def hand_on(number: int, _frame: object) -> None:
        if program is not None and number != signal.SIGINT:
            program.send_signal(number)

    # what is ignored stays ignored, as under nohup; a handler, unlike SIG_IGN, is not inherited
    asked = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1)
    before = {n: signal.signal(n, hand_on) for n in asked if signal.getsignal(n) != signal.SIG_IGN}
    try:
        program = subprocess.Popen(command)
        return program.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class ProgramFailed(ReportError):  # noqa: N818 - it tells what happened
    """`digico run` ended with an error, told by itself; its exit code is handed on."""

    def __init__(self, code: int, text: str):
        super().__init__(text)
        self.code = code
