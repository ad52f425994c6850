"""Images whose labels come with a bias, and the four parts that a method is trained and judged on.

A class and the bias that goes with it share their index. An image is *bias-aligned* where the two
agree and *bias-conflicting* where they do not. Of a group of images with the same class and the
same bias one speaks as group ``label * bias_count + bias``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from internlab.data.cards import DataCard


@dataclass(frozen=True)
class BiasedImages:
    """Images, the class of each, and its bias.

    Parameters
    ----------
    images : array
        (N, H, W, 3), uint8 RGB.
    labels, biases : array
        (N,), int64, from 0.
    bias_count : int, optional
        Kinds of bias there are, also where this part has none of the last one; by default as many
        as the labels and biases here show.

    Raises
    ------
    ValueError
        If shapes or dtypes are others, or a label or bias is out of range.
    """

    images: np.ndarray
    labels: np.ndarray
    biases: np.ndarray
    bias_count: int | None = None

    def __post_init__(self) -> None:
        shape = np.shape(self.images)
        if len(shape) != 4 or shape[3] != 3 or self.images.dtype != np.uint8:
            raise ValueError(
                f"images have shape {shape} and dtype {np.asarray(self.images).dtype}; expected "
                "(N, height, width, 3) and uint8."
            )
        for name in ("labels", "biases"):
            values = np.asarray(getattr(self, name))
            if values.shape != shape[:1] or values.dtype != np.int64:
                raise ValueError(
                    f"{name} have shape {values.shape} and dtype {values.dtype}; expected "
                    f"({shape[0]},), one for each image, and int64."
                )
        if self.bias_count is None:
            both = np.concatenate([self.labels, self.biases, [-1]])
            object.__setattr__(self, "bias_count", int(both.max()) + 1)
        for name in ("labels", "biases"):
            values = getattr(self, name)
            wrong = values[(values < 0) | (values >= self.bias_count)]
            if len(wrong):
                raise ValueError(
                    f"{name} hold {wrong[0]}; expected 0 to {self.bias_count - 1}, for a class and "
                    "the bias that goes with it share their index."
                )

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def aligned(self) -> np.ndarray:
        """(N,), bool: True where an image has the bias that goes with its class."""
        return self.labels == self.biases

    @property
    def groups(self) -> np.ndarray:
        """(N,), int64: label * bias_count + bias."""
        return self.labels * self.bias_count + self.biases

    def take(self, chosen: np.ndarray) -> BiasedImages:
        """Return the images of an index or mask (n,)."""
        return BiasedImages(
            self.images[chosen], self.labels[chosen], self.biases[chosen], self.bias_count
        )


@dataclass(frozen=True)
class BiasedSplits:
    """A data set at one ratio and seed.

    Parameters
    ----------
    name : str
    ratio : float
        Share of bias-aligned images in `train` and `validation`.
    seed : int
        Which images `train`, `validation` and `balanced` have. `test` is the same for all seeds.
    train : BiasedImages
    validation : BiasedImages
        Drawn like `train`. To choose settings *without* bias labels, look at its labels only.
    balanced : BiasedImages or None
        Small, with as many images in every group: what a method or a rule *with* bias labels has.
        None for a set that was published without one.
    test : BiasedImages
        With as many images in every group, for reporting only.
    class_names, bias_names : tuple of str
        Index k of both belong together.
    card : DataCard
    is_fallback : bool
        True where other images stand in for those that could not be fetched.
    """

    name: str
    ratio: float
    seed: int
    train: BiasedImages
    validation: BiasedImages
    balanced: BiasedImages | None
    test: BiasedImages
    class_names: tuple[str, ...]
    bias_names: tuple[str, ...]
    card: DataCard
    is_fallback: bool = False

    @property
    def side(self) -> int:
        """Height and width of the images, in pixels."""
        return self.train.images.shape[1]

    @property
    def parts(self) -> dict[str, BiasedImages]:
        """The parts by name; without ``"balanced"`` where there is none."""
        found = {part: getattr(self, part) for part in PARTS}
        return {part: images for part, images in found.items() if images is not None}


PARTS = ("train", "validation", "balanced", "test")
