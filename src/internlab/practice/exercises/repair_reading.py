"""Lab 04, what is read: a traceback, a list of requirements, a file of unknown encoding."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from internlab.answers import several
from internlab.exercises import Blank, NotYet, call

_PEOPLE = ("sora", "minho", "jiwon", "hana", "theo", "ada")
_LIBRARIES = ("numpy/_core/fromnumeric.py", "pandas/core/frame.py", "torch/nn/functional.py")


def check_own_line(answer: Callable[..., Any]) -> None:
    """answer: function (text, folder) -> (file, line)"""
    for kind in ("plain", "plain", "environment", "neighbour", "own last"):
        text, folder, frames = _traceback(kind)
        got = call(answer, text, folder)
        if isinstance(got, str):
            raise NotYet(
                f"you gave the text {got!r}, expected two values, file and line: what goes after "
                "the `return`?"
            )
        file, line = several(got, "file", "line")
        if isinstance(file, int) and isinstance(line, str):
            raise NotYet("the line comes before the file, expected file and line: in which order?")
        if isinstance(line, str):
            raise NotYet(
                f"the line is the text {line!r}, expected a whole number: what turns it into one?"
            )
        _judge_line(str(file), line, folder, frames)


def _judge_line(file: str, line: Any, folder: str, frames: list[tuple[str, int, bool]]) -> None:
    own = [(f, n) for f, n, is_own in frames if is_own]
    right_file, right_line = own[-1]
    if (file, line) == (right_file, right_line):
        return
    at = f"{file}, line {line},"
    if (file, line) not in [(f, n) for f, n, _ in frames]:
        if right_file.endswith(file) and line == right_line:
            raise NotYet(
                f"the file is {file!r}, expected it as the traceback has it: where does the name "
                "begin?"
            )
        raise NotYet(f"{at} is not in the traceback: which of its lines begin with File?")
    if (file, line) in own:
        raise NotYet(
            f"{at} is the repository's, and it calls {right_file}, line {right_line}, which is the "
            "repository's as well: which of the two is nearer to the error?"
        )
    if not file.startswith(folder):
        raise NotYet(f"{at} is a library's: which line of the repository called it?")
    if not file.startswith(f"{folder}/"):
        raise NotYet(
            f"{at} lies in another folder, whose name begins like {folder}: where does a folder's "
            "name end?"
        )
    raise NotYet(
        f"{at} lies in an environment inside the folder, in site-packages: who wrote that file?"
    )


def _traceback(kind: str) -> tuple[str, str, list[tuple[str, int, bool]]]:
    """Return a traceback, the repository's folder, and its frames: file, line, whether its own."""
    folder = f"/home/{random.choice(_PEOPLE)}/shift{random.randrange(10, 99)}"
    own = [f"{folder}/train.py", f"{folder}/train.py", f"{folder}/src/pulses.py"]
    others = [f"/usr/lib/python3/site-packages/{each}" for each in random.sample(_LIBRARIES, 2)]
    if kind == "environment":
        others = [
            f"{folder}/.venv/lib/site-packages/{each}" for each in random.sample(_LIBRARIES, 2)
        ]
    if kind == "neighbour":
        others = [f"{folder}-old/helpers.py", f"{folder}-old/tools.py"]
    if kind == "own last":
        others = []
    numbers = random.sample(range(3, 400), len(own) + len(others))
    frames = [
        (file, line, file in own) for file, line in zip([*own, *others], numbers, strict=True)
    ]
    if kind in ("plain", "environment"):
        # A library that calls back: the repository's code stands on both sides of it.
        frames.insert(2, (others[0], random.randrange(400, 900), False))
    lines = ["Traceback (most recent call last):"]
    for file, line, _ in frames:
        lines += [f'  File "{file}", line {line}, in step', "    value = step(value)"]
    lines.append('ValueError: cannot read File "settings.txt", line 7')
    return "\n".join(lines), folder, frames


_BARE, _LOWER, _STAR, _NEAR, _BELOW = "bare", "lower bound", "star", "compatible", "upper bound"
_ASKS = {
    _BARE: "names no version at all: which one would be installed next year?",
    _LOWER: "gives the lowest version: which is the highest?",
    _STAR: "fixes the beginning alone: what does the star stand for?",
    _NEAR: "says about which version, and ~= lets the last number grow: does it name exactly one?",
    _BELOW: "keeps a large step out: what of the small ones below it?",
}
_NAMES = ("numpy", "scipy", "torch", "pandas", "pillow", "optuna", "scikit-learn", "tqdm", "onnx")


def check_open_lines(answer: Callable[..., Any]) -> None:
    """answer: function (text) -> names whose version is left open"""
    for _ in range(3):
        text, opened, fixed, commented = _requirements()
        got = call(answer, text)
        if isinstance(got, str):
            raise NotYet(
                f"you gave the text {got!r}, expected a list of names: how many are there?"
            )
        try:
            names = list(got)
        except TypeError:
            raise NotYet(
                f"you gave a {type(got).__name__}, expected a list of names: which lines are they?"
            ) from None
        if any(each is ... for each in names):
            raise Blank
        _judge_names({str(each) for each in names}, opened, fixed, commented)


def _judge_names(
    got: set[str], opened: dict[str, tuple[str, str]], fixed: dict[str, str], commented: str
) -> None:
    lines = {line for line, _ in opened.values()} | set(fixed.values())
    whole = sorted(got & (lines - set(opened) - set(fixed)))
    if whole:
        raise NotYet(f"you gave the whole line {whole[0]!r}: where does the name of it end?")
    odd = sorted(got - set(opened) - set(fixed) - {commented})
    if odd:
        raise NotYet(f"{odd[0]!r} is no name of a package in the list: what else is on that line?")
    if commented in got:
        raise NotYet(f"{commented} stands in a comment and is not installed: what does # mean?")
    for name in sorted(got & set(fixed)):
        raise NotYet(
            f"{fixed[name]!r} names exactly one version, and you call it open: what did you look "
            "for in the line?"
        )
    for name, (line, kind) in opened.items():
        if name not in got:
            raise NotYet(f"{line!r} {_ASKS[kind]}")


def _requirements() -> tuple[str, dict[str, tuple[str, str]], dict[str, str], str]:
    names = random.sample(_NAMES, len(_NAMES))
    version = f"{random.randrange(1, 9)}.{random.randrange(1, 9)}"
    kinds = {
        _BARE: "{0}",
        _LOWER: "{0}>={1}",
        _STAR: "{0}=={1}.*",
        _NEAR: "{0}~={1}.0",
        _BELOW: "{0}>={1},<99",
    }
    opened = {}
    for kind, form in kinds.items():
        name = names.pop()
        opened[name] = (form.format(name, version), kind)
    fixed = {
        name: form.format(name, version)
        for name, form in zip(
            names, ("{0}=={1}.2", "{0} == {1}.2", "{0}=={1}.2  # not >="), strict=False
        )
    }
    commented = names[3]
    lines = [line for line, _ in opened.values()] + list(fixed.values())
    random.shuffle(lines)
    lines.insert(2, "")
    lines.insert(4, f"# {commented}>={version}")
    return "\n".join(lines) + "\n", opened, fixed, commented


_COLUMNS = ("번호", "벨트", "속도", "무게", "온도", "습도")


def check_read_text(answer: Callable[..., Any]) -> None:
    """answer: function (raw, columns) -> text"""
    for encoding in ("utf-8", "cp949", "utf-8-sig", "utf-16", "cp949"):
        columns = random.sample(_COLUMNS, 3)
        text = _table(columns)
        got = call(answer, text.encode(encoding), list(columns))
        if isinstance(got, (list, tuple)):
            raise NotYet(
                f"you gave a {type(got).__name__}, expected the text: which of them is it?"
            )
        if isinstance(got, bytes):
            raise NotYet("you gave bytes, expected text: which call turns the one into the other?")
        if str(got) == text:
            continue
        header = str(got).splitlines()[0] if got else ""
        if header.startswith("\ufeff"):
            raise NotYet(
                "the first column is named '\\ufeff"
                + columns[0]
                + "': the file begins with a mark "
                "that says UTF-8. Which encoding takes the mark away?"
            )
        if "\ufffd" in header or len(header) < len(",".join(columns)):
            raise NotYet(
                f"the header is {header!r}, expected {','.join(columns)!r}: what became of the "
                "bytes that could not be read?"
            )
        raise NotYet(
            f"a file in {encoding} has the header {header[:24]!r}, expected {','.join(columns)!r}: "
            "no error was raised, so how do you know that the encoding is the right one?"
        )
    _must_refuse(answer)


def _must_refuse(answer: Callable[..., Any]) -> None:
    """A file whose columns are others, whatever the encoding."""
    text = _table(["番号", "速度", "重量"])
    try:
        got = answer(text.encode("shift_jis"), list(_COLUMNS[:3]))
    except ValueError:  # UnicodeDecodeError is one
        return
    except Exception as error:
        raise NotYet(
            f"no encoding gives the columns, and your function raises {type(error).__name__}, "
            "expected ValueError: which one tells the caller that the file is the fault?"
        ) from None
    raise NotYet(
        f"no encoding gives the columns, and your function returns {str(got)[:12]!r}, expected a "
        "ValueError: what will the caller do with that text?"
    )


def _table(columns: list[str]) -> str:
    rows = [",".join(str(random.randrange(100)) for _ in columns) for _ in range(3)]
    return "\n".join([",".join(columns), *rows]) + "\n"
