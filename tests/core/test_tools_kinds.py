"""Kinds of tools: one that is made up here is read, asked about, opened, run and closed like those that there are."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import pytest

from workbench.cli import parse
from workbench.commands.check import check
from workbench.config.load import load_configuration
from workbench.config.reader import read_tree
from workbench.config.tools_file import tools_of
from workbench.errors import Problem, ToolError
from workbench.startup.setup import open_conversation, read_plan
from workbench.tools.decisions import Decision
from workbench.tools.modules import ModulesBeside, find_code
from workbench.tools.people import AnswerRequest, ApprovalRequest, NoPeople
from workbench.tools.registry import KINDS
from workbench.tools.runner import (
    SWITCH,
    ApprovedCall,
    CallOutcome,
    Runner,
    Surroundings,
    ToolKind,
    WrittenValue,
    runs_code,
    untold,
)
from workbench.tools.runners.reply import CannedReply
from workbench.tools.toolbox import Toolbox
from workbench.tools.trust import TrustStore

HANDBOOK = Path(__file__).parents[2] / "config" / "handbook"


class Person:
    """Says yes or no, and writes down what was asked."""

    def __init__(self, *, yes: bool = True) -> None:
        self.asked: list[ApprovalRequest] = []
        self._yes = yes

    async def approve(self, request: ApprovalRequest) -> Decision:
        self.asked.append(request)
        return Decision(request.offers[0].scope if self._yes else None)

    async def answer(self, request: AnswerRequest) -> str:
        raise AssertionError("no tool here is typed")


@dataclass(frozen=True, slots=True)
class Shout(ToolKind):
    """A made-up kind with keys of its own. It does not say that it is harmless."""

    word: str
    times: tuple[str, ...]
    folder: Path

    written: ClassVar[str] = "{word: text}"
    happened: ClassVar[list[str]] = []

    @classmethod
    def read(cls, value: WrittenValue, folder: Path) -> Self | None:
        fields = value.fields(["word"], ["times"])
        if fields is None:
            return None
        word = fields["word"].text()
        times = fields["times"].texts() if "times" in fields else ()
        if word == "silence":
            fields["word"].problem("that cannot be shouted", "say something else")
            return None
        return None if word is None else cls(word, times, folder)

    def what(self) -> str:
        return f"shouts {self.word}"

    def doubt(self) -> tuple[str, str] | None:
        return ("nobody hears a whisper", "shout") if self.word == "whisper" else None

    @asynccontextmanager
    async def open(self, surroundings: Surroundings) -> AsyncIterator[Runner]:
        self.happened.append(f"open {self.word}")
        if self.word == "hoarse" and len(self.happened) == 1:
            raise OSError("no voice")
        yield self._run
        self.happened.append(f"close {self.word}")

    async def _run(self, call: ApprovedCall) -> CallOutcome:
        self.happened.append(f"run {self.word}")
        await asyncio.sleep(0)
        if self.word == "cough":
            return CallOutcome(1, ToolError("timeout", "out of breath"), "cough cough")
        return CallOutcome({"said": self.word.upper(), **call.arguments})


@dataclass(frozen=True, slots=True)
class Harmless(Shout):
    """One that says so."""

    runs_code: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class Heir(Harmless):
    """One whose parent says so, which is no word of its own."""


@dataclass(frozen=True, slots=True)
class Scripted(Shout):
    """One with code beside the tools file."""

    @classmethod
    def code(cls, tools: Sequence[Self]) -> ModulesBeside | None:
        return find_code(tools[0].folder, [f"{tool.word}:run" for tool in tools])


@dataclass(frozen=True, slots=True)
class Now(ToolKind):
    """One that is only switched on."""

    written: ClassVar[str] = SWITCH
    runs_code: ClassVar[bool] = False

    @classmethod
    def read(cls, value: WrittenValue, folder: Path) -> Self | None:
        return cls() if value.switched_on() else None

    def what(self) -> str:
        return "tells the time"

    @asynccontextmanager
    async def open(self, surroundings: Surroundings) -> AsyncIterator[Runner]:
        async def now(call: ApprovedCall) -> CallOutcome:
            return CallOutcome("noon")

        yield now


@pytest.fixture(autouse=True)
def happened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was opened, run and closed, while the made-up kinds are in the registry."""
    for kind in (Shout, Harmless, Heir, Scripted, Now):
        monkeypatch.setitem(KINDS, kind.__name__.lower(), kind)
    Shout.happened.clear()
    return Shout.happened


class Bench:
    """A tools file, and what a person says of it."""

    def __init__(self, folder: Path, *runs: str) -> None:
        self.file = folder / "tools.yaml"
        self.trust = TrustStore()
        self.write(*runs)

    def write(self, *runs: str) -> None:
        self.file.write_text("".join(f"- {{name: t{number}, run: {run}}}\n" for number, run in enumerate(runs)))

    def toolbox(self, person: Person) -> Toolbox:
        return Toolbox(load_configuration((), [self.file], {}).tools, people=person, trust=self.trust, environ={})

    async def call(self, person: Person, *names: str) -> list[Any]:
        box = self.toolbox(person)
        results = [await box.run(call_id="c", name=name, arguments="") for name in names]
        await box.aclose()
        return [result.error_kind or result.result for result in results]


# -- approval ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["shout", "heir"])
async def test_a_kind_that_does_not_say_that_it_is_harmless_is_trusted_before_it_runs(
    kind: str, tmp_path: Path, happened: list[str]
) -> None:
    bench, no, yes = Bench(tmp_path, f"{{{kind}: {{word: fire}}}}"), Person(yes=False), Person()
    assert await bench.call(no, "t0", "t0") == ["denied", "denied"]
    assert happened == []
    assert [(asked.scope, asked.file, asked.what) for asked in no.asked] == [("file", bench.file, "shouts fire")] * 2
    assert await bench.call(yes, "t0", "t0") == [{"said": "FIRE"}] * 2
    assert len(yes.asked) == 1
    bench.write(f"{{{kind}: {{word: flood}}}}")
    assert await bench.call(yes, "t0") == [{"said": "FLOOD"}]
    assert [asked.what for asked in yes.asked] == ["shouts fire", "shouts flood"]


async def test_a_kind_that_says_that_it_is_harmless_runs_without_asking(tmp_path: Path) -> None:
    person = Person()
    assert await Bench(tmp_path, "{harmless: {word: hush}}").call(person, "t0") == [{"said": "HUSH"}]
    assert person.asked == []


def test_what_runs_code_of_the_kinds_that_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert {key for key, kind in KINDS.items() if vars(kind).get("runs_code") is not False} == {
        "python",
        "command",
        "http",
    }
    assert not runs_code(CannedReply(1))


async def test_trust_covers_the_code_of_each_kind_whichever_is_called(tmp_path: Path) -> None:
    for name in ("fire", "flood"):
        (tmp_path / f"{name}.py").write_text("def run(): ...\n")
    bench, person = Bench(tmp_path, "{scripted: {word: fire}}", "{shout: {word: hey}}", "{python: flood:run}"), Person()
    await bench.call(person, "t0", "t1", "t2")
    assert [asked.what for asked in person.asked] == [
        "shouts fire, with the code in fire.py, flood.py; other tools of its file: shouts hey"
    ]
    (tmp_path / "flood.py").write_text("def run(): return 1\n")
    await bench.call(person, "t1", "t0", "t2")
    assert [asked.what for asked in person.asked[1:]] == ["shouts hey, with the code in fire.py, flood.py"]


# -- open, run, close --------------------------------------------------------------------------------


async def test_what_the_first_call_opens_is_closed_with_the_toolbox(tmp_path: Path, happened: list[str]) -> None:
    box = Bench(tmp_path, "{harmless: {word: a}}", "{harmless: {word: b}}").toolbox(Person())
    assert happened == []
    await asyncio.gather(*(box.run(call_id="c", name="t0", arguments="") for _ in range(3)))
    assert happened == ["open a", "run a", "run a", "run a"]
    await box.aclose()
    assert happened[4:] == ["close a"]


async def test_a_conversation_closes_what_its_tools_opened(tmp_path: Path, happened: list[str]) -> None:
    bench = Bench(tmp_path, "{harmless: {word: a}}")
    plan = read_plan(parse(["ask", "--offline", "--tools", str(bench.file), "hello"]), {})
    async with open_conversation(plan, None, NoPeople(), {}, on_problem=print) as opened:
        assert opened.conversation.toolbox is not None
        await opened.conversation.toolbox.run(call_id="c", name="t0", arguments="", report=untold)
        assert happened == ["open a", "run a"]
    assert happened[2:] == ["close a"]


async def test_what_cannot_be_opened_fails_the_call_and_is_tried_again(tmp_path: Path) -> None:
    assert await Bench(tmp_path, "{harmless: {word: hoarse}}").call(Person(), "t0", "t0") == [
        "failed",
        {"said": "HOARSE"},
    ]


async def test_a_failure_has_its_kind_and_what_was_printed_and_no_result(tmp_path: Path) -> None:
    box = Bench(tmp_path, "{harmless: {word: cough}}").toolbox(Person())
    result = await box.run(call_id="c", name="t0", arguments="")
    assert (result.error, result.error_kind, result.output) == ("out of breath", "timeout", "cough cough")
    assert result.result is None


# -- configuration -----------------------------------------------------------------------------------


def read(folder: Path, run: str, environ: dict[str, str] | None = None) -> tuple[list[ToolKind], tuple[Problem, ...]]:
    file = folder / "tools.yaml"
    file.write_text(f"- {{name: x, run: {run}}}\n")
    tools, problems = tools_of(read_tree(file), environ or {})
    return [tool.spec.run for tool in tools], problems


def test_a_kind_reads_its_own_keys(tmp_path: Path) -> None:
    kinds, problems = read(tmp_path, "{shout: {word: '${WORD}', times: [once, twice]}}", {"WORD": "hey"})
    assert (kinds, problems) == ([Shout("hey", ("once", "twice"), tmp_path)], ())
    assert read(tmp_path, "{shout: {word: hey, times: once}}")[0] == [Shout("hey", ("once",), tmp_path)]


@pytest.mark.parametrize("run", ["now", "{now: true}"])
def test_a_kind_that_is_only_switched_on_needs_no_map(tmp_path: Path, run: str) -> None:
    assert read(tmp_path, run) == ([Now()], ())


@pytest.mark.parametrize(
    ("run", "column", "message", "hint"),
    [
        ("{shout: 5}", 26, "expected a map with word, found the number 5", ""),
        ("{shout: {}}", 26, "missing key `word` of `shout`", ""),
        ("{shout: {word: hey, tmies: 1}}", 38, "unknown key `tmies`", "did you mean `times`?"),
        ("{shout: {word: 5}}", 33, "expected text, found the number 5", "put quotes around it"),
        ("{shout: {word: silence}}", 33, "that cannot be shouted", "say something else"),
        ("{now: false}", 24, "`now` can only be true", "`now: true`"),
        ("{nwo: true}", 19, "unknown way to run `nwo`", "did you mean `now`?"),
        ("nothing", 18, " or `now` or a map, found the text `nothing`", "`shout: {word: text}`"),
    ],
)
def test_problems_of_a_kind_have_their_place(tmp_path: Path, run: str, column: int, message: str, hint: str) -> None:
    kinds, (problem,) = read(tmp_path, run)
    assert (problem.line, problem.column) == (1, column)
    assert message in problem.message
    assert hint in problem.hint
    assert kinds == ([] if "tmies" not in run else [Shout("hey", (), tmp_path)])


def test_check_says_what_a_kind_doubts(tmp_path: Path) -> None:
    read(tmp_path, "{shout: {word: whisper}}")
    out, err = io.StringIO(), io.StringIO()
    assert check([tmp_path / "tools.yaml"], {}, out, err) == 0
    assert err.getvalue() == f"{tmp_path / 'tools.yaml'}:1:18: warning: nobody hears a whisper (shout)\n"


# -- what is told of the kinds that there are --------------------------------------------------------


def test_the_handbook_names_every_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    page = " ".join((HANDBOOK / "tools.md").read_text(encoding="utf-8").split())
    assert set(re.findall(r"`run: \{?([a-z_]+)", page)) == set(KINDS)


@pytest.mark.parametrize("key", list(KINDS))
def test_messages_name_every_kind_and_find_it_behind_a_slip(
    key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    for run in ("{}", "5", "", "{zzzz: 1}"):
        _, (problem,) = read(tmp_path, run)
        assert f"`{key}: {KINDS[key].written}`" in problem.hint, problem
    _, (problem,) = read(tmp_path, f"{{{key}e: 1}}")
    assert problem.hint == f"did you mean `{key}`?"
