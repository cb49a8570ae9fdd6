"""The cassettes: one small stream for each quirk, named after it, byte for byte as written."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from tests.loopback import message
from workbench.cohere_client import ClientOptions, connect
from workbench.recordings.exchanges import split_frames

CASSETTES = Path(__file__).parents[1] / "cassettes"
NAMES = [
    "arguments_in_start",
    "bom",
    "citation_astral",
    "citation_content_index_one",
    "citation_in_plan",
    "citation_unanchorable",
    "citation_wrong_offsets",
    "citations_accurate",
    "citations_fast",
    "comments_and_multiline_data",
    "control_characters",
    "crlf",
    "duplicate_call_ids",
    "empty_arguments",
    "error_after_finished_call",
    "error_before_call",
    "error_object",
    "interleaved_calls",
    "logprobs",
    "lone_surrogate",
    "malformed_json",
    "max_tokens_in_thinking",
    "missing_index",
    "no_blank_line_at_end",
    "no_message_end",
    "non_object_arguments",
    "only_done",
    "plain_text",
    "quoted_done",
    "second_message_start",
    "stop_sequence",
    "thinking_then_text",
    "thinking_then_text_same_index",
    "tool_plan_and_parallel_calls",
    "two_text_blocks",
    "unknown_event",
    "unknown_finish_reason",
    "usage_extras",
    "v1_event",
]
BODY = {"model": "command-test", "messages": [{"role": "user", "content": "Hello?"}]}


def cassette(name: str) -> bytes:
    return (CASSETTES / f"{name}.sse").read_bytes()


def test_every_cassette_is_known_and_there() -> None:
    assert sorted(path.name for path in CASSETTES.iterdir()) == [f"{name}.sse" for name in NAMES]


@pytest.mark.parametrize("name", NAMES)
async def test_each_plays_through_the_client_unchanged(name: str) -> None:
    data = cassette(name)
    assert 0 < len(data) < 4096
    client = connect(ClientOptions(replay=CASSETTES / f"{name}.sse"), {})
    async with client.stream(BODY) as chunks:
        played = [chunk async for chunk in chunks]
    await client.aclose()
    assert played == split_frames(data)
    assert b"".join(played) == data


def test_the_bytes_that_an_editor_would_mend_are_still_there() -> None:
    assert cassette("bom").startswith(b"\xef\xbb\xbfevent: ")
    assert cassette("crlf").count(b"\r\n") == cassette("crlf").count(b"\n") > 10
    assert cassette("no_blank_line_at_end").endswith(b"}")
    assert b"\n\ndata: [DONE]" in cassette("plain_text")
    assert cassette("quoted_done").endswith(b'data: "[DONE]"\n\n')
    assert b"event:" not in cassette("arguments_in_start")
    assert not cassette("no_message_end").count(b"message-end")


async def test_the_loopback_command_serves_a_file() -> None:
    path = CASSETTES / "crlf.sse"
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.loopback", "--file", str(path), "--rate", "100000",
        cwd=CASSETTES.parents[1], stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert server.stdout is not None
        url = (await server.stdout.readline()).decode().strip()
        client = connect(ClientOptions(base_url=url), {})
        async with client.stream(BODY) as chunks:
            assert b"".join([chunk async for chunk in chunks]) == path.read_bytes()
        await client.aclose()
    finally:
        server.terminate()
        await server.wait()


def test_the_helpers_write_what_the_cassettes_hold() -> None:
    """The same message by `loopback.message` differs from the file only in its id and its message-start."""
    made = message("The museum opens at nine.").splitlines()
    written = cassette("citation_wrong_offsets").splitlines()
    assert made[3:18] == written[3:18]
