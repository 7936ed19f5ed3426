"""The numbers of the paper's page: what came out, hypotheses, every published cell, tables, ANOVA."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from digico_report.anova import anova_table, assumptions_text, two_way
from digico_report.comparison import FINER, Comparison, comparison_table, finer_tally, weak_tally
from digico_report.elements import Column, Section, Table, Text
from digico_report.experiments import EXPERIMENTS
from digico_report.frames import frame_of
from digico_report.hypotheses import hypothesis_table
from digico_report.layout import TABLES, paper_table
from digico_report.negative_fitness import left_out_text
from digico_report.power import power_table, scores
from digico_report.results import METRICS, READINGS, Result

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
            (
                Text(_ABOUT),
                *_absent(results),
                *_left_out(ended),
                tally_table(numbers),
                power_table(scores(numbers.comparisons)),
                *difference_table(numbers),
            ),
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
    ended = with_runs(results)
    absent = [e.title for e in EXPERIMENTS if e.name not in results]
    empty = [
        f"{e.title} ({results[e.name].counts.text})"
        for e in EXPERIMENTS
        if e.name in results and e.name not in ended
    ]
    texts = (("Not run", absent), ("Without a run that ended", empty))
    return tuple(
        Text(f"{what}, and left out: {'; '.join(titles)}.", "warning") for what, titles in texts if titles
    )


def _left_out(ended: Mapping[str, Result]) -> tuple[Text, ...]:
    """Experiments with runs whose AI fitness is no share."""
    titles = {experiment.name: experiment.title for experiment in EXPERIMENTS}
    return tuple(
        Text(f"{titles[name]}: {left_out_text(result.left_out, result.ended.sizes['run'])}", "warning")
        for name, result in ended.items()
        if result.left_out
    )


def tally_table(numbers: Numbers) -> Table:
    """Verdicts by source of the numbers."""
    rows = []
    for reading in numbers.counts:
        mine = [one for one in numbers.comparisons if one.reading == reading]
        sources = list(dict.fromkeys(one.cell.source for one in mine))
        for source in (*sources, "all"):
            counted = [one for one in mine if source in (one.cell.source, "all")]
            verdicts = [one.verdict for one in counted]
            rows.append(
                {
                    "reading": reading,
                    "source": source,
                    "cells": len(verdicts),
                    **{what: verdicts.count(what) for what in numbers.counts[reading]},
                    **finer_tally(counted),
                    "weak": weak_tally(counted),
                }
            )
    columns = (
        Column("reading", "reading"),
        Column("source", "numbers of"),
        Column("cells", "cells", "integer"),
        Column("agrees", "agree", "integer", help="the means"),
        *(Column(key, f"... {title}", "integer", help="of those that agree") for key, title in FINER.items()),
        Column("weak", "... can hardly fail", "integer", help="of those that agree: chance would, too"),
        Column("differs", "differ", "integer"),
        Column("not comparable", "not comparable", "integer"),
    )
    caption = (
        "How many published numbers ours agree with, by their means; the rule stands under the table of "
        "every number. Of those that agree, how many have spreads alike, too, and how many can hardly fail: "
        "the difference allowed is wider than the distance of the published number to chance. Cells are not "
        "independent, so that a share of them is no probability: all tables are of the same runs, and under "
        "`tables` at 30 agents (K_b = 0) the views of None, Evolve, Fix and Fix at Zero are equal by "
        "construction, as those of All and All Zero are."
    )
    return Table("tally", "Published numbers by verdict", columns, tuple(rows), caption)


def difference_table(numbers: Numbers) -> tuple[Table, ...]:
    """Why numbers differ, and how many for each reason; nothing if none does."""
    groups: dict[tuple[str, str], list[Comparison]] = {}
    for one in numbers.comparisons:
        if one.verdict == "differs":
            groups.setdefault((one.reading, one.rule), []).append(one)
    rows = [
        {
            "reading": reading,
            "section": ", ".join(dict.fromkeys(one.section for one in found if one.section)),
            "reason": rule,
            "cells": len(found),
            "which": _which(found),
        }
        for (reading, rule), found in groups.items()
    ]
    columns = (
        Column("reading", "reading"),
        Column("cells", "cells", "integer"),
        Column("reason", "why"),
        Column("section", "MODEL", help="section of docs/MODEL.md"),
        Column("which", "which"),
    )
    caption = "A row per reason and reading; the table of every number says more of each."
    return (Table("differences", "Why numbers differ", columns, tuple(rows), caption),) if rows else ()


def _which(found: Sequence[Comparison]) -> str:
    """Sources and conditions, short."""
    shown = [_name(one) for one in found]
    return "; ".join(shown[:6]) + (f"; and {len(shown) - 6} more" if len(shown) > 6 else "")


def _name(one: Comparison) -> str:
    cell = one.cell
    parameter = f", {cell.parameter} = {cell.value}" if cell.parameter else ""
    return f"{cell.source} {cell.ai_type}, {cell.update}{parameter}, {METRICS[cell.metric][1]}"


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
