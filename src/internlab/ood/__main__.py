"""The track as a command: ``python -m internlab.ood evaluate --logits FILES --labels FILES``."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from internlab.command import error_text, run_command, wrapped

# Modules that take seconds to import are imported where they are used: --help should be quick.

EVALUATE = """\
Score a segmentation network's saved logits for out-of-distribution pixels, and measure the scores.

One file of logits an image: .npy or .npz, (K, H, W), float16 or float32, before any softmax. One
label map an image, of the same name up to a common ending: .png, .npy or .npz of ids, (H, W). An id
is a class (0 to K - 1), an outlier (--outlier) or void (--ignore). FILES are files, folders, or
patterns in quotes.

Methods (higher is more out-of-distribution):
  msp, entropy, max_logit, energy     need nothing else
  kl_matching, sml                    learn from --train-logits what is usual
  each with +bs (boundary suppression) and +ds (dilated smoothing), such as sml+bs+ds
  all                                 the six, sml+bs and sml+bs+ds

Images are read one at a time and the pixels of all are pooled. OUT then holds scores.csv (one row a
method: AUROC, AP as a step sum, FPR at 95 % TPR, base rate) and curves.png. A run that is stopped
(Ctrl-C, a kill, a power cut) goes on when the same command is given again; a kill costs half a
minute at most.
"""
EXAMPLES = """\
examples:
  python -m internlab.ood evaluate --logits logits/ --labels labels/ --methods msp max_logit \\
      --out result
  python -m internlab.ood evaluate --logits 'val/*.npy' --labels 'gt/*_labelTrainIds.png' \\
      --train-logits train/ --methods sml sml+bs+ds --resize --out result
  python -m internlab.ood evaluate --logits logits/ --labels masks/ --methods all \\
      --train-logits train/ --outlier 1 --ignore 255 --components --out result
      labels of Fishyscapes or SegmentMeIfYouCan: 0 ordinary, 1 outlier, 255 void

exit status: 0 done, 1 stopped or failed on the way (run it again to go on), 2 not startable:
an option or a file cannot be used, and the message says what was expected
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


def evaluate(options: argparse.Namespace) -> int:
    """Evaluate as the options say, print the table, write table and figure."""
    folder = _usable_folder(options.out, options.overwrite)

    from internlab.ood.dense.standardised import CleanUp
    from internlab.ood.evaluation import LabelIds, evaluate_files, files, methods, report
    from internlab.ood.evaluation.options import Options
    from internlab.ood.evaluation.progress import Progress

    ids = LabelIds(tuple(options.outlier), tuple(options.ignore), tuple(options.roi))
    chosen = methods.parse(options.methods)
    clean_up = None
    if options.widths:
        width, iterations, dilation = options.widths
        try:
            clean_up = CleanUp(width, iterations, dilation=dilation)
        except ValueError as error:
            raise ValueError(f"--widths {width} {iterations} {dilation}: {error}") from None
    settings = Options(
        ids, options.resize, options.shrink, clean_up, options.components, *options.smallest
    )
    _refuse_what_has_no_effect(options, chosen)
    pairs = files.pair_up(
        files.find(options.logits, files.LOGITS_SUFFIXES, "logits"),
        files.find(options.labels, files.LABEL_SUFFIXES, "labels"),
    )
    training = files.find(options.train_logits, files.LOGITS_SUFFIXES, "training logits")
    if options.fresh:
        Progress.remove(folder)
    evaluation = evaluate_files(
        pairs,
        chosen,
        folder,
        training,
        settings,
        progress=not options.quiet,
    )
    table, picture = report.write(evaluation, folder)
    Progress.remove(folder)
    print(report.shown(evaluation))
    for note in _notes(evaluation, chosen, options.components):
        print(wrapped(f"Note: {note}"))
    print(f"Wrote {table} and {picture}.")
    return 0


def _refuse_what_has_no_effect(options: argparse.Namespace, chosen) -> None:
    without = [
        ("--shrink", options.shrink, any(m.detector == "sml" for m in chosen), "sml"),
        ("--widths", options.widths, any(m.steps for m in chosen), "a method with +bs or +ds"),
        ("--smallest", any(options.smallest), options.components, "--components"),
    ]
    for option, given, has_effect, needed in without:
        if given and not has_effect:
            raise ValueError(
                f"{option} changes nothing here: expected {needed} with it. Add that, or leave "
                f"{option} out."
            )


def _notes(evaluation, chosen, components: bool) -> list[str]:
    notes = list(evaluation.notes)
    if evaluation.resumed:
        notes.append(f"{evaluation.resumed} images were taken over from an earlier run.")
    if any(method.steps for method in chosen):
        used = evaluation.clean_up
        notes.append(
            f"+bs with width {used.width} in {used.iterations} iterations, +ds with dilation "
            f"{used.dilation} (--widths)."
        )
    if components:
        notes.append(
            "component F1 is at the threshold with the best pixel F1 on these labels, as in "
            "SegmentMeIfYouCan; a threshold chosen on other images would give less."
        )
    error = max(evaluation.rank_error.values())
    if error:
        notes.append(f"at no threshold is a counted share off by more than {error:.1g}.")
    return notes


def _usable_folder(folder: Path, overwrite: bool) -> Path:
    """Return the folder to write to, made and tried out before any work is done."""
    if (folder / "scores.csv").exists() and not overwrite:
        raise FileExistsError(
            f"{folder} holds the scores of an earlier run. Choose another --out, or pass "
            "--overwrite to replace them once the new ones are complete."
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise PermissionError(
            f"Nothing can be written to {folder} ({error.strerror}). Expected a folder that you "
            "may write to; choose another --out."
        ) from error
    return folder


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m internlab.ood",
        description="Out-of-distribution scores of a network's saved outputs.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    scores = commands.add_parser(
        "evaluate",
        help="measure any network's saved logits against label maps",
        description=EVALUATE,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    scores.set_defaults(run=evaluate)
    add = scores.add_argument_group("files").add_argument
    add("--logits", nargs="+", required=True, metavar="FILES", help="logits of the test images")
    add("--labels", nargs="+", required=True, metavar="FILES", help="their label maps")
    add("--train-logits", nargs="+", default=[], metavar="FILES", help="of training images")
    add("--out", type=Path, required=True, metavar="OUT", help="folder for table and figure")
    add("--overwrite", action="store_true", help="replace the scores in OUT, once complete")
    add("--fresh", action="store_true", help="start anew, do not go on from a stopped run")
    add("--quiet", action="store_true", help="no progress bar")
    add = scores.add_argument_group("methods").add_argument
    add("--methods", nargs="+", required=True, metavar="NAME", help="see above")
    add("--resize", action="store_true", help="enlarge logits bilinearly to the labels' size")
    add(
        "--shrink",
        type=float,
        default=0.0,
        metavar="S",
        help="draw SML's statistics of rare classes to the mean; 0 is as published (%(default)s)",
    )
    add(
        "--widths",
        type=int,
        nargs=3,
        metavar=("WIDTH", "ITERATIONS", "DILATION"),
        help="of +bs and +ds (4 4 6 from 512 pixels of height, as published; below, the kit's)",
    )
    add = scores.add_argument_group("what counts").add_argument
    add("--outlier", type=int, nargs="+", default=[254], metavar="ID", help="outliers (254)")
    add("--ignore", type=int, nargs="*", default=[255], metavar="ID", help="void (255)")
    add(
        "--roi",
        type=int,
        nargs="+",
        default=[],
        metavar="ID",
        help="count only outliers and pixels of these ids, for example road (all that is not void)",
    )
    add(
        "--components",
        action="store_true",
        help="count whole objects too: F1, sIoU, PPV; reads the images a second time",
    )
    add(
        "--smallest",
        type=int,
        nargs=2,
        default=(0, 0),
        metavar=("OBJECT", "FLAGGED"),
        help="pixels below which components do not count (0 0; SegmentMeIfYouCan: 100 500)",
    )
    return parser


def _status(error: Exception) -> tuple[int, str] | None:
    """Return 2 for what was given wrongly, 1 for what went wrong on the way, None for a bug."""
    given = (ValueError, FileNotFoundError, FileExistsError, PermissionError, NotADirectoryError)
    if isinstance(error, given):
        return 2, error_text(error)
    # PyTorch has no exception of its own for this on the CPU.
    no_memory = isinstance(error, RuntimeError) and "allocate memory" in str(error)
    if isinstance(error, MemoryError) or no_memory:
        return 1, "The memory is full. Name fewer --methods in one run."
    if isinstance(error, OSError):
        return 1, error_text(error)
    return None


if __name__ == "__main__":
    sys.exit(main())
