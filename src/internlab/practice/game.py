"""The calibration game: answers to the experiments, for sealed forecasts only."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from internlab.practice.experiments import EXPERIMENTS, SEEDS, Experiment, Outcome
from internlab.practice.predictions import Sheet, load


@dataclass(frozen=True)
class Revealed:
    """What the experiments gave, folded away in a notebook until it is opened."""

    outcomes: dict[str, Outcome]

    @property
    def answers(self) -> dict[str, bool]:
        """Yes or no for each experiment."""
        return {name: outcome.yes for name, outcome in self.outcomes.items()}

    def _repr_html_(self) -> str:
        cell = "text-align:left;vertical-align:top;padding:2px 10px;border-bottom:1px solid #bbbbbb"
        rows = ""
        for name, outcome in self.outcomes.items():
            bar = outcome.experiment.bar
            said = "yes" if outcome.yes else "no"
            values = ", ".join(f"{value:.3g}" for value in outcome.values)
            texts = (
                f"<b>{html.escape(name)}</b>",
                f"<b>{said}</b>, {outcome.votes} of {len(outcome.values)} seeds say yes",
                html.escape(f"{outcome.experiment.quantity}: {values} (yes is {bar})"),
                html.escape(outcome.experiment.why),
            )
            rows += "<tr>" + "".join(f'<td style="{cell}">{text}</td>' for text in texts) + "</tr>"
        return (
            "<details><summary>The answers: open when your own forecasts are sealed</summary>"
            f"<table>{rows}</table></details>"
        )

    def __repr__(self) -> str:
        # The plain form is what a search or a diff shows, so it gives nothing away.
        return f"Revealed({len(self.outcomes)} answers)"


def questions(experiments: Mapping[str, Experiment] = EXPERIMENTS) -> dict[str, str]:
    """Return the text of each question under its name."""
    return {name: experiment.question for name, experiment in experiments.items()}


def reveal(
    *sheets: Sheet,
    experiments: Mapping[str, Experiment] = EXPERIMENTS,
    seeds: Sequence[int] = SEEDS,
) -> Revealed:
    """Run the experiments and score the sheets. Nothing runs unless every sheet is sealed.

    Raises
    ------
    ValueError
        If there is no sheet, one was edited after it was sealed, or asks other questions.
    """
    if not sheets:
        raise ValueError("Nothing is forecast yet: seal a sheet first, then ask for the answers.")
    for sheet in sheets:
        if not load(sheet.path).is_intact:
            raise ValueError(f"{sheet.path.name} was edited after it was sealed. Seal a new one.")
        if sheet.questions != questions(experiments):
            raise ValueError(
                f"{sheet.path.name} holds {len(sheet.questions)} questions that are not the "
                f"{len(experiments)} of these experiments. Seal a sheet on game.questions()."
            )
    revealed = Revealed({name: each.run(seeds) for name, each in experiments.items()})
    for sheet in sheets:
        sheet.score(revealed.answers)
    return revealed
