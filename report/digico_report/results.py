"""A result directory of `digico run`, read once: data, swept axes, counts of runs, provenance."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import xarray
from xarray.backends import NetCDF4DataStore

from digico_report.errors import ReportError, say
from digico_report.integrity import PROVENANCE, RESULT, check
from digico_report.negative_fitness import LEFT_OUT, METRIC, negative_runs
from digico_report.probe import open_file, probe

#: the three dominance metrics of the paper: variable, name of a reader, symbol
METRICS = {
    "ai_views": ("AI views", "r_AIV"),
    "ai_fitness": ("AI fitness", "r_AIF"),
    "human_belief_0": ("human belief 0", "r_HB0"),
}

#: rows of Tables 3 and 4, columns of Table 6, in the paper's order
AI_TYPES = ("none", "act", "evolve", "fix", "influence", "all", "fix_at_zero", "all_zero")
UPDATES = ("fixed", "random", "momentum", "reward")

#: of the equations (docs/MODEL.md, 7), that which reproduces the published tables first
READINGS = ("tables", "text")

GENERATIONS = 1000  #: of the published runs


@dataclass(frozen=True)
class Axis:
    """A swept key."""

    name: str  #: variable of the file: reward_truthfulness
    key: str  #: of the configuration: reward.truthfulness
    title: str  #: one line about it
    values: tuple[Any, ...]  #: the distinct ones, in the order of the sweep
    numeric: bool


@dataclass(frozen=True)
class Counts:
    """Every planned run, once."""

    planned: int
    completed: int
    converged: int  #: ended early by early_stop
    nonfinite: int  #: met a number that is not finite
    missing: int

    @property
    def text(self) -> str:
        """`640 completed / 640 planned`, and what else there is."""
        rest = [
            f"{n} {what}"
            for n, what in (
                (self.converged, "converged early"),
                (self.nonfinite, "not finite"),
                (self.missing, "missing"),
            )
            if n
        ]
        return ", ".join([f"{self.completed} completed / {self.planned} planned", *rest])


class Result:
    """DIR/results.nc and what stands beside it. Lazy: variables are read when used."""

    def __init__(self, directory: str | Path, trust: bool = False):
        self.directory = Path(directory)
        path = self.directory / RESULT
        self.unchecked = check(self.directory, trust)  #: why its hash was not compared, "" if it was
        if self.unchecked:
            probe(self.directory)
        try:
            # a fill value makes integers floats; what is not decoded stays as it was written
            self.data = xarray.open_dataset(NetCDF4DataStore(open_file(self.directory)), mask_and_scale=True)
            # netCDF4 1.6 reads single texts as arrays if given their places; whole variables it reads right
            for variable in self.data.variables.values():
                if variable.dtype.kind in "OSU":
                    variable.load()
        except (OSError, ValueError, RuntimeError) as error:  # netCDF4 tells damage as RuntimeError
            raise ReportError(
                f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}"
            ) from error
        if not {"digico_version", "model"} <= self.data.attrs.keys() or "status" not in self.data:
            raise ReportError(f"{path}: not a result of digico")
        self._spell_nulls()
        self._leave_out()

    def _spell_nulls(self) -> None:
        """A swept number may be null, which the file has as NaN and nothing equals: texts instead."""
        for name, variable in dict(self.data.variables).items():
            if "configuration_key" not in variable.attrs or variable.dtype.kind != "f":
                continue
            values = variable.values
            if np.isnan(values).any():
                texts = np.array(["null" if np.isnan(v) else f"{v:.12g}" for v in values])
                self.data[name] = (variable.dims, texts, variable.attrs)

    def _leave_out(self) -> None:
        """AI fitness where it is no share becomes NaN, which is in no mean; LEFT_OUT says in which runs."""
        if f"{METRIC}_last" not in self.data.variables:
            return
        for statistic in ("mean", "last"):
            name = f"{METRIC}_{statistic}"
            negative = negative_runs(self.data, statistic)
            self.data[name] = self.data[name].where(~negative)
        self.data[LEFT_OUT] = ("run", negative)

    @cached_property
    def left_out(self) -> int:
        """Runs that ended and have no share of fitness in their last generation."""
        return int(self.ended[LEFT_OUT].sum()) if LEFT_OUT in self.data.variables else 0

    @cached_property
    def provenance(self) -> dict[str, Any]:
        """provenance.json, {} if there is none."""
        path = self.directory / PROVENANCE
        if not path.is_file():
            return {}
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ReportError(f"{path}: cannot be read: {error}") from error
        if not isinstance(found, dict) or not isinstance(found.get("batches", []), list):
            raise ReportError(f"{path}: not what `digico run` writes")
        return found

    @property
    def model(self) -> str:
        """Its word, such as `digico` or `echo-chamber`."""
        return str(self.data.attrs["model"])

    @cached_property
    def status(self) -> np.ndarray:
        """Per run: planned (not there), completed, nonfinite, converged."""
        names = self.data["status"].attrs["flag_meanings"].split()
        values = [int(v) for v in np.atleast_1d(self.data["status"].attrs["flag_values"])]
        # older files say `complete`
        names = ["completed" if name == "complete" else name for name in names]
        table = dict(zip(values, names, strict=True))
        return np.array([table[int(v)] for v in self.data["status"].values])

    @cached_property
    def counts(self) -> Counts:
        """Runs by what became of them."""
        count = {
            name: int((self.status == name).sum())
            for name in ("completed", "converged", "nonfinite", "planned")
        }
        return Counts(
            len(self.status), count["completed"], count["converged"], count["nonfinite"], count["planned"]
        )

    @cached_property
    def axes(self) -> tuple[Axis, ...]:
        """Swept keys with more than one value, as the file orders them, `seed` last."""
        found = []
        for name, variable in self.data.variables.items():
            key = variable.attrs.get("configuration_key")
            if key is None or variable.dims != ("run",):
                continue
            values = tuple(dict.fromkeys(plain(v) for v in variable.values))
            if len(values) > 1:
                numeric = all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in values)
                found.append(
                    Axis(str(name), str(key), str(variable.attrs.get("long_name", key)), values, numeric)
                )
        return tuple(sorted(found, key=lambda axis: axis.key == "seed"))

    @cached_property
    def ended(self) -> xarray.Dataset:
        """The runs that count: completed or converged. Others are counted, never averaged in."""
        return self.data.isel(run=np.flatnonzero(np.isin(self.status, ("completed", "converged"))))

    def where(self, **values: Any) -> xarray.Dataset:
        """Runs that count whose coordinates have these values: where(ai_type="all", reading=("text",))."""
        return pick(self.ended, **values)


def note_unchecked(result: Result) -> None:
    """Say it on stderr if a result was not compared with its hash."""
    if result.unchecked:
        say(f"{result.directory / RESULT}: not checked: {result.unchecked}")


def plain(value: Any) -> Any:
    """A numpy scalar as Python's own."""
    return value.item() if isinstance(value, np.generic) else value


def pick(data: xarray.Dataset, **values: Any) -> xarray.Dataset:
    """Runs of a dataset by values of variables along `run`; a tuple or list allows any of its members.

    A variable that the file lacks was not swept: KeyError, for the caller knows what it asks for.
    """
    keep = np.ones(data.sizes["run"], dtype=bool)
    for name, value in values.items():
        allowed = value if isinstance(value, (tuple, list)) else (value,)
        keep &= np.isin(data[name].values, allowed)
    return data.isel(run=np.flatnonzero(keep))
