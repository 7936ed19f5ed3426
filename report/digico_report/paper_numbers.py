"""The numbers of the paper's page: what came out, hypotheses, every published cell, tables, ANOVA."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from digico_report.anova import anova_table, assumptions_text, two_way
from digico_report.comparison import Comparison, comparison_table
from digico_report.elements import Column, Section, Table, Text
from digico_report.experiments import EXPERIMENTS
from digico_report.frames import frame_of
from digico_report.hypotheses import hypothesis_table
from digico_report.layout import TABLES, paper_table
from digico_report.results import METRICS, Result

READINGS = ("tables", "text")

_ABOUT = (
    "The paper leaves parts of its model open and contradicts itself in places. Two named sets of keys, the "
    "readings, fix them all: `tables`, which best reproduces the published tables, and `text`, the equations "
    "as printed. Both stand beside the published numbers here. Statistics are of the last generation, as the "
    "paper's; every table says over how many runs. Sections named MODEL are those of `docs/MODEL.md`."
)


@dataclass(frozen=True)
class Numbers:
    """Published cells beside ours, and how many of them agree, by reading."""

    comparisons: Sequence[Comparison]
    counts: Mapping[str, Mapping[str, int]]


def number_sections(numbers: Numbers, results: Mapping[str, Result]) -> tuple[Section, ...]:
    """From the short answer to every cell."""
    ended = with_runs(results)
    return (
        Section(
            "result",
            "What came out",
            (Text(_ABOUT), *_absent(results), tally_table(numbers), *difference_table(numbers)),
        ),
        Section("hypotheses", "Hypotheses", (hypothesis_table(ended, "hypothesis-table"),)),
        Section(
            "tables", "The paper's tables", tuple(paper_table(numbers.comparisons, name) for name in TABLES)
        ),
        Section("cells", "Every published number", (comparison_table(numbers.comparisons),)),
        *([anova_section(ended["table3"])] if "table3" in ended else []),
    )


def with_runs(results: Mapping[str, Result]) -> dict[str, Result]:
    """Experiments of which a run ended: there is something to average and to draw."""
    return {name: result for name, result in results.items() if result.ended.sizes["run"]}


def _absent(results: Mapping[str, Result]) -> tuple[Text, ...]:
    absent = [e.title for e in EXPERIMENTS if e.name not in results]
    empty = [
        f"{e.title} ({results[e.name].counts.text})"
        for e in EXPERIMENTS
        if e.name in results and e.name not in with_runs(results)
    ]
    texts = (("Not run", absent), ("Without a run that ended", empty))
    return tuple(
        Text(f"{what}, and left out: {'; '.join(titles)}.", "warning") for what, titles in texts if titles
    )


def tally_table(numbers: Numbers) -> Table:
    """Verdicts by source of the numbers."""
    rows = []
    for reading in numbers.counts:
        mine = [one for one in numbers.comparisons if one.reading == reading]
        sources = list(dict.fromkeys(one.cell.source for one in mine))
        for source in (*sources, "all"):
            verdicts = [one.verdict for one in mine if source in (one.cell.source, "all")]
            rows.append(
                {
                    "reading": reading,
                    "source": source,
                    "cells": len(verdicts),
                    **{what: verdicts.count(what) for what in numbers.counts[reading]},
                }
            )
    columns = (
        Column("reading", "reading"),
        Column("source", "numbers of"),
        Column("cells", "cells", "integer"),
        Column("agrees", "agree", "integer"),
        Column("differs", "differ", "integer"),
        Column("not comparable", "not comparable", "integer"),
    )
    caption = "How many published numbers ours agree with; the rule stands under the table of every number."
    return Table("tally", "Published numbers by verdict", columns, tuple(rows), caption)


def difference_table(numbers: Numbers) -> tuple[Table, ...]:
    """Why numbers differ, and how many for each reason; nothing if none does."""
    groups: dict[tuple[str, str, str], list[Comparison]] = {}
    for one in numbers.comparisons:
        if one.verdict == "differs":
            groups.setdefault((one.reading, one.section, one.reason), []).append(one)
    rows = [
        {
            "reading": reading,
            "section": section,
            "reason": reason,
            "cells": len(found),
            "which": _which(found),
        }
        for (reading, section, reason), found in groups.items()
    ]
    columns = (
        Column("reading", "reading"),
        Column("cells", "cells", "integer"),
        Column("reason", "why"),
        Column("section", "MODEL", help="section of docs/MODEL.md"),
        Column("which", "which"),
    )
    caption = "A row per reason and reading."
    return (Table("differences", "Why numbers differ", columns, tuple(rows), caption),) if rows else ()


def _which(found: Sequence[Comparison]) -> str:
    """Sources and conditions, short."""
    names = (
        f"{one.cell.source} {one.cell.ai_type}, {one.cell.update}, {METRICS[one.cell.metric][1]}"
        for one in found
    )
    shown = list(names)
    return "; ".join(shown[:6]) + (f"; and {len(shown) - 6} more" if len(shown) > 6 else "")


def anova_section(result: Result) -> Section:
    """Table 2: AI type × update on every metric, in both readings."""
    frame = frame_of(result.ended)
    analyses = [
        two_way(frame[frame["reading"] == reading], metric, label=f"reading {reading}")
        for reading in READINGS
        for metric in METRICS
    ]
    texts = tuple(Text(assumptions_text(one), "note") for one in analyses)
    table = anova_table(analyses, "anova-table", "Table 2: analysis of variance, AI type × update")
    checks = Section("anova-assumptions", "What the analysis assumes", texts)
    return Section("anova", "Two-way analysis of variance", (table, checks))
