"""Blanks made from solutions, and nothing of the solution left in them."""

import pytest

from authoring.solutions import blanked, filled

RETURNING = """def area(r):
    ### BEGIN SOLUTION
    square = r * r
    return 3.14 * square
    ### END SOLUTION
check("area", area)"""

ASSIGNING = """sizes = [1, 2]
### BEGIN SOLUTION
smallest, largest = min(sizes), max(sizes)
### END SOLUTION
check("both", (smallest, largest))"""


def test_a_returning_block_becomes_a_blank_return():
    assert blanked(RETURNING) == (
        'def area(r):\n    return ...  # YOUR CODE HERE\ncheck("area", area)'
    )


def test_an_assigning_block_blanks_each_name():
    assert blanked(ASSIGNING).split("\n")[1:3] == [
        "smallest = ...  # YOUR CODE HERE",
        "largest = ...  # YOUR CODE HERE",
    ]


def test_the_solution_loses_only_the_markers():
    assert filled(RETURNING) == RETURNING.replace("    ### BEGIN SOLUTION\n", "").replace(
        "    ### END SOLUTION\n", ""
    )


def test_code_without_markers_is_unchanged():
    assert blanked("x = 1\n") == filled("x = 1\n") == "x = 1\n"


@pytest.mark.parametrize(
    "code",
    [
        "### BEGIN SOLUTION\nx = 1",
        "### END SOLUTION",
        "### BEGIN SOLUTION\n### BEGIN SOLUTION\nx = 1\n### END SOLUTION",
        "### BEGIN SOLUTION\nprint(1)\n### END SOLUTION",
    ],
)
def test_broken_blocks_are_refused(code):
    with pytest.raises(ValueError):
        blanked(code)
