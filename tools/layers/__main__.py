"""Floors of the sources: prints what breaks them, and exits with 1 if anything does."""

import argparse
import sys
from pathlib import Path

from check import findings
from picture import pages


def main() -> int:
    """Read the command line; check the sources, or write or check what is drawn of them."""
    parser = argparse.ArgumentParser(prog="tools/layers", description=__doc__)
    parser.add_argument("root", nargs="?", default=".", type=Path, help="top of the tree (default: here)")
    parser.add_argument("--draw", action="store_true", help="write the picture and the table of floors")
    parser.add_argument("--drawn", action="store_true", help="check that they are what --draw writes")
    options = parser.parse_args()
    if options.draw:
        for file, text in pages(options.root).items():
            (options.root / file).write_text(text)
        return 0
    found = stale(options.root) if options.drawn else findings(options.root)
    for finding in found:
        print(finding)
    return 1 if found else 0


def stale(root: Path) -> list[str]:
    """Return the first line of each drawn file that is not as it should be."""
    found = []
    for file, text in pages(root).items():
        present = (root / file).read_text().splitlines() if (root / file).exists() else []
        wanted = text.splitlines()
        same = next((n for n, (a, b) in enumerate(zip(present, wanted, strict=False)) if a != b), -1)
        if present != wanted:
            line = (same if same >= 0 else min(len(present), len(wanted))) + 1
            found.append(f"{file}:{line}: not what the sources give, expected what `make picture` writes")
    return found


sys.exit(main())
