"""Checks of lab 41: the swap of LDD, the error set of JTT, and what a method is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from internlab.answers import number, same, several, tell, told_apart
from internlab.debias.exercises.baselines_losses import as_tensor, call_here
from internlab.debias.methods import METHODS, Needs
from internlab.exercises import Blank, NotYet, call
from internlab.spelling import did_you_mean

PARTS = ("what C_i reads", "the label for C_i", "what C_b reads", "the label for C_b")


def check_swap(answer: Callable[..., tuple[Tensor, Tensor, Tensor, Tensor]]) -> None:
    """Expect (z_i, z_b, labels, order) to (read by C_i, its labels, read by C_b, its labels)."""
    generator = torch.Generator().manual_seed(int(np.random.default_rng().integers(2**31)))
    z_i, z_b = torch.randn(2, 6, 3, generator=generator)
    # A rotation of six different labels: nothing stays where it was, and it is not its own inverse.
    labels, order = torch.randperm(6, generator=generator), torch.arange(6).roll(2)
    leaves = [each.clone().requires_grad_() for each in (z_i, z_b)]
    result = call_here(answer, *(each * 1 for each in leaves), labels.clone(), order.clone())
    if isinstance(result, tuple) and any(each is ... for each in result):
        raise Blank
    if not isinstance(result, (tuple, list)) or len(result) != 4:
        count = len(result) if isinstance(result, (tuple, list)) else 1
        raise NotYet(
            f"you gave {count} value{'s' * (count != 1)}, expected four: for each head, what does "
            "it read and what is its right answer?"
        )
    found = [as_tensor(each, what) for each, what in zip(result, PARTS, strict=True)]
    for_i, y_i, for_b, y_b = found
    _check_features(for_i, "C_i", z_i, z_b, order)
    _check_features(for_b, "C_b", z_i, z_b, order)
    if not torch.equal(y_i, labels):
        moved = torch.equal(y_i, labels[order])
        raise NotYet(
            f"C_i is to answer {y_i[0]} for the first image, whose class feature is of a "
            f"{labels[0]}. "
            + (
                "You have moved its label along with the bias: what did C_i keep?"
                if moved
                else "Which label belongs to z_i?"
            )
        )
    if not torch.equal(y_b, labels[order]):
        kept = torch.equal(y_b, labels)
        raise NotYet(
            f"C_b is to answer {y_b[0]} for the first image, whose bias feature came from an image "
            f"of class {labels[order][0]}. "
            + (
                "You have swapped the features and left the labels behind: which answer is right "
                "for a bias that came from elsewhere?"
                if kept
                else "Which label belongs to the swapped z_b?"
            )
        )
    _check_flow(for_i, "C_i", leaves, trained=0)
    _check_flow(for_b, "C_b", leaves, trained=1)


def _check_features(found: Tensor, head: str, z_i: Tensor, z_b: Tensor, order: Tensor) -> None:
    right = torch.cat([z_i, z_b[order]], dim=1)
    got = found.detach()
    if got.shape != right.shape:
        raise NotYet(
            f"what {head} reads has shape {tuple(got.shape)}, expected {tuple(right.shape)}: along "
            "which axis are the two features put together?"
        )
    if torch.allclose(got, right):
        return
    known = {
        "is not swapped: whose bias feature should an image get?": torch.cat([z_i, z_b], dim=1),
        "has the class feature swapped as well, so it is just another image. Which of the two "
        "stays?": torch.cat([z_i[order], z_b[order]], dim=1),
        "has the class feature swapped and the bias kept. Which of the two is to be made "
        "independent of the class?": torch.cat([z_i[order], z_b], dim=1),
        "begins with the bias feature. In which order did the heads learn to read?": torch.cat(
            [z_b[order], z_i], dim=1
        ),
    }
    for says, wrong in known.items():
        if torch.allclose(got, wrong):
            raise NotYet(f"what {head} reads {says}")
    raise NotYet(
        f"what {head} reads is neither swapped nor as it was: is image k given `z_b[order[k]]`?"
    )


def _check_flow(found: Tensor, head: str, leaves: list[Tensor], trained: int) -> None:
    """Only the encoder of a head's own feature may get a gradient from it."""
    names = ("z_i", "z_b")
    if found.requires_grad:
        gradients = torch.autograd.grad(found.sum(), leaves, allow_unused=True, retain_graph=True)
    else:
        gradients = (None, None)
    flows = [each is not None and bool(each.any()) for each in gradients]
    own, other = names[trained], names[1 - trained]
    if flows == [True, True]:
        raise NotYet(
            f"{head} would train both encoders, because a gradient flows into {other} as well. "
            "What would keep the class out of the bias encoder, and the other way round?"
        )
    if flows[1 - trained]:
        raise NotYet(
            f"{head} trains the encoder of {other} and not its own. Which of the two features is "
            "a plain number for it?"
        )
    if not flows[trained]:
        raise NotYet(
            f"{head} trains no encoder: no gradient reaches {own}. Which feature must not be "
            "detached here?"
        )


def check_audit(answer: Callable[..., tuple[float, float]]) -> None:
    """Expect (predictions, labels, biases) to (recall, precision) of the error set."""
    rng = np.random.default_rng()
    for _ in range(2):
        labels, biases, predictions, known_recall, known_precision = _error_set(rng)
        result = call(answer, predictions, labels, biases)
        recall, precision = (
            number(value, what)
            for value, what in zip(
                several(result, "recall", "precision"),
                ("the recall", "the precision"),
                strict=True,
            )
        )
        rights = known_recall.pop("right"), known_precision.pop("right")
        if same(precision, rights[0]) and same(recall, rights[1]):
            raise NotYet(
                f"you gave {recall:.4f} and {precision:.4f}, expected {rights[0]:.4f} and "
                f"{rights[1]:.4f}, so the wrong way round: which one asks about the conflicting "
                "images?"
            )
        for got, right, known, where in (
            (recall, rights[0], known_recall, " for the recall"),
            (precision, rights[1], known_precision, " for the precision"),
        ):
            asks = "of which images is it a share, and how many of those are in both sets?"
            tell(got, right, known, asks, after=where, share=True)


def _error_set(rng: np.random.Generator):
    """Draw predictions of a first network on which every known slip has a number of its own."""
    while True:
        labels = rng.permutation(np.arange(400) % 4)
        conflicting = rng.random(400) < 0.15
        biases = np.where(conflicting, (labels + rng.integers(1, 4, 400)) % 4, labels)
        follows = rng.random(400) < 0.8
        predictions = np.where(follows, biases, rng.integers(0, 4, 400))
        errors = predictions != labels
        both = float((errors & conflicting).sum())
        follow = (predictions == biases) & conflicting
        recall = {
            "right": both / conflicting.sum(),
            "is a share of all images. Of which images does recall ask how many were found?": (
                both / 400
            ),
            "is the share of conflicting images that follow the bias. An image that is wrong in "
            "another way is in the error set too: what makes an error?": (
                follow.sum() / conflicting.sum()
            ),
            "is the share of conflicting images that are right, which the error set misses. Which "
            "ones does it hold?": float((~errors & conflicting).sum()) / conflicting.sum(),
            "takes an error for `predictions != biases`. From what must a prediction differ to be "
            "wrong?": float(((predictions != biases) & conflicting).sum()) / conflicting.sum(),
            "is a number of images. Which share of the conflicting ones is it?": both,
            "is a share of the aligned images. Which ones is the error set to find?": (
                float((errors & ~conflicting).sum()) / (~conflicting).sum()
            ),
        }
        precision = {
            "right": both / errors.sum(),
            "is a share of all images. Of which images does precision ask how many conflict?": (
                both / 400
            ),
            "is the share of the error set that is aligned. Which part of it is wanted?": (
                float((errors & ~conflicting).sum()) / errors.sum()
            ),
            "is a share of the images that are right. Which ones are repeated?": (
                float((~errors & conflicting).sum()) / (~errors).sum()
            ),
            "is a number of images. Which share of the error set is it?": both,
            "is the share of the error set that follows its bias. A conflicting image can be wrong "
            "in another way, too: which images in the set conflict?": (
                float((errors & (predictions == biases)).sum()) / errors.sum()
            ),
        }
        clear = all(
            told_apart(100 * known["right"], *known.values()) for known in (recall, precision)
        )
        if clear and abs(recall["right"] - precision["right"]) > 1e-3:
            return labels, biases, predictions, recall, precision


NOTHING, BALANCED, TRAINING = "nothing", "balanced set", "training images"
_ASKED = ("erm", "resample", "group_dro", "lff", "jtt", "ldd", "dfr")
_WHY = {
    "erm": "ERM minimises the mean loss over all images",
    "resample": "resampling has to know which images share a class and a bias",
    "group_dro": "GroupDRO keeps a weight for each pair of class and bias",
    "lff": "LfF takes its weights from the losses of two networks",
    "jtt": "JTT takes its error set from what a first network gets wrong",
    "ldd": "LDD swaps features whichever image they come from",
    "dfr": "DFR trains its features like ERM, and then fits the last layer on something else",
}


def check_told(answer: Mapping[str, str]) -> None:
    """Expect a dictionary from the name of a method to where its bias labels are needed."""
    if getattr(answer, "ndim", 0) == 1 and hasattr(answer, "to_dict"):
        answer = answer.to_dict()  # a Series
    if not isinstance(answer, Mapping):
        raise NotYet(
            f"you gave {type(answer).__name__}, expected a dictionary from method to place: which "
            "method needs which labels?"
        )
    if any(value is ... for value in answer.values()):
        raise Blank
    missing = [name for name in _ASKED if name not in answer]
    strange = [name for name in answer if name not in METHODS]
    if missing and strange:
        _refuse_names(strange, missing)
    if missing:
        raise NotYet(f"there is no answer for {', '.join(missing)}: what are they told?")
    for name in _ASKED:
        _check_place(name, answer[name])


def _refuse_names(strange: list[Any], missing: list[str]) -> None:
    expected = f"expected the names {', '.join(_ASKED)}"
    if set(strange) <= {NOTHING, BALANCED, TRAINING}:
        raise NotYet(
            f"your keys are the places {', '.join(map(repr, strange))}, {expected}: what does your "
            "dictionary lead from, and what to?"
        )
    close = did_you_mean(str(strange[0]).lower(), missing)
    asks = f"is {strange[0]!r} spelled as there?"
    raise NotYet(f"{strange[0]!r} is no name of a method here, {expected}.{close or f' {asks}'}")


def _check_place(name: str, place: Any) -> None:
    places = {
        Needs.NOTHING: NOTHING,
        Needs.BALANCED_SET: BALANCED,
        Needs.TRAINING_BIAS_LABELS: TRAINING,
    }
    right = places[METHODS[name].needs]
    if place == right:
        return
    if place not in places.values():
        raise NotYet(
            f"for {name} you give {place!r}, expected one of {', '.join(places.values())}: where "
            "are its bias labels?"
        )
    told = f"for {name} you give {place!r}"
    if right == NOTHING:
        raise NotYet(
            f"{told}. {_WHY[name]}; where in that does a bias label occur, if its settings are "
            "given?"
        )
    if right == TRAINING:
        raise NotYet(f"{told}. {_WHY[name]}: of which images, then, must the bias be known?")
    raise NotYet(f"{told}. {_WHY[name]}: on which images, and how do class and bias go there?")
