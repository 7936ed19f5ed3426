"""What a page must be before it is drawn: names and ids that occur once, drawings that parse."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from digico_report.elements import Figure, Page, Section, Table
from digico_report.results import ReportError

NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
SVG = "{http://www.w3.org/2000/svg}"
#: what names one of these addresses makes a browser ask for it
REFERENCES = ("href", "{http://www.w3.org/1999/xlink}href", "src")


def check(page: Page) -> None:
    """Raises ReportError where a link on the page could lead to two places, or out of it."""
    owner = {"top": "the page", "main": "the page", "contents": "the page"}
    for kind in (Section, Figure, Table):
        for block in page.blocks(kind):
            what = f"{kind.__name__.lower()} {block.name!r}"
            if not NAME.fullmatch(block.name):
                raise ReportError(f"{what}: a name is made of a-z, 0-9 and -")
            claim(owner, block.name, what)
    for figure in page.blocks(Figure):
        check_figure(figure, owner)


def check_figure(figure: Figure, owner: dict[str, str]) -> None:
    """A figure is one <svg> element without scripts; its ids occur once, its references stay inside."""
    what = f"figure {figure.name!r}"
    root = parse(figure)
    for element in root.iter():
        if element.tag == f"{SVG}script" or any(name.startswith("on") for name in element.attrib):
            raise ReportError(f"{what}: a drawing must hold no script")
        for name in REFERENCES:
            target = element.get(name, "#")
            if not target.startswith(("#", "data:")):
                raise ReportError(f"{what}: refers to {target!r}, outside of the page")
        if "id" in element.attrib:
            claim(owner, element.attrib["id"], what)


def parse(figure: Figure) -> ElementTree.Element:
    """The <svg> element of a figure."""
    try:
        root = ElementTree.fromstring(figure.svg)
    except ElementTree.ParseError as error:
        raise ReportError(f"figure {figure.name!r}: not well-formed SVG: {error}") from error
    if root.tag != f"{SVG}svg" or not figure.svg.lstrip().startswith("<svg"):
        raise ReportError(f"figure {figure.name!r}: not a whole <svg> element")
    return root


def claim(owner: dict[str, str], name: str, what: str) -> None:
    """Notes who has an id, and refuses a second one."""
    if name in owner:
        raise ReportError(f"{what}: the id {name!r} occurs twice, first in {owner[name]}")
    owner[name] = what
