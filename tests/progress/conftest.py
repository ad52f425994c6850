"""What the tests of the progress page share."""

from __future__ import annotations

from dataclasses import replace

import pytest

from internlab.progress import bounded, catalogue, examples
from internlab.progress.limits import Limits

# A hostile lab is told apart in seconds; the limits are generous against a busy machine.
LIMITS = Limits(wall_s=40, cpu_s=4, cell_s=15, memory_mb=1500, folder_mb=40, file_mb=10)


@pytest.fixture(scope="session")
def lab():
    return catalogue.labs()[examples.LAB]


@pytest.fixture(scope="session")
def protection():
    return bounded.available()


@pytest.fixture(scope="session")
def limits():
    return LIMITS


@pytest.fixture(scope="session")
def short_cells():
    """Limits under which a cell with an endless loop is given up before its lab is."""
    return replace(LIMITS, cell_s=4, cpu_s=12)


@pytest.fixture
def run(tmp_path, lab):
    """Run a notebook, given as JSON or as the text of its file, and return its outcome."""

    def run_it(notebook, limits=LIMITS, **more):
        path = tmp_path / "someone" / f"{lab.file_name}.ipynb"
        if isinstance(notebook, dict):
            examples.write(notebook, path)
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(notebook, encoding="utf-8")
        return bounded.run_lab(path, lab, limits, hidden=[tmp_path], **more)

    return run_it
