"""A tool looks for the key outside of its own environment: in what the system shows of the programs that started it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux shows one process the inside of another")

KEY = "canary-Zq81-not-a-word"
LOOK = """
import os

def look():
    seen, pid = [], os.getpid()
    while pid > 1:
        pid = int(open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[1])
        command = open(f"/proc/{pid}/cmdline").read().replace(chr(0), " ")
        try:
            environ = open(f"/proc/{pid}/environ", "rb").read().decode("utf-8", "replace")
        except OSError as error:
            environ = type(error).__name__
        seen.append({"command": command, "environ": environ})
        if "workbench ask" in command:
            break
    return {"seen": seen, "own": dict(os.environ)}
"""
TOOLS = """
tools:
  - name: look
    description: Look at the key of the harbour.
    run: {python: "looking:look"}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "looking.py").write_text(LOOK)
    (tmp_path / "tools.yaml").write_text(TOOLS)
    return tmp_path


def looked(folder: Path, environ: dict[str, str], *flags: str, user: int | None = None) -> dict[str, Any]:
    """What the tool saw, of the program and of its own environment."""
    command = [sys.executable, "-m", "workbench", "ask", "--json", "--offline", "--tools", "tools.yaml", "--yes"]
    ended = subprocess.run(
        [*command, *flags, "Look at the key of the harbour."],
        cwd=folder,
        env={**os.environ, **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        user=user,
    )
    results = [line for line in map(json.loads, ended.stdout.splitlines()) if line["event"] == "tool-result"]
    assert results, ended.stderr
    result = results[0]["result"]
    assert isinstance(result, dict)
    assert "workbench ask" in result["seen"][-1]["command"]
    return result


@pytest.mark.parametrize(
    ("environ", "flags"),
    [
        ({"CO_API_KEY": KEY}, ()),
        ({"COHERE_API_KEY": KEY, "CO_API_KEY": ""}, ()),
        ({"CO_API_KEY": KEY, "A_HEADER": f"Authorization: Bearer {KEY}"}, ()),
        ({"OF_MY_OWN": KEY}, ("--api-key-env", "OF_MY_OWN")),
        ({"OF_MY_OWN": KEY, "A_COPY": KEY}, ("--api-key-env=OF_MY_OWN",)),
    ],
)
def test_the_key_is_in_no_environment_that_a_tool_can_read(
    folder: Path, environ: dict[str, str], flags: tuple[str, ...]
) -> None:
    result = looked(folder, {**environ, "KEPT": "as it was"}, *flags)
    assert KEY not in json.dumps(result)
    assert dict(result["own"])["KEPT"] == "as it was"


def test_a_key_that_the_settings_name_is_taken_out_as_well(folder: Path) -> None:
    (folder / "settings.yaml").write_text("api_key_env: OF_MY_OWN\n")
    result = looked(folder, {"OF_MY_OWN": KEY}, "--config", "settings.yaml", "--yes")
    assert KEY not in json.dumps(result)


def readable_by_others() -> bool:
    """Whether an ordinary user could run this very interpreter and package."""
    try:
        reached = subprocess.run(
            [sys.executable, "-c", "import workbench.cli, cohere"],
            user=65534,
            capture_output=True,
            check=False,
            cwd="/",
        )
    except PermissionError:
        return False
    return reached.returncode == 0


def test_a_tool_of_an_ordinary_user_cannot_read_the_program_at_all(folder: Path) -> None:
    if os.geteuid() != 0:
        user = None
    elif readable_by_others():
        user = 65534
        for path in (folder, *folder.parents):
            if path.stat().st_uid == 0 and path != Path("/") and not path.stat().st_mode & 0o001:
                pytest.skip("run as root from a folder that others may not enter")
    else:
        pytest.skip("run as root with an interpreter that others may not read")
    result = looked(folder, {"CO_API_KEY": KEY, "HOME": str(folder)}, user=user)
    assert result["seen"][-1]["environ"] == "PermissionError"
