"""PTX on the CPU: C++ of kernels for the emulator, what may not be in them, and what they execute."""

import argparse
import sys
from pathlib import Path

from alter import alter
from bound import write_bounds
from emit import emit_module
from gates import check_fused, write_registers
from parse import RefusedError, read_module
from rows import compare_rows, write_lines, write_rows


def translate(options: argparse.Namespace) -> int:
    """Write the C++ of a PTX file."""
    options.out.write_text(emit_module(read_module(options.ptx)))
    return 0


def write_altered(options: argparse.Namespace) -> int:
    """Write a PTX file with other opcodes."""
    options.out.write_text(alter(read_module(options.ptx), options))
    return 0


def instructions(folder: Path) -> dict[Path, list[str]]:
    """Return the lines of a folder's PTX, but for those that name the architecture and nvcc's parts."""
    return {
        path.relative_to(folder): [
            line for line in path.read_text().splitlines() if not line.startswith(".target")
        ]
        for path in sorted(folder.rglob("*.ptx"))
    }


def distinct(options: argparse.Namespace) -> int:
    """Print the folders whose PTX is not that of an earlier one; say on standard error which is whose."""
    kept: dict[str, dict[Path, list[str]]] = {}
    for folder in options.folders:
        found = instructions(folder)
        if twin := next((name for name, other in kept.items() if other == found), ""):
            print(f"test-ptx: the PTX of {folder.name} is that of {twin}, line by line", file=sys.stderr)
        else:
            kept[folder.name] = found
            print(folder.name.removeprefix("sm_"))
    return 0


def main() -> int:
    """Read the command line and do it."""
    parser = argparse.ArgumentParser(prog="tools/ptx", description=__doc__)
    commands = parser.add_subparsers(required=True)

    def add(name: str, run, text: str, *paths: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text)
        for path in paths:
            command.add_argument(path, type=Path)
        command.set_defaults(run=run)
        return command

    add("translate", translate, "write C++ that does what the PTX does", "ptx", "out")
    folders = add("distinct", distinct, "print the architectures whose PTX is not that of another")
    folders.add_argument("folders", type=Path, nargs="+", help="named sm_<number>")
    command = add("alter", write_altered, "write PTX with another opcode", "ptx", "out")
    command.add_argument("--kernel", default="", help="its name in the source (default: all)")
    command.add_argument("--opcode", required=True, help="what is altered")
    command.add_argument("--to", required=True, help="the opcode in its place; of fma.rn.f32 also `unfused`")
    command.add_argument("--file", default="", help="only instructions of this source file (default: of any)")
    command.add_argument("--which", type=int, default=0, help="its number within the kernel (default: all)")
    folders = add("fused", check_fused, "does every fma of the PTX come from an fmaf of the source?")
    folders.add_argument("folders", type=Path, nargs="+")
    add("registers", write_registers, "registers and spills, from what `ptxas -v` said", "said")
    rows = add("rows", write_rows, "warp instructions per agent-step, by phase", "folder", "counts")
    rows.add_argument("--name", required=True, help="of the condition")
    lines = add("lines", write_lines, "source lines that cost most warp instructions", "folder", "counts")
    lines.add_argument("--kernel", default="", help="its name in the source (default: all)")
    lines.add_argument("--most", type=int, default=40, help="so many lines")
    for command in (rows, lines):
        command.add_argument("--agents", type=int, required=True, help="of the only run")
        command.add_argument("--steps", type=int, required=True, help="of a generation")
    command = add(
        "compare", compare_rows, "do rows lie within a tolerance of recorded ones?", "recorded", "counted"
    )
    command.add_argument("--tolerance", type=float, default=2.0, help="%% of a row")
    add("bound", write_bounds, "agent-steps a second that recorded rows allow a GPU at most", "folder")
    options = parser.parse_args()
    try:
        return options.run(options)
    except RefusedError as refused:
        print(refused, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
