"""A small experiment whose question has yes or no for an answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from internlab.bars import Bar

SEEDS = (0, 1, 2, 3, 4)


@dataclass(frozen=True)
class Experiment:
    """A question that a measurement answers with yes or no.

    Parameters
    ----------
    name : str
        Short, to write a forecast under.
    question : str
        Answered by yes or no; it holds the number that decides.
    know : str
        What to know of the data and the method before you forecast.
    quantity : str
        What `measure` returns, for a table.
    measure : callable
        From a seed to one number. The seed draws whatever is drawn: the split, the noise.
    bar : Bar
        A seed says yes if its number meets the bar.
    why : str
        What explains the answer; shown after it.
    """

    name: str
    question: str
    know: str
    quantity: str
    measure: Callable[[int], float]
    bar: Bar
    why: str

    def run(self, seeds: Sequence[int] = SEEDS) -> Outcome:
        """Measure at every seed. The answer is yes if more than half of the seeds say so.

        Raises
        ------
        ValueError
            If the number of seeds is even: then there could be no majority.
        """
        if len(seeds) % 2 == 0:
            raise ValueError(
                f"{self.name} was to be run with {len(seeds)} seeds, expected an odd number: the "
                "majority of the seeds gives the answer, and half is none. Add a seed."
            )
        return Outcome(self, tuple(seeds), tuple(float(self.measure(seed)) for seed in seeds))


@dataclass(frozen=True)
class Outcome:
    """What an experiment gave, seed by seed."""

    experiment: Experiment
    seeds: tuple[int, ...]
    values: tuple[float, ...]

    @property
    def votes(self) -> int:
        """How many seeds say yes."""
        return sum(self.experiment.bar.holds(value) for value in self.values)

    @property
    def yes(self) -> bool:
        """Whether more than half of the seeds say yes."""
        return 2 * self.votes > len(self.values)
