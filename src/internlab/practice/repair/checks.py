"""One check a fault. Each runs a bounded process, and names a symptom: what is seen, not the cure.

Faults hide each other: where a run stops early, what would come later cannot be judged, and a
check says so rather than guess.
"""

from __future__ import annotations

import importlib.metadata
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from internlab.practice.repair.faults import FAULTS
from internlab.practice.repair.install import install, parsed, requirement_lines, versions_in
from internlab.practice.repair.place import Place
from internlab.practice.repair.runs import Run, ask, train

FOUND, GONE, CANNOT_TELL = "found", "gone", "cannot tell"
ON_CPU = ("--device", "cpu")
SHORT = ("--epochs", "2")


@dataclass(frozen=True)
class Finding:
    """What a check says: `state` is "found", "gone" or "cannot tell"."""

    fault: str
    state: str
    symptom: str = ""

    def __str__(self) -> str:
        return f"{self.fault}: {self.state}" + (f". {self.symptom}" if self.symptom else "")


def check(place: Place, names: Iterable[str] | None = None) -> list[Finding]:
    """Run the checks of the named faults, by default of all eight, and return what they find.

    Raises
    ------
    ValueError
        If a name is none of the eight, or what ``requirements.txt`` asks for cannot be installed.
    """
    names = list(FAULTS if names is None else names)
    unknown = [name for name in names if name not in FAULTS]
    if unknown:
        raise ValueError(f"No check {', '.join(unknown)}. There are {', '.join(FAULTS)}.")
    install(place)
    return [_CHECKS[name](place) for name in names]


def check_pin(place: Place) -> Finding:
    """Would the same file give another package tomorrow?"""
    listed = {each.name: each for each in map(parsed, requirement_lines(place))}
    today = versions_in(place)
    if not listed or set(today) - set(listed):
        return Finding("pin", FOUND, "requirements.txt does not name what the program imports.")
    moving = []
    for name, requirement in listed.items():
        for version in _tomorrow(today.get(name) or importlib.metadata.version(name)):
            if requirement.specifier.contains(version):
                moving.append(f"{name} {version}")
                break
    if not moving:
        return Finding("pin", GONE)
    chosen = ", ".join(f"{name} {version}" for name, version in today.items())
    return Finding(
        "pin",
        FOUND,
        f"If {' and '.join(moving)} appeared tomorrow, the same requirements.txt would install it. "
        f"Today the installer chose {chosen}.",
    )


def check_path(place: Place) -> Finding:
    """Does a copy in another folder find its own data, to the letter?"""
    with tempfile.TemporaryDirectory(prefix="elsewhere-") as name:
        copy = Path(name).resolve() / "a copy"
        shutil.copytree(place.repository, copy)
        run = train(place, *ON_CPU, "--epochs", "0", repository=copy)
        tables = [each for each in run.opened if each.suffix.lower() == ".csv"]
        if not tables:
            return _stopped("path", run)
        asked = tables[0]
        try:
            parts = asked.relative_to(copy).parts
        except ValueError:
            where = "which is not here" if not asked.exists() else "which lies outside the copy"
            return Finding(
                "path",
                FOUND,
                f"A copy of the repository elsewhere opens {_shown(asked, place)}, {where}.",
            )
        shown = "/".join(parts)
        if not _is_spelt_so(copy, parts):
            return Finding(
                "path", FOUND, f"The program opens {shown}; no file is spelt so, letter by letter."
            )
    return Finding("path", GONE)


def check_encoding(place: Place) -> Finding:
    """Is Korean text in the data read as that text?"""
    with tempfile.TemporaryDirectory() as name:
        path = _small_table(Path(name), "cp949")
        run = ask(place, "read_parcels", str(path))
        utf8 = _small_table(Path(name), "utf-8", "utf8.csv")
        if run.error == "UnicodeDecodeError":
            return Finding("encoding", FOUND, f"Reading the table ends in {run.ended_with}.")
        if run.error == "KeyError":
            return Finding(
                "encoding",
                FOUND,
                f"The table is read without complaint, and has no column {run.says}: the header is "
                "no longer Korean.",
            )
        if run.error and ask(place, "read_parcels", str(utf8)).ended_well:
            return Finding("encoding", FOUND, f"Reading the table ends in {run.ended_with}.")
        if run.answer is None:
            return _stopped("encoding", run)
        if run.answer["belts"] != ["가", "나"]:
            return Finding(
                "encoding", FOUND, f"The belts 가 and 나 are read as {run.answer['belts']}."
            )
    return Finding("encoding", GONE)


def check_api(place: Place) -> Finding:
    """Is every function that the features need where the code looks for it?"""
    run = _features(place)
    moved = run.error in ("AttributeError", "ImportError") and "numpy" in run.output
    if moved:
        return Finding("api", FOUND, f"The features end in {run.ended_with}.")
    return Finding("api", GONE) if run.answer is not None else _stopped("api", run)


def check_dtype(place: Place) -> Finding:
    """Do the same counts give the same features, whatever type they are kept in?"""
    run = _features(place)
    if run.answer is None:
        return _stopped("dtype", run)
    as_read, as_floats = run.answer
    off = [
        f"{got:.6g} instead of {right:.6g}"
        for row, rights in zip(as_read, as_floats, strict=True)
        for got, right in zip(row, rights, strict=True)
        # A float32 keeps seven digits, and `not` so that NaN is off as well.
        if not abs(got - right) <= 1e-4 * max(1.0, abs(right))
    ]
    if not off:
        return Finding("dtype", GONE)
    return Finding(
        "dtype",
        FOUND,
        f"A heavy parcel as the file is read has a feature {off[0]}, which is what the same counts "
        "give as floats. A light one is right.",
    )


def check_seed(place: Place) -> Finding:
    """Does a seed decide the number: the same one the same, another one another?"""
    runs = [train(place, *ON_CPU, *SHORT, "--seed", seed) for seed in ("0", "0", "1")]
    for run in runs:
        if run.number is None:
            return _stopped("seed", run)
    first, again, other = (run.number for run in runs)
    if first != again:
        return Finding(
            "seed",
            FOUND,
            f"Two short runs with --seed 0 give {first:.2f} g and {again:.2f} g.",
        )
    if first == other:
        return Finding("seed", FOUND, f"--seed 0 and --seed 1 both give {first:.2f} g.")
    return Finding("seed", GONE)


def check_mode(place: Place) -> Finding:
    """Has one network on the same parcels one number?"""
    run = ask(place, "evaluate_often", 3)
    if run.answer is None:
        return _stopped("mode", run)
    if len(set(run.answer)) > 1:
        numbers = ", ".join(f"{each:.1f}" for each in run.answer)
        return Finding(
            "mode", FOUND, f"One network, evaluated three times on the same parcels: {numbers} g."
        )
    return Finding("mode", GONE)


def check_device(place: Place) -> Finding:
    """Where the device asked for is not there, is that said?"""
    on_cpu = train(place, *ON_CPU, "--epochs", "1")
    if not on_cpu.ended_well:
        return _stopped("device", on_cpu)
    run = train(place, "--device", "cuda", "--epochs", "1", without=("cupy",))
    if run.status != 0:
        told = any(word in run.output.lower() for word in ("cuda", "cupy", "gpu"))
        return Finding("device", GONE) if told else _stopped("device", run)
    recorded = str((run.record or {}).get("device", ""))
    if "cpu" in run.output.lower().split() or recorded == "cpu":
        return Finding("device", GONE)
    return Finding(
        "device",
        FOUND,
        "Asked for cuda where there is no CuPy, the run ends well, prints nothing of it, and "
        f"records the device {recorded!r}.",
    )


_CHECKS: dict[str, Callable[[Place], Finding]] = {
    "path": check_path,
    "encoding": check_encoding,
    "api": check_api,
    "dtype": check_dtype,
    "seed": check_seed,
    "mode": check_mode,
    "pin": check_pin,
    "device": check_device,
}


def _shown(path: Path, place: Place) -> str:
    return path.as_posix().replace(f"{place.folder.as_posix()}/", "")


def _tomorrow(version: str) -> tuple[str, ...]:
    """Return versions that may come after this one: a large step, a small one, a repair."""
    major, minor, micro = ([int(part) for part in re.findall(r"\d+", version)] + [0, 0])[:3]
    return f"{major + 1}.0", f"{major}.{minor + 1}.0", f"{major}.{minor}.{micro + 1}"


def _stopped(fault: str, run: Run) -> Finding:
    return Finding(fault, CANNOT_TELL, f"The run stops before: {run.ended_with}.")


def _features(place: Place) -> Run:
    """Features of a light and a heavy parcel, read from a table whose encoding is no matter."""
    with tempfile.TemporaryDirectory() as name:
        for encoding in ("cp949", "utf-8"):
            run = ask(place, "features_of", str(_small_table(Path(name), encoding)))
            if run.error not in ("UnicodeDecodeError", "KeyError"):
                break
    return run


def _small_table(folder: Path, encoding: str, name: str = "parcels.csv") -> Path:
    """Write a light parcel on belt 가 and a heavy one on belt 나."""
    samples = 32
    header = ["번호", "벨트", "속도", "무게", *(f"표본{i:02d}" for i in range(1, samples + 1))]
    lines = [",".join(header)]
    for number, (belt, grams) in enumerate((("가", 300), ("나", 2700)), start=1):
        pulse = [100, 100, 100] + [100 + grams] * 20 + [100] * (samples - 23)
        lines.append(",".join(str(each) for each in (number, belt, 0.8, grams, *pulse)))
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding=encoding)
    return path


def _is_spelt_so(folder: Path, parts: tuple[str, ...]) -> bool:
    """Say whether a path exists in just these letters, also where the disk does not mind."""
    for part in parts:
        if not folder.is_dir() or part not in [each.name for each in folder.iterdir()]:
            return False
        folder = folder / part
    return True
