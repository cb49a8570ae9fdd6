"""Every fault of a server through `workbench ask --json`: one outcome each, what came is kept, no traceback."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults import FAULTS
from tests.faults.fault import NEXT, Fault, script
from tests.loopback import Chunk, Head
from tests.serving import serving
from workbench.cli import run

KEY = "key-of-these-tests"
TOOLS = """
tools:
  - name: hours
    description: When a place opens.
    run: {reply: {opens: "09:00"}}
"""


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    path = tmp_path / "tools.yaml"
    path.write_text(TOOLS, encoding="utf-8")
    return path


def asked(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, list[dict[str, Any]]]:
    """The exit code and the lines of `ask --json`; standard error must be empty and the key nowhere."""
    code = run(["ask", "--json", *argv])
    out, err = capsys.readouterr()
    assert err == ""
    assert KEY not in out
    lines = [json.loads(line) for line in out.splitlines()]
    assert [line["event"] == "turn-end" for line in lines] == [False] * (len(lines) - 1) + [True]
    return code, lines


def test_there_are_enough_and_each_has_its_name() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) >= 70


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_every_fault_has_its_outcome(
    fault: Fault, tools: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CO_API_KEY", KEY)
    monkeypatch.setattr("workbench.conversation.limits.DRAIN", 0.1)
    monkeypatch.setattr("workbench.cohere_client.channel.ERROR_BODY_SECONDS", 0.3)
    with serving(script([fault])) as server:
        code, lines = asked(capsys, "--base-url", server.url, "--tools", str(tools), *fault.flags, fault.name)
    end = lines[-1]
    error = end["error"] or {"kind": None, "status": None, "message": ""}
    assert (end["status"], error["kind"], error["status"]) == (fault.status, fault.kind, fault.http)
    assert code == fault.code
    assert end["text"] == fault.text
    assert fault.says in error["message"]
    kinds = [line["event"] for line in lines]
    assert (kinds.count("retry"), kinds.count("tool-result")) == (fault.retries, fault.results)
    assert not fault.odd or fault.odd in kinds


# -- what no server says: the way to it ------------------------------------------------------------------


@pytest.fixture
def closed_port() -> Iterator[int]:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        yield unused.getsockname()[1]


def way(capsys: pytest.CaptureFixture[str], url: str, *flags: str) -> tuple[int, dict[str, Any], int]:
    code, lines = asked(capsys, "--base-url", url, *flags, "?")
    return code, lines[-1], [line["event"] for line in lines].count("retry")


def test_refused(capsys: pytest.CaptureFixture[str], closed_port: int) -> None:
    code, end, retries = way(capsys, f"http://127.0.0.1:{closed_port}")
    assert (code, end["status"], end["error"]["kind"], retries) == (1, "failed", "connection", 3)
    assert "Is the server running" in end["error"]["message"]


@pytest.mark.parametrize(("number", "tries"), [(socket.EAI_NONAME, 0), (socket.EAI_AGAIN, 3)])
def test_a_name_that_does_not_resolve(
    number: int, tries: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_such_name(*_: object, **__: object) -> None:
        raise socket.gaierror(number, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", no_such_name)
    code, end, retries = way(capsys, "http://harbour.invalid")
    assert (code, end["error"]["kind"], retries) == (1, "connection", tries)
    assert "cannot be resolved" in end["error"]["message"]


def test_tls_to_a_server_without_it(capsys: pytest.CaptureFixture[str]) -> None:
    """The handshake is part of connecting: a server that does not answer it has no longer."""
    with serving(lambda _: []) as server:
        code, end, retries = way(capsys, server.url.replace("http:", "https:"), "--connect-timeout", "0.2")
    assert (code, end["status"], end["error"]["kind"], retries) == (1, "failed", "connection", 3)
    assert "within 0.2 s" in end["error"]["message"]


@pytest.mark.parametrize("status", [403, 407, 502])
def test_a_proxy_that_refuses(status: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(lambda _: [Head(status, {"content-length": "2"}), Chunk(b"no")]) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url.replace("//", "//me:pass-word@"))
        code, end, _ = way(capsys, "https://harbour.invalid")
    assert (code, end["error"]["kind"]) == (1, "connection")
    assert proxy.url in end["error"]["message"]
    assert "pass-word" not in json.dumps(end)


def test_a_proxy_that_is_not_there(
    closed_port: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{closed_port}")
    code, end, _ = way(capsys, "http://harbour.invalid")
    assert (code, end["error"]["kind"]) == (1, "connection")
    assert f"by the proxy http://127.0.0.1:{closed_port}" in end["error"]["message"]


@pytest.mark.parametrize("ending", ["/v2", "/v2/", "/v2/chat", "/v1"])
def test_a_base_url_with_its_version_is_explained(ending: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["ask", "--json", "--base-url", f"http://localhost:8000{ending}", "?"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "use http://localhost:8000" in err


def test_the_installed_command_ends_so_too(tools: Path) -> None:
    fault = next(fault for fault in FAULTS if fault.name == "cut in the answer")
    with serving(script([fault])) as server:
        command = [sys.executable, "-m", "workbench", "ask", "--json", "--base-url", server.url]
        failed = subprocess.run([*command, fault.name], capture_output=True, timeout=60)
        well = subprocess.run([*command, "?"], capture_output=True, timeout=60)
    end = json.loads(failed.stdout.splitlines()[-1])
    assert (failed.returncode, failed.stderr, end["status"], end["text"]) == (1, b"", "failed", fault.text)
    assert (well.returncode, json.loads(well.stdout.splitlines()[-1])["text"]) == (0, NEXT)
