"""docs/images/architecture.svg and the table of docs/ARCHITECTURE.md, made from the list of floors.

The picture is a staircase. A row is a floor; a column is an arrow that ends on top of one. The number where
they meet counts the `#include` lines by which the floor of the row uses the floor of the column.
"""

from collections import Counter
from html import escape
from pathlib import Path

from floors import EXCEPTIONS, FLOORS, LEVEL, ROWS
from sources import folder, includes, read

PICTURE = "docs/images/architecture.svg"
PAGE = "docs/ARCHITECTURE.md"
BEGIN, END = "<!-- floors: written by make picture -->\n", "<!-- end of floors -->\n"

STEP = 32  # from row to row, and from column to column
MARGIN = 14
BOX_WIDTH, BOX_HEIGHT = 124, 24
ARROW = 18  # an arrow meets its box so far from the left edge
WIDTH, HEIGHT = 850, 2 * MARGIN + STEP * len(FLOORS) + 20

STYLE = """
text{font:12px sans-serif;fill:#1f2328}.mono{font-family:monospace}.owns{fill:#59636e}
.count{font-size:11px;text-anchor:middle}.page{fill:#fff}.stripe{fill:#f6f8fa}
path{fill:none;stroke:#8c959f}.head{fill:#8c959f}circle{fill:#fff;stroke:#8c959f}.up{fill:#ff8182}
.include{fill:#d8f3dc;stroke:#2d6a4f}.kernels{fill:#dbeafe;stroke:#1d4ed8}.host{fill:#fdebd0;stroke:#b45309}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.owns{fill:#9198a1}.page,circle{fill:#0d1117}
.stripe{fill:#161b22}.up{fill:#b62324}.include{fill:#12372a}.kernels{fill:#172554}.host{fill:#431407}}
"""
INDEX = {floor.folder: index for index, floor in enumerate(FLOORS)}

Counts = Counter[tuple[str, str]]


def counts(root: Path) -> Counts:
    """Count the includes between floors, by (folder, included folder)."""
    found: Counts = Counter()
    for top in ("include", "kernels", "host"):
        for source in read(root, top):
            found.update((source.folder, folder(link.target)) for link in includes(root, source))
    return Counter({(a, b): n for (a, b), n in found.items() if a != b and a in LEVEL and b in LEVEL})


def picture(root: Path) -> str:
    """Draw the staircase."""
    arrows = counts(root)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}">',
        f"<title>The floors of the sources and what they include</title><style>{STYLE}</style>",
        f'<rect class="page" width="{WIDTH}" height="{HEIGHT}" rx="6"/>',
        *stripes(),
        *(part for name in INDEX for part in lines(name, arrows)),
        *(part for floor in FLOORS for part in box(floor.folder, floor.owns)),
        *(number(*pair, arrows[pair]) for pair in sorted(arrows, key=lambda pair: [INDEX[a] for a in pair])),
        f'<text class="owns" x="{MARGIN}" y="{HEIGHT - MARGIN}">A number counts the #include lines by which '
        "the floor of its row uses the floor below, on which its arrow ends.</text>",
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def left(index: int) -> int:
    """Return the left edge of a box."""
    return MARGIN + STEP * index


def middle(index: int) -> int:
    """Return the height of a row: the first floor lies at the bottom."""
    return MARGIN + STEP * (len(FLOORS) - 1 - index) + STEP // 2


def stripes() -> list[str]:
    """Lay a stripe behind every other row of the list, so that folders side by side share one."""
    parts = []
    for row in ROWS[::2]:
        top = middle(INDEX[row[-1].folder]) - STEP // 2
        parts.append(f'<rect class="stripe" y="{top}" width="{WIDTH}" height="{STEP * len(row)}"/>')
    return parts


def lines(name: str, arrows: Counts) -> list[str]:
    """Draw the row to the left of a box, and the arrow that ends on top of it."""
    x, y = left(INDEX[name]), middle(INDEX[name])
    uses = [INDEX[below] for above, below in arrows if above == name]
    users = [INDEX[above] for above, below in arrows if below == name]
    parts = []
    if uses:
        parts.append(f'<path d="M{x} {y}H{left(min(uses)) + ARROW}"/>')
    if users:
        x, top = x + ARROW, y - BOX_HEIGHT // 2
        parts.append(f'<path d="M{x} {middle(max(users))}V{top}"/>')
        parts.append(f'<path class="head" d="M{x - 4} {top - 7}h8l-4 7z"/>')
    return parts


def box(name: str, owns: str) -> list[str]:
    """Draw a floor: its folder in a box, what it owns to the right."""
    x, y = left(INDEX[name]), middle(INDEX[name])
    return [
        f'<rect class="{name.split("/")[0]}" x="{x}" y="{y - BOX_HEIGHT // 2}" width="{BOX_WIDTH}" '
        f'height="{BOX_HEIGHT}" rx="3"/>',
        f'<text class="mono" x="{x + 8}" y="{y + 4}">{name}</text>',
        f'<text class="owns" x="{x + BOX_WIDTH + 8}" y="{y + 4}">{escape(owns)}</text>',
    ]


def number(above: str, below: str, count: int) -> str:
    """Draw a number where the row of one floor meets the arrow to the other; red if that one is higher."""
    x, y = left(INDEX[below]) + ARROW, middle(INDEX[above])
    up = ' class="up"' if INDEX[below] > INDEX[above] else ""
    return f'<circle{up} cx="{x}" cy="{y}" r="10"/><text class="count" x="{x}" y="{y + 4}">{count}</text>'


def table() -> str:
    """Write the list of floors as a table, highest floor first, and its exceptions below."""
    text = "| floor | folder | what it owns | what it may include |\n|---|---|---|---|\n"
    for level, row in reversed(list(enumerate(ROWS))):
        for floor in row:
            lower = [f for below in ROWS[:level] for f in below]
            closed = " and ".join(f"`{f.folder}`" for f in lower if f.only and floor.folder not in f.only)
            may = f"lower floors but {closed}" if closed else "lower floors" if lower else "nothing"
            text += f"| {level} | `{floor.folder}` | {floor.owns} | {may} |\n"
    text += "\nExceptions, each by name:\n\n"
    return text + "".join(f"- `{file}` includes `{there}/`: {why}.\n" for file, there, why in EXCEPTIONS)


def pages(root: Path) -> dict[str, str]:
    """Return what the two files should hold, by their names."""
    before, rest = (root / PAGE).read_text().split(BEGIN)
    after = rest.split(END)[1]
    return {PICTURE: picture(root), PAGE: f"{before}{BEGIN}\n{table()}\n{END}{after}"}
