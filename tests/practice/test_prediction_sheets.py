"""Sheets of forecasts: sealed before, scored after, and what is seen of an edit."""

import pytest

from internlab.bars import Bar
from internlab.practice import game, predictions
from internlab.practice.experiments import AUTHOR, EXPERIMENTS, Experiment

QUESTIONS = {"rain": "Does it rain?", "snow": "Does it snow?", "hail": "Does it hail?"}
MINE = {"rain": 0.7, "snow": 0.1, "hail": 0.5}
ANSWERS = {"rain": True, "snow": False, "hail": False}


@pytest.fixture
def sheet(tmp_path):
    return predictions.seal("me", MINE, QUESTIONS, tmp_path / "sheets")


def test_a_sheet_is_sealed_on_disk_and_scored_by_hand(sheet):
    assert sheet.is_intact and not sheet.outcomes
    text = sheet.path.read_text(encoding="utf-8")
    assert "| **rain**: Does it rain? | 0.70 |  |  |" in text
    sheet.score(ANSWERS)
    assert sheet.brier == pytest.approx((0.3**2 + 0.1**2 + 0.5**2) / 3)
    again = predictions.load(sheet.path)
    assert again == sheet and again.brier == sheet.brier
    assert "| **snow**: Does it snow? | 0.10 | no | 0.010 |" in again.path.read_text("utf-8")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("rain: 0.7", "rain: 0.99"),
        ("Does it snow?", "Does it snow in July?"),
        ("forecaster: me", "forecaster: you"),
        ("sealed: '20", "sealed: '19"),
    ],
)
def test_an_edit_after_the_seal_is_seen_and_not_scored(sheet, old, new):
    text = sheet.path.read_text(encoding="utf-8")
    assert old in text
    sheet.path.write_text(text.replace(old, new), encoding="utf-8")
    assert not predictions.load(sheet.path).is_intact
    edited = sheet.path.read_text(encoding="utf-8")
    with pytest.raises(ValueError, match="edited after it was sealed"):
        sheet.score(ANSWERS)
    assert sheet.path.read_text(encoding="utf-8") == edited and not sheet.outcomes


def test_the_answers_are_given_once(sheet):
    sheet.score(ANSWERS)
    assert sheet.score(ANSWERS).outcomes == ANSWERS
    with pytest.raises(ValueError, match="with other answers"):
        sheet.score({**ANSWERS, "hail": True})


def test_a_missing_answer_is_named_and_a_score_before_them_refused(sheet):
    with pytest.raises(ValueError, match="No answer for hail"):
        sheet.score({"rain": True, "snow": False})
    with pytest.raises(ValueError, match="no answers yet"):
        _ = sheet.brier


def test_a_sheet_sealed_after_the_answers_says_so(sheet, tmp_path):
    second = predictions.seal("me", MINE, QUESTIONS, sheet.path.parent)
    assert not second.answers_known and second.path != sheet.path
    sheet.score(ANSWERS)
    third = predictions.seal("me", {**MINE, "rain": 1}, QUESTIONS, sheet.path.parent)
    assert third.answers_known
    assert "were known when this sheet was sealed" in third.path.read_text(encoding="utf-8")
    elsewhere = predictions.seal("me", MINE, QUESTIONS, tmp_path / "other")
    assert not elsewhere.answers_known


@pytest.mark.parametrize(
    ("forecasts", "says"),
    [
        ({"rain": 0.7, "snow": 0.1}, "No forecast for hail"),
        ({**MINE, "hall": 0.5}, "Did you mean 'hail'"),
        ({**MINE, "hail": 50}, "from 0 to 1"),
        ({**MINE, "hail": float("nan")}, "from 0 to 1"),
        ({**MINE, "hail": "likely"}, "'likely'"),
        ({**MINE, "hail": ...}, "Ellipsis"),
    ],
)
def test_what_is_no_sheet_is_refused_before_anything_is_written(tmp_path, forecasts, says):
    with pytest.raises(ValueError, match=says):
        predictions.seal("me", forecasts, QUESTIONS, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_sheet_lies_beside_the_notes_and_is_no_note(notes_elsewhere):
    from internlab import notes

    sheet = predictions.seal("me", MINE, QUESTIONS)
    assert sheet.path.parent == notes_elsewhere / "predictions"
    assert notes.load_all() == []


def test_a_file_that_is_no_sheet_is_named(tmp_path):
    (tmp_path / "shopping.md").write_text("milk", encoding="utf-8")
    with pytest.raises(ValueError, match=r"shopping\.md is not a complete sheet"):
        predictions.load_all(tmp_path)


def _experiments(ran):
    def measure(seed):
        ran.append(seed)
        return float(seed)

    return {
        name: Experiment(name, f"Is {name}?", "Nothing.", "seed", measure, bar, "Because.")
        for name, bar in (("early", Bar(">=", 3)), ("late", Bar("<", 3)))
    }


def test_the_majority_of_the_seeds_gives_the_answer():
    experiments = _experiments([])
    outcome = experiments["early"].run((0, 1, 2, 3, 4))
    assert (outcome.votes, outcome.yes, outcome.values) == (2, False, (0, 1, 2, 3, 4))
    assert experiments["late"].run((0, 1, 2, 3, 4)).yes
    assert experiments["early"].run((3,)).yes
    with pytest.raises(ValueError, match="odd number"):
        experiments["early"].run((0, 1))


def test_nothing_runs_for_forecasts_that_are_not_sealed(tmp_path):
    ran = []
    experiments = _experiments(ran)
    with pytest.raises(ValueError, match="seal a sheet first"):
        game.reveal(experiments=experiments)
    other = predictions.seal("me", MINE, QUESTIONS, tmp_path)
    with pytest.raises(ValueError, match="not the 2 of these experiments"):
        game.reveal(other, experiments=experiments)
    sheet = predictions.seal("me", dict.fromkeys(experiments, 0.5), game.questions(experiments),
                             tmp_path)  # fmt: skip
    text = sheet.path.read_text(encoding="utf-8")
    sheet.path.write_text(text.replace("early: 0.5", "early: 0.0"), encoding="utf-8")
    with pytest.raises(ValueError, match="edited after it was sealed"):
        game.reveal(sheet, experiments=experiments)
    assert ran == []


def test_sealed_forecasts_get_answers_that_are_folded_away(tmp_path):
    experiments = _experiments([])
    sheet = predictions.seal("me", {"early": 0.1, "late": 1.0}, game.questions(experiments),
                             tmp_path)  # fmt: skip
    revealed = game.reveal(sheet, experiments=experiments)
    assert revealed.answers == {"early": False, "late": True}
    assert predictions.load(sheet.path).brier == pytest.approx(0.005)
    html = revealed._repr_html_()
    # Nothing but the summary stands outside of what is folded, and it is not unfolded.
    assert html.startswith("<details><summary>") and html.endswith("</table></details>")
    assert "2 of 5 seeds say yes" in html.split("</summary>")[1]
    assert "early" not in repr(revealed)


def test_the_recorded_forecast_is_one_for_each_of_twelve_experiments():
    assert list(AUTHOR) == list(EXPERIMENTS) and len(AUTHOR) == 12
    assert all(each.name == name for name, each in EXPERIMENTS.items())
    assert all(each.question.endswith("?") for each in EXPERIMENTS.values())
