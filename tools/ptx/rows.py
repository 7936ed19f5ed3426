"""
Instruction rows of the GPU: warp instructions per agent-step, by phase, counted where PTX runs on the CPU.

A warp that executes a basic block executes all instructions in it, whatever their predicates; how often,
tests/ptx/counter.h says. PTX is not machine code: ptxas makes one instruction of some pairs, several of some
single ones (a division, a 64-bit product), and leaves out moves. Rows compare versions of a kernel; they
bound its time from below only as far as the two agree.
"""

from argparse import Namespace
from collections import Counter
from pathlib import Path

from parse import Instruction, Kernel, read_module

STEPS = 50  # of a generation of the paper: what is done once a generation is spread over so many

# The phase of an instruction: that of the innermost function here into which it was inlined.
STEP_PHASES = {
    "dg_draw_step": "draws",
    "dg_message_phase": "messages",
    "dg_observation_phase": "observation",
    "dg_count_reward": "reward",
    "dg_weights_phase": "weights",
    "dg_contagion_phase": "contagion",
    "dg_trace_phase": "trace",
    "dg_usual_message": "messages",
    "dg_usual_post": "messages",
    "dg_usual_observation": "observation",
    "dg_draw_blocks": "observation",
    "dg_usual_count": "reward",
    "dg_usual_weights": "weights",
    "dg_usual_belief": "contagion",
    "dg_usual_choose": "choices",
    "dg_share_messages": "sharing",
    "dg_share_views": "sharing",
}
# the same, once a launch
ONCE = dict.fromkeys(
    ("dg_block_at", "dg_run_ended", "dg_load_params", "dg_load_mirror", "dg_open_pages", "dg_clear_record",
     "dg_begin_agent", "dg_end_agent", "dg_count_tally", "dg_usual_here", "dg_usual_begin",
     "dg_usual_first", "dg_usual_end"),
    "once",
)  # fmt: skip
# kernels and functions of the evolution; the once-a-generation rest of a kernel counts with its name
EVOLUTION = {
    "dg_rank": "rank",
    "dg_recombine": "recombine",
    "dg_norm": "norm",
    "dg_variance": "variance",
    "dg_sample": "sample",
    "sample_genotype": "genotype",
    "make_base": "base",
    "pack_second": "pack",
}
STEP_COLUMNS = [*dict.fromkeys(STEP_PHASES.values()), "once", "rest"]
EVOLUTION_COLUMNS = list(EVOLUTION.values())


def read_counts(path: Path) -> dict[str, tuple[int, Counter]]:
    """Return launches and executions of blocks by warps, by mangled name of the kernel."""
    found: dict[str, tuple[int, Counter]] = {}
    blocks: Counter = Counter()
    for line in path.read_text().splitlines():
        word, name, count = line.split()
        if word == "kernel":
            blocks = Counter()
            found[name] = (int(count), blocks)
        else:
            blocks[int(name)] += int(count)
    return found


def phase_of(kernel: Kernel, one: Instruction, phases: dict[str, str], otherwise: str) -> str:
    """Return the phase of the innermost function that has one."""
    named = [phases[name] for name in (kernel.short, *one.place.functions()) if name in phases]
    return named[-1] if named else otherwise


def executed(kernel: Kernel, blocks: Counter):
    """Yield every instruction with the number of times that warps executed it."""
    for number, block in enumerate(kernel.blocks):
        for one in block:
            yield one, blocks[number]


def counted_rows(options: Namespace) -> list[tuple[str, dict[str, float]]]:
    """Return the figures `steps` and `evolution` with their phases, per agent-step."""
    counts = read_counts(options.counts)
    steps: Counter = Counter()
    evolution: Counter = Counter()
    for path in sorted(options.folder.rglob("*.ptx")):
        for kernel in read_module(path).kernels:
            launches, blocks = counts.get(kernel.name, (0, Counter()))
            for one, count in executed(kernel, blocks):
                each = count / launches / options.agents if launches else 0
                if kernel.short in EVOLUTION:
                    evolution[phase_of(kernel, one, EVOLUTION, "")] += each / STEPS
                elif kernel.short.startswith("dg_generation"):
                    phase = phase_of(kernel, one, {**STEP_PHASES, **ONCE}, "rest")
                    steps[phase] += each / (STEPS if phase == "once" else options.steps)
    return [
        (figure, {"all": sum(found.values())} | {name: found[name] for name in columns})
        for figure, found, columns in (
            ("steps", steps, STEP_COLUMNS),
            ("evolution", evolution, EVOLUTION_COLUMNS),
        )
    ]


def write_rows(options: Namespace) -> int:
    """Print the rows of one condition: NAME FIGURE, then PHASE=INSTRUCTIONS."""
    for figure, phases in counted_rows(options):
        print(options.name, figure, *(f"{name}={count:.1f}" for name, count in phases.items()))
    return 0


def read_rows(path: Path) -> dict[str, dict[str, float]]:
    """Return recorded rows by condition and figure."""
    lines = [line.split() for line in path.read_text().splitlines() if line and line[0] != "#"]
    return {
        f"{name} {figure}": {phase: float(count) for phase, count in (word.split("=") for word in words)}
        for name, figure, *words in lines
    }


def differences(recorded: dict[str, float], counted: dict[str, float], tolerance: float) -> list[str]:
    """Return the phases that moved by more than a share of the whole row."""
    most = tolerance * recorded.get("all", 0)
    return [
        f"{phase} {recorded.get(phase, 0):.1f} -> {counted.get(phase, 0):.1f}"
        for phase in dict.fromkeys([*recorded, *counted])
        if not abs(counted.get(phase, 0) - recorded.get(phase, 0)) <= most
    ]


def compare_rows(options: Namespace) -> int:
    """Print counted rows beside recorded ones; 1 if a row moved, up or down, or only one side has it."""
    recorded, counted = read_rows(options.recorded), read_rows(options.counted)
    moved = 0
    for key in dict.fromkeys([*recorded, *counted]):
        before, after = recorded.get(key, {}), counted.get(key, {})
        found = (
            differences(before, after, options.tolerance / 100) if before and after else ["not on both sides"]
        )
        moved += bool(found)
        print(
            f"  {key:28} {before.get('all', 0):9.1f} {after.get('all', 0):9.1f}  {'; '.join(found) or 'ok'}"
        )
    return 1 if moved else 0


def write_lines(options: Namespace) -> int:
    """Print the source lines that cost most: warp instructions per agent-step, line, functions around it."""
    counts = read_counts(options.counts)
    lines: Counter = Counter()
    for path in sorted(options.folder.rglob("*.ptx")):
        for kernel in read_module(path).kernels:
            launches, blocks = counts.get(kernel.name, (0, Counter()))
            if options.kernel in ("", kernel.short) and launches:
                for one, count in executed(kernel, blocks):
                    where = f"{Path(one.place.file).name}:{one.place.line}"
                    lines[where, " > ".join(one.place.functions()[-3:])] += count / launches
    work = options.agents * options.steps
    for (where, functions), count in lines.most_common(options.most):
        print(f"{count / work:9.1f}  {where:24} {functions}")
    return 0
