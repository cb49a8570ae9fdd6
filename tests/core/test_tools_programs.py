"""Any program as a child: a line in, a line out, its streams and signals as it expects them, and how it ended."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from workbench.tools.runners.one_line import Ended, run_child

PATIENCE = 20.0


async def run(*argv: str, request: bytes = b"", timeout: float = PATIENCE, prefix: bytes = b"") -> Ended:
    return await run_child(
        argv, request, environ=dict(os.environ), timeout=timeout, answer_limit=1_000, answer_prefix=prefix
    )


async def sh(script: str, request: bytes = b"", prefix: bytes = b"") -> Ended:
    return await run("sh", "-c", script, request=request, prefix=prefix)


async def test_a_line_in_and_a_line_out() -> None:
    ended = await sh("read line; echo noise >&2; echo got $line; echo more", b"hello\n")
    assert (ended.answer, ended.status, ended.timed_out, ended.output) == (b"got hello", 0, False, "noise\n")


@pytest.mark.parametrize(
    ("script", "status"),
    [
        ("exit 0", 0),
        ("exit 3", 3),
        ("exit 255", 255),
        ("kill -9 $$", -9),
        ("kill -TERM $$", -15),
        ("kill -ALRM $$", -14),
    ],
)
async def test_how_it_ended(script: str, status: int) -> None:
    ended = await sh(script)
    assert (ended.answer, ended.status) == (None, status)


@pytest.mark.parametrize("script", ["kill -TERM $PPID", "kill -INT $PPID; kill -HUP $PPID; kill -CHLD $PPID"])
async def test_a_signal_for_its_parent_does_no_harm(script: str) -> None:
    assert (await sh(f"{script}; echo here")).answer == b"here"


async def test_a_program_that_is_not_there() -> None:
    with pytest.raises(FileNotFoundError):
        await run("no-such-program-anywhere")


async def test_a_program_that_may_not_be_run(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("no program")
    with pytest.raises(PermissionError):
        await run(str(tmp_path / "data"))


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="only /proc tells what a program holds")
async def test_a_program_holds_its_three_streams_and_no_more() -> None:
    ended = await run(sys.executable, "-c", "import os; print(sorted(map(int, os.listdir('/proc/self/fd'))))")
    assert ended.answer == b"[0, 1, 2, 3]"  # 3 is the folder that it lists


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only /proc tells what a program ignores")
async def test_no_signal_is_ignored_or_blocked_for_a_program_that_was_not_so_for_us() -> None:
    names = ("SigIgn", "SigBlk")
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        ended = await run("sed", "-n", "/^Sig[IB]/H;${x;s/[\\n\\t]/ /g;p}", "/proc/self/status")
    finally:
        signal.signal(signal.SIGHUP, before)
    words = (ended.answer or b"").decode().replace(":", "").split()
    seen = {name: int(mask, 16) for name, mask in zip(words[::2], words[1::2], strict=True)}
    assert set(seen) == set(names)
    assert seen["SigBlk"] == 0
    assert seen["SigIgn"] & ignorable(signal.SIGHUP)
    for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGTERM, signal.SIGCHLD):
        assert not seen["SigIgn"] & ignorable(number)


def ignorable(number: int) -> int:
    """The bit of a signal in a mask of /proc."""
    return 1 << (number - 1)


@pytest.mark.parametrize(
    "script",
    [
        "echo forged; echo 'key true'",
        "printf forged; printf '\\nkey true\\n'",
        "head -c 100000 /dev/zero; echo; echo key true",
        "echo keyforged; echo ' key forged'; echo; echo key true; echo key late",
    ],
)
async def test_only_a_line_with_the_prefix_counts(script: str) -> None:
    assert (await sh(script, prefix=b"key ")).answer == b"true"


@pytest.mark.parametrize("prefix", [b"", b"key "])
@pytest.mark.parametrize(("length", "overlong"), [(1_000, False), (1_001, True), (1_000_000, True)])
async def test_a_line_has_a_limit_that_the_prefix_does_not_count_for(
    prefix: bytes, length: int, overlong: bool
) -> None:
    ended = await run(sys.executable, "-c", f"print({prefix.decode()!r} + 'x' * {length})", prefix=prefix)
    assert ended.overlong is overlong
    assert ended.answer == (None if overlong else b"x" * length)


async def test_what_it_leaves_open_holds_nothing_up() -> None:
    ended = await sh("(trap '' TERM HUP; sleep 600) & echo done")
    assert (ended.answer, ended.status) == (b"done", 0)
