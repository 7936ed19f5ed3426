"""Cells of tables as text, and the values that they are sorted by."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from numbers import Real
from typing import Any

from digico_report.elements import VERDICTS, Column, Table, is_empty
from digico_report.results import ReportError

#: beyond this a number of fixed digits after the point is only long
LARGE = 1e9

#: a text of up to so many characters is not broken into lines
PHRASE = 26

#: verdict -> sign, tone of the badge; the text says it, too
BADGES = {
    "agrees": ("✓", "good"),
    "supported": ("✓", "good"),
    "differs": ("≠", "bad"),
    "not supported": ("✗", "bad"),
    "undecided": ("?", "open"),
    "not comparable": ("–", "none"),
}


@dataclass(frozen=True)
class Badge:
    """A verdict as it is shown."""

    text: str
    sign: str
    tone: str


@dataclass(frozen=True)
class Cell:
    """A cell as it is shown, and what it is sorted by: a number as JavaScript reads it, or a text."""

    text: str = ""
    value: str = ""
    badge: Badge | None = None

    @property
    def long(self) -> bool:
        """Whether its text needs room to be broken into lines."""
        return len(self.text) + (len(self.badge.text) if self.badge else 0) > PHRASE


def make_cell(table: Table, column: Column, row: dict[str, Any]) -> Cell:
    """The cell of a column in a row."""
    value = row.get(column.key)
    if column.kind == "interval":
        return interval(column, value)
    if column.kind == "spread":
        return spread(column, value)
    if is_empty(value):
        return Cell()
    if column.kind == "verdict":
        return verdict(table, str(value))
    if column.kind == "text" or not isinstance(value, Real):
        return Cell(str(value))  # also words in a column of numbers: "not recorded"
    return Cell(number(column, value), json.dumps(float(value)))


def number(column: Column, value: Any) -> str:
    """A number with the digits of its column: −1.250, 1,000, 1.0e+12, ∞."""
    if math.isinf(value):
        text = "-∞" if value < 0 else "∞"
    elif column.kind == "integer":
        text = f"{int(value):,d}" if value == int(value) else f"{float(value):,}"
    elif abs(value) >= LARGE:
        text = f"{float(value):.{column.digits}e}"
    else:
        text = f"{float(value):z,.{column.digits}f}"
    return text.replace("-", "−", 1) if text.startswith("-") else text


def interval(column: Column, pair: Any) -> Cell:
    """[low, high], sorted by its lower end."""
    low, high = (None, None) if is_empty(pair) else pair
    if is_empty(low) and is_empty(high):
        return Cell()
    ends = ["…" if is_empty(end) else number(column, end) for end in (low, high)]
    return Cell(f"[{ends[0]}, {ends[1]}]", "" if is_empty(low) else json.dumps(float(low)))


def spread(column: Column, pair: Any) -> Cell:
    """Mean ± standard deviation, sorted by the mean."""
    mean, deviation = (None, None) if is_empty(pair) else pair
    if is_empty(mean):
        return Cell()
    beside = "" if is_empty(deviation) else f" ± {number(column, deviation)}"
    return Cell(number(column, mean) + beside, json.dumps(float(mean)))


def verdict(table: Table, text: str) -> Cell:
    """A badge, and behind it what else the cell says."""
    for known in VERDICTS:
        rest = text.removeprefix(known)
        if rest != text and not rest[:1].isalnum():
            return Cell(rest.lstrip(" ,:;"), text, Badge(known, *BADGES[known]))
    raise ReportError(f"table {table.name!r}: {text!r} begins with no verdict: {', '.join(VERDICTS)}")
