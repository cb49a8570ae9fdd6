"""What a call would run, in lines: nothing in them can be misread."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.tools.in_words import quoted_words
from workbench.tools.runners.python import Python
from workbench.tools.runners.reply import CannedReply


def test_a_function_is_named_with_its_folder_and_its_arguments() -> None:
    run = Python("mail:send", Path("/srv/tools"))
    assert list(run.what_of({"to": "a\nb"})) == [
        "runs the Python function mail:send from /srv/tools",
        'arguments: {"to": "a\\nb"}',
    ]


def test_long_arguments_get_a_line_each() -> None:
    assert CannedReply(1).what_of({"a": "x" * 60, "b": 2})[1:] == (
        "arguments: {",
        f'  "a": "{"x" * 60}",',
        '  "b": 2',
        "}",
    )


@pytest.mark.parametrize(
    ("argv", "shown"),
    [
        (["git", "log", "--max-count=3"], "git log --max-count=3"),
        (["rm", "", " ", "a b"], 'rm "" " " "a b"'),
        (["x", 'say "hi"', "it's"], 'x "say \\"hi\\"" "it\'s"'),
        (["x", "a\x1b[2J", "a\nb", "\t"], 'x "a\\u001b[2J" "a\\nb" "\\t"'),
        (["x", "$(id)", ";", "*", "ü"], 'x "$(id)" ";" "*" "ü"'),
    ],
)
def test_each_element_of_a_command_line_is_seen(argv: list[str], shown: str) -> None:
    assert quoted_words(argv) == shown
