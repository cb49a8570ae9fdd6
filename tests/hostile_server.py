"""What a server says with one text in every place that a stream has for text."""

from __future__ import annotations

import json

from tests.loopback import Chunk, Head, Raw, Reply, error, message, stream


def calls(said: str) -> Reply:
    arguments = json.dumps({"text": said})
    named = [("call-1", "echo", arguments), (said, "fail", "{}"), ("call-3", said, arguments), ("call-4", "echo", said)]
    return stream(message(thinking=f"I think {said}.", plan=f"I plan {said}.", tool_calls=named))


def answer(number: int, said: str) -> Reply:
    text = (
        f"# Heading {said}\n\nIt says {said} and `{said}`, [a link {said}](http://x.example/{said}).\n\n"
        f"| a | b |\n| --- | --- |\n| {said} | `{said}` |\n\n```{said}\n{said}\n```\n\n- {said}\n\n> {said}\n\n"
        f"The end of {number}."
    )
    document = {"id": said, "title": said, "text": f"text {said}", said: said, "url": said}
    cited = [
        {"start": 0, "end": len(part), "text": part, "type": said, "sources": [
            {"type": "document", "id": said, "document": document},
            {"type": "tool", "id": f"call-1:{number}", "tool_output": {said: said}},
        ]}
        for part in (said, f"The end of {number}.")
    ]  # fmt: skip
    usage = {"billed_units": {said: 1}, "tokens": {"input_tokens": 1}, said: said}
    unknown = {"type": said, "index": 0, said: said}
    strange = "".join(f"data: {json.dumps(event)}\n\n" for event in (unknown, {"type": "debug", "prompt": said}))
    return stream(strange.encode(), b"data: {not json " + said.encode("utf-8", "replace") + b"\n\n",
                  message(text, citations=cited, usage=usage))  # fmt: skip


def failures(said: str) -> list[Reply]:
    return [
        error(400, {"message": said}),
        error(401, f"<html><title>{said.encode('utf-8', 'replace').decode()}</title></html>"),
        error(404, said.encode("utf-8", "replace")),
        stream(message("begun", finish_reason=f"ERROR {said}")),
        [Head(200, {"content-type": "text/plain"}), Chunk(said.encode("utf-8", "replace"))],
        *([Raw(b"HTTP/1.1 " + head + b"\r\n\r\n")] for head in heads(said)),
    ]


def heads(said: str) -> list[bytes]:
    """Heads of responses with it in the reason and in headers: with all of it, and with what HTTP lets a head carry."""
    line = said.encode("utf-8", "replace").replace(b"\r", b"").replace(b"\n", b"")
    carried = bytes(byte for byte in line if byte == 9 or 32 <= byte != 127)
    latin = bytes(range(0x80, 0x100)) + carried
    return [
        b"500 " + line,
        *(b"%d %b\r\nretry-after: %b\r\nx-request-id: %b\r\ncontent-length: 0" % (status, text, text, text)
          for status in (401, 429, 503) for text in (carried, latin)),
        *(b"302 Found\r\nlocation: http://x.example/%b\r\ncontent-length: 0" % text for text in (line, latin)),
        *(b"200 OK\r\ncontent-length: 0\r\ncontent-type: text/%b" % text for text in (line, carried, latin)),
        b"200 OK\r\ncontent-length: 0\r\ncontent-type: text/event-stream\r\n%b: %b" % (line, line),
    ]  # fmt: skip
