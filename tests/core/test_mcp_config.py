"""Servers in tools files: the shapes of other clients as they are pasted, and every problem in its place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from workbench.config.load import load_configuration
from workbench.errors import ConfigurationError
from workbench.tools.mcp.naming import names_of
from workbench.tools.mcp.servers import Endpoint, Program, ServerSpec, ToolOptions
from workbench.tools.mcp.variables import Filled


def servers(folder: Path, data: Any) -> dict[str, ServerSpec]:
    file = folder / "tools.yaml"
    file.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    found = load_configuration((), [file], {}).servers
    assert all(each.file == file.resolve() and each.digest for each in found)
    return {each.name: each for each in found}


def problems(folder: Path, text: str) -> list[str]:
    file = folder / "tools.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as refused:
        load_configuration((), [file], {})
    return [f"{each.line}:{each.column} {each.message} ({each.hint})" for each in refused.value.problems]


@pytest.mark.parametrize(
    ("data", "reach"),
    [
        ({"mcp": {"a": {"command": ["x", "-y"]}}}, Program(("x", "-y"), Path())),
        ({"mcp": {"a": {"command": "x", "args": ["", 8]}}}, Program(("x", "", "8"), Path())),
        (
            {"mcpServers": {"a": {"command": "x", "env": {"K": "${K}"}, "type": "stdio"}}},
            Program(("x",), Path(), {"K": "${K}"}),
        ),
        ({"servers": {"a": {"type": "http", "url": "http://h/mcp"}}, "inputs": []}, Endpoint("http://h/mcp")),
        ({"mcp": {"servers": {"a": {"url": "${BASE}/mcp"}}}}, Endpoint("${BASE}/mcp")),
        ({"mcpServers": {"a": {"serverUrl": "https://h", "headers": {"A": "b"}}}}, Endpoint("https://h", {"A": "b"})),
        ({"mcpServers": {"a": {"url": "https://h/sse", "type": "sse"}}}, Endpoint("https://h/sse", {}, legacy=True)),
    ],
)  # fmt: skip
def test_servers_are_read_as_they_are_pasted(data: Any, reach: Program | Endpoint, tmp_path: Path) -> None:
    (found,) = servers(tmp_path, data).values()
    if isinstance(found.reach, Program) and isinstance(reach, Program):
        assert (found.reach.argv, found.reach.env, found.reach.folder) == (reach.argv, reach.env, tmp_path.resolve())
    else:
        assert found.reach == reach


def test_what_holds_for_a_server_and_for_one_of_its_tools(tmp_path: Path) -> None:
    server = {
        "command": "x", "cwd": "sub", "approve": "ask", "timeout": 5, "startup_timeout": 60, "include": ["a*", "b"],
        "exclude": "ab", "tools": {"b": {"approve": "never", "timeout": 90}}, "autoApprove": ["b"],
    }  # fmt: skip
    found = servers(tmp_path, {"mcp": {"s": server, "off": {"command": "y", "disabled": True}}})
    (only,) = found.values()
    assert isinstance(only.reach, Program)
    assert only.reach.folder == tmp_path.resolve() / "sub"
    assert (only.options("a"), only.options("b")) == (ToolOptions("ask", 5), ToolOptions("never", 90))
    assert [name for name in ("a", "ab", "ac", "b", "c") if only.takes(name)] == ["a", "ac", "b"]
    assert only.startup_timeout == 60


def test_tools_and_servers_stand_in_one_file(tmp_path: Path) -> None:
    file = tmp_path / "tools.json"
    tool = {"name": "t", "run": {"reply": 1}}
    file.write_text(json.dumps({"tools": [tool], "mcpServers": {"a": {"command": "x"}}}), encoding="utf-8")
    loaded = load_configuration((), [file], {})
    assert ([each.name for each in loaded.tools], [each.name for each in loaded.servers]) == (["t"], ["a"])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("mcp: {a: {comand: x}}", "1:11 unknown key `comand` (did you mean `command`?)"),
        ("mcp: {a: {args: [x]}}", "1:10 the server has no `command` and no `url`"),
        ("mcp: {a: {command: x, url: 'http://h'}}", "1:28 the server has both `command` and a URL"),
        ("mcp: {a: {command: x, type: http}}", "1:29 `http` does not go with a `command`"),
        ("mcp: {a: {url: 'ftp://h'}}", "1:16 `ftp://h` is no URL of a server"),
        ("mcp: {a: {url: 'http://h', env: {A: b}}}", "1:33 `env` is for a server with a `command`"),
        ("mcp: {a: {command: []}}", "1:20 the list is empty"),
        ("mcp: {a: {command: x, env: {A: [b]}}}", "1:32 expected text, found a list"),
        ("mcp: {a: {command: x, env: {A: '${input:key}'}}}", "1:32 `${input…}` is for an editor to fill in"),
        ("mcp: {a: {command: x, approve: yes please}}", "1:32 expected one of ask, always, never"),
        ("mcp: {a: {command: x, tools: {b: {timeot: 1}}}}", "1:35 unknown key `timeot` (did you mean `timeout`?)"),
        ("mcp: {a: x}", "1:10 expected a server (a map with `command` or `url`)"),
        ("mcp: [x]", "1:6 expected a map of servers"),
        ("mcp: {a: {command: x}}\nmcpServers: {a: {command: y}}", "2:14 duplicate server `a`"),
        ("mcp: {a: {command: x}}\nmcpServer: {}", "2:1 unknown key `mcpServer` (did you mean `mcpServers`?)"),
        ("mcp: {a: {command: x, transport: websocket}}", "1:34 expected one of stdio, local"),
    ],
)
def test_what_is_wrong_is_told_in_its_place(text: str, problem: str, tmp_path: Path) -> None:
    found = problems(tmp_path, text)
    assert any(each.startswith(problem) for each in found), found


def test_names_are_kept_where_they_can_be() -> None:
    long, odd = "x" * 70, "a.b/ü"
    tools = [("one", "same"), ("two", "same"), ("two", "own"), ("two", "mine"), ("s p", odd), ("two", long), ("3", "9")]
    names = names_of(tools, {"mine"})
    assert names[:4] == ["one__same", "two__same", "own", "two__mine"]
    assert names[4] == "s_p__a_b_"
    assert len(names[5]) == 64
    assert names[6] == "_3__9"
    assert len(set(names)) == len(names)


def test_variables_are_filled_in_late_and_secrets_remembered() -> None:
    filled = Filled({"GIT_TOKEN": "token-1234", "PLACE": "/home/me", "EMPTY": ""})
    assert filled.text("${PLACE}/${EMPTY:-x} $${PLACE} ${env:PLACE}") == "/home/me/x ${PLACE} /home/me"
    assert filled.named({"Authorization": "Bearer ${GIT_TOKEN}"}) == {"Authorization": "Bearer token-1234"}
    masked = filled.redactor().text
    assert masked("token-1234 in /home/me") == "*** in /home/me"


def test_the_handbooks_servers_are_read(project: Path, tmp_path: Path) -> None:
    page = (project / "config" / "handbook" / "tools.md").read_text("utf-8")
    (block,) = [each for each in page.split("```yaml\n") if each.startswith("mcp:")]
    found = servers(tmp_path, yaml.safe_load(block.partition("```")[0]))
    assert list(found) == ["time", "files", "tracker"]
    assert found["files"].options("read_file") == ToolOptions("ask", 5)
    assert found["tracker"].needs() == {"TRACKER_TOKEN"}
