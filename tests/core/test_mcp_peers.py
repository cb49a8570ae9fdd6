"""Servers of tools that others wrote, through a whole turn: what they list, and an answer that cites what they gave.

`MCP_PEERS` names the folder that they are installed in, with `bin` and `node_modules/.bin`; else PATH is looked at.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.processes import MARK, wait_until_none

PEERS = Path(os.environ.get("MCP_PEERS", "/nowhere"))
PATH = os.pathsep.join([str(PEERS / "node_modules" / ".bin"), str(PEERS / "bin"), os.environ.get("PATH", "")])


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "note.txt").write_text("The moon gate opens at dusk.", encoding="utf-8")
    return folder


@pytest.fixture
def environ(tmp_path: Path) -> Iterator[dict[str, str]]:
    home = str(tmp_path / "home")
    yield {"PATH": PATH, "HOME": home, "XDG_STATE_HOME": home, "TERM": "dumb", MARK: str(tmp_path)}
    wait_until_none(str(tmp_path))  # no server outlives the command


def needed(name: str) -> str:
    if shutil.which(name, path=PATH) is None:
        pytest.skip(f"{name} is not installed: MCP_PEERS names the folder that it would be in")
    return name


def workbench(environ: dict[str, str], *arguments: str) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "workbench", *arguments, "--json", "--yes"]
    ran = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr
    return [json.loads(line) for line in ran.stdout.splitlines()]


def file_of(tmp_path: Path, **servers: list[str]) -> str:
    file = tmp_path / "mcp.json"
    listed = {name: {"command": needed(argv[0]), "args": argv[1:]} for name, argv in servers.items()}
    file.write_text(json.dumps({"mcpServers": listed}), encoding="utf-8")
    return str(file)


def test_every_server_lists_its_tools_and_answers(tmp_path: Path, files: Path, environ: dict[str, str]) -> None:
    servers = {
        "everything": ["mcp-server-everything"],
        "files": ["mcp-server-filesystem", str(files)],
        "time": ["mcp-server-time", "--local-timezone", "UTC"],
        "git": ["mcp-server-git"],
    }
    file = file_of(tmp_path, **servers)
    listed = {each["name"]: each for each in workbench(environ, "tools", "list", "--tools", file)}
    assert {"echo", "read_text_file", "get_current_time", "git_status"} <= listed.keys()
    assert {each["kind"] for each in listed.values()} == {"mcp"}
    assert all(each["runs_code"] for each in listed.values())
    call = ["tools", "run", "read_text_file", json.dumps({"path": str(files / "note.txt")}), "--tools", file]
    assert "moon gate" in json.dumps(workbench(environ, *call)[-1]["result"])


def test_an_answer_cites_what_a_server_gave(tmp_path: Path, environ: dict[str, str]) -> None:
    file = file_of(tmp_path, time=["mcp-server-time", "--local-timezone", "UTC"])
    question = "What is the current time in the timezone 'Europe/Berlin'?"
    *events, end = workbench(environ, "ask", "--offline", "--tools", file, question)
    results = [each for each in events if each["event"] == "tool-result"]
    assert results
    assert end["status"] == "complete"
    assert any(source["type"] == "tool" for each in end["citations"] for source in each["sources"])
