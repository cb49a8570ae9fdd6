"""Frames that are read in a row say what each of them says by itself, and every other frame is left as it is."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.conversation.event_log import PACKED_TOGETHER, EventLog
from workbench.events import ContentDelta, Event, TurnEnd, TurnSummary
from workbench.wire.decoder import decode
from workbench.wire.frames import Frame, FrameReader
from workbench.wire.text_runs import MOST, TextRun, frames_and_runs, frames_of_run

END = TurnEnd(t=9.0, status="complete", summary=TurnSummary(status="complete"))


def piece(text: str, index: int = 0, *, spaced: bool = False, name: str = "content-delta") -> bytes:
    """A frame with a piece of text, as servers write it."""
    data = {"type": "content-delta", "index": index, "delta": {"message": {"content": {"text": text}}}}
    written = json.dumps(data, ensure_ascii=spaced, separators=(", ", ": ") if spaced else (",", ":"))
    return (f"event: {name}\n" if name else "").encode() + f"data: {written}\n\n".encode("utf-8", "surrogatepass")


def raw(text: bytes) -> bytes:
    """A frame with `text` as it is in the place of its piece of text."""
    return piece("@").replace(b"@", text)


ODD = (
    b"data: [DONE]\n\n",
    b"event: content-end\ndata: {}\n\n",
    b": a comment\n",
    b"\xef\xbb\xbf",
    b"event: ",
    b"data: x\n",
    b"data: \n\r\n",
    b"\r",
    b"\n",
    b"id: 7\n",
    b"nothing known\n",
    raw(b""),
    raw(rb"\x"),
    raw(b"\xff"),
    raw(b"\xe2\x82"),
    raw(b"a\tb"),
    raw(b"a" * 5000),
    raw(b'"}}}},{"type":"content-delta'),
    piece("thought").replace(b'"text"', b'"thinking"'),
    piece("first").replace(b'"index":0', b'"index":00'),
    piece("none").replace(b'"index":0,', b""),
    piece("more").replace(b'"index":0', b'"index":0,"logprobs":{}'),
    piece("cr").replace(b"\n", b"\r\n"),
    piece("no blank line")[:-1],
)
HALVES = (raw(rb"\ud83d"), raw(rb"\ude00"))
PIECES = st.builds(
    piece,
    st.text(max_size=8),
    st.sampled_from([0, 1, 12]),
    spaced=st.booleans(),
    name=st.sampled_from(["content-delta", "", "other"]),
)
BODIES = st.lists(st.lists(st.one_of(PIECES, st.sampled_from([*ODD, *HALVES])), max_size=8).map(b"".join), max_size=4)


def each(read: Sequence[Frame | TextRun]) -> list[Frame]:
    """The frames, with those of runs."""
    return [frame for some in read for frame in (frames_of_run(some.frames) if isinstance(some, TextRun) else [some])]


@given(BODIES)
def test_runs_hold_the_frames_that_there_are_and_say_what_these_say(body: list[bytes]) -> None:
    plain, reader = FrameReader(), FrameReader()
    frames = [frame for chunk in body for frame in plain.feed(chunk)] + plain.close()
    read = [some for chunk in body for some in frames_and_runs(reader, chunk)] + reader.close()
    assert each(read) == frames
    for run in read:
        if isinstance(run, TextRun):
            events = [decode(frame) for frame in frames_of_run(run.frames)]
            assert all(isinstance(event, ContentDelta) and not event.thinking for event in events)
            assert run.pieces == [(event.index, event.text) for event in events if isinstance(event, ContentDelta)]


def test_an_answer_is_read_as_runs() -> None:
    body = b"".join(piece(word) for word in ("Nine, ", 'said "he"', "\n", "naïve", "😀")) * MOST
    read = list(frames_and_runs(FrameReader(), body))
    assert [len(run.pieces) for run in read if isinstance(run, TextRun)] == [MOST] * 5
    assert len(read) == 5


@pytest.mark.parametrize("odd", ODD)
def test_what_is_written_in_another_way_is_left_to_the_decoder(odd: bytes) -> None:
    assert not any(isinstance(some, TextRun) for some in frames_and_runs(FrameReader(), odd))


@pytest.mark.parametrize("ends", [False, True])
@pytest.mark.parametrize("count", [1, 3, PACKED_TOGETHER - 1, PACKED_TOGETHER, 700])
def test_the_events_of_runs_are_kept_as_those_that_were_decoded(count: int, ends: bool) -> None:
    """Read before the turn has ended, too, when they are not packed yet."""
    body = piece("a").replace(b'"text"', b'"thinking"') + b"".join(piece(f"{at} ", at % 2) for at in range(count))
    events: list[Event] = [decode(frame, 1.5, 2) for frame in FrameReader().feed(body)]
    log = EventLog()
    for some in frames_and_runs(FrameReader(), body):
        if isinstance(some, TextRun):
            log.append_run(some, 1.5, 2)
        else:
            log.append(decode(some, 1.5, 2))
    if ends:
        log.append(END)
        events.append(END)
    assert len(log) == len(events)
    assert log[-1] == events[-1]
    assert [log[at] for at in range(len(events))] == events
    assert list(log) == events
