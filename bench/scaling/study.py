"""The whole measurement as one document: machine, samples, exponents. The figure reads nothing else."""

from __future__ import annotations

import dataclasses
import re
import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from scaling.cases import LEAST, Case, Series
from scaling.measure import Program, Sample, measure, run

MEASURES = ("seconds", "bytes")
#: of provenance.json
ORIGIN = (
    "digico_version",
    "git_commit",
    "compiler",
    "build_flags",
    "system",
    "cpu",
    "device",
    "vector",
    "threads",
)


def cases_of(series: Sequence[Series]) -> list[Case]:
    """All that is run in a round, each once; small ones of a kind lie apart."""
    return list(dict.fromkeys([LEAST, *(case for one in series for case in one.cases)]))


def take(
    program: Program, series: Sequence[Series], repeats: int, tell: Callable[[Case, Sample], None]
) -> dict[str, Any]:
    """Measure; exponents come later, with numpy."""
    _, origin = run(program, LEAST)
    samples = measure(program, cases_of(series), repeats, tell)
    return {
        "machine": machine_name(origin),
        **{key: origin[key] for key in ORIGIN},
        "repeats": repeats,
        "fixed": _point(LEAST, samples[LEAST]),
        "series": {one.along: [_point(case, samples[case]) for case in one.cases] for one in series},
    }


def machine_name(origin: Mapping[str, Any]) -> str:
    """As `make bench` (a CPU) and tools/gpu-check (a GPU) name files of figures."""
    on_cpu = origin["backend"] == "cpu"
    name = origin["cpu"] if on_cpu else origin["device"].partition(" ")[2]
    slug = re.sub(r"[^a-z0-9-]", "", name.lower().replace(" ", "-"))
    return f"{slug}-{origin['threads']}-threads" if on_cpu else slug


def add_exponents(document: dict[str, Any]) -> dict[str, Any]:
    """The document with a fit per series and measure; null where fixed costs dominate."""
    from scaling.fit import power_law

    document["exponents"] = {}
    for along, points in document["series"].items():
        sizes = [point[along] for point in points]
        fits = {
            key: power_law(sizes, [median(point, key) for point in points], median(document["fixed"], key))
            for key in MEASURES
        }
        document["exponents"][along] = {k: fit and dataclasses.asdict(fit) for k, fit in fits.items()}
    return document


def median(point: Mapping[str, Any], key: str) -> float:
    """Of the repeats."""
    return statistics.median(point[key])


def _point(case: Case, samples: Sequence[Sample]) -> dict[str, Any]:
    seconds = [round(sample.seconds, 4) for sample in samples]
    return {
        **dataclasses.asdict(case),
        "seconds": seconds,
        "bytes": [sample.bytes for sample in samples],
        "agent_steps_per_second": round(case.agent_steps / statistics.median(seconds)),
    }
