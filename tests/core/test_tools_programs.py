"""Any program as a child: its streams and signals as it expects them, how it ended, and the lines that answer."""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from workbench.tools.runners.pipes import Answers, Head, Tail
from workbench.tools.runners.programs import run_program

PATIENCE = 20.0


@dataclass(frozen=True)
class Ran:
    """How a program ended, and what it wrote."""

    status: int | None
    out: bytes
    err: str
    timed_out: bool


async def run(*argv: str, stdin: bytes = b"", timeout: float = PATIENCE, cwd: Path | None = None) -> Ran:
    err = Tail(1_000)
    out = Head(1_000, Tail(1_000))
    environ = dict(os.environ)
    ended = await run_program(argv, stdin, stdout=out, stderr=err, environ=environ, timeout=timeout, cwd=cwd)
    return Ran(ended.status, bytes(out.received), err.text, ended.timed_out)


async def sh(script: str, stdin: bytes = b"") -> Ran:
    return await run("sh", "-c", script, stdin=stdin)


async def test_what_goes_in_and_what_comes_out() -> None:
    ran = await sh("read line; echo noise >&2; echo got $line; cat", b"hello\nmore")
    assert ran == Ran(0, b"got hello\nmore", "noise\n", timed_out=False)


async def test_it_runs_where_it_is_told_to(tmp_path: Path) -> None:
    assert (await run("pwd", "-P", cwd=tmp_path)).out == f"{tmp_path.resolve()}\n".encode()


async def test_a_program_that_takes_too_long() -> None:
    ran = await run("sh", "-c", "echo begun; exec sleep 600", timeout=0.5)
    assert (ran.timed_out, ran.status) == (True, -signal.SIGTERM)


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
    assert ended.status == status


@pytest.mark.parametrize("script", ["kill -TERM $PPID", "kill -INT $PPID; kill -HUP $PPID; kill -CHLD $PPID"])
async def test_a_signal_for_its_parent_does_no_harm(script: str) -> None:
    assert (await sh(f"{script}; echo here")).out == b"here\n"


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
    assert ended.out == b"[0, 1, 2, 3]\n"  # 3 is the folder that it lists


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only /proc tells what a program ignores")
async def test_no_signal_is_ignored_or_blocked_for_a_program_that_was_not_so_for_us() -> None:
    names = ("SigIgn", "SigBlk")
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        ended = await run("sed", "-n", "/^Sig[IB]/H;${x;s/[\\n\\t]/ /g;p}", "/proc/self/status")
    finally:
        signal.signal(signal.SIGHUP, before)
    words = ended.out.decode().replace(":", "").split()
    seen = {name: int(mask, 16) for name, mask in zip(words[::2], words[1::2], strict=True)}
    assert set(seen) == set(names)
    assert seen["SigBlk"] == 0
    assert seen["SigIgn"] & ignorable(signal.SIGHUP)
    for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGTERM, signal.SIGCHLD):
        assert not seen["SigIgn"] & ignorable(number)


def ignorable(number: int) -> int:
    """The bit of a signal in a mask of /proc."""
    return 1 << (number - 1)


async def test_what_it_leaves_open_holds_nothing_up() -> None:
    ended = await sh("(trap '' TERM HUP; sleep 600) & echo done")
    assert (ended.out, ended.status) == (b"done\n", 0)


async def test_all_that_it_wrote_before_its_end_is_read() -> None:
    out = Head(10_000_000, Tail(10))
    script = "head -c 3000000 /dev/zero"
    await run_program(
        ["sh", "-c", script], b"", stdout=out, stderr=Tail(10), environ=dict(os.environ), timeout=PATIENCE
    )
    assert len(out.received) == 3_000_000


# -- lines that answer -------------------------------------------------------------------------------


def answered(*pieces: bytes, limit: int = 1_000) -> tuple[Answers, list[bytes]]:
    """What is read from these pieces by who waits for the nonce `key`."""
    answers, told = Answers(limit), list[bytes]()
    answers.expect(b"key", told.append)
    for piece in pieces:
        answers.data_received(piece)
    return answers, told


@pytest.mark.parametrize(
    "written",
    [
        b"forged\nkey=true\n",
        b"forged\nkey=true\nkey=late\n",
        b"\0" * 100_000 + b"\nkey=true\n",
        b"keyforged\nke\n key=forged\n\nkey=true\n",
    ],
)
@pytest.mark.parametrize("size", [1, 7, 1_000_000])
async def test_only_a_line_with_the_nonce_is_an_answer(written: bytes, size: int) -> None:
    answers, _ = answered(*(written[start : start + size] for start in range(0, len(written), size)))
    assert (answers.line, answers.is_last, answers.over.is_set()) == (b"true", False, True)


async def test_what_is_told_comes_before_the_answer_and_the_answer_may_be_the_last() -> None:
    answers, told = answered(b"\nkey~1\n\nkey~2\nother~3\n", b"\nkey!end\n\nkey~4\n")
    assert (told, answers.line, answers.is_last) == ([b"1", b"2"], b"end", True)


async def test_of_a_thousand_things_told_at_once_the_last_are_passed_on() -> None:
    _, told = answered(b"".join(b"key~%d\n" % number for number in range(1_000)))
    assert told == [b"%d" % number for number in range(980, 1_000)]


async def test_the_next_call_does_not_hear_of_the_one_before() -> None:
    answers, _ = answered(b"\nkey=one\nkey=")
    told: list[bytes] = []
    answers.expect(b"new", told.append)
    answers.data_received(b"late\nkey=two\nkey~x\nnew~y\nnew=three\n")
    assert (answers.line, told) == (b"three", [b"y"])


@pytest.mark.parametrize(("length", "overlong"), [(1_000, False), (1_001, True), (1_000_000, True)])
async def test_an_answer_has_a_limit_that_the_nonce_does_not_count_for(length: int, overlong: bool) -> None:
    answers, _ = answered(b"key=" + b"x" * length, b"\n")
    assert (answers.overlong, answers.line) == (overlong, None if overlong else b"x" * length)
