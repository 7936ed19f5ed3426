"""Where results come from: what was computed, by what and when, from which text, and how to repeat it."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from digico_report.configuration import configurations
from digico_report.elements import Column, Listing, Section, Table, Text
from digico_report.integrity import RESULT
from digico_report.results import Result

NOT_RECORDED = "not recorded"

#: how `digico run` notes a key that was laid over the file, at the end of its text
OVERRIDE = "# --set "

EXPERIMENTS = (
    Column("experiment", "Experiment"),
    Column("configuration", "Configuration"),
    Column("planned", "Planned", "integer", help="Runs of the experiment."),
    Column("completed", "Completed", "integer"),
    Column("converged", "Converged", "integer", help="Runs that an early stop ended."),
    Column("nonfinite", "Not finite", "integer", help="Runs that met a number that is not finite."),
    Column("missing", "Missing", "integer"),
    Column(
        "generations",
        "Generations",
        "integer",
        help="Planned per run. The echo-chamber model has steps instead.",
    ),
    Column("agents", "Agents", "integer", help="Per run."),
    Column("seeds", "Seeds"),
)

COMPUTING = (
    Column("experiment", "Experiment"),
    Column("hash", "Hash of `results.nc`", help="XXH3, 64 bits, as `provenance.json` has it."),
    Column("build", "digico", help="Version and commit."),
    Column("model", "Model version", help="In another version the same seed gives another run."),
    Column("devices", "Devices", help="With the vector instructions and threads of CPUs."),
    Column("hosts", "Hosts", "integer", help="How many machines took part."),
    Column("started", "Started (UTC)"),
    Column("finished", "Finished (UTC)"),
    Column("computing", "Computing, s", "integer", help="Durations of all batches, summed."),
    Column("wall", "Wall, s", "integer", help="From the first start to the last end; pauses count."),
)

REPEAT = (
    "Save the text of an experiment under the name of its configuration, without the last lines that begin "
    "with `# --set`, which the command lays over it; run the program of the same version and commit. A run "
    "is a function of its configuration and seed alone: any device, batch and number of threads gives the "
    "same values. `digico verify` repeats runs of a result and compares their hashes. The hash of the file "
    "holds for one version of netCDF and HDF5, which write their own into it."
)


def provenance_section(named_results: dict[str, Result]) -> Section:
    """Tables of what was computed and how, the commands that repeat it, and the texts they need."""
    items = named_results.items()
    table = Table(
        "provenance-experiments",
        "Experiments",
        EXPERIMENTS,
        tuple({"experiment": name, **experiment(result)} for name, result in items),
    )
    by_what = Table(
        "provenance-computing",
        "Program, devices and times",
        COMPUTING,
        tuple({"experiment": name, **computing(result)} for name, result in items),
    )
    commands = "\n".join(line for name, result in items for line in repeat(name, result))
    texts = [Listing(f"`{file_name(r)}`, of {name}", text_of(r)) for name, r in items]
    return Section(
        "provenance",
        "Provenance",
        (
            table,
            by_what,
            Section(
                "repeat", "How to repeat it", (Text(REPEAT), Listing("Commands", commands, folded=False))
            ),
            Section("provenance-configurations", "Configurations", tuple(texts)),
        ),
    )


def experiment(result: Result) -> dict[str, Any]:
    """What was planned, and what became of it."""
    counts = result.counts
    return {
        "configuration": file_name(result),
        "planned": counts.planned,
        "completed": counts.completed,
        "converged": counts.converged,
        "nonfinite": counts.nonfinite,
        "missing": counts.missing,
        "generations": lengths(result),
        "agents": agents(result),
        "seeds": seeds(result),
    }


def computing(result: Result) -> dict[str, Any]:
    """By which program, on what and when. Hosts are counted, not named."""
    says = [batch["computed"] for batch in result.provenance.get("batches", []) if batch.get("computed")]
    row = {
        "hash": file_hash(result),
        "build": join(map(build, says or [result.data.attrs])),
        "model": str(result.data.attrs.get("model_version", NOT_RECORDED)),
    }
    if not says:
        return row | dict.fromkeys(
            ("devices", "hosts", "started", "finished", "computing", "wall"), NOT_RECORDED
        )
    started, finished = ([moment(one[key]) for one in says] for key in ("started", "finished"))
    spent = sum((end - begin for begin, end in zip(started, finished, strict=True)), timedelta())
    return row | {
        "devices": join(map(device, says)),
        "hosts": len({one.get("host") for one in says}),
        "started": f"{min(started):%Y-%m-%d %H:%M:%S}",
        "finished": f"{max(finished):%Y-%m-%d %H:%M:%S}",
        "computing": spent.total_seconds(),
        "wall": (max(finished) - min(started)).total_seconds(),
    }


def repeat(name: str, result: Result) -> Iterable[str]:
    """Commands that compute an experiment again, and check what there is."""
    laid_over = [line.removeprefix(OVERRIDE) for line in overrides(result)]
    sets = "".join(f" --set {shlex.quote(one)}" for one in laid_over)
    yield f"digico run {shlex.quote(file_name(result))}{sets} -o {shlex.quote(name)}"
    yield f"digico verify {shlex.quote(name)}"


def configuration(result: Result) -> str:
    """The text of the experiment, with what was laid over it noted at its end."""
    return str(result.data.attrs.get("configuration", ""))


def overrides(result: Result) -> list[str]:
    """The lines at the end of the text that note what was laid over it."""
    lines = configuration(result).rstrip("\n").split("\n")
    first = len(lines)
    while first and lines[first - 1].startswith(OVERRIDE):
        first -= 1
    return lines[first:]


def text_of(result: Result) -> str:
    """The text to show."""
    return configuration(result) or f"({NOT_RECORDED})"


def file_name(result: Result) -> str:
    """Name of the configuration file, without its folder."""
    return Path(str(result.data.attrs.get("configuration_name", NOT_RECORDED))).name


def file_hash(result: Result) -> str:
    """The hash that stands beside the file, if it is this file's."""
    says = result.provenance
    if "xxh3_64" not in says:
        return NOT_RECORDED
    same = says.get("bytes") in (None, (result.directory / RESULT).stat().st_size)
    if not same:
        return "of another file"
    return f"{says['xxh3_64']}{' (not checked)' if result.unchecked else ''}"


def lengths(result: Result) -> int | str:
    """Generations of a run: what the configurations say, else the longest record."""
    found = {run["generations"] for run in configurations(result.data) if "generations" in run}
    if found:
        return listed(map(int, found))
    return result.data.sizes.get("generation", "")


def agents(result: Result) -> int | str:
    """Agents of a run."""
    data = result.data
    if "group_size" in data:
        sizes = np.nansum(data["group_size"].values, axis=1)  # zero where a run is missing
        return listed(int(size) for size in sizes if size)
    return data.sizes.get("agent", NOT_RECORDED)


def seeds(result: Result) -> str:
    """Seeds in short: 1–10, 42."""
    if "seed" in result.data:
        found = {int(seed) for seed in np.atleast_1d(result.data["seed"].values)}
    else:
        found = {int(run["seed"]) for run in configurations(result.data) if "seed" in run}
    return ranges(sorted(found)) or NOT_RECORDED


def ranges(numbers: list[int]) -> str:
    """Sorted numbers with neighbours drawn together."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return join(str(low) if low == high else f"{low}–{high}" for low, high in runs)


def listed(numbers: Iterable[int]) -> int | str:
    """The one number there is, or all of them."""
    found = sorted(set(numbers))
    return found[0] if len(found) == 1 else join(map(str, found))


def build(says: dict[str, Any]) -> str:
    """Version and commit of a program."""
    return f"{says['digico_version']} {says.get('git_commit', '')}".strip()


def device(says: dict[str, Any]) -> str:
    """What a batch was computed on: `cpu AMD EPYC (avx512, 2 threads)`."""
    threads = int(says.get("threads", 0))
    details = [str(says.get("vector", "")), f"{threads} thread{'s' * (threads > 1)}" if threads else ""]
    told = ", ".join(filter(None, details)) if says.get("backend") == "cpu" else ""
    return f"{says['device']} ({told})" if told else says["device"]


def moment(text: str) -> datetime:
    """A time of provenance.json, which is in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)


def join(texts: Iterable[str]) -> str:
    """Distinct texts in the order in which they came."""
    return ", ".join(dict.fromkeys(texts))
