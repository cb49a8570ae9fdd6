"""The canary: whatever a server, a tool, a file or a person says, the key is in the request's header and nowhere else.

Here without a screen: standard output and error of `ask`, plain and as JSON, log, recording, session, what is sent to
the model, and the environment of tools.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.canary import CANARY, END, SAYS, Say, found_in, lay_out, script
from tests.serving import serving
from workbench.cli import run


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    lay_out(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CO_API_KEY", CANARY)
    monkeypatch.setenv("COPY_OF_IT", CANARY)
    monkeypatch.setenv("HEADER_WITH_IT", f"Authorization: Bearer {CANARY}")
    monkeypatch.setattr("workbench.conversation.limits.DRAIN", 0.1)
    return tmp_path


def sessions() -> list[Path]:
    return list((Path(os.environ["XDG_STATE_HOME"]) / "workbench" / "sessions").glob("*"))


def test_there_are_enough_and_each_has_its_name() -> None:
    assert len({say.name for say in SAYS}) == len(SAYS) >= 50
    assert found_in(f"a {CANARY} b")
    assert not found_in(f"a {CANARY[:7]} b")


@pytest.mark.parametrize("form", ["plain", "json"])
@pytest.mark.parametrize("say", SAYS, ids=lambda say: say.name)
def test_the_key_is_nowhere(say: Say, form: str, folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    flags = ["--tools", "tools.yaml", "--yes", "--record", "turn.jsonl", "--session", "--log", "turn.log"]
    with serving(script) as server:
        code = run(["ask", *(["--json"] if form == "json" else []), "--base-url", server.url, *flags, say.name])
    out, err = capfd.readouterr()
    assert code in (0, 1)
    (session,) = sessions()
    places = {
        "standard output": found_in(out),
        "standard error": found_in(err),
        "log": found_in((folder / "turn.log").read_bytes()),
        # Frames are kept as they came: when the canary is spelled over several of them, its parts are there.
        "recording": found_in((folder / "turn.jsonl").read_bytes(), pieces=not say.spelled),
        "session": found_in(session.read_bytes(), pieces=not say.spelled),
        "requests": [each for received in server.received for each in found_in(received.raw)],
        "environment": found_in((folder / "environ").read_bytes()) if (folder / "environ").exists() else [],
    }
    assert {place: found for place, found in places.items() if found} == {}
    assert {received.headers["authorization"] for received in server.received} == {f"Bearer {CANARY}"}
    assert (folder / "environ").exists() == (say.name == "a tool that looks")
    assert "Traceback" not in out + err


@pytest.mark.parametrize("how", ["--offline", "live"])
@pytest.mark.parametrize("form", ["plain", "json"])
def test_a_key_in_the_question_and_in_a_document_is_not_sent_either(
    how: str, form: str, folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    question = f"What is the key of the harbour, {CANARY}?"
    with serving(script) as server:
        where = ["--offline"] if how == "--offline" else ["--base-url", server.url]
        flags = [
            "--docs",
            "docs.json",
            "--system",
            f"You are {CANARY}.",
            "--model",
            CANARY,
            "--record",
            "turn.jsonl",
            "--session",
        ]
        code = run(["ask", *(["--json"] if form == "json" else []), *where, *flags, question])
        assert run(["replay", "--json", "--speed", "max", "turn.jsonl"]) == 0
        assert run(["sessions", "list"]) == 0
    out, err = capfd.readouterr()
    assert code == 0
    assert "***" in out
    assert found_in(out) == found_in(err) == []
    for path in (folder / "turn.jsonl", *sessions()):
        assert found_in(path.read_bytes()) == []
    assert [found_in(received.raw) for received in server.received] == [[]] * len(server.received)


def test_a_recording_made_without_the_redactor_is_played_without_the_key(
    folder: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CO_API_KEY", "another-key-of-these-tests")
    monkeypatch.delenv("COPY_OF_IT")
    with serving(script) as server:
        assert run(["ask", "--base-url", server.url, "--record", "turn.jsonl", "text in pieces of 3"]) == 0
    assert found_in(capfd.readouterr().out)
    monkeypatch.setenv("CO_API_KEY", CANARY)
    assert run(["replay", "--json", "--speed", "max", "turn.jsonl"]) == 0
    out, err = capfd.readouterr()
    end = out.splitlines()[-1]
    assert END in end
    assert found_in(end) == found_in(err) == []


# -- what is wrong before anything is sent -----------------------------------------------------------------

FILES = {
    "settings.yaml": f"api_key: {CANARY}\nnosuch_{CANARY}: 1\nmodel: [{CANARY}]\nbase_url: http://me:{CANARY}@host\n",
    "colon.yaml": f"sets:\n  a: {CANARY}: {CANARY}\n",
    "tools_wrong.yaml": (
        f"tools:\n  - name: {CANARY}\n    run: {{http: {{url: 'http://host', headers: {{Authorization: {CANARY}}}}}}}\n"
        f"  - {{name: a, run: {{python: '{CANARY}'}}}}\n  - {{name: b, {CANARY}: 1, run: {{python: 'x:{CANARY}'}}}}\n"
    ),
    "docs_wrong.yaml": f"sets:\n  {CANARY}:\n    files: [{CANARY}.md]\n    split: {CANARY}\n",
    "expanded.yaml": "- {name: '${CO_API_KEY}', approve: '${CO_API_KEY}', run: {reply: 1}}\n",
}

WRONG = {
    **{f"check {name}": ["check", name] for name in FILES},
    "check a file that is not there": ["check", f"{CANARY}.yaml"],
    **{f"ask --config {name}": ["ask", "--config", name, "?"] for name in FILES},
    **{f"ask --docs {name}": ["ask", "--docs", name, "?"] for name in FILES},
    **{f"ask --tools {name}": ["ask", "--tools", name, "?"] for name in FILES},
    "base URL with a password": ["ask", "--base-url", f"http://me:{CANARY}@127.0.0.1:9", "?"],
    "base URL with a query": ["ask", "--base-url", f"http://127.0.0.1:9/?key={CANARY}", "?"],
    "base URL with its version": ["ask", "--base-url", f"http://127.0.0.1:9/{CANARY}/v2", "?"],
    "base URL that is none": ["ask", "--base-url", CANARY, "?"],
    "the key in the place of its variable": ["ask", "--api-key-env", CANARY, "?"],
    "an option": ["ask", f"--{CANARY}", "?"],
    "a number": ["ask", "--timeout", CANARY, "?"],
    "two questions": ["ask", CANARY, CANARY],
    "a command": [CANARY],
    "a session": ["ask", "--resume", CANARY, "?"],
    "a recording": ["ask", "--record", f"no-folder/{CANARY}", "?"],
    "a log": ["ask", "--log", f"no-folder/{CANARY}", "?"],
    "a kind of file": ["schema", CANARY],
    "a shell": ["completion", CANARY],
    "a new folder": ["init", f"colon.yaml/{CANARY}"],
    "a replay": ["replay", "--json", f"{CANARY}.jsonl"],
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_refused_is_not_quoted(name: str, folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for file, text in FILES.items():
        (folder / file).write_text(text, encoding="utf-8")
    try:
        code = run(WRONG[name])
    except SystemExit as ended:
        code = int(str(ended.code))
    out, err = capfd.readouterr()
    assert code == 2
    assert err != ""
    assert "Traceback" not in err
    assert (found_in(out), found_in(err)) == ([], [])


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "https://nosuch.invalid/{}", "http://127.0.0.1:9/{}"])
@pytest.mark.parametrize("proxy", ["", "http://me:{}@127.0.0.1:9", "http://{}:x@127.0.0.1:9"])
def test_a_connection_that_fails_does_not_quote_it(
    url: str, proxy: str, folder: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    if proxy:
        monkeypatch.setenv("ALL_PROXY", proxy.format(CANARY.replace("/", "%2F")))
    flags = ["--retries", "0", "--json", "--log", "turn.log", "--record", "turn.jsonl"]
    assert run(["ask", *flags, "--base-url", url.format(CANARY), "?"]) == 1
    out, err = capfd.readouterr()
    assert err == ""
    kept: list[str | bytes] = [(folder / name).read_bytes() for name in ("turn.log", "turn.jsonl")]
    assert [found_in(each) for each in [out, *kept]] == [[], [], []]


def test_a_proxy_that_cannot_be_used_is_refused_unseen(
    folder: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", f"nosuch://{CANARY}")
    assert run(["ask", "--base-url", "https://nosuch.invalid", "?"]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert "ALL_PROXY" in err
    assert found_in(err) == []


@pytest.mark.parametrize(
    "key", [f"{CANARY}\n", f"\n{CANARY}", f"{CANARY[:9]}\n{CANARY[9:]}", f"{CANARY}é", f"{CANARY} x"]
)
def test_a_key_that_cannot_be_sent_is_refused_unseen(
    key: str, folder: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CO_API_KEY", key)
    assert run(["ask", "--base-url", "http://127.0.0.1:9", "?"]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert err.startswith("CO_API_KEY: the API key holds a")
    assert err.count("\n") == 1
    assert found_in(err) == []


def test_a_fault_of_the_program_shows_it_neither(
    folder: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(value: str) -> None:
        raise RuntimeError(f"with {value}")

    monkeypatch.setattr("workbench.conversation.turn.Turn.apply", lambda *_: fail(CANARY))
    with serving(script) as server:
        flags = ["--record", "turn.jsonl", "--log", "turn.log", "--session"]
        assert run(["ask", "--json", "--base-url", server.url, *flags, "text"]) == 1
    out, err = capfd.readouterr()
    (report,) = (Path(os.environ["XDG_STATE_HOME"]) / "workbench" / "crashes").iterdir()
    texts: list[str | bytes] = [
        out,
        err,
        *(path.read_bytes() for path in (report, folder / "turn.jsonl", folder / "turn.log", *sessions())),
    ]
    assert [found_in(each) for each in texts] == [[]] * len(texts)
    assert "a fault of this program: RuntimeError: with ***" in err
