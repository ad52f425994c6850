"""Korean in an English book: found by the search in every form, and marked as Korean."""

from __future__ import annotations

import html
import re
from itertools import pairwise

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.search.en import SearchEnglish
from sphinx.transforms.post_transforms import SphinxPostTransform

_RUN = re.compile("[가-힣]+")
_PHRASE = re.compile("[가-힣]+(?:[ \u00b7,.-]+[가-힣]+)*")
_LONGEST = 10


def pieces(word: str) -> set[str]:
    """Return every part of a Korean word of two syllables or more, and the word itself.

    Particles are written onto the word (``가설을``), and compounds are written as one: whoever
    looks for ``가설`` means all of them.
    """
    size = len(word)
    parts = {
        word[start:end]
        for start in range(size)
        for end in range(start + 2, min(size, start + _LONGEST) + 1)
    }
    return parts | {word}


class SearchEnglishKorean(SearchEnglish):
    """Sphinx's English search that also knows how Korean words are written.

    Two neighbouring Korean words are also indexed as one, because ``표준 오차`` is as often written
    ``표준오차``.
    """

    lang = "en-ko"
    language_name = "English"  # names the stemmer's script
    # As in `split`: a query is cut where the script changes; its Korean words stay whole.
    js_splitter_code = r"""
function splitQuery(query) {
  return query
    .replace(/([가-힣]+)/gu, " $1 ")
    .split(/[^\p{Letter}\p{Number}_]+/gu)
    .filter((word) => word);
}
"""

    def split(self, input: str) -> list[str]:
        """Return the words of a text; Korean ones in all their parts."""
        words: list[str] = []
        for word in super().split(_RUN.sub(" ", input)):
            words.append(word)
        for word in _RUN.findall(input):
            words += sorted(pieces(word))
        for phrase in re.findall("[가-힣]+(?: [가-힣]+)+", input):
            words += ["".join(pair) for pair in pairwise(phrase.split())]
        return words


class MarkKorean(SphinxPostTransform):
    """Mark Korean words as Korean, so that a screen reader says them and a browser breaks them."""

    default_priority = 900
    formats = ("html",)

    def run(self, **kwargs: object) -> None:
        """Wrap each Korean phrase of the running text."""
        kept = (nodes.literal_block, nodes.raw, nodes.comment)
        for text in list(self.document.findall(nodes.Text)):
            if isinstance(text.parent, kept) or not _RUN.search(text):
                continue
            parts: list[nodes.Node] = []
            end = 0
            for match in _PHRASE.finditer(str(text)):
                if match.start() > end:
                    parts.append(nodes.Text(text[end : match.start()]))
                span = f'<span lang="ko">{html.escape(match[0])}</span>'
                parts.append(nodes.raw("", span, format="html"))
                end = match.end()
            if text[end:]:
                parts.append(nodes.Text(text[end:]))
            text.parent.replace(text, parts)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the search language ``en-ko`` and the marking of Korean text."""
    app.add_search_language(SearchEnglishKorean)
    app.add_post_transform(MarkKorean)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
