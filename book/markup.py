"""Turn the markdown of the kit's files into that of a page: links, Korean terms, arXiv numbers."""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePosixPath

from book.kit import ARXIV, IN_PARENTHESES, Kit, korean_parts

_PIECES = re.compile(
    r"(?P<fence>^(?P<ticks>```+|~~~+)[\s\S]*?^(?P=ticks)[ \t]*$)"
    r"|(?P<link>!?\[(?P<label>(?:[^\[\]`]|`[^`]*`)*)\]\((?P<target>[^()\s]+)\))"
    r"|(?P<address><https?://[^>\s]+>)"
    r"|(?P<code>(?P<tick>`+)[^`][\s\S]*?(?P=tick))"
    r"|(?P<maths>\$\$[\s\S]+?\$\$|\$[^$\n]+\$)"
    rf"|(?P<korean>{IN_PARENTHESES.pattern})"
    rf"|(?P<arxiv>arXiv[:\s]\s*(?P<number>{ARXIV.pattern}))",
    re.MULTILINE,
)


class Rewriter:
    """Rewrites the markdown of one file for the page it becomes.

    Parameters
    ----------
    kit : Kit
    folder : str
        The folder of the file in the repository, such as ``notebooks``: links are relative to it.
    page : str
        The page in the book without suffix, such as ``lessons/10_train_super_resolution``.
    """

    def __init__(self, kit: Kit, folder: str, page: str) -> None:
        self.kit = kit
        self.folder = folder
        self.page = page
        self._papers = {paper.arxiv: paper for paper in kit.papers if paper.arxiv}
        self._terms = {name for term in kit.terms for name in term.korean}

    def __call__(self, text: str) -> str:
        """Return the text with its links, Korean terms and arXiv numbers pointing into the book."""
        return _PIECES.sub(self._piece, text)

    def _piece(self, match: re.Match[str]) -> str:
        if match["link"]:
            return self._link(match)
        if match["korean"]:
            return self._korean(match["korean"])
        if match["arxiv"] and match["number"] in self._papers:
            return f"[{match['arxiv']}](#ref-{self._papers[match['number']].key})"
        return match[0]

    def _korean(self, text: str) -> str:
        for part in korean_parts(text[1:-1]):
            if part in self._terms:
                spaced = r"\s+".join(re.escape(word) for word in part.split())
                text = re.sub(spaced, f"{{term}}`{part}`", text, count=1)
        return text

    def _link(self, match: re.Match[str]) -> str:
        target = match["target"]
        paper = ARXIV.search(target) if "arxiv.org" in target else None
        if paper and paper[0] in self._papers:
            return f"[{match['label']}](#ref-{self._papers[paper[0]].key})"
        if target.startswith(("http://", "https://", "mailto:", "#")):
            return match[0]
        resolved = self.resolve(target)
        if resolved is None:
            label = match["label"]
            # A file of the repository that is no page: its name, for who has the repository.
            return label if label.startswith("`") else f"`{label}`"
        return match[0].replace(f"]({target})", f"]({resolved})")

    def resolve(self, target: str) -> str | None:
        """Return where a relative link leads in the book; None for a file that is no page.

        Raises
        ------
        ValueError
            If the repository has no such file.
        """
        bare, _, anchor = target.partition("#")
        path = PurePosixPath(os.path.normpath(os.path.join(self.folder, bare)))
        if not (self.kit.root / path).exists():
            raise ValueError(
                f"{self.page}: the link {target} leads to {path}, which does not exist. "
                "Mend the link in its source."
            )
        found = self._page_of(path)
        if found is None or found.startswith("#"):
            return found
        relative = os.path.relpath(found, Path(self.page).parent)
        return f"{relative}#{anchor}" if anchor else relative

    def _page_of(self, path: PurePosixPath) -> str | None:
        folder, name = (path.parts[0], path.stem) if path.parts else ("", "")
        if folder == "notebooks" and name in {lesson.name for lesson in self.kit.lessons}:
            return f"lessons/{name}.ipynb"
        if folder == "labs" and name in {lab.name for lab in self.kit.labs}:
            return f"#lab-{name.replace('_', '-')}"
        if folder == "docs" and path.suffix == ".png":
            return str(path)
        pages = {
            "labs": "labs.md",
            "README.md": "index.md",
            "data/README.md": "data.md",
            "data/passages.yaml": "passages.md",
            "data/glossary.yaml": "glossary.md",
            "data/bibliography.yaml": "bibliography.md",
            "LICENSE": "licence.md",
        }
        if folder == "solutions":
            return "#solutions"
        return pages.get(str(path))


def escaped(text: str) -> str:
    """Return plain text as markdown that shows exactly it."""
    return re.sub(r"([\\`*_{}\[\]<>#|$~])", r"\\\1", text)
