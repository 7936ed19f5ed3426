"""A page with something of everything, for the tests of pages and to look at."""

from __future__ import annotations

import sys
from math import nan, sin

from digico_report.elements import VERDICTS, Column, Figure, Listing, Page, Section, Table, Text
from digico_report.page import write

CAPTION = "Share of views that go to AI agents, `r_AIV`, over generations; the band is ± one standard error."


def line_figure(name: str, title: str, phase: float) -> Figure:
    """Three curves with a clip path of the figure's own."""
    curves = "".join(
        f'<polyline fill="none" stroke="{colour}" stroke-width="1.5" points="'
        + " ".join(f"{60 + 5 * x},{150 + 60 * sin(x / 9 + phase + i):.1f}" for x in range(101))
        + '"/>'
        for i, colour in enumerate(("#1f77b4", "#d62728", "#2ca02c"))
    )
    ticks = "".join(
        f'<text x="{60 + 100 * i}" y="280" font-size="11" text-anchor="middle">{200 * i}</text>'
        for i in range(6)
    )
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="600pt" height="300pt" viewBox="0 0 600 300">'
        f'<defs><clipPath id="{name}-clip"><rect x="60" y="20" width="500" height="240"/></clipPath></defs>'
        f'<g clip-path="url(#{name}-clip)">{curves}</g>'
        '<path d="M60 20V260H560" fill="none" stroke="#000"/>'
        f'<g font-family="sans-serif">{ticks}<text x="310" y="296" font-size="11">generation</text></g></svg>'
    )
    return Figure(name, title, svg, CAPTION, f"Three curves over 1,000 generations: {title}")


def small_figure() -> Figure:
    """Bars, not as wide as the text."""
    bars = "".join(
        f'<rect x="{10 + 30 * i}" y="{100 - h}" width="22" height="{h}"/>'
        for i, h in enumerate((30, 80, 55, 20))
    )
    head = '<svg xmlns="http://www.w3.org/2000/svg" width="3in" viewBox="0 0 140 110">'
    svg = f'{head}<g fill="#1f77b4">{bars}</g></svg>'
    return Figure(
        "bars", "Beliefs of humans in the last generation", svg, alt="Four bars, the second highest"
    )


def long_table() -> Table:
    """91 rows: negative numbers, empties, intervals, every verdict."""
    columns = (
        Column("key", "Condition"),
        Column("reading", "Reading", help="Which `reading` of the paper."),
        Column("runs", "Runs", "integer"),
        Column("mean", "Mean", "number", 3, help="Over seeds, last generation."),
        Column("interval", "95 % interval", "interval", 3, help="Bootstrap over seeds, `n` = 10,000."),
        Column("published", "Published", "number", 2),
        Column("difference", "Difference", "number", 2),
        Column("verdict", "Verdict", "verdict", help="Agrees where the interval holds the published value."),
    )
    return Table("conditions", "All conditions", columns, tuple(map(long_row, range(91))), CAPTION)


def long_row(i: int) -> dict:
    """A row of the long table."""
    mean = (i * 37 % 91) / 30 - 1.5
    return {
        "key": ("none", "influence", "all", "fix_at_zero", "Évolue", "act 2", "act 10")[i % 7],
        "reading": "text" if i % 3 else "tables",
        "runs": 1000 + i * 3,
        "mean": nan if i % 10 == 3 else mean,
        "interval": None if i % 10 == 3 else (mean - 0.12345, mean + 0.2),
        "published": None if i % 4 == 0 else round(mean, 2),
        "difference": mean / 7,
        "verdict": VERDICTS[i % 6] + (": by 3.1 standard errors" if i % 6 == 1 else ""),
    }


def short_table() -> Table:
    """Four rows."""
    columns = (
        Column("what", "Claim"),
        Column("verdict", "Verdict", "verdict"),
        Column("p", "p", "number", 4),
    )
    rows = (
        {"what": "AI views rise with the `influence_bonus`", "verdict": "supported", "p": 0.00012},
        {"what": "Human belief 0 falls under `all_zero`", "verdict": "not supported", "p": 0.41},
        {"what": "Momentum updates give the highest dominance", "verdict": "undecided", "p": 0.0703},
        {"what": "Run times on a laptop", "verdict": "not comparable", "p": nan},
    )
    return Table("claims", "What the paper says, and what these runs say", columns, rows)


def demo_page() -> Page:
    """Three sections, four figures, two tables, every kind of text."""
    prose = (
        "Agents send messages, see a few of them through a recommender, change their beliefs by contagion "
        "and evolve their policies over many generations. Every number below comes from `results.nc`, and "
        "every table tells how many runs completed of how many planned. "
    )
    overview = Section(
        "overview",
        "Overview",
        (
            Text(prose * 2),
            Text("Runs were shortened to 60 of 1,000 generations.", "warning"),
            short_table(),
            line_figure("views", "AI views by type", 0),
            Text("The reading `tables` is the one that best reproduces the published tables.", "note"),
        ),
    )
    effects = Section(
        "update", "Updates of belief weights", (Text(prose), line_figure("update-views", "AI views", 1))
    )
    effect = Section("effects", "What has an effect", (Text(prose), long_table(), effects, small_figure()))
    config = Listing("`table3.yaml`", "sweep:\n  product:\n    seed: {from: 1, to: 10}  # <all>\n")
    method = Section(
        "method",
        "How it was done",
        (
            Section("model", "The model", (Text(prose * 3), line_figure("curves", "Fitness over time", 2))),
            Section("texts", "Configurations", (Text(prose), config)),
        ),
    )
    return Page(
        "Dominance of AI agents in the Digital Ecosystem of Beliefs",
        "Every table and figure of arXiv 2412.14500, computed again, beside the published numbers",
        (overview, effect, method),
        "Quick form: 60 of 1,000 generations and 3 of 10 seeds. Do not take these numbers for the paper's.",
        (
            ("Experiments", "10"),
            ("Runs", "701 completed / 701 planned"),
            ("Agents", "30 and 300"),
            ("digico", "0.1.0"),
        ),
    )


if __name__ == "__main__":
    print(write(demo_page(), sys.argv[1]))
