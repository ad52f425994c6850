"""The book as a reader has it: a folder opened in a browser, on a desk and on a phone."""

from __future__ import annotations

import pytest

from book.build import Book

pytestmark = pytest.mark.browser

WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# Text in outputs whose contrast with what lies behind it is below 4.5 to 1 (WCAG 2.2, 1.4.3).
PALE = """
() => {
  const parse = (c) => (c.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => {
    const part = (v) => ((v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  const behind = (e) => {
    for (; e; e = e.parentElement) {
      const c = parse(getComputedStyle(e).backgroundColor);
      if (c.length === 3 || c[3] === 1) return c;
    }
    return [255, 255, 255];
  };
  const found = [];
  for (const e of document.querySelectorAll("article .text_html *")) {
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!own || !e.getClientRects().length) continue;
    const [a, b] = [light(parse(getComputedStyle(e).color)), light(behind(e))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) found.push(`${ratio.toFixed(1)} ${e.tagName} ${e.textContent.slice(0, 40)}`);
  }
  return found;
}
"""


def results(open_page, query: str, **size) -> list[dict[str, str]]:
    """Search as a reader does and return the titles, addresses and summaries found."""
    page = open_page("index.html", **size)
    if size.get("width", 1280) < 1000:
        page.click("label[for=__navigation] >> visible=true")
    page.fill("input[name=q]", query)
    page.press("input[name=q]", "Enter")
    page.wait_for_function(
        "() => /found|did not match/.test(document.querySelector('#search-results')?.innerText)"
    )
    page.wait_for_function(
        "() => [...document.querySelectorAll('#search-results ul.search > li')]"
        ".every(item => item.querySelector('p.context'))"
    )
    assert not page.faults
    return page.evaluate(
        "() => [...document.querySelectorAll('#search-results ul.search > li')].map(item => ({"
        "title: item.querySelector('a').innerText, address: item.querySelector('a').href,"
        "text: item.querySelector('p.context').innerText}))"
    )


def test_no_page_scrolls_sideways_on_a_phone(open_page, made: Book):
    page = open_page("index.html", width=390)
    wide = {}
    for path in sorted(made.folder.rglob("*.html")):
        page.goto(path.as_uri())
        extra = page.evaluate(WIDER)
        if extra > 0:
            wide[path.name] = extra
    assert not wide and not page.faults


def test_wide_tables_scroll_inside_themselves(open_page):
    page = open_page("data.html", width=390)
    inner = page.evaluate(
        "() => [...document.querySelectorAll('.table-wrapper')]"
        ".filter(e => e.scrollWidth > e.clientWidth + 1)"
        ".map(e => getComputedStyle(e).overflowX)"
    )
    assert inner and set(inner) == {"auto"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_cards_and_feedback_are_legible(open_page, made: Book, scheme: str):
    page = open_page("index.html", scheme=scheme)
    pale = {}
    for path in sorted((made.folder / "lessons").glob("*.html")):
        page.goto(path.as_uri())
        found = page.evaluate(PALE)
        if found:
            pale[path.stem] = found[:3]
    assert not pale


def test_search_finds_an_english_term_in_glossary_and_lesson(open_page):
    found = results(open_page, "calibration")
    assert found[0]["title"] == "calibration (Glossary)"
    assert "quantisation" in found[0]["text"]
    assert any("11_export_and_run" in each["address"] for each in found)


@pytest.mark.parametrize("query", ["지름길", "지름"])
def test_search_finds_a_korean_term_and_a_part_of_it(open_page, query: str):
    found = results(open_page, query)
    assert any("glossary" in each["address"] for each in found)
    assert any("40_shortcut" in each["address"] for each in found)


def test_search_finds_korean_words_written_together(open_page):
    assert any("glossary" in each["address"] for each in results(open_page, "표준오차"))


def test_search_works_on_a_phone(open_page):
    assert results(open_page, "leak", width=390)


def test_a_glossary_link_goes_to_its_term(open_page):
    page = open_page("lessons/40_shortcut.html")
    page.click("article a:has-text('지름길') >> nth=0")
    page.wait_for_url("**/glossary.html#term-*")
    shown = page.evaluate("decodeURIComponent(location.hash).slice(1)")
    assert page.evaluate("id => document.getElementById(id) !== null", shown)


def test_a_figure_fits_a_phone(open_page):
    page = open_page("lessons/31_dog_on_the_road.html", width=390)
    wide = page.evaluate(
        "() => [...document.querySelectorAll('article img')]"
        ".filter(i => i.getBoundingClientRect().right > innerWidth).length"
    )
    assert wide == 0
