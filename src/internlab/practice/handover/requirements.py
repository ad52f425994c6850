"""Requirements in the patterns of EARS, and what is wrong with one that cannot be tested.

References
----------
Mavin, Wilkinson, Harwood and Novak, "Easy approach to requirements syntax (EARS)", 17th IEEE
International Requirements Engineering Conference (RE'09), 2009: five patterns and their keywords.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from internlab.bars import Bar

# Keyword of each pattern, in the order in which the clauses of one sentence stand.
PATTERNS = {
    "optional feature": "Where",
    "state-driven": "While",
    "event-driven": "When",
    "unwanted behaviour": "If",
}
UBIQUITOUS, COMPLEX = "ubiquitous", "complex"

# Words that two people read in two ways, because they name no measure.
VAGUE = (
    "accurate", "accurately", "acceptable", "adequate", "appropriate", "as possible", "better",
    "easy", "easily", "efficient", "efficiently", "enough", "fast", "flexible", "good",
    "high quality", "minimal", "normally", "optimal", "quick", "quickly", "real time", "real-time",
    "reasonable", "reliable", "reliably", "robust", "robustly", "seamless", "should", "smooth",
    "soon", "state of the art", "sufficient", "usually", "user-friendly", "well",
)  # fmt: skip


@dataclass(frozen=True)
class Requirement:
    """One requirement, and the measurement that decides whether it is met.

    Parameters
    ----------
    name : str
        Of its test, an identifier.
    response : str
        What the system shall do, from the verb on: "mark at least half of ...".
    measured : str
        The key of the measured number.
    bar : Bar
        What the number is held against.
    system : str
    where, while_, when, if_ : str
        The clauses of EARS; "" for none.
    asked_by : str
        Whose reading of the request it is.
    """

    name: str
    response: str
    measured: str
    bar: Bar
    system: str = "the street model"
    where: str = ""
    while_: str = ""
    when: str = ""
    if_: str = ""
    asked_by: str = ""

    def __post_init__(self) -> None:
        if not self.name.isidentifier():
            raise ValueError(
                f"The name {self.name!r} becomes part of a test's name: letters, digits and _ only."
            )

    @property
    def clauses(self) -> dict[str, str]:
        """The clauses that are there, by pattern."""
        given = (self.where, self.while_, self.when, self.if_)
        return {name: text for name, text in zip(PATTERNS, given, strict=True) if text}

    @property
    def pattern(self) -> str:
        """The name of the EARS pattern."""
        names = list(self.clauses)
        return UBIQUITOUS if not names else names[0] if len(names) == 1 else COMPLEX

    @property
    def sentence(self) -> str:
        """The requirement as one sentence."""
        parts = [f"{PATTERNS[name].lower()} {text}," for name, text in self.clauses.items()]
        then = "then " if self.if_ else ""
        text = " ".join([*parts, f"{then}{self.system} shall {self.response}."])
        return text[0].upper() + text[1:]


def pattern_of(sentence: str) -> str | None:
    """Return the EARS pattern of a sentence, or None if it follows none."""
    text = " ".join(sentence.split())
    found, pattern = [], re.compile(r"^(where|while|when|if)\b[^,]+,\s*", re.IGNORECASE)
    while clause := pattern.match(text):
        found.append(clause.group(1).capitalize())
        text = text[clause.end() :]
    if "If" in found:
        if not text.lower().startswith("then "):
            return None
        text = text[5:]
    if not re.match(r"^the\s+[^,]*?\bshall\s+\w", text, re.IGNORECASE):
        return None
    if len(found) > 1:
        return COMPLEX
    names = {keyword: name for name, keyword in PATTERNS.items()}
    return names[found[0]] if found else UBIQUITOUS


def problems(sentence: str) -> list[str]:
    """Return what keeps a sentence from being a test: each problem with what to ask."""
    text = " ".join(sentence.lower().split())
    found = []
    shalls = len(re.findall(r"\bshall\b", text))
    if shalls == 0:
        found.append("no 'shall': who has to do what?")
    if shalls > 1:
        found.append("several 'shall': which of them failed if the test fails?")
    vague = [word for word in VAGUE if re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text)]
    if vague:
        found.append(f"{', '.join(map(repr, vague))}: measured how?")
    if re.search(r"\band/or\b|\betc\b", text):
        found.append("'and/or' or 'etc.': which cases exactly?")
    if not re.search(r"\d|\b(no|every|each|all|half|none|same|one)\b", text):
        found.append("no number: from where on is it met?")
    if shalls and pattern_of(sentence) is None:
        found.append("no EARS pattern: when does it apply, and to which system?")
    return found
