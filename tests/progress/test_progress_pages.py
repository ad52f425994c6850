"""The room on a page and in a terminal: readable for everybody, and safe whatever a name holds."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pytest
from chromium import FLAGS

from internlab.progress import catalogue, examples
from internlab.progress.outcome import SIGNS, Outcome, Told
from internlab.progress.page import room_page
from internlab.progress.submissions import Submission
from internlab.progress.table import own_lines, remark_lines, room_lines

KNOWN = catalogue.labs()
LAB = KNOWN[examples.LAB]
EVIL = "<script>alert(1)</script>\x1b[2J\u202e\"' onload=x"
PEOPLE = ("Ana", EVIL, "김민수", "Zoe")


def _outcome(*labels, text="", problem="", remarks=()):
    told = {name: Told(each, text) for name, each in zip(LAB.exercises, labels, strict=True)}
    return Outcome(told, problem, remarks)


@pytest.fixture
def outcomes():
    rows = {
        "Ana": _outcome(*["PASS"] * 8),
        EVIL: _outcome("NOT YET", *["TODO"] * 7, text=EVIL, problem=EVIL, remarks=(EVIL,)),
        "김민수": _outcome("NOT YET", "STOPPED", *["NOT REACHED"] * 6),
    }
    return {Submission(who, LAB.file_name, Path("x")): row for who, row in rows.items()}


class _Read(HTMLParser):
    """Collects tags, attributes and the cells of the table."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.attributes, self.rows, self._open = [], [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, *each) for each in attrs]
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
            self._open.append(tag)

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self._open.pop()

    def handle_data(self, data):
        if self._open:
            self.rows[-1][-1] += data


def test_every_cell_says_its_label_in_words(outcomes):
    page = room_page(PEOPLE, outcomes, KNOWN, "Room")
    rows = _Read(page).rows
    assert rows[0] == ["participant", *LAB.exercises]
    assert rows[1] == ["Ana", *["✓PASS"] * 8]
    assert rows[3] == ["김민수", "✗NOT YET", "■STOPPED", *["○NOT REACHED"] * 6]
    assert rows[4] == ["Zoe", *["-no lab"] * 8]
    assert rows[5] == ["passed by", *["1"] * 8]
    assert len(set(SIGNS.values())) == len(SIGNS)


def test_the_page_names_the_obstacle_first(outcomes):
    page = room_page(PEOPLE, outcomes, KNOWN, "Room")
    assert "The obstacle is <b>profile</b>: 2 of 3 tried and are not through" in page
    assert page.index("The obstacle") < page.index("<table")


def test_nothing_of_a_participant_becomes_markup(outcomes):
    page = room_page(PEOPLE, outcomes, KNOWN, EVIL, notes=[EVIL])
    read = _Read(page)
    assert "script" not in read.tags
    assert not [name for _, name, _ in read.attributes if name.startswith("on")]
    assert "\x1b" not in page and "\u202e" not in page
    # Nothing is loaded, and if something were to be, the page forbids it.
    assert not [each for each in read.attributes if each[1] in ("src", "href")]
    assert "default-src 'none'" in page


def test_a_page_for_all_to_see_holds_no_name(outcomes):
    page = room_page(PEOPLE, outcomes, KNOWN, "Room", hide_names=True)
    for name in ("Ana", "김민수", "Zoe"):
        assert name not in page
    assert "participant 4" in page


def test_the_page_is_made_for_readers_of_tables(outcomes):
    read = _Read(room_page(PEOPLE, outcomes, KNOWN, "Room"))
    assert ("html", "lang", "en") in read.attributes
    assert {"main", "header", "caption", "h1", "h2"} <= set(read.tags)
    scopes = [value for tag, name, value in read.attributes if (tag, name) == ("th", "scope")]
    assert scopes.count("col") == 1 + len(LAB.exercises) and scopes.count("row") == 5
    assert any(name == "name" and value == "viewport" for _, name, value in read.attributes)


def test_the_terminal_shows_the_same_and_nothing_that_moves_the_cursor(outcomes):
    lines = room_lines(PEOPLE, outcomes, KNOWN)
    text = "\n".join([*lines, *remark_lines(outcomes)])
    assert not [c for c in text if ord(c) < 32 and c != "\n"] and "\u202e" not in text
    assert "Obstacle: profile (lab 12_tensorrt): 2 of 3 tried" in text
    rows = {line.split("  ")[0]: line for line in lines}
    assert rows["Ana"].split("  ", 1)[1].split() == ["✓"] * 8
    # A Hangul syllable is two columns wide; the signs of all rows stand below each other.
    at = rows["Ana"].index("✓")
    assert rows["김민수"].index("✗") == at - len("김민수")


def test_the_own_labs_say_what_is_not_right_yet(outcomes):
    (ana, _, kim) = outcomes
    text = "\n".join(own_lines({ana: outcomes[ana], kim: outcomes[kim]}, KNOWN))
    assert "8 of 8" in text and "0 of 8" in text
    assert "NOT YET profile" in text and "NOT REACHED" not in text


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280, 1920])
def test_the_page_does_not_scroll_sideways(width, outcomes, tmp_path, chromium, playwright):
    page = tmp_path / "page.html"
    page.write_text(room_page(PEOPLE, outcomes, KNOWN, "Room"), encoding="utf-8")
    browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
    try:
        shown = browser.new_page(viewport={"width": width, "height": 800})
        shown.goto(page.as_uri())
        assert shown.evaluate("document.documentElement.scrollWidth") <= width
        table = shown.evaluate(
            "(() => { const e = document.querySelector('.scroll');"
            "return [e.scrollWidth, e.clientWidth]; })()"
        )
        # Eight exercises and a name fit on a phone.
        assert table[0] <= table[1]
    finally:
        browser.close()
