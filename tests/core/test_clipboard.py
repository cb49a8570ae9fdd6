"""How a text gets to the clipboard that there is: to a real tmux, to GNU screen, to a terminal."""

from __future__ import annotations

import asyncio
import base64
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from workbench.ui.terminal import clipboard
from workbench.ui.terminal.clipboard import LONG, Clipboard

KEY = "co-secret-0123456789"
TEXT = "Tide 潮 at 9:12 👩\u200d💻\n\ttwo \x1b[31m\n"
OLD = """#!/bin/sh
if [ "$2" = -w ]; then echo 'usage: load-buffer [-b buffer-name] path' >&2; exit 1; fi
env > "$HOME/seen"; cat > "$HOME/loaded"
"""


def sent(text: str, environ: Mapping[str, str]) -> tuple[str, str]:
    """What was written to the terminal, and said of it."""
    written: list[str] = []
    said = Clipboard(environ, written.append).send(text)
    return "".join(written), said


def loaded(text: str, environ: Mapping[str, str]) -> tuple[str, str]:
    """As `sent`, within a tmux."""
    written: list[str] = []
    said = asyncio.run(Clipboard(environ, written.append).load(text))
    return "".join(written), said


def decoded(sequence: str) -> str:
    found = re.fullmatch(r"\x1b\]52;c;([A-Za-z0-9+/=]*)\x07", sequence)
    assert found is not None, sequence[:80]
    return base64.b64decode(found[1]).decode()


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[dict[str, str]]:
    """What is around a program in a tmux of default options, which nobody looks at."""
    if shutil.which("tmux") is None:
        pytest.skip("there is no tmux")
    environ = {name: os.environ[name] for name in ("PATH", "HOME")} | {"TERM": "screen-256color", "LC_ALL": "C.UTF-8"}
    command = ("tmux", "-S", str(tmp_path / "socket"), "-f", "/dev/null")
    subprocess.run([*command, "new-session", "-d", "sleep 600"], env=environ, check=True)
    yield {**environ, "TMUX": f"{tmp_path / 'socket'},1,0"}
    subprocess.run([*command, "kill-server"], env=environ, check=True)


def stand_in(folder: Path, script: str, **environ: str) -> dict[str, str]:
    """What is around a program in a tmux that is this script."""
    path = folder / "tmux"
    path.write_text(script)
    path.chmod(0o755)
    return {"PATH": f"{folder}:{os.environ['PATH']}", "HOME": str(folder), "TMUX": "/nowhere,1,0", **environ}


def test_a_terminal_is_sent_the_text_and_may_refuse_it() -> None:
    sequence, said = sent(TEXT, {})
    assert decoded(sequence) == TEXT
    assert said.startswith(f"{len(TEXT)} characters sent to the terminal's clipboard (OSC 52), which may refuse that")


def test_half_a_pair_is_the_one_thing_that_is_replaced() -> None:
    assert decoded(sent("a\ud83d\ude00b\ud83dc", {})[0]) == "a😀b?c"


def test_a_long_text_says_that_it_may_be_cut_and_names_the_way_by_a_file() -> None:
    for length, long in ((LONG * 3 // 4 - 3, False), (LONG * 3 // 4 + 3, True)):
        sequence, said = sent("x" * length, {})
        assert len(decoded(sequence)) == length
        assert ("cut so long a text" in said) is long
        assert "/copy FILE" in said


def test_gnu_screen_hands_it_through_in_pieces() -> None:
    sequence, _ = sent(TEXT * 40, {"STY": "1.pts-0.host"})
    pieces = re.findall(r"\x1bP(.*?)\x1b\\", sequence, re.DOTALL)
    assert "".join(f"\x1bP{piece}\x1b\\" for piece in pieces) == sequence
    assert max(map(len, pieces)) < 256 < len(sequence)
    assert decoded("".join(pieces)) == TEXT * 40


def test_tmux_takes_it_byte_for_byte(tmux: dict[str, str]) -> None:
    for text in (TEXT, "-w\n", "x" * 300_000, "\n"):
        written, said = loaded(text, tmux)
        shown = subprocess.run(["tmux", "save-buffer", "-"], env=tmux, capture_output=True, check=True)
        assert shown.stdout == text.encode()
        assert written == ""
        plural = "" if len(text) == 1 else "s"
        assert said == f"{len(text):,} character{plural} in tmux's buffer (prefix ] pastes)"


def test_what_is_copied_last_is_what_is_pasted(tmux: dict[str, str]) -> None:
    async def many() -> None:
        board = Clipboard(tmux, lambda _: None)
        await asyncio.gather(*(board.load(f"text {number}") for number in range(5)))

    asyncio.run(many())
    assert subprocess.run(["tmux", "save-buffer", "-"], env=tmux, capture_output=True, check=True).stdout == b"text 4"


def test_an_old_tmux_is_asked_without_the_flag_and_told_no_key(tmp_path: Path) -> None:
    environ = stand_in(tmp_path, OLD, CO_API_KEY=KEY, MY_KEY=KEY, LANG="C.UTF-8")
    written, said = loaded(TEXT, environ)
    assert (tmp_path / "loaded").read_bytes() == TEXT.encode()
    assert "in tmux's buffer" in said
    assert written == ""
    seen = (tmp_path / "seen").read_text()
    assert "TMUX=/nowhere,1,0" in seen
    assert KEY not in seen


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("#!/bin/sh\necho 'no server running on /nowhere' >&2; exit 1\n", "no server running on /nowhere"),
        ("#!/bin/sh\nexit 7\n", "exit code 7"),
        ("#!/bin/sh\nexec sleep 60\n", "no answer within 0.2 s"),
        (f"#!/bin/sh\nprintf '\\033]52;c;eA==\\007%{300}s' x >&2; exit 1\n", "␛]52;c;eA==␇"),
    ],
)
def test_why_tmux_did_not_take_it_is_said_and_the_terminal_is_sent_it(
    script: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clipboard, "TMUX_SECONDS", 0.2)
    written, said = loaded(TEXT, stand_in(tmp_path, script))
    assert said.startswith(f"tmux did not take it ({reason}")
    assert said.endswith("/copy FILE writes a file")
    assert len(said) < 400
    inner = re.fullmatch(r"\x1bPtmux;(.*)\x1b\\", written, re.DOTALL)
    assert inner is not None
    assert decoded(inner[1].replace("\x1b\x1b", "\x1b")) == TEXT


def test_without_the_program_tmux_it_is_said_so() -> None:
    written, said = loaded(TEXT, {"TMUX": "/nowhere,1,0", "PATH": "/nowhere"})
    assert said.startswith(f"tmux did not take it (there is no tmux on PATH); {len(TEXT)} characters sent")
    assert written
