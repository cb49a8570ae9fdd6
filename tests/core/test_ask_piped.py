"""What is piped in beside a question is a document of it; what is no pipe and no file is not read."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import IO, Any

import pytest

from workbench.documents import attached

ASK = (sys.executable, "-m", "workbench", "ask", "--offline", "--json", "When does the pump run?")
TEXT = "The pump runs at night.\n\nIt was built in 1911.\n"


def asked(stdin: int | IO[bytes] | None, text: bytes | None = None, *, argv: tuple[str, ...] = ASK) -> dict[str, Any]:
    done = subprocess.run(argv, stdin=stdin, input=text, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    [request] = [line for line in lines if line["event"] == "request"]
    return {**lines[-1], "documents": request["body"].get("documents", [])}


def test_a_pipe_is_a_document_that_is_cited() -> None:
    end = asked(None, TEXT.encode())
    assert "The pump runs at night." in end["text"]
    [document] = end["documents"]
    assert document["data"] == {"text": TEXT, "title": "standard input"}
    assert {source["id"] for cited in end["citations"] for source in cited["sources"]} == {document["id"]}


def test_a_file_is_one_too(tmp_path: Path) -> None:
    (tmp_path / "pump.txt").write_text(TEXT)
    with (tmp_path / "pump.txt").open("rb") as file:
        assert "at night" in asked(file)["text"]


def test_with_a_dash_it_is_the_question_and_nothing_else() -> None:
    end = asked(None, b"When does the pump run?", argv=(*ASK[:-1], "-"))
    assert end["documents"] == []


@pytest.mark.parametrize("text", [b"", b" \n"])
def test_nothing_piped_is_nothing(text: bytes) -> None:
    assert asked(None, text)["documents"] == []


def test_no_input_and_a_terminal_are_not_read() -> None:
    assert asked(subprocess.DEVNULL)["documents"] == []
    own, theirs = pty.openpty()
    try:
        assert asked(theirs)["documents"] == []
    finally:
        os.close(own)
        os.close(theirs)


def test_too_much_is_refused_with_what_to_do() -> None:
    text = b"words " * (attached.MOST_WORDS + 1)
    done = subprocess.run(ASK, input=text, capture_output=True, timeout=60)
    assert done.returncode == 2
    assert b"standard input: has over 60,000 words (--docs FILE" in done.stderr
    assert done.stdout == b""


@pytest.mark.parametrize("argv", [ASK, (*ASK[:-1], "-")], ids=["piped", "question"])
def test_what_has_no_end_is_refused_and_not_waited_for(argv: tuple[str, ...]) -> None:
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as program:
        assert program.stdin and program.stdout and program.stderr
        try:
            program.stdin.write(b"x" * (4 * 1024 * 1024 + 1))
            program.stdin.flush()
            assert program.wait(timeout=20) == 2  # though the pipe is still open
        finally:
            program.kill()
        assert b"standard input: has over 4 MB (--docs FILE" in program.stderr.read()
        assert program.stdout.read() == b""


def test_a_pipe_into_which_nothing_comes_is_not_waited_for_for_ever() -> None:
    read, write = os.pipe()
    try:
        with os.fdopen(read) as pipe:
            done = subprocess.run(ASK, stdin=pipe, capture_output=True, timeout=60)
    finally:
        os.close(write)
    assert done.returncode == 0
    assert b"nothing came on standard input in 3 s: asked without it" in done.stderr


def test_a_pipe_is_read_to_its_end_once_something_came() -> None:
    read, write = os.pipe()
    with subprocess.Popen(ASK, stdin=read, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as program:
        os.close(read)
        for line in TEXT.splitlines(keepends=True):
            os.write(write, line.encode())
        os.close(write)
        out, _ = program.communicate(timeout=60)
    assert "at night" in json.loads(out.splitlines()[-1])["text"]
