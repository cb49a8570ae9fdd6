"""The canary in a real terminal: no byte that is written to it is of the key, whatever is said."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.canary import CANARY, END, SAYS, found_in, lay_out, script
from tests.e2e.terminal import COMMAND, Terminal
from tests.loopback import Received
from tests.serving import serving

CTRL_Q = "\x11"
# What moves the cursor or changes colours may stand between two characters of a text.
SEQUENCE = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]")
TITLE = re.compile(rb"\x1b\][012];[^\x07\x1b]*")


def test_no_byte_of_it_reaches_the_terminal(tmp_path: Path) -> None:
    lay_out(tmp_path)
    environ = {**os.environ, "CO_API_KEY": CANARY}
    with serving(script) as server:
        flags = ["--base-url", server.url, "--tools", "tools.yaml", "--yes", "--retries", "0", "--log", "turn.log"]
        with Terminal([COMMAND, *flags], columns=150, rows=50, environ=environ, folder=tmp_path) as term:
            term.wait_for("ask about your documents")
            for say in SAYS:
                term.press(f"{say.name}\r")
            term.press("and this is the last\r")
            term.wait_until(lambda: _asked(server.received[-1:]) == "and this is the last", "not all was asked")
            term.wait_for(END, "✓ complete")
            term.press(CTRL_Q)
            assert term.wait_for_exit() == 0
            text = SEQUENCE.sub(b"", term.written)
            assert found_in(text) == []
            assert found_in(term.written) == []
            assert [title for title in TITLE.findall(term.written) if found_in(title)] == []
        assert len(server.received) > len(SAYS)
    assert found_in((tmp_path / "turn.log").read_bytes()) == []


def _asked(received: list[Received]) -> str:
    return str(received[0].body["messages"][-1]["content"]) if received else ""


@pytest.mark.parametrize("key", [f"{CANARY}\n{CANARY}", f"{CANARY}\n", f"{CANARY}é", f"{CANARY} x"])
def test_a_key_that_cannot_be_sent_is_refused_before_the_screen_opens(key: str, tmp_path: Path) -> None:
    with Terminal([COMMAND], columns=80, rows=24, environ={**os.environ, "CO_API_KEY": key}, folder=tmp_path) as term:
        assert term.wait_for_exit() == 2
        assert found_in(term.written) == []
        assert b"CO_API_KEY: the API key holds a" in term.written
        assert b"\x1b" not in term.written
