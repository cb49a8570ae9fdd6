"""`workbench check`: files in; lines on two streams and an exit code out."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest

from workbench.commands.check import check
from workbench.printing.standard_output import printable


def run(*files: Path, environ: dict[str, str] | None = None) -> tuple[int, list[str], list[str]]:
    out, err = io.StringIO(), io.StringIO()
    code = check(files, environ or {}, out, err)
    return code, out.getvalue().splitlines(), err.getvalue().splitlines()


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_good_files_are_one_line_each(tmp_path: Path) -> None:
    write(tmp_path / "guide.md", "# Guide\n\nDogs stay outside.\n")
    docs = write(tmp_path / "docs.yaml", "sets:\n  a: {files: guide.md}\n  b: [One., Two.]\n")
    tools = write(tmp_path / "tools.yaml", "- {name: f, run: ask}\n")
    settings = write(tmp_path / "config.yaml", "model: m\ndocs: docs.yaml\n")
    code, out, err = run(docs, tools, settings)
    assert (code, err) == (0, [])
    assert out == [f"{docs}: 2 sets, 3 passages", f"{tools}: 1 tool", f"{settings}: settings for m"]


def test_every_problem_of_every_file_is_a_located_line(tmp_path: Path) -> None:
    docs = write(tmp_path / "docs.yaml", "sets:\n  a: {files: gone/*.md}\n  b: {fils: x}\n")
    tools = write(tmp_path / "tools.yaml", "tolls: []\n")
    good = write(tmp_path / "good.yaml", "- {name: f, run: ask}\n")
    gone = tmp_path / "gone.yaml"
    code, out, err = run(docs, tools, good, gone)
    assert code == 2
    assert out == [f"{good}: 1 tool"]
    places = [line.split(": ")[0] for line in err]
    assert places == [f"{docs}:3:3", f"{docs}:3:7", f"{docs}:2:14", f"{tools}:1:1", f"{gone}"]
    assert "unknown key `fils` (did you mean `files`?)" in err[1]


def test_problems_inside_documents_are_reported_with_their_own_place(tmp_path: Path) -> None:
    lines = write(tmp_path / "data.jsonl", '{"text": "Good."}\n{"text": \n')
    docs = write(tmp_path / "docs.yaml", "files: data.jsonl\n")
    code, out, err = run(docs)
    assert (code, out) == (2, [])
    assert err[0].startswith(f"{lines}:2:")


def test_a_field_that_no_document_has_is_warned_of(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("---\nyear: 2026\nmeta: x\n---\n# A\n\nThe well is deep.\n")
    path = tmp_path / "docs.yaml"
    for field, warns in (("year", False), ("Year", False), ("text", False), ("yaer", True), ("meta.author", True)):
        path.write_text(f"sets:\n  s: {{files: a.md, retrieval: {{mode: keyword, where: {{{field}: 2026}}}}}}\n")
        code, out, err = run(path)
        assert (code, out) == (0, [f"{path}: 1 set, 1 passage"])
        assert (f"no document of s has the field `{field}`: nothing of it is found" in "".join(err)) is warns


def test_settings_that_name_missing_files_fail(tmp_path: Path) -> None:
    settings = write(tmp_path / "config.yaml", "model: m\ntools: [gone.yaml]\n")
    code, _, (line,) = run(settings)
    assert code == 2
    assert f"there is no file {tmp_path / 'gone.yaml'}" in line


def test_unset_variables_are_problems_and_set_ones_are_not(tmp_path: Path) -> None:
    settings = write(tmp_path / "config.yaml", "model: m\ntheme: ${COLOURS}\n")
    assert run(settings)[0] == 2
    assert run(settings, environ={"COLOURS": "nord"}) == (0, [f"{settings}: settings for m"], [])


def test_what_a_variable_puts_into_a_request_is_warned_of(tmp_path: Path) -> None:
    settings = write(tmp_path / "config.yaml", "model: ${MODEL}\n")
    code, _, warnings = run(settings, environ={"MODEL": "m"})
    assert (code, len(warnings)) == (0, 1)
    assert "MODEL, in `model`" in warnings[0]


def test_no_file_is_a_usage_error() -> None:
    assert run() == (2, [], ["check: name at least one file or folder"])


MODULE = """\
raise SystemExit("imported")
import json as parser
def search(query): ...
async def fetch(): ...
class Client:
    def find(self): ...
try:
    fast = 1
except ImportError:
    def slow(): ...
"""


@pytest.mark.parametrize(
    "target",
    [
        "mod:search", "mod:fetch", "mod:Client.find", "mod:fast", "mod:slow", "mod:parser", "pkg.sub:go", "pkg:top",
        "json.decoder:JSONDecoder", "sys:exit", "wild:anything",
    ],
)  # fmt: skip
def test_python_targets_are_found_without_running_them(tmp_path: Path, target: str) -> None:
    write(tmp_path / "mod.py", MODULE)
    write(tmp_path / "wild.py", "from somewhere import *\n")
    write(tmp_path / "pkg" / "__init__.py", "raise SystemExit('imported')\ntop = 1\n")
    write(tmp_path / "pkg" / "sub.py", "def go(): ...\n")
    tools = write(tmp_path / "tools.yaml", f"- {{name: f, run: {{python: '{target}'}}}}\n")
    assert run(tools) == (0, [f"{tools}: 1 tool"], [])


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("mod:serach", "mod.py defines no `serach` (did you mean `search`?)"),
        ("gone:f", "there is no module `gone` (expected gone.py beside the tools file, or installed)"),
        ("mod.sub:f", "there is no module `mod.sub`"),
        ("json.gone:f", "there is no module `json.gone`"),
        ("broken:f", "broken.py is not valid Python"),
        ("binary:f", "binary.py"),
    ],
)
def test_python_targets_that_lead_nowhere_are_warnings(tmp_path: Path, target: str, message: str) -> None:
    write(tmp_path / "mod.py", "def search(query): ...\n")
    write(tmp_path / "broken.py", "def f(:\n")
    (tmp_path / "binary.py").write_bytes(b"\x00\xff\x00")
    tools = write(tmp_path / "tools.yaml", f"- {{name: f, run: {{python: '{target}'}}}}\n")
    code, out, (warning,) = run(tools)
    assert (code, out) == (0, [f"{tools}: 1 tool"])
    assert warning.startswith(f"{tools}:1:")
    assert f"warning: {message}" in warning


def test_no_control_character_of_a_name_or_a_file_is_printed(tmp_path: Path) -> None:
    hostile = write(tmp_path / "a\x1b[2J\n\u202eb.yaml", 'se\u202ets: 1\n"x\\e]0;t\\a\\nbad": 2\n"\\U000E0041": 3\n')
    code, out, err = run(hostile)
    assert code == 2
    text = "\n".join(out + err)
    assert len(err) == 3
    assert all(character.isprintable() for line in err for character in line)
    assert "a\\x1b[2J\\x0a<U+202E>b.yaml:1:1: unknown key `se<U+202E>ts`" in text
    assert "x\\x1b]0;t\\x07\\x0abad" in text
    assert "<U+E0041>" in text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ünïcode 日本 😀", "plain ünïcode 日本 😀"),
        ("\x00\t\n\x1b\x7f\x9b", "\\x00\\x09\\x0a\\x1b\\x7f\\x9b"),
        ("\u200b\u200e\u2066\u2028\ufeff\udc80", "<U+200B><U+200E><U+2066><U+2028><U+FEFF><U+DC80>"),
        ("\U000e0041", "<U+E0041>"),
        ("\ufe00\U000e0100\u034f\u115f\u3164\uffa0", "<U+FE00><U+E0100><U+034F><U+115F><U+3164><U+FFA0>"),
        ("⚙\ufe0f a\u0301", "⚙\ufe0f a\u0301"),
    ],
)
def test_printable_text_keeps_what_is_visible(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_checking_imports_no_screen_and_no_client() -> None:
    code = (
        "import sys, workbench.commands.check\n"
        "print([name for name in ('textual', 'rich', 'cohere', 'httpx') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
