"""PTX on the CPU: C++ of kernels for the emulator, what may not be in them, and what they execute."""

import argparse
import sys
from pathlib import Path

from alter import alter
from emit import emit_module
from parse import RefusedError, read_module


def translate(options: argparse.Namespace) -> int:
    """Write the C++ of a PTX file."""
    options.out.write_text(emit_module(read_module(options.ptx)))
    return 0


def write_altered(options: argparse.Namespace) -> int:
    """Write a PTX file with other opcodes."""
    options.out.write_text(alter(read_module(options.ptx), options))
    return 0


def same(options: argparse.Namespace) -> int:
    """Say whether two folders hold the same PTX, but for the line that names the architecture."""
    files = sorted(path.relative_to(options.one) for path in options.one.rglob("*.ptx"))
    for file in files:
        one, other = (
            [line for line in (folder / file).read_text().splitlines() if not line.startswith(".target")]
            for folder in (options.one, options.other)
        )
        if one != other:
            print(f"{options.other.name}: {file} is not that of {options.one.name}: it runs by itself")
            return 1
    print(f"{options.other.name}: {len(files)} files have the instructions of {options.one.name}")
    return 0 if files else 1


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
    add("same", same, "do two folders hold the same PTX?", "one", "other")
    command = add("alter", write_altered, "write PTX with another opcode", "ptx", "out")
    command.add_argument("--kernel", default="", help="its name in the source (default: all)")
    command.add_argument("--opcode", required=True, help="what is altered")
    command.add_argument("--to", required=True, help="the opcode in its place; of fma.rn.f32 also `unfused`")
    command.add_argument("--which", type=int, default=0, help="its number within the kernel (default: all)")
    options = parser.parse_args()
    try:
        return options.run(options)
    except RefusedError as refused:
        print(refused, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
