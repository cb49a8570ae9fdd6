"""The question about a file that asks for more than its folder: at a real terminal, by `ask` and by the app."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests.e2e.terminal import COMMAND, Terminal
from tests.loopback import Received, Reply, message, stream
from tests.serving import serving

SECRET = "The treasure lies under the old lighthouse."
AGAIN_SECONDS = 1.5
CTRL_C, CTRL_Q = "\x03", "\x11"


def answers(_: Received) -> Reply:
    return stream(message("The tide turns at noon."))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "private").mkdir()
    (tmp_path / "private" / "secret.md").write_text(SECRET)
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "docs.yaml").write_text("files: ../private/secret.md\n")
    return tmp_path / "here"


def terminal(folder: Path, *arguments: str, key: str = "") -> Terminal:
    environ = {**os.environ, "CO_API_KEY": key}
    return Terminal([COMMAND, *arguments], columns=100, rows=30, environ=environ, folder=folder)


def test_ask_asks_once_before_the_key_is_sent(folder: Path) -> None:
    with serving(answers) as server:
        (folder / "c.yaml").write_text(f"base_url: {server.url}\n")
        for answer in ("", "y", "no"):
            with terminal(folder, "ask", "--config", "c.yaml", "When?", key="the-key-0123456789") as term:
                term.wait_for(
                    "type yes to trust", str(folder / "c.yaml"), "sends the API key of CO_API_KEY to 127.0.0.1"
                )
                assert server.received == []
                term.press(f"{answer}\r")
                assert term.wait_for_exit() == 2
                assert b"you did not allow it" in term.written
        with terminal(folder, "ask", "--config", "c.yaml", "When?", key="the-key-0123456789") as term:
            term.wait_for("type yes to trust")
            term.press("yes\r")
            assert term.wait_for_exit() == 0
        assert len(server.received) == 1
        with terminal(folder, "ask", "--config", "c.yaml", "When?", key="the-key-0123456789") as term:
            assert term.wait_for_exit() == 0
            assert "type yes" not in term.text()
        assert len(server.received) == 2


def test_ask_asks_before_it_reads_outside(folder: Path) -> None:
    with terminal(folder, "ask", "--offline", "--docs", "docs.yaml", "Where is the treasure?") as term:
        term.wait_for("type yes to trust", "secret.md")
        assert "lighthouse" not in term.text()
        term.press("yes\r")
        assert term.wait_for_exit() == 0
        assert "lighthouse" in term.text()


def test_a_paste_is_no_answer(folder: Path) -> None:
    with terminal(folder, "ask", "--offline", "--docs", "docs.yaml", "Where is the treasure?") as term:
        term.press("yes\r")  # ahead of the question
        term.wait_for("type yes to trust")
        term.press("yes\rand more\r")
        assert term.wait_for_exit() == 2
        assert "lighthouse" not in term.text()


def test_an_interrupt_is_an_answer(folder: Path) -> None:
    with terminal(folder, "ask", "--offline", "--docs", "docs.yaml", "Where is the treasure?") as term:
        term.wait_for("type yes to trust")
        term.press(CTRL_C)
        assert term.wait_for_exit() == 130
        assert "Traceback" not in term.text()


def test_the_app_asks_before_it_opens(folder: Path) -> None:
    with serving(answers) as server:
        (folder / "c.yaml").write_text(f"base_url: {server.url}\n")
        with terminal(folder, "--config", "c.yaml", key="the-key-0123456789") as term:
            term.wait_for("type yes to trust", "sends the API key")
            assert b"\x1b[?1049h" not in term.written
            term.press("no\r")
            assert term.wait_for_exit() == 2
            assert b"\x1b[?1049h" not in term.written
        with terminal(folder, "--config", "c.yaml", key="the-key-0123456789") as term:
            term.wait_for("type yes to trust")
            term.press("yes\r")
            term.wait_for("ask about your documents")
            term.press("When does the tide turn?\r")
            term.wait_for("at noon")
            term.press(CTRL_Q)
            assert term.wait_for_exit() == 0
        assert len(server.received) == 1


def answer(term: Terminal, keys: str) -> None:
    """Answer the question about trust on the screen, once it has the keys."""
    term.wait_for("Do you trust docs.yaml?")
    term.wait_until(lambda: "Tab to answer" not in term.text(), "it never took the keys")
    term.press(keys)
    pressed = time.monotonic()

    def is_settled() -> bool:
        """Whether the question has gone. What came too early does not answer it, nor what comes too fast."""
        nonlocal pressed
        if "Do you trust" not in term.text() or b"\x1b[?1049l" in term.written:  # or the app has ended
            return True
        if time.monotonic() - pressed > AGAIN_SECONDS:
            term.press(keys[-1])
            pressed = time.monotonic()
        return False

    term.wait_until(is_settled, "it stays")


def test_the_app_asks_on_the_screen_about_documents(folder: Path) -> None:
    with terminal(folder, "--offline", "--docs", "docs.yaml") as term:
        term.wait_for("Do you trust docs.yaml?", "secret.md", "type yes to trust it")
        term.press(CTRL_Q)
        term.wait_for_exit()
        assert "Traceback" not in term.text()
    with terminal(folder, "--offline", "--docs", "docs.yaml") as term:
        answer(term, "no\r")
        assert term.wait_for_exit() == 2
        assert b"you did not allow it" in term.written
    with terminal(folder, "--offline", "--docs", "docs.yaml") as term:
        answer(term, "yes\r")
        term.wait_for("· docs 1")
        term.press(CTRL_Q)
        assert term.wait_for_exit() == 0
    with terminal(folder, "--offline", "--docs", "docs.yaml") as term:
        term.wait_for("· docs 1")


def test_a_yes_is_for_all_that_the_file_may_ask_for(folder: Path) -> None:
    """Whoever is asked about documents is told of the server, too, that a key would go to another time."""
    (folder / "link.md").symlink_to("../private/secret.md")
    (folder / "c.yaml").write_text("base_url: https://gateway.example\ndocs: link.md\napi_key_env: DATABASE\n")
    with terminal(folder, "ask", "--offline", "--config", "c.yaml", "Where is the treasure?") as term:
        term.wait_for("type yes to trust", "reads documents outside", "gateway.example", "the variable DATABASE")
    (folder / "c.yaml").write_text("base_url: https://gateway.example\ndocs: [.]\n")
    with terminal(folder, "ask", "--offline", "--config", "c.yaml", "Where is the treasure?") as term:
        term.wait_for("type yes to trust", "outside of the folder", "gateway.example")
