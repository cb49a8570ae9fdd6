"""The examples in config/: each loads, does what it says, and the handbook agrees with the program."""

from __future__ import annotations

import importlib.util
import io
import json
import os
import re
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests import handbook
from workbench.cli import OPTIONS
from workbench.commands import COMMANDS
from workbench.commands.check import check
from workbench.config.load import load_configuration, load_documents_files
from workbench.config.settings import Settings, read_settings
from workbench.documents.bm25 import Bm25
from workbench.documents.load import load_sets
from workbench.documents.passages import Passage
from workbench.language.words import terms
from workbench.tools.people import AlwaysApprove, NoPeople
from workbench.tools.runner import Progress
from workbench.tools.runners.command import Command
from workbench.tools.runners.person import Ask
from workbench.tools.runners.python import Python
from workbench.tools.runners.reply import CannedReply
from workbench.tools.specs import ToolSpec
from workbench.tools.toolbox import Toolbox
from workbench.tools.trust import TrustStore

CONFIG = Path(__file__).parents[2] / "config"
HANDBOOK = CONFIG / "handbook"


def passages(file: str) -> list[Passage]:
    loaded = load_sets(load_documents_files([CONFIG / file], {}))
    assert loaded.problems == ()
    return [passage for item in loaded.sets for passage in item.passages]


@pytest.fixture(scope="session")
def example_tools() -> ModuleType:
    spec = importlib.util.spec_from_file_location("example_tools", CONFIG / "example_tools.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", sorted(path.name for path in CONFIG.glob("*.yaml")))
def test_every_example_passes_the_check(name: str) -> None:
    out, err = io.StringIO(), io.StringIO()
    assert check([CONFIG / name], {}, out, err) == 0
    missing = ("the program ", "the server ")  # what is for others to install
    assert [
        line for line in err.getvalue().splitlines() if not line.partition("warning: ")[2].startswith(missing)
    ] == []
    assert out.getvalue().startswith(f"{CONFIG / name}: ")


def test_the_handbook_is_one_set_of_passages() -> None:
    (spec,) = load_documents_files([CONFIG / "docs.yaml"], {})
    assert spec.name == "handbook"
    found = passages("docs.yaml")
    assert {Path(passage.path or "").name for passage in found} == {path.name for path in HANDBOOK.glob("*.md")}
    assert all(len(passage.text.split()) <= 300 for passage in found)


@pytest.mark.parametrize(
    ("question", "page", "words"),
    [
        ("How do I define a tool?", "tools.md", "Define a tool with a name"),
        ("Which keys cancel a turn?", "keys.md", "Esc cancels the turn"),
        ("How do I set my API key?", "api-keys.md", "Set the environment variable CO_API_KEY"),
        ("How do I quit?", "keys.md", "Ctrl+Q quits"),
        ("What does exit code 130 mean?", "troubleshooting.md", "130"),
        ("How do I replay a recording?", "recordings.md", "workbench replay bug.recording.jsonl"),
        ("How do I resume a session?", "recordings.md", "workbench --docs docs.yaml --resume"),
        ("Where are sessions kept?", "recordings.md", "~/.local/state"),
        ("What is coverage?", "citations.md", "Coverage counts the sentences"),
        ("Is the offline engine a language model?", "offline-engine.md", "not a language model"),
        ("How do I use vLLM?", "api-keys.md", "http://host:8000/cohere"),
        ("How long may a tool run before its timeout?", "tools.md", "the default is 30"),
        ("Which file formats can be read as documents?", "documents.md", "JSON lines"),
        ("How do I approve tools?", "tools.md", "trust the tools file"),
        ("How do I write a prompt of several lines with a new line?", "start.md", "Ctrl+J"),
    ],
)
def test_a_newcomers_question_finds_its_passage(question: str, page: str, words: str) -> None:
    found = passages("docs.yaml")
    index = Bm25([terms(f"{passage.title} {passage.text}") for passage in found])
    best = [found[number] for number, _ in index.search(terms(question), 3)]
    assert any((passage.path or "").endswith(page) and words in " ".join(passage.text.split()) for passage in best), [
        passage.title for passage in best
    ]


def test_the_library_has_every_shape_of_a_document() -> None:
    found = passages("library.yaml")
    assert {passage.set for passage in found} == {"visitor_guide", "programme"}
    by_id = {passage.id: passage for passage in found}
    assert {"hours", "tickets", "borrowing", "wifi"} <= by_id.keys()
    texts = " ".join(str(passage.data) for passage in found)
    for words in ("guide dogs", "opens at 09:00", "12 euros a year", "ten items", "serves lunch", "Reading Room"):
        assert words in texts
    for words in ("Repair café", "Cuentos para niños", "seats 120 people", "3D printers"):
        assert words in texts


def tool(name: str) -> ToolSpec:
    return {spec.name: spec for spec in load_configuration((), [CONFIG / "tools.yaml"], {}).tools}[name]


def test_the_tools_show_every_way_to_run() -> None:
    assert isinstance(tool("opening_hours").run, CannedReply)
    assert isinstance(tool("train_status").run, Ask)
    assert isinstance(tool("convert_units").run, Python)
    assert tool("word_count").approve == "ask"


CALLS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("convert_units", {"amount": 10, "from_unit": "km", "to_unit": "m"}, {"amount": 10000.0, "unit": "m"}),
    ("convert_units", {"amount": 1, "from_unit": "mi", "to_unit": "km"}, {"amount": 1.609344, "unit": "km"}),
    ("convert_units", {"amount": 2, "from_unit": "lb", "to_unit": "g"}, {"amount": 907.18474, "unit": "g"}),
    (
        "convert_units",
        {"amount": 212, "from_unit": "fahrenheit", "to_unit": "celsius"},
        {"amount": 100.0, "unit": "celsius"},
    ),
    (
        "convert_units",
        {"amount": 0, "from_unit": "celsius", "to_unit": "kelvin"},
        {"amount": 273.15, "unit": "kelvin"},
    ),
    (
        "convert_units",
        {"amount": -40, "from_unit": "celsius", "to_unit": "fahrenheit"},
        {"amount": -40.0, "unit": "fahrenheit"},
    ),
    ("word_count", {"text": "one two\nthree é"}, {"words": 4, "lines": 2, "characters": 15}),
]


@pytest.mark.parametrize(("name", "arguments", "result"), CALLS)
def test_the_python_tools_compute(
    example_tools: ModuleType, name: str, arguments: dict[str, Any], result: dict[str, Any]
) -> None:
    spec = tool(name)
    assert isinstance(spec.run, Python)
    assert Draft202012Validator(spec.parameters).is_valid(arguments)
    function: Callable[..., Any] = getattr(example_tools, spec.run.target.partition(":")[2])
    assert function(**arguments) == result


PROGRAMS: list[tuple[str, dict[str, Any], Any]] = [
    ("statistics", {"numbers": [1, 2, 6]}, {"smallest": 1, "largest": 6, "mean": 3.0, "median": 2}),
    ("pause", {"seconds": 0.01}, {"waited_seconds": 0.01}),
    ("count_primes", {"below": 200_000}, {"primes": 17_984, "below": 200_000}),
]


async def test_the_programs_run() -> None:
    tools = load_configuration((), [CONFIG / "programs.yaml"], {}).tools
    assert {type(spec.run) for spec in tools} == {Command, Python}
    trusted = AlwaysApprove(NoPeople())
    async with aclosing(Toolbox(tools, people=trusted, trust=TrustStore(), environ=dict(os.environ))) as box:
        told: list[Progress] = []
        for name, arguments, result in PROGRAMS:
            ran = await box.run(call_id="c", name=name, arguments=json.dumps(arguments), report=told.append)
            assert (ran.result, ran.error) == (result, None)
        assert [each.text for each in told] == ["3 numbers", "waiting for 0.01 s", "sieving", "", "", ""]
        assert [each.done for each in told[3:]] == [0.25, 0.5, 0.75]
        found = await box.run(call_id="c", name="search_handbook", arguments='{"text": "EXIT CODE 130"}')
        assert "handbook/troubleshooting.md:" in found.result
        assert ":" in (await box.run(call_id="c", name="today", arguments="")).result


def test_every_unit_a_model_may_name_is_known(example_tools: ModuleType) -> None:
    for unit in tool("convert_units").parameters["properties"]["from_unit"]["enum"]:
        assert example_tools.convert_units(3, unit, unit) == {"amount": pytest.approx(3), "unit": unit}
    with pytest.raises(ValueError, match="cannot convert km into kg"):
        example_tools.convert_units(1, "km", "kg")


def test_the_settings_example_keeps_the_defaults() -> None:
    settings, problems = read_settings(CONFIG / "settings.yaml", {})
    assert problems == ()
    assert settings == Settings(docs=(CONFIG / "docs.yaml",), tools=(CONFIG / "tools.yaml",))


def test_what_is_written_of_the_settings_is_what_the_table_says() -> None:
    """`python -m tests.handbook` writes both again."""
    assert handbook.EXAMPLE.read_text(encoding="utf-8") == handbook.example()
    page = handbook.PAGE.read_text(encoding="utf-8")
    assert page == handbook.page(page)


PAGES = [*sorted(HANDBOOK.glob("*.md")), CONFIG.parent / "README.md"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_is_written_of_the_command_line_exists(page: Path) -> None:
    """In the prose; the blocks are run by test_written.py."""
    prose = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    assert set(re.findall(r"`workbench ([a-z]+)", prose)) <= set(COMMANDS)
    assert set(re.findall(r"`(--[a-z-]+)", prose)) <= {*OPTIONS, "--"}


def test_the_handbook_names_the_kinds_of_lines_that_there_are() -> None:
    page = " ".join((HANDBOOK / "command-line.md").read_text(encoding="utf-8").split())
    (ours,) = re.findall(r"those of Workbench: ([^.]+)\.", page)
    kinds = {"retrieval", "request", "retry", "tool-result", "unknown", "malformed"}
    assert set(re.findall(r"`([a-z-]+)`", ours)) == kinds
