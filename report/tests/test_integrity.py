"""A result that is not the file that was written is refused; the hash is that of `digico run`."""

from __future__ import annotations

import fcntl
import json
import multiprocessing
import os
import signal
from pathlib import Path

import pytest
import sweeps
from conftest import study, write_result

from digico_report import integrity, probe
from digico_report.__main__ import main
from digico_report.errors import ReportError
from digico_report.integrity import PROVENANCE, REMEMBERED, RESULT, check, file_hash, recorded_hash
from digico_report.results import Result, note_unchecked

OLD = (1_000_000_000_000_000_000, 1_000_000_000_000_000_000)  #: dates of a file, nanoseconds


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A result with its hash, of an old date."""
    folder = write_result(tmp_path / "out", study(lambda row: {"ai_views": 0.5}, range(1)))
    os.utime(folder / RESULT, ns=OLD)
    (folder / PROVENANCE).write_text(json.dumps({"xxh3_64": file_hash(folder)}))
    return folder


def damage(folder: Path) -> None:
    """A byte behind what HDF5 looks at."""
    with (folder / RESULT).open("ab") as file:
        file.write(b"x")


def test_the_hash_is_that_of_the_program(tmp_path: Path) -> None:
    folder = sweeps.run(tmp_path, "single")
    assert recorded_hash(folder) == file_hash(folder)
    assert Result(folder).unchecked == ""


def test_another_file_is_one_line(directory: Path, capsys) -> None:
    damage(directory)
    assert main(["sweep", str(directory)]) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"digico: {directory}/results.nc: damaged or replaced: ")
    assert err.count("\n") == 1
    assert "`digico" not in err, "a copy, of which nothing here can make another"
    (directory / "manifest.digico").touch()
    assert main(["sweep", str(directory)]) == 2
    assert f"`digico status {directory}` says what is next, --trust reads" in capsys.readouterr().err
    assert Result(directory, trust=True).unchecked == "--trust"


def test_a_result_without_a_hash_is_read_and_said_to_have_none(directory: Path) -> None:
    for text in ("{}", "[]", "{", '{"xxh3_64": 5}', '{"xxh3_64": "zz"}'):
        (directory / PROVENANCE).write_text(text)
        assert "no provenance.json that records its hash" in check(directory, trust=False)
    (directory / PROVENANCE).unlink()
    assert "no provenance.json" in Result(directory).unchecked


def test_a_crash_of_hdf5_is_damage(directory: Path, monkeypatch, capsys) -> None:
    """Which damage makes it crash depends on its version: a reader that is killed stands for it."""
    for number, told in (
        (signal.SIGSEGV, "damaged: HDF5 crashed while reading it: Segmentation fault"),
        (signal.SIGPROF, "damaged: HDF5 comes to no end of reading it"),
    ):
        reader = directory.parent / "python"
        reader.write_text(f"#!/bin/sh\nkill -{int(number)} $$\n")
        reader.chmod(0o755)
        monkeypatch.setattr(probe.sys, "executable", str(reader))
        assert main(["sweep", str(directory), "--trust"]) == 2
        assert f"digico: {directory}/results.nc: {told}\n" == capsys.readouterr().err
    assert Result(directory).unchecked == ""  # with a hash it is not read twice


def test_what_keeps_it_from_being_read_lets_nothing_through(directory: Path, monkeypatch, capsys) -> None:
    reader = directory.parent / "python"
    reader.write_text(f"#!/bin/sh\nkill -{int(signal.SIGSEGV)} $$\n")
    reader.chmod(0o755)
    monkeypatch.setattr(probe.sys, "executable", str(reader))
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        assert main(["sweep", str(directory), "--trust"]) == 2
        assert signal.getsignal(signal.SIGCHLD) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGCHLD, before)
    assert "damaged: HDF5 crashed" in capsys.readouterr().err
    for lines, told in (
        ("exit 1", "cannot be read in a process of its own"),
        (f"kill -{int(signal.SIGXCPU)} $$", "more processor time than is allowed (ulimit -t)"),
    ):
        reader.write_text(f"#!/bin/sh\n{lines}\n")
        assert main(["sweep", str(directory), "--trust"]) == 2
        assert told in capsys.readouterr().err


def test_the_reader_reads_everything(directory: Path, monkeypatch) -> None:
    read = []
    monkeypatch.setattr(probe, "_start_clock", lambda: None)  # it would end this process
    monkeypatch.setattr(probe, "_read", lambda variable, most: read.append(variable.name))
    probe.read_all(directory)
    assert {"ai_views_last", "status"} <= set(read)
    probe.probe(directory)


def remember_wrongly(folder: Path) -> None:
    """Tells whether the file is read."""
    file_hash(folder)
    line = (folder / REMEMBERED).read_text()
    (folder / REMEMBERED).write_text(line[:-17] + "f" * 16 + "\n")


def test_the_hash_is_remembered_for_the_file(directory: Path) -> None:
    right = file_hash(directory)
    remember_wrongly(directory)
    assert file_hash(directory) == "f" * 16
    (directory / RESULT).chmod(0o400)
    assert file_hash(directory) == right
    remember_wrongly(directory)
    os.utime(directory / RESULT, ns=(OLD[0] + 1, OLD[1] + 1))
    assert file_hash(directory) == right
    (directory / REMEMBERED).write_text("nonsense")
    assert file_hash(directory) == right


def test_a_file_as_young_as_its_hash_is_read_again(directory: Path) -> None:
    os.utime(directory / RESULT, ns=(4 * OLD[0], 4 * OLD[1]))
    right = file_hash(directory)
    remember_wrongly(directory)
    assert file_hash(directory) == right


def test_a_file_that_is_being_written_is_in_use(directory: Path) -> None:
    with (directory / RESULT).open("r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(ReportError, match="in use: another program has it open for writing"):
            Result(directory)


def test_both_files_replaced_between_the_two_reads_are_read_again(directory: Path, monkeypatch) -> None:
    def merged_first(folder: Path) -> str:
        if (folder / PROVENANCE).read_text() == old:
            (folder / RESULT).write_bytes((folder / RESULT).read_bytes() + b"x")
            (folder / PROVENANCE).write_text(json.dumps({"xxh3_64": file_hash(folder)}))
        return file_hash(folder)

    old = (directory / PROVENANCE).read_text()
    monkeypatch.setattr(integrity, "file_hash", merged_first)
    assert check(directory, trust=False) == ""
    assert (directory / PROVENANCE).read_text() != old


def test_a_fifo_that_should_record_the_hash_makes_nothing_wait(directory: Path) -> None:
    (directory / PROVENANCE).unlink()
    os.mkfifo(directory / PROVENANCE)
    done = multiprocessing.get_context("fork").Process(target=check, args=(directory, False))
    done.start()
    done.join(timeout=20)
    waits = done.is_alive()
    done.kill()
    assert not waits
    assert done.exitcode == 0


def test_a_link_in_place_of_the_unfinished_hash_is_not_followed(directory: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (directory / REMEMBERED).unlink()
    (directory / f"{REMEMBERED}.part").symlink_to(victim)
    assert check(directory, trust=False) == ""
    assert victim.read_text() == "precious"
    assert (directory / REMEMBERED).is_file()
    assert not (directory / REMEMBERED).is_symlink()


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / RESULT)
    with pytest.raises(ReportError, match="not a regular file"):
        Result(tmp_path)


@pytest.mark.parametrize("name", ["a\\b", "s3:x", "#mode=s3", "~", "it's `id`", "-x", "a\nb", b"\xff\xfe"])
def test_folders_of_any_name_are_reported_on(tmp_path: Path, monkeypatch, name, capfdbinary) -> None:
    text = os.fsdecode(name)
    written = sweeps.run(tmp_path, "single")
    written.rename(tmp_path / text)
    monkeypatch.chdir(tmp_path)
    assert main(["sweep", "--", text]) == 0
    assert (tmp_path / text / "report" / "index.html").is_file()


def test_a_suggested_command_is_quoted(tmp_path: Path, capsys) -> None:
    assert main(["sweep", str(tmp_path / "it's")]) == 2
    assert "-o '" in capsys.readouterr().err


def test_control_characters_of_a_folder_are_shown(directory: Path, tmp_path: Path, capsys) -> None:
    odd = tmp_path / os.fsdecode(b"a\nb\x1b[31m\xff\xe2\x80\xae")
    directory.rename(odd)
    shown = r"a\nb\x1b[31m\xff\u202e"
    note_unchecked(Result(odd, trust=True))
    damage(odd)
    assert main(["sweep", str(odd)]) == 2
    with pytest.raises(SystemExit):
        main(["sweep", "a", str(odd)])
    lines = capsys.readouterr().err.splitlines()
    said = [line for line in lines if shown in line]
    assert [line.split("results.nc")[-1][:15] for line in said[:2]] == [": not checked: ", ": damaged or re"]
    assert len(said) == 3
    assert all(line.isprintable() for line in lines)


def test_a_sweep_without_a_result_is_told_what_is_next(directory: Path, capsys) -> None:
    (directory / "manifest.digico").touch()
    (directory / RESULT).unlink()
    assert main(["sweep", str(directory)]) == 2
    assert capsys.readouterr().err == (
        f"digico: {directory}/results.nc: not found; `digico status {directory}` says what is next\n"
    )


def test_a_file_in_place_of_a_folder_is_told_so(directory: Path, capsys) -> None:
    assert main(["sweep", str(directory / RESULT)]) == 2
    assert capsys.readouterr().err == f"digico: {directory}/results.nc: a file, expected a directory\n"
