"""The finished book: whole, without a warning, with every link leading somewhere."""

from __future__ import annotations

import re
import shutil

import pytest

from book import __main__ as command
from book.build import Book, BookFailed, build
from book.kit import Kit
from book.korean import SearchEnglishKorean, pieces
from book.links import check
from book.search_texts import outline


def test_every_lesson_is_in_the_table_of_contents(made: Book, kit: Kit):
    front = (made.folder / "index.html").read_text(encoding="utf-8")
    sidebar = front.split('class="sidebar-tree"')[1].split("</aside>")[0]
    listed = re.findall(r'href="lessons/([^"]+)\.html[^"]*"', sidebar)
    assert listed == [lesson.name for lesson in kit.lessons] and len(listed) >= 14
    assert all((made.folder / "lessons" / f"{name}.html").is_file() for name in listed)


def test_lessons_are_shown_with_the_outputs_they_have(made: Book, kit: Kit):
    for lesson in kit.lessons:
        page = (made.folder / "lessons" / f"{lesson.name}.html").read_text(encoding="utf-8")
        pictures = sum(
            any(kind.startswith("image/") for kind in output.get("data", {}))
            for cell in lesson.notebook.cells
            for output in cell.get("outputs", [])
        )
        assert len(re.findall(r'<img alt="[^"]+" src="\.\./_images/', page)) == pictures
        assert "output traceback" not in page


def test_links_inside_lead_somewhere(made: Book):
    assert made.links.internal > 1000 and not made.links.broken


def test_a_link_to_no_page_and_one_to_no_place_would_be_seen(tmp_path):
    (tmp_path / "a.html").write_text('<p id="x"><a href="a.html#x">1</a><a href="#y">2</a>')
    (tmp_path / "b.html").write_text(
        '<a href="c.html">3</a><img src="d.png"><a href="a.html#x">4</a>'
    )
    found = check(tmp_path)
    assert found.internal == 5
    assert [line.split(": ")[:2] for line in found.broken] == [
        ["a.html", "#y"],
        ["b.html", "c.html"],
        ["b.html", "d.png"],
    ]


def test_passages_lead_to_their_lessons_and_back(made: Book, kit: Kit):
    page = (made.folder / "passages.html").read_text(encoding="utf-8")
    for name in kit.passages:
        assert f'id="passage-{name}"' in page
    for lesson in kit.lessons:
        text = (made.folder / "lessons" / f"{lesson.name}.html").read_text(encoding="utf-8")
        for name in lesson.passages:
            assert text.count(f"passages.html#passage-{name}") >= 2  # on the card and at the end
        assert not lesson.passages or f'href="lessons/{lesson.name}.html"' in page


def test_no_solution_is_in_the_book(made: Book, kit: Kit):
    texts = " ".join(path.read_text(encoding="utf-8") for path in made.folder.rglob("*.html"))
    assert "BEGIN SOLUTION" not in texts and "solutions/10_train" not in texts
    for lab in kit.labs:
        assert f"labs/{lab.name}.ipynb" in texts


def test_what_a_page_needs_is_in_the_folder(made: Book):
    for path in made.folder.rglob("*.html"):
        page = path.read_text(encoding="utf-8")
        asked = re.findall(
            r'<(?:script|link|img|iframe)\b[^>]*?(?:src|href)="(https?:[^"]+)"', page
        )
        assert not asked, path.name


def test_korean_text_is_marked_as_korean(made: Book):
    page = (made.folder / "lessons" / "00_start_here.html").read_text(encoding="utf-8")
    assert '<span lang="ko">가설</span>' in page


def test_formulas_are_drawn_by_the_browser(made: Book):
    page = (made.folder / "lessons" / "11_export_and_run.html").read_text(encoding="utf-8")
    assert "<math" in page and not re.search(r"<script[^>]*mathjax", page, re.IGNORECASE)


def test_a_broken_link_stops_the_build_and_leaves_the_old_book(kit: Kit, tmp_path):
    root = tmp_path / "kit"
    first = ("authoring/lessons/00_start_here.py", "notebooks/00_start_here.ipynb")
    for name in ("README.md", "LICENSE", "data/README.md", *first):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(kit.root / name, root / name)
    for name in ("passages", "glossary", "bibliography"):
        shutil.copy(kit.root / "data" / f"{name}.yaml", root / "data")
    shutil.copytree(kit.root / "docs", root / "docs")
    old = tmp_path / "book" / "index.html"
    (tmp_path / "book" / "_static").mkdir(parents=True)
    (tmp_path / "book" / "_static" / "book.js").touch()
    old.write_text("old")
    with pytest.raises(BookFailed, match="does not exist"):
        build(root, tmp_path / "book", tmp_path / "work")
    assert old.read_text() == "old"


def test_a_folder_with_other_files_is_not_replaced(kit: Kit, tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(BookFailed, match="holds other files"):
        build(kit.root, tmp_path, tmp_path / "work")
    assert (tmp_path / "thesis.txt").read_text() == "mine"


def test_links_that_lead_outside_are_listed_on_demand(made: Book, capsys, monkeypatch):
    monkeypatch.setattr(command, "ask", lambda address: pytest.fail("asked without being told to"))
    assert command.main(["--out", str(made.folder), "--list-external"]) == 0
    assert "https://arxiv.org/abs/2007.02561" in capsys.readouterr().out
    monkeypatch.setattr(command, "ask", lambda address: "status 404" if "2007.0" in address else "")
    assert command.main(["--out", str(made.folder), "--ask-external"]) == 1
    assert "2007.02561  (bibliography.html)  status 404" in capsys.readouterr().out


def test_the_command_without_a_book_says_what_to_do(tmp_path, capsys):
    assert command.main(["--out", str(tmp_path), "--list-external"]) == 2
    assert "make book" in capsys.readouterr().err


def test_korean_words_are_indexed_in_their_parts():
    assert pieces("가설을") == {"가설", "설을", "가설을"} and pieces("단") == {"단"}
    words = SearchEnglishKorean({}).split("GPU는 표준 오차(rungs)")
    assert {"GPU", "는", "표준", "오차", "표준오차", "rungs"} <= set(words)


def test_texts_for_the_search_hold_text_and_places():
    page = (
        '<nav>menu</nav><article role="main"><section id="a"><h1>T'
        '<a class="headerlink" href="#a">#</a>'
        "</h1><p>x &lt; <b>y</b></p><script>no</script></section></article><p>foot</p>"
    )
    assert outline(page) == '<div role="main"><section id="a">Tx &lt; y</section></div>'
