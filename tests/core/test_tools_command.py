"""`workbench tools`: files and arguments in; lines on two streams and an exit code out."""

from __future__ import annotations

import io
import json
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from workbench.cli import run
from workbench.tools.trust import TrustStore

HOURS: Mapping[str, Any] = {
    "name": "hours",
    "description": "When a place\nis open.",
    "parameters": {"type": "object", "properties": {"place": {"type": "string"}}, "required": ["place"]},
    "run": {"reply": {"opens": "09:00"}},
}
COUNT: Mapping[str, Any] = {"name": "count", "description": "Counts.", "run": {"python": "counting:count"}}
NEVER: Mapping[str, Any] = {"name": "never", "run": {"reply": 1}, "approve": "never"}
TYPED: Mapping[str, Any] = {"name": "typed", "run": "ask"}
CODE = "open('ran', 'w').close()\ndef count():\n    print('counting')\n    return 3\n"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "counting.py").write_text(CODE)
    return written(tmp_path / "tools.json", HOURS, COUNT, NEVER, TYPED)


def written(path: Path, *tools: Mapping[str, Any]) -> Path:
    path.write_text(json.dumps({"tools": tools}))
    return path


class Said:
    """What a command said."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def entry(self) -> dict[str, Any]:
        (line,) = self.out.splitlines()
        entry = json.loads(line)
        assert isinstance(entry, dict)
        return entry


@pytest.fixture
def tools(file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs `workbench tools` with the file, where nobody sits at a terminal."""

    def say(*argv: str, stdin: bytes = b"") -> Said:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code = run(["tools", *argv, "--tools", str(file)])
        return Said(code, *capsys.readouterr())

    return say


def test_the_list_is_what_the_model_is_told_and_what_a_call_takes(tools: Any, tmp_path: Path) -> None:
    said = tools("list", "--json")
    assert (said.code, said.err) == (0, "")
    rows = [json.loads(line) for line in said.out.splitlines()]
    assert rows[0] == {
        "name": "hours",
        "description": HOURS["description"],
        "parameters": HOURS["parameters"],
        "kind": "reply",
        "runs_code": False,
        "approve": None,
    }
    assert [(row["name"], row["kind"], row["runs_code"], row["approve"]) for row in rows[1:]] == [
        ("count", "python", True, None),
        ("never", "reply", False, "never"),
        ("typed", "ask", False, None),
    ]
    assert not (tmp_path / "ran").exists()


def test_a_table_is_for_people(tools: Any) -> None:
    said = tools("list")
    assert said.out.splitlines()[:3] == [
        "name   kind    runs code  approve  description",
        "hours  reply   no                  When a place is open.",
        "count  python  yes                 Counts.",
    ]


def test_a_call_is_one_object_with_what_the_model_would_get(tools: Any, tmp_path: Path) -> None:
    said = tools("run", "hours", '{"place": "library"}', "--json")
    assert (said.code, said.err) == (0, "")
    assert said.entry.pop("seconds") >= 0
    assert {**said.entry, "seconds": 0} == {
        "name": "hours",
        "arguments": {"place": "library"},
        "result": {"opens": "09:00"},
        "seconds": 0,
        "output": "",
    }
    said = tools("run", "count", "--json", "--yes")
    assert (said.code, said.entry["arguments"], said.entry["result"]) == (0, {}, 3)
    assert said.entry["output"] == "counting\n"
    assert (tmp_path / "ran").exists()
    assert not TrustStore.of_user(os.environ).trusted(tmp_path / "tools.json")  # for this run only


def test_without_json_the_result_stands_alone_on_standard_output(tools: Any) -> None:
    said = tools("run", "count", "--yes")
    assert (said.code, said.out) == (0, "3\n")
    assert said.err.splitlines()[0] == "counting"
    said = tools("run", "hours", "-", stdin=b'{"place": "caf\xc3\xa9"}')
    assert (said.code, json.loads(said.out)) == (0, {"opens": "09:00"})


@pytest.mark.parametrize(
    ("argv", "kind", "code"),
    [
        (["hour"], "unknown-tool", 2),
        (["hours"], "arguments", 2),
        (["hours", '{"place": 3}'], "arguments", 2),
        (["hours", "{"], "arguments", 2),
        (["hours", "[1]"], "arguments", 2),
        (["never"], "denied", 1),
        (["typed"], "denied", 1),
    ],
)
def test_how_a_call_fails_is_said_in_the_words_of_the_contract(
    tools: Any, argv: list[str], kind: str, code: int
) -> None:
    said = tools("run", *argv, "--json")
    assert (said.entry["error_kind"], said.code) == (kind, code)
    assert said.entry["error"]
    assert "result" not in said.entry
    plain = tools("run", *argv)
    assert (plain.code, plain.out) == (code, "")
    assert f"failed ({kind})" in plain.err


def test_code_that_nobody_trusts_does_not_run(tools: Any, tmp_path: Path) -> None:
    said = tools("run", "count", "--json")
    assert "--yes" in said.entry["error"]
    assert (said.code, said.entry["error_kind"]) == (2, "untrusted")
    assert not (tmp_path / "ran").exists()


def test_the_tools_may_be_those_of_the_settings(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = tmp_path / "settings.yaml"
    settings.write_text("tools: tools.json\nbase_url: https://elsewhere.example\ndocs: gone.yaml\n")
    assert run(["tools", "list", "--json", "--config", str(settings)]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[0])["name"] == "hours"
    assert run(["--tools", str(written(tmp_path / "more.json", {**HOURS, "name": "b"})), "tools", "list"]) == 0
    assert capsys.readouterr().out.splitlines()[1].startswith("b ")


def test_without_any_tools_file_it_is_said_how_to_name_one(capsys: pytest.CaptureFixture[str]) -> None:
    for action in (["list"], ["check"], ["run", "f"]):
        assert run(["tools", *action]) == 2
        out, err = capsys.readouterr()
        assert (out, err.count("\n")) == ("", 1)
        assert "--tools FILE" in err


def test_a_check_tells_problems_and_doubts_and_what_repeats_between_files(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["tools", "check", "--tools", str(file)]) == 0
    assert capsys.readouterr() == (f"{file}: 4 tools\n", "")
    again = written(tmp_path / "again.json", HOURS, {**COUNT, "name": "gone", "run": {"python": "nowhere:f"}})
    docs = tmp_path / "docs.yaml"
    docs.write_text("sets: {a: [One.]}\n")
    assert run(["tools", "check", "--tools", str(file), str(file), str(again), str(docs)]) == 2
    out, err = capsys.readouterr()
    assert out == f"{file}: 4 tools\n"
    assert [line.split(":")[0] for line in err.splitlines()] == [str(again), str(again), str(docs)]
    assert "a second tool `hours`" in err
    assert "warning: " in err
    assert not (tmp_path / "ran").exists()


def test_ctrl_c_ends_the_call_and_says_so(tools: Any, tmp_path: Path) -> None:
    pressed = f"import os, signal, time\ndef count():\n    os.kill({os.getpid()}, signal.SIGINT)\n    time.sleep(60)\n"
    (tmp_path / "counting.py").write_text(pressed)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # tests in the background ignore it
    try:
        said = tools("run", "count", "--yes", "--json")
    finally:
        signal.signal(signal.SIGINT, before)
    assert (said.code, said.entry["error_kind"], said.entry["arguments"]) == (130, "cancelled", {})
