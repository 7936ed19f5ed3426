"""The experiments of the paper: every file, what it sweeps, and that the program takes the small form."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from digico_report.experiments import EXPERIMENTS, Experiment

CONFIGS = Path(__file__).parents[2] / "configs" / "paper"
UPDATES = "[fixed, random, momentum, reward]"
SWEPT = {
    "observation_sparsity": ("observation.sparsity", "[0, 0.1, 0.2, 0.5]"),
    "belief_sparsity": ("contagion.sparsity", "[0, 0.1, 0.2, 0.5]"),
    "influence_factor": ("observation.influence_factor", "[0.2, 0.5, 1, 2, 5]"),
    "truthfulness": ("reward.truthfulness", "[0.01, 0.1, 1, 10]"),
}
BY_NAME = {experiment.name: experiment for experiment in EXPERIMENTS}


def digico(*words: object) -> str:
    """What the program prints; the test is skipped where there is no program."""
    program = os.environ.get("DIGICO")
    if not program:
        pytest.skip("DIGICO does not name a built program")
    done = subprocess.run([program, *map(str, words)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def sweep_of(name: str) -> dict[str, str]:
    """Axes of a file as they stand there."""
    text = (CONFIGS / f"{name}.yaml").read_text(encoding="utf-8")
    return dict(re.findall(r"^ {4}([a-z_.]+): (.+)$", text[text.index("\nsweep:") :], flags=re.MULTILINE))


def small(experiment: Experiment) -> list[str]:
    return [word for one in experiment.quick for word in ("--set", one)]


def test_every_file_is_an_experiment_and_every_experiment_a_file() -> None:
    linked = {"echo"}  # to the file that the guide uses
    files = {path.stem for path in CONFIGS.glob("*.yaml") if not path.is_symlink()}
    assert {e.name for e in EXPERIMENTS} == files | linked
    assert len({e.name for e in EXPERIMENTS}) == len(EXPERIMENTS)
    assert all(e.file(CONFIGS).is_file() for e in EXPERIMENTS)


def test_links_lead_to_files_that_are_there() -> None:
    links = [path for path in CONFIGS.iterdir() if path.is_symlink()]
    assert links
    for path in links:
        assert path.resolve().is_file(), path
        assert not path.readlink().is_absolute(), path
    inside = {str(path.readlink()) for path in links if path.name != "echo.yaml"}
    assert inside <= {f"{name}.yaml" for name in BY_NAME}


@pytest.mark.parametrize("number", [3, 4, 5, 6, 7])
def test_every_table_has_a_file(number: int) -> None:
    assert (CONFIGS / f"table{number}.yaml").is_file()


@pytest.mark.parametrize("name", SWEPT)
def test_the_curves_sweep_what_the_paper_does(name: str) -> None:
    axes, (key, values) = sweep_of(name), SWEPT[name]
    assert axes[key] == values
    assert axes["belief_weights.update"] == UPDATES
    assert axes["seed"] == "{from: 1, to: 10}"
    assert axes["reading"] == "[tables, text]"
    text = (CONFIGS / f"{name}.yaml").read_text(encoding="utf-8")
    assert "\nai_type: all_zero\n" in text


@pytest.mark.parametrize(("name", "seeds"), [("table3", 10), ("table4", 3)])
def test_the_tables_cover_every_type_and_update(name: str, seeds: int) -> None:
    axes = sweep_of(name)
    assert axes["ai_type"] == "[none, act, evolve, fix, influence, all, fix_at_zero, all_zero]"
    assert axes["belief_weights.update"] == UPDATES
    assert axes["seed"] == f"{{from: 1, to: {seeds}}}"
    assert axes["reading"] == "[tables, text]"


@pytest.mark.parametrize("name", [n for n in BY_NAME if n != "echo"])
def test_runs_are_as_long_as_the_published_ones(name: str) -> None:
    said = digico("config", CONFIGS / f"{name}.yaml")
    assert "\ngenerations: 1000\nsteps: 50\n" in said


@pytest.mark.parametrize(
    ("name", "runs"),
    [
        ("table3", 2 * 8 * 4 * 10),
        ("observation_sparsity", 2 * 4 * 4 * 10),
        ("belief_sparsity", 2 * 4 * 4 * 10),
        ("influence_factor", 2 * 4 * 5 * 10),
        ("truthfulness", 2 * 4 * 4 * 10),
        ("echo", 5),
    ],
)
def test_the_program_plans_all_of_their_runs(name: str, runs: int) -> None:
    assert planned(digico("config", CONFIGS / f"{name}.yaml")) == runs


@pytest.mark.parametrize("name", BY_NAME)
def test_the_program_takes_the_small_form(name: str) -> None:
    said = digico("config", CONFIGS / f"{name}.yaml", *small(BY_NAME[name]))
    full = digico("config", CONFIGS / f"{name}.yaml")
    if name == "echo":
        assert planned(said) == planned(full)
    else:
        assert 0 < planned(said) < planned(full)
        assert int(re.search(r"^generations: (\d+)$", said, re.MULTILINE)[1]) <= 100


def planned(said: str) -> int:
    """Runs of `digico config`: `# run 0 of 320`."""
    return int(re.match(r"# run 0 of (\d+)\n", said)[1])
