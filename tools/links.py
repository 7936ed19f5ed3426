"""Check what *.md files point at: python3 tools/links.py [ROOT] prints what is not there; exits with 1 then.

Checked are relative links and their anchors; paths between backquotes, such as `host/base/json.c`; and in a
row of a table that has such a path, every `name()`: one of the row's files has it.
"""

import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

LINK = re.compile(r"\]\(([^)\s]+)(?:\s[^)]*)?\)")  # its text may begin on the line before
ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)  # https:, mailto: ...
QUOTED = re.compile(r"`([^`]+)`")
HEADING = re.compile(r"#{1,6}\s+(.*?)\s*#*$")
FENCE = re.compile(r"\s*(```|~~~)")
PATH = re.compile(r"[\w.-]+(/[\w.-]+)+/?$")
NAME = re.compile(r"(\w+)\(\)$")
LEFT_OUT = {"build", ".git", ".pytest_cache", ".ruff_cache"}


def pages(root: Path) -> list[Path]:
    """List the *.md files of the tree, what builds leave aside."""
    found = root.rglob("*.md")
    return sorted(page for page in found if LEFT_OUT.isdisjoint(page.relative_to(root).parts))


def prose(page: Path) -> Iterator[tuple[int, str]]:
    """Yield the numbered lines of a page that stand outside of blocks of code."""
    fenced = False
    for number, line in enumerate(page.read_text().splitlines(), 1):
        if FENCE.match(line):
            fenced = not fenced
        elif not fenced and not line.startswith("    "):
            yield number, line


@cache
def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    found: set[str] = set()
    for _, line in prose(page):
        if match := HEADING.match(line):
            text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", match[1]).lower()
            anchor = re.sub(r"[^\w\- ]", "", text).replace(" ", "-")
            again = (f"{anchor}-{n}" for n in range(1, 100))
            found.add(anchor if anchor not in found else next(a for a in again if a not in found))
    return found


def links(page: Path, line: str) -> Iterator[str]:
    """Say which links of a line lead nowhere."""
    for target in LINK.findall(QUOTED.sub("", line)):
        if ELSEWHERE.match(target):
            continue
        file, _, anchor = target.partition("#")
        there = page.parent / file if file else page
        if not there.exists():
            yield f"link {target}, expected a file of this tree"
        elif anchor and (there.suffix != ".md" or anchor not in anchors(there)):
            yield f"link {target}, expected a heading of {there.name}"


def names(root: Path, page: Path, line: str) -> Iterator[str]:
    """Say which paths between backquotes do not exist, and which functions are not in their row's files."""
    quoted = QUOTED.findall(line)
    tops = {top.name for top in root.iterdir() if top.is_dir() and top.name not in LEFT_OUT}
    paths = [text for text in quoted if PATH.match(text) and text.split("/")[0] in tops]
    files = []
    for text in paths:
        files += [place / text for place in (root, page.parent) if (place / text).exists()]
        if not any((place / text).exists() for place in (root, page.parent)):
            yield f"`{text}`, expected a path of this tree"
    sources = [file.read_text(errors="replace") for file in files if file.is_file()]
    if not line.startswith("|") or not sources:
        return
    for match in filter(None, map(NAME.match, quoted)):
        if not any(re.search(rf"\b{match[1]}\(", source) for source in sources):
            yield f"`{match[0]}`, expected a name that {' or '.join(paths)} has"


def main() -> int:
    """Check all pages."""
    root = Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    count = 0
    for page in pages(root):
        for number, line in prose(page):
            for finding in [*links(page, line), *names(root, page, line)]:
                print(f"{page.relative_to(root)}:{number}: {finding}")
                count += 1
    return 1 if count else 0


sys.exit(main())
