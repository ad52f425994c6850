"""Guard tests: written with the lesson at their head, run on the fault and on mended code."""

import os

import numpy as np
import pytest

from internlab.practice import guard
from internlab.practice.seeded import (
    evaluation_faulty,
    evaluation_mended,
    scaling_faulty,
    scaling_mended,
)

double = None  # in the file that is written it comes from pipeline.py
RIGHT, WRONG = "def double(x):\n    return 2 * x\n", "def double(x):\n    return x\n"


def test_it_doubles():
    if double is not None:
        assert double(3) == 6, "it does not double"


def test_it_calls_what_is_not_there():
    if double is not None:
        double(3).halve()


def helper():
    return np.zeros(3)


@pytest.fixture
def lesson():
    return guard.LessonLearned(
        title='Double "everything"',
        expected='It doubles, says """the note""".',
        happened="It did not, in C:\\new.",
        cause="A factor was lost.",
        guard="Twice three is six.",
    )


def test_the_file_holds_the_lesson_and_is_python(lesson, tmp_path):
    path = guard.write(lesson, (helper, test_it_doubles), "double", folder=tmp_path)
    assert path == tmp_path / "test_double_everything.py"
    text = path.read_text(encoding="utf-8")
    compiled = compile(text, path.name, "exec")
    head = compiled.co_consts[0]
    for said in ("Double", "Expected: It doubles", "C:\\new", "A factor was lost", "Twice three"):
        assert said in head
    assert "from pipeline import double" in text and "def helper():" in text


def test_a_guard_fails_on_the_fault_and_passes_on_the_mended_code(lesson, tmp_path):
    path = guard.write(lesson, test_it_doubles, "double", folder=tmp_path)
    proof = guard.prove(path, WRONG, RIGHT)
    assert proof.guards
    assert proof.on_fault == guard.Verdict("failed", "it does not double")
    assert not guard.prove(path, RIGHT, WRONG).guards


def test_a_test_that_never_comes_to_a_judgement_is_broken_and_guards_nothing(lesson, tmp_path):
    path = guard.write(lesson, test_it_calls_what_is_not_there, "double", folder=tmp_path)
    verdict = guard.run(path, WRONG)
    assert verdict.outcome == "broken" and "AttributeError" in verdict.says
    missing = guard.run(path, "def treble(x):\n    return 3 * x\n")
    assert missing.outcome == "broken" and "double" in missing.says
    assert guard.Proof(verdict, guard.Verdict("passed", "")).guards is False


def test_a_test_that_hangs_is_ended(lesson, tmp_path):
    path = guard.write(lesson, test_it_doubles, "double", folder=tmp_path)
    verdict = guard.run(path, "def double(x):\n    while True:\n        pass\n", seconds=3)
    assert verdict == guard.Verdict("broken", "no answer after 3 s")


def test_a_module_can_be_given_and_the_settings_of_this_pytest_stay_here(
    lesson, tmp_path, monkeypatch
):
    monkeypatch.setenv("PYTEST_ADDOPTS", "--no-such-option")
    test = tmp_path / "test_own.py"
    test.write_text(
        "from pipeline import prepare\nimport numpy as np\n\n"
        "def test_blind():\n    a, b = np.arange(4.0)[:, None], np.ones((2, 1))\n"
        "    assert np.array_equal(prepare(a, b)[0], prepare(a, 9 * b)[0])\n",
        encoding="utf-8",
    )
    assert guard.prove(test, scaling_faulty, scaling_mended).guards
    assert os.environ["PYTEST_ADDOPTS"] == "--no-such-option"


def test_without_a_test_nothing_is_written(lesson, tmp_path):
    with pytest.raises(ValueError, match="helper begins with test_"):
        guard.write(lesson, helper, "double", folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_entry_with_a_blank_is_refused():
    with pytest.raises(ValueError, match="no cause"):
        guard.LessonLearned("t", "e", "h", " ", "g")


def test_by_default_a_guard_lies_beside_the_notes(lesson, notes_elsewhere):
    path = guard.write(lesson, test_it_doubles, "double")
    assert path.parent == notes_elsewhere / "guards"


def test_mended_scaling_is_that_of_scikit_learn_and_the_fault_is_not():
    from sklearn.preprocessing import StandardScaler

    rng = np.random.default_rng(0)
    train, test = rng.normal(3, 2, (30, 4)), rng.normal(5, 1, (20, 4))
    scaler = StandardScaler().fit(train)
    for ours, theirs in zip(scaling_mended.prepare(train, test), (train, test), strict=True):
        assert np.allclose(ours, scaler.transform(theirs))
    assert not np.allclose(scaling_faulty.prepare(train, test)[0], scaler.transform(train))


def test_mended_evaluation_turns_dropout_off_and_gives_the_mode_back():
    import torch

    network = torch.nn.Sequential(torch.nn.Identity(), torch.nn.Dropout(1.0))
    images, labels = torch.eye(4), torch.arange(4)
    for mode in (True, False):
        network.train(mode)
        assert evaluation_mended.evaluate(network, images, labels) == 1
        assert network.training is mode and network[1].training is mode
    network.train()
    assert evaluation_faulty.evaluate(network, images, labels) == 0.25
