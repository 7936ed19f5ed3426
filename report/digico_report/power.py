"""What an agreement is worth: the readings and the null models, scored by one rule on the same cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from digico_report.comparison import Comparison
from digico_report.elements import Column, Table
from digico_report.null_models import NULL_MODELS, NullModel
from digico_report.published import Ours, judge, others_of
from digico_report.results import READINGS

POPULATIONS = {
    "Tables 3, 5, 6": ("table3", "table5", "table6"),
    "Tables 4, 7": ("table4", "table7"),
    "the paper's text": ("text_4.1", "text_4.2", "text_D"),
}  #: tables that are of the same runs, and numbers of the paper's text
BASE = "tables"  #: reading that the null models keep where they say nothing


@dataclass(frozen=True)
class Score:
    """Of a model on the comparable cells of a population."""

    population: str
    model: str
    meaning: str  #: of a null model
    belief_cells: int  #: human belief 0
    belief_agree: int
    belief_alike: int  #: of those that agree: the spread is alike as well
    other_cells: int  #: AI views and AI fitness
    other_agree: int
    other_alike: int
    other_own: bool  #: False: these are what reading BASE has

    @property
    def agree(self) -> int:
        """Of all cells."""
        return self.belief_agree + self.other_agree

    @property
    def cells(self) -> int:
        """That can be compared."""
        return self.belief_cells + self.other_cells


def scores(comparisons: Sequence[Comparison]) -> tuple[Score, ...]:
    """By population: the readings, then the null models; nothing of a population without comparable cells."""
    cells = tuple(dict.fromkeys(one.cell for one in comparisons))
    base = [one for one in comparisons if one.reading == BASE]
    found = [
        (reading, "", [one for one in comparisons if one.reading == reading], True) for reading in READINGS
    ]
    for null in NULL_MODELS:
        ones = [null_comparison(null, one, cells) for one in base]
        own = any(one.reading == null.name and one.cell.metric != "human_belief_0" for one in ones)
        found.append((null.name, null.meaning, ones, own))
    made = [
        _score(population, name, meaning, [o for o in ones if o.cell.source in sources], own)
        for population, sources in POPULATIONS.items()
        for name, meaning, ones, own in found
    ]
    return tuple(score for score in made if score.cells)


def null_comparison(null: NullModel, one: Comparison, cells: Sequence) -> Comparison:
    """The null model's in place of ours, of as many runs and seeds; ours where it says nothing."""
    moments = null.moments(one.cell)
    if moments is None or one.verdict == "not comparable":
        return one
    ours = Ours(
        n=one.n,
        seeds=one.seeds,
        generations=one.generations,
        mean=moments.mean,
        sd=moments.sd,
        error_sd=moments.sd,  # conditions of a seed do not differ
        within=moments.sd,
        low=moments.mean,
        high=moments.mean,
        above_half=0,
    )
    return judge(Comparison(one.cell, null.name, one.experiment), ours, others_of(one.cell, cells))


def _score(population: str, model: str, meaning: str, ones: Sequence[Comparison], own: bool) -> Score:
    compared = [one for one in ones if one.verdict != "not comparable"]
    beliefs = [one for one in compared if one.cell.metric == "human_belief_0"]
    others = [one for one in compared if one.cell.metric != "human_belief_0"]
    return Score(population, model, meaning, *_counts(beliefs), *_counts(others), other_own=own)


def _counts(ones: Sequence[Comparison]) -> tuple[int, int, int]:
    agree = [one for one in ones if one.verdict == "agrees"]
    return len(ones), len(agree), sum(one.spread_alike is True for one in agree)


def power_table(found: Sequence[Score]) -> Table:
    """A row per model and population."""
    rows = tuple(
        {
            "numbers": score.population,
            "model": score.model,
            "agree": score.agree,
            "cells": score.cells,
            "belief_agree": score.belief_agree,
            "belief_alike": score.belief_alike,
            "belief_cells": score.belief_cells,
            "other_agree": score.other_agree if score.other_own else None,
            "other_alike": score.other_alike if score.other_own else None,
            "other_cells": score.other_cells if score.other_own else None,
            "meaning": score.meaning,
        }
        for score in found
    )
    spread = "of those: the spread is within a factor of 2 as well"
    columns = (
        Column("numbers", "numbers of"),
        Column("model", "model"),
        Column("agree", "agree", "integer"),
        Column("cells", "of", "integer", help="comparable cells"),
        Column("belief_agree", "human belief 0: agree", "integer"),
        Column("belief_alike", "... spread too", "integer", help=spread),
        Column("belief_cells", "of", "integer"),
        Column("other_agree", "AI views, fitness: agree", "integer"),
        Column("other_alike", "... spread too", "integer", help=spread),
        Column("other_cells", "of", "integer"),
        Column("meaning", "null model"),
    )
    caption = (
        "What an agreement is worth: models that know nothing of contagion, scored by the same rule on the "
        "same cells, with as many runs and seeds as ours, in closed form. Where a null model says nothing of "
        f"AI views and fitness, its cells there are those of `{BASE}`, whose views do not depend on beliefs "
        "at 30 agents (K_b = 0). The rule tolerates what varies much over seeds: a null model that varies "
        "much agrees with much."
    )
    return Table("null-models", "Null models by the same rule", columns, rows, caption)


def in_lines(found: Sequence[Score]) -> dict[str, str]:
    """By population, cells that agree: coin flip 40 of 48, human belief 0: 17 of 24; ..."""
    lines: dict[str, list[str]] = {}
    for score in found:
        beliefs = (
            f"human belief 0: {score.belief_agree} of {score.belief_cells}" if score.belief_cells else ""
        )
        text = f"{score.model} {score.agree} of {score.cells}" + (f" ({beliefs})" if beliefs else "")
        lines.setdefault(score.population, []).append(text)
    return {population: ", ".join(texts) for population, texts in lines.items()}
