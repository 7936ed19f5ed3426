"""The floors of the sources: the one list that the check, the picture and docs/ARCHITECTURE.md share."""

from typing import NamedTuple


class Floor(NamedTuple):
    """A folder, what it owns, and the only folders that may use it (none named: all above)."""

    folder: str
    owns: str  # at most some 50 characters: it stands in the picture
    only: tuple[str, ...] = ()


# Lowest first. A folder uses itself and the folders of lower rows; folders of one row do not use each other.
ROWS = (
    (Floor("include/digico", "the public C interface"),),
    (Floor("kernels/science", "the formulas of the model, each once"),),
    (Floor("kernels", "backend.h, the table of what a device can do"),),
    (
        Floor("kernels/cpu", "the schedule on CPUs, of these formulas", ("host/backends", "host/models")),
        Floor("kernels/cuda", "the schedule on GPUs, of the same formulas", ("host/backends",)),
    ),
    (Floor("host/base", "errors, files, hashes, JSON, clocks, text"),),
    (Floor("host/machine", "memory and processors that the job may use"),),
    (Floor("host/config", "keys, YAML, sweeps, fingerprints, shards"),),
    (Floor("host/backends", "the devices of this machine"),),
    (Floor("host/store", "netCDF: define, write, read"),),
    (Floor("host/models", "the models: start, batches, statistics, variables"),),
    (Floor("host/archive", "files of runs: batches and checkpoints"),),
    (Floor("host/directory", "a result directory: locks, inventory, merge"),),
    (Floor("host/engine", "runs: batches onto devices, estimates"),),
    (
        Floor("host/summary", "tables, beside the published numbers"),
        Floor("host/slurm", "job arrays for Slurm"),
    ),
    (Floor("host/cli", "the program; it alone prints and exits"),),
)

# What the rows do not allow: (file, folder that it includes, why).
EXCEPTIONS = (
    ("host/cli/command_bench.c", "bench", "`digico bench` runs the measurements of `bench/`"),
    ("kernels/cuda/warp.h", "tests/emulator", "the emulator stands in for what nvcc builds in"),
)

# a call that ends a process elsewhere: the child that the file starts, not the program
CHILDREN = (("host/store/probe.c", "_exit"),)

FLOORS = tuple(floor for row in ROWS for floor in row)
LEVEL = {floor.folder: level for level, row in enumerate(ROWS) for floor in row}
PRINTS = "host/cli"  # the folder that may print and exit
MOST_FILES = 45  # sources of a folder; past that nobody finds anything
