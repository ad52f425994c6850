"""``python -m internlab.practice.repair``: repair the repository by hand, with checks beside."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from internlab.command import error_text, run_command
from internlab.practice.repair import capture as environments
from internlab.practice.repair.checks import FOUND, GONE, check
from internlab.practice.repair.place import NAME, Place, copy_broken
from internlab.practice.repair.runs import stated, train
from internlab.practice.repair.stranger import play


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m internlab.practice.repair",
        description="Make someone else's code run: a repository with eight faults.",
    )
    commands = parser.add_subparsers(required=True)
    start = commands.add_parser("start", help="copy the broken repository into FOLDER")
    start.add_argument("--again", action="store_true", help="replace an earlier copy")
    start.set_defaults(run=_start)
    checks = commands.add_parser("check", help="which faults are found? symptoms, no cures")
    checks.add_argument("--only", nargs="+", metavar="FAULT")
    checks.set_defaults(run=_check)
    once = commands.add_parser("run", help="run train.py, and compare with the README")
    once.add_argument("--seed", default="0")
    once.add_argument("--device", default="cpu")
    once.set_defaults(run=_run)
    keep = commands.add_parser("capture", help="run, and write down what was used to --file")
    keep.add_argument("--seed", default="0")
    keep.set_defaults(run=_capture)
    stranger = commands.add_parser("stranger", help="make the number again from --file alone")
    stranger.set_defaults(run=_stranger)
    for each in (start, checks, once, keep, stranger):
        each.add_argument("folder", type=Path, metavar="FOLDER")
    for each in (keep, stranger):
        each.add_argument("--file", type=Path, default=Path("environment.json"))
    options = parser.parse_args(arguments)
    return run_command(options, _status)


def _start(options: argparse.Namespace) -> int:
    copy_broken(options.folder, again=options.again)
    print(f"{options.folder.name}/{NAME}/ is yours to repair. Begin with its README.md.")
    return 0


def _check(options: argparse.Namespace) -> int:
    found = check(_place(options), options.only)
    for each in found:
        print(each)
    print(f"{sum(each.state == FOUND for each in found)} found, {len(found)} looked for")
    return 0 if all(each.state == GONE for each in found) else 1


def _run(options: argparse.Namespace) -> int:
    place = _place(options)
    run = train(place, "--seed", options.seed, "--device", options.device)
    print(run.output.rstrip() or run.ended_with)
    wanted = stated(place)
    if run.number is not None:
        where = "within" if wanted.reached_by(run.number) else "outside"
        print(f"{where} the stated {wanted.number} g ± {wanted.tolerance} g")
    return 0 if wanted.reached_by(run.number) else 1


def _capture(options: argparse.Namespace) -> int:
    captured = environments.capture(_place(options), "--seed", options.seed, "--device", "cpu")
    captured.write(options.file)
    print(f"{captured.number!r} g; what made it is in {options.file.name}")
    return 0


def _stranger(options: argparse.Namespace) -> int:
    place = _place(options)
    verdict = play(environments.read(options.file), place.repository, place.index)
    print(verdict)
    return 0 if verdict.same else 1


def _place(options: argparse.Namespace) -> Place:
    place = Place(options.folder.resolve())
    if not place.repository.is_dir():
        raise ValueError(
            f"{options.folder.name}/ holds no {NAME}/. Begin with: "
            f"python -m internlab.practice.repair start {options.folder.name}"
        )
    return place


def _status(error: Exception) -> tuple[int, str] | None:
    return (2, error_text(error)) if isinstance(error, (OSError, ValueError)) else None


if __name__ == "__main__":
    sys.exit(main())
