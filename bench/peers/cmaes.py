#!/usr/bin/env python3
"""The engine's sep-CMA-ES beside pycma and evosax: evaluations to a target, and time per generation.

python bench/peers/cmaes.py [--quick] [--json FILE] [--program build/bench-cmaes] [--old-evosax FOLDER]

Evaluations. "as it comes" is what a user gets from CMA_diagonal=True and Sep_CMA_ES: by design not the
published method (Ros and Hansen 2008). pycma has negative weights, higher learning rates, c_c near 1/sqrt(n)
and an update of scales by exp(); evosax from 0.2 on uses the rates of the full covariance matrix, (n + 2) / 3
times lower. So equality is tested against the same packages with the published constants (and, in pycma, the
published update of C). evosax 0.1.x, whose square root of C is computed once, is compared as it comes with
our variant of that name.

Time. Ask, the sphere, tell; all solvers in turn, round after round in this one run. The engine and pycma use
one thread, JAX as many as it likes. Compilation is timed apart.
"""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from pathlib import Path

from cmaes_measure import measure
from cmaes_solvers import UnavailableError
from cmaes_tables import print_all

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench"))

from rows import rows_text  # noqa: E402


class Parser(argparse.ArgumentParser):
    """Bad arguments: one line, exit code 2."""

    def error(self, message: str):
        """Without the usage."""
        self.exit(2, f"cmaes.py: {message}\n")


def read_arguments(words: list[str]) -> argparse.Namespace:
    """Checked: what is named is there."""
    parser = Parser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("--quick", action="store_true", help="few problems and seeds, about a minute")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures to FILE, too")
    parser.add_argument(
        "--program", type=Path, default=ROOT / "build/bench-cmaes", help="made by make bench-cmaes"
    )
    parser.add_argument(
        "--old-evosax", type=Path, metavar="FOLDER", help="of pip install --target, version 0.1.x"
    )
    asked = parser.parse_args(words)
    if not os.access(asked.program, os.X_OK) or asked.program.is_dir():
        parser.error(f"--program: {asked.program} is no program; make bench-cmaes builds it")
    if asked.json and (asked.json.is_dir() or not asked.json.absolute().parent.is_dir()):
        parser.error(f"--json: {asked.json}, expected a file in a folder that is there")
    if asked.old_evosax and not (asked.old_evosax / "evosax").is_dir():
        parser.error(f"--old-evosax: no evosax in {asked.old_evosax}")
    return asked


def main(words: list[str] | None = None) -> int:
    """Exit code: 0, 1 a solver failed, 2 bad arguments, 130 interrupted."""
    asked = read_arguments(sys.argv[1:] if words is None else words)
    warnings.filterwarnings("ignore", module="cma")  # it tells of large steps
    try:
        result = measure(asked)
    except (UnavailableError, ImportError) as problem_met:
        print(f"cmaes.py: {problem_met}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    if asked.json:
        asked.json.write_text(rows_text(result) + "\n", encoding="utf-8")
    print_all(result)
    return 0


if __name__ == "__main__":
    sys.exit(main())
