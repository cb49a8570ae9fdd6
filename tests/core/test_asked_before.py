"""What was asked in earlier conversations: kept in order and within bounds, by two programs at once, without a key."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from workbench.sessions import asked_before
from workbench.sessions.asked_before import AskedBefore

ANOTHER = """\
import sys
from pathlib import Path
from workbench.sessions.asked_before import AskedBefore

asked = AskedBefore(Path(sys.argv[1]), str, print)
for number in range(200):
    asked.keep(f"{sys.argv[2]} {number}")
asked.close()
"""


def opened(path: Path, masked: Callable[[str], str] = str, told: Callable[[str], object] = pytest.fail) -> AskedBefore:
    return AskedBefore(path, masked, told)


def keep(path: Path, *texts: str, masked: Callable[[str], str] = str) -> None:
    asked = opened(path, masked)
    for text in texts:
        asked.keep(text)
    asked.close()


def test_it_comes_back_in_order_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "state" / "asked.jsonl"
    assert opened(path).recalled() == []
    keep(path, "one", "two\nlines", "two\nlines", "  ", "é 日 \u2028", "one")
    keep(path, "one", "three")
    assert opened(path).recalled() == ["one", "two\nlines", "é 日 \u2028", "one", "three"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes().isascii()


def test_no_key_is_written(tmp_path: Path) -> None:
    path = tmp_path / "asked.jsonl"
    keep(path, "my key is sesame-0123", masked=lambda text: text.replace("sesame-0123", "***"))
    assert opened(path).recalled() == ["my key is ***"]


def test_at_its_bound_the_older_half_is_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asked_before, "LARGEST", 1_000)
    path = tmp_path / "asked.jsonl"
    keep(path, *(f"question {number}" for number in range(200)))
    kept = opened(path).recalled()
    assert kept == [f"question {number}" for number in range(200 - len(kept), 200)]
    assert 20 < len(kept) < 80
    assert path.stat().st_size <= 1_000
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_is_too_long_is_not_kept(tmp_path: Path) -> None:
    path = tmp_path / "asked.jsonl"
    keep(path, "x" * (asked_before.LONGEST + 1), "short")
    assert opened(path).recalled() == ["short"]


@pytest.mark.parametrize("line", [b"not JSON", b"7", b'["a"]', b"\xff\xfe", b"[" * 100_000, b'"cut', b""])
def test_a_line_that_is_none_is_passed_over(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "asked.jsonl"
    path.write_bytes(b'"one"\n' + line + b'\n"two"\n' + line)
    assert opened(path).recalled() == ["one", "two"]
    keep(path, "three")
    assert opened(path).recalled() == ["one", "two", "three"]


def test_two_programs_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "asked.jsonl"
    programs = [subprocess.Popen([sys.executable, "-c", ANOTHER, str(path), name]) for name in ("a", "b")]
    assert [program.wait(60) for program in programs] == [0, 0]
    kept = [json.loads(line) for line in path.read_text().splitlines()]
    for name in ("a", "b"):
        assert [text for text in kept if text.startswith(name)] == [f"{name} {number}" for number in range(200)]


def test_a_file_that_others_may_write_is_not_believed_and_that_is_said_once(tmp_path: Path) -> None:
    path = tmp_path / "asked.jsonl"
    path.write_text('"planted"\n')
    path.chmod(0o666)
    told: list[str] = []
    asked = opened(path, told=told.append)
    assert asked.recalled() == []
    for text in ("one", "two"):
        asked.keep(text)
    asked.close()
    assert told == ["what you ask is not remembered for the next start: others may write it"]
    assert path.read_text() == '"planted"\n'


def test_bytes_that_are_no_text_take_nothing_else_with_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asked_before, "LARGEST", 1_000)
    path = tmp_path / "asked.jsonl"
    path.write_bytes(b'"old"\n' * 200 + b'"b\xe4d"\n\xff\xfe\n' + b'"new"\n' * 40)
    keep(path, "newest")
    kept = opened(path).recalled()
    assert kept[-1] == "newest"
    assert kept.count("new") == 40
    path.read_text("utf-8")


@pytest.mark.parametrize("unfinished", [b'"' + b"x" * 985, b"\xff" * 985], ids=["text", "no text"])
def test_what_was_left_unfinished_takes_no_entry_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unfinished: bytes
) -> None:
    monkeypatch.setattr(asked_before, "LARGEST", 1_000)
    path = tmp_path / "asked.jsonl"
    path.write_bytes(b'"one"\n"two"\n' + unfinished)
    keep(path, "three")
    assert opened(path).recalled() == ["one", "two", "three"]


def test_a_file_that_is_far_too_large_is_cut_to_its_newest_entries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asked_before, "LARGEST", 1_000)
    path = tmp_path / "asked.jsonl"
    path.write_text("".join(f'"question {number}"\n' for number in range(1_000)))
    recalled = opened(path).recalled()
    assert recalled == [f"question {number}" for number in range(1_000 - len(recalled), 1_000)]
    assert len(recalled) > 20
    keep(path, "newest")
    kept = opened(path).recalled()
    assert kept[-2:] == ["question 999", "newest"]
    assert len(kept) > 20
    assert path.stat().st_size <= 1_000
