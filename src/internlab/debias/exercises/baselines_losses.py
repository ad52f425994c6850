"""Checks of lab 41: the loss, the share and the weight of LfF."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from internlab.answers import in_print
from internlab.debias.methods.difficulty import relative_difficulty
from internlab.debias.methods.losses import cross_entropy, generalised_cross_entropy
from internlab.exercises import NotYet, call


def check_gce(answer: Callable[..., Tensor]) -> None:
    """Expect a function of logits (B, K), labels (B,) and q to a loss an image, (B,)."""
    generator = _generator()
    for q in (0.7, 0.4):
        logits = 2 * torch.randn(9, 4, generator=generator, dtype=torch.float64)
        labels = torch.randint(4, (9,), generator=generator)
        leaf = logits.clone().requires_grad_()
        loss = as_tensor(call_here(answer, leaf, labels.clone(), q), "the loss")
        if loss.shape != labels.shape:
            raise NotYet(
                f"your loss has shape {tuple(loss.shape)}, expected {tuple(labels.shape)}: is it "
                "one number an image?"
            )
        if not loss.requires_grad:
            raise NotYet(
                "nothing can be trained by your loss, because its gradient is cut off. Which part "
                "of it has to keep its gradient?"
            )
        got = torch.autograd.grad(loss.sum(), leaf)[0]
        _check_gradient(got, logits, labels, q)
        _check_zero(answer, q)


def _check_zero(answer: Callable[..., Tensor], q: float) -> None:
    """Expect no loss where the network is sure and right; no gradient could tell."""
    labels = torch.tensor([1, 0, 3])
    sure = 60 * torch.nn.functional.one_hot(labels, 4).double()
    loss = as_tensor(call_here(answer, sure.requires_grad_(), labels.clone(), q), "the loss")
    got = float(loss.detach()[0])
    if abs(got) < 1e-4:
        return
    told = (
        f"the gradient is right, but where the network is sure of the right class (p_y = 1) your "
        f"loss is {got:.4f}, expected 0"
    )
    if math.isclose(got, -1 / q, rel_tol=1e-4):
        raise NotYet(f"{told}. Yours is -p^q / q: what does the formula take p^q away from?")
    raise NotYet(f"{told}: what have you added to the formula, or left out?")


def _check_gradient(got: Tensor, logits: Tensor, labels: Tensor, q: float) -> None:
    def gradient(loss: Callable[[Tensor], Tensor]) -> Tensor:
        leaf = logits.clone().requires_grad_()
        return torch.autograd.grad(loss(leaf).sum(), leaf)[0]

    def own(x: Tensor) -> Tensor:
        return x.softmax(dim=1).gather(1, labels[:, None])[:, 0]

    right = gradient(lambda x: generalised_cross_entropy(x, labels, q))
    if _same(got, right):
        return
    plain = gradient(lambda x: cross_entropy(x, labels))
    known = {
        "points the other way: which sign has a loss that falls as p grows?": -right,
        "is that of the cross-entropy, so images that the network does not believe pull hardest. "
        "Where does q come in?": plain,
        "also flows through p^q, which then is trained as well. What has to be a plain number if "
        "p^q multiplies the cross-entropy?": gradient(
            lambda x: own(x) ** q * cross_entropy(x, labels)
        ),
        "is largest where the network is wrong: (1 - p)^q rather than p^q. Which images is a "
        "*biased* network to trust?": gradient(
            lambda x: (1 - own(x)).detach() ** q * cross_entropy(x, labels)
        ),
        "has the factor p^(1 - q). At q = 0 it has to be that of the cross-entropy: is it?": (
            gradient(lambda x: own(x).detach() ** (1 - q) * cross_entropy(x, labels))
        ),
        "is q times too small (as in the code that the authors of LfF published; Adam does not "
        "mind). By what does the paper divide 1 - p^q?": q * right,
        "takes p from the class that the network likes best. Whose probability is p_y?": (
            gradient(lambda x: x.softmax(1).amax(1).detach() ** q * cross_entropy(x, labels)),
            gradient(lambda x: (1 - x.softmax(1).amax(1) ** q) / q),
        ),
        "comes from a softmax over the images. Which numbers are to add up to one?": gradient(
            lambda x: (1 - x.softmax(0).gather(1, labels[:, None])[:, 0] ** q) / q
        ),
        "is that of (1 - p)^q / q. What is raised to the power q, p or 1 - p?": gradient(
            lambda x: (1 - own(x)) ** q / q
        ),
    }
    for says, wrong in known.items():
        if any(_same(got, each) for each in (wrong if isinstance(wrong, tuple) else (wrong,))):
            raise NotYet(f"the gradient of your loss {says}")
    image, logit = divmod(int((got - right).abs().argmax()), got.shape[1])
    given, expected = in_print(float(got[image, logit]), float(right[image, logit]))
    raise NotYet(
        f"for image {image} the slope for logit {logit} is {given}, expected {expected}: is it "
        "p_y^q times that of the cross-entropy?"
    )


def check_share(answer: Callable[..., np.ndarray]) -> None:
    """Expect a function of (old, new, labels, momentum), arrays (N,), to the shares (N,)."""
    rng = np.random.default_rng()
    for momentum in (0.7, 0.9):
        labels = rng.permutation(np.arange(12) % 3)
        old = rng.uniform(0.2, 1, 12) * (1 + labels)
        new = rng.uniform(0.2, 1, 12) * (1 + labels)
        got = as_array(call(answer, old, new, labels, momentum), labels.shape, "your shares")
        mean = momentum * old + (1 - momentum) * new
        turned = (1 - momentum) * old + momentum * new

        def by_class(values: np.ndarray, labels: np.ndarray = labels) -> np.ndarray:
            return np.array([values[labels == c].max() for c in range(3)])[labels]

        right = mean / by_class(mean)
        if np.allclose(got, right):
            continue
        summed = np.array([mean[labels == c].sum() for c in range(3)])[labels]
        known = {
            "are of the largest mean of *all* classes. The images of a class that is hard as a "
            "whole would all look conflicting: with which images is one compared?": (
                mean / mean.max()
            ),
            "have the new loss weighed by the momentum. With 0.9, should the running mean move "
            "quickly or slowly?": turned / by_class(turned),
            "are the running means themselves. Is a loss of 2 large?": mean,
            "use the new losses only. What is remembered?": new / by_class(new),
            "add up to one in each class, so an image of a large class counts less. What is "
            "the largest share of a class?": mean / summed,
            "divide by the largest *new* loss. Of which numbers is it a share?": (
                mean / by_class(new)
            ),
            "divide by the largest *old* mean. Of which numbers is it a share?": (
                mean / by_class(old)
            ),
            "use the old means only. What has this step to say?": old / by_class(old),
            "are shares of the old means and of the new losses, mixed. Which comes first, the "
            "running mean or the share?": (
                momentum * old / by_class(old) + (1 - momentum) * new / by_class(new)
            ),
            "divide by the mean of the class, so that half of them are above 1. Of which one of "
            "the class is it a share?": 4 * mean / summed,
            "are per cent: what are they as shares between 0 and 1?": 100 * right,
        }
        for says, wrong in known.items():
            if np.allclose(got, wrong):
                raise NotYet(f"your shares {says}")
        at = int(np.abs(got - right).argmax())
        given, expected = in_print(got[at], right[at])
        raise NotYet(
            f"image {at} of class {labels[at]} has {given}, expected {expected}: which is the "
            "largest running mean of its class?"
        )


def check_weight(answer: Callable[..., Tensor]) -> None:
    """Expect a function of two losses (B,), biased and debiased, to weights without gradient."""
    generator = _generator()
    losses = [0.1 + 2 * torch.rand(8, generator=generator, dtype=torch.float64) for _ in range(2)]
    leaves = [each.clone().requires_grad_() for each in losses]
    # The losses come from networks, so they are not leaves themselves.
    found = as_tensor(call_here(answer, *(each * 1 for each in leaves)), "the weights")
    biased, debiased = losses
    right = relative_difficulty(biased, debiased)
    if found.shape != right.shape:
        raise NotYet(
            f"your weights have shape {tuple(found.shape)}, expected {tuple(right.shape)}: is it "
            "one an image?"
        )
    got = found.detach().to(right.dtype)
    if not torch.allclose(got, right, atol=1e-6):
        known = {
            "are large where the *debiased* network fails. Which of the two fails on conflicting "
            "images?": debiased / (biased + debiased),
            "have no upper end. What does one image with a tiny loss do to the batch?": (
                biased / debiased
            ),
            "can be below zero, and a negative weight unlearns an image. What lies between 0 and "
            "1?": biased - debiased,
            "add up to one over the batch, so a weight depends on its neighbours. Which two losses "
            "of one image are compared?": right / right.sum(),
            "do not compare at all: they are the loss of the biased network. Which images are hard "
            "for both?": biased,
            "are per cent: what are they between 0 and 1?": 100 * right,
        }
        for says, wrong in known.items():
            if torch.allclose(got, wrong, atol=1e-6):
                raise NotYet(f"your weights {says}")
        at = int((got - right).abs().argmax())
        given, expected = in_print(float(got[at]), float(right[at]), digits=3)
        raise NotYet(
            f"for losses {biased[at]:.3f} (biased) and {debiased[at]:.3f} you give {given}, "
            f"expected {expected}: what share of the sum is the first?"
        )
    if found.requires_grad:
        raise NotYet(
            "the numbers are right, but a gradient flows through them. The biased network would be "
            "trained to move its weight instead of to become biased: what makes a tensor a plain "
            "number?"
        )


def call_here(answer: Callable[..., Any], *inputs: Any) -> Any:
    """Call an answer on these very tensors, so that gradients arrive in them."""
    if not callable(answer):
        return call(answer)
    return call(lambda: answer(*inputs))


def as_tensor(value: Any, what: str) -> Tensor:
    """Return the value if it is a tensor of finite numbers."""
    if not isinstance(value, Tensor):
        raise NotYet(
            f"{what}: you gave {type(value).__name__}, expected a tensor: which line left torch?"
        )
    if not torch.isfinite(value).all():
        raise NotYet(f"{what}: not all of it is finite. Where is a division or a logarithm of 0?")
    return value


def as_array(value: Any, shape: tuple[int, ...], what: str) -> np.ndarray:
    """Return the value as a float array of this shape."""
    try:
        found = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise NotYet(
            f"{what} came as {type(value).__name__}, expected numbers: what goes after `return`?"
        ) from None
    if found.shape != shape:
        raise NotYet(
            f"{what} have shape {found.shape}, expected {shape}: is it one number an image?"
        )
    if not np.isfinite(found).all():
        raise NotYet(f"{what} are not all finite, expected numbers: what do you divide by?")
    return found


def _same(got: Tensor, other: Tensor) -> bool:
    # As much as a softmax in float32 may be off.
    return torch.allclose(got, other, rtol=1e-4, atol=1e-5)


def _generator() -> torch.Generator:
    return torch.Generator().manual_seed(math.floor(np.random.default_rng().integers(2**31)))
