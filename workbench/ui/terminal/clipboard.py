"""The clipboard that there is: the buffer of the tmux around this program, else the terminal's own, by OSC 52.

Owns how a text gets there, and saying what is known of that: tmux tells whether it took it, a terminal does not.
"""

from __future__ import annotations

import asyncio
import base64
import subprocess
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from workbench.safe_text import safe_line
from workbench.ui.background import in_background
from workbench.ui.new_files import exact

TMUX_SECONDS: Final = 3.0
"""How long tmux may take for a text."""

LONG: Final = 74_000
"""Characters of base64 from which on terminals are known to cut what they are sent, or to drop it."""

_ASKED_OF_TMUX: Final = ("load-buffer", "-w", "-")  # -w hands it on to the terminal, where that takes one
_ASKED_OF_AN_OLD_ONE: Final = ("load-buffer", "-")
# All that tmux is told of the environment: whose server it is, and how its words are written. No key is among these.
_FOR_TMUX: Final = ("TMUX", "TMUX_PANE", "PATH", "HOME", "TERM", "LANG", "LC_ALL", "LC_CTYPE")
_SCREEN_TAKES: Final = 240  # bytes of a sequence that GNU screen hands through at once
_LONGEST_REASON: Final = 120


class Clipboard:
    """Of the terminal that `write` writes to; `environ` tells what is around this program."""

    def __init__(self, environ: Mapping[str, str], write: Callable[[str], None]) -> None:
        self.in_tmux = bool(environ.get("TMUX"))
        self._in_screen = bool(environ.get("STY"))
        self._environ = {name: environ[name] for name in _FOR_TMUX if name in environ}
        self._write = write
        self._one_by_one = asyncio.Lock()

    async def load(self, text: str) -> str:
        """Hand `text` to tmux, or to the terminal when tmux does not take it; what was done, in words."""
        async with self._one_by_one:  # what was copied last is what is pasted
            refusal = await in_background(lambda: self._refusal(exact(text)))
        if refusal:
            return f"tmux did not take it ({refusal}); {self.send(text)}"
        return f"{counted(text)} in tmux's buffer (prefix ] pastes)"

    def send(self, text: str) -> str:
        """Send `text` to the terminal by OSC 52; what was done, in words."""
        coded = base64.b64encode(exact(text)).decode()
        self._write(self._through(f"\x1b]52;c;{coded}\x07"))
        may = "cut so long a text, or refuse it" if len(coded) > LONG else "refuse that"
        return (
            f"{counted(text)} sent to the terminal's clipboard (OSC 52), which may {may} without a word: "
            "/copy FILE writes a file"
        )

    # -- tmux ------------------------------------------------------------------------------------------

    def _refusal(self, data: bytes) -> str:
        """Why tmux did not take the text, "" when it did. For a thread."""
        refusal = self._run(_ASKED_OF_TMUX, data)
        if "-w" in refusal or refusal.startswith("usage:"):  # this tmux knows no such flag
            refusal = self._run(_ASKED_OF_AN_OLD_ONE, data)
        return safe_line(refusal)[:_LONGEST_REASON]

    def _run(self, asked: tuple[str, ...], data: bytes) -> str:
        try:
            done = subprocess.run(
                ("tmux", *asked), input=data, capture_output=True, env=self._environ, timeout=TMUX_SECONDS, check=False
            )
        except FileNotFoundError:
            return "there is no tmux on PATH"
        except subprocess.TimeoutExpired:
            return f"no answer within {TMUX_SECONDS:g} s"
        except OSError as error:
            return error.strerror or str(error)
        if not done.returncode:
            return ""
        return " ".join(done.stderr.decode("utf-8", "replace").split()) or f"exit code {done.returncode}"

    # -- the terminal ----------------------------------------------------------------------------------

    def _through(self, sequence: str) -> str:
        """The sequence as what is between here and the terminal hands it through."""
        if self.in_tmux:
            return f"\x1bPtmux;{sequence.replace(chr(27), chr(27) * 2)}\x1b\\"
        if self._in_screen:
            return "".join(f"\x1bP{part}\x1b\\" for part in _parts(sequence, _SCREEN_TAKES))
        return sequence


def _parts(text: str, size: int) -> Iterator[str]:
    return (text[start : start + size] for start in range(0, len(text), size))


def counted(text: str) -> str:
    """How many characters it has, in words."""
    return f"{len(text):,} character{'s' if len(text) != 1 else ''}"
