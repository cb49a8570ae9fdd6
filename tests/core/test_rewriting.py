"""What documents are searched for: the question, the questions before it, or what the model writes; and its costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from tests.core.keeping import came_back, kept, session
from tests.loopback import Reply, error, message, stream
from workbench.cohere_client import ClientOptions, connect
from workbench.conversation import Conversation
from workbench.conversation.spending import tokens_of_turn
from workbench.conversation.turn import Turn
from workbench.documents.passages import DocumentSet, Passage, QuerySource, RetrievalSpec
from workbench.documents.retrieval import Library
from workbench.documents.rewriting import INSTRUCTION, asked_in, messages_for, query_of
from workbench.documents.search_options import SearchOptions
from workbench.events import Event, Retrieval
from workbench.printing.json_lines import event_json
from workbench.printing.searched import searched_for
from workbench.sessions.playback import recorded_turns

USAGE = {"billed_units": {"input_tokens": 30, "output_tokens": 5}, "tokens": {"input_tokens": 70, "output_tokens": 5}}


def library(query: QuerySource = "question", *, rewrite: bool = False) -> Library:
    texts = {"a": "The library opens at nine.", "b": "The pool opens at ten.", "c": "Cats like the warm kiln."}
    passages = tuple(Passage(id, "town", "", text, {"text": text}) for id, text in texts.items())
    return Library([DocumentSet("town", passages, RetrievalSpec("keyword", 1, query=query, rewrite=rewrite))])


async def told(script: Sequence[Reply], *prompts: str) -> tuple[list[Turn], list[Event]]:
    """The turns that these answers make, kept as a session, and their events."""
    events: list[Event] = []
    async with kept(script, library=library(rewrite=True)) as (conversation, _):
        for prompt in prompts:
            await conversation.run(prompt, on_event=events.append)
        return list(conversation.turns), events


def timeless(event: Retrieval | None) -> Retrieval | None:
    return None if event is None else replace(event, t=0.0)


def sent(turn: Turn) -> list[str]:
    return [each["id"] for each in turn.steps[0].request.get("documents", ())]


async def test_the_model_writes_what_is_searched_for() -> None:
    script = [stream(message('"pool opening hours"\n', usage=USAGE)), stream(message("At ten.", usage=USAGE))]
    [turn], events = await told(script, "When can I swim there?")
    assert sent(turn) == ["b"]
    [event] = [each for each in events if isinstance(each, Retrieval)]
    assert event.rewrite is not None
    assert (event.rewrite["text"], event.rewrite["usage"], event.rewrite["error"]) == (
        "pool opening hours",
        USAGE,
        None,
    )
    assert event_json(event)["rewrite"]["text"] == "pool opening hours"
    assert "searched for, as command-a-03-2025 wrote it: pool opening hours" in next(searched_for(event))
    assert turn.usage()["tokens"] == {"input_tokens": 140, "output_tokens": 10}
    assert tokens_of_turn(turn) == 150
    [again] = came_back(session())
    assert timeless(again.turn.trace.searched) == timeless(event)
    assert (again.turn.text, again.turn.usage(), len(again.turn.steps)) == ("At ten.", turn.usage(), 1)
    assert [type(each) for each in again.events] == [type(each) for each in turn.events]
    [replayed] = recorded_turns(session())
    assert [each.body["messages"][-1]["content"] for each in replayed.exchanges] == ["When can I swim there?"]


@pytest.mark.parametrize(("reply", "reason"), [
    (error(500, {"message": "out of order"}), "out of order"), (stream(message("\n")), "the model wrote no query"),
])  # fmt: skip
async def test_a_failure_searches_for_the_question_and_says_so(reply: Reply, reason: str) -> None:
    [turn], events = await told([reply, stream(message("At nine."))], "When does the library open?")
    assert (turn.status, turn.text, sent(turn)) == ("complete", "At nine.", ["a"])
    [event] = [each for each in events if isinstance(each, Retrieval)]
    assert event.rewrite is not None
    assert reason in event.rewrite["error"]
    assert next(searched_for(event)).startswith("the question itself is searched for: ")
    [again] = came_back(session())
    assert (again.turn.text, timeless(again.turn.trace.searched)) == ("At nine.", timeless(event))


async def test_it_is_told_what_was_said_before_and_costs_no_space_twice() -> None:
    answers = [stream(message(text)) for text in ("library", "At nine.", "cats", "The kiln.")]
    turns, _ = await told(answers, "When does the library open?", "And what of cats?")
    assert [sent(turn) for turn in turns] == [["a"], ["c"]]
    lines = session().read_text().splitlines()
    asides = [line for line in lines if '"aside":"rewrite"' in line]
    assert len(asides) == 2
    assert "At nine." in asides[1]
    assert sum('"after":[2,' in line for line in lines) == 1  # the second turn follows the first one's request
    assert [each.turn.text for each in came_back(session())] == ["At nine.", "The kiln."]


async def test_the_engine_writes_the_words_that_say_something() -> None:
    client = connect(ClientOptions(offline=True), {})
    conversation = Conversation(client, library=library(rewrite=True))
    texts = []
    for prompt in ("When does the library open, please?", "And on Sundays?"):
        turn = await conversation.run(prompt)
        assert turn.trace.searched is not None
        texts.append((turn.trace.searched.rewrite or {})["text"])
    await client.aclose()
    assert texts[0].split()[:2] == ["library", "open"]
    assert texts[1].split()[:2] == ["Sundays", "library"]


def test_what_is_asked_is_read_back_and_what_is_answered_is_one_line() -> None:
    said: list[dict[str, Any]] = [
        {"role": "user", "content": "One?"}, {"role": "assistant", "content": [{"type": "text", "text": "Yes."}]},
        {"role": "tool", "content": "ignored"},
    ]  # fmt: skip
    system, user = messages_for("Two?", said)
    assert asked_in(system["content"], user["content"]) == ("Two?", ["One?"])
    assert asked_in("other", user["content"]) is asked_in(INSTRUCTION, "[]") is asked_in(INSTRUCTION, "{") is None
    assert query_of("\n--\n “opening  hours” \nBecause") == "opening hours"


def test_questions_before_count_with_a_set_that_says_so() -> None:
    found = library("turns").found("And when does it open?", ["Is there a pool?"])
    assert [each.passage.id for each in found.items] == ["b"]
    assert found.notes == ("town: searched by the words of the question before, too",)
    assert found.tells
    assert [each.passage.id for each in library().found("And when does it open?", ["A pool?"]).items] == ["a"]
    written = library("turns").retrieved_by(lambda spec: replace(spec, rewrite=True))
    rewritten = written.found("And when does it open?", ["Is there a pool?"], SearchOptions(rewrite="library"))
    assert rewritten.notes == (), "what the model wrote stands in for both questions"
    failed = written.found("And when does it open?", ["Is there a pool?"])
    assert failed.notes == found.notes
    narrowed = library("turns").found("And when does it open? -pool", ["Is there a pool?"])
    assert [each.passage.id for each in narrowed.items] == ["a"]
