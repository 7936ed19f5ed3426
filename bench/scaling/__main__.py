"""`make bench-scaling`: measure, fit, store, draw."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any, NoReturn

from rows import rows_text
from scaling.cases import QUICK_REPEATS, QUICK_SERIES, REPEATS, SERIES
from scaling.measure import Program, ProgramError
from scaling.progress import Progress
from scaling.study import add_exponents, cases_of, take

EXIT_FAILURE, EXIT_INPUT, EXIT_STOPPED = 1, 2, 3  #: as `digico` has them
RESULTS, FIGURE = Path("bench/results"), Path("docs/images/scaling.svg")
QUICK = Path("build/scaling")  #: the small form overwrites no figure of a document


class Parser(argparse.ArgumentParser):
    """One line for a mistake."""

    def error(self, message: str) -> NoReturn:
        """Instead of the usage and the line."""
        sys.exit(fail(message, EXIT_INPUT))


def parser() -> argparse.ArgumentParser:
    """All options."""
    made = Parser(
        prog="make bench-scaling ARGS=...",
        description="Time and peak memory of `digico run` against runs, agents and generations.",
        allow_abbrev=False,
    )
    made.add_argument("--program", type=Path, default=Path("build/digico"), help="digico (%(default)s)")
    made.add_argument("--device", help="of digico run: auto, cpu, cuda, cuda:K")
    made.add_argument("--threads", help="of digico run")
    made.add_argument("--quick", action="store_true", help=f"seconds instead of minutes, into {QUICK}")
    made.add_argument("--json", type=Path, help=f"samples and exponents ({RESULTS}/scaling-<machine>.json)")
    made.add_argument("--figure", type=Path, help=f"SVG ({FIGURE})")
    made.add_argument("--draw", type=Path, metavar="JSON", help="measure nothing: the figure of this file")
    return made


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    """Samples and exponents."""
    given = {"--device": arguments.device, "--threads": arguments.threads}
    options = tuple(word for key, value in given.items() if value for word in (key, value))
    series, repeats = (QUICK_SERIES, QUICK_REPEATS) if arguments.quick else (SERIES, REPEATS)
    cases = cases_of(series)
    progress = Progress(sys.stderr, repeats * len(cases), repeats * sum(case.weight for case in cases))
    document = take(Program(arguments.program, options), series, repeats, progress.tell)
    return add_exponents({"quick": arguments.quick, **document})


def drawn(path: Path) -> dict[str, Any]:
    """What an earlier call measured."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        for key in ("machine", "quick", "series", "exponents"):
            document[key]
    except (OSError, json.JSONDecodeError, KeyError, TypeError) as error:
        sys.exit(fail(f"--draw: {path}: not a file that this program wrote ({error})", EXIT_INPUT))
    return document


def report(document: dict[str, Any]) -> None:
    """The exponents."""
    for along, fits in document["exponents"].items():
        for key, fit in fits.items():
            told = "fixed costs dominate"
            if fit:
                told = (
                    f"exponent {fit['exponent']:.3f}, {100 * fit['confidence']:g} % interval "
                    f"{fit['low']:.3f} ... {fit['high']:.3f}, {along} {fit['first']:g} ... {fit['last']:g}"
                )
            print(f"{key:8} against {along:12} {told}")


def call(arguments: argparse.Namespace) -> int:
    """What main() does, mistakes apart."""
    if arguments.draw:
        document = drawn(arguments.draw)
    elif not os.access(arguments.program, os.X_OK) or arguments.program.is_dir():
        return fail(
            f"--program: {arguments.program}, expected the program digico; `make` builds it", EXIT_INPUT
        )
    else:
        document = measure(arguments)
    from digico_report.page.render import replace
    from scaling.figure import svg

    if not arguments.draw:
        folder = QUICK if arguments.quick else RESULTS
        path = arguments.json or folder / f"scaling-{document['machine']}.json"
        print(replace(path, rows_text(document) + "\n"))
    print(replace(arguments.figure or (QUICK / FIGURE.name if document["quick"] else FIGURE), svg(document)))
    report(document)
    return 0


def main(words: list[str] | None = None) -> int:
    """Exit code of the program."""
    arguments = parser().parse_args(words)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a program under way ends, its folder goes
    try:
        return call(arguments)
    except ProgramError as error:
        return fail(str(error).removeprefix("digico: "), error.code)
    except OSError as error:
        return fail(": ".join(str(part) for part in (error.filename, error.strerror or error) if part))
    except KeyboardInterrupt:
        return fail("stopped; nothing is written", EXIT_STOPPED)


def fail(text: str, code: int = EXIT_FAILURE) -> int:
    """One line for the user; the exit code."""
    print(f"bench-scaling: {text}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
