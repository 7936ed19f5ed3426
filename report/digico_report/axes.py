"""Which swept keys of a result stand for themselves, and the conditions that they make."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import xarray

from digico_report.elements import Column, Text
from digico_report.figures.labels import named_value, plain_text, value_label
from digico_report.figures.runs import cells
from digico_report.negative_fitness import left_out_text
from digico_report.results import Axis, Result

LISTED = 12  #: values of a key that are all written out

Condition = dict[str, Any]


def independent_axes(result: Result) -> tuple[list[Axis], dict[str, list[str]]]:
    """Axes but the seed, without those that go side by side with an earlier one (`zip`); and which do."""
    kept: list[Axis] = []
    twins: dict[str, list[str]] = {}
    for axis in result.axes:
        if axis.key == "seed":
            continue
        twin = next((k for k in kept if determines(result.data, k.name, axis.name)), None)
        if twin is None:
            kept.append(axis)
        else:
            twins.setdefault(twin.key, []).append(axis.key)
    return kept, twins


def determines(data: xarray.Dataset, one: str, other: str) -> bool:
    """Does each value of a key come with one value of the other alone?"""
    pairs = set(zip(data[one].values.tolist(), data[other].values.tolist(), strict=True))
    return len(pairs) == len({value for value, _ in pairs})


def conditions(data: xarray.Dataset, axes: Sequence[Axis]) -> list[tuple[Condition, xarray.Dataset]]:
    """Combinations of values that have runs, and those; all runs if nothing was swept."""
    names = [axis.name for axis in axes]
    return [(dict(zip(names, key, strict=True)), part) for key, part in cells(data, *names).items()]


def in_words(data: xarray.Dataset, condition: Condition) -> str:
    """Values of a condition, with the keys of those that do not explain themselves."""
    words = (plain_text(named_value(data, name, value)) for name, value in condition.items())
    return ", ".join(words) or "all runs"


def axis_texts(result: Result, axes: Sequence[Axis], twins: dict[str, list[str]]) -> tuple[Text, ...]:
    """What was swept, what goes with it, and what is missing."""
    texts = [Text(f"`{a.key}`: {a.title}. Values: {_listed(a.values)}.") for a in axes]
    texts += [
        Text(f"`{'`, `'.join(others)}` changes with `{key}`, which stands for it here.", "note")
        for key, others in twins.items()
    ]
    if result.counts.completed + result.counts.converged < result.counts.planned:
        texts.insert(0, Text(f"{result.counts.text}: what is missing or failed is in no mean.", "warning"))
    if result.left_out:
        texts.insert(0, Text(left_out_text(result.left_out, result.ended.sizes["run"]), "warning"))
    return tuple(texts)


def _listed(values: Sequence[Any]) -> str:
    """Values as code; of many the first ones, the last and how many there are."""
    shown = [f"`{value_label(v, 'value')}`" for v in values]
    if len(shown) <= LISTED:
        return ", ".join(shown)
    return f"{', '.join(shown[: LISTED - 2])}, …, {shown[-1]} ({len(shown)} values)"


def axis_column(axis: Axis) -> Column:
    """With digits for the smallest of its values."""
    if not axis.numeric:
        return Column(axis.name, axis.key)
    if all(isinstance(value, int) for value in axis.values):
        return Column(axis.name, axis.key, "integer")
    digits = max(-Decimal(f"{value:.6g}").as_tuple().exponent for value in axis.values)
    return Column(axis.name, axis.key, "number", max(0, digits))


def spread_out(found: Sequence[Any], count: int) -> list[Any]:
    """At most `count` of a list, evenly spread, first and last among them."""
    if len(found) <= count:
        return list(found)
    return [found[k * (len(found) - 1) // (count - 1)] for k in range(count)]
