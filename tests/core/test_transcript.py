"""Events -> a message: blocks, plan, calls, citations with their places, and messages for the next request."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.streams import CASSETTES, RECORDINGS, events_of, frame, message, payloads
from workbench.conversation.fold import PLAN, MessageFold, assistant_message, fold
from workbench.conversation.text_buffer import TextBuffer
from workbench.events import CitationStart, ContentDelta, ContentEnd, ContentStart, MessageEnd, ToolCallDelta

RECORDED = sorted(RECORDINGS.glob("*.sse"))
needs_recordings = pytest.mark.skipif(not RECORDED, reason="no recordings beside the project")


def cassette(name: str) -> bytes:
    return (CASSETTES / f"{name}.sse").read_bytes()


def delta(index: int | None, kind: str, piece: str) -> ContentDelta:
    """A piece of text, or of thinking."""
    if kind == "thinking":
        return ContentDelta(index=index, thinking=piece)
    return ContentDelta(index=index, text=piece)


def citation(start: int, end: int, text: str, **more: Any) -> CitationStart:
    return CitationStart(start=start, end=end, text=text, sources=({"type": "document", "id": "d"},), **more)


# -- recordings: what the fold says is what the bytes say -------------------------------------------


@needs_recordings
@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_a_recording_folds_to_what_its_bytes_say(path: Path) -> None:
    body = path.read_bytes()
    got = fold(events_of(body, chunk=23))
    said: dict[str, list[str]] = {"text": [], "thinking": [], "plan": []}
    calls: list[dict[str, str]] = []
    citations: list[dict[str, Any]] = []
    end: dict[str, Any] = {}
    for data in payloads(body):
        inner = data.get("delta", {}).get("message", {})
        match data["type"]:
            case "content-delta":
                for kind in ("text", "thinking"):
                    said[kind].append(inner["content"].get(kind, ""))
            case "tool-plan-delta":
                said["plan"].append(inner["tool_plan"])
            case "tool-call-start":
                function = inner["tool_calls"]["function"]
                calls.append({"id": inner["tool_calls"]["id"], "name": function["name"], "arguments": ""})
            case "tool-call-delta":
                calls[-1]["arguments"] += inner["tool_calls"]["function"]["arguments"]
            case "citation-start":
                citations.append(inner["citations"])
            case "message-end":
                end = data["delta"]
    assert got.text == "".join(said["text"])
    assert got.thinking == "".join(said["thinking"])
    assert got.tool_plan == "".join(said["plan"])
    assert [{"id": c.id, "name": c.name, "arguments": c.arguments} for c in got.tool_calls] == calls
    assert (got.ended, got.finish_reason, got.usage) == (True, end["finish_reason"], end["usage"])
    assert len(got.citations) == len(citations)
    for mine, theirs in zip(got.citations, citations, strict=True):
        assert (mine.start, mine.end, mine.text) == (theirs["start"], theirs["end"], theirs["text"])
        assert got.blocks[mine.block or 0].text[mine.start : mine.end] == mine.text
        assert list(mine.sources) == theirs["sources"]


@needs_recordings
@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_every_frame_of_a_recording_is_an_event_of_its_own_type(path: Path) -> None:
    body = path.read_bytes()
    kinds = [event.kind for event in events_of(body)]
    assert kinds == [data["type"] for data in payloads(body)] + ["done"]


# -- cassettes: one quirk each -------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(CASSETTES.glob("*.sse")), ids=lambda path: path.stem)
def test_no_cassette_loses_text(path: Path) -> None:
    events = events_of(path.read_bytes())
    got = fold(events)
    deltas = [e for e in events if isinstance(e, ContentDelta)]
    opened = [e for e in events if isinstance(e, ContentStart)]
    assert len(got.text) == sum(len(e.text) for e in deltas) + sum(len(e.text) for e in opened if e.type == "text")
    assert len(got.thinking) == sum(len(e.thinking) for e in deltas)
    argued = sum(len(e.arguments) for e in events if hasattr(e, "arguments"))
    assert sum(len(call.arguments) for call in got.tool_calls) == argued
    assert len(got.citations) == sum(isinstance(e, CitationStart) for e in events)


def test_a_repeated_content_index_opens_a_new_block() -> None:
    got = fold(events_of(cassette("thinking_then_text_same_index")))
    assert [block.type for block in got.blocks] == ["thinking", "text"]
    assert all(block.text and not block.open for block in got.blocks)


def test_an_error_after_a_finished_call_keeps_the_call_and_the_error() -> None:
    got = fold(events_of(cassette("error_after_finished_call")))
    assert got.finish_reason == "ERROR"
    assert got.error
    assert len(got.tool_calls) == 1


def test_empty_arguments_are_an_empty_object() -> None:
    (call,) = fold(events_of(cassette("empty_arguments"))).tool_calls
    assert (call.arguments, call.parsed()) == ("", {})


def test_interleaved_calls_are_kept_apart_by_index() -> None:
    calls = fold(events_of(cassette("interleaved_calls"))).tool_calls
    assert len(calls) >= 2
    assert all(isinstance(call.parsed(), dict) for call in calls)


def test_arguments_in_the_start_come_first() -> None:
    calls = fold(events_of(cassette("arguments_in_start"))).tool_calls
    assert all(isinstance(call.parsed(), dict) and call.parsed() for call in calls)


def test_arguments_that_are_no_object_stay_text() -> None:
    calls = fold(events_of(cassette("non_object_arguments"))).tool_calls
    assert all(isinstance(call.parsed(), str) for call in calls)


def test_a_stream_without_message_end_has_not_ended() -> None:
    assert not fold(events_of(cassette("no_message_end"))).ended
    assert not fold(events_of(cassette("only_done"))).ended


@pytest.mark.parametrize(
    "name", ["citations_fast", "citations_accurate", "citation_content_index_one", "citation_astral"]
)
def test_citations_hold_to_the_letter(name: str) -> None:
    got = fold(events_of(cassette(name)))
    assert got.citations
    for each in got.citations:
        assert each.block is not None
        assert got.blocks[each.block].text[each.start : each.end] == each.text


def test_wrong_offsets_are_corrected_from_the_text_near_them() -> None:
    events = events_of(cassette("citation_wrong_offsets"))
    given = [e for e in events if isinstance(e, CitationStart)]
    got = fold(events)
    for each, wrong in zip(got.citations, given, strict=True):
        assert got.text[each.start : each.end] == each.text == wrong.text
    assert any(
        (each.start, each.end) != (wrong.start, wrong.end) for each, wrong in zip(got.citations, given, strict=True)
    )


def test_a_text_that_is_nowhere_is_unanchored_and_kept() -> None:
    got = fold(events_of(cassette("citation_unanchorable")))
    lost = [each for each in got.citations if each.start is None]
    assert lost
    assert all(each.block is None and each.end is None and each.text and each.sources for each in lost)


def test_a_citation_in_the_plan_rests_in_the_plan() -> None:
    got = fold(events_of(cassette("citation_in_plan")))
    (each,) = [c for c in got.citations if c.type == "PLAN"]
    assert each.block == PLAN
    assert got.tool_plan[each.start : each.end] == each.text


# -- the fold alone ----------------------------------------------------------------------------------------


def test_a_citation_before_its_text_is_placed_when_the_block_ends() -> None:
    state = MessageFold()
    state.apply(ContentStart(index=0))
    (early,) = state.apply(citation(4, 8, "tide"))
    assert early.start is None
    state.apply(ContentDelta(index=0, text="The tide turns"))
    (placed,) = state.apply(ContentEnd(index=0))
    assert (placed.ordinal, placed.start, placed.end) == (0, 4, 8)
    assert state.message().citations == (placed,)


def test_the_nearest_of_several_places_wins() -> None:
    state = MessageFold()
    state.apply(ContentStart(index=0))
    state.apply(ContentDelta(index=0, text="fish and fish and fish"))
    (each,) = state.apply(citation(10, 14, "fish"))
    assert each.start == 9


def test_content_index_counts_blocks_not_indexes() -> None:
    state = MessageFold()
    for kind, text in (("thinking", "abc"), ("text", "xyz abc")):
        state.apply(ContentStart(index=0, type=kind))
        state.apply(delta(0, kind, text))
    (in_text,) = state.apply(citation(4, 7, "abc", type="TEXT_CONTENT", content_index=1))
    (in_thinking,) = state.apply(citation(0, 3, "abc", type="THINKING_CONTENT", content_index=0))
    assert (in_text.block, in_thinking.block) == (1, 0)


def test_what_has_no_start_is_still_folded() -> None:
    state = MessageFold()
    state.apply(ContentDelta(index=None, text="lost "))
    state.apply(ContentDelta(index=7, text="and found"))
    state.apply(ToolCallDelta(index=2, arguments="{}"))
    state.apply(MessageEnd(finish_reason="COMPLETE"))
    state.apply(ContentDelta(index=7, text=" late"))
    got = state.message()
    assert got.text == "lost and found late"
    assert [call.arguments for call in got.tool_calls] == ["{}"]


def test_a_block_of_an_unknown_type_counts_as_text() -> None:
    state = MessageFold()
    state.apply(ContentStart(index=0, type="poem"))
    state.apply(ContentDelta(index=0, text="roses"))
    assert state.message().text == "roses"


def test_messages_for_the_next_request() -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": ""}}
    body = b"".join(
        [
            frame("content-start", index=0, delta=message(content={"type": "thinking", "thinking": ""})),
            frame("content-delta", index=0, delta=message(content={"thinking": "hm"})),
            frame("tool-plan-delta", delta=message(tool_plan="I will look")),
            frame("tool-call-start", index=0, delta=message(tool_calls=call)),
            frame("message-end", delta={"finish_reason": "TOOL_CALL"}),
        ]
    )
    whole = fold(events_of(body))
    written = [{"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]
    assert assistant_message(whole, thinking=True, tool_calls=True) == {
        "role": "assistant",
        "tool_plan": "I will look",
        "tool_calls": written,
        "content": [{"type": "thinking", "thinking": "hm"}],
    }
    assert assistant_message(whole, thinking=False, tool_calls=False) is None
    text = fold(events_of(frame("content-delta", index=0, delta=message(content={"text": "Hi"}))))
    assert assistant_message(text, thinking=True, tool_calls=True) == {"role": "assistant", "content": "Hi"}


@given(st.lists(st.text(max_size=6), max_size=30), st.integers(-3, 90), st.integers(-3, 90))
@settings(max_examples=200, deadline=None)
def test_slices_of_a_growing_text(parts: list[str], start: int, end: int) -> None:
    buffer = TextBuffer()
    for part in parts:
        buffer.append(part)
    whole = "".join(parts)
    assert (buffer.text, len(buffer)) == (whole, len(whole))
    assert buffer.slice(start, end) == whole[max(0, start) : max(0, end)]


@given(st.lists(st.sampled_from(["text", "thinking"]), max_size=12), st.data())
@settings(max_examples=100, deadline=None)
def test_text_and_thinking_are_never_mixed_up(kinds: list[str], data: st.DataObject) -> None:
    state, said = MessageFold(), {"text": "", "thinking": ""}
    for kind in kinds:
        piece = data.draw(st.text(max_size=4))
        if data.draw(st.booleans()):
            state.apply(ContentStart(index=data.draw(st.sampled_from([0, 1, None])), type=kind))
        state.apply(delta(data.draw(st.sampled_from([0, 1, None])), kind, piece))
        said[kind] += piece
    got = state.message()
    assert sorted(got.text) == sorted(said["text"])
    assert sorted(got.thinking) == sorted(said["thinking"])


def test_json_of_the_arguments_survives_any_split() -> None:
    arguments = json.dumps({"place": "Łódź 🌧", "days": [1, 2]}, ensure_ascii=False)
    state = MessageFold()
    for piece in arguments:
        state.apply(ToolCallDelta(index=0, arguments=piece))
    assert state.message().tool_calls[0].parsed() == {"place": "Łódź 🌧", "days": [1, 2]}
