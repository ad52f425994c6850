"""What a method is given to learn from, and no more than it has declared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import InitVar, dataclass, field, replace
from enum import Flag, auto

import torch
from torch import Tensor, nn

from internlab.debias.stack.batches import Batch, shuffled, take, to_float, weighted
from internlab.debias.stack.generators import RunGenerators
from internlab.debias.stack.networks import NETWORKS, StackedLinear, StackedNetwork
from internlab.debias.stack.recipe import Recipe
from internlab.debias.stack.runs import Runs, StackedImages

# So many images of each run go through a network at once where no gradient is needed.
IMAGES_AT_ONCE = 500


class Needs(Flag):
    """What a method must be given beside images and classes.

    NOTHING
        No bias label in training. That its settings were chosen without any, this does not say.
    TRAINING_BIAS_LABELS
        The bias of every training image.
    BALANCED_SET
        A small set in which class and bias are independent, with its bias labels.
    KIND_OF_BIAS
        Knowing what kind of cue the bias is, such as a texture; no label.
    """

    NOTHING = 0
    TRAINING_BIAS_LABELS = auto()
    BALANCED_SET = auto()
    KIND_OF_BIAS = auto()


@dataclass
class Problem:
    """The training data of R runs as one method may see them.

    Of the runs it keeps the training images and what the method has declared. Validation and test
    set, and labels that were not declared, cannot be reached from here. All its tensors are on the
    device of the recipe, and so is whatever its generators draw.

    Parameters
    ----------
    runs : Runs
        The data.
    recipe : Recipe
        How to train.
    method : str
        Title of the method, for messages.
    needs : Needs
        What the method has declared.

    Attributes
    ----------
    classes, bias_values : int
        How many classes there are, K, and how many values of the bias.
    device : torch.device
        Where the images, networks and random numbers are.
    failures : list of str or None
        Why a run has failed, by run.
    """

    runs: InitVar[Runs]
    recipe: Recipe
    method: str
    needs: Needs
    classes: int = field(init=False)
    bias_values: int = field(init=False)
    device: torch.device = field(init=False)
    failures: list[str | None] = field(init=False)

    def __post_init__(self, runs: Runs) -> None:
        self.classes, self.bias_values = runs.classes, runs.biases
        self.device = torch.device(self.recipe.device)
        self.failures = [None] * len(runs)
        self._seeds, self._side = runs.seeds, runs.side
        self._refusal = self._refusal_of_biases(runs)
        self._refusal_of_balanced_set = self._refusal_of_balanced(runs)
        # What was not declared is not kept, so that no attribute leads to it.
        train = replace(runs.train, biases=None) if self._refusal else runs.train
        self._train = train.to(self.device)
        self._balanced = None if self._refusal_of_balanced_set else runs.balanced.to(self.device)

    def __len__(self) -> int:
        return len(self._seeds)

    @property
    def images(self) -> Tensor:
        """uint8 (R, N, H, W, 3), the training images."""
        return self._train.images

    @property
    def labels(self) -> Tensor:
        """int64 (R, N), their classes."""
        return self._train.labels

    @property
    def biases(self) -> Tensor:
        """int64 (R, N), their biases.

        Raises
        ------
        ValueError
            If the method has not declared that it needs them, or nobody has labelled them.
        """
        if self._train.biases is None:
            raise ValueError(self._refusal)
        return self._train.biases

    @property
    def balanced(self) -> StackedImages:
        """The small set in which class and bias are independent.

        Raises
        ------
        ValueError
            If the method has not declared that it needs it, there is none, or nobody has labelled
            its bias.
        """
        if self._balanced is None:
            raise ValueError(self._refusal_of_balanced_set)
        return self._balanced

    @property
    def groups(self) -> Tensor:
        """int64 (R, N), the group of each training image: label * biases + bias.

        Raises
        ------
        ValueError
            As `biases`.
        """
        return self.labels * self.bias_values + self.biases

    def generators(self, purpose: str) -> RunGenerators:
        """Return one generator a run, made from its seed and the purpose."""
        return RunGenerators(self._seeds, purpose, self.device)

    def network(self, purpose: str, *, feature_multiple: int = 1) -> StackedNetwork:
        """Return a new network of the recipe for all runs.

        Parameters
        ----------
        purpose : str
            Another purpose, another beginning. The same one gives every method the same weights.
        feature_multiple : int
            The head reads so many times the features of an image.
        """
        return NETWORKS[self.recipe.network](
            self._side,
            self.classes,
            self.generators(f"network {purpose}"),
            feature_multiple=feature_multiple,
        )

    def linear(self, purpose: str, inputs: int, outputs: int) -> StackedLinear:
        """Return a new linear layer for all runs."""
        return StackedLinear(inputs, outputs, self.generators(f"layer {purpose}"))

    def batches(
        self, purpose: str, steps: int, sampling_weights: Tensor | None = None
    ) -> Iterator[Batch]:
        """Yield one batch a step.

        Parameters
        ----------
        purpose : str
            Names the order of the images.
        steps : int
            How many batches.
        sampling_weights : tensor, optional
            (R, N), not negative: draw with replacement in proportion to them. Without, each run
            goes through its images in passes.
        """
        generators = self.generators(f"batches {purpose}")
        size = self.recipe.batch_size
        if sampling_weights is None:
            indices = shuffled(generators, self.labels.shape[1], size, steps)
        else:
            alive = torch.tensor([reason is None for reason in self.failures]).to(self.device)
            # A failed run has no weights to draw by; what it draws is of no use to anyone.
            weights = sampling_weights.to(self.device).where(alive[:, None], 1.0)
            indices = weighted(generators, weights, size, steps)
        train = self._train
        for step, index in enumerate(indices):
            yield Batch(
                to_float(take(train.images, index)),
                take(train.labels, index),
                index,
                step,
                steps,
                None if train.biases is None else take(train.biases, index),
                self._refusal,
            )

    def train_stage(
        self,
        parameters: list[nn.Parameter],
        losses: Callable[[Batch], Tensor],
        *,
        steps: int,
        purpose: str,
        sampling_weights: Tensor | None = None,
        after_step: Callable[[Batch], None] | None = None,
    ) -> None:
        """Train with Adam on the sum of the runs' losses, in which no run meets another.

        A run whose loss is not finite is marked in `failures` and stands still from then on.

        Parameters
        ----------
        parameters : list of parameter
            Each with the run as its first axis.
        losses : callable
            Takes a `Batch`, returns (R,).
        steps : int
            How many.
        purpose : str
            Names the stage, for its batches and messages.
        sampling_weights : tensor, optional
            (R, N), see `batches`.
        after_step : callable, optional
            Called with the batch after each step.
        """
        from internlab.debias.stack.optimise import optimise

        optimise(
            parameters,
            losses,
            self.batches(purpose, steps, sampling_weights),
            learning_rate=self.recipe.learning_rate,
            failures=self.failures,
            stage=purpose,
            after_step=after_step,
        )

    def over_training_images(self, compute: Callable[[Tensor], Tensor]) -> Tensor:
        """Return (R, N, ...), what a function of float images (R, B, H, W, 3) gives on all."""
        return in_pieces(self.images, compute, self.device)

    def _refusal_of_biases(self, runs: Runs) -> str:
        """Return why the biases of training images are not given, or nothing."""
        if Needs.TRAINING_BIAS_LABELS not in self.needs:
            return (
                f"{self.method} asked for the bias labels of the training images and has declared "
                f"{_names(self.needs)}. Add Needs.TRAINING_BIAS_LABELS to its `needs`, so that "
                "the ranking says so."
            )
        if runs.train.biases is None:
            return (
                f"{self.method} needs the bias label of every training image, and these runs have "
                "none. Choose a method that needs none, such as LfF."
            )
        return ""

    def _refusal_of_balanced(self, runs: Runs) -> str:
        """Return why the balanced set is not given, or nothing."""
        if Needs.BALANCED_SET not in self.needs:
            return (
                f"{self.method} asked for the balanced set and has declared {_names(self.needs)}. "
                "Add Needs.BALANCED_SET to its `needs`, so that the ranking says so."
            )
        if runs.balanced is None:
            return (
                f"{self.method} trains on a small balanced set with bias labels, and these runs "
                "have none: a folder as it was published holds no such images. Add a folder "
                "`balanced` beside `valid`, or choose a method that needs none, such as LfF."
            )
        if runs.balanced.biases is None:
            return (
                f"{self.method} trains on a small set with bias labels, and these runs have none. "
                "Choose a method that needs none, such as LfF."
            )
        return ""


@torch.no_grad()
def in_pieces(
    images: Tensor, compute: Callable[[Tensor], Tensor], device: str | torch.device
) -> Tensor:
    """Apply a function to images (R, N, H, W, 3) piece by piece, without gradients.

    It computes on `device`; what comes out goes where the images are.
    """
    found = [
        compute(to_float(piece.to(device))).to(images.device)
        for piece in images.split(IMAGES_AT_ONCE, dim=1)
    ]
    return torch.cat(found, dim=1)


def _names(needs: Needs) -> str:
    return " and ".join(str(each.name) for each in needs) or "NOTHING"
