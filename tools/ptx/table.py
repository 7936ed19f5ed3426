"""
What each PTX instruction does: a row an opcode, in the words of C++.

A row has the opcode with T for its type (or S for a memory space), the types that T may be, the types of
operands, and the value in terms of the sources a, b, c, d. Operand types: T; W, twice as wide; a name; `[S]`,
an address; `T*`, one or a list in braces. Without a result (`st`, `bar`) the expression is a statement. Names
that start with ptx_ stand in tests/ptx/machine.h.

What has no row is refused. So is, by having none, float arithmetic that does not round to nearest (.rn), that
approximates (.approx, .ftz) or saturates, and atomics of floats.
"""

import re
from itertools import product
from typing import NamedTuple


class Row(NamedTuple):
    """An opcode, or several that differ in their type or memory alone."""

    opcode: str
    types: str
    operands: str  # the destination first; `-` in its place: none
    expression: str


class Form(NamedTuple):
    """An opcode with its types filled in."""

    result: str  # type of the destination; empty: none
    sources: tuple[str, ...]
    expression: str


INTEGERS = "s32 u32 s64 u64"
WHOLE = "s16 u16 " + INTEGERS
BITS = "b16 b32 b64"
ALL = "b16 s16 u16 b32 s32 u32 b64 s64 u64 f32"
MEMORY = "b8 s8 u8 " + ALL
SPACES = ("param", "global", "shared", "local", "")

COMPARED = {"eq": "a == b", "ne": "a != b", "lt": "a < b", "le": "a <= b", "gt": "a > b", "ge": "a >= b"}
UNSIGNED = {"lo": "a < b", "ls": "a <= b", "hi": "a > b", "hs": "a >= b"}
# true where an operand is nan: the negation of the opposite, which is false there
UNORDERED = {"ltu": "!(a >= b)", "leu": "!(a > b)", "gtu": "!(a <= b)", "geu": "!(a < b)"}
NANS = {"equ": "!(a < b || a > b)", "neu": "!(a == b)", "num": "a == a && b == b", "nan": "a != a || b != b"}
ORDERED = {**COMPARED, "ne": "a < b || a > b"}

ROWS = (
    # ---- integers (-fwrapv: they wrap) ----
    Row("add.T", WHOLE, "T T T", "a + b"),
    Row("sub.T", WHOLE, "T T T", "a - b"),
    Row("mul.lo.T", WHOLE, "T T T", "a * b"),
    Row("mul.hi.T", "s32 u32", "T T T", "(W(a) * W(b)) >> 32"),
    Row("mul.wide.T", "s16 u16 s32 u32", "W T T", "W(a) * W(b)"),
    Row("mad.lo.T", INTEGERS, "T T T T", "a * b + c"),
    Row("mad.wide.T", "s16 u16 s32 u32", "W T T W", "W(a) * W(b) + c"),
    Row("div.T", INTEGERS, "T T T", "ptx_divide(a, b)"),
    Row("rem.T", INTEGERS, "T T T", "ptx_remainder(a, b)"),
    Row("abs.T", "s32 s64", "T T", "a < 0 ? -a : a"),
    Row("neg.T", "s32 s64", "T T", "-a"),
    Row("min.T", INTEGERS, "T T T", "b < a ? b : a"),
    Row("max.T", INTEGERS, "T T T", "a < b ? b : a"),
    # ---- bits ----
    Row("and.T", BITS + " pred", "T T T", "a & b"),
    Row("or.T", BITS + " pred", "T T T", "a | b"),
    Row("xor.T", BITS + " pred", "T T T", "a ^ b"),
    Row("not.T", BITS, "T T", "~a"),
    Row("not.pred", "", "pred pred", "!a"),
    Row("shl.T", BITS, "T T u32", "b < ptx_width<T> ? a << b : 0"),
    Row("shr.T", BITS + " u16 u32 u64", "T T u32", "b < ptx_width<T> ? a >> b : 0"),
    Row("shr.T", "s16 s32 s64", "T T u32", "a >> (b < ptx_width<T> ? b : ptx_width<T> - 1)"),
    Row("bfi.T", "b32 b64", "T T T u32 u32", "ptx_insert<T>(a, b, c, d)"),
    Row("popc.b32", "", "u32 u32", "__builtin_popcount(a)"),
    Row("brev.b32", "", "u32 u32", "ptx_reverse(a)"),
    Row("bfind.shiftamt.u32", "", "u32 u32", "a ? __builtin_clz(a) : 0xffffffffu"),
    # ---- floats: each rounded to nearest, once ----
    Row("add.rn.f32", "", "f32 f32 f32", "ptx_float(a + b)"),
    Row("sub.rn.f32", "", "f32 f32 f32", "ptx_float(a - b)"),
    Row("mul.rn.f32", "", "f32 f32 f32", "ptx_float(a * b)"),
    Row("div.rn.f32", "", "f32 f32 f32", "ptx_float(a / b)"),
    Row("fma.rn.f32", "", "f32 f32 f32 f32", "ptx_float(__builtin_fmaf(a, b, c))"),
    Row("sqrt.rn.f32", "", "f32 f32", "ptx_float(__builtin_sqrtf(a))"),
    Row("rcp.rn.f32", "", "f32 f32", "ptx_float(1.0f / a)"),
    Row("abs.f32", "", "f32 f32", "__builtin_fabsf(a)"),
    Row("neg.f32", "", "f32 f32", "-a"),
    Row("copysign.f32", "", "f32 f32 f32", "__builtin_copysignf(b, a)"),
    Row("min.f32", "", "f32 f32 f32", "ptx_least(a, b)"),
    Row("max.f32", "", "f32 f32 f32", "ptx_largest(a, b)"),
    # ---- comparing and choosing ----
    *(Row(f"setp.{word}.T", "s16 u16 s32 u32 s64 u64", "pred T T", c) for word, c in COMPARED.items()),
    *(Row(f"setp.{word}.T", BITS, "pred T T", COMPARED[word]) for word in ("eq", "ne")),
    *(Row(f"setp.{word}.T", "u16 u32 u64", "pred T T", c) for word, c in UNSIGNED.items()),
    *(Row(f"setp.{word}.f32", "", "pred f32 f32", c) for word, c in {**ORDERED, **UNORDERED, **NANS}.items()),
    Row("selp.T", ALL, "T T T pred", "c ? a : b"),
    Row("mov.T", ALL + " pred", "T T", "a"),
    # a pair of registers, low half first; k: the number of the member (emit.py adds the last word)
    Row("mov.b64.unpack", "", "u32* u64", "a >> (32 * k)"),
    Row("mov.b64.pack", "", "u64 u32 u32", "a | static_cast<uint64_t>(b) << 32"),
    # ---- conversions; a value of another width is cut or extended as its type says ----
    *(Row(f"cvt.T.{source}", WHOLE, f"T {source}", "a") for source in f"s16 u16 {INTEGERS}".split()),
    Row("cvt.rn.f32.T", INTEGERS, "f32 T", "static_cast<float>(a)"),
    Row("cvt.rzi.T.f32", INTEGERS, "T f32", "ptx_integer<T>(a)"),
    # ---- memory ----
    Row("ld.S.T", MEMORY, "T [S]", "ptx_load<T>(a)"),
    Row("ld.S.v2.T", MEMORY, "T* [S]", "ptx_load<T>(a)"),
    Row("ld.S.v4.T", MEMORY, "T* [S]", "ptx_load<T>(a)"),
    Row("ld.global.nc.T", MEMORY, "T [global]", "ptx_load<T>(a)"),
    Row("ld.global.cg.T", MEMORY, "T [global]", "ptx_load<T>(a)"),
    Row("ld.volatile.S.T", MEMORY, "T [S]", "ptx_load_again<T>(a, PTX_HERE)"),
    Row("st.S.T", MEMORY, "- [S] T", "ptx_store<T>(a, b)"),
    Row("st.S.v2.T", MEMORY, "- [S] T*", "ptx_store<T>(a, b)"),
    Row("st.S.v4.T", MEMORY, "- [S] T*", "ptx_store<T>(a, b)"),
    Row("cvta.to.global.u64", "", "u64 u64", "a"),
    Row("cvta.to.local.u64", "", "u64 u64", "a"),
    Row("cvta.local.u64", "", "u64 u64", "a"),
    Row("cvta.param.u64", "", "u64 u64", "a"),
    Row("cvta.shared.u64", "", "u64 u64", "a + ptx_shared_at"),
    Row("cvta.to.shared.u64", "", "u64 u64", "a - ptx_shared_at"),
    Row("atom.S.add.T", "u32 u64", "T [S] T", "ptx_add<T>(a, b)"),
    Row("red.S.add.T", "u32 u64", "- [S] T", "ptx_add<T>(a, b)"),
    Row("membar.gl", "", "-", "ptx_fence()"),
    # ---- together with other threads ----
    Row("bar.sync", "", "- u32", "ptx_block_barrier(a, PTX_HERE)"),
    Row("bar.warp.sync", "", "- u32", "ptx_warp_barrier(a, PTX_HERE)"),
    Row("shfl.sync.idx.b32", "", "u32 u32 u32 u32 u32", "ptx_shuffle(a, b, c, d, PTX_HERE)"),
    Row("shfl.sync.up.b32", "", "u32 u32 u32 u32 u32", "ptx_shuffle_up(a, b, c, d, PTX_HERE)"),
    Row("shfl.sync.bfly.b32", "", "u32 u32 u32 u32 u32", "ptx_shuffle_across(a, b, c, d, PTX_HERE)"),
    Row("vote.sync.ballot.b32", "", "u32 pred u32", "ptx_ballot(a, b, PTX_HERE)"),
    Row("redux.sync.min.u32", "", "u32 u32 u32", "ptx_warp_least(a, b, PTX_HERE)"),
    Row("redux.sync.add.u32", "", "u32 u32 u32", "ptx_warp_total(a, b, PTX_HERE)"),
)

# the second result of `r|p`, a predicate: was there a lane to bring a value?
SECOND = {"shfl.sync.up.b32": "ptx_reaches(b)"}

CPP = {"pred": "bool", "f32": "float"}
CPP |= {f"s{bits}": f"int{bits}_t" for bits in (8, 16, 32, 64)}
CPP |= {f"{kind}{bits}": f"uint{bits}_t" for kind in "bu" for bits in (8, 16, 32, 64)}


def filled(row: Row, kind: str, space: str) -> tuple[str, Form]:
    """Return a row's opcode and form for one type and one memory space."""
    wide = f"{kind[0]}{2 * int(kind[1:])}" if re.fullmatch(r"[su](8|16|32)", kind) else ""
    opcode = re.sub(r"\bT\b", kind, row.opcode).replace(".S", f".{space}" if space else "")
    named = {"T": kind, "W": wide, "T*": kind + "*", "[S]": f"[{space}]", "-": ""}
    result, *sources = (named.get(word, word) for word in row.operands.split())
    expression = re.sub(r"\bW\b", CPP.get(wide, "W"), re.sub(r"\bT\b", CPP.get(kind, "T"), row.expression))
    return opcode, Form(result, tuple(sources), expression)


def forms() -> dict[str, Form]:
    """Return all opcodes."""
    found: dict[str, Form] = {}
    for row in ROWS:
        spaces = SPACES if ".S" in row.opcode else ("",)
        for kind, space in product(row.types.split() or ("",), spaces):
            opcode, form = filled(row, kind, space)
            if opcode in found:
                raise ValueError(f"table.py: two rows for {opcode}")
            found[opcode] = form
    return found


FORMS = forms()


def why_refused(opcode: str) -> str:
    """Return what an opcode without a row did wrong."""
    parts = opcode.split(".")
    for word in ("approx", "ftz"):
        if word in parts:
            return f"{opcode}: .{word} does not give the bits of the CPU"
    if parts[0] in ("atom", "red") and parts[-1] in ("f32", "f64", "f16", "f16x2", "bf16"):
        return f"{opcode}: a sum of floats whose order nobody knows"
    rounded = parts[0] in ("add", "sub", "mul", "fma", "mad", "div", "sqrt", "rcp")
    if rounded and parts[-1] == "f32" and "rn" not in parts:
        return f"{opcode}: float arithmetic without .rn, which may be fused"
    return f"{opcode}: no row in tools/ptx/table.py"
