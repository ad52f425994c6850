"""The reference that the detectors are held against: the package pytorch-ood, as published.

The package imports torchvision at its top, which the kit does without. Its detectors and metrics
do not need it, so they are read straight from the published wheel, a zip archive, past the
package's own ``__init__``. Nothing is installed.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import types

from internlab.data.wheels import WheelSource, fetch_wheel

SOURCE = WheelSource(
    name="pytorch-ood",
    version="0.4.0",
    filename="pytorch_ood-0.4.0-py3-none-any.whl",
    sha256="f2c44400d2cd471856f7def0ba73df0142694718a46301d7af644a6ea390c186",
    size_bytes=524_198,
)
PACKAGE = "pytorch_ood"


def pytorch_ood(part: str) -> types.ModuleType:
    """Return a part of pytorch-ood 0.4.0 (Kirchheim, Filax, Ortmeier, 2022; Apache-2.0).

    Parameters
    ----------
    part : str
        Such as ``"detector"``, ``"metrics.functional"`` or ``"loss.oe"``.

    Returns
    -------
    module
        Read from the wheel, which is fetched once and checked.

    Raises
    ------
    DataUnavailable
        Without a network, if the wheel is not in the cache.
    ImportError
        If the part needs what is not installed.

    References
    ----------
    Kirchheim, Filax, Ortmeier, "PyTorch-OOD: A Library for Out-of-Distribution Detection Based on
    PyTorch", CVPR Workshops 2022. https://github.com/kkirchheim/pytorch-ood
    """
    if PACKAGE not in sys.modules:
        wheel = fetch_wheel(SOURCE)
        _add_hollow_package(PACKAGE, f"{wheel}/{PACKAGE}")
        # Its losses sit behind an __init__ that wants torchvision as well.
        _add_hollow_package(f"{PACKAGE}.loss", f"{wheel}/{PACKAGE}/loss")
    return importlib.import_module(f"{PACKAGE}.{part}")


def _add_hollow_package(name: str, place: str) -> None:
    """Register a package that runs no code of its own and finds its modules in `place`."""
    package = types.ModuleType(name)
    # Python's zip importer follows a path that leads into an archive.
    package.__path__ = [place]
    package.__spec__ = importlib.util.spec_from_loader(name, loader=None, is_package=True)
    sys.modules[name] = package
