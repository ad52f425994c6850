"""Silence what a library says about itself, where its results are checked instead."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet(*loggers: str, level: int = logging.CRITICAL + 1) -> Iterator[None]:
    """Ignore warnings, and log messages of the named loggers below `level`, within the block.

    Parameters
    ----------
    *loggers : str
        Their names, such as ``"torch.onnx"``.
    level : int
        The lowest that is still shown; by default none is.
    """
    found = [logging.getLogger(name) for name in loggers]
    before = [logger.level for logger in found]
    try:
        for logger in found:
            logger.setLevel(level)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, earlier in zip(found, before, strict=True):
            logger.setLevel(earlier)
