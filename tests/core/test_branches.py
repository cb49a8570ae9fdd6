"""A conversation as a tree: any turn asked again beside itself, branches walked, and all of it kept."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.core.keeping import kept, session, state, toolbox
from tests.loaded import LoadedProgram
from tests.loopback import Chunk, Head, Received, Reply, Wait, message, stream
from workbench.conversation import Changes, Conversation, Options
from workbench.conversation.turn import Turn
from workbench.documents.passages import DocumentSet, Passage, RetrievalSpec
from workbench.documents.retrieval import Library
from workbench.errors import TreeError
from workbench.events import ContentDelta, Event, Request, ToolResult, ToolStarted
from workbench.recordings.recording import Reading, Recording
from workbench.secrets.redactor import Redactor
from workbench.sessions.export.exported import read_exported
from workbench.sessions.folder import sessions_folder
from workbench.sessions.listing import entries_in
from workbench.sessions.restore import conversation as read_conversation
from workbench.sessions.restore import every_turn, recorded_turn
from workbench.sessions.said import read_said
from workbench.sessions.scan import session_figures
from workbench.sessions.summary import summary as summary_of
from workbench.tools.runner import Report


def echo(received: Received) -> Reply:
    """Answers with the last question in it."""
    return stream(message(f"Answer to {received.body['messages'][-1]['content']}."))


async def taken(events: AsyncGenerator[Event, None]) -> list[Event]:
    async with aclosing(events):
        return [event async for event in events]


def said(body: Mapping[str, Any]) -> list[str]:
    """The texts of a request's messages."""
    return [each["content"] for each in body["messages"]]


def request_of(turn: Turn) -> Mapping[str, Any]:
    return turn.steps[0].request


def numbers(turns: Sequence[Turn]) -> list[int]:
    return [turn.number for turn in turns]


def whole_state(asked: Conversation) -> dict[str, Any]:
    """All that a conversation is: every turn, whom it follows, and where the person is."""
    tree = asked.tree
    return {
        "turns": [state(turn) for turn in tree],
        "parents": {turn.number: turn.parent for turn in tree},
        "made from": {turn.number: turn.made_from for turn in tree},
        "path": numbers(asked.turns),
        "history": asked.history(),
        "names": tree.names,
        "pruned": tree.pruned,
        "places": [turn.place for turn in tree],
    }


async def five(asked: Conversation) -> None:
    for number in range(1, 6):
        await asked.run(f"q{number}")


# -- editing a question ----------------------------------------------------------------------------------


async def test_editing_turn_two_of_five_going_on_and_coming_back() -> None:
    async with kept(echo) as (asked, _):
        await five(asked)
        events = await taken(asked.again(2, Changes(prompt="q2, edited")))
        assert [each.kind for each in events][:2] == ["turn-start", "request"]
        assert numbers(asked.turns) == [1, 6]
        await asked.run("q7")
        assert numbers(asked.turns) == [1, 6, 7]
        assert said(request_of(asked.turns[-1])) == [
            "q1", "Answer to q1.", "q2, edited", "Answer to q2, edited.", "q7",
        ]  # fmt: skip
        asked.go_to(5)
        assert numbers(asked.turns) == [1, 2, 3, 4, 5]
        await asked.run("q8")
        assert said(request_of(asked.turns[-1])) == [
            text for number in range(1, 6) for text in (f"q{number}", f"Answer to q{number}.")
        ] + ["q8"]
        assert [numbers(asked.branch(end)) for end in (7, 8)] == [[1, 6, 7], [1, 2, 3, 4, 5, 8]]
        assert numbers(asked.children(1)) == [2, 6]
        asked.go_to(7)
        live = whole_state(asked)
    async with kept(echo, resume=session()) as (asked, resumed):
        assert resumed is not None
        assert numbers([each.turn for each in resumed.turns]) == [1, 6, 7]
        assert whole_state(asked) == live
        turn = await asked.run("q9")
        assert (turn.number, turn.parent) == (9, 7)
        assert said(request_of(turn))[-3:] == ["q7", "Answer to q7.", "q9"]
        asked.go_to(8)
        assert (await asked.run("q10")).parent == 8
        live = whole_state(asked)
    async with kept(echo, resume=session()) as (asked, _):
        assert whole_state(asked) == live
        assert numbers(asked.turns) == [1, 2, 3, 4, 5, 8, 10]


async def test_the_first_and_the_last_question_again() -> None:
    async with kept(echo) as (asked, _):
        await asked.run("one")
        await asked.run("two")
        await taken(asked.again(2))
        assert [(turn.number, turn.prompt) for turn in asked.turns] == [(1, "one"), (3, "two")]
        await taken(asked.again(1, Changes(prompt="other")))
        assert said(request_of(asked.turns[-1])) == ["other"]
        assert numbers(asked.children(None)) == [1, 4]
        live = whole_state(asked)
    async with kept(echo, resume=session()) as (asked, _):
        assert whole_state(asked) == live


async def test_other_options_sets_and_tools_are_of_that_turn_alone() -> None:
    def passages(name: str) -> DocumentSet:
        data = {"text": f"The {name} opens at nine.", "title": name}
        passage = Passage(f"{name}#1", name, name, data["text"], data, f"{name}.md", (1, 1))
        return DocumentSet(name, (passage,), RetrievalSpec(mode="all"))

    library = Library([passages("library"), passages("pool")])
    tools = toolbox(hours=1, train=2)
    async with kept(echo, library=library, tools=tools, options=Options(model="small")) as (asked, _):
        await asked.run("When?")
        changes = Changes(
            options=Options(model="large", system="Be brief.", parameters={"temperature": 0.1}),
            sets=frozenset({"pool"}),
            tools=frozenset({"train"}),
        )
        await taken(asked.again(1, changes))
        body = request_of(asked.turns[-1])
        assert (body["model"], body["temperature"], body["messages"][0]["content"]) == ("large", 0.1, "Be brief.")
        assert [each["id"] for each in body["documents"]] == ["pool#1"]
        assert [each["function"]["name"] for each in body["tools"]] == ["train"]
        await asked.run("And?")
        body = request_of(asked.turns[-1])
        assert (body["model"], len(body["documents"]), len(body["tools"])) == ("small", 2, 2)
        live = whole_state(asked)
    async with kept(echo, resume=session()) as (asked, _):
        assert whole_state(asked) == live


async def test_what_is_not_there_is_refused() -> None:
    async with kept(echo) as (asked, _):
        await asked.run("one")
        for refused in (
            lambda: asked.go_to(7),
            lambda: asked.name_branch(7, "x"),
            lambda: asked.prune(7),
            lambda: asked.branch(7),
        ):
            with pytest.raises(TreeError, match="there is no turn 7"):
                refused()
        for changes in (Changes(results={"c1": 1}), Changes(arguments={"c1": {}}, prompt="other")):
            with pytest.raises(TreeError):
                await taken(asked.again(1, changes))
        assert numbers(asked.turns) == [1]
        assert (await asked.run("two")).number == 2


# -- editing a call ----------------------------------------------------------------------------------------

CALLS = message(plan="I look.", tool_calls=[("c1", "hours", '{"place": "library"}'), ("c2", "train", "{}")])
MORE = message(plan="More.", tool_calls=[("c3", "train", '{"line": 7}')])


def with_calls(received: Received) -> Reply:
    """Two steps of calls, then an answer that names the results."""
    roles = [each["role"] for each in received.body["messages"]]
    if roles[-1] == "user":
        return stream(CALLS)
    if received.body["messages"][-1].get("tool_call_id") == "c2":
        return stream(MORE)
    results = [json.dumps(each["content"]) for each in received.body["messages"] if each["role"] == "tool"]
    return stream(message(f"So: {'; '.join(results)}"))


class Counted:
    """Tools that note what they are called with."""

    def __init__(self) -> None:
        self.ran: list[tuple[str, str]] = []

    def definitions(self) -> list[dict[str, Any]]:
        return [{"type": "function", "function": {"name": name, "parameters": {}}} for name in ("hours", "train")]

    async def run(self, *, call_id: str, name: str, arguments: str, report: Report) -> ToolResult:
        self.ran.append((name, arguments))
        return ToolResult(id=call_id, name=name, arguments=json.loads(arguments), result={name: len(self.ran)})


async def test_an_edited_result_goes_on_from_there_and_nothing_is_sent_again() -> None:
    tools = Counted()
    async with kept(with_calls, tools=tools) as (asked, _):
        old = await asked.run("When?")
        ran = list(tools.ran)
        events = await taken(asked.again(1, Changes(results={"c1": {"opens": "late ü"}})))
        turn = asked.turns[-1]
        assert [each.step for each in events if isinstance(each, Request) and each.t > 0] == [2, 3]
        assert tools.ran[len(ran) :] == [("train", '{"line": 7}')]
        assert turn.prompt == "When?"
        assert numbers(asked.turns) == [2]
        second = turn.steps[1].request["messages"]
        assert [each["role"] for each in second] == ["user", "assistant", "tool", "tool"]
        assert second[1] == old.steps[1].request["messages"][1]
        assert "late ü" in json.dumps(second[2], ensure_ascii=False)
        assert second[3] == old.steps[1].request["messages"][3]
        assert [(step.number, step.given) for step in turn.steps] == [(1, True), (2, False), (3, False)]
        assert all(each.t == 0 for each in events if each.step == 1 and each.kind != "turn-end")
        assert turn.usage() != old.usage()
        assert turn.first_token is not None
        assert turn.first_token > 0
        live, kinds = whole_state(asked), [each.kind for each in turn.events]
    lines = Recording.read(session()).lines
    [start] = [line.fields for line in lines if line.kind == "turn-start" and line.fields["turn"] == 2]
    assert start["from"] == {"turn": 1, "step": 1, "arguments": {}, "results": {"c1": {"opens": "late ü"}}}
    assert len([line for line in lines if line.kind == "request"]) == 5
    async with kept(with_calls, resume=session()) as (asked, _):
        assert whole_state(asked) == live
        assert [each.kind for each in asked.turns[-1].events] == kinds


async def test_an_edited_call_runs_with_its_new_arguments() -> None:
    tools = Counted()
    async with kept(with_calls, tools=tools) as (asked, _):
        await asked.run("When?")
        tools.ran.clear()
        events = await taken(asked.again(1, Changes(arguments={"c3": {"line": 8}})))
        turn = asked.turns[-1]
        assert [(name, json.loads(arguments)) for name, arguments in tools.ran] == [("train", {"line": 8})]
        started = [each for each in events if isinstance(each, ToolStarted)]
        assert [(each.id, each.arguments) for each in started] == [
            ("c1", {"place": "library"}), ("c2", {}), ("c3", {"line": 8}),
        ]  # fmt: skip
        call = turn.steps[2].request["messages"][-2]["tool_calls"][0]
        assert json.loads(call["function"]["arguments"]) == {"line": 8}
        assert [entry["arguments"] for entry in turn.summary().as_json()["tool_calls"]][-1] == {"line": 8}
        live = whole_state(asked)
        # and of an edited one again
        await taken(asked.again(2, Changes(results={"c3": "none"})))
        again = whole_state(asked)
    async with kept(with_calls, resume=session()) as (asked, _):
        assert whole_state(asked) == again
        asked.go_to(2)
        assert state(asked.turns[-1]) == live["turns"][1]


async def test_edited_calls_without_tools_and_with_the_most_steps() -> None:
    async with kept(with_calls, tools=Counted()) as (asked, _):
        await asked.run("When?")
        asked.toolbox = None
        await taken(asked.again(1, Changes(arguments={"c1": {}})))
        assert (asked.turns[-1].status, type(asked.turns[-1].error).__name__) == ("incomplete", "NoTools")
        await taken(asked.again(1, Changes(results={"c3": 1}, options=Options(max_steps=2))))
        assert (asked.turns[-1].status, len(asked.turns[-1].steps)) == ("max-steps", 2)
        live = whole_state(asked)
    async with kept(with_calls, resume=session()) as (asked, _):
        assert whole_state(asked) == live


# -- names and pruning ---------------------------------------------------------------------------------------


async def test_names_and_pruned_branches_are_kept_and_come_back() -> None:
    async with kept(echo) as (asked, _):
        await asked.run("one")
        await asked.run("two")
        await taken(asked.again(2, Changes(prompt="other two")))
        asked.name_branch(3, "the other")
        asked.name_branch(2, "first try")
        asked.prune(2)
        assert numbers(asked.children(1)) == [3]
        assert numbers(asked.turns) == [1, 3]
        asked.prune(3)
        assert numbers(asked.turns) == [1]
        assert asked.children(1) == []
        live = whole_state(asked)
    async with kept(echo, resume=session()) as (asked, _):
        assert whole_state(asked) == live
        asked.unprune(2)
        assert numbers(asked.children(1)) == [2]
        asked.go_to(2)
        asked.name_branch(2, "")
        live = whole_state(asked)
    async with kept(echo, resume=session()) as (asked, _):
        assert whole_state(asked) == live
        assert asked.tree.names == {3: "the other"}


async def test_a_conversation_that_begins_anew_has_a_tree_of_its_own() -> None:
    async with kept(echo) as (asked, _):
        await asked.run("one")
        await taken(asked.again(1))
        asked.clear()
        assert (asked.turns, len(asked.tree)) == ([], 0)
        await asked.run("three")
        assert [(turn.number, turn.place, turn.parent) for turn in asked.tree] == [(3, 1, None)]
        live = whole_state(asked)
    async with kept(echo, resume=session()) as (asked, _):
        assert whole_state(asked) == live


# -- side by side ----------------------------------------------------------------------------------------------


def slowly(received: Received) -> Reply:
    """An answer in many pieces, with the temperature that was asked for."""
    body = message(f"At {received.body.get('temperature')}: " + "word " * 20)
    pieces = [piece + b"\n\n" for piece in body.split(b"\n\n") if piece]
    return [Head(), *(Chunk(piece) for piece in pieces)]


def grid(count: int) -> list[Changes]:
    return [Changes(options=Options(parameters={"temperature": each / 10})) for each in range(count)]


async def test_twelve_turns_side_by_side_are_kept_apart() -> None:
    running = most = 0

    async with kept(slowly) as (asked, _):
        await asked.run("q1")
        await asked.run("q2")
        cells = asked.again_beside(2, grid(12))

        async def run(cell: Any) -> list[str]:
            nonlocal running, most
            kinds = []
            async with aclosing(cell.events()) as events:
                async for event in events:
                    running += event.kind == "request"
                    most = max(most, running)
                    kinds.append(event.kind)
            running -= 1
            return kinds

        every = await asyncio.gather(*map(run, cells))
        assert all((kinds[0], kinds[-1]) == ("turn-start", "turn-end") for kinds in every)
        assert 1 < most <= 4
        assert numbers(asked.turns) == [1, 2]
        assert {cell.turn.parent for cell in cells} == {1}
        assert [cell.turn.text.split(":")[0] for cell in cells] == [f"At {each / 10}" for each in range(12)]
        assert all(said(request_of(cell.turn))[0::2] == ["q1", "q2"] for cell in cells)
        summaries = {cell.turn.number: cell.turn.summary() for cell in cells}
        await asked.run("q15")
        assert numbers(asked.turns) == [1, 2, 15]
        live = whole_state(asked)
    lines = [line for line in Recording.read(session()).lines if line.kind == "frames"]
    turns = [line.fields["request"] for line in lines]
    assert sum(one != other for one, other in pairwise(turns)) > 12  # they did alternate
    restored = read_conversation(session(), Reading(session())).tree
    for number, summary in summaries.items():
        again = restored.turn(number)
        assert {**again.summary().as_json(), "seconds": 0} == {**summary.as_json(), "seconds": 0}
        assert again.seconds == pytest.approx(summary.seconds["total"], abs=1e-6)
    async with kept(slowly, resume=session()) as (asked, _):
        assert sorted(whole_state(asked)["turns"], key=lambda each: int(each["number"])) == sorted(
            live["turns"], key=lambda each: int(each["number"])
        )
        assert whole_state(asked)["parents"] == live["parents"]
        assert numbers(asked.turns) == [1, 2, 15]


@pytest.mark.parametrize("alone", [True, False])
async def test_cells_that_are_cancelled_keep_what_came(alone: bool) -> None:
    go = asyncio.Event()

    def stopping(received: Received) -> Reply:
        body = message("word " * 5).split(b"event: content-end")[0]
        rest: list[Any] = [Wait(go)] if "temperature" in received.body else []
        return [Head(), Chunk(body), *rest, Chunk(message("word " * 5)[len(body) :])]

    async with kept(stopping) as (asked, _):
        await asked.run("q1")
        cells = asked.again_beside(1, grid(6))
        came = asyncio.Event()

        async def run(at: int) -> None:
            async with aclosing(cells[at].events()) as events:
                async for event in events:
                    if isinstance(event, ContentDelta) and at == 3:
                        came.set()

        tasks = [asyncio.create_task(run(at)) for at in range(6)]
        await came.wait()
        if alone:
            assert cells[1].cancel()
            go.set()
        else:
            assert asked.cancel_beside()
        await asyncio.gather(*tasks)
        statuses = [cell.turn.status for cell in cells]
        if alone:
            assert statuses == ["complete", "cancelled", *["complete"] * 4]
        else:
            assert statuses == ["cancelled"] * 6
        assert [bool(cell.turn.text) for cell in cells][:4] == [True] * 4
        assert not asked.cancel_beside()
        live = whole_state(asked)
        assert numbers(asked.turns) == [1]
    async with kept(stopping, resume=session()) as (asked, _):
        assert whole_state(asked) == live


async def test_calls_of_one_id_in_turns_side_by_side_are_told_apart() -> None:
    """A person is asked about one of them: that is of that turn alone."""

    class Asking(Counted):
        conversation: Conversation

        async def run(self, *, call_id: str, name: str, arguments: str, report: Report) -> ToolResult:
            if name == "train" and arguments == "{}" and not self.ran:
                self.ran.append((name, arguments))
                self.conversation.person_asked(call_id, True)
                await asyncio.sleep(0)
                self.conversation.person_asked(call_id, False)
            return ToolResult(id=call_id, name=name, result=1)

    tools = Asking()
    async with kept(with_calls, tools=tools) as (asked, _):
        tools.conversation = asked
        tools.ran.append(("", ""))
        await asked.run("When?")
        tools.ran.clear()
        cells = asked.again_beside(1, [Changes(), Changes()])
        await asyncio.gather(*(taken(cell.events()) for cell in cells))
        asked_in = [[each.kind for each in cell.turn.events].count("person-asked") for cell in cells]
        assert sorted(asked_in) == [0, 1]


# -- a file that ends anywhere --------------------------------------------------------------------------------


async def test_a_tree_cut_behind_any_line_opens_with_all_that_had_come() -> None:
    """However many lines of a program that was killed are left: every branch that was there is there."""
    async with kept(slowly) as (asked, _):
        await asked.run("q1")
        await asked.run("q2")
        await taken(asked.again(1, Changes(prompt="other")))
        cells = asked.again_beside(2, grid(3))
        await asyncio.gather(*(taken(cell.events()) for cell in cells))
        asked.go_to(2)
        texts = {turn.number: turn.text for turn in asked.tree}
    path = session()
    lines = path.read_bytes().splitlines(keepends=True)
    parsed = [json.loads(line) for line in lines]
    cut_off = set()
    for count in range(1, len(lines) + 1):
        path.write_bytes(b"".join(lines[:count]))
        found = read_conversation(path, Reading(path))
        begun = [line["turn"] for line in parsed[:count] if line["kind"] == "turn-start"]
        assert numbers(list(found.tree)) == begun
        ended = {line["turn"] for line in parsed[:count] if line["kind"] == "turn-end"}
        for turn in found.tree:
            assert texts[turn.number].startswith(turn.text)
            assert (turn.status == "complete") == (turn.number in ended)
            assert turn.text == texts[turn.number] or turn.number not in ended
            cut_off |= {turn.number} if turn.text and turn.number not in ended else set()
        gone_to = any(line["kind"] == "go-to" for line in parsed[:count])
        main = [number for number in begun if number <= 3]
        assert numbers([each.turn for each in found.path]) == ([1, 2] if gone_to else [[], [1], [1, 2], [3]][len(main)])
    assert cut_off == {1, 2, 3, 4, 5, 6}


@pytest.mark.parametrize("marked", ["prune", "unprune", "go-to", "name-branch"])
async def test_a_mark_of_a_turn_that_is_not_there_changes_nothing(marked: str) -> None:
    async with kept(echo) as (asked, _):
        await asked.run("one")
        live = whole_state(asked)
    add_line(marked, {"turn": 99, "text": "x"})
    async with kept(echo, resume=session()) as (asked, _):
        assert whole_state(asked) == live


def add_line(kind: str, fields: Mapping[str, Any]) -> None:
    from workbench.recordings.recording import RecordingWriter

    _, writer = RecordingWriter.resume(session(), tuple)
    writer.append(kind, fields)
    writer.close()


@pytest.mark.parametrize(
    "start",
    [
        {"turn": 2, "prompt": "q", "parent": 77},
        {"turn": 1, "prompt": "q", "parent": 1},
        {"turn": 2, "prompt": "q", "parent": 2},
        {"turn": 2, "prompt": "q", "parent": "x"},
    ],
)
async def test_a_parent_that_cannot_be_is_the_turn_before(start: Mapping[str, Any]) -> None:
    async with kept(echo) as (asked, _):
        await asked.run("one")
    add_line("turn-start", start)
    async with kept(echo, resume=session()) as (asked, _):
        assert numbers(asked.turns)[-1] == start["turn"]
        assert asked.turns[-1].prompt == "q"
        await asked.run("more")


async def test_steps_of_a_turn_that_is_not_there_are_named() -> None:
    from workbench.errors import RecordingError

    async with kept(echo) as (asked, _):
        await asked.run("one")
    add_line("turn-start", {"turn": 2, "prompt": "q", "parent": None, "from": {"turn": 9, "step": 1}})
    with pytest.raises(RecordingError, match="turn 9, from which it goes on, is not here"):
        read_conversation(session(), Reading(session()))


# -- what reads such files ------------------------------------------------------------------------------------


async def a_tree() -> dict[int, dict[str, Any]]:
    """A session with branches, an edited result and turns side by side; the summary of each turn, times apart."""
    async with kept(with_calls, tools=Counted()) as (asked, _):
        await asked.run("q1")
        await asked.run("q2")
        await taken(asked.again(1, Changes(results={"c1": "edited"})))
        cells = asked.again_beside(2, grid(3))
        await asyncio.gather(*(taken(cell.events()) for cell in cells))
        asked.go_to(2)
        await asked.run("q7")
        summaries = {turn.number: turn.summary().as_json() for turn in asked.tree}
    return {number: {**summary, "seconds": None} for number, summary in summaries.items()}


async def test_every_reader_has_the_turns_as_they_were(capsys: pytest.CaptureFixture[str]) -> None:
    live = await a_tree()
    for number, summary in live.items():
        turn, there = recorded_turn(session(), number, Redactor())
        assert turn is not None
        assert {**turn.summary().as_json(), "seconds": None} == summary
        assert sorted(there) == list(range(1, 8))
    again = {
        turn.number: {**turn.summary().as_json(), "seconds": None} for _, turn in every_turn(session(), Redactor())
    }
    assert again == live
    exported = read_exported(session(), Redactor()).turns
    assert {each.turn.number: {**each.turn.summary().as_json(), "seconds": None} for each in exported} == live
    said_in_turns = {row.number: " ".join(row.texts) for row in read_said(session(), None, str).rows}
    assert {number: "edited" in text for number, text in said_in_turns.items()} == {
        number: number == 3 for number in range(1, 8)
    }
    folder = sessions_folder(os.environ)
    [entry] = entries_in(folder, "test")
    assert session_figures(entry.path).turns == 7
    assert summary_of(entry.path, 0.0).turns == 7


async def test_a_script_of_a_turn_sends_what_that_turn_sent() -> None:
    await a_tree()
    sent = [line.fields["turn"] for line in Recording.read(session()).lines if line.kind == "request"]
    for each in read_exported(session(), Redactor()).turns:
        assert len(each.bodies()) == sent.count(each.turn.number), "what was taken over is not sent again"


async def test_a_list_of_turns_says_where_each_branch_goes_on(loaded: LoadedProgram) -> None:
    await a_tree()
    shown = loaded.run("sessions", "show", "last").stdout.decode()
    lines = [line for line in shown.splitlines() if "note: turn" in line]
    assert lines == [
        "note: turn 3 is a first question, turn 1 asked again",
        "note: turn 4 goes on from turn 1, turn 2 asked again",
        "note: turn 5 goes on from turn 1, turn 2 asked again",
        "note: turn 6 goes on from turn 1, turn 2 asked again",
        "note: turn 7 goes on from turn 2",
    ]


async def test_a_replay_has_the_same_requests_and_answers(loaded: LoadedProgram) -> None:
    live = await a_tree()
    lines = [json.loads(line) for line in loaded.run("replay", "last", "--json", "--speed", "max").stdout.splitlines()]
    ends = [{**line, "seconds": None} for line in lines if line["event"] == "turn-end"]
    order = [line.fields["turn"] for line in Recording.read(session()).lines if line.kind == "turn-start"]
    assert [each["text"] for each in ends] == [live[number]["text"] for number in order]
    assert [each["tool_calls"] for each in ends] == [live[number]["tool_calls"] for number in order]
    bodies = [line["body"] for line in lines if line["event"] == "request"]
    recorded = [step.request for _, turn in every_turn(session(), Redactor()) for step in turn.steps]
    assert bodies == recorded


async def test_a_turn_that_took_over_steps_is_exported_with_them(loaded: LoadedProgram, tmp_path: Path) -> None:
    live = await a_tree()
    alone = tmp_path / "alone.jsonl"
    loaded.run("sessions", "export", "last", "--turn", "3", "--format", "recording", "--output", str(alone))
    turn, there = recorded_turn(alone, 3, Redactor())
    assert turn is not None
    assert there == [1, 3]
    assert {**turn.summary().as_json(), "seconds": None} == live[3]


async def test_going_on_from_the_command_line_is_at_the_end_of_the_path(loaded: LoadedProgram) -> None:
    async with kept(echo) as (asked, _):
        await five(asked)
        await taken(asked.again(2, Changes(prompt="edited")))
        asked.go_to(3)
    done = loaded.run("ask", "--offline", "--json", "--resume", "last", "And?")
    request = json.loads(done.stdout.splitlines()[0])
    assert [each["content"] for each in request["body"]["messages"] if each["role"] == "user"] == [
        "q1", "q2", "q3", "And?",
    ]  # fmt: skip


KILLED = """
import asyncio, sys
from contextlib import aclosing
from tests.core.keeping import kept
from tests.core.test_branches import grid, slowly, taken
from workbench.conversation import Changes

async def main():
    async with kept(slowly) as (asked, _):
        await asked.run("q1")
        await asked.run("q2")
        await taken(asked.again(1, Changes(prompt="other")))
        asked.go_to(2)
        async def run(cell):
            async with aclosing(cell.events()) as events:
                async for event in events:
                    print(cell.turn.number, event.kind, flush=True)
                    if event.kind == "content-delta":
                        await asked.keeper.kept()
                        print(cell.turn.number, "kept", flush=True)
        await asyncio.gather(*map(run, asked.again_beside(2, grid(6))))

asyncio.run(main())
"""


@pytest.mark.parametrize("after", [1, 9, 40])
async def test_killed_with_turns_side_by_side_every_branch_is_there(after: int) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", KILLED, stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    assert process.stdout is not None
    seen: list[tuple[int, str]] = []
    while [kind for _, kind in seen].count("kept") < after:
        number, kind = (await process.stdout.readline()).decode().split()
        seen.append((int(number), kind))
    process.kill()
    await process.wait()
    found = read_conversation(session(), Reading(session()))
    assert numbers([each.turn for each in found.path]) == [1, 2]
    assert {1: "complete", 2: "complete", 3: "complete"}.items() <= {
        turn.number: turn.status for turn in found.tree
    }.items()
    for cell in {number for number, kind in seen if kind == "kept"}:
        turn = found.tree.turn(cell)
        came = [event for event in turn.events if event.kind == "content-delta"]
        acknowledged = sum(1 for each, kind in seen if (each, kind) == (cell, "kept"))
        assert len(came) >= acknowledged
        assert turn.status in ("incomplete", "complete")
    async with kept(echo, resume=session()) as (asked, _):
        assert (await asked.run("on")).parent == 2
