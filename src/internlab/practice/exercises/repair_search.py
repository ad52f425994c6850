"""Lab 04, what is found: the commit that broke it, what a change costs, and five diagnoses."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping
from typing import Any

from internlab.answers import number
from internlab.exercises import Blank, NotYet, call
from internlab.practice.exercises.repair_given import DIAGNOSES, Program, programs, truth


def check_first_bad(answer: Callable[..., Any]) -> None:
    """answer: function (commits, is_bad) -> the first bad commit"""
    for count, first in ((2, 1), (9, 1), (9, 8), (16, random.randrange(2, 14)), (200, None)):
        commits = [f"{each:07x}" for each in random.sample(range(16**7), count)]
        bad = random.randrange(120, 190) if first is None else first
        runs: list[str] = []

        def is_bad(commit: str, runs=runs, commits=commits, bad=bad) -> bool:
            runs.append(commit)
            return commits.index(commit) >= bad

        got = call(lambda given, test=is_bad: answer(given, test), commits)
        _judge_commit(got, commits, bad)
        allowed = math.ceil(math.log2(count)) + 2
        if len(runs) > allowed:
            raise NotYet(
                f"right, with {len(runs)} runs for {count} commits, expected at most {allowed}: a "
                "run in the middle says which half to keep, so how many are left after each?"
            )


def _judge_commit(got: Any, commits: list[str], bad: int) -> None:
    if got == commits[bad]:
        return
    if isinstance(got, bool) or got in (bad - 1, bad, bad + 1):
        raise NotYet(f"you gave {got!r}, expected a commit: what stands at that place of the list?")
    if got == commits[bad - 1]:
        raise NotYet("that is the last good commit: which one comes after it?")
    if got not in commits:
        raise NotYet(f"{got!r} is none of the commits: what does your search end with?")
    side = "good" if commits.index(got) < bad else "bad, and so is the one before it"
    raise NotYet(
        f"of {len(commits)} commits you gave number {commits.index(got)}, counted from 0, which is "
        f"{side}: what do you know of both ends of the range when the search stops?"
    )


def check_rebuild(answer: Callable[..., Any]) -> None:
    """answer: function (layers, changed) -> seconds"""
    names = ("requirements.txt", "train.py", "data.csv", "settings.yaml")
    cases = [(["requirements.txt"], "requirements.txt"), (["requirements.txt"], "README.md")]
    cases += [(list(names), random.choice(names[1:3])) for _ in range(3)]
    for files, changed in cases:
        # Powers of two: no two sets of layers take equally long, so a sum says what was added up.
        costs = random.sample([2**power for power in range(9)], 1 + 2 * len(files))
        layers = [(set(), costs.pop())]
        for file in files:
            layers += [({file}, costs.pop()), (set(), costs.pop())]
        first = next((i for i, (inputs, _) in enumerate(layers) if changed in inputs), len(layers))
        seconds = [each for _, each in layers]
        right = sum(seconds[first:])
        got = number(call(answer, layers, changed), "the time", "what are you adding up?")
        if math.isclose(got, right):
            continue
        told = f"{changed} has changed and you gave {got:g} s, expected {right:g} s: "
        only = sum(each for inputs, each in layers if changed in inputs)
        if first == len(layers):
            raise NotYet(told + "no layer reads that file, so which of them is still valid?")
        if math.isclose(got, sum(seconds)):
            raise NotYet(told + "that is everything; which layers come before the change?")
        if math.isclose(got, only):
            raise NotYet(told + "a layer is built on top of the one before; what of those above?")
        if math.isclose(got, sum(seconds[first + 1 :])):
            raise NotYet(told + "is the layer that reads the file itself among them?")
        if math.isclose(got, sum(seconds[:first])):
            raise NotYet(told + "those are the layers that Docker can keep; which are the others?")
        raise NotYet(told + "which is the first layer that must be built again?")


def check_programs(answer: Any) -> None:
    """answer: {program's name: one of the diagnoses}"""
    if not isinstance(answer, Mapping):
        raise NotYet(
            f"you gave a {type(answer).__name__}, expected a dictionary from program to diagnosis: "
            "which program is which?"
        )
    known, right = programs(), truth()
    if any(value is ... for value in answer.values()):
        raise Blank
    missing = [name for name in known if name not in answer]
    if missing or len(answer) != len(known):
        raise NotYet(
            f"your answer names {', '.join(map(str, answer)) or 'none'}, expected "
            f"{', '.join(known)}: what of the others?"
        )
    for name, said in answer.items():
        if said not in DIAGNOSES:
            raise NotYet(
                f"{name} is {said!r}, expected one of {', '.join(DIAGNOSES)}: which of them?"
            )
    # The most telling mistakes first: what was not tried before what was misread.
    for name in sorted(known, key=lambda each: DIAGNOSES.index(right[each]), reverse=True):
        if answer[name] != right[name]:
            raise NotYet(_evidence(known[name], str(answer[name]), right[name]))


def _evidence(program: Program, said: str, right: str) -> str:
    """Show the measurement that speaks against a diagnosis, and ask."""
    model = program.train(0)
    told = f"{program.name}, you say, is {said!r}. "
    if right == "batch":
        numbers = program.evaluate(model, 40), program.evaluate(model, 2)
        return told + (
            f"One model has {numbers[0]:.1f} % with 40 images at a time and {numbers[1]:.1f} % "
            "with 2: what should the company of an image matter?"
        )
    if right == "training mode":
        numbers = program.evaluate(model), program.evaluate(model)
        return told + (
            f"One model, evaluated twice, has {numbers[0]:.1f} % and {numbers[1]:.1f} %: does "
            "training come into that at all?"
        )
    if right == "one seed":
        numbers = tuple(program.evaluate(program.train(seed)) for seed in (0, 1, 2))
        shown = ", ".join(f"{each:.1f} %" for each in numbers)
        return told + f"Trained with seeds 0, 1 and 2 it has {shown}: what does the seed decide?"
    if right == "no seed":
        numbers = tuple(program.evaluate(program.train(0)) for _ in range(3))
        shown = ", ".join(f"{each:.1f} %" for each in numbers)
        return told + f"Trained three times with seed 0 it has {shown}: what is not repeated?"
    return told + (
        "The same seed gives the same number, another seed another one, evaluating twice or in "
        "other batches changes nothing: which experiment speaks against it?"
    )
