"""Pages without the paths of their drawings: all is computed, what takes time is not written."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape

import pytest
from matplotlib.figure import Figure


def draft(figure: Figure, out: Any, **_: Any) -> None:
    """In place of Figure.savefig(): writes the texts above the axes alone."""
    width, height = 72 * figure.get_size_inches()
    texts = "".join(f"<text>{escape(text.get_text())}</text>" for text in figure.texts)
    out.write(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}pt" height="{height:g}pt" '
        f'viewBox="0 0 {width:g} {height:g}">{texts}</svg>'
    )


def laid_out(figure: Figure, out: Any, **_: Any) -> None:
    """The same, after what the layout of the axes may warn of."""
    figure.get_layout_engine().execute(figure)
    draft(figure, out)


@contextlib.contextmanager
def drafts(layout: bool = False) -> Iterator[None]:
    """Figures are drafts inside, and files are not synced."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Figure, "savefig", laid_out if layout else draft)
        patch.setattr(os, "fsync", lambda _: None)
        yield
