"""The track as a command: ``python -m internlab.hpo search --config FILE``."""

from __future__ import annotations

import argparse
import os
import sys
from functools import partial
from pathlib import Path

from internlab.command import complain, error_text, run_command

SEARCH = """\
Search hyperparameters of your own training function with Ray Tune.

FILE is YAML. It names the function (objective: module:function, found from the folder you run this
in), the metric it reports and the space to search; the options below replace its entries. The
function takes a trial first and the hyperparameters by name:

    def train(trial, *, lr=1e-3, width=12, epochs=16):
        for epoch in range(epochs):
            ...
            trial.report({"validation_iou": score}, save=lambda folder: ...)

One line is printed for each trial that ends. DIR then holds trials.csv (one row a trial),
curves.csv (one row a report) and best/ (the best trial's checkpoint and best.yaml). A search that
is stopped (Ctrl-C, a kill, a power cut) goes on with --resume.
"""
EXAMPLES = """\
examples:
  python -m internlab.hpo search --config search.yaml
  python -m internlab.hpo search --config search.yaml --samples 32 --scheduler asha --resume
      16 trials more than the 16 of the file, after those

search.yaml:
  objective: internlab.hpo.training.objective:train_buildings
  metric: validation_iou
  space:
    lr: {loguniform: [1e-4, 5e-2]}
    width: {choice: [8, 12, 16]}
    dice: {uniform: [0, 1]}
  scheduler: asha
  samples: 16

exit status: 0 done, 1 stopped or failed on the way (run it again with --resume), 2 not startable:
an option, the file or the function cannot be used, and the message says what was expected
"""


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return the exit status.

    Parameters
    ----------
    arguments : list of str, optional
        Default: those of the process.

    Returns
    -------
    int
        0 done, 1 stopped or failed on the way, 2 not startable.
    """
    return run_command(_parser().parse_args(arguments), _status)


def search(options: argparse.Namespace) -> int:
    """Run the search that a file describes, and print what it found."""
    # Modules that take seconds to import are imported here: --help should be quick.
    from internlab.hpo.tuning.search import run
    from internlab.hpo.tuning.search_file import read_search

    sys.path.insert(0, os.getcwd())
    described, folder = read_search(
        options.config,
        samples=options.samples,
        scheduler=options.scheduler,
        sampler=options.sampler,
        seed=options.seed,
        parallel=options.parallel,
        folder=str(options.folder) if options.folder else None,
    )
    show = None if options.quiet else partial(print, flush=True)
    outcome = run(described, folder, resume=options.resume, progress=show)
    best = outcome.best
    if best is None:
        complain(f"No trial finished; {folder}/trials.csv says why.", "error")
        return 1
    _print_best(outcome.trials, described.metric, described.mode)
    what = "its checkpoint and configuration" if best.checkpoint else "its configuration"
    print(f"Trials: {folder}/trials.csv. Best trial: {best.trial}, {what} in {folder}/best/.")
    return 0


def _print_best(trials, metric: str, mode: str, rows: int = 5) -> None:
    """Print the best trials with their hyperparameters, without what is empty."""
    able = trials[trials["status"].isin(["finished", "stopped"])]
    shown = able.sort_values(metric, ascending=mode == "min", kind="stable").head(rows)
    shown = shown.drop(columns=["reason"]).round({"cpu_seconds": 1})
    print()
    print(shown.to_string(index=False, float_format=lambda value: f"{value:.4g}"))
    left = len(trials) - len(shown)
    print(f"and {left} more\n" if left else "")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m internlab.hpo", description="Search for good hyperparameters."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    each = commands.add_parser(
        "search",
        help="search hyperparameters of a training function",
        description=SEARCH,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    each.set_defaults(run=search)
    add = each.add_argument
    add("--config", type=Path, required=True, metavar="FILE", help="YAML file with the search")
    add("--samples", type=int, metavar="N", help="trials (16)")
    add("--scheduler", metavar="NAME", help="none, asha, median or pbt (none)")
    add("--sampler", metavar="NAME", help="random, grid or tpe (random)")
    add("--seed", type=int, metavar="N", help="of the configurations (0)")
    add("--parallel", type=int, metavar="N", help="trials at a time (2)")
    add("--folder", type=Path, metavar="DIR", help="where results go (searches/ and FILE's name)")
    add("--resume", action="store_true", help="go on with the search that DIR holds")
    add("--quiet", action="store_true", help="no line for each trial")
    return parser


def _status(error: Exception) -> tuple[int, str] | None:
    """Return 2 for what was given wrongly, 1 for Ray's reason for not starting, None for a bug."""
    if isinstance(error, (ValueError, OSError)):
        return 2, error_text(error)
    if isinstance(error, RuntimeError):
        return 1, error_text(error)
    return None


if __name__ == "__main__":
    sys.exit(main())
