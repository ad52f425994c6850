"""What goes into the two bundles, and how they are written.

Everything is taken from the sources and from the files that git knows, so that nobody's answers,
notes or caches travel along. The same tree gives the same bundle, byte for byte.
"""

from __future__ import annotations

import platform
import re
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

from authoring.build import sources, targets
from authoring.notebook_file import as_text
from internlab.files import atomic_write

#: The folder that both bundles unpack into, the instructor's over the participants'.
FOLDER = "internlab-workshop"
#: What participants get as it is in the kit. Neither the labs' sources nor the tests: both tell
#: the answers.
AS_IT_IS = ("src", "data", "docs", "notebooks", "tools", "LICENSE", "constraints.txt")
AS_IT_IS += ("pyproject.toml", "environment.yml")
#: Tools of those who build the kit.
LEFT_OUT = ("tools/lock.py", "tools/wheelhouse.py")

_TEXTS = Path(__file__).resolve().parent
# The earliest date a zip archive knows; a real one would make every bundle another file.
_DATE = (1980, 1, 1, 0, 0, 0)

Content = Mapping[str, bytes | Path]


def made_for() -> str:
    """Return what the wheels gathered here are for, such as ``Linux x86_64, Python 3.11``."""
    system = {"Darwin": "macOS"}.get(platform.system(), platform.system())
    return f"{system} {platform.machine()}, Python {_python()}"


def label() -> str:
    """Return the same for a file's name, such as ``linux-x86_64-py3.11``."""
    return f"{platform.system()}-{platform.machine()}-py{_python()}".lower()


def participants(root: Path, wheels: Path | None, downloads: list[Path]) -> dict[str, bytes | Path]:
    """Return what the participants get, by its path in the bundle.

    Parameters
    ----------
    root : Path
        The kit's folder, a git clone.
    wheels : Path or None
        Folder of the packages; without one the bundle installs from the network.
    downloads : list of Path
        Files of ``data/cache`` that a lesson would otherwise fetch.
    """
    content: dict[str, bytes | Path] = {
        name: root / name for name in _tracked(root, AS_IT_IS) if name not in LEFT_OUT
    }
    # A learner may have answered the labs of this clone; the blank ones come from the sources.
    content.update(_labs(root, "labs"))
    content.update({f"data/cache/{path.name}": path for path in downloads})
    content["Makefile"] = (_TEXTS / "Makefile.participants").read_bytes()
    content["README.md"] = _readme(wheels is not None).encode()
    if wheels is not None:
        content.update({f"wheels/{path.name}": path for path in sorted(wheels.glob("*.whl"))})
        text = (root / "pyproject.toml").read_text(encoding="utf-8")
        content["pyproject.toml"] = _this_python_only(text).encode()
    return content


def instructors(root: Path, guide: Mapping[str, str]) -> dict[str, bytes | Path]:
    """Return what the instructor unpacks over it: the solutions and the guide, by path."""
    content: dict[str, bytes | Path] = dict(_labs(root, "solutions"))
    content.update({f"guide/{name}": text.encode() for name, text in guide.items()})
    return content


def write(content: Content, target: Path) -> None:
    """Write a bundle, whole or not at all.

    Raises
    ------
    OSError
        If it cannot be written, for example because the disk is full.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(target) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for name in sorted(content):
            entry = zipfile.ZipInfo(f"{FOLDER}/{name}", _DATE)
            entry.external_attr = 0o100644 << 16
            # A wheel is compressed already.
            squeeze = not name.endswith((".whl", ".png", ".npz"))
            entry.compress_type = zipfile.ZIP_DEFLATED if squeeze else zipfile.ZIP_STORED
            what = content[name]
            archive.writestr(entry, what if isinstance(what, bytes) else what.read_bytes())


def _labs(root: Path, folder: str) -> dict[str, bytes]:
    """Return the labs, blank (``labs``) or solved (``solutions``), by their path in the bundle."""
    return {
        path.relative_to(root).as_posix(): as_text(notebook).encode()
        for source in sources(root)
        for path, notebook in targets(source, root).items()
        if path.parent.name == folder
    }


def _tracked(root: Path, names: tuple[str, ...]) -> list[str]:
    """Return the files that git knows below some folders.

    Raises
    ------
    RuntimeError
        If the kit is no git clone; what is a learner's own could not be told from the kit's.
    """
    command = ["git", "-C", str(root), "ls-files", "-z", "--", *names]
    listed = subprocess.run(command, capture_output=True, text=True)
    if listed.returncode != 0:
        raise RuntimeError(
            f"git could not list the kit's files: {listed.stderr.strip()}. Make the bundles in a "
            "clone of the kit, so that your own answers and notes stay out of them."
        )
    return [name for name in listed.stdout.split("\0") if name and (root / name).is_file()]


def _readme(offline: bool) -> str:
    text = (_TEXTS / "participants.md").read_text(encoding="utf-8")
    need = f"{made_for()}, `make`, and 5 GB of free disk"
    if not offline:
        need = "Python 3.11 to 3.14, `make`, 5 GB of free disk, and a network for the set-up"
    return text.replace("{{need}}", need)


def _this_python_only(pyproject: str) -> str:
    """Return the project file with the one Python that the wheels are for."""
    minor = sys.version_info[1]
    only = f'requires-python = ">=3.{minor},<3.{minor + 1}"'
    changed, count = re.subn(r"^requires-python = .*$", only, pyproject, flags=re.MULTILINE)
    if count != 1:
        raise ValueError("pyproject.toml: expected one line 'requires-python = ...'.")
    return changed


def _python() -> str:
    return f"{sys.version_info[0]}.{sys.version_info[1]}"
