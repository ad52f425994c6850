"""Stream through images of logits and labels, and count what every method's scores are worth."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from internlab.ood.dense.standardised import CleanUp
from internlab.ood.evaluation import files, methods
from internlab.ood.evaluation.files import Pair
from internlab.ood.evaluation.methods import Method
from internlab.ood.evaluation.options import Options
from internlab.ood.evaluation.progress import Progress, fingerprint_of
from internlab.ood.evaluation.undisturbed import undisturbed
from internlab.ood.metrics.components import ComponentF1, component_f1, score_components
from internlab.ood.metrics.ranking import Scores
from internlab.ood.metrics.streaming import StreamingScores
from internlab.ood.metrics.thresholds import Thresholds

FIRST_SAVE = 3.0  # seconds


@dataclass(frozen=True)
class Evaluation:
    """What was measured, by method.

    Parameters
    ----------
    scores : dict of Scores
    thresholds : dict of Thresholds
        For curves.
    rank_error : dict of float
        Bound on what streaming cost; 0 is exact. See `StreamingScores.rank_error`.
    components : dict of ComponentF1
        Empty unless asked for.
    images, resumed : int
        Images evaluated, and those of them that an earlier run had counted.
    clean_up : CleanUp
        The widths that were used.
    notes : tuple of str
        What the reader of the table should know.
    """

    scores: dict[str, Scores]
    thresholds: dict[str, Thresholds]
    rank_error: dict[str, float]
    components: dict[str, ComponentF1]
    images: int
    resumed: int
    clean_up: CleanUp
    notes: tuple[str, ...]


def evaluate_files(
    pairs: list[Pair],
    chosen: list[Method],
    folder: Path,
    training: list[Path] | None = None,
    options: Options | None = None,
    progress: bool = False,
) -> Evaluation:
    """Score every image with every method, and pool their pixels.

    The state is kept in `folder`: a run that is stopped goes on when it is called again with the
    same arguments. Logits are read one image at a time.

    Parameters
    ----------
    pairs : list of Pair
        From `files.pair_up`.
    chosen : list of Method
        From `methods.parse`.
    folder : Path
        Exists, and can be written to.
    training : list of Path, optional
        Logits of training images, for the methods of `NEED_TRAINING`.
    options : Options, optional
    progress : bool
        Show a bar on stderr.

    Raises
    ------
    ValueError
        If statistics are needed and there are no training logits, or they are of the same files; if
        a file cannot be used, with its name; or if there is no outlier or no inlier in all images.
    """
    options = options or Options()
    used = sorted({method.detector for method in chosen} & set(methods.NEED_TRAINING))
    training = _check_training(pairs, used, training or [])
    first = files.read_labels(pairs[0].labels)
    clean_up = options.clean_up or methods.clean_up_for(first.shape[0])
    settings = {"methods": [method.name for method in chosen], "options": vars(options)}
    settings["options"] = {k: v for k, v in settings["options"].items() if k != "save_every"}
    all_files = [path for pair in pairs for path in (pair.logits, pair.labels)] + training
    fingerprint = fingerprint_of(settings, all_files)
    state = Progress.load(folder, fingerprint)
    resumed = state.done if state else 0
    if state is None:
        streams = {method.name: StreamingScores() for method in chosen}
        state = Progress(fingerprint, streams)
    runner = _Runner(pairs, chosen, options, clean_up, folder, state, progress)
    statistics = runner.gather(training) if training else None
    runner.detectors = methods.ready(chosen, statistics, options.shrink)
    runner.rank()
    try:
        scores = _defined(state.streams, options.ids.region)
    except ValueError:
        # Nothing to go on from: the answer is other ids or files.
        Progress.remove(folder)
        raise
    if options.components:
        runner.count_objects()
    notes = []
    if statistics is not None and (statistics["count"] == 0).any() and "sml" in used:
        never = torch.nonzero(statistics["count"] == 0).flatten().tolist()
        notes.append(
            f"Class {', '.join(map(str, never))} is never predicted on the training images: SML "
            "standardises its pixels with the mean and spread of all classes."
        )
    if options.ids.ignore and not state.void_seen:
        notes.append(
            f"No pixel has the ignored id {', '.join(map(str, options.ids.ignore))}: is void "
            "another id in this data set?"
        )
    return Evaluation(
        scores=scores,
        thresholds={name: stream.thresholds() for name, stream in state.streams.items()},
        rank_error={name: stream.rank_error for name, stream in state.streams.items()},
        components={name: component_f1(each) for name, each in state.components.items()},
        images=len(pairs),
        resumed=resumed,
        clean_up=clean_up,
        notes=tuple(notes),
    )


class _Runner:
    """One run over the images: the state it works on, and when that was saved last."""

    def __init__(
        self,
        pairs: list[Pair],
        chosen: list[Method],
        options: Options,
        clean_up: CleanUp,
        folder: Path,
        state: Progress,
        progress: bool,
    ) -> None:
        self.pairs, self.chosen, self.options = pairs, chosen, options
        self.clean_up, self.folder, self.state, self.progress = clean_up, folder, state, progress
        self.detectors: dict = {}
        self.classes: int | None = None
        # The first save comes soon: a run that is killed young should not have been for nothing.
        self._saved = time.monotonic() - max(0, options.save_every - FIRST_SAVE)

    def gather(self, training: list[Path]) -> dict[str, Tensor]:
        """Gather the statistics of the training logits."""
        statistics = methods.Statistics("kl_matching" in {each.detector for each in self.chosen})
        for path in tqdm(training, "statistics", disable=not self.progress, unit="image"):
            with _named(path):
                outputs = files.as_outputs(files.read_logits(path), path)
                self._check_classes(outputs.classes)
                statistics.add(outputs)
        return statistics.arrays()

    def rank(self) -> None:
        """First pass: count outliers and inliers at each score."""

        def count(number: int, scores: dict[str, Tensor], is_outlier, counts) -> None:
            for name, score in scores.items():
                self.state.streams[name].add(is_outlier[counts], score.numpy()[counts])
            self.state.done = number + 1

        self._walk("scores", self.state.done, count)

    def count_objects(self) -> None:
        """Second pass: compare whole components at each method's best threshold."""
        state, options = self.state, self.options
        best = {
            name: stream.thresholds().need_both().best_f1()[1]
            for name, stream in state.streams.items()
        }
        for name in best:
            state.components.setdefault(name, [])

        def compare(number: int, scores: dict[str, Tensor], is_outlier, counts) -> None:
            for name, score in scores.items():
                state.components[name].append(
                    score_components(
                        is_outlier,
                        score.numpy() >= best[name],
                        ~counts,
                        smallest_object=options.smallest_object,
                        smallest_flagged=options.smallest_flagged,
                    )
                )

        self._walk("objects", len(next(iter(state.components.values()))), compare)

    def _walk(self, title: str, start: int, use: Callable[..., None]) -> None:
        done = start
        try:
            for number, pair in self._remaining(title, start):
                with _named(pair.logits, pair.labels):
                    scored = self._score(pair)
                    # An image counts for all methods or for none.
                    with undisturbed():
                        use(number, *scored)
                        done = number + 1
                if time.monotonic() - self._saved >= self.options.save_every:
                    self._save()
        except KeyboardInterrupt as interrupt:
            with undisturbed():
                self._save()
            interrupt.add_note(
                f"Stopped at image {done} of {len(self.pairs)} ({title}). What was counted is "
                "kept: the same command goes on."
            )
            raise
        self._save()

    def _remaining(self, title: str, start: int) -> Iterator[tuple[int, Pair]]:
        numbered = list(enumerate(self.pairs))[start:]
        bar = {"initial": start, "total": len(self.pairs), "unit": "image"}
        return iter(tqdm(numbered, title, disable=not self.progress, **bar))

    def _score(self, pair: Pair) -> tuple[dict[str, Tensor], np.ndarray, np.ndarray]:
        labels = files.read_labels(pair.labels)
        logits = files.read_logits(pair.logits)
        outputs = files.as_outputs(files.fit_to(logits, labels, self.options.resize), pair.logits)
        self._check_classes(outputs.classes)
        is_outlier, counts = self.options.ids.split(labels, outputs.classes)
        self.state.void_seen |= bool(np.isin(labels, self.options.ids.ignore).any())
        with torch.inference_mode():
            scores = methods.score(self.chosen, self.detectors, outputs, self.clean_up)
        return scores, is_outlier, counts

    def _check_classes(self, classes: int) -> None:
        self.classes = self.classes or classes
        if classes != self.classes:
            raise ValueError(
                f"it has logits of {classes} classes, the files before it of {self.classes}. "
                "Expected the outputs of one network."
            )

    def _save(self) -> None:
        self.state.save(self.folder)
        self._saved = time.monotonic()


def _defined(streams: dict[str, StreamingScores], region: tuple[int, ...]) -> dict[str, Scores]:
    """Return the metrics, before a second pass that would be for nothing."""
    if not any(stream.pixels for stream in streams.values()):
        raise ValueError(
            "No pixel of any image counts: all are void or outside the region. Check --ignore and "
            "--roi against the ids in the label maps."
        )
    if region and not next(iter(streams.values())).thresholds().inliers:
        raise ValueError(
            f"No pixel of any image has an id of the region (--roi {' '.join(map(str, region))}), "
            "so there are outliers only. Expected ids that are in the label maps."
        )
    return {name: stream.result() for name, stream in streams.items()}


def _check_training(pairs: list[Pair], used: list[str], training: list[Path]) -> list[Path]:
    if not used:
        return []
    if not training:
        raise ValueError(
            f"{' and '.join(used)} {'learns' if len(used) == 1 else 'learn'} what is usual from "
            "logits of training images, and there are none. Pass --train-logits, or leave these "
            "methods out."
        )
    evaluated = {pair.logits.resolve() for pair in pairs}
    both = [path for path in training if path.resolve() in evaluated]
    if both:
        raise ValueError(
            f"{len(both)} of {len(training)} files of training logits are evaluated too, such as "
            f"{both[0]}. Statistics of the test images make a score look better than it is; "
            "expected logits of training images."
        )
    return training


class _named:
    """Put the names of the files before the message of a ValueError that has none."""

    def __init__(self, *paths: Path) -> None:
        self.paths = paths

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind, error, trace) -> None:
        if isinstance(error, ValueError) and not any(p.name in str(error) for p in self.paths):
            names = " with ".join(path.name for path in self.paths)
            raise ValueError(f"{names}: {error}") from error
