"""Pages without the paths of their drawings: all is computed and laid out, what takes time is not written."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape

import pytest
from matplotlib.figure import Figure


def draft(figure: Figure, out: Any, **_: Any) -> None:
    """In place of Figure.savefig(): lays out, and writes the texts above the axes alone."""
    figure.get_layout_engine().execute(figure)
    width, height = 72 * figure.get_size_inches()
    texts = "".join(f"<text>{escape(text.get_text())}</text>" for text in figure.texts)
    out.write(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}pt" height="{height:g}pt" '
        f'viewBox="0 0 {width:g} {height:g}">{texts}</svg>'
    )


@contextlib.contextmanager
def drafts() -> Iterator[None]:
    """Figures are drafts inside, and files are not synced."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Figure, "savefig", draft)
        patch.setattr(os, "fsync", lambda _: None)
        yield
