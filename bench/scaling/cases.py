"""What is run: three series, each along one size, and the least there is to run."""

from __future__ import annotations

from dataclasses import dataclass

STEPS = 50  #: of a generation
CONDITIONS = 10  #: at most; runs of one seed share the making of their niche
REPEATS, QUICK_REPEATS = 3, 1


@dataclass(frozen=True)
class Case:
    """One experiment: `runs` runs, of up to ten conditions with as many seeds each, as sweeps have them."""

    runs: int
    agents: int
    generations: int

    @property
    def text(self) -> str:
        """Its configuration.

        Genotype distances, which are measured every 50 generations, would be in one of a few here: left out.
        """
        conditions = min(self.runs, CONDITIONS)
        values = ", ".join(f"0.{k}" for k in range(conditions))
        seeds = f"{{from: 1, to: {self.runs // conditions}}}"
        return (
            f"agents: {self.agents}\ngenerations: {self.generations}\nsteps: {STEPS}\n"
            "measures: {diversity_every: 0}\n"
            f"sweep: {{product: {{reward.truthfulness: [{values}], seed: {seeds}}}}}\n"
        )

    def __post_init__(self) -> None:
        """No run is lost by dividing."""
        if self.runs % min(self.runs, CONDITIONS):
            raise ValueError(f"{self.runs} runs, expected at most {CONDITIONS} or a multiple")

    @property
    def agent_steps(self) -> int:
        """What it computes."""
        return self.runs * self.agents * STEPS * self.generations

    @property
    def weight(self) -> float:
        """About the seconds that it takes on two cores: what is left is reckoned by it, nothing else."""
        per_agent_step = 0.35e-6 + 5e-9 * self.agents
        start = self.runs * (8e-4 + 1.5e-6 * self.agents**2)
        return 0.1 + start + self.agent_steps * per_agent_step / min(self.runs, 2)


@dataclass(frozen=True)
class Series:
    """Cases that differ in one size: `along` names the field, the others are those of `base`."""

    along: str
    base: Case
    sizes: tuple[int, ...]

    @property
    def cases(self) -> list[Case]:
        """From the smallest to the largest."""
        return [Case(**{**self.base.__dict__, self.along: size}) for size in self.sizes]


#: process, libraries, an empty result: fixed costs
LEAST = Case(runs=1, agents=6, generations=1)

# agents are a multiple of the three groups. The upper decade, which is fitted, has four points or more
SERIES = (
    Series("runs", Case(1, 30, 4), (1, 3, 10, 30, 100, 300, 1000, 2000, 5000, 10000)),
    Series("agents", Case(1, 30, 8), (12, 30, 60, 99, 180, 300, 600, 999, 1800, 3000)),
    Series("generations", Case(8, 30, 1), (1, 3, 10, 30, 100, 300, 1000, 2000, 5000, 10000)),
)
QUICK_SERIES = (
    Series("runs", Case(1, 30, 4), (1, 10, 30, 100, 300)),
    Series("agents", Case(1, 30, 8), (12, 99, 300, 600, 900)),
    Series("generations", Case(8, 30, 1), (1, 10, 30, 100, 300)),
)
