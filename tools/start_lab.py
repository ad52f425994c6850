"""Open JupyterLab on a notebook of the kit. Run with the environment's Python."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FIRST = "notebooks/00_start_here.ipynb"
NO_BROWSER = "INTERNLAB_NO_BROWSER"


def command(folder: Path = ROOT, notebook: str = FIRST) -> list[str]:
    """Return the JupyterLab command that opens a notebook, with all of `folder` in reach.

    Given as an argument, the notebook would make its own folder the root, and the labs beside it
    could not be opened; so it is the address that the browser begins with.
    """
    line = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={folder}"]
    line.append(f"--LabApp.default_url=/lab/tree/{notebook}")
    if os.environ.get(NO_BROWSER) == "1":
        line.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        line.append("--allow-root")  # in a container there is often nobody else
    return line


def environment() -> dict[str, str]:
    """Return the variables for JupyterLab, with the kit's settings in front of the learner's.

    ``tools/jupyter`` switches off the question about news that JupyterLab otherwise asks in front
    of the first notebook.
    """
    paths = [str(ROOT / "tools" / "jupyter"), os.environ.get("JUPYTER_CONFIG_PATH", "")]
    return {**os.environ, "JUPYTER_CONFIG_PATH": os.pathsep.join(path for path in paths if path)}


def main() -> None:
    """Replace this process by JupyterLab; further arguments are options for it."""
    os.chdir(ROOT)
    line = [*command(), *sys.argv[1:]]
    print(f"\nOpening JupyterLab on {FIRST}. Ctrl-C here stops it.\n", flush=True)
    os.execve(line[0], line, environment())


if __name__ == "__main__":
    main()
