"""Damaged streams and damaged configuration: nothing that was received is lost, and nothing raises."""

from __future__ import annotations

import os
import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.streams import CASSETTES, events_of
from tests.mutations import STREAM_PARTS, config_outcome, copied_config, damaged, stream_outcome
from tests.recordings import damaged_recording, recording_outcome
from workbench.conversation.fold import fold
from workbench.wire.decoder import decode
from workbench.wire.frames import FrameReader

BODIES = [path.read_bytes() for path in sorted(CASSETTES.glob("*.sse"))]


@pytest.mark.parametrize("first", range(0, 600, 100))
async def test_turns_over_damaged_streams_end_well_or_with_a_reason(first: int) -> None:
    """Each is checked inside; a few must have come through, or the damage would be too great to show anything."""
    statuses = Counter([await stream_outcome(seed) for seed in range(first, first + 100)])
    assert len(statuses) >= 3


def test_damaged_configuration_is_accepted_or_refused_with_words() -> None:
    with copied_config() as folder:
        assert Counter(config_outcome(seed, folder) for seed in range(60)).keys() == {"accepted", "refused"}


@pytest.mark.parametrize("first", range(0, 300, 50))
async def test_damaged_recordings_are_read_or_refused_with_their_line(first: int) -> None:
    """Played, gone on with, listed, and put beneath a client; each is checked inside."""
    outcomes = Counter([await recording_outcome(seed, os.environ) for seed in range(first, first + 50)])
    assert outcomes.keys() == {"read", "refused"}


def test_damage_is_the_same_each_time() -> None:
    assert damaged_recording(random.Random(7)) == damaged_recording(random.Random(7))
    assert damaged(BODIES[0], STREAM_PARTS, random.Random(7)) == damaged(BODIES[0], STREAM_PARTS, random.Random(7))


@given(
    st.sampled_from(BODIES),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 40), st.sampled_from(STREAM_PARTS) | st.binary(max_size=4))),
    st.lists(st.integers(1, 200), min_size=1, max_size=8),
)
@settings(max_examples=150, deadline=None)
def test_a_damaged_stream_folds_the_same_in_any_chunks(
    body: bytes, splices: list[tuple[float, int, bytes]], sizes: list[int]
) -> None:
    data = bytearray(body)
    for where, length, part in splices:
        at = int(where * len(data))
        data[at : at + length] = part
    whole = events_of(bytes(data))
    reader, at, number = FrameReader(), 0, 0
    frames = []
    while at < len(data):
        size = sizes[number % len(sizes)]
        frames += reader.feed(bytes(data[at : at + size]))
        at, number = at + size, number + 1
    pieces = [decode(frame) for frame in (*frames, *reader.close())]
    assert repr(pieces) == repr(whole)  # NaN is not even equal to itself
    assert repr(fold(pieces)) == repr(fold(whole))
