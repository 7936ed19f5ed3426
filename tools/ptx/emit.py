"""
A kernel of PTX as a C++ function for the emulator's fibers, one call a thread.

Registers become variables of the same name. A line of the C++ is a line of the PTX, with a #line in front: so
the compiler, a debugger and the emulator name lines of the PTX.
"""

import re
from dataclasses import replace
from pathlib import Path

from parse import BYTES, Instruction, Kernel, Module, RefusedError
from table import CPP, FORMS, SECOND, Form, why_refused

SPECIAL = {"%tid.x": "ptx_self->thread", "%ntid.x": "ptx_self->threads", "%ctaid.x": "ptx_self->block"}
REGISTER_CPP = {"b16": "uint16_t", "b32": "uint32_t", "b64": "uint64_t", "f32": "float", "pred": "bool"}


def size_of(kind: str) -> int:
    """Bytes of a type."""
    return BYTES.get(kind) or int(kind[1:]) // 8


class Emitter:
    """Writes one kernel."""

    def __init__(self, path: Path, kernel: Kernel):
        self.path = path
        self.kernel = kernel

    # ---- operands -----------------------------------------------------------------------------

    def refuse(self, one: Instruction, what: str):
        """Raise with the line of the instruction."""
        raise RefusedError(self.path, one.line, what)

    def symbol(self, text: str) -> str | None:
        """Return the address that a name stands for; None if it is no name."""
        if text == f"{self.kernel.name}_param_0":
            return "ptx_argument_at"
        if text.startswith("__local_depot"):
            return "ptx_local_at"
        return "0" if text == "shared" else None  # addresses of shared memory count from its start

    def value(self, one: Instruction, text: str, kind: str) -> str:
        """Return an operand's value as a C++ expression of a type."""
        negated = text.startswith("!")
        text = text.removeprefix("!")
        declared = self.kernel.type_of(text)
        if declared:
            same = size_of(declared) == size_of(kind) and (declared == "pred") == (kind == "pred")
            wider = size_of(declared) > size_of(kind) and one.opcode.startswith(("st.", "cvt."))
            if not same and not wider:
                self.refuse(one, f"{text} has type {declared}, expected {kind}")
            return f"{'!' if negated else ''}ptx_as<{CPP[kind]}>({text.removeprefix('%')})"
        if text in SPECIAL:
            return f"static_cast<{CPP[kind]}>({SPECIAL[text]})"
        if re.fullmatch(r"0f[0-9A-Fa-f]{8}", text) and size_of(kind) == 4:
            return f"ptx_as<{CPP[kind]}>(uint32_t{{0x{text[2:]}}})"
        if re.fullmatch(r"-?\d+|0x[0-9a-fA-F]+", text) and kind != "f32":
            return f"static_cast<{CPP[kind]}>({int(text, 0) % (1 << 64)}ull)"
        symbol = self.symbol(text)
        if symbol is None:
            self.refuse(one, f"operand {text}: not understood")
        return f"static_cast<{CPP[kind]}>({symbol})"

    def address(self, one: Instruction, text: str, space: str) -> str:
        """Return the pointer that `[base+offset]` is."""
        found = re.fullmatch(r"\[(%?\w+)(?:\+(-?\d+))?\]", text)
        if not found:
            self.refuse(one, f"address {text}: not understood")
        base, offset = found[1], found[2] or "0"
        if space == "shared":
            narrow = self.kernel.type_of(base) == "b32"
            start = self.value(one, base, "u32" if narrow else "u64")
            return f"ptx_self->shared + static_cast<uint32_t>({start} + ({offset}))"
        return f"reinterpret_cast<unsigned char *>({self.value(one, base, 'u64')} + ({offset}))"

    def source(self, one: Instruction, text: str, kind: str, offset: int) -> str:
        """Return a source operand; `offset` bytes further on if it is an address."""
        if kind.startswith("["):
            return f"({self.address(one, text, kind[1:-1])}{f' + {offset}' if offset else ''})"
        return self.value(one, text, kind)

    def second(self, one: Instruction) -> str:
        """Return the statement that writes the second result of `r|p`, where somebody reads it."""
        name = one.operands[0].partition("|")[2] if one.operands else ""
        if not name or name not in self.kernel.read_registers:
            return ""
        if one.opcode not in SECOND:
            self.refuse(one, f"{name}, the second result, is read: not understood")
        value = SECOND[one.opcode].replace("(b)", f"({self.value(one, one.operands[2], 'u32')})")
        return f"ptx_into({name.removeprefix('%')}, {value}); "

    # ---- instructions ---------------------------------------------------------------------------

    def destination(self, one: Instruction, text: str) -> str:
        """Return the variable that is written; the second one of `r|p` is second()'s."""
        name, _, _ = text.partition("|")
        if not self.kernel.type_of(name):
            self.refuse(one, f"destination {text}: not a register")
        return name.removeprefix("%")

    def unpaired(self, one: Instruction) -> Instruction:
        """Return `mov.b64` from or to a pair in braces with an opcode of its own."""
        if one.opcode != "mov.b64" or "{" not in "".join(one.operands):
            return one
        into, source = one.operands
        if into.startswith("{"):
            return replace(one, opcode="mov.b64.unpack")
        pair = [part.strip() for part in source.strip("{}").split(",")]
        return replace(one, opcode="mov.b64.pack", operands=[into, *pair])

    def listed(self, one: Instruction, text: str, kind: str) -> list[str]:
        """Return the members of an operand in braces, or the operand alone."""
        if not kind.endswith("*"):
            return [text]
        members = [part.strip() for part in text.strip("{}").split(",")]
        wanted = 4 if ".v4" in one.opcode else 2
        if len(members) != wanted:
            self.refuse(one, f"{text}: expected {wanted} registers")
        return members

    def plain(self, one: Instruction) -> str:
        """Return the statement of an instruction that has a row in the table."""
        one = self.unpaired(one)
        form = FORMS.get(one.opcode)
        if not form:
            self.refuse(one, why_refused(one.opcode))
        kinds = (form.result, *form.sources) if form.result else form.sources
        if len(one.operands) != len(kinds):
            self.refuse(one, f"{one.opcode}: {len(one.operands)} operands, expected {len(kinds)}")
        into = self.listed(one, one.operands[0], form.result) if form.result else []
        given = one.operands[1:] if form.result else one.operands
        last = self.listed(one, given[-1], form.sources[-1]) if given else []
        several = max(len(into), len(last), 1)
        lists = [[*given[:-1], one_of] for one_of in last] if len(last) > 1 else [given] * several
        values = [self.member(one, form, sources, k) for k, sources in enumerate(lists)]
        return self.effect(one, form, into, values)

    def member(self, one: Instruction, form: Form, given: list[str], k: int) -> str:
        """Return member k of what an instruction gives, or does, as a C++ expression."""
        width = size_of((form.result or form.sources[-1]).rstrip("*")) if k else 0
        kinds = [kind.rstrip("*") for kind in form.sources]
        values = [self.source(one, text, kind, k * width) for text, kind in zip(given, kinds, strict=True)]
        named = {"k": str(k), **dict(zip("abcd", values, strict=False))}
        return re.sub(r"\b[abcdk]\b", lambda found: named[found[0]], form.expression)

    def effect(self, one: Instruction, form: Form, into: list[str], values: list[str]) -> str:
        """Return the statements that write the results; none is written before all are there."""
        if not into:
            return " ".join(f"{value};" for value in values)
        cpp, names = CPP[form.result.rstrip("*")], [self.destination(one, text) for text in into]
        if len(names) == 1:
            return f"{self.second(one)}ptx_into({names[0]}, static_cast<{cpp}>({values[0]}));"
        made = "".join(f"const {cpp} x{k} = {value}; " for k, value in enumerate(values))
        return f"{{ {made}{' '.join(f'ptx_into({name}, x{k});' for k, name in enumerate(names))} }}"

    def statement(self, one: Instruction) -> str:
        """Return the C++ of one instruction, with its predicate."""
        head = one.opcode.split(".")[0]
        if head == "bra" and one.opcode in ("bra", "bra.uni"):
            text = f"goto {one.operands[0].removeprefix('$')};"
        elif one.opcode == "ret":
            text = "{ ptx_counter.end(); return; }"
        else:
            text = self.plain(one)
            text = f"{{ {text} }}" if one.guard else text
        return f"if ({self.value(one, one.guard, 'pred')}) {text}" if one.guard else text

    # ---- the function ---------------------------------------------------------------------------

    def head(self) -> list[str]:
        """What comes before the first line of PTX."""
        kernel = self.kernel
        if kernel.argument_bytes <= 16:
            raise RefusedError(
                self.path, kernel.line, "an argument of 16 bytes or less would come in registers"
            )
        lines = [
            f'static ptx_kernel {kernel.name}_counts("{kernel.name}", {len(kernel.blocks)});',
            f'extern "C" void {kernel.name}(const ptx_argument<{kernel.argument_bytes}> argument)',
            "{",
            "PTX_BEGIN(argument)",
            f"alignas(16) unsigned char local[{max(kernel.local_bytes, 1)}];",
            "[[maybe_unused]] const uint64_t ptx_local_at = reinterpret_cast<uint64_t>(local);",
            f"ptx_lane_counter ptx_counter(&{kernel.name}_counts);",
        ]
        for prefix, kind in kernel.registers.items():
            numbers = range(kernel.counts[prefix])
            for name in [f"{prefix}{k}" for k in numbers] or [prefix]:
                lines.append(f"[[maybe_unused]] {REGISTER_CPP[kind]} {name} = 0;")
        return lines

    def function(self) -> list[str]:
        """Return the lines of the C++ function."""
        kernel = self.kernel
        body = {line: f"{label}:;" for line, label in kernel.labels.items()}
        for number, block in enumerate(kernel.blocks):
            for one in block:
                first = f"ptx_counter.block({number}); " if one is block[0] else ""
                body[one.line] = body.get(one.line, "") + first + self.statement(one)
        lines = [body.get(line, "") for line in range(kernel.line, kernel.end)]
        return [*self.head(), f'#line {kernel.line} "{self.path}"', *lines, "}"]


def emit_module(module: Module) -> str:
    """Return the C++ of a module's kernels."""
    lines = [f"/* {module.path}, by tools/ptx */", '#include "tests/ptx/machine.h"']
    for kernel in module.kernels:
        lines += ["", *Emitter(module.path, kernel).function()]
    return "\n".join(lines) + "\n"
