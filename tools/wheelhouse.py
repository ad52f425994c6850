"""Gather every package that a workshop bundle needs, as wheels in one folder.

``make workshop`` runs it with the environment's Python. The wheels are for this kind of machine and
this Python; pip keeps what it has fetched, and a folder that is complete is left alone.
"""

from __future__ import annotations

import os
import shutil
import sys
import tomllib
from pathlib import Path

from bootstrap import CPU_INDEX, INDEX_VARIABLE, torch_pin
from run_pip import failure, run_logged

ROOT = Path(__file__).resolve().parent.parent


def requirements(root: Path) -> list[str]:
    """Return what a participant needs: the kit's dependencies, and what builds the kit itself."""
    text = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    return [*text["project"]["dependencies"], *text["build-system"]["requires"]]


def gather(folder: Path, root: Path = ROOT) -> None:
    """Fill a folder with wheels, all of them or none.

    Raises
    ------
    Problem
        If pip fails; the message says why, and the folder is not made.
    """
    log = root / ".cache" / "setup" / "wheels.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text("", encoding="utf-8")
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    scratch = partial / "scratch"
    scratch.mkdir(parents=True)
    try:
        pip = [sys.executable, "-m", "pip", "wheel", "--no-input", "--progress-bar", "off"]
        pip += ["--disable-pip-version-check", "--wheel-dir", str(partial)]
        # As in the set-up: the build without CUDA where it can be had, the ordinary one elsewhere.
        index = os.environ.get(INDEX_VARIABLE, CPU_INDEX).strip()
        if sys.platform.startswith("linux") and index.lower() not in ("", "none"):
            first = [*pip, "--no-deps", "--retries", "1", "--timeout", "15", "--index-url", index]
            run_logged([*first, torch_pin(str(root))], str(log), str(root), str(scratch))
        command = [*pip, "--find-links", str(partial), "-c", str(root / "constraints.txt")]
        status, output = run_logged(
            [*command, *requirements(root)], str(log), str(root), str(scratch)
        )
        if status != 0:
            raise failure("Gathering the packages", output, str(log))
        shutil.rmtree(scratch)
        shutil.rmtree(folder, ignore_errors=True)
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def main() -> int:
    """Gather the wheels into the folder that the argument names; return the exit status."""
    folder = Path(sys.argv[1]).resolve()
    if folder.is_dir():
        return 0
    print("Gathering the packages as wheels: about 0.8 GB to download, once.", flush=True)
    try:
        gather(folder)
    except Exception as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. Nothing half-made is left behind.", file=sys.stderr)
        return 130
    count = len(list(folder.glob("*.whl")))
    size = sum(path.stat().st_size for path in folder.glob("*.whl"))
    print(f"  {count} wheels, {size / 1e6:.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
