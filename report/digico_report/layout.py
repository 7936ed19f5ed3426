"""Published numbers in the shape of the paper's tables, ours beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from digico_report.comparison import Comparison
from digico_report.elements import Column, Table
from digico_report.results import METRICS, READINGS

#: source of published.csv: number of the table, title, what heads a row
TABLES = {
    "table3": ("Table 3", "By AI type, 30 agents", ("ai_type",)),
    "table4": ("Table 4", "By AI type, 100 AIs and 200 humans", ("ai_type",)),
    "table5": ("Table 5", "By update, 30 agents", ("update",)),
    "table6": ("Table 6", "By AI type and update, 30 agents", ("ai_type", "update")),
    "table7": ("Table 7", "By update, 100 AIs and 200 humans", ("update",)),
}
_HEADS = {"ai_type": "AI type", "update": "update"}
_CAPTION = (
    "Mean ± standard deviation (divisor n) over runs, last generation: as published, and ours in both "
    "readings. The published spread of a mean over updates or types holds the differences between them, "
    "and so does ours."
)


def paper_table(comparisons: Sequence[Comparison], source: str) -> Table:
    """One of the paper's tables: a row per condition; per metric the published cell and ours."""
    number, title, keys = TABLES[source]
    rows: dict[tuple[str, ...], dict[str, Any]] = {}
    metrics: dict[str, None] = {}
    for one in comparisons:
        if one.cell.source != source:
            continue
        cell = one.cell
        metrics[cell.metric] = None
        key = tuple(getattr(cell, k) for k in keys)
        row = rows.setdefault(key, dict(zip(keys, key, strict=True)))
        row[f"{cell.metric}_published"] = (cell.mean, cell.spread)
        row[f"{cell.metric}_{one.reading}"] = None if one.mean is None else (one.mean, one.sd)
        # metrics may lack runs each for itself: as many as every cell of the row has
        row[f"{one.reading}_n"] = min(one.n, row.get(f"{one.reading}_n", one.n))
    return Table(source, f"{number}: {title}", _columns(keys, tuple(metrics)), tuple(rows.values()), _CAPTION)


def _columns(keys: Sequence[str], metrics: Sequence[str]) -> tuple[Column, ...]:
    heads = [Column(key, _HEADS[key]) for key in keys]
    for metric in metrics:
        title = METRICS[metric][0]
        heads += [
            Column(f"{metric}_{what}", f"{title}, {what}", "spread") for what in ("published", *READINGS)
        ]
    runs = [
        Column(f"{r}_n", f"runs, {r}", "integer", help="completed, the fewest of a metric") for r in READINGS
    ]
    return (*heads, *runs)
