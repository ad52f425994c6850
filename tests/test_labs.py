"""The teaching itself: what each right and each wrong answer is told.

The answers come from the lab sources: cells tagged ``wrong`` with the words their message must
hold, and cells tagged ``alternative``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import pytest

from authoring import solutions
from authoring.source import is_variant, read, tags
from internlab import exercises
from internlab.files import project_root

LABS = sorted(project_root().glob("authoring/labs/*.py"))
CHECK = re.compile(r"^check\(\s*[\"']([\w-]+)[\"']", re.MULTILINE)
SAYS = re.compile(r"^# says: (.+)$", re.MULTILINE)


@dataclass
class Told:
    """What one exercise's answers were told."""

    solution: list[exercises.Feedback] = field(default_factory=list)
    alternatives: list[exercises.Feedback] = field(default_factory=list)
    wrong: list[tuple[str, exercises.Feedback]] = field(default_factory=list)


def _run_all_answers(path, shown) -> tuple[dict[str, Told], exercises.Lab]:
    """Run a lab's solution and every variant in one namespace, as a learner's kernel would."""
    namespace: dict = {"__name__": "__main__"}
    told: dict[str, Told] = {}
    for cell in read(path).cells:
        if cell.cell_type != "code":
            continue
        shown.clear()
        exec(compile(solutions.filled(cell.source), path.name, "exec"), namespace)
        names = CHECK.findall(cell.source)
        assert len(shown) == len(names) or not names
        for name, feedback in zip(names, shown, strict=True) if names else ():
            entry = told.setdefault(name, Told())
            if "wrong" in tags(cell):
                says = SAYS.search(cell.source)
                assert says, f"{name}: a wrong answer needs a line '# says: ...'"
                entry.wrong.append((says.group(1).strip(), feedback))
            elif "alternative" in tags(cell):
                entry.alternatives.append(feedback)
            else:
                entry.solution.append(feedback)
        assert names or not is_variant(cell), f"a variant without check(...): {cell.source}"
    lab = namespace["check"].__self__
    return told, lab


@pytest.fixture(scope="module", params=LABS, ids=lambda path: path.stem)
def answered(request):
    shown: list[exercises.Feedback] = []
    patch = pytest.MonkeyPatch()
    patch.setattr(exercises, "_show", shown.append)
    yield _run_all_answers(request.param, shown)
    patch.undo()


def test_a_lab_has_four_to_eight_exercises_and_uses_them_all(answered):
    told, lab = answered
    assert 4 <= len(told) <= 8
    assert list(told) == list(lab.exercises)


def test_the_solution_passes(answered):
    told, _ = answered
    for entry in told.values():
        assert len(entry.solution) == 1
        assert entry.solution[0].label == "PASS", str(entry.solution[0])


def test_every_wrong_answer_gets_its_own_message(answered):
    told, _ = answered
    for name, entry in told.items():
        assert entry.wrong, f"{name}: no wrong answer is listed"
        for says, feedback in entry.wrong:
            assert feedback.label == "NOT YET", f"{name}: {feedback} (expected: {says})"
            assert says in feedback.text, f"{name}: {feedback.text!r} does not say {says!r}"
        messages = [says for says, _ in entry.wrong]
        assert len(set(messages)) == len(messages), f"{name}: two wrong answers share a message"


def test_every_message_ends_in_one_question(answered):
    told, _ = answered
    for name, entry in told.items():
        for _, feedback in entry.wrong:
            assert feedback.text.rstrip().endswith("?"), f"{name}: {feedback.text}"


def test_differently_written_right_answers_pass(answered):
    told, _ = answered
    alternatives = [feedback for entry in told.values() for feedback in entry.alternatives]
    assert len(alternatives) >= 2
    for feedback in alternatives:
        assert feedback.label == "PASS", str(feedback)


def test_the_solution_named_by_the_hints_exists(answered):
    _, lab = answered
    assert (project_root() / lab.solution).is_file()
