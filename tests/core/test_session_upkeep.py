"""The thread that brings the index of sessions up to date, begun and ended from whatever thread."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path

import pytest

from workbench.sessions.upkeep import Upkeep


def test_it_is_closed_while_it_begins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    closed: list[Future[None]] = []
    with ThreadPoolExecutor(1) as others:
        others.submit(int).result()  # its thread has begun before

        class Slow(threading.Thread):
            def start(self) -> None:
                closed.append(others.submit(kept_up.close))
                wait(closed, timeout=0.1)
                super().start()

        kept_up = Upkeep(str)
        monkeypatch.setattr(threading, "Thread", Slow)
        kept_up.soon(tmp_path / "session.jsonl")
        monkeypatch.undo()
        assert [each.result() for each in closed] == [None]


def test_once_closed_it_begins_nothing(tmp_path: Path) -> None:
    kept_up = Upkeep(str)
    kept_up.close()
    before = threading.active_count()
    kept_up.soon(tmp_path / "session.jsonl")
    assert threading.active_count() == before
