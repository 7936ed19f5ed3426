"""An SVG of matplotlib, made small: each style once, no groups that say nothing, an element per line."""

from __future__ import annotations

import re
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

SVG, XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"


def small(text: str) -> str:
    """The same picture in few lines."""
    root = ElementTree.fromstring(text)
    styles: dict[str, str] = {}
    _shrink(root, styles)
    rules = "".join(f".{name}{{{style}}}\n" for style, name in styles.items())
    sheet = Element(f"{{{SVG}}}style")
    sheet.text, sheet.tail = f"\n{rules}", "\n"
    root.insert(sum(child.tag in (f"{{{SVG}}}title", f"{{{SVG}}}desc") for child in root), sheet)
    ElementTree.register_namespace("", SVG)
    ElementTree.register_namespace("xlink", XLINK)
    return ElementTree.tostring(root, encoding="unicode").replace(" />", "/>")


def _shrink(element: Element, styles: dict[str, str]) -> None:
    """Children first: a style becomes a class, a group without attributes its members."""
    members: list[Element] = []
    for child in element:
        _shrink(child, styles)
        plain = child.tag == f"{{{SVG}}}g" and not child.attrib
        members += list(child) if plain else [child]
    element[:] = members
    if style := element.attrib.pop("style", None):
        style = re.sub(r"(?<=[;:,]) ", "", style).replace("'DejaVu Sans'", "'DejaVu Sans',sans-serif")
        element.set("class", styles.setdefault(style, f"s{len(styles)}"))
    if path := element.get("d"):
        element.set("d", " ".join(path.split()))
    if element.get("transform", "").startswith("rotate(-0 "):
        del element.attrib["transform"]
    if not (element.text or "").strip():
        element.text = "\n" if members else None
    element.tail = "\n"
