"""Floors of the sources: prints what breaks them, and exits with 1 if anything does."""

import argparse
import sys
from pathlib import Path

from check import findings


def main() -> int:
    """Read the command line, print findings."""
    parser = argparse.ArgumentParser(prog="tools/layers", description=__doc__)
    parser.add_argument("root", nargs="?", default=".", type=Path, help="top of the tree (default: here)")
    root = parser.parse_args().root
    found = findings(root)
    for finding in found:
        print(finding)
    return 1 if found else 0


sys.exit(main())
