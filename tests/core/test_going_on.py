"""A session notes which files it was with, and goes on with them; and the command that is left in the terminal."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.core.keeping import KEY, session
from workbench import cli
from workbench.cli import run
from workbench.conversation import Conversation
from workbench.errors import ConfigurationError
from workbench.recordings.recording import Recording, RecordingWriter
from workbench.sessions import session_files
from workbench.sessions.folder import sessions_folder
from workbench.sessions.session_files import SessionFiles, noted_files
from workbench.startup.parting import resuming
from workbench.startup.setup import Plan, read_plan

DOCS = "sets:\n  town:\n    documents:\n      - The harbour opens at nine.\n"
TOOLS = "tools:\n  - name: hours\n    description: Hours\n    run: {reply: nine}\n"


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to be in, with files of both kinds and settings."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "docs.yaml").write_text(DOCS)
    (folder / "tools.yaml").write_text(TOOLS)
    (folder / "settings.yaml").write_text("model: command-of-settings\n")
    monkeypatch.chdir(folder)
    return folder


def asked(*argv: str, prompt: str = "When does the harbour open?") -> int:
    return run(["ask", "--offline", "--json", *argv, prompt], os.environ)


def begun(*argv: str) -> Path:
    assert asked("--session", *argv) == 0
    return session()


def plan(*argv: str) -> Plan:
    return read_plan(cli.parse(["--offline", *argv]), os.environ)


def last_noted(path: Path) -> dict[str, Any]:
    line = [line for line in Recording.read(path).lines if line.kind in ("header", "resume")][-1]
    return {name: line.fields.get(name) for name in ("docs", "tools", "config")}


WITH_ALL = ("--docs", "docs.yaml", "--tools", "tools.yaml", "--config", "settings.yaml")


def test_a_session_notes_places_and_nothing_else(files: Path, tmp_path: Path) -> None:
    path = begun(*WITH_ALL, "--record", str(tmp_path / "own.jsonl"))
    noted = {name: str(files / f"{name}.yaml") for name in ("docs", "tools")}
    noted_last = {"docs": [noted["docs"]], "tools": [noted["tools"]], "config": str(files / "settings.yaml")}
    assert last_noted(path) == noted_last
    assert last_noted(tmp_path / "own.jsonl") == dict.fromkeys(("docs", "tools", "config"))  # it may be given away
    assert "opens at nine" not in Recording.read(path).lines[0].fields.values()
    assert asked("--resume=", prompt="And now?") == 0
    assert last_noted(path) == noted_last


def test_it_goes_on_with_them_from_another_folder(
    files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = begun(*WITH_ALL)
    monkeypatch.chdir(tmp_path)
    capsys.readouterr()
    assert asked("--resume", path.stem, prompt="When does the harbour open?") == 0
    out, err = capsys.readouterr()
    body = json.loads(out.splitlines()[0])["body"]
    assert body["model"] == "command-of-settings"
    assert [each["data"]["text"] for each in body["documents"]] == ["The harbour opens at nine."]
    assert [each["function"]["name"] for each in body["tools"]] == ["hours"]
    assert err == "workbench: with settings.yaml, docs.yaml and tools.yaml, as the session was\n"


def test_what_a_flag_says_goes_before(files: Path) -> None:
    begun(*WITH_ALL)
    (files / "other.yaml").write_text(DOCS.replace("town", "other"))
    again = plan("--resume", "--docs", "other.yaml")
    assert [spec.name for spec in again.sets] == ["other"]
    assert [tool.name for tool in again.tools] == ["hours"]
    assert again.going_on is not None
    assert again.going_on.said == "with settings.yaml and tools.yaml, as the session was"
    assert again.files() == SessionFiles((files / "other.yaml",), (files / "tools.yaml",), files / "settings.yaml")


def test_what_is_gone_is_said_and_the_rest_used(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    begun(*WITH_ALL)
    (files / "docs.yaml").unlink()
    (files / "settings.yaml").unlink()
    capsys.readouterr()
    assert asked("--resume=") == 0
    assert capsys.readouterr().err.splitlines() == [
        "workbench: with tools.yaml, as the session was",
        f"workbench: the session was with {files}/settings.yaml, which is gone: go on without its settings, "
        "or give --config",
        f"workbench: the session was with {files}/docs.yaml, which is gone: go on without its documents, "
        "or give --docs",
        "workbench: as in the session: model command-of-settings",
    ]


def test_folders_and_patterns_come_back_and_many_are_counted(files: Path) -> None:
    (files / "notes").mkdir()
    for name in "abcde":
        (files / "notes" / f"{name}.md").write_text(f"The {name} is open.")
    begun("--docs", "notes", "--docs", "notes/*.md")
    assert last_noted(session())["docs"] == [str(files / "notes"), str(files / "notes" / "*.md")]
    again = plan("--resume")
    assert len(again.sets) == 2
    session().unlink()
    begun("--docs", *(f"notes/{name}.md" for name in "abcde"))
    assert (said := plan("--resume").going_on) is not None
    assert said.said == "with a.md, b.md, c.md and 2 more, as the session was"


def test_a_session_from_elsewhere_is_not_believed(files: Path, tmp_path: Path) -> None:
    """Who wrote it chose the files that it names, and what they hold would be sent."""
    path = begun(*WITH_ALL)
    moved = path.rename(tmp_path / "given.jsonl")
    again = plan("--resume", str(moved))
    assert (again.sets, again.tools, again.config) == ((), (), None)
    assert again.going_on is not None
    assert again.going_on.missing == (
        "the session was with settings.yaml, docs.yaml and tools.yaml: "
        "give --config and --docs and --tools to go on with that",
    )


def test_what_an_untrusted_file_wants_is_asked_for_as_if_a_flag_had_named_it(files: Path) -> None:
    """Documents of a folder above, and settings that send the key elsewhere."""
    outside = files.parent / "outside"
    outside.mkdir()
    (outside / "secret.md").write_text("The harbour opens at ten.")
    (files / "docs.yaml").write_text("sets:\n  town:\n    files: ../outside/*.md\n")
    begun("--yes", "--docs", "docs.yaml")
    assert asked("--resume=") == 2
    assert asked("--resume=", "--yes") == 0
    (files / "settings.yaml").write_text("base_url: http://127.0.0.1:9/cohere\n")
    session().unlink()
    begun("--config", "settings.yaml", "--yes")
    with pytest.raises(ConfigurationError, match="it sends the API key of CO_API_KEY to 127"):
        read_plan(cli.parse(["--resume"]), {**os.environ, "CO_API_KEY": KEY})


def test_a_tool_that_runs_code_asks_again(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (files / "tools.yaml").write_text(TOOLS.replace("{reply: nine}", '{python: "code:hours"}'))
    (files / "code.py").write_text("def hours():\n    return 'ran'\n")
    begun("--tools", "tools.yaml", "--yes")
    capsys.readouterr()
    assert asked("--resume=", prompt="Use the tool hours: hours of the harbour?") in (0, 1)
    results = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    denied = [line for line in results if line["event"] == "tool-result"]
    assert [line.get("result") for line in denied] == [None] * len(denied)
    assert denied


def test_what_can_be_read_once_is_not_noted(files: Path) -> None:
    os.mkfifo(files / "pipe")
    again = plan("--docs", "docs.yaml")
    assert again.files() == SessionFiles((files / "docs.yaml",))
    from workbench.startup.going_on import files_of

    assert files_of([Path("pipe"), Path("docs.yaml")], (), None) == SessionFiles((files / "docs.yaml",))


# -- reading -----------------------------------------------------------------------------------------


def written(path: Path, *lines: tuple[str, dict[str, Any]], header: dict[str, Any] | None = None) -> Path:
    writer = RecordingWriter.create(path, header or {})
    for kind, fields in lines:
        writer.append(kind, fields)
    writer.close()
    return path


def test_the_last_word_counts_wherever_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_files, "_PIECE", 300)
    filler = [("frames", {"frames": ["x" * 200]})] * 9
    path = written(
        tmp_path / "a.jsonl",
        ("resume", {"docs": ["/a"]}),
        *filler,
        ("resume", {"docs": ["/b"], "tools": ["/t", 5, "relative"], "config": 7}),
        *filler,
        ("frames", {"deep": {"x": 1, "kind": "resume", "docs": ["/not"]}}),
        header={"docs": ["/first"]},
    )
    for size in range(150, 420, 7):  # wherever the pieces are cut
        monkeypatch.setattr(session_files, "_PIECE", size)
        assert noted_files(path) == SessionFiles((Path("/b"),), (Path("/t"),))
    with path.open("ab") as file:
        file.write(b'{"seq":99,"t":1.0,"kind":"resume","docs":["/torn"]')
    assert noted_files(path) == SessionFiles((Path("/b"),), (Path("/t"),))


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]\n", b"no JSON\n", b'{"docs": {"a": 1}, "tools": "/x"}\n'])
def test_an_odd_file_names_none(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(content)
    assert noted_files(tmp_path / "a.jsonl") == SessionFiles()
    assert noted_files(tmp_path / "missing.jsonl") == SessionFiles()
    assert noted_files(written(tmp_path / "b.jsonl")) == SessionFiles()


# -- the command -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("argv", "environ", "flags"),
    [
        ((), {}, ""),
        (("--offline",), {}, ""),
        (("--offline",), {"CO_API_KEY": KEY}, " --offline"),
        (("--model", "command-test"), {}, " --model command-test"),
        (("--model", "a model's"), {}, """ --model 'a model'"'"'s'"""),
        (("--base-url", "http://127.0.0.1:9/x"), {}, " --base-url http://127.0.0.1:9/x"),
        (("--docs", "docs.yaml", "--tools", "tools.yaml", "--config", "settings.yaml"), {}, ""),
    ],
)
def test_the_command_that_goes_on_has_the_flags_that_it_needs(
    argv: tuple[str, ...], environ: dict[str, str], flags: str, files: Path
) -> None:
    where = {**os.environ, **environ}
    made = read_plan(cli.parse(argv), where)
    folder = sessions_folder(where)
    assert folder is not None
    assert (
        resuming(folder / "20261130-0.jsonl", made, made.settings.model, where)
        == f"workbench --resume 20261130-0{flags}"
    )
    assert resuming(Path("/x y.jsonl"), made, "other", where).startswith("workbench --resume '/x y.jsonl'")
    assert resuming(Path("/x.jsonl"), made, "other", where).endswith(" --model other")


async def test_numbers_count_from_one_in_each_conversation_and_go_on_in_the_file() -> None:
    from tests.core.keeping import came_back, kept
    from tests.loopback import message, stream

    def places(conversation: Conversation) -> list[tuple[int, int]]:
        return [(turn.number, turn.place) for turn in conversation.turns]

    async with kept(lambda _: stream(message("Yes."))) as (conversation, _):
        await conversation.run("one")
        await conversation.run("two")
        conversation.clear()
        await conversation.run("three")
        await conversation.run("four")
        conversation.forget_last()
        await conversation.run("four")
        assert places(conversation) == [(3, 1), (5, 3)]
    async with kept(lambda _: stream(message("Yes.")), resume=session()) as (conversation, _):
        assert places(conversation) == [(3, 1), (5, 3)]
        await conversation.run("five")
        conversation.clear()
        await conversation.run("six")
        assert places(conversation) == [(7, 1)]
    starts = [line.fields["turn"] for line in Recording.read(session()).lines if line.kind == "turn-start"]
    assert starts == [1, 2, 3, 4, 5, 6, 7]
    assert [each.turn.number for each in came_back(session())] == [7]
