"""What `make layers` holds: floors, no circles, one folder that prints, folders of a readable size."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from floors import CHILDREN, EXCEPTIONS, FLOORS, LEVEL, MOST_FILES, PRINTS
from sources import Link, Source, folder, includes, read, uses

TOPS = ("include", "kernels", "host")
OTHER_TOPS = ("bench", "examples", "tests")  # held to the size of a folder alone
ONLY = {floor.folder: floor.only for floor in FLOORS if floor.only}

# what prints or ends the program: calls, and the standard streams wherever they are named
ENDS = re.compile(
    r"\b(v?printf|puts|putchar|perror|v?warnx?|v?errx?|exit|_exit|_Exit|quick_exit|abort)\s*\("
    r"|\b(stdout|stderr)\b"
)


def findings(root: Path) -> list[str]:
    """Return all findings, each `file:line: what is there, what was expected`."""
    sources = [source for top in TOPS for source in read(root, top)]
    included = [link for source in sources for link in includes(root, source)]
    used = list(uses(sources))
    others = [source for top in OTHER_TOPS for source in read(root, top)]
    return [
        *folders_without_floor(sources),
        *(f"{link.file}:{link.line}: {text}" for link in included + used if (text := wrong_way(link))),
        *circles(included),
        *circles(used),
        *endings(sources),
        *crowds([*sources, *others]),
    ]


def folders_without_floor(sources: list[Source]) -> Iterator[str]:
    """Look for folders that the list lacks, and for rows of the list without a folder."""
    first = {source.folder: source.file for source in reversed(sources)}
    for name in sorted(first.keys() - LEVEL.keys()):
        yield f"{first[name]}:1: {name} has no floor, expected a row in tools/layers/floors.py"
    for name in sorted(LEVEL.keys() - first.keys()):
        yield f"tools/layers/floors.py:1: {name} has no sources, expected a folder of the tree"


def wrong_way(link: Link) -> str:
    """Say what is wrong with a link; nothing where it stays on its floor or goes down."""
    if not link.target:
        return f'{link.verb} "{link.name}", expected a file of this tree'
    here, there = folder(link.file), folder(link.target)
    if here == there or here not in LEVEL or any((link.file, there) == e[:2] for e in EXCEPTIONS):
        return ""
    if there in ONLY and here not in ONLY[there]:
        return f"{link.verb} {link.name} of {there}, expected in {' and '.join(ONLY[there])} alone"
    if LEVEL.get(there, len(FLOORS)) >= LEVEL[here]:
        return f"{link.verb} {link.name} of {there}, expected a folder below {here} (tools/layers/floors.py)"
    return ""


def circles(links: list[Link]) -> Iterator[str]:
    """Look for files that depend on each other: the shortest circle through each link."""
    graph: dict[str, dict[str, Link]] = {}
    for link in links:
        graph.setdefault(link.file, {}).setdefault(link.target, link)
    seen = set()
    for here, targets in graph.items():
        for there in targets:
            back = shortest(graph, there, here)
            if back and frozenset(back) not in seen:
                seen.add(frozenset(back))
                way = [graph[a][b] for a, b in pairwise([here, *back])]
                steps = ", ".join(f"{link.file}:{link.line} {link.verb} {link.name}" for link in way[1:])
                yield (
                    f"{way[0].file}:{way[0].line}: {way[0].verb} {way[0].name} of {way[0].target}: "
                    f"a circle{' with ' * bool(steps)}{steps}, expected none"
                )


def shortest(graph: dict[str, dict[str, Link]], start: str, end: str) -> list[str]:
    """Return the files on a shortest way along links, both ends among them; empty if there is none."""
    came_from, queue = {start: ""}, [start]
    for here in queue:  # grows while it is walked
        if here == end:
            way = [here]
            while came_from[way[-1]]:
                way.append(came_from[way[-1]])
            return way[::-1]
        for there in graph.get(here, {}):
            if there not in came_from:
                came_from[there] = here
                queue.append(there)
    return []


def endings(sources: list[Source]) -> Iterator[str]:
    """Look for what prints or exits outside the one folder that may."""
    for source in sources:
        if source.folder != PRINTS:
            for number, line in enumerate(source.code.splitlines(), 1):
                for match in ENDS.finditer(line):
                    word = match[1] or match[2]
                    if (source.file, word) not in CHILDREN:
                        yield f"{source.file}:{number}: {word}, expected in {PRINTS} alone"


def crowds(sources: list[Source]) -> Iterator[str]:
    """Look for folders with too many sources."""
    for name, count in sorted(Counter(source.folder for source in sources).items()):
        if count > MOST_FILES:
            yield f"{name}:1: {count} sources, expected at most {MOST_FILES}"
