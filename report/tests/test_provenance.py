"""Where results come from, with and without provenance.json."""

from __future__ import annotations

import json

import numpy as np
import pytest
import xarray

from digico_report.elements import Listing, Page, Table
from digico_report.integrity import file_hash
from digico_report.page import render
from digico_report.provenance import NOT_RECORDED, overrides, provenance_section, ranges
from digico_report.results import Result

TEXT = "# --set no=1 is a remark\nsweep:\n  product:\n    seed: {from: 1, to: 10}\n"
OVER = "# --set generations=60\n# --set seed={from: 1, to: 3}\n"


def make_result(folder, text=TEXT + OVER, seeds=(1, 2, 3), generations=(60, 60, 60)):
    """A results.nc with the parts that provenance reads."""
    folder.mkdir()
    count = len(seeds)
    attrs = {
        "flag_values": np.array([0, 1, 2, 3], "i1"),
        "flag_meanings": "planned complete nonfinite converged",
    }
    effective = [f"seed: {s}\ngenerations: {g}\n" for s, g in zip(seeds, generations, strict=True)]
    data = xarray.Dataset(
        {
            "configuration": ("run", np.array(effective, dtype=object)),
            "group_size": (("run", "group"), np.full((count, 3), 10, "i4")),
            "status": ("run", np.array([1] * (count - 1) + [3], "i1"), attrs),
            "seed": ("run", np.array(seeds, "u8"), {"configuration_key": "seed"}),
            "ai_views": (("run", "generation"), np.zeros((count, 60), "f4")),
        },
        attrs={
            "digico_version": "0.1.0",
            "git_commit": "abc",
            "model_version": np.int32(1),
            "model": "digico",
            "configuration": text,
            "configuration_name": "folder/table 3.yaml",
        },
    )
    data.to_netcdf(folder / "results.nc")
    return folder


def batch(host, started, finished, **more):
    computed = {
        "digico_version": "0.1.0",
        "git_commit": "abc",
        "host": host,
        "backend": "cpu",
        "device": "cpu AMD EPYC",
        "vector": "avx2",
        "threads": 2,
        "started": f"2026-01-01T{started}Z",
        "finished": f"2026-01-01T{finished}Z",
    }
    return {"file": "a.batch", "runs": 1, "computed": computed | more}


def add_provenance(folder, *batches, **more):
    size = (folder / "results.nc").stat().st_size
    says = {"bytes": size, "xxh3_64": file_hash(folder), "batches": list(batches)} | more
    (folder / "provenance.json").write_text(json.dumps(says))


def rows(section):
    return [block.rows for block in section.blocks if isinstance(block, Table)]


def test_what_was_planned_and_computed(tmp_path):
    folder = make_result(tmp_path / "r")
    cuda = {"backend": "cuda", "device": "NVIDIA H100", "vector": "", "git_commit": "def"}
    add_provenance(
        folder, batch("first", "10:00:00", "10:00:20"), batch("second", "10:01:00", "10:01:05", **cuda)
    )
    section = provenance_section({"main": Result(folder)})
    (planned,), (computed,) = rows(section)
    assert planned == {
        "experiment": "main",
        "configuration": "table 3.yaml",
        "planned": 3,
        "completed": 2,
        "converged": 1,
        "nonfinite": 0,
        "missing": 0,
        "generations": 60,
        "agents": 30,
        "seeds": "1–3",
    }
    assert computed == {
        "experiment": "main",
        "hash": file_hash(folder),
        "build": "0.1.0 abc, 0.1.0 def",
        "model": "1",
        "devices": "cpu AMD EPYC (avx2, 2 threads), NVIDIA H100",
        "hosts": 2,
        "started": "2026-01-01 10:00:00",
        "finished": "2026-01-01 10:01:05",
        "computing": 25.0,
        "wall": 65.0,
    }


def test_no_host_is_named(tmp_path):
    folder = make_result(tmp_path / "r")
    add_provenance(folder, batch("secret-host", "10:00:00", "10:00:20"))
    assert "secret-host" not in render(Page("P", "", (provenance_section({"a": Result(folder)}),)))


def test_without_provenance_what_is_not_known_is_said(tmp_path):
    section = provenance_section({"main": Result(make_result(tmp_path / "r"))})
    (planned,), (computed,) = rows(section)
    assert planned["completed"] == 2
    assert computed.pop("experiment") == "main"
    assert computed.pop("build") == "0.1.0 abc"
    assert computed.pop("model") == "1"
    assert set(computed.values()) == {NOT_RECORDED}
    assert NOT_RECORDED in render(Page("P", "", (section,)))


def test_a_batch_that_tells_nothing_is_left_out(tmp_path):
    folder = make_result(tmp_path / "r")
    add_provenance(folder, {"file": "a.batch", "runs": 2}, batch("h", "10:00:00", "10:00:20"))
    assert rows(provenance_section({"a": Result(folder)}))[1][0]["computing"] == 20


def test_the_hash_of_another_file_is_not_passed_off(tmp_path):
    folder = make_result(tmp_path / "r")
    add_provenance(folder, bytes=1)
    assert rows(provenance_section({"a": Result(folder)}))[1][0]["hash"] == "of another file"
    add_provenance(folder, xxh3_64="0123456789abcdef")
    section = provenance_section({"a": Result(folder, trust=True)})
    assert rows(section)[1][0]["hash"] == "0123456789abcdef (not checked)"


def test_several_lengths_and_seeds_are_all_named(tmp_path):
    folder = make_result(tmp_path / "r", seeds=(1, 2, 7), generations=(100, 20, 60))
    row = rows(provenance_section({"a": Result(folder)}))[0][0]
    assert row["generations"] == "20, 60, 100"
    assert row["seeds"] == "1–2, 7"


def listings(section):
    found = Page("P", "", (section,)).blocks(Listing)
    return found[0], found[1:]


def test_the_texts_are_shown_as_they_are_and_the_commands_lay_over_what_was(tmp_path):
    folder = make_result(tmp_path / "r")
    commands, texts = listings(provenance_section({"a b": Result(folder)}))
    assert commands.text.split("\n") == [
        "digico run 'table 3.yaml' --set generations=60 --set 'seed={from: 1, to: 3}' -o 'a b'",
        "digico verify 'a b'",
    ]
    assert not commands.folded
    assert [text.text for text in texts] == [TEXT + OVER]
    assert texts[0].folded


@pytest.mark.parametrize("text", [TEXT, "", "seed: 1"])
def test_only_the_last_lines_are_laid_over(tmp_path, text):
    assert overrides(Result(make_result(tmp_path / "r", text))) == []


def test_ranges():
    assert ranges([]) == ""
    assert ranges([5]) == "5"
    assert ranges([1, 2, 3, 7, 9, 10]) == "1–3, 7, 9–10"
