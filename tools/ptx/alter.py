"""PTX with an instruction altered on purpose: what runs it must find that out."""

import re
from argparse import Namespace

from parse import Instruction, Kernel, Module, RefusedError

UNFUSED = "%unfused0"  # a register of its own


def chosen(module: Module, options: Namespace) -> list[tuple[Kernel, Instruction]]:
    """Return the instructions that the options name; none is an error."""
    found = [
        (kernel, one)
        for kernel in module.kernels
        if options.kernel in ("", kernel.short)
        for one in kernel.instructions
        if one.opcode == options.opcode and one.place.file.endswith(options.file)
    ]
    if options.which:
        found = found[options.which - 1 : options.which]
    if not found and options.kernel in {kernel.short for kernel in module.kernels}:
        raise RefusedError(module.path, 1, f"no {options.opcode} number {options.which} in {options.kernel}")
    return found


def unfused(line: str, one: Instruction) -> list[str]:
    """Return a product and a sum, each rounded, for `fma`."""
    result, a, b, c = one.operands
    guard = f"@{one.guard} " if one.guard else ""
    return [f"\t{guard}mul.rn.f32 {UNFUSED}, {a}, {b};", f"\t{guard}add.rn.f32 {result}, {UNFUSED}, {c};"]


def alter(module: Module, options: Namespace) -> str:
    """Return the text of a module with other opcodes; a module without the kernel stays as it is."""
    text: list[list[str]] = [[line] for line in module.text]
    kernels = set()
    for kernel, one in chosen(module, options):
        line = module.text[one.line - 1]
        if options.to == "unfused":
            text[one.line - 1] = unfused(line, one)
        else:
            text[one.line - 1] = [re.sub(rf"(?<![\w.]){re.escape(one.opcode)}(?![\w.])", options.to, line)]
        kernels.add(kernel.line)
    for first in kernels:
        brace = next(k for k in range(first, len(text)) if text[k] == ["{"])
        text[brace] = ["{", "\t.reg .f32 %unfused<1>;"]
    return "\n".join(line for lines in text for line in lines) + "\n"
