"""What a page is made of: sections of paragraphs, figures and tables. Knows nothing of HTML or of results."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass, field
from numbers import Real
from typing import Any, Literal

Kind = Literal["text", "number", "integer", "interval", "spread", "verdict"]

#: kinds whose cells are pairs, and what their two columns of a CSV file end in
PAIRS = {"interval": ("_low", "_high"), "spread": ("", "_sd")}


@dataclass(frozen=True)
class Column:
    """A column of a table. `key` finds the cell in a row and heads the CSV column."""

    key: str
    title: str
    kind: Kind = "text"
    digits: int = 3  #: of a number, after the point
    help: str = ""  #: shown when the pointer rests on the title


@dataclass(frozen=True)
class Table:
    """Rows of cells by column key. A missing cell, None and NaN are empty. Becomes <name>.csv, too.

    A cell of kind `interval` is a pair (low, high), of kind `spread` a pair (mean, standard deviation); one
    of kind `verdict` begins with one of VERDICTS.
    """

    name: str  #: unique on a page: anchor and stem of the CSV file, a-z 0-9 -
    title: str
    columns: tuple[Column, ...]
    rows: tuple[dict[str, Any], ...]
    caption: str = ""  #: plain text; `backquotes` mark code

    def to_csv(self) -> str:
        """All cells in full precision, RFC 4180 with \\n; a pair becomes two columns."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        head: list[str] = []
        for column in self.columns:
            head += [f"{column.key}{part}" for part in PAIRS.get(column.kind, ("",))]
        writer.writerow(head)
        for row in self.rows:
            line: list[Any] = []
            for column in self.columns:
                cell = row.get(column.key)
                pair = column.kind in PAIRS
                cells = ((None, None) if is_empty(cell) else tuple(cell)) if pair else (cell,)
                line += ["" if is_empty(c) else c for c in cells]
            writer.writerow(line)
        return out.getvalue()


@dataclass(frozen=True)
class Figure:
    """A drawing. `svg` is a whole <svg> element whose ids are unique on the page."""

    name: str  #: unique on a page: anchor and stem of the SVG file
    title: str
    svg: str
    caption: str = ""  #: plain text; `backquotes` mark code
    alt: str = ""  #: what a reader who cannot see it should know


@dataclass(frozen=True)
class Text:
    """A paragraph of plain text; `backquotes` mark code."""

    text: str
    kind: Literal["plain", "note", "warning"] = "plain"


@dataclass(frozen=True)
class Listing:
    """Text shown as it stands, in letters of one width: a configuration, commands."""

    title: str
    text: str
    folded: bool = True


@dataclass(frozen=True)
class Section:
    """A part of a page; stands in its contents. Sections inside are its subsections."""

    name: str
    title: str
    blocks: tuple[Text | Figure | Table | Listing | Section, ...] = ()


@dataclass(frozen=True)
class Page:
    """A whole page. `notice` stands on top: what is shown must not be taken for the full form."""

    title: str
    subtitle: str
    sections: tuple[Section, ...]
    notice: str = ""
    facts: tuple[tuple[str, str], ...] = field(default=())  #: what and how much, beside the title

    def blocks(self, kind: type) -> list[Any]:
        """All figures or tables of the page, in order."""
        found: list[Any] = []
        todo: list[Any] = list(reversed(self.sections))
        while todo:
            block = todo.pop()
            if isinstance(block, kind):
                found.append(block)
            if isinstance(block, Section):
                todo += reversed(block.blocks)
        return found


VERDICTS = ("agrees", "differs", "not comparable", "supported", "not supported", "undecided")


def is_empty(cell: Any) -> bool:
    """None, NaN, or a text of nothing."""
    return cell is None or cell == "" or (isinstance(cell, Real) and math.isnan(cell))
