"""The optimisation profile: which shapes an engine must accept, and for which it is tuned."""

from __future__ import annotations

from dataclasses import dataclass

_AXES = ("height", "width")


@dataclass(frozen=True)
class Profile:
    """Shapes of the low-resolution input that an engine accepts.

    TensorRT chooses kernels by the `optimum` and reserves memory for the `maximum`.

    Parameters
    ----------
    minimum, optimum, maximum : pair of int
        Height and width in pixels.
    batch : triple of int
        Smallest, usual and largest number of images in a call.

    Raises
    ------
    ValueError
        If a number is not a positive integer, or an axis does not obey
        minimum <= optimum <= maximum.
    """

    minimum: tuple[int, int]
    optimum: tuple[int, int]
    maximum: tuple[int, int]
    batch: tuple[int, int, int] = (1, 1, 1)

    def __post_init__(self) -> None:
        for name in ("minimum", "optimum", "maximum"):
            value = getattr(self, name)
            if not isinstance(value, (tuple, list)) or len(value) != 2:
                raise ValueError(
                    f"{name}={value!r}: expected height and width in pixels, such as (128, 128)."
                )
            object.__setattr__(self, name, tuple(value))
        if not isinstance(self.batch, (tuple, list)) or len(self.batch) != 3:
            raise ValueError(f"batch={self.batch!r}: expected three numbers, such as (1, 1, 8).")
        object.__setattr__(self, "batch", tuple(self.batch))
        axes = {
            axis: (self.minimum[i], self.optimum[i], self.maximum[i])
            for i, axis in enumerate(_AXES)
        }
        for axis, triple in {**axes, "batch": self.batch}.items():
            _check_axis(axis, triple)

    def shapes(self, channels: int = 3) -> tuple[tuple[int, int, int, int], ...]:
        """Return the smallest, optimal and largest input shape (N, C, H, W)."""
        spatial = (self.minimum, self.optimum, self.maximum)
        return tuple(
            (count, channels, *size) for count, size in zip(self.batch, spatial, strict=True)
        )

    def covers(self, height: int, width: int, batch: int = 1) -> bool:
        """Say whether an engine with this profile accepts `batch` images of height x width."""
        return (
            self.minimum[0] <= height <= self.maximum[0]
            and self.minimum[1] <= width <= self.maximum[1]
            and self.batch[0] <= batch <= self.batch[2]
        )

    def __str__(self) -> str:
        sizes = " / ".join(
            f"{height}x{width}" for height, width in (self.minimum, self.optimum, self.maximum)
        )
        return sizes if self.batch == (1, 1, 1) else f"{sizes}, batch {self.batch}"


def _check_axis(axis: str, triple: tuple[int, int, int]) -> None:
    for value in triple:
        if isinstance(value, bool) or not hasattr(value, "__index__") or value < 1:
            raise ValueError(
                f"The profile's {axis} has {value!r}: expected positive whole numbers."
            )
    low, usual, high = triple
    if not low <= usual <= high:
        raise ValueError(
            f"The profile's {axis} has minimum {low}, optimum {usual}, maximum {high}: expected "
            "minimum <= optimum <= maximum. Put the size you run most often as the optimum."
        )
