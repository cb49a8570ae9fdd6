"""The words of an answer: what each means, and what is none."""

from __future__ import annotations

import pytest

from workbench.tools.decisions import Decision, may_become, offers, read

FILE = offers("file", of_file=True, code=True)
CALL = offers("call", of_file=True, code=True)
ALONE = offers("call", of_file=False, code=True)


@pytest.mark.parametrize(
    ("line", "file", "call", "alone"),
    [
        ("yes", Decision("file"), Decision("once"), Decision("once")),
        (" YES \n", Decision("file"), Decision("once"), Decision("once")),
        ("once", Decision("once"), Decision("once"), Decision("once")),
        ("tool", Decision("tool"), Decision("tool"), Decision("tool")),
        ("session", Decision("session"), Decision("session"), None),
        ("no", Decision(None), Decision(None), Decision(None)),
        ("n", Decision(None), Decision(None), Decision(None)),
        ("No, ask Ann first", *[Decision(None, "ask Ann first")] * 3),
        ("no: Bergen", *[Decision(None, "Bergen")] * 3),
        ("no  ", *[Decision(None)] * 3),
        *((line, None, None, None) for line in ("", "y", "ye", "file", "yes please", "now", "nothing", "o", "tools")),
    ],
)
def test_what_a_line_decides(line: str, file: Decision | None, call: Decision | None, alone: Decision | None) -> None:
    assert (read(line, FILE), read(line, CALL), read(line, ALONE)) == (file, call, alone)


def test_the_reason_has_an_end() -> None:
    decision = read("no " + "x" * 10_000, CALL)
    assert decision is not None
    assert len(decision.reason) == 2_000


@pytest.mark.parametrize("line", ["yes", "once", "Tool", "session", "no", "no, because it is late"])
def test_each_beginning_of_an_answer_may_become_one(line: str) -> None:
    assert all(may_become(line[:end], FILE) for end in range(1, len(line) + 1))


@pytest.mark.parametrize("text", ["yesterday", "now", "the", "si", "or", " yes", "sessions"])
def test_what_cannot_become_an_answer_is_known_at_once(text: str) -> None:
    assert not may_become(text, FILE)
