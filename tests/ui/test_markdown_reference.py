"""The blocks that our parser finds are those of markdown-it-py, in random documents, but for named differences."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

import pytest

from tests.blocks import ours, random_document, reference

DOCUMENTS = int(os.environ.get("WORKBENCH_MARKDOWN_DOCUMENTS", "3000"))
"""How many; each has its number as its seed. 100,000 take three minutes of two cores."""

SLICES = 6
MOST_DIFFERENT = 0.2  # of the documents may differ, for a reason below; most have several faults of tabs in them

RULE = r"(?:_[ \t]*){3,}$|(?:\*[ \t]*){3,}$|(?:-[ \t]*){3,}$"
MARK = rf"(?:>|(?:[-+*]|\d{{1,9}}[.)]|#{{1,6}})(?=[ \t]|$)|```|~~~|{RULE})"


@dataclass(frozen=True, slots=True)
class Difference:
    """`where` finds sources in which it may show; `example` is one in which it does."""

    name: str
    reason: str
    where: re.Pattern[str]
    example: str


DIFFERENCES = (
    Difference(
        "nothing but code begins four columns in",
        "CommonMark: such a line is code, or goes on with a paragraph, which code cannot interrupt. markdown-it-py "
        "takes the mark of a quote for one that goes on with it, and any mark for the end of a paragraph in an item.",
        re.compile(rf"(?m)^[ >]*(?: {{4}}| {{0,3}}\t)[ \t]*{MARK}"),
        "-    a\n    ---\n",
    ),
    Difference(
        "what begins as an item is no row",
        "As on GitHub: the mark of a list begins an item whatever follows it. markdown-it-py looks for a table first.",
        re.compile(rf"(?m)^.*{MARK}.*\|.*\n[ \t>]*[|:-][-:| \t]*$"),
        "- a | b\n--|--\n",
    ),
    Difference(
        "behind the mark of a quote a tab is the columns that it makes",
        "CommonMark: of a tab that the mark uses up in part the other columns are left. markdown-it-py counts them "
        "otherwise in quotes of quotes, and has the whole tab in fenced code.",
        re.compile(r"(?m)>.*\t"),
        ">>\t\ta\n",
    ),
    Difference(
        "blank lines do not end a list",
        "CommonMark: no number of them does. In markdown-it-py two below an empty item do.",
        re.compile(r"(?m)^.*(?:[-+*]|\d[.)])[ \t]*\n(?:[ \t>]*\n){2}"),
        "-\n\n\n- a\n",
    ),
    Difference(
        "a blank line in code makes no list loose",
        "As cmark has it: the line is the code's, also at the end of a fence that nothing closes. In markdown-it-py it "
        "is between two items.",
        re.compile(r"(?m)(?:```|~~~).*\n(?:.*\n)*?[ \t>]*$"),
        "- ```\n\n- a\n",
    ),
    Difference(
        "any line of a paragraph can be the head of a table",
        "However far in it is, and if it is lazy: a paragraph's text does not begin with its blanks. markdown-it-py "
        "wants the head and the row of dashes less than four columns in.",
        re.compile(r"(?m)^.*\S.*\n.*\|.*\n[ \t>]*[|:-][-:| \t]*$"),
        "a\n    b | c\n--|--\n",
    ),
    Difference(
        "in maths of several lines nothing but a blank line begins a block",
        "A line of a formula may begin with a minus, a plus or an equals sign, which are no marks there. "
        "markdown-it-py knows no maths.",
        re.compile(r"(?m)^.*(?:\$\$|\\\[|\\begin)"),
        "$$\n- a\n$$\n",
    ),
)


def is_different(source: str) -> bool:
    """Whether the blocks are others, or a list is loose in one reading alone."""
    (found, loose), (wanted, loose_there) = ours(source), reference(source)
    return found != wanted or any(loose.get(name) != is_loose for name, is_loose in loose_there.items())


def smallest(source: str) -> str:
    """What is left of a source that is different when all lines are out without which it still is."""
    lines = source.splitlines(keepends=True)
    size = len(lines) // 2
    while size:
        at = 0
        while at < len(lines):
            fewer = lines[:at] + lines[at + size :]
            if is_different("".join(fewer)):
                lines = fewer
            else:
                at += size
        size //= 2
    return "".join(lines)


def reasons(source: str) -> list[str]:
    return [each.name for each in DIFFERENCES if each.where.search(source)]


@pytest.mark.parametrize("part", range(SLICES))
def test_random_documents_have_the_same_blocks(part: int) -> None:
    different = [seed for seed in range(part, DOCUMENTS, SLICES) if is_different(random_document(seed))]
    for seed in different:
        source = smallest(random_document(seed))
        if not reasons(source):
            assert ours(source) == reference(source), f"seed {seed}: {source!r}"
    assert len(different) <= MOST_DIFFERENT * DOCUMENTS / SLICES + 3


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda each: each.name)
def test_each_difference_is_there(difference: Difference) -> None:
    """One that is gone, with another markdown-it-py, is to be taken out of the list."""
    assert is_different(difference.example), difference.reason
    assert difference.name in reasons(difference.example)
