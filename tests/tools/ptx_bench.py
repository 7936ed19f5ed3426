"""A kernel of PTX that tries one instruction after the other, translated, compiled and run without a GPU."""

import struct
import subprocess
import sys
from pathlib import Path

from scratch import ROOT

ENTRY = "_Z5tried4argv"

KERNEL = """
.version 9.0
.target sm_90
.address_size 64
.extern .shared .align 16 .b8 shared[];
.visible .entry {entry}(
\t.param .align 8 .b8 {entry}_param_0[24]
)
.maxntid 32, 1, 1
{{
\t.reg .pred \t%p<9>;
\t.reg .b16 \t%rs<9>;
\t.reg .f32 \t%f<9>;
\t.reg .b32 \t%r<9>;
\t.reg .b64 \t%rd<19>;
\tld.param.u64 \t%rd10, [{entry}_param_0];
\tld.param.u64 \t%rd11, [{entry}_param_0+8];
{body}
\tret;
}}
"""

MAIN = """
#include "tests/ptx/machine.h"
static unsigned char shared[256];
static const dg_emulator_thread only = {0, 32, 0, shared};
const dg_emulator_thread *dg_emulator_self = &only;
uint32_t dg_emulator_together(dg_emulator_act, uint32_t value, int32_t, const char *, int) { return value; }
void dg_emulator_block_barrier(const char *, int) {}
void dg_emulator_spin(const char *, int) {}
void dg_emulator_between(void) {}
extern "C" void ENTRY(const ptx_argument<24>);
static uint64_t in[4096], out[4096];
int main(void)
{
    ptx_argument<24> argument = {};
    const uint64_t at[2] = {reinterpret_cast<uint64_t>(in), reinterpret_cast<uint64_t>(out)};
    memcpy(&argument, at, sizeof at);
    const size_t read = fread(in, 8, 4096, stdin);
    ENTRY(argument);
    fwrite(out, 8, read, stdout);
}
"""

REGISTERS = {"b16": "rs", "b32": "r", "b64": "rd", "f32": "f", "pred": "p"}
FLAGS = (
    "-std=gnu++17",
    "-O1",
    "-fwrapv",
    "-ffp-contract=off",
    "-Wall",
    "-Wextra",
    "-Werror",
    "-Wno-unused-label",
)


def kernel(body: str) -> str:
    """Return a PTX file of one kernel; %rd10 points to numbers of 8 bytes to read, %rd11 to results."""
    return KERNEL.format(entry=ENTRY, body=body)


def width(kind: str) -> str:
    """Return the type of the register that a type needs."""
    return kind if kind in ("f32", "pred") else "b" + kind[1:]


def load(kind: str, number: int, at: int) -> str:
    """PTX that reads a source into register `number`."""
    if kind == "pred":
        return f"\tld.global.u32 \t%r8, [%rd10+{at}];\n\tsetp.ne.u32 \t%p{number}, %r8, 0;\n"
    return f"\tld.global.{kind} \t%{REGISTERS[width(kind)]}{number}, [%rd10+{at}];\n"


def store(kind: str, at: int) -> str:
    """PTX that writes the result, register 0."""
    if kind == "pred":
        return f"\tselp.u32 \t%r8, 1, 0, %p0;\n\tst.global.u32 \t[%rd11+{at}], %r8;\n"
    return f"\tst.global.{kind} \t[%rd11+{at}], %{REGISTERS[width(kind)]}0;\n"


def trial(opcode: str, result: str, sources: list[str], number: int) -> str:
    """PTX that tries an opcode: four numbers in, one out."""
    at = 32 * number
    names = [f"%{REGISTERS[width(kind)]}{k + 1}" for k, kind in enumerate(sources)]
    loads = "".join(load(kind, k + 1, at + 8 * k) for k, kind in enumerate(sources))
    into = f"%{REGISTERS[width(result)]}0"
    return f"{loads}\t{opcode} \t{', '.join([into, *names])};\n{store(result, at)}"


def bits(kind: str, value: float) -> int:
    """Return a number as the 8 bytes that hold it."""
    if kind == "f32":
        return value if isinstance(value, int) else struct.unpack("<I", struct.pack("<f", value))[0]
    return int(value) % (1 << 64)


def run(folder: Path, text: str, numbers: list[int]) -> list[int]:
    """Return what a kernel writes for these numbers."""
    (folder / "tried.ptx").write_text(text)
    (folder / "main.cpp").write_text(MAIN.replace("ENTRY", ENTRY))
    translate(folder / "tried.ptx", folder / "tried.cpp", check=True)
    sources = [folder / "tried.cpp", folder / "main.cpp", ROOT / "tests/ptx/counter.cpp"]
    include = [f"-I{ROOT}", f"-I{ROOT / 'tests/emulator/include'}"]
    subprocess.run(["g++", *FLAGS, *include, *sources, "-o", folder / "tried"], check=True)
    given = struct.pack(f"<{len(numbers)}Q", *numbers)
    written = subprocess.run([folder / "tried"], input=given, capture_output=True, check=True).stdout
    return list(struct.unpack(f"<{len(numbers)}Q", written))


def translate(ptx: Path, out: Path, check: bool) -> subprocess.CompletedProcess:
    """Run tools/ptx on a file."""
    command = [sys.executable, "-B", ROOT / "tools/ptx", "translate", ptx, out]
    return subprocess.run(command, capture_output=True, text=True, check=check)
