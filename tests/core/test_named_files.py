"""The files that a command names are code wherever they lie; data and what is installed is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from workbench.tools.mcp.kinds import McpServer
from workbench.tools.mcp.servers import Program, ServerSpec
from workbench.tools.named_files import Words, find_files


@pytest.fixture
def base(tmp_path: Path) -> Path:
    folder = tmp_path.resolve() / "project" / "tools"
    folder.mkdir(parents=True)
    return folder


CHANGED: list[tuple[Sequence[str], str, Mapping[str, str]]] = [
    (["sh", "x.sh"], "x.sh", {}),
    (["./x"], "x", {}),
    (["sh", "x.txt"], "x.txt", {}),
    (["sh", "-c", "sh ./x.sh"], "x.sh", {}),
    (["sh", "-c", "cd . && . ./x; echo done > out"], "x", {}),
    (["sh", "-c", 'exec python3 "$HERE/x.py"'], "x.py", {}),
    (["python3", "-c", "import x; x.run()"], "x.py", {}),
    (["python3", "-cimport x"], "x.py", {}),
    (["python3", "-mx"], "x.py", {}),
    (["python3", "-Bm", "x"], "x.py", {}),
    (["python3", "app"], "app/__main__.py", {}),
    (["python3", "."], "__main__.py", {}),
    (["awk", "-fx.awk"], "x.awk", {}),
    (["make", "-s", "all"], "Makefile", {}),
    (["sh", "../x.sh"], "../x.sh", {}),
    (["../x.sh"], "../x.sh", {}),
    (["sh", "{above}/bin/x"], "../bin/x", {}),
    (["{above}/bin/x"], "../bin/x", {}),
    (["env", "PATH=./bin:/usr/bin", "x"], "bin/x", {}),
    (["x"], "bin/x", {"PATH": "bin:/usr/bin"}),
    (["x"], "../bin/x", {"PATH": "../bin:/usr/bin"}),
    (["bash", "-c", "true"], "x", {"BASH_ENV": "./x"}),
    (["node", "-e", "1"], "x.js", {"NODE_OPTIONS": "--require ./x.js"}),
    (["ls"], "x.so", {"LD_PRELOAD": "./x.so"}),
    (["python3", "-c", "1"], "lib/sitecustomize.py", {"PYTHONPATH": "lib"}),
    (["python3", "-m", "x"], "../lib/x.py", {"PYTHONPATH": "../lib"}),
]


@pytest.mark.parametrize(("words", "file", "variables"), CHANGED)
def test_what_a_command_names_is_code(
    words: Sequence[str], file: str, variables: Mapping[str, str], base: Path
) -> None:
    command = Words([word.replace("{above}", str(base.parent)) for word in words], base, variables)
    place = base / file
    place.parent.mkdir(exist_ok=True)
    place.write_text("one")
    place.chmod(0o755)
    before = find_files(base, [command])
    place.write_text("two")
    after = find_files(base, [command])
    assert before is not None
    assert after is not None
    assert before.fingerprint() != after.fingerprint()


def test_what_a_shells_script_sources_is_code_too(base: Path) -> None:
    (base / "lib").mkdir()
    (base / "x.sh").write_text('. "$(dirname "$0")/lib/common.sh"\n./other\n')
    (base / "lib" / "common.sh").write_text("echo\n")
    (base / "other").write_text("#!/bin/sh\n")
    found = find_files(base, [Words(["sh", "x.sh"], base)])
    assert found is not None
    assert sorted(found.modules) == ["lib/common.sh", "other", "x.sh"]


@pytest.mark.parametrize(
    "words",
    [
        ["cat", "table.csv"],
        ["cat", "{above}/journal"],
        ["sh", "-c", "sort table.csv > journal"],
        ["python3", "-c", "print(1)"],
        ["/usr/bin/env"],
        ["ls", "/etc/profile"],
    ],
)
def test_data_and_what_is_installed_are_none(words: Sequence[str], base: Path) -> None:
    for file in (base / "table.csv", base / "journal", base.parent / "journal"):
        file.write_text("1\n")
    assert find_files(base, [Words([word.replace("{above}", str(base.parent)) for word in words], base)]) is None


@pytest.mark.parametrize(
    "program",
    [
        (("python3", "../x.py"), {}),
        (("python3", "${NOT_SET_ANYWHERE:-../x.py}"), {}),
        (("sh", "-c", "exec python3 ../x.py"), {}),
        (("../x.py",), {}),
        (("node", "server"), {"NODE_OPTIONS": "--require=../x.py"}),
    ],
)
def test_what_starts_a_server_is_code_wherever_it_lies(
    program: tuple[tuple[str, ...], Mapping[str, str]], base: Path
) -> None:
    argv, environ = program
    file, script = base / "tools.yaml", base.parent / "x.py"
    server = McpServer(ServerSpec("one", Program(argv, base, environ), file=file))
    fingerprints = set()
    for text in ("one", "two"):
        script.write_text(text)
        code = McpServer.code([server])
        assert code is not None
        fingerprints.add(code.fingerprint())
    assert len(fingerprints) == 2
