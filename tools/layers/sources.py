"""Sources, the `#include` lines between them, and the functions that they use of each other."""

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

SUFFIXES = {".c", ".h", ".cu", ".cpp"}
# where the compiler looks for a name after the folder of the file itself (-I in make/)
SEARCH = (".", "include", "tests/emulator")

INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')
# a comment, a string or a character, whichever begins first
NO_CODE = re.compile(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.DOTALL)
# clang-format begins each function and each table in the first column; a `;` before `{` is a declaration
DEFINITION = re.compile(
    r"^(?!static\b)(?:[A-Za-z_][\w \t*]*\b)?(dg_\w+)(?:\([^;{]*\{|\[[^;{]*=|\s*=)", re.MULTILINE
)
NAME = re.compile(r"\bdg_\w+")


class Link(NamedTuple):
    """A line by which a file depends on another one; `target` is empty where no such file is found."""

    file: str
    line: int
    verb: str
    name: str
    target: str


class Source(NamedTuple):
    """A file, its text, and the text without comments, strings and characters, line for line."""

    file: str
    text: str
    code: str

    @property
    def folder(self) -> str:
        """The folder of this file."""
        return folder(self.file)


def folder(file: str) -> str:
    """Return the folder of a file."""
    return str(PurePosixPath(file).parent)


def read(root: Path, top: str) -> list[Source]:
    """Read all sources below a folder, in a fixed order."""
    sources = []
    for path in sorted(path for path in (root / top).rglob("*") if path.suffix in SUFFIXES):
        text = path.read_text()
        code = NO_CODE.sub(lambda match: "\n" * match[0].count("\n") or " ", text)
        sources.append(Source(path.relative_to(root).as_posix(), text, code))
    return sources


def includes(root: Path, source: Source) -> Iterator[Link]:
    """Yield the includes of a file; of those in <>, the ones that this tree has."""
    for number, line in enumerate(source.text.splitlines(), 1):
        if match := INCLUDE.match(line):
            quoted = match[1] == '"'
            target = find(root, [source.folder, *SEARCH] if quoted else SEARCH, match[2])
            if target or quoted:
                yield Link(source.file, number, "includes", match[2], target)


def find(root: Path, places: list[str], name: str) -> str:
    """Return the file that an include names, as the compiler would find it; empty if there is none."""
    for place in places:
        if (root / place / name).is_file():
            return posixpath.normpath(f"{place}/{name}")
    return ""


def uses(sources: list[Source]) -> Iterator[Link]:
    """Yield the first use by each file of each function or table that another file defines."""
    owners: dict[str, list[str]] = {}
    for source in sources:
        for match in DEFINITION.finditer(source.code):
            owners.setdefault(match[1], []).append(source.file)
    for source in sources:
        seen = {source.file}
        for number, line in enumerate(source.code.splitlines(), 1):
            for name in NAME.findall(line):
                target = nearest(owners.get(name, []), source)
                # a header only declares
                if target and name not in seen and target != source.file and not source.file.endswith(".h"):
                    seen.add(name)
                    yield Link(source.file, number, "uses", name, target)


def nearest(files: list[str], source: Source) -> str:
    """Choose among the files that define a name: both schedules have functions of the same names."""
    return min(files, key=lambda file: (file != source.file, folder(file) != source.folder), default="")
