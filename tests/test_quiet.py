"""Libraries are silenced within a block, and speak as before after it."""

import logging
import warnings

import pytest

from internlab.quiet import quiet


def test_it_silences_and_restores(caplog):
    logger = logging.getLogger("demo.library")
    logger.setLevel(logging.INFO)
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        with pytest.raises(RuntimeError), quiet("demo.library"):
            logger.critical("noise")
            warnings.warn("noise", stacklevel=1)
            raise RuntimeError
        assert logger.level == logging.INFO
        logger.info("news")
        warnings.warn("news", stacklevel=1)
    assert caplog.messages == ["news"]
    assert [str(each.message) for each in seen] == ["news"]


def test_a_level_lets_the_worst_through(caplog):
    with quiet("demo.library", level=logging.ERROR):
        logging.getLogger("demo.library").warning("noise")
        logging.getLogger("demo.library").error("news")
    assert caplog.messages == ["news"]
