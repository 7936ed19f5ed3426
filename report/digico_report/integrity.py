"""Is a result the file that was written? The files and rules of host/store/integrity.h."""

from __future__ import annotations

import fcntl
import json
import os
import shlex
import stat
from pathlib import Path

import xxhash

from digico_report.errors import ReportError

MANIFEST = "manifest.digico"
RESULT = "results.nc"
PROVENANCE = "provenance.json"  #: records the hash
REMEMBERED = ".results.nc.hash"  #: remembers it for the file, so that a large one is read for it once

CHUNK = 1 << 20  #: bytes read at a time
TRIES = 2  #: files that are replaced while they are read are read again, once


def check(directory: Path, trust: bool) -> str:
    """Refuse a result that is absent, in use or another file; why it was not compared, "" if it was."""
    path = directory / RESULT
    _refuse_absent(directory)
    _refuse_written(path)
    if trust:
        return "--trust"
    for _ in range(TRIES):
        recorded = recorded_hash(directory)
        if not recorded:
            return f"there is no {PROVENANCE} that records its hash"
        if file_hash(directory) == recorded:
            return ""
        if recorded_hash(directory) == recorded:
            break
    raise ReportError(
        f"{path}: damaged or replaced: its hash is not the one in {PROVENANCE}; "
        + ", ".join(filter(None, (_way_on(directory), "--trust reads it as it is")))
    )


def _way_on(directory: Path) -> str:
    """The program knows the command: it depends on the batches and on who computed them."""
    if not (directory / MANIFEST).exists():
        return ""
    return f"`digico status {quoted(directory)}` says what is next"


def quoted(directory: Path) -> str:
    """A folder as a shell takes it."""
    text = os.fspath(directory)
    return shlex.quote(f"./{text}" if text.startswith("-") else text)


def _refuse_absent(directory: Path) -> None:
    path = directory / RESULT
    try:
        mode = path.stat().st_mode
    except FileNotFoundError as error:
        way = f"`digico run FILE -o {quoted(directory)}` makes it"
        raise ReportError(f"{path}: not found; {_way_on(directory) or way}") from error
    except NotADirectoryError as error:
        raise ReportError(f"{directory}: a file, expected a directory") from error
    except OSError as error:
        raise ReportError(f"{path}: cannot open: {error.strerror}") from error
    if not stat.S_ISREG(mode):
        raise ReportError(f"{path}: not a regular file")


def _refuse_written(path: Path) -> None:
    """HDF5 holds a lock on a file that it writes; file systems without locks tell nothing."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise ReportError(f"{path}: in use: another program has it open for writing") from error
    except PermissionError as error:
        raise ReportError(f"{path}: cannot be read: {error.strerror}") from error
    except OSError:
        pass


# ---- hashes --------------------------------------------------------------------------------------------


def recorded_hash(directory: Path) -> str:
    """The hash in provenance.json, "" if there is none."""
    path = directory / PROVENANCE
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # to read a FIFO waits for ever
            return ""
        says = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    text = says.get("xxh3_64") if isinstance(says, dict) else None
    return text if isinstance(text, str) and _is_hash(text) else ""


def _is_hash(text: str) -> bool:
    return len(text) == 16 and set(text) <= set("0123456789abcdef")


def file_hash(directory: Path) -> str:
    """The hash of results.nc, remembered or read from all of it."""
    path, remembered = directory / RESULT, directory / REMEMBERED
    before = path.stat()
    found = _recall(remembered, before)
    if not found:
        found = _hash(path)
        if _identity(path.stat()) == _identity(before):
            _remember(remembered, before, found)
    return found


def _hash(path: Path) -> str:
    state = xxhash.xxh3_64()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            state.update(chunk)
    return state.hexdigest()


def _identity(file: os.stat_result) -> str:
    """What a remembered hash holds for."""
    return f"{file.st_ino} {file.st_size} {file.st_mtime_ns} {file.st_ctime_ns} "


def _recall(remembered: Path, file: os.stat_result) -> str:
    """A hash that is not younger than the file counts for nothing: both may be of one tick of the clock."""
    try:
        info = remembered.stat()
        if not stat.S_ISREG(info.st_mode) or info.st_mtime_ns <= file.st_mtime_ns:
            return ""
        line = remembered.read_text(encoding="ascii").rstrip("\n")
    except (OSError, ValueError):
        return ""
    identity = _identity(file)
    found = line.removeprefix(identity)
    return found if line.startswith(identity) and _is_hash(found) else ""


def _remember(remembered: Path, file: os.stat_result, found: str) -> None:
    """That may fail, as in a folder of another user."""
    part = remembered.with_name(f"{remembered.name}.part")
    try:
        part.unlink(missing_ok=True)  # it may be a link to another file
        with part.open("x", encoding="ascii") as new:
            new.write(f"{_identity(file)}{found}\n")
        part.replace(remembered)
    except OSError:
        pass
