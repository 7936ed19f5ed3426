"""What instruction rows allow a GPU at most: a scheduler issues one warp instruction a cycle."""

from argparse import Namespace
from typing import NamedTuple

from rows import read_rows


class Gpu(NamedTuple):
    """A GPU; its clock makes the float32 peak of the data sheet: multiprocessors x 128 lanes x 2 x clock."""

    name: str
    architecture: str  # whose PTX it runs
    multiprocessors: int
    teraflops: float

    @property
    def clock(self) -> float:
        """Clock in Hz."""
        return self.teraflops * 1e12 / (self.multiprocessors * 128 * 2)

    @property
    def instructions(self) -> float:
        """Warp instructions a second: four schedulers a multiprocessor."""
        return self.multiprocessors * 4 * self.clock


# NVIDIA's data sheets: H100 SXM and H200 SXM 67 TFLOPS of float32, HGX B200 600 for eight; multiprocessors by
# the architecture papers of Hopper, and what CUDA reports of a B200
GPUS = (
    Gpu("H100 SXM", "sm_90", 132, 67.0),
    Gpu("H200 SXM", "sm_90", 132, 67.0),
    Gpu("B200", "sm_100", 148, 75.0),
)


def write_bounds(options: Namespace) -> int:
    """Print agent-steps a second, in millions, by condition and GPU: steps and evolution together."""
    rows = {
        gpu.architecture: read_rows(options.folder / f"instructions_{gpu.architecture}.txt") for gpu in GPUS
    }
    print("condition", *(gpu.name for gpu in GPUS), sep=" | ")
    print("GHz", *(f"{gpu.clock / 1e9:.2f}" for gpu in GPUS), sep=" | ")
    print("warp instructions/s", *(f"{gpu.instructions:.3g}" for gpu in GPUS), sep=" | ")
    for condition in dict.fromkeys(key.split()[0] for key in rows[GPUS[0].architecture]):
        each = [
            gpu.instructions
            / (found[f"{condition} steps"]["all"] + found[f"{condition} evolution"]["all"])
            / 1e6
            for gpu, found in ((gpu, rows[gpu.architecture]) for gpu in GPUS)
        ]
        print(condition, *(f"{count:.0f}" for count in each), sep=" | ")
    return 0
