"""Keys that a model spells over several events of a turn, with others in between, which end no text."""

from __future__ import annotations

import pytest

from workbench.conversation.masking import EventMask
from workbench.events import CitationStart, ContentDelta, Debug, Event, Malformed, Unknown
from workbench.secrets.keys import ApiKey
from workbench.secrets.redactor import Redactor

KEY = "ZkqWer9xtV2Lm4Pq0s"
BETWEEN: list[Event] = [
    CitationStart(t=0.0, step=1, index=0),
    Debug(t=0.0, step=1),
    Unknown(t=0.0, step=1, raw="{}"),
    Malformed(t=0.0, step=1, raw="{", reason="not JSON"),
]


def shown(*events: Event) -> str:
    mask = EventMask(Redactor([ApiKey(KEY, "CO_API_KEY")]))
    out = [each for event in events for each in mask.events(event)]
    return "".join(each.text for each in [*out, *mask.rest()] if isinstance(each, ContentDelta))


def said(*texts: str, between: Event) -> str:
    events: list[Event] = []
    for text in texts:
        events += [ContentDelta(t=0.0, step=1, index=0, text=text), between]
    return shown(*events)


@pytest.mark.parametrize("between", BETWEEN, ids=lambda event: event.kind)
@pytest.mark.parametrize("at", range(1, len(KEY)))
def test_no_part_of_a_key_is_left_around_an_event_in_its_middle(at: int, between: Event) -> None:
    text = said("It is ", KEY[:at], KEY[at:], " indeed.", between=between)
    assert text.startswith("It is ") and text.endswith(" indeed.")
    left = text.removeprefix("It is ").removesuffix(" indeed.").replace("***", "")
    assert len(left) < 8, text  # what nobody guesses a key from


@pytest.mark.parametrize("between", BETWEEN, ids=lambda event: event.kind)
def test_letter_by_letter_too(between: Event) -> None:
    left = said("It is ", *KEY, " indeed.", between=between).replace("***", "")
    assert len(left) - len("It is  indeed.") < 8


@pytest.mark.parametrize("between", BETWEEN, ids=lambda event: event.kind)
def test_what_is_no_key_is_whole(between: Event) -> None:
    assert said("ZkqWe", " is five", " letters", between=between) == "ZkqWe is five letters"
    whole = said(KEY[:9], "!", " and ", KEY[9], "x", " more", between=between)
    assert whole.replace("***", "").removeprefix(KEY[:9]).replace(" ", "") == f"!and{KEY[9]}xmore"
