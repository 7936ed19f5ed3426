"""How far it is: one line on a terminal that overwrites itself, a line per process elsewhere."""

from __future__ import annotations

import time
from typing import TextIO

from scaling.cases import Case
from scaling.measure import Sample


class Progress:
    """Counts processes; what is left is reckoned from the weights of the cases and the time so far."""

    def __init__(self, out: TextIO, processes: int, weight: float) -> None:
        self.out = out
        self.processes, self.weight = processes, weight
        self.done, self.done_weight = 0, 0.0
        self.begin = time.monotonic()
        self.terminal = out.isatty()

    def tell(self, case: Case, sample: Sample) -> None:
        """A process has ended."""
        self.done += 1
        self.done_weight += case.weight
        elapsed = time.monotonic() - self.begin
        left = elapsed * (self.weight - self.done_weight) / self.done_weight
        text = (
            f"[{self.done}/{self.processes}] runs {case.runs}, agents {case.agents}, "
            f"generations {case.generations}: {sample.seconds:.2f} s, {sample.bytes / 1e6:.0f} MB"
        )
        if not self.terminal:
            print(text, file=self.out, flush=True)
            return
        end = "\n" if self.done == self.processes else ""
        print(f"\r\x1b[K{text}; about {duration(left)} left", end=end, file=self.out, flush=True)


def duration(seconds: float) -> str:
    """As one says it."""
    seconds = max(0, round(seconds))
    return f"{seconds // 60} min {seconds % 60} s" if seconds >= 60 else f"{seconds} s"
