"""Approval and typed results: who is asked what, when, how often, and one question at a time."""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from workbench.errors import ToolError
from workbench.tools.approval import Approvals
from workbench.tools.decisions import DENIED, Decision, Scope
from workbench.tools.granted import Granted
from workbench.tools.mcp.kinds import Mcp
from workbench.tools.mcp.servers import Endpoint, ServerSpec
from workbench.tools.people import AlwaysApprove, AnswerRequest, ApprovalRequest, NoPeople, People
from workbench.tools.runner import ToolKind
from workbench.tools.runners.command import Command
from workbench.tools.runners.command_words import Word
from workbench.tools.runners.person import Ask
from workbench.tools.runners.python import Python
from workbench.tools.runners.reply import CannedReply
from workbench.tools.specs import Approval, ToolSpec
from workbench.tools.toolbox import Toolbox
from workbench.tools.trust import TrustStore


class Person:
    """Says yes, or what it `decides`, types `text`, and writes down what was asked."""

    def __init__(self, decides: Decision | None = None, text: str = "", then: Callable[[], None] | None = None) -> None:
        self.asked: list[ApprovalRequest] = []
        self.typed: list[AnswerRequest] = []
        self._decides, self._text, self._then = decides, text, then
        self._busy = False

    async def approve(self, request: ApprovalRequest) -> Decision:
        self.asked.append(request)
        await self._think()
        return self._decides or Decision(request.offers[0].scope)

    async def answer(self, request: AnswerRequest) -> str:
        self.typed.append(request)
        await self._think()
        return self._text

    async def _think(self) -> None:
        assert not self._busy, "asked two things at once"
        self._busy = True
        for _ in range(5):
            await asyncio.sleep(0)
        if self._then is not None:
            self._then()
        self._busy = False


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "tools.yaml"
    path.write_text("tools: []\n")
    return path


def change(file: Path) -> None:
    file.write_text("tools: [changed]\n")


CODE = Python("weather:now", Path("/srv/tools"))


def spec(run: ToolKind, approve: Approval | None = None, file: Path | None = None, name: str = "weather") -> ToolSpec:
    return ToolSpec(name, "The weather.", run, approve=approve, file=file)


def toolbox(*tools: ToolSpec, people: People, clock: Callable[[], float] = lambda: 0.0) -> Toolbox:
    return Toolbox(tools, people=people, trust=TrustStore(), environ={}, clock=clock)


@pytest.mark.parametrize(
    ("run", "approve", "asked"),
    [
        (CannedReply(1), None, []),
        (CannedReply(1), "always", []),
        (CannedReply(1), "ask", ["call", "call"]),
        (Ask(), None, []),
        (Ask(), "always", []),
        (Ask(), "ask", ["call", "call"]),
        (CODE, None, ["file"]),
        (CODE, "always", ["file"]),
        (CODE, "ask", ["call", "call"]),
    ],
)
async def test_what_is_asked_for_two_calls(
    run: ToolKind, approve: Approval | None, asked: list[str], file: Path
) -> None:
    person = Person()
    approvals = Approvals(person, TrustStore())
    for call_id in ("one", "two"):
        await approvals.require(spec(run, approve, file), call_id, {"place": "library"})
    assert [request.scope for request in person.asked] == asked
    for request in person.asked:
        assert (request.tool, request.file, request.arguments) == ("weather", file, {"place": "library"})


@pytest.mark.parametrize("run", [CannedReply(1), Ask(), CODE])
async def test_never_is_denied_without_a_question(run: ToolKind, file: Path) -> None:
    person = Person()
    with pytest.raises(ToolError, match="approve: never") as caught:
        await Approvals(person, TrustStore()).require(spec(run, "never", file), "one", {})
    assert caught.value.kind == "denied"
    assert person.asked == []


async def test_a_no_is_not_remembered(file: Path) -> None:
    person = Person(DENIED)
    approvals = Approvals(person, TrustStore())
    for _ in range(2):
        with pytest.raises(ToolError, match="did not allow") as caught:
            await approvals.require(spec(CODE, file=file), "one", {})
        assert caught.value.kind == "denied"
    assert len(person.asked) == 2


async def test_a_changed_file_is_asked_for_again(file: Path) -> None:
    person = Person()
    approvals = Approvals(person, TrustStore())
    await approvals.require(spec(CODE, file=file), "one", {})
    change(file)
    await approvals.require(spec(CODE, file=file), "two", {})
    assert [request.call_id for request in person.asked] == ["one", "two"]


async def test_a_file_that_changes_while_the_person_thinks_is_not_trusted(file: Path) -> None:
    person = Person(then=lambda: change(file))
    trust = TrustStore()
    await Approvals(person, trust).require(spec(CODE, file=file), "one", {})
    assert not trust.trusted(file)


async def test_code_of_no_file_is_asked_for_each_time() -> None:
    person = Person()
    approvals = Approvals(person, TrustStore())
    for call_id in ("one", "two"):
        await approvals.require(spec(CODE, "always"), call_id, {})
    assert [request.scope for request in person.asked] == ["call", "call"]


@pytest.mark.parametrize(
    ("approve", "said", "asked"),
    [
        (None, "once", ["weather", "weather", "other"]),
        (None, "tool", ["weather", "other"]),
        (None, "session", ["weather"]),
        (None, "file", ["weather"]),
        ("ask", "once", ["weather", "weather", "other"]),
        ("ask", "tool", ["weather", "other"]),
        ("ask", "session", ["weather"]),
        ("ask", "file", ["weather", "weather", "other"]),  # no question of a call offers it: it is for this call
    ],
)
async def test_how_far_a_yes_goes(approve: Approval | None, said: Scope, asked: list[str], file: Path) -> None:
    person, trust = Person(Decision(said)), TrustStore()
    tools = [spec(CODE, approve, file), spec(CODE, approve, file, name="other")]
    approvals = Approvals(person, trust, tools)
    for each in (tools[0], tools[0], tools[1]):
        await approvals.require(each, "one", {})
    assert [request.tool for request in person.asked] == asked
    assert trust.trusted(file) == (said == "file" and approve is None)


async def test_what_was_allowed_until_the_end_is_asked_again_once_the_file_changes(file: Path) -> None:
    for scope in ("tool", "session"):
        person = Person(Decision(scope))
        approvals = Approvals(person, TrustStore())
        for _ in range(2):
            await approvals.require(spec(CODE, file=file), "one", {})
        file.write_text(f"tools: [{scope}]\n")
        await approvals.require(spec(CODE, file=file), "two", {})
        assert len(person.asked) == 2


async def test_what_runs_no_code_brings_no_yes_for_code(file: Path, tmp_path: Path) -> None:
    (tmp_path / "weather.py").write_text("def now(): return 1\n")
    code = spec(Python("weather:now", tmp_path), "ask", file, name="code")
    harmless = spec(CannedReply(1), "ask", file)
    for tools, asked in (((harmless, code), 2), ((code, harmless), 1)):
        person = Person(Decision("session"))
        approvals = Approvals(person, TrustStore(), tools)
        for each in tools:
            await approvals.require(each, "one", {})
        assert len(person.asked) == asked
        assert ("that run no code" in person.asked[0].offers[-1].meaning) == (tools[0] is harmless)


async def test_a_yes_to_what_runs_no_code_is_none_to_code_without_files(file: Path) -> None:
    code, harmless = (
        spec(Command((Word.read("ls"),), file.parent), None, file, name="code"),
        spec(CannedReply(1), "ask", file),
    )
    person = Person(Decision("session"))
    approvals = Approvals(person, TrustStore(), (harmless, code))
    for each in (harmless, code):
        await approvals.require(each, "one", {})
    assert [each.tool for each in person.asked] == ["weather", "code"]


async def test_a_yes_to_a_tool_is_none_to_another_that_has_its_name_later(file: Path) -> None:
    person, trust = Person(Decision("tool")), TrustStore()
    servers = [ServerSpec(name, Endpoint(f"https://{name}.example/"), file=file) for name in ("one", "two")]
    granted = Granted()
    for server in servers:
        tool = spec(Mcp(server, "search"), "ask", file, name="search")
        await Approvals(person, trust, (tool,), granted).require(tool, "one", {})
    assert len(person.asked) == 2


async def test_the_next_toolbox_knows_what_was_allowed_until_the_end(file: Path) -> None:
    person, tool = Person(Decision("session")), spec(CannedReply(1), "ask", file)
    before = toolbox(tool, people=person)
    await before.run(call_id="1", name="weather", arguments="")
    after = Toolbox([tool], people=person, trust=TrustStore(), environ={}, granted=before.granted)
    await after.run(call_id="2", name="weather", arguments="")
    assert len(person.asked) == 1


async def test_the_model_is_told_why_it_was_denied() -> None:
    box = toolbox(spec(CannedReply(1), "ask"), people=Person(Decision(None, "ask for Bergen instead")))
    result = await box.run(call_id="c", name="weather", arguments="")
    assert (result.error, result.error_kind) == ("the user denied it: ask for Bergen instead", "denied")


@pytest.mark.parametrize("approve", ["always", None])
async def test_nobody_is_there_to_trust_a_file_whatever_it_says_of_itself(approve: Approval | None, file: Path) -> None:
    with pytest.raises(ToolError, match=r"nobody is here to trust the tools of .*--yes") as caught:
        await Approvals(NoPeople(), TrustStore()).require(spec(CODE, approve, file), "one", {})
    assert caught.value.kind == "untrusted"


async def test_the_question_says_what_would_run(file: Path) -> None:
    person = Person()
    await Approvals(person, TrustStore()).require(spec(CODE, file=file), "one", {})
    assert person.asked[0].what == "runs the Python function weather:now from /srv/tools"
    assert person.asked[0].details == ("arguments: {}",)


async def test_two_calls_of_one_file_ask_once(file: Path) -> None:
    both_at_the_door = threading.Barrier(2)
    checks = itertools.count()

    class Watched(TrustStore):
        def trusted(self, file: Path, fingerprint: str | None = None) -> bool:
            known = super().trusted(file, fingerprint)
            if next(checks) < 2:
                both_at_the_door.wait(timeout=20)
            return known

    person = Person()
    approvals = Approvals(person, Watched())
    await asyncio.gather(
        approvals.require(spec(CODE, file=file), "one", {}),
        approvals.require(spec(CODE, file=file, name="other"), "two", {}),
    )
    assert len(person.asked) == 1


async def test_questions_come_one_after_another(file: Path) -> None:
    person = Person(text="7")  # asserts that it is never asked two things at once
    box = toolbox(
        spec(CannedReply(1), "ask", name="canned"),
        spec(Ask(), name="typed"),
        spec(Ask(), "ask", name="both"),
        people=person,
    )
    names = ["canned", "typed", "both", "canned", "typed"]
    results = await asyncio.gather(*(box.run(call_id=name, name=name, arguments="") for name in names))
    assert [(result.result, result.error) for result in results] == [
        (1, None),
        (7, None),
        (7, None),
        (1, None),
        (7, None),
    ]
    assert (len(person.asked), len(person.typed)) == (3, 3)


async def test_a_person_is_never_asked_about_arguments_that_are_wrong() -> None:
    person = Person()
    box = toolbox(ToolSpec("t", "", CannedReply(1), {"required": ["place"]}, approve="ask"), people=person)
    assert (await box.run(call_id="c", name="t", arguments="{}")).error_kind == "arguments"
    assert person.asked == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"opens": "09:00"}', {"opens": "09:00"}),
        ("[1, 2]", [1, 2]),
        ("5", 5),
        ("nine o'clock", "nine o'clock"),
        ("NaN", "NaN"),
        ("{broken", "{broken"),
        ("", ""),
    ],
)
async def test_a_typed_result_is_json_or_text(text: str, value: object) -> None:
    person = Person(text=text)
    result = await toolbox(spec(Ask()), people=person).run(call_id="c1", name="weather", arguments='{"a": 1}')
    assert (result.result, result.error) == (value, None)
    assert person.typed == [AnswerRequest("c1", "weather", "The weather.", {"a": 1})]


async def test_a_typed_result_has_a_limit() -> None:
    result = await toolbox(spec(Ask()), people=Person(text="x" * 1_000_001)).run(
        call_id="c", name="weather", arguments=""
    )
    assert result.error_kind == "too-large"
    assert "too long" in (result.error or "")


async def test_the_timeout_is_not_for_people() -> None:
    box = toolbox(ToolSpec("t", "", Ask(), timeout=0.0), people=Person(text="1"))
    assert (await box.run(call_id="c", name="t", arguments="")).result == 1


async def test_nobody_there(file: Path) -> None:
    box = toolbox(spec(CODE, file=file, name="code"), spec(Ask(), name="typed"), people=NoPeople())
    code = await box.run(call_id="1", name="code", arguments="")
    assert code.error_kind == "untrusted"
    assert f"the tools of {file}" in (code.error or "")
    assert "--yes" in (code.error or "")
    typed = await box.run(call_id="2", name="typed", arguments="")
    assert typed.error_kind == "denied"
    assert "needs a person" in (typed.error or "")


async def test_always_approve_still_lets_a_person_type() -> None:
    person = Person(DENIED, text="typed")
    box = toolbox(spec(Ask(), "ask"), people=AlwaysApprove(person))
    assert (await box.run(call_id="c", name="weather", arguments="")).result == "typed"
    assert person.asked == []


class Closed:
    """A dialog that is closed without an answer: what its caller awaits is cancelled."""

    async def approve(self, request: ApprovalRequest) -> Decision:
        return Decision("once", str(await self._closed()))

    async def answer(self, request: AnswerRequest) -> str:
        return str(await self._closed())

    async def _closed(self) -> object:
        future = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_soon(future.cancel)
        return await future


@pytest.mark.parametrize("tool", [spec(CannedReply(1), "ask"), spec(Ask())])
async def test_a_closed_question_cancels_the_call_not_the_turn(tool: ToolSpec) -> None:
    result = await toolbox(tool, people=Closed()).run(call_id="c", name="weather", arguments="")
    assert result.error_kind == "cancelled"
    assert "closed without an answer" in (result.error or "")


@pytest.mark.parametrize("tool", [spec(CannedReply(1), "ask"), spec(Ask())])
async def test_cancelling_the_turn_goes_through_a_question(tool: ToolSpec) -> None:
    asked = asyncio.Event()

    class Slow(Person):
        async def _think(self) -> None:
            asked.set()
            await asyncio.Event().wait()

    box = toolbox(tool, people=Slow())
    call = asyncio.ensure_future(box.run(call_id="c", name="weather", arguments=""))
    await asked.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call


async def test_a_screen_that_fails_is_a_failed_call() -> None:
    def crash() -> None:
        raise RuntimeError("the screen is gone")

    for tool in (spec(CannedReply(1), "ask"), spec(Ask())):
        result = await toolbox(tool, people=Person(then=crash)).run(call_id="c", name="weather", arguments="")
        assert (result.error, result.error_kind) == ("RuntimeError: the screen is gone", "failed")


async def test_seconds_leave_out_what_a_person_was_asked() -> None:
    now = [0.0]

    def later() -> None:
        now[0] += 10.0

    person = Person(text="x", then=later)
    box = toolbox(
        spec(CannedReply(1), "ask", name="canned"),
        spec(Ask(), "ask", name="typed"),
        people=person,
        clock=lambda: now[0],
    )
    assert (await box.run(call_id="1", name="canned", arguments="")).seconds == 0.0
    assert (await box.run(call_id="2", name="typed", arguments="")).seconds == 0.0
