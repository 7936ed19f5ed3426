"""PTX text, as nvcc writes it, into kernels of basic blocks of instructions that know their source line."""

import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

BYTES = {"b8": 1, "b16": 2, "b32": 4, "b64": 8, "f32": 4, "pred": 1}  # of the types that registers have


class RefusedError(Exception):
    """PTX that is not understood or not allowed, as FILE:LINE: what."""

    def __init__(self, file: Path, line: int, what: str):
        super().__init__(f"{file}:{line}: {what}")


@dataclass(frozen=True)
class Place:
    """A source line; `function` and `caller` where that line was inlined into another."""

    file: str
    line: int
    function: str = ""
    caller: "Place | None" = None

    def functions(self) -> list[str]:
        """Names of the functions that were inlined here, outermost first."""
        outer = self.caller.functions() if self.caller else []
        return [*outer, self.function] if self.function else outer


NOWHERE = Place("", 0)


@dataclass
class Instruction:
    """One instruction: `@guard opcode operands;`."""

    line: int  # of the PTX file
    guard: str  # register of the predicate, with ! before it; empty: none
    opcode: str
    operands: list[str]  # a list in braces is one operand
    place: Place


@dataclass
class Kernel:
    """An entry: what it declares, its labels and its basic blocks."""

    name: str  # mangled
    line: int
    argument_bytes: int = 0
    local_bytes: int = 0
    registers: dict[str, str] = field(default_factory=dict)  # prefix or whole name, such as rd or SP: type
    counts: dict[str, int] = field(default_factory=dict)  # prefix: registers 0 ... count - 1; whole name: 0
    labels: dict[int, str] = field(default_factory=dict)  # line: label
    blocks: list[list[Instruction]] = field(default_factory=list)
    end: int = 0  # line of the closing brace

    @property
    def short(self) -> str:
        """Name as in the source."""
        return plain_name(self.name)

    @property
    def instructions(self) -> list[Instruction]:
        """All of them, in the order of the file."""
        return [one for block in self.blocks for one in block]

    @cached_property
    def read_registers(self) -> set[str]:
        """Registers that some instruction reads, as a guard or after its first operand."""
        texts = [" ".join([one.guard, *one.operands[1:]]) for one in self.instructions]
        return {name for text in texts for name in re.findall(r"%\w+", text)}

    def type_of(self, register: str) -> str | None:
        """Return the type of a register; None if it is not declared."""
        name = register.removeprefix("%")
        if name in self.registers:
            return self.registers[name]
        prefix = name.rstrip("0123456789")
        number = name[len(prefix) :]
        known = prefix in self.registers and number and int(number) < self.counts[prefix]
        return self.registers[prefix] if known else None


@dataclass
class Module:
    """A PTX file."""

    path: Path
    kernels: list[Kernel]
    text: list[str]


def plain_name(mangled: str) -> str:
    """Return the last identifier of an Itanium-mangled name, without its namespace and arguments."""
    rest = mangled.removeprefix("_Z")
    nested = rest.startswith("N")
    rest, name = rest.removeprefix("N").removeprefix("L"), mangled
    while found := re.match(r"L?(\d+)", rest):
        end = found.end() + int(found[1])
        name, rest = rest[found.end() : end], rest[end:]
        if not nested:
            break
    return name


def split_operands(text: str) -> list[str]:
    """Split at commas that are not within braces."""
    return [part.strip() for part in re.split(r",(?![^{]*\})", text) if part.strip()]


def debug_strings(text: list[str]) -> dict[str, str]:
    """Return the names of inlined functions, by the label that a .loc uses."""
    strings: dict[str, bytearray] = {}
    current = None
    for line in text:
        if found := re.match(r"(\$L__info_string\d+):", line):
            current = strings.setdefault(found[1], bytearray())
        elif current is not None and line.startswith(".b8"):
            current.extend(int(byte) for byte in line[3:].split(","))
        else:
            current = None
    return {label: plain_name(bytes(value).rstrip(b"\0").decode()) for label, value in strings.items()}


ENTRY = re.compile(r"\.visible \.entry (\w+)\(")
ARGUMENT = re.compile(r"\.param \.align \d+ \.b8 \w+_param_0\[(\d+)\]")
REGISTERS = re.compile(r"\.reg \.(\w+)\s+%?(\w+?)(?:<(\d+)>)?;")
LOCAL = re.compile(r"\.local \.align \d+ \.b8\s+\w+\[(\d+)\];")
LABEL = re.compile(r"\$(\w+):")
INSTRUCTION = re.compile(r"(?:@(!?%\w+)\s+)?([a-z][\w.:]*)(?:\s+(.*?))?;$")
PLACE = re.compile(
    r"\.loc\s+(\d+) (\d+) (\d+)(?:, function_name (\$\w+)(?:\+\d+)?, inlined_at (\d+) (\d+) (\d+))?"
)
BETWEEN = (".pragma", ".maxntid", ".minnctapersm", ".branchtargets")  # say nothing about results
OUTSIDE = (".version", ".target", ".address_size", ".extern .shared", ".file", ".section", ".b8", ".b32")


class Reader:
    """Reads one file; a method for what stands between two kernels and one for what stands in them."""

    def __init__(self, path: Path, text: list[str]):
        self.path = path
        self.text = text
        self.names = debug_strings(text)
        self.files = dict(re.findall(r'^\s*\.file\s+(\d+)\s+"(.*?)"', "\n".join(text), re.MULTILINE))
        self.latest: dict[tuple[str, ...], Place] = {}  # by file, line, column, and by file, line
        self.place = NOWHERE

    def refuse(self, line: int, what: str):
        """Raise with the place in the PTX file."""
        raise RefusedError(self.path, line, what)

    def read_place(self, line: int, text: str):
        """
        Follow a .loc; what it is inlined at was the place of an earlier one.

        At jumps nvcc leaves out what a line was inlined into: then it is where it was last. Line 0 is nvcc's.
        """
        found = PLACE.match(text)
        if not found:
            self.refuse(line, f"{text}: not understood")
        file, row, column, name, *at = found.groups()
        if row == "0":
            return
        if name:
            caller = self.latest.get(tuple(at), NOWHERE)
            self.place = Place(self.files.get(file, file), int(row), self.names.get(name, ""), caller)
        else:
            before = self.latest.get((file, row, column)) or self.latest.get((file, row))
            self.place = before or Place(self.files.get(file, file), int(row))
        self.latest[file, row, column] = self.latest[file, row] = self.place

    def read_declaration(self, kernel: Kernel, line: int, text: str):
        """Registers, local memory, source lines, and what may be left out."""
        if found := REGISTERS.match(text):
            if kernel.registers.get(found[2], found[1]) != found[1]:
                self.refuse(line, f"two registers {found[2]} of different types")
            kernel.registers[found[2]] = found[1]
            kernel.counts[found[2]] = int(found[3] or 0)
            if found[1] not in BYTES:
                self.refuse(line, f"registers of type {found[1]}: expected one of {', '.join(BYTES)}")
        elif found := LOCAL.match(text):
            kernel.local_bytes = int(found[1])
        elif text.startswith(".loc"):
            self.read_place(line, text)
        elif not text.startswith(BETWEEN):
            self.refuse(line, f"{text}: not understood within a kernel")

    def read_instruction(self, kernel: Kernel, line: int, text: str):
        """Add one to the last block; a jump or the end closes that."""
        found = INSTRUCTION.match(text)
        if not found:
            self.refuse(line, f"{text}: not understood")
        guard, opcode, operands = found.groups()
        one = Instruction(line, guard or "", opcode, split_operands(operands or ""), self.place)
        kernel.blocks[-1].append(one)
        if opcode.split(".")[0] in ("bra", "ret"):
            kernel.blocks.append([])

    def read_kernel(self, first: int) -> Kernel:
        """Read from the line of .entry to the closing brace; lines count from 1."""
        kernel = Kernel(ENTRY.match(self.text[first - 1])[1], first, blocks=[[]])
        self.latest, self.place = {}, NOWHERE
        for line in range(first + 1, len(self.text) + 1):
            text = self.text[line - 1].split("//")[0].strip()
            if text == "}":
                kernel.end = line
                kernel.blocks = [block for block in kernel.blocks if block]
                return kernel
            for part in re.findall(r"[^;]+;|[^;]+$", self.unscoped(text)):
                self.read_part(kernel, line, part.strip())
        return self.refuse(first, "a kernel without end")

    @staticmethod
    def unscoped(text: str) -> str:
        """Take the braces of a scope away: its register, of a name of its own, gets the kernel's scope."""
        text = re.sub(r";\s*\}$", ";", text)
        return text[1:] if re.match(r"\{\s*(\.reg|$)", text) else text

    def read_part(self, kernel: Kernel, line: int, text: str):
        """Read a line, or a statement where a line has several."""
        if found := ARGUMENT.match(text):
            kernel.argument_bytes = int(found[1])
        elif found := LABEL.match(text):
            kernel.labels[line] = found[1]
            kernel.blocks.append([])
        elif text.startswith("."):
            self.read_declaration(kernel, line, text)
        elif text and text not in (")", "{"):
            self.read_instruction(kernel, line, text)

    def read(self) -> list[Kernel]:
        """Read the kernels; what else could hold code or memory is refused."""
        kernels, line = [], 1
        while line <= len(self.text):
            text = self.text[line - 1].split("//")[0].strip()
            if ENTRY.match(text):
                kernels.append(self.read_kernel(line))
                line = kernels[-1].end
            elif text.startswith(".") and not text.startswith(OUTSIDE):
                self.refuse(line, f"{text}: not understood outside of a kernel")
            line += 1
        return kernels


def read_module(path: Path) -> Module:
    """Read a PTX file; raises RefusedError."""
    text = path.read_text().splitlines()
    return Module(path, Reader(path, text).read(), text)
