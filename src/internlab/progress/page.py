"""The room as one HTML page: no script, no file beside it, nothing loaded from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from internlab.progress.catalogue import KitLab
from internlab.progress.outcome import LABELS, MEANINGS, NONE, SIGNS, Outcome, plain
from internlab.progress.room import Tally, obstacle, tallies
from internlab.progress.submissions import Submission

# A class name for each label; the sign and a hidden word carry the meaning, colour repeats it.
_CLASSES = {label: f"s{index}" for index, label in enumerate(LABELS)}

_STYLE = """
:root { color-scheme: light dark; --ink: #1b1b1b; --paper: #ffffff; --line: #c9c9c9;
  --soft: #f2f2f2; --good: #00614a; --bad: #9a3f00; --stop: #7a1f6b; --quiet: #595959; }
@media (prefers-color-scheme: dark) { :root { --ink: #ededed; --paper: #161616; --line: #4a4a4a;
  --soft: #242424; --good: #6fd3b4; --bad: #ffb27a; --stop: #e6a0d8; --quiet: #b5b5b5; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 110rem; padding: 1rem; color: var(--ink);
  background: var(--paper); font: clamp(16px, 0.5vw + 11px, 24px)/1.45 system-ui, sans-serif; }
h1 { font-size: 1.6em; margin: 0 0 .3em; } h2 { font-size: 1.25em; margin: 1.6em 0 .4em; }
p, ul { max-width: 70ch; margin: .4em 0; overflow-wrap: anywhere; }
.obstacle { border-left: .4em solid var(--bad); background: var(--soft); padding: .5em .8em; }
.scroll { overflow-x: auto; position: relative; }
.scroll:focus-visible { outline: 3px solid var(--bad); }
table { border-collapse: collapse; }
th, td { border-bottom: 1px solid var(--line); padding: .25em .6em; text-align: center; }
tbody th, tfoot th { text-align: left; position: sticky; left: 0; background: var(--paper);
  max-width: 12em; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
thead th { vertical-align: bottom; } thead th:first-child { text-align: left; }
th.worst { text-decoration: underline; text-decoration-color: var(--bad);
  text-decoration-thickness: .2em; }
td { font-weight: 700; }
.s0 { color: var(--good); } .s2, .s5 { color: var(--bad); } .s3 { color: var(--stop); }
.s1, .s4, .s6 { color: var(--quiet); }
.bar { display: block; height: .5em; background: var(--soft); border: 1px solid var(--line); }
.bar span { display: block; height: 100%; background: var(--good); }
.spoken { position: absolute; width: 1px; height: 1px; overflow: hidden;
  clip-path: inset(50%); white-space: nowrap; }
details { margin: .3em 0; } summary { cursor: pointer; padding: .2em 0; }
@media (max-width: 45rem) {
  thead th:not(:first-child) { writing-mode: vertical-rl; transform: rotate(180deg);
    text-align: left; padding: .3em .1em; font-weight: 400; }
  th, td { padding: .25em .3em; } tbody th, tfoot th { max-width: 7em; } }
li { overflow-wrap: anywhere; } footer { color: var(--quiet); margin-top: 2em; }
"""


def room_page(
    participants: Sequence[str],
    outcomes: Mapping[Submission, Outcome],
    known: Mapping[str, KitLab],
    title: str,
    notes: Sequence[str] = (),
    hide_names: bool = False,
) -> str:
    """Return the page as text.

    Parameters
    ----------
    participants : sequence of str
        In the order of the rows; the names are those of the folders.
    outcomes : mapping of Submission to Outcome
    known : mapping of str to KitLab
    title : str
    notes : sequence of str
        Sentences for the foot of the page, such as what contained the runs.
    hide_names : bool
        Number the participants instead of naming them, as for a projector.
    """
    named = {
        who: f"participant {number}" if hide_names else plain(who, 60)
        for number, who in enumerate(participants, start=1)
    }
    counted = tallies(outcomes, known)
    sections = [
        _lab_section(known[lab], counted[lab], participants, named, outcomes) for lab in counted
    ]
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            '<head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
            "style-src 'unsafe-inline'\">",
            '<meta name="referrer" content="no-referrer">',
            f"<title>{escape(plain(title))}</title><style>{_STYLE}</style></head>",
            f"<body><header><h1>{escape(plain(title))}</h1>",
            _summary(participants, outcomes),
            _legend(),
            "</header><main>",
            *sections,
            "</main><footer><ul>",
            *(f"<li>{escape(plain(note))}</li>" for note in notes),
            "</ul></footer></body></html>",
            "",
        ]
    )


def _summary(participants: Sequence[str], outcomes: Mapping[Submission, Outcome]) -> str:
    people, runs = len(participants), len(outcomes)
    if not runs:
        return "<p>No lab was handed in.</p>"
    ended_early = sum(bool(outcome.problem) for outcome in outcomes.values())
    early = f" {ended_early} of them did not run to the end." if ended_early else ""
    return (
        f"<p>{people} participant{'s' * (people != 1)}, "
        f"{runs} lab{'s' * (runs != 1)} run.{early}</p>"
    )


def _legend() -> str:
    items = "".join(
        f'<li><b class="{_CLASSES[label]}" aria-hidden="true">{SIGNS[label]}</b> '
        f"{escape(label)}: {escape(MEANINGS[label])}</li>"
        for label in LABELS
    )
    return f"<details><summary>What the signs mean</summary><ul>{items}</ul></details>"


def _lab_section(
    lab: KitLab,
    counted: Sequence[Tally],
    participants: Sequence[str],
    named: Mapping[str, str],
    outcomes: Mapping[Submission, Outcome],
) -> str:
    worst = obstacle(counted)
    heading = escape(f"Lab {lab.title}")
    by_name = {s.participant: o for s, o in outcomes.items() if s.lab == lab.file_name}
    rows = [_row(named[who], by_name.get(who), lab) for who in participants]
    head = "".join(
        f'<th scope="col"{" class=worst" if tally is worst else ""}>{escape(tally.exercise)}</th>'
        for tally in counted
    )
    foot = "".join(_share(tally) for tally in counted)
    told = [_messages(named[who], by_name[who]) for who in participants if who in by_name]
    return "\n".join(
        [
            f'<section aria-label="{heading}"><h2>{heading}</h2>',
            _obstacle(worst),
            f'<div class="scroll" tabindex="0" role="region" aria-label="Table of {heading}">',
            f'<table><caption class="spoken">Participants by exercises of {heading}</caption>',
            f'<thead><tr><th scope="col">participant</th>{head}</tr></thead><tbody>',
            *rows,
            f'</tbody><tfoot><tr><th scope="row">passed by</th>{foot}</tr></tfoot>',
            "</table></div>",
            *(each for each in told if each),
            "</section>",
        ]
    )


def _obstacle(worst: Tally | None) -> str:
    if worst is None:
        return '<p class="obstacle">No obstacle: nobody is stuck.</p>'
    return (
        f'<p class="obstacle">The obstacle is <b>{escape(worst.exercise)}</b>: {worst.stuck} of '
        f"{worst.people} tried and are not through, {worst.counts.get('TODO', 0)} have it blank, "
        f"{worst.counts.get('PASS', 0)} pass.</p>"
    )


def _row(name: str, outcome: Outcome | None, lab: KitLab) -> str:
    labels = [outcome.exercises[each].label if outcome else NONE for each in lab.exercises]
    cells = "".join(_cell(label) for label in labels)
    return f'<tr><th scope="row" title="{escape(name)}">{escape(name)}</th>{cells}</tr>'


def _cell(label: str) -> str:
    return (
        f'<td class="{_CLASSES[label]}" title="{escape(label)}"><span aria-hidden="true">'
        f'{SIGNS[label]}</span><span class="spoken">{escape(label)}</span></td>'
    )


def _share(tally: Tally) -> str:
    passed = tally.counts.get("PASS", 0)
    percent = round(100 * passed / tally.people)
    return (
        f'<td>{passed}<span class="bar" aria-hidden="true">'
        f'<span style="width:{percent}%"></span></span></td>'
    )


def _messages(name: str, outcome: Outcome) -> str:
    """Return what a participant was told where it was neither PASS nor TODO, folded away."""
    lines = [f"<b>Did not run to its end</b>: {escape(outcome.problem)}"] if outcome.problem else []
    lines += [
        f"<b>{escape(told.label)}</b> {escape(exercise)}: {escape(told.text)}"
        for exercise, told in outcome.worth_saying().items()
    ]
    lines += [f"<b>Look at it</b>: {escape(remark)}" for remark in outcome.remarks]
    if not lines:
        return ""
    items = "".join(f"<li>{line}</li>" for line in lines)
    count = f"{len(lines)} message{'s' * (len(lines) != 1)}"
    marks = [
        text
        for text, there in (
            ("did not run to its end", outcome.problem),
            ("look at it", outcome.remarks),
        )
        if there
    ]
    said = ", ".join([count, *marks])
    return f"<details><summary>{escape(name)}: {said}</summary><ul>{items}</ul></details>"
