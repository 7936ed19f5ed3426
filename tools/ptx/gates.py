"""What may not be in the code of the kernels: operations that nobody wrote, registers beyond a block's."""

import re
from argparse import Namespace
from functools import cache
from pathlib import Path

from parse import Instruction, Module, plain_name, read_module

MOST_REGISTERS = 64  # a multiprocessor has 65,536: so many for each thread of its one block of 1,024
LIMITED = "dg_generation"  # kernels with this limit


# ---- fused operations ----------------------------------------------------------------------------


@cache
def source_lines(path: Path) -> list[str]:
    """Return the lines of a source file; none where it is not here."""
    return path.read_text().splitlines() if path.is_file() else []


def statement_at(lines: list[str], line: int) -> str:
    """Return the whole statement that a line is part of."""
    first = line - 1
    while first > 0 and not re.search(r"[;{})]\s*$|\*/\s*$", lines[first - 1]):
        first -= 1
    text = ""
    for part in lines[first:]:
        text += part + "\n"
        if part.rstrip().endswith((";", "{")):
            break
    return text


def block_from(lines: list[str], line: int) -> str:
    """Return the source from a line to the brace that closes the block it stands in."""
    depth, text = 0, ""
    for part in lines[line - 1 :]:
        depth += part.count("{") - part.count("}")
        if depth < 0:
            break
        text += part + "\n"
    return text


@cache
def fusing_functions(files: tuple[Path, ...]) -> set[str]:
    """Return the names of the functions whose bodies say fmaf; their heads start in the first column."""
    found = set()
    for file in files:
        name = ""
        for line in source_lines(file):
            if head := re.match(r"\w[^;=]*?\b(\w+)\(", line):
                name = head[1]
            elif "fmaf(" in line and line.startswith(" "):
                found.add(name)
    return found - {""}


def says_fused(one: Instruction) -> bool:
    """Does the source line of an instruction, its innermost, say fmaf?"""
    lines = source_lines(Path(one.place.file))
    return bool(lines) and "fmaf(" in statement_at(lines, one.place.line)


def guards_fused(one: Instruction) -> bool:
    """
    Is it a condition that the block after it, where a fused operation is asked for, depends on?

    Where nvcc computes both ways of a branch and selects, it names the line of the branch.
    """
    lines = source_lines(Path(one.place.file))
    if not lines or not re.search(r"\b(if|for|while)\b|\?", statement_at(lines, one.place.line)):
        return False
    rest = block_from(lines, one.place.line)
    fusing = fusing_functions(tuple(sorted(Path("kernels").rglob("*.h"))))
    return "fmaf(" in rest or any(f"{name}(" in rest for name in fusing)


def fused_unasked(module: Module) -> list[str]:
    """Return each fma whose source does not say fmaf."""
    return [
        f"{module.path}:{one.line}: {one.opcode} of {one.place.file}:{one.place.line}, which says no fmaf"
        for kernel in module.kernels
        for one in kernel.instructions
        if one.opcode.startswith("fma.") and not says_fused(one) and not guards_fused(one)
    ]


def check_fused(options: Namespace) -> int:
    """Print fused operations that nobody wrote; say how many were asked for."""
    found, count = [], 0
    for path in sorted(path for folder in options.folders for path in folder.rglob("*.ptx")):
        module = read_module(path)
        found += fused_unasked(module)
        count += sum(
            one.opcode.startswith("fma.") for kernel in module.kernels for one in kernel.instructions
        )
    for line in found:
        print(line)
    if not found:
        print(f"test-ptx: {count} fused operations, each from an fmaf of the source")
    return 1 if found or not count else 0


# ---- registers and spills ------------------------------------------------------------------------

COMPILED = re.compile(r"Compiling entry function '(\w+)' for '(sm_\d+\w*)'")
SPILLS = re.compile(r"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads")
REGISTERS = re.compile(r"Used (\d+) registers")


def register_rows(text: str) -> dict[tuple[str, str], dict[str, int]]:
    """Return what `ptxas -v` says of each kernel and architecture."""
    rows: dict[tuple[str, str], dict[str, int]] = {}
    row: dict[str, int] = {}
    for line in text.splitlines():
        if found := COMPILED.search(line):
            row = rows.setdefault((plain_name(found[1]), found[2]), {})
        elif found := SPILLS.search(line):
            row |= dict(zip(("stack", "spill_stores", "spill_loads"), map(int, found.groups()), strict=True))
        elif found := REGISTERS.search(line):
            row["registers"] = int(found[1])
    return rows


def write_registers(options: Namespace) -> int:
    """Print the table of what ptxas said; 1 if a generation kernel has too many registers."""
    bad = 0
    for (kernel, architecture), row in sorted(register_rows(options.said.read_text()).items()):
        print(kernel, architecture, *(f"{name}={row[name]}" for name in sorted(row)))
        if kernel.startswith(LIMITED) and row["registers"] > MOST_REGISTERS:
            bad = 1
            print(f"{kernel} for {architecture}: expected at most {MOST_REGISTERS} registers")
    return bad
