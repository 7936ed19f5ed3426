"""Command line: `digico report DIR` (sweep) and `make paper` (paper)."""

from __future__ import annotations

import argparse
import io
import os
import sys
from pathlib import Path
from typing import NoReturn

from digico_report.errors import ReportError, printable, say

EXIT_FAILURE, EXIT_INPUT, EXIT_STOPPED, EXIT_MISMATCH = 1, 2, 3, 4  #: as `digico` has them


class Parser(argparse.ArgumentParser):
    """Shows arguments that it refuses as all messages do."""

    def error(self, message: str) -> NoReturn:
        """Usage and the mistake; exit code 2."""
        super().error(printable(message))


def parser() -> argparse.ArgumentParser:
    """Both commands with their options."""
    top = Parser(prog="tools/report", description="Reports on results of digico.")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    sweep = commands.add_parser(
        "sweep",
        prog="digico report",
        help="page of any result",
        description="Page of a result: figures over its swept keys, tables, provenance; one HTML file.",
    )
    sweep.add_argument("directory", metavar="DIR", type=Path, help="folder of the result, of `digico run`")
    sweep.add_argument(
        "-o", "--output", metavar="DIR", type=Path, help="folder of the page (default: DIR/report)"
    )
    sweep.add_argument(
        "--trust", action="store_true", help="do not compare the hash of results.nc with provenance.json"
    )
    sweep.add_argument("--title", help="title of the page (default: name of the configuration)")

    paper = commands.add_parser(
        "paper",
        help="the paper: its experiments and their page",
        description="Runs every experiment of the paper and makes its page, published beside measured.",
    )
    paper.add_argument("--program", type=Path, default=Path("build/digico"), help="digico (%(default)s)")
    paper.add_argument(
        "--configs", type=Path, default=Path("configs/paper"), help="experiments (%(default)s)"
    )
    paper.add_argument("--output", type=Path, default=Path("build/paper"), help="runs and page (%(default)s)")
    paper.add_argument("--quick", action="store_true", help="fewer seeds and generations; says so everywhere")
    paper.add_argument(
        "--only", action="append", default=[], metavar="NAME", help="run this experiment, again for more"
    )
    paper.add_argument("--no-run", action="store_true", help="make the page of what has been run")
    paper.add_argument("--device", help="of digico run")
    paper.add_argument("--threads", help="of digico run")
    paper.add_argument("--mixed-builds", action="store_true", help="of digico run")
    paper.add_argument(
        "--overwrite", action="store_true", help="of digico run: what has been run is run anew"
    )
    paper.add_argument(
        "--fail-on", choices=("differs",), help="exit code 4 if a published number differs from ours"
    )
    return top


def call(arguments: argparse.Namespace) -> int:
    """Imports late: --help and mistakes answer at once."""
    if arguments.command == "sweep":
        from digico_report.sweep import report_sweep

        return report_sweep(arguments.directory, arguments.output, arguments.title, arguments.trust)
    from digico_report.paper import report_paper

    return EXIT_MISMATCH if report_paper(arguments) else 0


def main(words: list[str] | None = None) -> int:
    """Exit code of the program."""
    arguments = parser().parse_args(words)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="surrogateescape")  # names of folders are bytes
    try:
        return call(arguments)
    except ReportError as error:
        return fail(str(error), getattr(error, "code", EXIT_INPUT))
    except BrokenPipeError:
        os._exit(EXIT_FAILURE)  # nobody reads: nothing to tell, and nothing left to flush
    except OSError as error:
        return fail(": ".join(str(part) for part in (error.filename, error.strerror or error) if part))
    except KeyboardInterrupt:
        return fail("stopped; the same command goes on", EXIT_STOPPED)
    except Exception as error:
        if os.environ.get("DIGICO_TRACEBACK"):
            raise
        told = (str(error).splitlines() or [""])[0]
        return fail(f"the report failed: {type(error).__name__}: {told} (DIGICO_TRACEBACK=1 shows where)")


def fail(text: str, code: int = EXIT_FAILURE) -> int:
    """One line for the user; the exit code."""
    say(text)
    return code


if __name__ == "__main__":
    sys.exit(main())
