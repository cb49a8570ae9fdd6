"""Where nobody names documents, the app opens on its own handbook; scripts, and sessions without it, never get it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.core.keeping import session
from tests.loopback import Received, Reply, message, stream
from tests.serving import serving
from workbench import cli
from workbench.cli import run
from workbench.config.load import load_documents_files
from workbench.sessions.session_files import SessionFiles, noted_files
from workbench.startup.setup import Plan, read_plan
from workbench.startup.shipped import handbook

DOCS = "documents: [The harbour opens at nine.]\n"
TOOLS = "tools: [{name: hours, description: Hours, run: {reply: nine}}]\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to be in, with files of each kind."""
    (tmp_path / "docs.yaml").write_text(DOCS)
    (tmp_path / "tools.yaml").write_text(TOOLS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def plan(*argv: str, environ: dict[str, str] | None = None, docs_later: bool = True) -> Plan:
    """As the app plans it."""
    return read_plan(cli.parse(argv), environ or dict(os.environ), docs_later=docs_later, or_handbook=True)


@pytest.mark.parametrize(
    ("more", "environ"),
    [
        ([], {}),
        (["--offline"], {"CO_API_URL": "http://localhost:1"}),
        (["--offline", "--base-url", "http://localhost:1"], {}),
        ([], {"CO_API_KEY": "key-of-a-newcomer"}),
        (["--base-url", "https://api.cohere.com"], {"CO_API_KEY": "key-of-a-newcomer"}),
    ],
    ids=["no key", "offline", "offline, whatever the server", "with a key", "Cohere's by its name"],
)
def test_the_app_opens_on_the_handbook(more: list[str], environ: dict[str, str]) -> None:
    found = plan(*more, environ={**os.environ, **environ})
    assert found.on_handbook
    assert found.docs == (handbook(),)
    assert [each.name for each in load_documents_files(found.docs, {})] == ["handbook"]
    assert found.settings.docs == ()


def test_a_checkout_has_its_own(project: Path) -> None:
    assert handbook() == project / "config" / "docs.yaml"


def test_it_is_read_before_a_recording_begins(folder: Path) -> None:
    found = plan("--record", str(folder / "new.jsonl"))
    assert [each.name for each in found.sets] == ["handbook"]


@pytest.mark.parametrize(
    "more", [["--docs", "docs.yaml"], ["--tools", "tools.yaml"], ["--set", "docs=[]"], ["--set", "docs=null"]]
)
def test_what_a_flag_names_is_all_there_is(more: list[str]) -> None:
    found = plan(*more, docs_later=False)
    assert not found.on_handbook
    assert [each.name for each in found.sets] == (["docs"] if "--docs" in more else [])


@pytest.mark.parametrize(
    ("more", "environ"), [(["--base-url", "http://localhost:1"], {}), ([], {"CO_API_URL": "http://localhost:1"})]
)
def test_a_server_of_ones_own_gets_what_was_named(more: list[str], environ: dict[str, str]) -> None:
    assert not plan(*more, environ={**os.environ, **environ}).on_handbook


@pytest.mark.parametrize(
    ("settings", "stands_in"),
    [
        ("model: m", True),
        ("docs: null", True),
        ("docs: []", False),
        ("docs: docs.yaml", False),
        ("tools: t", False),
        ("base_url: http://localhost:1", False),
    ],
)
def test_settings_name_documents_too(folder: Path, settings: str, stands_in: bool) -> None:
    (folder / "t").write_text(TOOLS)
    (folder / "settings.yaml").write_text(settings)
    assert plan("--config", "settings.yaml").on_handbook is stands_in


def test_a_handbook_that_was_taken_away_is_missed_by_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.startup.shipped.IN_CHECKOUT", "nowhere")
    assert plan().docs == ()


def bodies(*argv: str) -> list[dict[str, Any]]:
    """The requests that a server gets of `ask`."""

    def answers(_: Received) -> Reply:
        return stream(message("Yes."))

    with serving(answers) as server:
        assert run(["ask", "--base-url", server.url, *argv]) == 0
        return [each.body for each in server.received]


def asked_offline(capsys: pytest.CaptureFixture[str], *argv: str) -> dict[str, Any]:
    """The request of `ask --offline`."""
    capsys.readouterr()
    assert run(["ask", "--offline", "--json", *argv], os.environ) == 0
    first: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[0])
    return dict(first["body"])


def test_a_script_sends_no_handbook(capsys: pytest.CaptureFixture[str]) -> None:
    (body,) = bodies("How do I define a tool?")
    assert "documents" not in body
    assert "documents" not in asked_offline(capsys, "How do I define a tool?")


def test_a_session_without_it_goes_on_without_it(capsys: pytest.CaptureFixture[str]) -> None:
    asked_offline(capsys, "How do I define a tool?", "--session")
    assert noted_files(session()) == SessionFiles()
    assert not plan("--resume", "").on_handbook
    assert "documents" not in asked_offline(capsys, "How do I define a tool?", "--resume", "")


def noted_on_handbook(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A session that was with the handbook, as the app's are."""
    with monkeypatch.context() as patched:
        patched.setattr(
            "workbench.commands.ask.read_plan", lambda given, environ: read_plan(given, environ, or_handbook=True)
        )
        asked_offline(capsys, "How do I define a tool?", "--session")
    return session()


def test_a_session_with_it_goes_on_with_that_of_this_version(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = noted_on_handbook(capsys, monkeypatch)
    assert noted_files(path) == SessionFiles(handbook=True)
    assert plan("--resume", "").docs == (handbook(),)
    assert run(["ask", "--offline", "--json", "How do I quit?", "--resume", ""], os.environ) == 0
    out, err = capsys.readouterr()
    assert "keys.md" in json.dumps(json.loads(out.splitlines()[0])["body"]["documents"])
    assert err == "workbench: with the handbook, as the session was\n"
    assert noted_files(path) == SessionFiles(handbook=True)


def test_flags_go_before_what_the_session_was_with(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    noted_on_handbook(capsys, monkeypatch)
    found = plan("--resume", "", "--docs", "docs.yaml")
    assert (found.on_handbook, [path.name for path in found.docs]) == (False, ["docs.yaml"])
    again = found.going_on
    assert again is not None
    assert again.said == ""


def test_one_from_elsewhere_names_it_and_no_file(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    """The handbook is this program's own, whoever wrote the session."""
    path = noted_on_handbook(capsys, monkeypatch).rename(folder / "given.jsonl")
    found = plan("--resume", str(path))
    assert found.docs == (handbook(),)
    assert found.going_on is not None
    assert (found.going_on.said, found.going_on.missing) == ("with the handbook, as the session was", ())


def test_a_replay_has_what_was_recorded(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked_offline(capsys, "How do I define a tool?", "--record", "old.jsonl")
    assert run(["replay", "old.jsonl", "--json", "--speed", "max"], os.environ) == 0
    assert "documents" not in json.loads(capsys.readouterr().out.splitlines()[0])["body"]
