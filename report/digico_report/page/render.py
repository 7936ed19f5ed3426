"""One HTML file of a page: styles, script, drawings and downloads inside, nothing asked of a network."""

from __future__ import annotations

import base64
import hashlib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from digico_report.elements import Figure, Page, Table
from digico_report.page.cells import make_cell
from digico_report.page.check import check, parse

HERE = Path(__file__).parent

#: a longer address is not followed by Chromium; such a file is offered from beside the page
LONGEST_ADDRESS = 1_900_000

#: from so many rows on a table can be filtered, and stands in a box of limited height
FILTERED_ROWS, LONG_ROWS = 16, 41


#: CSS pixels per unit of an SVG's width; width of the text
PIXELS = {"": 1.0, "px": 1.0, "pt": 4 / 3, "in": 96.0, "mm": 96 / 25.4, "cm": 96 / 2.54}
TEXT_WIDTH = 700.0


def render(page: Page) -> str:
    """The page as one HTML file. ReportError if names or ids repeat or a drawing does not parse."""
    check(page)
    script = (HERE / "page.js").read_text(encoding="utf-8")
    return (
        environment()
        .get_template("page.html")
        .render(
            page=page,
            numbers={figure.name: n for n, figure in enumerate(page.blocks(Figure), 1)},
            style=Markup((HERE / "style.css").read_text(encoding="utf-8")),
            script=Markup(script),
            script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
            filtered_rows=FILTERED_ROWS,
            long_rows=LONG_ROWS,
        )
    )


def write(page: Page, directory: str | Path) -> Path:
    """DIR/index.html, DIR/tables/*.csv and DIR/figures/*.svg; each is whole or the one of before."""
    return write_all({Path(directory): page})[0]


def write_all(pages: Mapping[Path, Page]) -> list[Path]:
    """Pages by their folder, none of them before all are rendered."""
    rendered = [render(page) for page in pages.values()]
    return [write_one(*item, html) for item, html in zip(pages.items(), rendered, strict=True)]


def write_one(directory: Path, page: Page, html: str) -> Path:
    """A page and its files; tables and drawings that an earlier page left there go."""
    stale = {*directory.glob("tables/*.csv"), *directory.glob("figures/*.svg")}
    for table in page.blocks(Table):
        stale.discard(replace(directory / "tables" / f"{table.name}.csv", table.to_csv()))
    for figure in page.blocks(Figure):
        stale.discard(replace(directory / "figures" / f"{figure.name}.svg", figure.svg))
    written = replace(directory / "index.html", html)
    for path in stale:
        path.unlink()
    return written


def replace(path: Path, text: str) -> Path:
    """Writes a file under another name, synced, then renames it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    with part.open("w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    return path


def environment() -> Environment:
    """Templates with everything escaped, and the few functions that they need."""
    env = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters.update(
        code=code,
        bare=lambda text: text.replace("`", ""),
        kind=lambda block: type(block).__name__,
        cell=lambda row, table, column: make_cell(table, column, row),
        drawing=lambda figure: Markup(figure.svg),
        width=width,
        csv_address=csv_address,
    )
    return env


def code(text: str) -> Markup:
    """Escaped text, `backquotes` as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def width(figure: Figure) -> float:
    """Width of a drawing at full size, in pixels; that of the text where it has none."""
    given = re.fullmatch(r"([\d.]+)([a-z]*)", parse(figure).get("width", ""))
    return float(given[1]) * PIXELS[given[2]] if given and given[2] in PIXELS else TEXT_WIDTH


def csv_address(table: Table) -> str:
    """Where the table can be had: in the link itself."""
    return short(f"data:text/csv;charset=utf-8,{quote(table.to_csv(), safe=',')}", f"tables/{table.name}.csv")


def short(address: str, beside: str) -> str:
    """An address, or that of the file beside the page."""
    return address if len(address) <= LONGEST_ADDRESS else beside
