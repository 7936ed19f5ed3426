"""Runs experiments with the program `digico`, each into a folder of its own."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from digico_report.experiments import Experiment
from digico_report.results import ReportError


@dataclass(frozen=True)
class Runner:
    """How experiments are run; no result depends on it, but for `quick`."""

    program: Path
    configs: Path
    output: Path
    quick: bool = False
    options: tuple[str, ...] = field(default=())  #: further options of `digico run`, as --device cuda

    def folder(self, experiment: Experiment) -> Path:
        """Where its result lies; the small form has folders of its own, so that neither undoes the other."""
        return self.output / ("quick" if self.quick else "runs") / experiment.name

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
            code = subprocess.run(self.command(experiment), check=False).returncode
            code = 128 - code if code < 0 else code  # of a signal, as shells have it
            if code != 0:
                raise ProgramFailed(code, f"{experiment.name}: digico run ended with exit code {code}")


class ProgramFailed(ReportError):  # noqa: N818 - it tells what happened
    """`digico run` ended with an error, told by itself; its exit code is handed on."""

    def __init__(self, code: int, text: str):
        super().__init__(text)
        self.code = code
