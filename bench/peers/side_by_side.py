#!/usr/bin/env python3
"""Digico beside digico_jax.py: the same runs on the same machine, in turn.

python bench/peers/side_by_side.py [--quick] [--device cpu|gpu] [--program build/digico] [--json FILE]

Ours is timed as a user sees it: one whole process of `digico run`, from reading the configuration to the
result on disk. JAX is timed from seeds to metrics in a process that is warm: its start, its imports and its
compilation are told apart. So what remains unequal is in JAX's favour. Rounds go A B A B, and ratios are
taken within a round, because machines are shared and their speed drifts.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE.parent))

from rows import rows_text  # noqa: E402
from scaling.measure import ProgramError, Sample, run_process  # noqa: E402
from scaling.progress import duration  # noqa: E402

EXIT_FAILURE, EXIT_INPUT, EXIT_STOPPED = 1, 2, 3  #: as `digico` has them
ROUNDS, QUICK_ROUNDS = 5, 2
TYPES = "[none, act, evolve, influence, fix, all, fix_at_zero, all_zero]"


@dataclass(frozen=True)
class Work:
    """Runs of one length: seeds 1 ... R of one AI type, or the 80-run set, 8 types of 10 seeds each."""

    agents: int
    runs: int
    generations: int
    mixed: bool = False

    @property
    def name(self) -> str:
        """As the table has it."""
        return f"N = {self.agents:,}, {self.runs} run{'s' if self.runs > 1 else ''}"

    @property
    def agent_steps(self) -> int:
        """50 steps a generation."""
        return self.agents * self.runs * self.generations * 50

    @property
    def experiment(self) -> str:
        """What `digico run` reads; all other keys at their defaults, which are those of digico_jax.py."""
        types, seeds = (TYPES, 10) if self.mixed else ("[none]", self.runs)
        return (
            f"agents: {self.agents}\ngenerations: {self.generations}\n"
            f"sweep:\n  product:\n    ai_type: {types}\n    seed: {{from: 1, to: {seeds}}}\n"
        )

    def jax_words(self, device: str) -> list[str]:
        """What digico_jax.py is asked."""
        words = ["--agents", str(self.agents), "--generations", str(self.generations), "--device", device]
        return [*words, *(["--set", "set80"] if self.mixed else ["--runs", str(self.runs)]), "--serve"]


# generations so that each side takes seconds, not minutes, on two cores, and starts of runs are a small part
WORKS = (
    Work(30, 1, 2000),
    Work(30, 10, 600),
    Work(30, 80, 100, mixed=True),
    Work(30, 320, 40),
    Work(300, 8, 20),
    Work(999, 2, 10),
)
# a GPU is through with those before its context is made
GPU_WORKS = (
    Work(30, 1, 1000),
    Work(30, 10, 1000),
    Work(30, 80, 1000, mixed=True),
    Work(30, 320, 1000),
    Work(300, 8, 200),
    Work(999, 2, 50),
)
QUICK_WORKS = (Work(30, 1, 20), Work(30, 80, 2, mixed=True), Work(99, 2, 2))


class PeerError(Exception):
    """digico_jax.py did not do its part."""


class Peer:
    """digico_jax.py, compiled once, run as often as asked."""

    def __init__(self, work: Work, device: str) -> None:
        words = [sys.executable, str(HERE / "digico_jax.py"), *work.jax_words(device)]
        # on a GPU both hold memory at once: JAX takes what it needs, not three quarters of it beforehand
        environment = {**os.environ, "XLA_PYTHON_CLIENT_PREALLOCATE": "false"}
        self.process = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        begin = time.perf_counter()
        self.about = self.read()
        self.about["start_seconds"] = time.perf_counter() - begin - self.about["compile_seconds"]

    def read(self) -> dict:
        """Its next line."""
        line = self.process.stdout.readline()
        if not line:
            raise PeerError(f"digico_jax.py ended with exit code {self.process.wait()}")
        return json.loads(line)

    def run(self) -> Sample:
        """The whole work once."""
        with contextlib.suppress(OSError):  # read() tells how it ended
            self.process.stdin.write("\n")
            self.process.stdin.flush()
        told = self.read()
        return Sample(told["seconds"], told["peak_bytes"])

    def close(self) -> None:
        """Nothing more is asked."""
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


def run_ours(program: Path, work: Work, device: str) -> Sample:
    """One process of `digico run`."""
    with tempfile.TemporaryDirectory(prefix="digico-peers-") as folder:
        experiment = Path(folder, "work.yaml")
        experiment.write_text(work.experiment, encoding="utf-8")
        words = [str(program), "run", str(experiment), "-o", f"{folder}/out", "--quiet"]
        words += ["--device", "cuda" if device == "gpu" else "cpu"]
        return run_process(words, Path(folder, "errors"))


def spread(values: list[float]) -> dict[str, float]:
    """Median, least and largest."""
    return {"median": statistics.median(values), "least": min(values), "largest": max(values)}


def compare(program: Path, work: Work, device: str, rounds: int) -> Iterator[dict | None]:
    """Rounds of A B; None after each of them, the figures at last. One round before them does not count."""
    peer = Peer(work, device)
    try:
        ours, theirs = [], []
        for k in range(rounds + 1):
            a, b = run_ours(program, work, device), peer.run()
            if k > 0:
                ours.append(a)
                theirs.append(b)
            yield None
    finally:
        peer.close()
    yield {
        "name": work.name,
        **asdict(work),
        "agent_steps": work.agent_steps,
        "digico_seconds": spread([s.seconds for s in ours]),
        "jax_seconds": spread([s.seconds for s in theirs]),
        "ratio": spread([b.seconds / a.seconds for a, b in zip(ours, theirs, strict=True)]),
        "samples": {"digico": [s.seconds for s in ours], "jax": [s.seconds for s in theirs]},
        "digico_bytes": max(s.bytes for s in ours),
        "jax_bytes": max(s.bytes for s in theirs),
        "jax_compile_seconds": peer.about["compile_seconds"],
        "jax_start_seconds": peer.about["start_seconds"],
        "jax": peer.about,
    }


def tell_progress(done: int, total: int, begin: float, name: str) -> None:
    """One line that overwrites itself on a terminal; a line per round elsewhere."""
    left = (time.monotonic() - begin) / done * (total - done)
    text = f"[{done}/{total}] {name}; about {duration(left)} left"
    if sys.stderr.isatty():
        text = f"\r\x1b[K{text}"
    end = "" if sys.stderr.isatty() and done < total else "\n"
    print(text, end=end, file=sys.stderr, flush=True)


def about_program(program: Path) -> dict[str, str]:
    """What `digico info` says: commit, compiler, flags, vector sets, cpu."""
    told = subprocess.run([program, "info"], capture_output=True, text=True, check=False)
    if told.returncode != 0:
        raise ProgramError(EXIT_FAILURE, told.stderr.strip() or f"{program} info failed")
    return dict(line.split(maxsplit=1) for line in told.stdout.splitlines() if len(line.split()) > 1)


def measure(asked: argparse.Namespace) -> dict:
    """All works."""
    works, rounds = (GPU_WORKS if asked.device == "gpu" else WORKS), ROUNDS
    if asked.quick:
        works, rounds = QUICK_WORKS, QUICK_ROUNDS
    about = about_program(asked.program)
    rows, done, begin = [], 0, time.monotonic()
    for work in works:
        for found in compare(asked.program, work, asked.device, rounds):
            if found:
                rows.append(found)
                continue
            done += 1
            tell_progress(done, len(works) * (rounds + 1), begin, work.name)
    return {
        "machine": asked.machine,
        "device": asked.device,
        "cores": len(os.sched_getaffinity(0)),
        "digico": about,
        "jax": rows[0]["jax"]["jax"],
        "python": sys.version.split()[0],
        "quick": asked.quick,
        "rounds": rounds,
        "works": rows,
    }


def table(result: dict) -> str:
    """For people: times of the medians, ratios with least and largest."""
    head = ("work", "agent-steps", "digico", "JAX", "JAX / digico", "JAX compiles", "digico", "JAX")
    lines = ["{:<18} {:>11} {:>9} {:>9} {:>20} {:>13} {:>9} {:>9}".format(*head)]
    for row in result["works"]:
        ratio = row["ratio"]
        lines.append(
            f"{row['name']:<18} {row['agent_steps']:>11,} {row['digico_seconds']['median']:>7.2f} s "
            f"{row['jax_seconds']['median']:>7.2f} s "
            f"{ratio['median']:>6.1f} ({ratio['least']:.1f} ... {ratio['largest']:.1f}) "
            f"{row['jax_compile_seconds']:>11.1f} s "
            f"{row['digico_bytes'] / 1e6:>6.0f} MB {row['jax_bytes'] / 1e6:>6.0f} MB"
        )
    return "\n".join(lines)


class Parser(argparse.ArgumentParser):
    """Bad arguments: one line, exit code 2."""

    def error(self, message: str):
        """Without the usage."""
        self.exit(EXIT_INPUT, f"side_by_side.py: {message}\n")


def read_arguments(words: list[str] | None) -> argparse.Namespace:
    """Checked: the program is one, and the figures have a folder."""
    parser = Parser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("--quick", action="store_true", help="seconds, to see that it works")
    parser.add_argument("--device", choices=("cpu", "gpu"), default="cpu", help="of both (%(default)s)")
    parser.add_argument("--program", type=Path, default=ROOT / "build/digico", help="digico (%(default)s)")
    parser.add_argument("--machine", default="this machine", help="its name")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures to FILE, too")
    asked = parser.parse_args(words)
    if not os.access(asked.program, os.X_OK) or asked.program.is_dir():
        parser.error(f"--program: {asked.program}, expected the program digico; make builds it")
    asked.program = asked.program.resolve()
    if asked.json and (asked.json.is_dir() or not asked.json.absolute().parent.is_dir()):
        parser.error(f"--json: {asked.json}, expected a file in a folder that is there")
    return asked


def main(words: list[str] | None = None) -> int:
    """Exit code: 0, 1 one of the two failed, 2 bad arguments, 3 stopped."""
    asked = read_arguments(words)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a process under way ends, its folder goes
    try:
        result = measure(asked)
    except (PeerError, ProgramError, OSError) as error:
        print(f"side_by_side.py: {error}", file=sys.stderr)
        return EXIT_FAILURE
    except KeyboardInterrupt:
        print("side_by_side.py: stopped; nothing is written", file=sys.stderr)
        return EXIT_STOPPED
    if asked.json:
        asked.json.write_text(rows_text(result) + "\n", encoding="utf-8")
    programs = f"digico {result['digico']['commit']}, JAX {result['jax']}"
    print(f"{asked.machine}, {result['cores']} cores, {programs} on {asked.device}")
    print(table(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
