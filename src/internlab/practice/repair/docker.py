"""A Dockerfile from a captured environment, and a reader that finds what is wrong with one."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from internlab.practice.repair.capture import Environment


@dataclass(frozen=True)
class Instruction:
    """One instruction of a Dockerfile: ``FROM``, ``RUN`` and so on, and what follows it."""

    word: str
    rest: str


def dockerfile(captured: Environment) -> str:
    """Return a Dockerfile for a captured environment.

    What changes least comes first, because Docker builds again only from the first instruction
    whose inputs have changed. It was never built by this kit, which needs no Docker: `problems`
    reads it as text.
    """
    wheels = {name: _wheel(name, captured) for name in captured.wheels}
    # A package of our own index as a file: by its name, pip might find another one on the internet.
    packages = " ".join(
        wheels.get(name, f"{name}=={version}") for name, version in captured.packages.items()
    )
    command = json.dumps(["python", *captured.command])
    folders = sorted({file.rpartition("/")[0] for file in captured.files})
    copies = []
    for folder in folders:
        files = [file for file in captured.files if file.rpartition("/")[0] == folder]
        copies.append(f"COPY --chown=intern {' '.join(files)} ./{folder + '/' if folder else ''}")
    return "\n".join(
        [
            "# Written from environment.json, and not built where it was written.",
            f"FROM python:{captured.python}-slim",
            "RUN useradd --create-home intern",
            "USER intern",
            "WORKDIR /home/intern",
            *([f"COPY --chown=intern {' '.join(wheels.values())} index/"] if wheels else []),
            f"RUN python -m pip install --no-cache-dir {packages}",
            *copies,
            f"CMD {command}",
            "",
        ]
    )


def _wheel(name: str, captured: Environment) -> str:
    return f"index/{name}-{captured.packages[name]}-py3-none-any.whl"


def instructions(text: str) -> list[Instruction]:
    """Return the instructions of a Dockerfile; a line that ends in a backslash goes on."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\s*\n", " ", "\n".join(lines))
    found = [line.split(None, 1) for line in joined.splitlines() if line.strip()]
    return [Instruction(parts[0].upper(), [*parts, ""][1].strip()) for parts in found]


def problems(text: str, captured: Environment) -> list[str]:
    """Return what keeps a Dockerfile from giving a stranger the captured environment.

    Each is one sentence; an empty list says that none of these was found, not that it builds.
    """
    steps = instructions(text)
    first = {step.word: step.rest for step in reversed(steps)}
    found = []
    image, _, tag = first.get("FROM", "").partition(":")
    if image != "python" or not re.fullmatch(rf"{re.escape(captured.python)}(-.+)?", tag):
        found.append(
            f"FROM {first.get('FROM', 'is missing')}: expected python:{captured.python}, to the "
            "last number."
        )
    installs = [i for i, s in enumerate(steps) if s.word == "RUN" and "pip install" in s.rest]
    asked = " ".join(steps[i].rest for i in installs)
    for name, version in captured.packages.items():
        if name in captured.wheels:
            if _wheel(name, captured) not in asked.split():
                found.append(f"{name} {version} is not installed from its own wheel, as a file.")
        elif f"{name}=={version}" not in asked.split():
            found.append(f"{name} {version} is captured and not installed in this version.")
    copies = [(i, step.rest) for i, step in enumerate(steps) if step.word in ("COPY", "ADD")]
    for i, rest in copies:
        sources = [word for word in rest.split() if not word.startswith("--")][:-1]
        everything = "." in sources or "./" in sources
        if everything:
            found.append("It copies the whole folder, with results, caches and secrets in it.")
        has_code = everything or any(each.endswith(".py") for each in sources)
        if installs and i < installs[-1] and has_code:
            found.append("Code is copied before packages: a changed line installs them all again.")
    copied = " ".join(rest for _, rest in copies).split()
    whole = any("copies the whole" in each for each in found)
    absent = [file for file in captured.files if file not in copied]
    if absent and not whole:
        found.append(f"Captured files are not copied: {', '.join(absent)}.")
    users = [step.rest for step in steps if step.word == "USER"]
    if not users or users[-1].split(":")[0] in ("root", "0"):
        found.append("The program runs as root.")
    last = [step.rest for step in steps if step.word == "CMD"]
    if not last or last[-1] != json.dumps(["python", *captured.command]):
        found.append("CMD is not the captured command, as a JSON list.")
    return found
