"""The instructor's guide, from two hand-written files: the plans and what is known of each lesson.

``plans.yaml`` holds the plans with their minutes, ``lessons.yaml`` for each lesson what to show,
what people get wrong and the question to ask. Titles, minutes and the wrong answers that the labs
are tested with come from the sources of the lessons and labs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from string import Template

import yaml
from markdown_it import MarkdownIt

from authoring.source import Source, read, tags

HERE = Path(__file__).resolve().parent
_CHECK = re.compile(r"^check\(\s*[\"']([\w-]+)[\"']", re.MULTILINE)


@dataclass(frozen=True)
class Part:
    """One line of a plan: what is done for how many minutes, with which lesson or lab if any.

    Of a lab, ``exercises`` names those that there is time for; none named means all of them.
    """

    minutes: int
    what: str
    lesson: str = ""
    lab: str = ""
    exercises: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """A plan of a workshop: a title, for whom, and its days, each with a start and its parts."""

    name: str
    title: str
    whom: str
    minutes: int
    days: tuple[tuple[str, tuple[Part, ...]], ...]

    @property
    def total(self) -> int:
        """Return the minutes of all parts, breaks included."""
        return sum(part.minutes for _, parts in self.days for part in parts)


@dataclass(frozen=True)
class Advice:
    """What is known of a lesson in a room: what to show, and (mistake, question) pairs."""

    lesson: str
    show: str
    wrong: tuple[tuple[str, str], ...]


def plans() -> list[Plan]:
    """Return the plans of ``plans.yaml``.

    Raises
    ------
    ValueError
        If the parts of a plan do not add up to the minutes it announces.
    """
    found = []
    for name, plan in yaml.safe_load((HERE / "plans.yaml").read_text(encoding="utf-8")).items():
        days = tuple(
            (str(day["start"]), tuple(Part(**part) for part in day["parts"]))
            for day in plan["days"]
        )
        read_plan = Plan(name, plan["title"], plan["whom"], plan["minutes"], days)
        if read_plan.total != read_plan.minutes:
            raise ValueError(
                f"plans.yaml: the parts of {name!r} take {read_plan.total} minutes, it announces "
                f"{read_plan.minutes}."
            )
        found.append(read_plan)
    return found


def advice() -> dict[str, Advice]:
    """Return what ``lessons.yaml`` says, by the lesson's name."""
    listed = yaml.safe_load((HERE / "lessons.yaml").read_text(encoding="utf-8"))
    return {
        name: Advice(name, each["show"], tuple((w["people"], w["ask"]) for w in each["wrong"]))
        for name, each in listed.items()
    }


def exercises(lab: Source) -> list[str]:
    """Return the names of a lab's exercises, in order."""
    found = []
    for cell in lab.cells:
        if cell.cell_type == "code" and not tags(cell) & {"wrong", "alternative"}:
            found += _CHECK.findall(cell.source)
    return found


def as_markdown(root: Path) -> str:
    """Return the guide as one Markdown text.

    Parameters
    ----------
    root : Path
        The kit's folder.
    """
    lessons = {path.stem: read(path) for path in sorted(root.glob("authoring/lessons/*.py"))}
    labs = {path.stem: read(path) for path in sorted(root.glob("authoring/labs/*.py"))}
    parts = [(HERE / "instructors.md").read_text(encoding="utf-8").rstrip(), "", "## Plans", ""]
    for plan in plans():
        parts += _plan(plan, lessons)
    parts += ["## Lesson by lesson", ""]
    known = advice()
    for name, lesson in lessons.items():
        parts += _lesson(known[name], lesson, labs.get(name))
    return "\n".join(parts).rstrip() + "\n"


def as_html(markdown: str) -> str:
    """Return the guide as one page that needs nothing else, for a tablet or a printer."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    page = Template((HERE / "guide.html").read_text(encoding="utf-8"))
    return page.substitute(body=parser.render(markdown))


def _plan(plan: Plan, lessons: dict[str, Source]) -> list[str]:
    lines = [f"### {plan.title}", "", f"{plan.whom}", ""]
    for number, (start, parts) in enumerate(plan.days, start=1):
        if len(plan.days) > 1:
            lines += [f"**Day {number}**", ""]
        lines += ["| time | minutes | what |", "|---|---|---|"]
        hour, minute = map(int, start.split(":"))
        clock = 60 * hour + minute
        for part in parts:
            title = _heading(part.lesson or part.lab, lessons)
            kind = "Lesson" if part.lesson else "Lab" if part.lab else ""
            stop = "" if title.endswith("?") else "."
            what = f"**{kind} {title}{stop}** {part.what}" if kind else part.what
            if part.exercises:
                what += f" Exercises: {', '.join(f'`{name}`' for name in part.exercises)}."
            lines.append(f"| {clock // 60}:{clock % 60:02d} | {part.minutes} | {what} |")
            clock += part.minutes
        lines += [f"| {clock // 60}:{clock % 60:02d} | | end |", ""]
    return lines


def _lesson(known: Advice, lesson: Source, lab: Source | None) -> list[str]:
    lines = [f"### {_title(lesson)}", "", f"{lesson.minutes} minutes for one who works alone."]
    if lab is not None:
        names = ", ".join(f"`{name}`" for name in exercises(lab))
        lines[-1] += f" Its lab: {names}."
    lines += ["", f"**On the screen.** {known.show}", "", "| what people get wrong | ask |"]
    lines += ["|---|---|", *(f"| {people} | {ask} |" for people, ask in known.wrong), ""]
    return lines


def _heading(name: str, lessons: dict[str, Source]) -> str:
    return _title(lessons[name]) if name else ""


def _title(lesson: Source) -> str:
    return f"{lesson.name.split('_')[0]} {lesson.title}"
