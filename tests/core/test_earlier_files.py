"""Files of an earlier version open as they did: a session, a recording and a settings file, kept for that."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.core.keeping import came_back
from workbench.cli import run
from workbench.config.settings import read_settings
from workbench.sessions.folder import sessions_folder

EARLIER = Path(__file__).parents[1] / "earlier"
QUESTIONS = ['What are the opening hours of the place "library"?', "What does a day ticket cost?"]


def test_a_session_comes_back_whole() -> None:
    first, second = (each.turn for each in came_back(EARLIER / "session.jsonl"))
    assert [first.prompt, second.prompt] == QUESTIONS
    assert (first.status, second.status) == ("complete", "complete")
    assert [len(first.steps), len(second.steps)] == [2, 1]
    [call] = first.summary().tool_calls
    assert (call["name"], call["result"]) == ("opening_hours", {"opens": "09:00", "closes": "18:00"})
    assert all(first.text[c.start : c.end] == c.text for c in first.citations if c.start is not None)
    assert [entry.title for entry in second.ledger.entries() if entry.number] == ["Tickets"]


def test_a_session_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    environ = {"HOME": str(tmp_path)}
    folder = sessions_folder(environ)
    assert folder is not None
    folder.mkdir(parents=True, mode=0o700)
    shutil.copy(EARLIER / "session.jsonl", folder / "20261129-191029-02f117.jsonl")
    assert run(["sessions", "list"], environ) == 0
    assert QUESTIONS[0] in capsys.readouterr().out
    assert run(["ask", "--offline", "--json", "--resume", "", "And what else?"], environ) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    prompts = [each["content"] for each in lines[0]["body"]["messages"] if each["role"] == "user"]
    assert prompts == [*QUESTIONS, "And what else?"]


def test_a_recording_is_replayed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["replay", "--json", "--speed", "max", str(EARLIER / "recording.jsonl")], {}) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    end = lines[-1]
    assert (end["event"], end["status"], end["steps"]) == ("turn-end", "complete", 2)
    assert [line["result"] for line in lines if line["event"] == "tool-result"] == [
        {"opens": "09:00", "closes": "18:00"}
    ]
    assert end["citations"]


def test_settings_say_what_they_said() -> None:
    settings, problems = read_settings(EARLIER / "settings.yaml", {})
    assert problems == ()
    said = {
        "model": "command-r7b-12-2024",
        "system": "Answer in one sentence.",
        "base_url": "http://localhost:8000/cohere",
        "api_key_env": "MY_KEY",
        "offline": False,
        "theme": "workbench-light",
        "low_bandwidth": True,
        "connect_timeout": 5.0,
        "first_byte_timeout": 30.0,
        "timeout": 20.0,
        "max_time": 90.0,
        "max_steps": 4,
        "retries": 1,
        "max_text_mb": 8.0,
        "max_arguments_mb": 2.0,
        "max_line_mb": 4.0,
        "max_other_mb": 16.0,
        "temperature": 0.3,
        "max_tokens": 500,
        "thinking": False,
        "session": False,
        "log": EARLIER / "workbench.log",
        "docs": (EARLIER / "docs.yaml",),
        "tools": (EARLIER / "tools.yaml",),
    }
    assert {name: getattr(settings, name) for name in said} == said
    assert str(settings.citations).lower() == "fast"
