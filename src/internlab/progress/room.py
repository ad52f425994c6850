"""Run the labs of a room side by side, keep what is known, and count."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass
from pathlib import Path

from internlab.exercises import NOT_YET, PASS, TODO
from internlab.files import atomic_write, cache_dir
from internlab.progress import bounded
from internlab.progress.catalogue import KitLab, code_hash
from internlab.progress.contain import Protection
from internlab.progress.limits import Limits
from internlab.progress.outcome import STOPPED, UNREACHED, Outcome, nothing_but
from internlab.progress.submissions import Submission

_MOST_READ = 64_000_000


class Cache:
    """Outcomes by what they were made from: the notebook, the kit's code, limits and protection."""

    def __init__(
        self,
        limits: Limits,
        protection: Protection,
        folder: Path | None = None,
        fresh: bool = False,
    ) -> None:
        self._folder = folder or cache_dir() / "progress"
        self._fresh = fresh
        layers = ",".join(protection.layers)
        self._common = f"{code_hash()}|{asdict(limits)}|{layers}|{bounded.tier()}"

    def key(self, submission: Submission) -> str | None:
        """Return what the outcome of this very notebook is kept under; None for an odd file."""
        path = submission.path
        try:
            if path.is_symlink() or not path.is_file() or path.stat().st_size > _MOST_READ:
                return None
            content = hashlib.sha256(path.read_bytes()).hexdigest()
        except OSError:
            return None
        return hashlib.sha256(f"{self._common}|{submission.lab}|{content}".encode()).hexdigest()

    def get(self, key: str | None) -> Outcome | None:
        """Return the kept outcome, if there is one."""
        path = self._folder / f"{key}.json"
        if self._fresh or key is None or not path.is_file():
            return None
        try:
            return Outcome.from_json(json.loads(path.read_text(encoding="utf-8")))
        except ValueError:
            return None  # an older form, or a damaged file: run it again

    def put(self, key: str | None, outcome: Outcome) -> None:
        """Keep an outcome."""
        if key is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
            with atomic_write(self._folder / f"{key}.json") as temporary:
                temporary.write_text(json.dumps(outcome.as_json()), encoding="utf-8")


def run_room(
    submissions: Sequence[Submission],
    known: Mapping[str, KitLab],
    protection: Protection,
    limits: Limits,
    cache: Cache,
    jobs: int,
    hidden: Sequence[Path] = (),
    on_done: Callable[[Submission, Outcome, bool], None] = lambda *_: None,
) -> tuple[dict[Submission, Outcome], bool]:
    """Run every submission that is not in the cache, `jobs` at a time.

    Returns
    -------
    outcomes : dict of Submission to Outcome
        Of those that were finished.
    interrupted : bool
        Whether Ctrl-C ended it early. What was finished is in `outcomes` and in the cache.

    """
    outcomes: dict[Submission, Outcome] = {}
    stop = threading.Event()
    pool = ThreadPoolExecutor(jobs)
    running: dict[Future, tuple[Submission, str | None]] = {}
    interrupted = False

    def keep(future: Future) -> None:
        submission, key = running.pop(future)
        try:
            outcome = future.result()
            cache.put(key, outcome)
        except bounded.CannotContain as error:
            # None of it ran. The others may well: a busy machine refuses a process now and then.
            exercises = known[submission.lab].exercises
            outcome = nothing_but(exercises, UNREACHED, f"not run: {error}")
        outcomes[submission] = outcome
        on_done(submission, outcome, False)

    try:
        for submission in submissions:
            # The key is made before the run: a file that changes meanwhile is another notebook.
            key = cache.key(submission)
            known_already = cache.get(key)
            if known_already is not None:
                outcomes[submission] = known_already
                on_done(submission, known_already, True)
                continue
            lab = known[submission.lab]
            arguments = (submission.path, lab, limits, hidden, stop, protection)
            running[pool.submit(bounded.run_lab, *arguments)] = submission, key
        while running:
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                keep(future)
    except KeyboardInterrupt:
        interrupted = True
    finally:
        stop.set()
        # Those that run are ended with their processes before this returns.
        pool.shutdown(wait=True, cancel_futures=True)
    if interrupted:
        for future in [each for each in running if _finished(each)]:
            keep(future)
    return outcomes, interrupted


def _finished(future: Future) -> bool:
    return future.done() and not future.cancelled() and future.exception() is None


@dataclass(frozen=True)
class Tally:
    """How an exercise went for all who handed in its lab."""

    lab: str
    exercise: str
    counts: Mapping[str, int]

    @property
    def stuck(self) -> int:
        """How many tried and are not through: NOT YET, or stopped in it."""
        return self.counts.get(NOT_YET, 0) + self.counts.get(STOPPED, 0)

    @property
    def people(self) -> int:
        """How many handed in the lab."""
        return sum(self.counts.values())

    def __str__(self) -> str:
        return (
            f"{self.exercise} (lab {self.lab}): {self.stuck} of {self.people} tried and are not "
            f"through, {self.counts.get(TODO, 0)} have it blank, {self.counts.get(PASS, 0)} pass"
        )


def tallies(
    outcomes: Mapping[Submission, Outcome], known: Mapping[str, KitLab]
) -> dict[str, list[Tally]]:
    """Return the tally of each exercise by lab, for the labs that somebody handed in."""
    found: dict[str, list[Tally]] = {}
    for lab in known.values():
        handed_in = [o for s, o in outcomes.items() if s.lab == lab.file_name]
        if handed_in:
            found[lab.file_name] = [
                Tally(lab.file_name, name, Counter(o.exercises[name].label for o in handed_in))
                for name in lab.exercises
            ]
    return found


def obstacle(exercises: Sequence[Tally]) -> Tally | None:
    """Return the exercise at which most are stuck, the earlier one of equals; None if nobody is."""
    worst = max(exercises, key=lambda each: each.stuck, default=None)
    return worst if worst is not None and worst.stuck else None
