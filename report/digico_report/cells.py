"""configs/paper/published.csv: the numbers of the paper's tables and of its text, read strictly."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path

from digico_report.results import AI_TYPES, METRICS, UPDATES, ReportError

OVER_TYPES = "mean over types"
OVER_UPDATES = "mean over updates"
PARAMETERS = ("belief_sparsity", "observation_sparsity", "observation_influence_factor", "truthfulness")
HEADER = (
    "source",
    "agents",
    "ai_type",
    "weight_update",
    "parameter",
    "value",
    "metric",
    "mean",
    "spread",
    "seeds",
)


@dataclass(frozen=True)
class Cell:
    """A published number."""

    line: int  #: of the file
    source: str  #: table3, text_4.1
    agents: int
    ai_type: str  #: or OVER_TYPES
    update: str  #: or OVER_UPDATES
    parameter: str  #: swept key in the paper's words, empty if none
    value: str  #: of it: a number, max or min
    metric: str
    mean: float
    spread: float | None  #: standard deviation over pooled runs, divisor n
    seeds: int | None
    digits: int  #: printed after the point

    @property
    def rounding(self) -> float:
        """Half a unit of the last digit printed."""
        return 0.5 * 10.0**-self.digits

    @property
    def averaged(self) -> bool:
        """A mean over conditions, whose spread holds the differences between them."""
        return self.ai_type == OVER_TYPES or self.update == OVER_UPDATES


def read_published(path: str | Path) -> tuple[Cell, ...]:
    """All rows of the file; ReportError `file:line: column: value, expected ...` at the first wrong one."""
    path = Path(path)
    try:
        with path.open(encoding="utf-8", newline="") as file:
            lines = list(csv.reader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ReportError(f"{path}: cannot be read: {error}") from error
    if not lines or tuple(lines[0]) != HEADER:
        found = ",".join(lines[0]) if lines else ""
        raise ReportError(f"{path}:1: header: {found!r}, expected {','.join(HEADER)}")
    rows = [(number, line) for number, line in enumerate(lines[1:], start=2) if line]
    return _with_digits([_cell(path, number, line) for number, line in rows])


def _with_digits(cells: list[Cell]) -> tuple[Cell, ...]:
    """Trailing zeros are lost in the file: a number has the digits of its table's longest."""
    digits: dict[tuple[str, str], int] = {}
    for cell in cells:
        key = (cell.source, cell.metric)
        digits[key] = max(digits.get(key, 0), cell.digits)
    return tuple(replace(cell, digits=digits[cell.source, cell.metric]) for cell in cells)


def _cell(path: Path, number: int, line: list[str]) -> Cell:
    if len(line) != len(HEADER):
        raise ReportError(f"{path}:{number}: columns: {len(line)}, expected {len(HEADER)}")
    row = dict(zip(HEADER, line, strict=True))
    for column, (expected, good) in _RULES.items():
        if not good(row[column]):
            raise ReportError(f"{path}:{number}: {column}: {row[column]!r}, expected {expected}")
    if bool(row["parameter"]) != bool(row["value"]):
        expected = "one, of the parameter" if row["parameter"] else "none without a parameter"
        raise ReportError(f"{path}:{number}: value: {row['value']!r}, expected {expected}")
    return Cell(
        line=number,
        source=row["source"],
        agents=int(row["agents"]),
        ai_type=row["ai_type"],
        update=row["weight_update"],
        parameter=row["parameter"],
        value=row["value"],
        metric=row["metric"],
        mean=float(row["mean"]),
        spread=float(row["spread"]) if row["spread"] else None,
        seeds=int(row["seeds"]) if row["seeds"] else None,
        digits=max(0, -Decimal(row["mean"]).as_tuple().exponent),
    )


def _number(text: str) -> bool:
    try:
        return Decimal(text).is_finite() and math.isfinite(float(text))
    except (InvalidOperation, ValueError):
        return False


def _count(text: str) -> bool:
    return text.isascii() and text.isdigit() and int(text) > 0


def _one_of(*names: str) -> tuple[str, Callable[[str], bool]]:
    return "one of " + ", ".join(name or "nothing" for name in names), lambda text: text in names


_RULES: dict[str, tuple[str, Callable[[str], bool]]] = {
    "source": ("the table or section it stands in", bool),
    "agents": ("a whole number above 0", _count),
    "ai_type": _one_of(*AI_TYPES, OVER_TYPES),
    "weight_update": _one_of(*UPDATES, OVER_UPDATES),
    "parameter": _one_of("", *PARAMETERS),
    "value": ("a number, max, min or nothing", lambda text: text in ("", "max", "min") or _number(text)),
    "metric": _one_of(*METRICS),
    "mean": ("a number", _number),
    "spread": (
        "a number, 0 or above, or nothing",
        lambda text: not text or (_number(text) and float(text) >= 0),
    ),
    "seeds": ("a whole number above 0 or nothing", lambda text: not text or _count(text)),
}
