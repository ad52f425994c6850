"""Write constraints.txt: the exact versions of everything the package list brings.

One file for every supported Python and platform. `make lock` runs it after a change to
``pyproject.toml``; it needs the network.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from internlab.files import atomic_write

ROOT = Path(__file__).resolve().parent.parent
UV = "uv==0.13.8"
HEADER = """\
# The exact versions that the kit is tested with, for every supported Python and platform.
# pip takes them with -c; they say which version, not what is installed (pyproject.toml does).
# Written by `make lock`; do not edit.
"""


def resolve(root: Path) -> str:
    """Return the resolved versions, one ``name==version [; marker]`` a line.

    One version for all Python versions where possible (``--fork-strategy fewest``): what is tested
    on one is what the others get.

    Raises
    ------
    subprocess.CalledProcessError
        If the list cannot be resolved; uv has said why.
    """
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", folder, UV]
        subprocess.run(pip, check=True)
        uv = [Path(folder) / "bin" / "uv", "pip", "compile", "pyproject.toml", "--quiet"]
        uv += ["--all-extras", "--universal", "--fork-strategy", "fewest", "--python-version"]
        uv += ["3.11", "--no-header", "--no-annotate", "--no-emit-index-url"]
        return subprocess.run(uv, cwd=root, check=True, text=True, stdout=subprocess.PIPE).stdout


def main() -> None:
    """Write ``constraints.txt``."""
    lines = resolve(ROOT).splitlines()
    strange = [x for x in lines if not re.fullmatch(r"[a-z0-9-]+==[\w.]+( ; .+)?", x)]
    if strange:
        sys.exit(f"Lines that pip would not take as constraints: {strange}. Nothing was written.")
    with atomic_write(ROOT / "constraints.txt") as path:
        path.write_text(HEADER + "\n".join(lines) + "\n", encoding="utf-8")
    print(f"constraints.txt: {len(lines)} packages")


if __name__ == "__main__":
    main()
