#!/usr/bin/env -S python3 -B
"""Tests of tools/ptx: instructions give what the PTX ISA says; what must not be there is refused."""

import subprocess
import sys
import tempfile
import unittest
from fractions import Fraction
from pathlib import Path

import ptx_bench
from scratch import ROOT

NAN, INFINITE, NEGATIVE_ZERO, OTHER_NAN = 0x7FFFFFFF, 0x7F800000, 0x80000000, 0xFFC12345


def rounded(exact: Fraction) -> float:
    """Return the nearest float32, ties to even; within the range of normal numbers."""
    if exact == 0:
        return 0.0
    scale = Fraction(1)
    while abs(exact) * scale < 1 << 23:
        scale *= 2
    while abs(exact) * scale >= 1 << 24:
        scale /= 2
    return float(Fraction(round(exact * scale)) / scale)  # round() of a Fraction goes to even


A, B, C = (Fraction(rounded(Fraction(x))) for x in ("1.1", "3.3333", "-3.6666"))

# opcode, type of the result, types of the sources, sources, result as the PTX ISA has it
TRIALS = [
    ("add.s32", "u32", "s32 s32", [0x7FFFFFFF, 1], 0x80000000),
    ("sub.s64", "u64", "s64 s64", [-(2**63), 1], 2**63 - 1),
    ("mul.lo.s32", "u32", "s32 s32", [0x10001, 0x10001], 0x20001),
    ("mul.lo.s64", "u64", "s64 s64", [2**33, 2**33 + 5], 5 * 2**33),
    ("mul.hi.u32", "u32", "u32 u32", [0xFFFFFFFF, 0xFFFFFFFF], 0xFFFFFFFE),
    ("mul.hi.s32", "u32", "s32 s32", [-1, 1], 0xFFFFFFFF),
    ("mul.wide.s32", "u64", "s32 s32", [-3, 5], 2**64 - 15),
    ("mul.wide.u32", "u64", "u32 u32", [2**32 - 3, 5], 5 * (2**32 - 3)),
    ("mad.lo.s32", "u32", "s32 s32 s32", [-3, 5, 1], 2**32 - 14),
    ("mad.wide.s32", "u64", "s32 s32 s64", [-3, 5, 2**40], 2**40 - 15),
    ("div.s32", "u32", "s32 s32", [-7, 2], 2**32 - 3),
    ("rem.s32", "u32", "s32 s32", [-7, 2], 2**32 - 1),
    ("div.u32", "u32", "u32 u32", [-7, 2], 0x7FFFFFFC),
    ("div.s32", "u32", "s32 s32", [-(2**31), -1], 2**31),
    ("rem.u32", "u32", "u32 u32", [7, 0], 7),
    ("abs.s32", "u32", "s32", [-5], 5),
    ("neg.s32", "u32", "s32", [5], 2**32 - 5),
    ("min.u32", "u32", "u32 u32", [-1, 3], 3),
    ("max.s32", "u32", "s32 s32", [-1, 3], 3),
    ("max.u32", "u32", "u32 u32", [-1, 3], 2**32 - 1),
    ("and.b64", "u64", "b64 b64", [0xFF00FF00FF, 0xF0F0F0F0F0F], 0x0F000F000F),
    ("or.b16", "u16", "b16 b16", [0xF000, 0x000F], 0xF00F),
    ("xor.pred", "pred", "pred pred", [1, 1], 0),
    ("not.pred", "pred", "pred", [0], 1),
    ("not.b32", "u32", "b32", [0xF], 0xFFFFFFF0),
    ("shl.b32", "u32", "b32 u32", [3, 31], 0x80000000),
    ("shl.b32", "u32", "b32 u32", [3, 32], 0),
    ("shr.u32", "u32", "u32 u32", [0x80000000, 31], 1),
    ("shr.u32", "u32", "u32 u32", [0x80000000, 33], 0),
    ("shr.s32", "u32", "s32 u32", [-8, 1], 2**32 - 4),
    ("shr.s32", "u32", "s32 u32", [-8, 99], 2**32 - 1),
    ("shr.u64", "u64", "u64 u32", [2**63, 62], 2),
    ("bfi.b32", "u32", "b32 b32 u32 u32", [0xFF, 0x12345678, 8, 4], 0x12345F78),
    ("bfi.b64", "u64", "b64 b64 u32 u32", [7, 5, 32, 32], 7 << 32 | 5),
    ("bfi.b64", "u64", "b64 b64 u32 u32", [7, 5, 62, 9], 3 << 62 | 5),
    ("popc.b32", "u32", "b32", [0xF0F1], 9),
    ("brev.b32", "u32", "b32", [0x00000006], 0x60000000),
    ("bfind.shiftamt.u32", "u32", "u32", [0x00010000], 15),
    ("bfind.shiftamt.u32", "u32", "u32", [0], 0xFFFFFFFF),
    ("add.rn.f32", "f32", "f32 f32", [A, B], rounded(A + B)),
    ("sub.rn.f32", "f32", "f32 f32", [A, B], rounded(A - B)),
    ("mul.rn.f32", "f32", "f32 f32", [A, B], rounded(A * B)),
    ("div.rn.f32", "f32", "f32 f32", [A, B], rounded(A / B)),
    ("rcp.rn.f32", "f32", "f32", [B], rounded(1 / B)),
    ("fma.rn.f32", "f32", "f32 f32 f32", [A, B, C], rounded(A * B + C)),
    ("sqrt.rn.f32", "f32", "f32", [2.0], 0x3FB504F3),
    ("sqrt.rn.f32", "f32", "f32", [-1.0], NAN),
    ("sub.rn.f32", "f32", "f32 f32", [INFINITE, INFINITE], NAN),
    ("mul.rn.f32", "f32", "f32 f32", [OTHER_NAN, 1.0], NAN),
    ("fma.rn.f32", "f32", "f32 f32 f32", [INFINITE, 0.0, 1.0], NAN),
    ("mul.rn.f32", "f32", "f32 f32", [0x00000003, 0.5], 0x00000002),
    ("neg.f32", "f32", "f32", [0.0], NEGATIVE_ZERO),
    ("abs.f32", "f32", "f32", [-2.5], 2.5),
    ("copysign.f32", "f32", "f32 f32", [-1.0, 2.5], -2.5),
    ("min.f32", "f32", "f32 f32", [0.0, NEGATIVE_ZERO], NEGATIVE_ZERO),
    ("max.f32", "f32", "f32 f32", [NEGATIVE_ZERO, 0.0], 0.0),
    ("min.f32", "f32", "f32 f32", [OTHER_NAN, 2.0], 2.0),
    ("max.f32", "f32", "f32 f32", [OTHER_NAN, NAN], NAN),
    ("setp.lt.s32", "pred", "s32 s32", [-1, 0], 1),
    ("setp.lt.u32", "pred", "u32 u32", [-1, 0], 0),
    ("setp.gt.s64", "pred", "s64 s64", [0, -1], 1),
    ("setp.lt.f32", "pred", "f32 f32", [NAN, 0.0], 0),
    ("setp.geu.f32", "pred", "f32 f32", [NAN, 0.0], 1),
    ("setp.geu.f32", "pred", "f32 f32", [-1.0, 0.0], 0),
    ("setp.leu.f32", "pred", "f32 f32", [0.0, NEGATIVE_ZERO], 1),
    ("setp.eq.f32", "pred", "f32 f32", [0.0, NEGATIVE_ZERO], 1),
    ("setp.ne.f32", "pred", "f32 f32", [NAN, NAN], 0),
    ("setp.neu.f32", "pred", "f32 f32", [NAN, NAN], 1),
    *(
        (f"setp.{word}.f32", "pred", "f32 f32", [NAN, 1.0], 0)
        for word in ("lt", "le", "gt", "ge", "eq", "num")
    ),
    *(
        (f"setp.{word}u.f32", "pred", "f32 f32", [1.0, NAN], 1)
        for word in ("lt", "le", "gt", "ge", "eq", "ne")
    ),
    *((f"setp.{word}u.f32", "pred", "f32 f32", [1.0, 2.0], 1) for word in ("lt", "le", "ne")),
    *((f"setp.{word}u.f32", "pred", "f32 f32", [1.0, 2.0], 0) for word in ("gt", "ge", "eq")),
    ("selp.f32", "f32", "f32 f32 pred", [1.0, 2.0, 0], 2.0),
    ("selp.b32", "u32", "b32 b32 pred", [1, 2, 1], 1),
    ("cvt.s64.s32", "u64", "s32", [-2], 2**64 - 2),
    ("cvt.u64.u32", "u64", "u32", [-2], 2**32 - 2),
    ("cvt.u32.u64", "u32", "u64", [2**40 + 7], 7),
    ("cvt.rn.f32.s32", "f32", "s32", [2**24 + 3], float(2**24 + 4)),
    ("cvt.rzi.s32.f32", "u32", "f32", [-2.7], 2**32 - 2),
    ("cvt.rzi.s32.f32", "u32", "f32", [3e9], 0x7FFFFFFF),
    ("cvt.rzi.s32.f32", "u32", "f32", [-3e9], 0x80000000),
    ("cvt.rzi.s32.f32", "u32", "f32", [NAN], 0),
    ("cvt.rzi.s64.f32", "u64", "f32", [-1e10], 2**64 - 10**10),
    ("cvt.rzi.u32.f32", "u32", "f32", [-1.0], 0),
]


class Instructions(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def run_body(self, body, *numbers):
        return ptx_bench.run(self.folder, ptx_bench.kernel(body), [*numbers, *[0] * (8 - len(numbers))])

    def test_each_gives_what_the_isa_says(self):
        body, numbers = "", []
        for k, (opcode, result, sources, values, _) in enumerate(TRIALS):
            kinds = sources.split()
            body += ptx_bench.trial(opcode, result, kinds, k)
            given = [float(x) if isinstance(x, Fraction) else x for x in values]
            numbers += [ptx_bench.bits(kind, x) for kind, x in zip(kinds, given, strict=True)]
            numbers += [0] * (4 - len(kinds))
        found = ptx_bench.run(self.folder, ptx_bench.kernel(body), numbers)
        for k, (opcode, result, _, values, expected) in enumerate(TRIALS):
            with self.subTest(opcode=opcode, values=values):
                assert hex(found[4 * k]) == hex(ptx_bench.bits(result, expected))

    def test_vectors_guards_and_jumps(self):
        found = self.run_body(
            "\tld.global.v2.u32 \t{%r1, %r2}, [%rd10+4];\n"
            "\tsetp.gt.u32 \t%p1, %r1, %r2;\n"
            "\t@%p1 bra \t$L__BB0_2;\n"
            "\tadd.s32 \t%r1, %r1, 100;\n"
            "$L__BB0_2:\n"
            "\t@!%p1 mov.u32 \t%r2, -1;\n"
            "\tst.global.v2.u32 \t[%rd11+8], {%r2, %r1};",
            5 << 32,
            7,
        )
        assert found[:3] == [0, 105 << 32 | 0xFFFFFFFF, 0]

    def test_halves_of_a_wide_register(self):
        body = (
            "\tld.global.u64 \t%rd1, [%rd10];\n"
            "\t{ .reg .b32 tmp; mov.b64 {tmp, %r1}, %rd1; }\n"
            "\tmov.b64 \t{%r2, %r3}, %rd1;\n"
            "\tmov.b64 \t%rd2, {%r1, %r2};\n"
            "\tst.global.u64 \t[%rd11], %rd2;\n"
            "\tst.global.u32 \t[%rd11+8], %r1;"
        )
        assert self.run_body(body, 0x1111111122222222)[:2] == [0x2222222211111111, 0x11111111]

    def test_a_shuffle_upwards_says_whether_there_was_a_lane(self):
        body = (
            "\tld.global.u32 \t%r1, [%rd10];\n"
            "\t{ .reg .pred %below;\n"
            "\tshfl.sync.up.b32 %r2|%below, %r1, 1, 0, 0xffffffff;\n"
            "\t@%below add.u32 %r2, %r2, %r1; }\n"
            "\tshfl.sync.up.b32 \t%r3|%p1, %r1, 0, 0, -1;\n"
            "\t@%p1 add.u32 \t%r3, %r3, %r1;\n"
            "\tst.global.v2.u32 \t[%rd11], {%r2, %r3};"
        )
        assert self.run_body(body, 7)[0] == 14 << 32 | 7, "lane 0 alone: no lane 1 below it, one 0 below it"

    def test_a_float_constant_in_a_register_without_type(self):
        body = "\tmov.b32 \t%r1, 0f3F800000;\n\tst.global.u32 \t[%rd11], %r1;"
        assert self.run_body(body)[0] == 0x3F800000

    def test_a_vector_into_its_own_address(self):
        found = self.run_body(
            "\tld.global.v2.u64 \t{%rd10, %rd1}, [%rd10];\n\tst.global.u64 \t[%rd11], %rd1;", 1, 9
        )
        assert found[0] == 9

    def test_shared_memory_by_offset_and_by_address(self):
        found = self.run_body(
            "\tmov.u32 \t%r1, shared;\n"
            "\tmov.u32 \t%r2, 77;\n"
            "\tst.shared.u32 \t[%r1+16], %r2;\n"
            "\t{ .reg .b64 %tmp;\n\t  cvt.u64.u32 \t%tmp, %r1;\n\t  cvta.shared.u64 \t%rd1, %tmp; }\n"
            "\tatom.add.u32 \t%r3, [%rd1+16], 3;\n"
            "\tld.shared.u32 \t%r4, [%r1+16];\n"
            "\tst.global.u32 \t[%rd11], %r3;\n\tst.global.u32 \t[%rd11+8], %r4;"
        )
        assert found[:2] == [77, 80]


REFUSED = [
    ("add.f32 \t%f1, %f2, %f3;", "add.f32: float arithmetic without .rn, which may be fused"),
    ("fma.f32 \t%f1, %f2, %f3, %f4;", "fma.f32: float arithmetic without .rn, which may be fused"),
    ("mul.rz.f32 \t%f1, %f2, %f3;", "mul.rz.f32: float arithmetic without .rn, which may be fused"),
    ("add.rn.ftz.f32 \t%f1, %f2, %f3;", "add.rn.ftz.f32: .ftz does not give the bits of the CPU"),
    ("ex2.approx.f32 \t%f1, %f2;", "ex2.approx.f32: .approx does not give the bits of the CPU"),
    ("div.approx.ftz.f32 \t%f1, %f2, %f3;", "div.approx.ftz.f32: .approx does not give the bits of the CPU"),
    (
        "atom.global.add.f32 \t%f1, [%rd1], %f2;",
        "atom.global.add.f32: a sum of floats whose order nobody knows",
    ),
    ("red.global.add.f32 \t[%rd1], %f2;", "red.global.add.f32: a sum of floats whose order nobody knows"),
    ("prmt.b32 \t%r1, %r2, %r3, %r4;", "prmt.b32: no row in tools/ptx/table.py"),
    ("add.sat.s32 \t%r1, %r2, %r3;", "add.sat.s32: no row in tools/ptx/table.py"),
    (
        "ld.global.L1::evict_last.u32 \t%r1, [%rd1];",
        "ld.global.L1::evict_last.u32: no row in tools/ptx/table.py",
    ),
    ("add.s32 \t%r1, %r2;", "add.s32: 2 operands, expected 3"),
    ("add.s32 \t%r1, %r2, %r9;", "operand %r9: not understood"),
    ("add.s32 \t%r1, %r2, %rd1;", "%rd1 has type b64, expected s32"),
    ("mov.u32 \t%r1, %laneid;", "operand %laneid: not understood"),
    ("ld.global.v2.u32 \t{%r1, %r2, %r3}, [%rd1];", "{%r1, %r2, %r3}: expected 2 registers"),
    (".reg .f64 %fd<3>;", "registers of type f64: expected one of b8, b16, b32, b64, f32, pred"),
    ("call (retval0), f, ();", "call: no row in tools/ptx/table.py"),
    (
        "shfl.sync.idx.b32 \t%r1|%p1, %r2, %r3, 31, -1; @%p1 mov.u32 \t%r2, 0;",
        "%p1, the second result, is read: not understood",
    ),
    ("what is this", "what is this: not understood"),
]


class Refusals(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def refusal(self, text):
        path = self.folder / "bad.ptx"
        path.write_text(text)
        done = ptx_bench.translate(path, self.folder / "bad.cpp", check=False)
        assert (done.returncode, done.stdout) == (1, "")
        assert not (self.folder / "bad.cpp").exists(), "half a file was written"
        return done.stderr.strip().removeprefix(str(path))

    def test_by_line_and_reason(self):
        for instruction, why in REFUSED:
            with self.subTest(instruction=instruction):
                text = ptx_bench.kernel(f"\t{instruction}")
                line = text.splitlines().index(f"\t{instruction}") + 1
                assert self.refusal(text) == f":{line}: {why}"

    def test_functions_and_static_memory(self):
        for line in (".func f()", ".shared .align 4 .b8 table[64];", ".global .align 4 .f32 x;"):
            text = f"{line}\n" + ptx_bench.kernel("")
            assert self.refusal(text) == f":1: {line}: not understood outside of a kernel"


class Alterations(unittest.TestCase):
    def altered(self, *options):
        with tempfile.TemporaryDirectory() as folder:
            ptx, out = Path(folder) / "a.ptx", Path(folder) / "b.ptx"
            ptx.write_text(ptx_bench.kernel("\tadd.s32 \t%r1, %r2, %r3;\n\tfma.rn.f32 \t%f1, %f1, %f3, %f1;"))
            command = [
                sys.executable,
                "-B",
                ROOT / "tools/ptx",
                "alter",
                ptx,
                out,
                "--kernel",
                "tried",
                *options,
            ]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            return done.returncode, out.read_text() if out.exists() else ""

    def test_an_opcode(self):
        code, text = self.altered("--opcode", "add.s32", "--to", "sub.s32", "--which", "1")
        assert code == 0
        assert "\tsub.s32 \t%r1, %r2, %r3;\n" in text
        assert "add.s32" not in text

    def test_a_fused_one_becomes_two(self):
        _, text = self.altered("--opcode", "fma.rn.f32", "--to", "unfused")
        assert "\tmul.rn.f32 %unfused0, %f1, %f3;\n\tadd.rn.f32 %f1, %unfused0, %f1;\n" in text

    def test_what_is_not_there(self):
        assert self.altered("--opcode", "add.s32", "--to", "sub.s32", "--which", "2") == (1, "")
        assert self.altered("--opcode", "add.s32", "--to", "sub.s32", "--file", "a.h") == (1, "")


PLACES = """
.version 9.0
.visible .entry _Z20dg_generation_packed15dg_device_batch(
\t.param .align 8 .b8 _Z20dg_generation_packed15dg_device_batch_param_0[1264]
)
{
\t.reg .pred \t%p<2>;
\t.reg .b32 \t%r<4>;
\t.loc\t1 10 5
\tmov.u32 \t%r1, 0;
$L__BB0_1:
\t.loc\t1 20 5, function_name $L__info_string0, inlined_at 1 10 5
\t.loc\t2 30 5, function_name $L__info_string1, inlined_at 1 20 5
\tadd.s32 \t%r1, %r1, 1;
\tadd.s32 \t%r2, %r1, 1;
\t.loc\t2 0 5
\tsetp.lt.s32 \t%p1, %r1, 5;
\t.loc\t1 10 5
\tmov.u32 \t%r3, 1;
\t.loc\t1 20 5
\t@%p1 bra \t$L__BB0_1;
\t.loc\t1 40 5, function_name $L__info_string2, inlined_at 1 10 5
\tret;
}
\t.file\t1 "kernels/cuda/generation.cu"
\t.file\t2 "kernels/cuda/contagion.h"
"""
NAMES = ("_ZN5_INT_16dg_message_phaseEv", "_ZN5_INT_14dg_trace_phaseILb1EEEvi", "_Z12dg_end_agenti")


def debug_section(names):
    lines = ["\t.section\t.debug_str", "\t{"]
    for k, name in enumerate(names):
        lines += [f"$L__info_string{k}:", ".b8 " + ",".join(str(byte) for byte in [*name.encode(), 0])]
    return "\n".join([*lines, "\t}", ""])


class Scratch(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def tool(self, *words):
        command = [sys.executable, "-B", ROOT / "tools/ptx", *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.stderr == ""
        return done.returncode, done.stdout


class Rows(Scratch):
    def test_instructions_count_in_the_phase_they_were_inlined_into(self):
        (self.folder / "a.ptx").write_text(PLACES + debug_section(NAMES))
        (self.folder / "counts").write_text(
            "kernel _Z20dg_generation_packed15dg_device_batch 2\nblock 0 20\nblock 1 200\nblock 2 20\n"
        )
        options = ["--name", "here", "--agents", "5", "--steps", "10"]
        code, said = self.tool("rows", self.folder, self.folder / "counts", *options)
        steps, evolution = (dict(word.split("=") for word in line.split()[2:]) for line in said.splitlines())
        assert code == 0
        # 200 executions by 2 launches of 5 agents and 10 steps: 2.0 for an instruction of the loop
        assert (steps["messages"], steps["trace"], steps["rest"]) == ("2.0", "6.0", "2.2")
        assert set(evolution.values()) == {"0.0"}

    def compared(self, recorded, counted):
        for name, text in (("recorded", recorded), ("counted", counted)):
            (self.folder / name).write_text(f"# rows\n{text}\n")
        return self.tool("compare", self.folder / "recorded", self.folder / "counted", "--tolerance", "2")[0]

    def test_a_row_may_move_by_two_percent_and_no_more(self):
        recorded = "text steps all=1000.0 messages=100.0"
        assert self.compared(recorded, "text steps all=1019.0 messages=119.0") == 0
        assert self.compared(recorded, "text steps all=981.0 messages=81.0") == 0
        assert self.compared(recorded, "text steps all=1021.0 messages=100.0") == 1
        assert self.compared(recorded, "text steps all=979.0 messages=100.0") == 1
        assert self.compared(recorded, "text steps all=1000.0 messages=121.0") == 1
        assert self.compared(recorded, "text steps all=1000.0 messages=100.0 other=21.0") == 1
        assert self.compared(recorded, "other steps all=1000.0 messages=100.0") == 1
        assert self.compared(recorded, "") == 1


SOURCE = """float with_fma(float a, float b, float c)
{
    return fmaf(a, b,
                c);
}

float without(float a, float b, float c)
{
    if (a < 0.0f)
        return a * b + c;
    return c;
}

float either(float a, float b, float c)
{
    if (a < 0.0f) {
        c = fmaf(a, b, c);
    }
    return a * b + c;
}
"""

SAID = """ptxas info    : Compiling entry function '_Z17dg_generation_any15dg_device_batch' for 'sm_90'
ptxas info    : Function properties for _Z17dg_generation_any15dg_device_batch
    56 bytes stack frame, 64 bytes spill stores, 108 bytes spill loads
ptxas info    : Used {registers} registers, used 1 barriers, 56 bytes cumulative stack size
"""


class Gates(Scratch):
    def fused(self, line):
        (self.folder / "a.h").write_text(SOURCE)
        body = f"\t.loc\t1 {line} 5\n\tfma.rn.f32 \t%f1, %f2, %f3, %f4;"
        text = ptx_bench.kernel(body) + f'\t.file\t1 "{self.folder / "a.h"}"\n'
        (self.folder / "a.ptx").write_text(text)
        code, said = self.tool("fused", self.folder)
        return code, said.count("which says no fmaf")

    def test_a_fused_operation_comes_from_an_fmaf(self):
        assert self.fused(3) == (0, 0)
        assert self.fused(4) == (0, 0), "the second line of the statement"
        assert self.fused(16) == (0, 0), "a branch that nvcc made a choice of values"
        for line in (9, 10, 11, 19):
            assert self.fused(line) == (1, 1), line

    def registers(self, count):
        (self.folder / "said").write_text(SAID.format(registers=count))
        return self.tool("registers", self.folder / "said")

    def test_a_generation_kernel_has_64_registers_at_most(self):
        row = "dg_generation_any sm_90 registers=64 spill_loads=108 spill_stores=64 stack=56\n"
        assert self.registers(64) == (0, row)
        assert self.registers(65)[0] == 1


if __name__ == "__main__":
    unittest.main()
