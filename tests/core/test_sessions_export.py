"""`workbench sessions export`: what is written where, without any key, and replays as the session does."""

from __future__ import annotations

import asyncio
import io
import json
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.core.keeping import KEY, kept, session, toolbox
from tests.core.test_sessions_resume import ANSWER, CALL
from tests.loaded import LoadedProgram
from tests.loopback import LoopbackServer, message, stream
from workbench.cli import run
from workbench.commands.sessions_export import FORMATS
from workbench.conversation import Changes
from workbench.recordings.recording import Reading, RecordingWriter
from workbench.secrets.redactor import Redactor
from workbench.sessions.export import formats
from workbench.sessions.export.exported import read_exported

HOURS = stream(message(tool_calls=[("c1", "hours", '{"place": "library"}')], finish_reason="TOOL_CALL"))
ECHO = f"The key is {KEY}."


async def a_session() -> Path:
    """Two turns: one with a tool, one that repeats the key."""
    tools = toolbox(hours={"opens": "09:00", "key": KEY})
    script = [HOURS, stream(message("It opens at nine.")), stream(message("ten"))]
    async with kept(script, tools=tools) as (asked, _):
        await asked.run("When does it open? ü🌈")
        await asked.run(f"And {KEY}?")
    return session()


def export(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, str, str]:
    code = run(["sessions", "export", *argv], {**os.environ, "CO_API_KEY": KEY})
    said = capsys.readouterr()
    return code, said.out, said.err


def replayed(loaded: LoadedProgram, name: str) -> list[dict[str, Any]]:
    """The lines of a replay, without the times."""
    done = loaded.run("replay", name, "--json", "--speed", "max")
    return [without_times(json.loads(line)) for line in done.stdout.splitlines()]


def without_times(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_times(item) for name, item in value.items() if name not in ("t", "seconds")}
    return [without_times(item) for item in value] if isinstance(value, list) else value


def test_every_format_has_a_row() -> None:
    assert tuple(formats.FORMATS) == FORMATS


@pytest.mark.parametrize("form", FORMATS)
async def test_each_form_has_all_and_no_key(form: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = await a_session()
    code, out, err = export(capsys, path.stem, "--format", form)
    assert (code, err) == (0, "")
    said = out.encode().decode("unicode_escape", "replace") if form in ("json", "recording") else out
    assert "When does it open?" in said
    assert "hours" in said
    assert "09:00" in said
    assert KEY not in out
    file = tmp_path / "out"
    assert export(capsys, path.stem[:10], "--format", form, "--output", str(file)) == (0, f"{file} is written\n", "")
    assert file.read_text(encoding="utf-8") == out
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["out"]


async def test_a_key_that_is_in_the_file_is_in_no_export(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """As of a session of a time when it was no key."""
    path = await a_session()
    lines = list(Reading(path))
    old = tmp_path / "old.jsonl"
    writer = RecordingWriter.create(old, dict(lines[0].fields) | {"source": ECHO})
    for line in lines[1:]:
        text = json.dumps(dict(line.fields)).replace("nine", KEY).replace("library", KEY)
        writer.append(line.kind, json.loads(text))
    writer.close()
    for form in FORMATS:
        code, out, err = export(capsys, str(old), "--format", form)
        assert (code, err) == (0, "")
        assert KEY not in out
        assert "***" in out


async def test_a_key_that_was_spelled_over_several_events_is_shown_by_none(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    async with kept([stream(message("The key is one two here."))]) as (asked, _):
        await asked.run("What is it?")
    path, old = session(), tmp_path / "old.jsonl"
    writer = RecordingWriter.create(old, dict(next(iter(Reading(path))).fields))
    for line in list(Reading(path))[1:]:
        fields = json.dumps(dict(line.fields)).replace(" one", f" {KEY[:9]}").replace(" two", KEY[9:])
        writer.append(line.kind, json.loads(fields))
    writer.close()
    (sessions := path.parent / "20270101-000000-aaaaaa.jsonl").write_bytes(old.read_bytes())
    for argv in (["show", sessions.stem], ["show", sessions.stem, "--json"]):
        assert run(["sessions", *argv], {**os.environ, "CO_API_KEY": KEY}) == 0
        out = capsys.readouterr().out
        assert "***" in out
        assert KEY[9:] not in out
    for form in ("md", "html", "json", "recording"):
        for turn in ((), ("--turn", "1")):
            _, out, _ = export(capsys, str(old), "--format", form, *turn)
            assert "***" in out
            assert KEY[9:] not in out
    assert run(["compare", sessions.stem, path.stem, "--json"], {**os.environ, "CO_API_KEY": KEY}) == 0
    assert KEY[9:] not in capsys.readouterr().out


async def test_only_a_file_gives_way_and_no_session_does(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path, kept_file = await a_session(), tmp_path / "kept.md"
    before = path.read_bytes()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "round").symlink_to("round")
    for name, why in (("pipe", "no regular file"), ("folder", "no regular file"), ("round", "")):
        code, out, err = export(capsys, path.stem, "--format", "md", "--output", str(tmp_path / name), "--force")
        assert (code, out, why in err) == (2, "", True)
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)
    for other in (path, path.with_name("new.md")):
        code, _, err = export(capsys, path.stem, "--format", "md", "--output", str(other), "--force")
        assert (code, "among the sessions themselves" in err) == (2, True)
    assert path.read_bytes() == before
    kept_file.write_text("mine")
    (tmp_path / "link").symlink_to("kept.md")
    assert export(capsys, path.stem, "--format", "md", "--output", str(tmp_path / "link"), "--force")[0] == 0
    assert (tmp_path / "link").is_symlink()
    assert kept_file.read_text().startswith("# Session")


async def test_nothing_is_overwritten_unless_that_is_said(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path, file = await a_session(), tmp_path / "out.md"
    file.write_text("mine")
    code, out, err = export(capsys, path.stem, "--format", "md", "--output", str(file))
    assert (code, out) == (2, "")
    assert err == f"sessions export: {file} exists, and nothing is overwritten (name another file, or say --force)\n"
    assert file.read_text() == "mine"
    assert export(capsys, path.stem, "--format", "md", "--output", str(file), "--force")[0] == 0
    assert file.read_text().startswith("# Session")
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("force", [(), ("--force",)])
async def test_what_cannot_be_written_leaves_nothing(
    force: Sequence[str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = await a_session()
    code, _, err = export(capsys, path.stem, "--format", "md", "--output", str(tmp_path / "no" / "x.md"), *force)
    assert (code, "cannot be written: No such file or directory" in err) == (2, True)
    bad = tmp_path / "bad.jsonl"
    bad.write_bytes(path.read_bytes().replace(b'"kind":"turn-end"', b'"kind":"turn-End"'))
    code, _, err = export(capsys, str(bad), "--format", "html", "--output", str(tmp_path / "x.html"), *force)
    assert (code, "checksum" in err) == (2, True)
    assert [each.name for each in tmp_path.iterdir()] == ["bad.jsonl"]


async def test_what_is_not_there_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = await a_session()
    for form in FORMATS:
        assert export(capsys, path.stem, "--format", form, "--turn", "9") == (
            2, "", f"sessions export: {path.stem} has no turn 9 (it has 1 to 2)\n",
        )  # fmt: skip
    assert "session '2099'" in export(capsys, "2099", "--format", "md")[2]
    empty = tmp_path / "empty.jsonl"
    RecordingWriter.create(empty, {}).close()
    assert export(capsys, str(empty), "--format", "md")[::2] == (
        2, "sessions export: empty holds no turn (there is nothing to export)\n",
    )  # fmt: skip


@pytest.mark.parametrize("turn", ["0", "-1", "x", "", "1" * 30])
def test_a_number_that_no_turn_has_is_refused(turn: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run(["sessions", "export", "x", "--format", "md", f"--turn={turn}"])
    assert "expected the number of a turn" in capsys.readouterr().err


async def test_a_recording_replays_as_the_session_does(
    loaded: LoadedProgram, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path, file = await a_session(), tmp_path / "again.recording"
    export(capsys, path.stem, "--format", "recording", "--output", str(file))
    whole = replayed(loaded, path.stem)
    assert [row["event"] for row in whole].count("turn-end") == 2
    assert replayed(loaded, str(file)) == whole
    second = tmp_path / "second"
    export(capsys, path.stem, "--turn", "2", "--format", "recording", "--output", str(second))
    ends = [number for number, row in enumerate(whole, 1) if row["event"] == "turn-end"]
    alone = replayed(loaded, str(second))
    assert alone == whole[ends[0] :]


async def test_a_recording_does_not_say_where_files_are(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    places = {"docs": ["/home/me/docs.yaml"], "tools": ["/home/me/tools.yaml"], "config": "/home/me/c.yaml"}
    path = tmp_path / "a.jsonl"
    writer = RecordingWriter.create(path, {"source": "offline engine", "model": "m", "handbook": True, **places})
    writer.append("turn-start", {"turn": 1, "prompt": "q"})
    writer.append("resume", {"source": "offline engine", **places})
    writer.close()
    for argv in ([], ["--turn", "1"]):
        code, out, _ = export(capsys, str(path), "--format", "recording", *argv)
        assert code == 0
        assert "/home/me" not in out
        assert json.loads(out.splitlines()[0])["source"] == "offline engine"


async def test_the_object_has_every_event_of_every_turn(capsys: pytest.CaptureFixture[str]) -> None:
    path = await a_session()
    whole = json.loads(export(capsys, path.stem, "--format", "json")[1])
    assert whole["id"] == path.stem
    assert [each["turn"] for each in whole["turns"]] == [1, 2]
    first = whole["turns"][0]
    assert first["prompt"] == "When does it open? ü🌈"
    assert first["summary"]["text"] == "It opens at nine."
    assert [each["title"] for each in first["sources"]] == ["hours"]
    kinds = [each["event"] for each in first["events"]]
    assert (kinds[0], kinds[-1], kinds.count("request")) == ("turn-start", "turn-end", 2)
    alone = json.loads(export(capsys, path.stem, "--format", "json", "--turn", "2")[1])
    assert alone["turns"] == whole["turns"][1:]


async def test_a_turn_that_was_asked_again_is_said_to_be() -> None:
    async with kept([stream(message("one")), stream(message("two"))]) as (asked, _):
        await asked.run("Which?")
        asked.forget_last()
        await asked.run("Which?")
    assert [each.is_left for each in read_exported(session(), Redactor()).turns] == [True, False]


async def test_what_a_turn_took_over_is_not_sent_again_with_it(capsys: pytest.CaptureFixture[str]) -> None:
    script = [stream(CALL), stream(ANSWER), stream(message("Edited reply."))]
    async with kept(script, tools=toolbox(hours={"opens": "09:00"}, train="late")) as (asked, _):
        await asked.run("When?")
        call = asked.turns[0].steps[0].message().tool_calls[0]
        async for _ in asked.again(1, Changes(results={call.id: "another"}, step=1)):
            pass
        assert [step.given for step in asked.turns[-1].steps] == [True, False]
    for form in ("python", "curl"):
        sent = [line for line in export(capsys, session().stem, "--format", form)[1].splitlines() if "# turn" in line]
        assert [line.partition("# ")[2] for line in sent] == ["turn 1, step 1", "turn 1, step 2", "turn 2, step 2"]


async def test_it_asks_again_where_it_was_asked(loaded: LoadedProgram, capsys: pytest.CaptureFixture[str]) -> None:
    async with LoopbackServer([stream(message("nine"))]) as server:
        await asyncio.to_thread(loaded.run, "ask", "--session", "--base-url", server.url, "When?")
        for form in ("python", "curl"):
            assert f"'{server.url}'" in export(capsys, session().stem, "--format", form)[1]


@pytest.mark.parametrize(
    ("header", "url"),
    [
        ({"source": "offline engine"}, "https://api.cohere.com"),
        ({}, "https://api.cohere.com"),
        ({"source": "api.cohere.com"}, "https://api.cohere.com"),
        ({"source": "localhost:8000 (no key)"}, "http://localhost:8000"),
        ({"source": "proxy.example"}, "https://proxy.example"),
        ({"source": "x", "base_url": "http://127.0.0.1:4000/cohere"}, "http://127.0.0.1:4000/cohere"),
        ({"source": "x", "base_url": "http://e/$(id)"}, "https://api.cohere.com"),
        ({"source": "x", "base_url": "http://e/';id;'"}, "https://api.cohere.com"),
        ({"source": "e';id;'", "base_url": 7}, "https://api.cohere.com"),
    ],
)
def test_the_server_of_a_file_that_anybody_may_have_written(header: dict[str, Any], url: str, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    writer = RecordingWriter.create(path, header)
    writer.append("turn-start", {"turn": 1, "prompt": "q"})
    writer.close()
    assert read_exported(path, Redactor()).turns[0].base_url == url


async def test_a_terminal_gets_no_control_character(monkeypatch: pytest.MonkeyPatch) -> None:
    async with kept([stream(message("\x1b[2Jnine"))]) as (asked, _):
        await asked.run("\x1b]0;x\x07 \u202e")

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for form in FORMATS:
        out = Terminal()
        monkeypatch.setattr("sys.stdout", out)
        assert run(["sessions", "export", session().stem, "--format", form], os.environ) == 0
        assert all(character.isprintable() or character in "\n\t" for character in out.getvalue())
