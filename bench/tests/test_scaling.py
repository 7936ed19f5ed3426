"""bench/scaling: exponents and their intervals, what is run and measured, the figure, mistakes of a user."""

import copy
import io
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.colors import to_hex

from digico_report.figures.style import style
from scaling import figure, study
from scaling.cases import LEAST, QUICK_SERIES, SERIES, Case, Series
from scaling.fit import DECADE, power_law
from scaling.measure import Program, ProgramError, Sample, run, run_process
from scaling.progress import Progress, duration
from scaling.small import small

ROOT = Path(__file__).resolve().parents[2]
DIGICO = Path(os.environ.get("DIGICO", ROOT / "build/digico"))
SIZES = np.array([1, 10, 100, 1000, 2000, 5000, 10000])
needs_digico = pytest.mark.skipif(not DIGICO.exists(), reason="no program: make")


# ---- exponents


@pytest.mark.parametrize("exponent", [0.3, 1.0, 2.0])
def test_an_exponent_is_recovered_beside_fixed_costs(exponent):
    fixed = 0.2 * 1000.0**exponent  # a sixth of the smallest fitted value
    law = power_law(SIZES, fixed + SIZES**exponent, fixed)
    assert law.exponent == pytest.approx(exponent, abs=1e-9)
    assert law.factor == pytest.approx(1, rel=1e-6)
    assert (law.first, law.last, law.points) == (1000, 10000, 4)
    assert law.at(SIZES) == pytest.approx(fixed + SIZES**exponent)


def test_only_the_upper_decade_tells():
    values = np.where(SIZES.max() / DECADE > SIZES, 7.0, SIZES**2.0)
    assert power_law(SIZES, values, fixed=1.0).exponent == pytest.approx(2)


def test_what_fixed_costs_dominate_is_left_out():
    # 1 at sizes 1000 and 2000, which is below twice the fixed costs: three points are left
    values = np.array([1, 1, 1, 1, 4, 25, 100]) + 0.8
    law = power_law([1, 10, 100, 1000, 2000, 5000, 10000], values, fixed=1.0)
    assert law.first == 2000
    assert power_law(SIZES, np.full(7, 1.9), fixed=1.0) is None


def test_the_interval_covers_at_its_rate():
    """2,000 noisy curves; a right interval fails this with probability 6e-5 (4 standard errors), seed 1."""
    random, trials, covered = np.random.default_rng(1), 2000, 0
    for _ in range(trials):
        noise = np.exp(random.normal(0, 0.1, len(SIZES)))
        law = power_law(SIZES, 5 + 3 * SIZES**1.5 * noise, fixed=5, confidence=0.95)
        covered += law.low <= 1.5 <= law.high
    assert abs(covered / trials - 0.95) < 4 * np.sqrt(0.95 * 0.05 / trials)


# ---- what is run


@needs_digico
@pytest.mark.parametrize("case", [LEAST, Case(8, 30, 3), Case(300, 12, 4)], ids=str)
def test_the_program_plans_what_a_case_says(case, tmp_path):
    path = tmp_path / "case.yaml"
    path.write_text(case.text)
    planned = subprocess.run(
        [DIGICO, "plan", path, "--device", "cpu"], capture_output=True, text=True, check=True
    ).stdout
    assert planned.splitlines()[0].split() == ["runs", str(case.runs)]
    assert f"{case.agents} agents" in planned
    assert f"{case.generations} generations x 50 steps" in planned


def test_runs_that_do_not_divide_are_refused():
    with pytest.raises(ValueError, match="15 runs"):
        Case(15, 30, 1)


@pytest.mark.parametrize("series", [SERIES, QUICK_SERIES])
def test_every_upper_decade_has_points_to_fit(series):
    for one in series:
        assert sum(size >= max(one.sizes) / DECADE for size in one.sizes) >= 3
        assert list(one.sizes) == sorted(one.sizes)


# ---- measuring

HUNGRY = "import time; held = b'x' * 400_000_000; time.sleep(0.2)"


def test_time_and_peak_memory_are_those_of_the_process(tmp_path):
    sample = run_process([sys.executable, "-S", "-c", HUNGRY], tmp_path / "errors")
    assert 0.2 < sample.seconds < 30
    assert 400e6 < sample.bytes < 440e6


OWN_AND_LEAST = """
import pathlib, re, scaling.__main__
from scaling.cases import LEAST
from scaling.measure import Program, run
sample, _ = run(Program(pathlib.Path({path!r}), ("--device", "cpu")), LEAST)
print(re.search(r"VmHWM:\\s*(\\d+)", pathlib.Path("/proc/self/status").read_text())[1], sample.bytes // 1024)
"""


@needs_digico
def test_measuring_takes_less_memory_than_what_is_measured():
    """Else ru_maxrss of the least case would be that of its parent."""
    words = [sys.executable, "-c", OWN_AND_LEAST.format(path=str(DIGICO))]
    told = subprocess.run(words, cwd=ROOT / "bench", capture_output=True, text=True, check=True).stdout
    own, measured = map(int, told.split())
    assert own < measured


@needs_digico
def test_a_program_that_fails_is_told_in_its_words():
    with pytest.raises(ProgramError, match="vector: none") as caught:
        run(Program(DIGICO, ("--vector", "none", "--device", "cpu")), LEAST)
    assert caught.value.code == 2


@needs_digico
def test_a_study_holds_every_sample_and_its_machine():
    series = (Series("runs", Case(1, 6, 1), (1, 2)), Series("agents", Case(1, 6, 1), (6, 9)))
    told = []
    found = study.take(
        Program(DIGICO, ("--device", "cpu", "--threads", "1")), series, 2, lambda *sample: told.append(sample)
    )
    assert len(told) == 2 * 3  # one run of six agents stands in both series and is the least
    assert [point["runs"] for point in found["series"]["runs"]] == [1, 2]
    assert all(len(point["seconds"]) == len(point["bytes"]) == 2 for point in found["series"]["agents"])
    assert found["machine"].endswith("-1-threads")
    assert found["device"].startswith("cpu")


def test_machines_are_named_as_the_other_benches_name_them():
    cpu = {"backend": "cpu", "cpu": "AMD EPYC (9th)", "device": "cpu AMD EPYC (9th)", "threads": 2}
    assert study.machine_name(cpu) == "amd-epyc-9th-2-threads"
    gpu = {"backend": "cuda", "cpu": "AMD", "device": "cuda:0 NVIDIA H100 80GB HBM3", "threads": 16}
    assert study.machine_name(gpu) == "nvidia-h100-80gb-hbm3"


# ---- progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_terminal_is_told_what_is_left():
    out, cases = Terminal(), [LEAST, Case(1, 30, 4)]
    progress = Progress(out, 2, sum(case.weight for case in cases))
    for case in cases:
        progress.tell(case, Sample(1.0, 2_000_000))
    first, last = out.getvalue().split("\r")[1:]
    assert "[1/2]" in first
    assert "left" in first
    assert "[2/2] runs 1, agents 30, generations 4: 1.00 s, 2 MB; about 0 s left\n" in last


def test_a_log_gets_a_line_per_process():
    out = io.StringIO()
    Progress(out, 1, LEAST.weight).tell(LEAST, Sample(1.0, 2_000_000))
    assert out.getvalue() == "[1/1] runs 1, agents 6, generations 1: 1.00 s, 2 MB\n"


def test_durations_are_told_as_one_says_them():
    assert [duration(s) for s in (-1, 59, 61)] == ["0 s", "59 s", "1 min 1 s"]


# ---- figure


def document():
    """Made by hand: time grows as size^1, memory as size^2, but for generations, which take none."""
    series = {}
    for one in SERIES:
        series[one.along] = [
            {
                **vars(case), "seconds": [0.1 + size * f for f in (0.9, 1.0, 1.1)],
                "bytes": [20e6 + (0 if one.along == "generations" else 100 * size**2)] * 3,
            }
            for size, case in zip(one.sizes, one.cases, strict=True)
        ]  # fmt: skip
    made = {
        "digico_version": "0.1.0", "git_commit": "0123456789ab", "cpu": "A CPU", "device": "cpu A CPU",
        "vector": "avx2", "threads": 2, "repeats": 3, "quick": False,
        "fixed": {"seconds": [0.1], "bytes": [20e6]}, "series": series,
    }  # fmt: skip
    return study.add_exponents(made)


def test_exponents_are_those_of_medians_above_fixed_costs():
    exponents = document()["exponents"]
    assert [exponents[along]["seconds"]["exponent"] for along in exponents] == pytest.approx([1, 1, 1])
    assert exponents["runs"]["bytes"]["exponent"] == pytest.approx(2)
    assert exponents["generations"]["bytes"] is None


def test_the_figure_has_all_panels():
    drawn = figure.draw(document())
    assert len(drawn.axes) == 6
    labels = [ax.get_legend().get_texts()[0].get_text() for ax in drawn.axes]
    assert labels[:3] == ["exponent 1.00 ± 0.00"] * 3
    assert labels[3] == "exponent 2.00 ± 0.00"
    assert labels[5] == "fixed costs dominate"
    assert [ax.get_xlabel() for ax in drawn.axes[3:]] == ["runs", "agents", "generations"]
    assert [drawn.axes[k].get_ylabel() for k in (0, 3)] == ["time [s]", "peak memory [MB]"]
    assert drawn.axes[1].get_title(loc="left") == "1 run, 8 generations"
    assert all(ax.get_xscale() == ax.get_yscale() == "log" for ax in drawn.axes)
    assert "0123456789ab" in drawn.get_supxlabel()
    assert "A CPU, 2 threads, avx2" in drawn.get_supxlabel()


def test_dots_are_medians_and_lines_pass_through_them():
    drawn = figure.draw(document())
    for column, series in enumerate(SERIES):
        dots = drawn.axes[column].containers[0].lines[0].get_xydata()
        assert dots[:, 0].tolist() == list(series.sizes)
        assert dots[:, 1] == pytest.approx(0.1 + np.array(series.sizes))
        line = drawn.axes[column].get_lines()[-1].get_xydata()
        assert line[0, 0] == max(series.sizes) / 10
        assert line[:, 1] == pytest.approx(0.1 + line[:, 0])


def test_the_file_stands_alone_on_light_and_dark():
    text = figure.svg(document())
    root = ElementTree.fromstring(text)
    assert root.attrib["width"].endswith("pt")
    with style():
        assert to_hex(figure.draw(document()).get_facecolor()) == "#ffffff"
    page = next(element for element in root if element.tag.endswith("path"))
    assert f".{page.attrib['class']}{{fill:#ffffff}}" in text
    assert "memory against generations: fixed costs dominate" in text


def test_the_file_is_small_and_its_words_are_words():
    text = figure.svg(document())
    assert text == figure.svg(document())
    assert len(text) < 25_000
    assert text.count("\n") < 400
    assert "clip" not in text
    words = [element.text for element in ElementTree.fromstring(text).iter() if element.tag.endswith("text")]
    assert {"time [s]", "generations", "10,000", "exponent 2.00 ± 0.00"} <= set(words)


def test_small_keeps_what_is_seen():
    given = """<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"><title>t</title>
<g><g><path d="M 0 0
z" style="fill: #fff; stroke: none"/></g></g>
<g clip-path="url(#a)"><use xlink:href="#b" style="fill: #fff; stroke: none"/></g>
<text transform="rotate(-90 1 2)" style="fill: red"> a &lt; b </text></svg>"""
    assert small(given).splitlines() == [
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">',
        "<title>t</title>",
        "<style>",
        ".s0{fill:#fff;stroke:none}",
        ".s1{fill:red}",
        "</style>",
        '<path d="M 0 0 z" class="s0"/>',
        '<g clip-path="url(#a)">',
        '<use xlink:href="#b" class="s0"/>',
        "</g>",
        '<text transform="rotate(-90 1 2)" class="s1"> a &lt; b </text>',
        "</svg>",
    ]


def test_the_figure_in_the_tree_is_of_the_figures_in_the_tree():
    """But for letters, whose widths a machine's fonts decide: the same numbers and words."""
    for file in (ROOT / "bench/results").glob("scaling-*.json"):
        wanted = figure.svg(json.loads(file.read_text(encoding="utf-8")))
        present = (ROOT / "docs/images/scaling.svg").read_text(encoding="utf-8")
        found, expected = (re.findall(r"<desc.*?</desc>|[^<>]+</text>", svg) for svg in (present, wanted))
        assert len(expected) > 30
        assert found == expected


def test_a_quick_figure_says_so():
    quick = {**copy.deepcopy(document()), "quick": True}
    assert "figures mean little" in figure.draw(quick).get_supxlabel()


# ---- mistakes


def command(*words, **more):
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'bench'}:{ROOT / 'report'}"}
    return subprocess.run(
        [sys.executable, "-m", "scaling", *map(str, words)],
        capture_output=True, text=True, env=environment, cwd=ROOT, **more,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--fast"], "--fast"),
        (["extra"], "extra"),
        (["--json"], "--json"),
        (["--program", "/nowhere/digico"], "/nowhere/digico, expected the program digico"),
        (["--program", ROOT], "expected the program digico"),
        (["--draw", __file__], "not a file that this program wrote"),
    ],
)
def test_bad_arguments_get_one_line_and_code_2(words, told):
    done = command(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert told in done.stderr


@needs_digico
def test_a_device_that_is_none_gets_the_programs_line(tmp_path):
    done = command("--program", DIGICO, "--quick", "--device", "abacus", "--json", tmp_path / "a.json")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "abacus" in done.stderr
    assert not list(tmp_path.iterdir())


@needs_digico
def test_a_stop_ends_the_program_and_leaves_no_folder(tmp_path):
    """Stopped as soon as the first case is under way."""
    words = [sys.executable, "-m", "scaling", "--program", DIGICO, "--device", "cpu"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "bench"), "TMPDIR": str(tmp_path)}
    with subprocess.Popen(words, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as started:
        while not list(tmp_path.glob("digico-scaling-*/out")) and started.poll() is None:
            time.sleep(0.01)
        started.terminate()
        told = started.communicate(timeout=60)[1]
    assert started.returncode == 3
    assert told.splitlines()[-1] == "bench-scaling: stopped; nothing is written"
    assert not list(tmp_path.iterdir())
