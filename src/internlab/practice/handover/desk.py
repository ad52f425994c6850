"""The receiver's desk: a fresh folder and a fresh process that know nothing but the parcel."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from internlab.practice.handover import cards, receiver
from internlab.practice.handover.records import as_text

SECONDS = 60  # nothing that hangs may hang the desk


@dataclass(frozen=True)
class Verdict:
    """What the receiver says of a parcel.

    Parameters
    ----------
    served : bool
    problems : tuple of dict
        Each with "facts", "kind" ("missing" or "wrong") and "text".
    """

    served: bool
    problems: tuple[dict[str, Any], ...]

    @property
    def facts(self) -> list[str]:
        """Every fact that some problem names."""
        return list(dict.fromkeys(fact for each in self.problems for fact in each["facts"]))

    def __str__(self) -> str:
        if self.served:
            return "served"
        return "refused\n" + "\n".join(
            f"  {each['kind']}: {each['text']}" for each in self.problems
        )


def pack(folder: Path, model: Path, card: Mapping[str, Any]) -> Path:
    """Put the model file and its card into a new folder, and nothing else."""
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    shutil.copyfile(model, folder / model.name)
    cards.write(card, folder / receiver.CARD)
    return folder


def deliver(folder: Path) -> Verdict:
    """Let a receiver in a process of its own examine a folder.

    Raises
    ------
    RuntimeError
        If the receiver breaks down instead of giving a verdict.
    """
    with _elsewhere(folder) as (command, there):
        done = subprocess.run(
            command, cwd=there, env=_bare(), capture_output=True, text=True, timeout=SECONDS
        )
    if done.returncode not in (0, 1):
        raise RuntimeError(f"The receiver broke down: {done.stderr.strip()[-500:]}")
    return _verdict(done.stdout)


def examine(folder: Path) -> Verdict:
    """Let the receiver's code examine a folder in this process: the same, and faster."""
    problems, service = receiver.examine(folder)
    return Verdict(service is not None, tuple(problems))


class Client:
    """Asks a running service; made by `serving`."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, image: NDArray[np.uint8]) -> NDArray[np.float64]:
        """Return the probabilities for an image, (K,) or (K, H, W).

        Raises
        ------
        ValueError
            If the service refuses the image; the text says why.
        """
        reply = self.send({"image": as_text(image)})
        if "error" in reply:
            raise ValueError(reply["error"])
        flat = np.frombuffer(base64.b64decode(reply["probability"]), dtype="<f8")
        return flat.reshape(reply["shape"])

    def send(self, request: Any) -> dict[str, Any]:
        """Send any request as it is, and return the reply.

        Raises
        ------
        RuntimeError
            If the service has ended, or takes longer than a minute, after which it is ended.
        """
        alarm = threading.Timer(SECONDS, self._process.kill)
        alarm.start()
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except OSError:
            line = ""
        finally:
            alarm.cancel()
        if not line:
            raise RuntimeError("The service has ended without an answer. Start it again.")
        return json.loads(line)


@contextmanager
def serving(folder: Path) -> Iterator[Client]:
    """Start a service from a folder, in a process that has nothing else, and end it afterwards.

    Raises
    ------
    ValueError
        If the receiver refuses the folder.
    """
    with _elsewhere(folder) as (command, there):
        process = subprocess.Popen(
            [*command, "--serve"],
            cwd=there,
            env=_bare(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            verdict = _first_line(process)
            if not verdict.served:
                raise ValueError(f"The receiver cannot serve this: {verdict}")
            yield Client(process)
        finally:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                with suppress(OSError):
                    stream.close()


def _first_line(process: subprocess.Popen[str]) -> Verdict:
    alarm = threading.Timer(SECONDS, process.kill)
    alarm.start()
    try:
        line = process.stdout.readline()
    finally:
        alarm.cancel()
    if not line:
        raise RuntimeError("The receiver ended without a verdict.")
    return _verdict(line)


@contextmanager
def _elsewhere(folder: Path) -> Iterator[tuple[list[str], Path]]:
    """Copy the parcel and the receiver's script into an empty place."""
    with tempfile.TemporaryDirectory(prefix="internlab-receiver-") as place:
        there = Path(place)
        shutil.copytree(folder, there / "parcel")
        shutil.copyfile(receiver.__file__, there / "receiver.py")
        # -I: no variables, no user folder, and not the working directory on the path.
        yield [sys.executable, "-I", "receiver.py", "parcel"], there


def _bare() -> dict[str, str]:
    """Return an environment without anything of the sender's; one thread, for equal cost."""
    import os

    kept = ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH", "TMPDIR", "TEMP", "TMP")
    return {name: os.environ[name] for name in kept if name in os.environ} | {
        "OMP_NUM_THREADS": "1",
        "PYTHONUTF8": "1",
    }


def _verdict(line: str) -> Verdict:
    said = json.loads(line)
    return Verdict(said["served"], tuple(said["problems"]))
