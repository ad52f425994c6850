"""Turn the solution blocks of a lab into blanks. The markers are nbgrader's."""

from __future__ import annotations

import ast
import textwrap

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
PROMPT = "# YOUR CODE HERE"


def filled(code: str) -> str:
    """Return a cell as the solution notebook has it: without the marker lines."""
    return "\n".join(line for line in code.split("\n") if line.strip() not in (BEGIN, END))


def blanked(code: str) -> str:
    """Return a cell as the learner gets it: each solution block replaced by a blank.

    A block that ends in ``return`` becomes ``return ...``; one that ends in an assignment becomes
    ``name = ...`` for the names it assigns last.

    Raises
    ------
    ValueError
        If markers do not pair up, or a block ends in neither.
    """
    kept: list[str] = []
    block: list[str] | None = None
    for line in code.split("\n"):
        marker = line.strip()
        if marker == BEGIN and block is None:
            block = []
        elif marker == END and block is not None:
            kept.append(_blank_for(block))
            block = None
        elif marker in (BEGIN, END):
            raise ValueError(f"{marker} does not pair up in:\n{code}")
        elif block is None:
            kept.append(line)
        else:
            block.append(line)
    if block is not None:
        raise ValueError(f"{BEGIN} without {END} in:\n{code}")
    return "\n".join(kept)


def _blank_for(block: list[str]) -> str:
    source = textwrap.dedent("\n".join(block))
    first = next(line for line in block if line.strip())
    indent = first[: len(first) - len(first.lstrip())]
    # A function around the block makes a bare `return` legal for the parser.
    wrapped = "def block():\n" + textwrap.indent(source, "    ")
    last = ast.parse(wrapped).body[0].body[-1]
    if isinstance(last, ast.Return):
        return f"{indent}return ...  {PROMPT}"
    if isinstance(last, (ast.Assign, ast.AnnAssign)):
        targets = last.targets if isinstance(last, ast.Assign) else [last.target]
        names = [
            node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)
        ]
        blanks = [f"{indent}{name} = ...  {PROMPT}" for name in names]
        return "\n".join(blanks)
    raise ValueError(f"A solution block must end in return or an assignment:\n{source}")
