"""What each published set of biased images looks like as a folder."""

from __future__ import annotations

from dataclasses import dataclass

from internlab.data.cards import DataCard
from internlab.spelling import did_you_mean

_ORIGIN = (
    "A folder of yours, in the layout of kakaoenterprise/Learning-Debiased-Disentangled, whose "
    "README says where the authors keep the files."
)


@dataclass(frozen=True)
class Layout:
    """What is particular about a published set.

    Parameters
    ----------
    classes : int
        And as many biases.
    valid_is_shared : bool
        True where ``valid`` lies beside the percentages and not in each.
    valid_by_class, test_by_class : bool
        True where these have a folder for each class.
    tests_conflicting_only : bool
    card : DataCard
    """

    classes: int
    valid_is_shared: bool
    valid_by_class: bool
    test_by_class: bool
    tests_conflicting_only: bool
    card: DataCard


def _card(name: str, what: str, licence: str) -> DataCard:
    split = "As published: align and conflict train, valid validates, test tests. There is a "
    split += "balanced part only if the folder has one, beside valid; as published it has none."
    return DataCard(name, what, _ORIGIN, licence, 0, "", split)


LAYOUTS = {
    "cmnist": Layout(
        classes=10,
        valid_is_shared=False,
        valid_by_class=False,
        test_by_class=True,
        tests_conflicting_only=False,
        card=_card(
            "Coloured MNIST (published)",
            "28 x 28 pixel digits whose colour is the bias.",
            "The repository states none; MNIST is widely given as CC BY-SA 3.0.",
        ),
    ),
    "cifar10c": Layout(
        classes=10,
        valid_is_shared=False,
        valid_by_class=True,
        test_by_class=True,
        tests_conflicting_only=False,
        card=_card(
            "Corrupted CIFAR-10 (published)",
            "32 x 32 pixel photographs of ten kinds of things; a corruption is the bias.",
            "The repository states none, and neither does CIFAR-10's page.",
        ),
    ),
    "bffhq": Layout(
        classes=2,
        valid_is_shared=True,
        valid_by_class=False,
        test_by_class=False,
        tests_conflicting_only=True,
        card=_card(
            "BFFHQ (published)",
            "Photographs of faces (FFHQ): a class of age, with perceived gender as the bias. They "
            "show people. No lesson prints one, and what a network says about one says nothing "
            "about the person.",
            "The repository states none; FFHQ is CC BY-NC-SA 4.0, its photographs have licences "
            "of their own. Not for use in recognising people.",
        ),
    ),
}


def find_layout(dataset: str) -> Layout:
    """Return a layout by the name of its set.

    Raises
    ------
    ValueError
        If there is none of that name.
    """
    if dataset not in LAYOUTS:
        raise ValueError(
            f"There is no layout {dataset!r}; expected one of {', '.join(LAYOUTS)}."
            f"{did_you_mean(dataset, LAYOUTS)}"
        )
    return LAYOUTS[dataset]


def percentage_of(ratio: float) -> str:
    """Return the published name of a ratio of aligned images: 0.995 is ``"0.5pct"``."""
    return f"{round(100 * (1 - ratio), 3):g}pct"
