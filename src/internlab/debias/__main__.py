"""The track as a command: ``python -m internlab.debias bench --methods ... --out results/``."""

from __future__ import annotations

import argparse
import shlex
import sys
import tempfile
from pathlib import Path

from internlab.command import complain, error_text, run_command, wrapped
from internlab.debias.help_texts import BENCH, EXAMPLES, TUNE

# Modules that take seconds to import are imported where they are used: --help should be quick.


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return the exit status.

    Parameters
    ----------
    arguments : list of str, optional
        Default: those of the process.

    Returns
    -------
    int
        0 done, 1 stopped or some runs failed, 2 not startable.
    """
    given = sys.argv[1:] if arguments is None else arguments
    options = _parser().parse_args(given)
    options.command_line = "python -m internlab.debias " + shlex.join(given)
    return run_command(options, _status)


def bench(options: argparse.Namespace) -> int:
    """Run a grid with the default settings and write its report."""
    from internlab.debias.bench import default_settings, find_methods
    from internlab.debias.bench.report import shown_in_terminal, write_report

    sources = find_methods(options.methods)
    classes = {name: source.load() for name, source in sources.items()}
    plan = {name: [default_settings(each)] for name, each in classes.items()}
    outcome = _run(options, plan, sources)
    report = write_report(outcome, options.out, classes, options.command_line)
    print(shown_in_terminal(report.cells))
    return _finish(outcome, report)


def tune(options: argparse.Namespace) -> int:
    """Run a grid of settings and write what the selection rules choose."""
    from internlab.debias.bench import budget, default_settings, find_methods
    from internlab.debias.bench.tuning_report import choices_in_terminal, write_tuning

    sources = find_methods(options.methods)
    plan = budget(sources, options.settings)
    outcome = _run(options, plan, sources)
    defaults = {name: default_settings(source.load()) for name, source in sources.items()}
    report = write_tuning(outcome, options.out, defaults, options.command_line)
    print(choices_in_terminal(report))
    return _finish(outcome, report)


def new(options: argparse.Namespace) -> int:
    """Write a method to begin with."""
    from internlab.debias.bench.template import write_template

    path = write_template(options.file)
    print(f"Wrote {path}. Try it:")
    print(f"  python -m internlab.debias bench --methods erm {path} --steps 200 --out results/")
    return 0


def _run(options: argparse.Namespace, methods, sources):
    from internlab.debias.bench import Conditions, plan_runs, run_grid
    from internlab.debias.bench.data import check_data

    folder = options.out
    _refuse_folder(folder)
    for name in ("seeds", "jobs", "steps"):
        value = getattr(options, name)
        if value is not None and value < 1:
            raise ValueError(f"--{name} is {value}; expected 1 or more.")
    plan = plan_runs(methods, options.data, options.ratios, options.seeds)
    conditions = Conditions(
        steps=options.steps,
        network=options.network,
        batch_size=options.batch,
        device=options.device,
    )
    for name in options.data:
        check_data(name, options.ratios)
        conditions.recipe(name)
    is_new = not folder.exists()
    _make_folder(folder)
    print(f"{_count(len(plan), 'run')}. Looking for those that {folder} has.", flush=True)
    say = None if options.quiet else _say
    try:
        outcome = run_grid(
            plan,
            sources,
            folder,
            conditions,
            jobs=options.jobs,
            again=options.again,
            progress=say,
        )
    except ValueError:
        # Such as a ratio that a set is too small for: nothing has begun.
        if is_new and not any(folder.iterdir()):
            folder.rmdir()
        raise
    kept = len(plan) - outcome.computed
    if kept:
        were = "run was" if kept == 1 else "runs were"
        print(f"{kept} {were} there from an earlier time, {outcome.computed} computed now.")
    if outcome.others:
        print(
            wrapped(
                f"{folder} also holds {_count(outcome.others, 'run')} of other methods, settings, "
                "data or code, which this report leaves out."
            )
        )
    return outcome


def _say(progress) -> None:
    run, runs = progress.stack.runs[0], progress.stack.runs
    spent = sum(record.cpu_seconds for record in progress.records)
    left = progress.seconds_left
    ahead = f"about {left / 60:.0f} min left" if left >= 90 else f"about {left:.0f} s left"
    failed = sum(record.failed for record in progress.records)
    width = len(str(progress.total))
    print(
        f"[{progress.done:{width}}/{progress.total}] {run.method} on {run.data}: "
        f"{_count(len(runs), 'run')}, {spent:.0f} CPU-s"
        + (f", {failed} FAILED" if failed else "")
        + (f"; {ahead}" if progress.done < progress.total else ""),
        flush=True,
    )


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"


def _finish(outcome, report) -> int:
    reasons: dict[str, list[str]] = {}
    for record in outcome.failed:
        reasons.setdefault(record.failure, []).append(str(record.run))
    for reason, runs in reasons.items():
        more = f" and {len(runs) - 1} more" if len(runs) > 1 else ""
        complain(f"{runs[0]}{more}: {reason}", "failed")
    print(f"\nWrote {', '.join(path.name for path in report.files)} to {report.files[0].parent}.")
    return 1 if outcome.failed else 0


def _refuse_folder(folder: Path) -> None:
    """Raise OSError for a results folder that is somebody else's."""
    from internlab.debias.bench.journal import RUNS
    from internlab.debias.bench.report import WRITTEN

    if folder.exists() and not folder.is_dir():
        raise NotADirectoryError(f"{folder} is a file. Expected a folder; choose another --out.")
    theirs = [name for name in WRITTEN if (folder / name).exists()]
    if theirs and not (folder / RUNS).is_dir():
        raise FileExistsError(
            f"{folder} holds {theirs[0]}, which this command did not write. Choose another --out."
        )


def _make_folder(folder: Path) -> None:
    """Make the results folder and try it out, before any work is done."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise PermissionError(
            f"Nothing can be written to {folder} ({error.strerror}). Expected a folder that you "
            "may write to; choose another --out."
        ) from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m internlab.debias",
        description="Methods against shortcuts, on data sets that have one.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for function, name, what, text in (
        (bench, "bench", "train methods over seeds and rank them", BENCH),
        (tune, "tune", "try settings, show what each selection rule chooses", TUNE),
    ):
        command = commands.add_parser(
            name,
            help=what,
            description=text,
            epilog=EXAMPLES,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.set_defaults(run=function)
        _add_grid(command)
        if function is tune:
            command.add_argument(
                "--settings", type=int, default=8, metavar="N", help="of each method (%(default)s)"
            )
    command = commands.add_parser("new", help="write a small method of your own to begin with")
    command.set_defaults(run=new)
    command.add_argument("file", type=Path, help="such as my_method.py")
    return parser


def _add_grid(command: argparse.ArgumentParser) -> None:
    add = command.add_argument
    add("--methods", nargs="+", required=True, metavar="NAME", help="see above")
    add("--data", nargs="+", default=["coloured-mnist"], metavar="NAME", help="(coloured-mnist)")
    add("--ratios", nargs="+", type=_ratio, default=[0.98], metavar="R", help="(0.98)")
    add("--seeds", type=int, default=3, metavar="N", help="seeds 0 to N - 1 (%(default)s)")
    add("--out", type=Path, required=True, metavar="OUT", help="results folder")
    add("--steps", type=int, metavar="N", help="training steps, in place of the data set's recipe")
    add("--network", metavar="NAME", help="mlp or cnn, in place of the recipe's")
    add("--batch", type=int, metavar="N", help="images in a batch, in place of the recipe's")
    add("--device", metavar="NAME", help="cpu, or cuda for a GPU (cpu)")
    add("--jobs", type=int, default=1, metavar="N", help="processes (%(default)s)")
    add("--again", action="store_true", help="compute failed runs again")
    add("--quiet", action="store_true", help="no line for each stack")


def _ratio(text: str) -> float:
    """Read a ratio; 98 % people write in three ways."""
    try:
        return float(text.removesuffix("%")) / 100 if text.endswith("%") else float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no ratio; expected the share of aligned images, such as 0.98; several "
            "are separated by blanks"
        ) from None


def _status(error: Exception) -> tuple[int, str] | None:
    """Return 2 for what was given wrongly, 1 for what went wrong on the way, None for a bug."""
    given = (ValueError, FileNotFoundError, FileExistsError, PermissionError, NotADirectoryError)
    if isinstance(error, given):
        return 2, error_text(error)
    from internlab.debias.bench.together import is_out_of_memory

    kept = "".join(f" {note}" for note in getattr(error, "__notes__", ()))
    if is_out_of_memory(error):
        said = (
            "The memory is full. On a GPU first give a smaller --batch, the same for all methods. "
            "Otherwise give --jobs 1 and fewer --seeds or --ratios at a time."
        )
        return 1, said + kept
    if isinstance(error, OSError):
        return 1, error_text(error) + kept
    return None


if __name__ == "__main__":
    sys.exit(main())
