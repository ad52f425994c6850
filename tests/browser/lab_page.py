"""A lab in JupyterLab, as a learner handles it, and the answers a learner types."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import nbformat

from authoring import solutions
from authoring.source import read, tags

CHECK = re.compile(r"^check\(\s*[\"']([\w-]+)[\"']", re.MULTILINE)
SAYS = re.compile(r"^# says: (.+)\n", re.MULTILINE)

SLOW = 180_000  # milliseconds; a shared machine may take this long to start a kernel


@dataclass
class Answers:
    """What a learner types into the cell of one exercise."""

    right: str = ""
    wrong: list[tuple[str, str]] = field(default_factory=list)  # (code, words of the message)


def answers(source: Path) -> dict[str, Answers]:
    """Return the answers of a lab by exercise, in order, from the lab's source."""
    found: dict[str, Answers] = {}
    for cell in read(source).cells:
        names = CHECK.findall(cell.source) if cell.cell_type == "code" else []
        if len(names) != 1 or "alternative" in tags(cell):
            continue
        entry = found.setdefault(names[0], Answers())
        if "wrong" in tags(cell):
            says = SAYS.search(cell.source).group(1).strip()
            entry.wrong.append((SAYS.sub("", cell.source), says))
        else:
            entry.right = solutions.filled(cell.source)
    return found


class LabPage:
    """One lab, opened in JupyterLab in a page of a browser.

    Attributes
    ----------
    errors : list of str
        Uncaught errors of the page so far.
    """

    def __init__(self, page, url: str, notebook: Path):
        self.page = page
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.set_default_timeout(SLOW)
        page.goto(url)
        page.wait_for_function(
            "count => document.querySelectorAll('.jp-Notebook .jp-Cell').length === count",
            arg=len(nbformat.read(notebook, as_version=4).cells),
        )
        page.wait_for_selector(
            ".jp-Notebook-ExecutionIndicator[data-status=idle]", state="attached"
        )

    def run_all(self) -> None:
        """Choose Run > Run All Cells, as a learner would."""
        from playwright.sync_api import TimeoutError as NothingHappened

        started = self.page.locator(".jp-InputPrompt", has_text=re.compile(r"\[(\*|\d+)\]"))
        for _ in range(5):
            self.page.click(".lm-MenuBar-item:has-text('Run')")
            self.page.locator(
                ".lm-Menu-item", has=self.page.get_by_text("Run All Cells", exact=True)
            ).click()
            # JupyterLab drops the command while it still connects to the kernel.
            try:
                started.first.wait_for(state="attached", timeout=10_000)
                return
            except NothingHappened:
                continue
        raise AssertionError("Run All Cells started nothing in five attempts")

    def cell(self, exercise: str):
        """Return the code cell that checks an exercise."""
        line = re.compile(rf"""^check\(\s*["']{re.escape(exercise)}["']""")
        return self.page.locator(".jp-CodeCell").filter(
            has=self.page.locator(".cm-line").filter(has_text=line)
        )

    def wait_for_feedback(self, exercise: str, label: str, says: str = "") -> None:
        """Wait until an exercise shows a line with this label and these words."""
        start = re.compile(rf"^\s*{label}\s+{re.escape(exercise)}:")
        self.cell(exercise).locator(".jp-OutputArea-output").filter(has_text=start).filter(
            has_text=says
        ).wait_for(state="attached")

    def type_answer(self, exercise: str, code: str) -> None:
        """Replace the code of an exercise's cell and run it."""
        self.cell(exercise).locator(".cm-content").click()
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.insert_text(code)  # typed keys would be indented a second time
        self.page.keyboard.press("Control+Enter")
