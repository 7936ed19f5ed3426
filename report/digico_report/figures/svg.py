"""The SVG text that matplotlib writes, made fit to stand in a page beside others of its kind."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

_REFERENCE = re.compile(r'(url\(#|xlink:href="#)([^)"]+)')
_ID = re.compile(r' id="([^"]*)"')
_LONG = re.compile(r"-?\d+\.\d{3,}")
#: where coordinates stand: rounding to 1/100 pt is not visible and saves a third of the bytes
_COORDINATES = re.compile(r'(?:\bd|\bx|\by|\bwidth|\bheight)="[^"]*"|translate\([^)]*\)')


def tidy(text: str, name: str, title: str, alt: str) -> str:
    """One <svg> element: unique ids, no header, no date, scaled by its viewBox, with a name for readers."""
    text = text[text.index("<svg") :].strip()
    # metadata names program and time; the style rule would match every other drawing of the page
    for pattern in (r"<metadata>.*?</metadata>\s*", r"<style\b.*?</style>\s*", r"<!--.*?-->\s*"):
        text = re.sub(pattern, "", text, flags=re.DOTALL)
    text = re.sub(r"<defs>\s*</defs>\s*|<defs/>\s*", "", text)
    head, body = text[: text.index(">") + 1], text[text.index(">") + 1 :]
    body = _COORDINATES.sub(lambda m: _shorter(m[0]), _unique_ids(body, name))
    body = re.sub(r"\n\s*", "\n", body)
    return _head(head, name, title, alt) + body + "\n"


def _unique_ids(text: str, name: str) -> str:
    """Ids that are referred to get the figure's name before them; the others are dropped."""
    used = {match[2] for match in _REFERENCE.finditer(text)}
    text = _REFERENCE.sub(lambda m: f"{m[1]}{name}-{m[2]}", text)
    return _ID.sub(lambda m: f' id="{name}-{m[1]}"' if m[1] in used else "", text)


def _shorter(attribute: str) -> str:
    attribute = _LONG.sub(_short, attribute)
    # what follows M or L without a letter is a line, too; after a curve it would be a curve
    if attribute.startswith('d="') and not re.search("[CQ]", attribute):
        attribute = re.sub(r"\s*\n?L ", " ", attribute)
    return attribute


def _short(match: re.Match[str]) -> str:
    text = f"{float(match[0]):.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _head(head: str, name: str, title: str, alt: str) -> str:
    box = re.search(r'viewBox="([^"]*)"', head)
    if box is None:
        raise ValueError("an SVG without viewBox")
    width = float(box[1].split()[2])
    words = f'<title id="{name}-title">{escape(title)}</title>\n'
    by = f"{name}-title"
    if alt:
        words += f'<desc id="{name}-desc">{escape(alt)}</desc>'
        by += f" {name}-desc"
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" version="1.1" '
        f'viewBox="{box[1]}" role="img" aria-labelledby="{by}" stroke-linejoin="round" '
        f'style="width: 100%; max-width: {width:g}pt; height: auto">\n{words}'
    )
