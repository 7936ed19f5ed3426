"""Heat maps."""

from __future__ import annotations

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize

from digico_report.figures.style import HEAT

VECTOR_CELLS = 150  #: up to so many a cell is a path; as paths, 200 x 10 cells a panel make 300 kB of SVG


def heat_map(
    ax: Axes, values: np.ndarray, edges_x: np.ndarray, edges_y: np.ndarray, norm: Normalize, cmap: str = HEAT
) -> ScalarMappable:
    """values[y, x] between the edges; NaN is grey. Many cells are embedded as one image, a pixel each."""
    colours = matplotlib.colormaps[cmap].with_extremes(bad="#d9d9d9")
    masked = np.ma.masked_invalid(values)
    if values.size <= VECTOR_CELLS:
        return ax.pcolormesh(edges_x, edges_y, masked, norm=norm, cmap=colours, linewidth=0)
    # pixels are of equal width; so are bins of generations but for rounding to whole ones
    extent = (edges_x[0], edges_x[-1], edges_y[0], edges_y[-1])
    return ax.imshow(
        masked, norm=norm, cmap=colours, extent=extent, origin="lower", aspect="auto", interpolation="none"
    )


def ink(colour: tuple[float, ...]) -> str:
    """Black or white, whichever can be read on a colour: relative luminance as WCAG has it."""
    parts = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in colour[:3]]
    return "black" if 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2] > 0.18 else "white"


def write_cells(ax: Axes, values: np.ndarray, drawn: ScalarMappable, form: str, size: float = 6.5) -> None:
    """The number into every cell of a map whose cells are 1 apart, centred on whole numbers."""
    for y, x in np.ndindex(values.shape):
        if np.isfinite(values[y, x]):
            colour = ink(drawn.to_rgba(float(values[y, x])))
            text = format(values[y, x], form)
            text = text if float(text) else text.lstrip("-")  # -0.4 is 0, not -0
            ax.text(x, y, text, ha="center", va="center", fontsize=size, color=colour)
