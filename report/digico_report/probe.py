"""Can a result be read to its end? HDF5 may crash in a damaged file, so a process of its own reads it before.

For files that no hash vouches for, as host/store/probe.c does: `python -m digico_report.probe DIRECTORY`.
"""

from __future__ import annotations

import errno
import math
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import netCDF4

from digico_report.errors import ReportError

RESULT = "results.nc"
CALL_SECONDS = 10  #: processor time that no single call needs: HDF5 may go round in circles
PIECE = 16 << 20  #: bytes read at a time
PACKED_MOST = 1032  #: deflate packs at most this many bytes into one: what a file cannot hold is not read


def open_file(directory: Path) -> netCDF4.Dataset:
    """DIR/results.nc. netCDF rewrites paths, as `a\\b` to `a/b`, so it never sees the folder's."""
    folder = os.open(directory, os.O_PATH | os.O_DIRECTORY)
    try:
        hidden = Path(f"/proc/self/fd/{folder}")
        return netCDF4.Dataset((hidden if hidden.exists() else directory) / RESULT)
    finally:
        os.close(folder)


def probe(directory: Path) -> None:
    """Refuse a file in which HDF5 crashes. What netCDF4 refuses by itself is met again by the caller."""
    package = str(Path(__file__).parent.parent)
    paths = os.pathsep.join(filter(None, [package, os.environ.get("PYTHONPATH", "")]))
    before = signal.getsignal(signal.SIGCHLD)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # where it is ignored nobody learns how a child ended
    try:
        done = subprocess.run(
            [sys.executable, "-m", "digico_report.probe", os.fspath(directory)],
            env={**os.environ, "PYTHONPATH": paths},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
    finally:
        signal.signal(signal.SIGCHLD, before)
    if done.returncode < 0:
        raise ReportError(f"{directory / RESULT}: {_told(-done.returncode)}")
    if done.returncode > 0:
        why = "cannot be read in a process of its own, as for want of memory or open files"
        raise ReportError(f"{directory / RESULT}: {why}")


def _told(number: int) -> str:
    if number == signal.SIGPROF:
        return "damaged: HDF5 comes to no end of reading it"
    if number == signal.SIGXCPU:
        return "reading it takes more processor time than is allowed (ulimit -t)"
    if number in (signal.SIGKILL, signal.SIGTERM):
        return "what read it was killed, as for want of memory"
    return f"damaged: HDF5 crashed while reading it: {signal.strsignal(number)}"


# ---- in the process of its own -------------------------------------------------------------------------


def _start_clock() -> None:
    """The next call has to end within its time; else a signal ends this process."""
    signal.setitimer(signal.ITIMER_PROF, CALL_SECONDS)


def _read(variable: Any, most: int) -> None:
    """All of a variable in pieces along its first dimension; no more than the file can hold."""
    row = 8 * math.prod(variable.shape[1:])  # bytes, at most
    if row > most:
        return
    if not variable.shape:
        variable[...]
        return
    step = max(1, PIECE // max(1, row))
    for first in range(0, min(variable.shape[0], most // max(1, row) + 1), step):
        _start_clock()
        variable[first : first + step]


def read_all(directory: Path) -> None:
    """Every attribute and every variable."""
    most = PACKED_MOST * (directory / RESULT).stat().st_size + PIECE
    _start_clock()
    with open_file(directory) as data:
        for owner in (data, *data.variables.values()):
            for name in owner.ncattrs():
                _start_clock()
                owner.getncattr(name)
        for variable in data.variables.values():
            _read(variable, most)


def read_here(directory: Path) -> int:
    """Exit code: 0, also where netCDF4 refuses the file, as the caller meets that, too; 1: not read."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for number in (signal.SIGPROF, signal.SIGXCPU):  # may have been ignored or blocked
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGPROF, signal.SIGXCPU))
    try:
        read_all(directory)
    except MemoryError:
        return 1
    except OSError as error:
        return 1 if error.errno in (errno.ENOMEM, errno.EMFILE, errno.ENFILE) else 0
    except Exception:  # of netCDF4
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(read_here(Path(sys.argv[1])))
