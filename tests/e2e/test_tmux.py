"""In a tmux of default options, what is copied is in its buffer, byte for byte."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

from tests.e2e.terminal import COMMAND
from tests.e2e.tmux import Tmux
from tests.loopback import LoopbackServer, message, stream
from tests.serving import serving

PARAGRAPH = (
    "The tide 潮 turns twice a day, and boats leave with it: supercalifragilisticexpialidocious words wrap here, 潮は"
    "一日に二回満ち引きします。港の船は引き潮で出ます。 Cafe\u0301 👩\u200d💻 and the end of it."
)
CODE = "if tide > 3:\n\tprint('“high”')  # 潮 " + "x" * 90
OTHER = "tide --help"
ANSWER = f"# Tides\n\n{PARAGRAPH}\n\n```python\n{CODE}\n```\n\n- one\n\n  ```\n  {OTHER}\n  ```\n\n**bold** \\* end"


class Workbench(Tmux):
    """The program in a tmux, with an answer on its screen."""

    def __init__(self, server: LoopbackServer, folder: Path, size: tuple[int, int]) -> None:
        environ = {**os.environ, "CO_API_KEY": "co-key-for-nobody"}
        argv = [COMMAND, "--base-url", server.url, "--no-session"]
        super().__init__(argv, environ=environ, folder=folder, columns=size[0], rows=size[1])
        self.wait_for("F1 help")
        self.type("how? 潮")
        self.press("Enter")
        self.wait_for("✓ complete")

    def copied(self, *keys: str, expected: str) -> None:
        """The keys, all at once, put this into the buffer."""
        self.press(*keys)
        self.wait_until(lambda: self.buffer() == expected.encode(), f"never copied: {expected!r}")
        count = len(expected)
        self.wait_for(f"{count:,} characters in tmux's buffer (prefix ] pastes)")


@contextlib.contextmanager
def program(folder: Path, *size: int) -> Iterator[tuple[Workbench, LoopbackServer]]:
    with serving([stream(message(ANSWER))]) as server, Workbench(server, folder, (size[0], size[1])) as tmux:
        yield tmux, server


def test_what_is_copied_is_in_the_buffer_byte_for_byte(tmp_path: Path) -> None:
    with program(tmp_path, 120, 40) as (tmux, server):
        tmux.copied("F2", "y", expected=ANSWER)
        tmux.copied("1", "y", expected=CODE)
        tmux.copied("2", "y", expected=OTHER)
        tmux.copied("v", "g", "j", "j", "j", "j", "w", "v", "j", "$", "V", "y", expected=PARAGRAPH)
        tmux.press("F6")
        tmux.wait_for("POST /v2/chat")
        tmux.press("Home")
        body = json.dumps(server.received[0].body, ensure_ascii=False, indent=2)
        assert "how? 潮" in body
        tmux.copied("y", expected=body)


def test_a_selection_over_soft_wraps_and_wide_characters(tmp_path: Path) -> None:
    with program(tmp_path, 80, 24) as (tmux, _):
        selected = PARAGRAPH[PARAGRAPH.index("tide") : PARAGRAPH.index("二回")]
        blanks = 1  # where a line was broken, on which no caret can stand
        tmux.press("F2", "v", "g", "j", "j", "j", "j", "w", "v", *["l"] * (len(selected) - 1 - blanks))
        tmux.wait_for("y copy")
        tmux.copied("y", expected=selected)
        tmux.copied("v", "g", "j", "j", "j", "j", "V", "y", expected=PARAGRAPH)
