"""How much work a notebook does, and on which device: the three tiers smoke, cpu and gpu."""

from __future__ import annotations

import os
import random
from typing import TypeVar

TIERS = ("smoke", "cpu", "gpu")
TIER_VARIABLE = "INTERNLAB_TIER"
REQUIRE_GPU_VARIABLE = "INTERNLAB_REQUIRE_GPU"

T = TypeVar("T")


def current() -> str:
    """Return the tier in force: ``"smoke"``, ``"cpu"`` or ``"gpu"``.

    The environment variable ``INTERNLAB_TIER`` decides. Unset, it is ``"gpu"`` where PyTorch sees
    a CUDA device and ``"cpu"`` elsewhere.

    Raises
    ------
    ValueError
        If the variable holds anything else.
    RuntimeError
        If the tier is ``gpu`` and no CUDA device is seen.
    """
    name = os.environ.get(TIER_VARIABLE, "").strip().lower()
    if not name:
        return "gpu" if gpu_available() else "cpu"
    if name not in TIERS:
        raise ValueError(
            f"{TIER_VARIABLE}={name!r} is not a tier. Expected one of {', '.join(TIERS)}; "
            "unset it to let the machine decide."
        )
    if name == "gpu" and not gpu_available():
        raise RuntimeError(
            f"{TIER_VARIABLE}=gpu, but PyTorch sees no CUDA device. Check the driver with "
            f"nvidia-smi and that a CUDA build of torch is installed, or set {TIER_VARIABLE}=cpu."
        )
    return name


def pick(*, smoke: T, cpu: T, gpu: T | None = None) -> T:
    """Return the value for the tier in force; `gpu` defaults to the value for `cpu`."""
    values = {"smoke": smoke, "cpu": cpu, "gpu": cpu if gpu is None else gpu}
    return values[current()]


def gpu_available() -> bool:
    """Say whether PyTorch sees a CUDA device."""
    import torch

    return torch.cuda.is_available()


def device():
    """Return the ``torch.device`` that training uses: CUDA on the gpu tier, else the CPU."""
    import torch

    return torch.device("cuda" if current() == "gpu" else "cpu")


def skip_without_gpu(what: str, instead: str) -> bool:
    """Say whether to skip a step that needs a GPU, and print what is skipped.

    A skip that nobody sees is the classic hole of notebook CI, so on a machine that is meant to
    have a GPU (``INTERNLAB_REQUIRE_GPU=1``) the skip is an error.

    Parameters
    ----------
    what : str
        The step, for the printed line.
    instead : str
        What the lesson shows in its place.

    Returns
    -------
    bool
        True without a GPU.

    Raises
    ------
    RuntimeError
        If there is no GPU and ``INTERNLAB_REQUIRE_GPU=1``.
    """
    if gpu_available():
        return False
    if os.environ.get(REQUIRE_GPU_VARIABLE) == "1":
        raise RuntimeError(
            f"{what} needs a GPU, {REQUIRE_GPU_VARIABLE}=1 says there is one, and PyTorch sees "
            "none. Check nvidia-smi and that a CUDA build of torch is installed."
        )
    print(f"Skipped, no CUDA device: {what}. Shown instead: {instead}.")
    return True


def seed_everything(seed: int) -> int:
    """Seed Python, NumPy and PyTorch, and return `seed`.

    The kit's own functions take generators; this is for libraries that draw from the global state.
    """
    import numpy as np
    import torch

    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    return seed


def one_thread() -> None:
    """Let PyTorch use one thread, so that CPU-seconds are comparable and processes do not fight."""
    import torch

    torch.set_num_threads(1)
