"""Links, Korean terms and arXiv numbers of the kit's markdown lead into the book."""

from __future__ import annotations

import pytest

from book.kit import Chapter, Kit, Paper, Term, korean_terms
from book.lesson_pages import lesson_page
from book.markup import Rewriter, escaped
from book.reference_pages import exercises, first_consonant


@pytest.fixture(scope="module")
def small(kit: Kit) -> Kit:
    """The kit with one term and one paper that do not change."""
    paper = Paper("nam2020", ("Nam, J.", "Cha, H."), 2020, "T", "V", (), arxiv="2007.02561")
    return Kit(kit.root, kit.lessons, kit.labs, (Term("hypothesis", "가설", "..."),), (paper,), {})


@pytest.fixture(scope="module")
def rewrite(small: Kit) -> Rewriter:
    return Rewriter(small, "notebooks", "lessons/00_start_here")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("[next](11_export_and_run.ipynb)", "[next](11_export_and_run.ipynb)"),
        ("[lab](../labs/12_tensorrt.ipynb)", "[lab](#lab-12-tensorrt)"),
        ("[answers](../solutions/12_tensorrt.ipynb)", "[answers](#solutions)"),
        ("[`README`](../README.md)", "[`README`](../index.md)"),
        ("[data](../data/README.md#passages)", "[data](../data.md#passages)"),
        ("[the sources](../authoring)", "`the sources`"),
        ("[`src/`](../src)", "`src/`"),
        ("[site](https://example.org/a)", "[site](https://example.org/a)"),
        ("[here](#below)", "[here](#below)"),
        ("![road](../docs/dog_on_the_road.png)", "![road](../docs/dog_on_the_road.png)"),
        ("a hypothesis (가설)", "a hypothesis ({term}`가설`)"),
        ("**so (H,\n가설)**", "**so (H,\n{term}`가설`)**"),
        ("unknown (낱말)", "unknown (낱말)"),
        (
            "(Nam et al., 2020, arXiv 2007.02561)",
            "(Nam et al., 2020, [arXiv 2007.02561](#ref-nam2020))",
        ),
        (
            "[arXiv:2007.02561](https://arxiv.org/abs/2007.02561)",
            "[arXiv:2007.02561](#ref-nam2020)",
        ),
        ("arXiv 1234.56789", "arXiv 1234.56789"),
    ],
)
def test_a_piece_is_led_into_the_book(rewrite: Rewriter, given: str, expected: str):
    assert rewrite(given) == expected


@pytest.mark.parametrize(
    "kept",
    [
        "`table[i](x)` and `(가설)`",
        "```python\nf = g[0](../nowhere)\n# (가설)\n```",
        "~~~\n[x](../nowhere)\n~~~",
        "$a[i](b)$ and $$[x](nowhere)$$",
        "<https://example.org/(가설)>",
    ],
)
def test_code_and_formulas_stay_as_they_are(rewrite: Rewriter, kept: str):
    assert rewrite(kept) == kept


def test_a_link_to_a_missing_file_is_named(rewrite: Rewriter):
    with pytest.raises(ValueError, match=r"00_start_here.*nowhere\.ipynb.*does not exist"):
        rewrite("[x](nowhere.ipynb)")


def test_plain_text_is_shown_as_it_is():
    assert escaped("a_b *c* [d] <e> 1|2") == r"a\_b \*c\* \[d\] \<e\> 1\|2"


def test_korean_terms_are_found_alone_behind_an_abbreviation_and_before_a_source():
    text = "x (가설), (IoU, 교집합 대비\n합집합), `(코드)`, (사전 등록; Nosek, 2018), (plain)"
    assert korean_terms(text) == ["가설", "교집합 대비 합집합", "사전 등록"]


def test_a_term_is_known_in_plural_and_capitals_and_not_inside_other_words():
    term = Term("rung", "단", "...", also=("ASHA rung",))
    assert term.is_in("the rungs") and term.is_in("Rung by rung") and not term.is_in("wrung")
    assert term.ends("at the **rungs** ") and not term.ends("rungs of it")


@pytest.mark.parametrize(
    ("name", "consonant"), [("가설", "ㄱ"), ("쌍", "ㅅ"), ("힘", "ㅎ"), ("k-최근접 이웃", "K")]
)
def test_korean_names_come_under_their_first_consonant(name: str, consonant: str):
    assert first_consonant(name) == consonant


def test_figures_get_their_caption_as_alternative_text(kit: Kit):
    import nbformat

    lesson = next(each for each in kit.lessons if each.name == "40_shortcut")
    page = nbformat.reads(lesson_page(lesson, kit), as_version=4)
    texts = [cell.metadata.mystnb.image.alt for cell in page.cells if cell.cell_type == "code"]
    captions = [text for text in texts if text.startswith("What to see: ")]
    assert len(captions) >= 3 and not any("*" in text or "\n" in text for text in captions)


def test_a_page_does_not_change_the_notebook_it_is_made_of(kit: Kit):
    lesson = kit.lessons[0]
    before = lesson.notebook.copy()
    lesson_page(lesson, kit)
    assert lesson.notebook == before


def test_parts_of_a_lesson_come_under_its_title(kit: Kit):
    import nbformat
    from nbformat.v4 import new_markdown_cell as markdown

    cells = [markdown("# T\n\n## a"), markdown("```\n# no heading\n```\n# Part\n## b")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    lesson = Chapter("00_start_here", "lesson", "T", 1, (), notebook)
    page = nbformat.reads(lesson_page(lesson, kit), as_version=4)
    assert page.cells[0].source == "# T\n\n## a"
    assert page.cells[1].source == "```\n# no heading\n```\n## Part\n### b"


def test_every_lab_lists_its_exercises(kit: Kit):
    for lab in kit.labs:
        assert len(exercises(lab)) >= 4, lab.name
