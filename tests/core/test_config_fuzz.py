"""Damaged configuration files: readers never raise, and what they cannot use is a problem with a place."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.config.documents_file import documents_of
from workbench.config.mcp_servers import servers_of
from workbench.config.nodes import Tree
from workbench.config.reader import parse_tree
from workbench.config.settings import settings_of
from workbench.config.tools_file import tools_of
from workbench.errors import Problem

CONFIG = Path(__file__).parents[2] / "config"
SAMPLES = {path.name: path.read_bytes() for path in sorted(CONFIG.glob("*.yaml"))}


def tools_and_servers(tree: Tree, environ: Mapping[str, str]) -> tuple[Any, tuple[Problem, ...]]:
    """What a tools file has: tools, servers that have some, or both."""
    (tools, of_tools), (servers, of_servers) = tools_of(tree, environ), servers_of(tree, environ)
    return (*tools, *servers), (*of_tools, *of_servers)


READERS: list[Callable[[Tree, Mapping[str, str]], tuple[Any, tuple[Problem, ...]]]] = [
    documents_of,
    tools_and_servers,
    settings_of,
]
SPLICES = [
    *(b"", b" ", b"\n", b"\t", b"- ", b": ", b"{", b"}", b"[", b"]", b"null", b"true", b"1e400", b"-1", b'"', b"'"),
    *(
        b"&a ",
        b"*a",
        b"<<: ",
        b"!!x ",
        b"${X}",
        b"${",
        b"\xff",
        b"\x1b",
        "é".encode(),
        b"---\n",
        b"| \n",
        b"#",
        b"\x00",
    ),
]

KEYS = [
    "sets", "documents", "files", "split", "retrieval", "mode", "id", "data", "text", "tools", "name", "run",
    "function", "parameters", "type", "reply", "python", "approve", "timeout", "model", "docs", "x",
]  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A shipped file with up to eight splices, anywhere."""
    data = bytearray(SAMPLES[draw(st.sampled_from(sorted(SAMPLES)))])
    for _ in range(draw(st.integers(1, 8))):
        at = draw(st.integers(0, len(data)))
        data[at : at + draw(st.integers(0, 40))] = draw(st.sampled_from(SPLICES))
    return bytes(data)


@pytest.mark.parametrize("reader", READERS)
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=damaged(), environ=st.sampled_from([{}, {"X": "x"}, {"X": "\n"}, {"X": "9"}]))
def test_a_damaged_file_gives_values_or_located_problems(
    reader: Callable[[Tree, Mapping[str, str]], tuple[Any, tuple[Problem, ...]]], data: bytes, environ: dict[str, str]
) -> None:
    tree = parse_tree(Path("f.yaml"), data)
    values, problems = reader(tree, environ)
    assert values or problems
    assert set(tree.problems) <= set(problems)
    lines = data.count(b"\n") + 1
    for problem in problems:
        assert problem.file == "f.yaml"
        assert 0 <= problem.line <= lines
        assert problem.message
        assert len(str(problem)) < 1000
    assert list(problems) == sorted(problems, key=lambda problem: (problem.line, problem.column))


@pytest.mark.parametrize("reader", READERS)
@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.sampled_from(["x", "ask", "", "${X}", "all"]),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(KEYS),
                inner,
                max_size=4,
            )
        ),
        max_leaves=25,
    )
)
def test_any_shape_under_any_key_gives_values_or_problems(
    reader: Callable[[Tree, Mapping[str, str]], tuple[Any, tuple[Problem, ...]]], data: Any
) -> None:
    tree = parse_tree(Path("f.yaml"), json.dumps(data).encode())
    values, problems = reader(tree, {})
    assert values or problems
