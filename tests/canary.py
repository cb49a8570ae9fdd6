"""A canary for a key, and every way in which a server, a tool, a document or a person may make it turn up.

A question that is the name of a `Say` is answered with it. All are given the tools of `TOOLS`, in a folder with
`tool.py` and with the canary in `canary.txt`, where a tool finds it: from its environment it cannot have it.
"""

from __future__ import annotations

import base64
import gzip
import json
import re
import urllib.parse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.core.streams import frame
from tests.loopback import EVENT_STREAM, Action, Chunk, Close, Head, Raw, Received, Reply, Reset, error, message, stream

CANARY = "Zq7/vX2+kW9=bN4mT8pL3rS6"
WINDOW = 8  # characters of it that must not be seen, either
END = "All is said."

TOOL_CODE = """
import os
import sys
from pathlib import Path

CANARY = Path(__file__).with_name("canary.txt").read_text()

def returns(**_):
    return {CANARY: [CANARY, f"Bearer {CANARY}"]}

def raises(**_):
    raise ValueError(f"refused with {CANARY}")

def prints(**_):
    print(CANARY)
    sys.stderr.write(CANARY)
    return "printed"

def dies(**_):
    print(f"last words: {CANARY}", flush=True)
    os._exit(3)

def environment(**_):
    Path(__file__).with_name("environ").write_bytes(
        repr(dict(os.environ)).encode() + Path("/proc/self/environ").read_bytes()
    )
    return "looked"
"""

TOOLS = """
tools:
  - {name: returns, description: d, run: {python: tool:returns}}
  - {name: raises, description: d, run: {python: tool:raises}}
  - {name: prints, description: d, run: {python: tool:prints}}
  - {name: dies, description: d, run: {python: tool:dies}}
  - {name: environment, description: d, run: {python: tool:environment}}
  - {name: canned, description: d, run: {reply: "canned CANARY"}}
""".replace("CANARY", CANARY)

DOCS = json.dumps([{"id": "keys", "title": f"On {CANARY}", "text": f"The key of the harbour is {CANARY}, they say."}])


@dataclass(frozen=True, slots=True)
class Say:
    """Something said with the canary in it. The last of `replies` is given for as long as it is asked for.

    `spelled` tells that no frame holds all of it.
    """

    name: str
    replies: Sequence[Reply]
    spelled: bool = False


def found_in(data: bytes | str, *, pieces: bool = True) -> list[str]:
    """What of the canary is in `data`: any of its spellings, and parts of it unless `pieces` are borne.

    Not asked of the redactor: what it does not know must be found, too.
    """
    text = data.decode("utf-8", "surrogateescape") if isinstance(data, bytes) else data
    spellings = {
        CANARY,
        CANARY.lower(),
        json.dumps(CANARY)[1:-1].replace("/", "\\/"),
        urllib.parse.quote(CANARY, safe=""),
        urllib.parse.quote(CANARY),
        *(
            base64.b64encode(f"{before}{CANARY}".encode()).decode().rstrip("=")
            for before in ("", "Bearer ", "me:", ":")
        ),
        CANARY.encode().hex(),
    }
    windows = {CANARY[at : at + WINDOW] for at in range(len(CANARY) - WINDOW + 1)} if pieces else set()
    unfolded = re.sub(r"\\u00([0-9a-f]{2})", lambda match: chr(int(match[1], 16)), text)
    return sorted(each for each in spellings | windows if each in text or each in unfolded)


def script(received: Received) -> Reply:
    """Answers each name, and anything else with `END`."""
    messages = received.body["messages"]
    asked = [at for at, each in enumerate(messages) if each["role"] == "user"][-1]
    replies = BY_NAME.get(messages[asked]["content"], [stream(message(END))])
    # A request that is sent again is the same: only a step further on has more messages.
    step = sum(1 for each in messages[asked:] if each["role"] == "assistant")
    return replies[min(step, len(replies) - 1)]


def lay_out(folder: Path) -> None:
    """Put the files of all this into `folder`."""
    (folder / "tool.py").write_text(TOOL_CODE, encoding="utf-8")
    (folder / "canary.txt").write_text(CANARY, encoding="utf-8")
    (folder / "tools.yaml").write_text(TOOLS, encoding="utf-8")
    (folder / "docs.json").write_text(DOCS, encoding="utf-8")


# -- what a server says ------------------------------------------------------------------------------


def _error(name: str, status: int, body: Any, **headers: str) -> Say:
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    return Say(name, [error(status, body, named)])


def _chunks(name: str, *chunks: bytes, end: Sequence[Action] = ()) -> Say:
    return Say(name, [[Head(), *map(Chunk, chunks), *end]])


def _event(name: str, **fields: Any) -> Say:
    """A message in which there is one such event more."""
    whole = message(END)
    place = whole.index(b"event: content-end")
    kind = fields.pop("kind")
    return Say(name, [stream(whole[:place], frame(kind, **fields), whole[place:])])


def _spelled(text: str, size: int, wrap: Callable[[str], bytes]) -> bytes:
    return b"".join(wrap(text[at : at + size]) for at in range(0, len(text), size))


def _text(piece: str) -> bytes:
    return frame("content-delta", index=0, delta={"message": {"content": {"text": piece}}})


def _thought(piece: str) -> bytes:
    return frame("content-delta", index=0, delta={"message": {"content": {"thinking": piece}}})


def _plan(piece: str) -> bytes:
    return frame("tool-plan-delta", delta={"message": {"tool_plan": piece}})


def _spelling(name: str, size: int, wrap: Callable[[str], bytes] = _text) -> Say:
    whole = message(END)
    place = whole.index(b"event: content-start") if wrap is _plan else whole.index(b"event: content-end")
    said = _spelled(f"It is {CANARY} so.", size, wrap)
    return Say(f"{name} in pieces of {size}", [stream(whole[:place], said, whole[place:])], spelled=True)


def _parted(name: str, between: bytes, *, at: int = 6) -> Say:
    """The canary in two deltas, with something else in between."""
    whole = message(END)
    place = whole.index(b"event: content-end")
    said = _text(f"It is {CANARY[:at]}") + between + _text(f"{CANARY[at:]} so.")
    return Say(name, [stream(whole[:place], said, whole[place:])], spelled=True)


def _begun(name: str, start: bytes, rest: bytes) -> Say:
    """The canary, its first half in what opens a block or a call."""
    whole = message(END)
    place = whole.index(b"event: content-end")
    return Say(name, [stream(whole[:place], start, rest, whole[place:])], spelled=True)


def _call(name: str, tool: str, arguments: str = "{}", call_id: str = "c1") -> Say:
    return Say(
        name, [stream(message(tool_calls=[(call_id, tool, arguments)])), stream(message(END))], arguments != "{}"
    )


CITED = f"It is {CANARY}."
CITATION = {
    "start": 6,
    "end": 6 + len(CANARY),
    "text": CANARY,
    "sources": [{"type": "document", "id": CANARY, "document": {"id": CANARY, "text": f"it says {CANARY}"}}],
    "type": "TEXT_CONTENT",
}
BASIC = base64.b64encode(f"me:{CANARY}".encode()).decode()
BEARER = base64.b64encode(f"Bearer {CANARY}".encode()).decode()
IN_URL = urllib.parse.quote(CANARY, safe="")
HALF = _text(f"It is {CANARY} so.")
ESCAPED = "".join(f"\\u{ord(character):04x}" for character in CANARY)
CUT = HALF.index(CANARY.encode()) + 9

ZIPPED = {**EVENT_STREAM, "content-encoding": "gzip"}

SERVERS = [
    *(_error(f"{status}, JSON", status, {"message": f"invalid key {CANARY}"}) for status in (400, 401, 403, 422, 500)),
    _error("401, nested JSON", 401, {"error": {"headers": {"Authorization": f"Bearer {CANARY}"}}}),
    _error("403, text", 403, f"Authorization: Bearer {CANARY}"),
    _error("401, a page", 401, f"<html><title>{CANARY}</title>{CANARY}</html>"),
    _error("400, Basic", 400, {"message": f"Authorization: Basic {BASIC}"}),
    _error("400, Bearer in base64", 400, {"message": f"token {BEARER}"}),
    _error("400, in a URL", 400, {"message": f"https://host/?key={IN_URL}&x=1"}),
    _error("400, JSON in JSON", 400, {"message": json.dumps({"key": CANARY}).replace("/", "\\/")}),
    _error("400, where the text is cut", 400, {"message": "x" * (500 - len(CANARY) // 2) + CANARY}),
    _error("400, as the name of a field", 400, {CANARY: 1}),
    _error("429, retry-after", 429, {"message": CANARY}, retry_after=f"3600 {CANARY}"),
    _error("302, location", 302, "", location=f"https://elsewhere.example/{CANARY}"),
    _error("302, location where it is cut", 302, "", location="https://elsewhere.example/" + "y" * 465 + CANARY),
    _error("401, headers", 401, {"message": "no"}, www_authenticate=f"Bearer {CANARY}", x_echo=CANARY, x_in_url=IN_URL),
    Say("a page in place of a stream", [[Head(200, {"content-type": "text/html"}), Chunk(f"<p>{CANARY}".encode())]]),
    Say(
        "a page that is cut",
        [[Head(200, {"content-type": "text/html"}), Chunk(b"x" * 490), Chunk(CANARY.encode()), Chunk(b"z" * 9000)]],
    ),
    Say("a content type", [[Head(200, {"content-type": f"text/{CANARY}"}), Chunk(b"hello")]]),
    Say("a reason phrase", [[Raw(f"HTTP/1.1 500 {CANARY}\r\ncontent-length: 0\r\n\r\n".encode())]]),
    Say("no HTTP", [[Raw(f"{CANARY} no HTTP\r\n\r\n".encode()), Close()]]),
    Say("a header that is none", [[Raw(f"HTTP/1.1 200 OK\r\n{CANARY}\r\n\r\n".encode()), Close()]]),
    _chunks("garbage for a chunk", HALF, end=[Raw(f"{CANARY}\r\n".encode())]),
    _chunks("reset behind it", HALF, end=[Reset()]),
    _chunks("cut behind it", HALF, end=[Close()]),
    _chunks("cut within it", HALF[:CUT], end=[Close()]),
    Say("echoed in the headers of a stream", [[Head(200, {**EVENT_STREAM, "x-echo": f"Bearer {CANARY}"}),
                                               Chunk(message(END))]]),
    Say("a compressed stream", [[Head(200, ZIPPED), Chunk(gzip.compress(message(CITED)))]]),
    Say("a compressed page", [[Head(401, ZIPPED), Chunk(gzip.compress(f"no {CANARY}".encode()))]]),
    Say("text", [stream(message(CITED))]),
    *(_parted(f"text parted by {name}", between) for name, between in (
        ("a citation", frame("citation-start", index=0, delta={"message": {"citations": {"start": 0, "end": 2}}})),
        ("an end of a block", frame("content-end", index=0)),
        ("another block", frame("content-start", index=1, delta={"message": {"content": {"type": "text"}}})),
        ("thinking", _thought("hm")),
    )),
    _begun("text begun in its start",
           frame("content-start", index=1, delta={"message": {"content": {"type": "text", "text": CANARY[:6]}}}),
           frame("content-delta", index=1, delta={"message": {"content": {"text": CANARY[6:]}}})),
    _begun("arguments begun in their start",
           frame("tool-call-start", index=0, delta={"message": {"tool_calls": {"id": "c1", "type": "function",
                 "function": {"name": "canned", "arguments": '{"a": "' + CANARY[:6]}}}}),
           frame("tool-call-delta", index=0, delta={"message": {"tool_calls": {"function": {
                 "arguments": CANARY[6:] + '"}'}}}})),
    Say("text in JSON escapes", [stream(message("KEY").replace(b"KEY", ESCAPED.encode()))]),
    Say("two chunks", [stream(message("")[:-1] + HALF[:CUT], HALF[CUT:] + message(END))]),
    Say("a byte each", [stream(*(bytes([byte]) for byte in message(CITED)))]),
    _spelling("text", 1),
    _spelling("text", 3),
    _spelling("text", 7),
    _spelling("text", 20),
    _spelling("thinking", 5, _thought),
    _spelling("plan", 5, _plan),
    Say("thinking", [stream(message(END, thinking=f"I know {CANARY}."))]),
    Say("plan", [stream(message(plan=f"I use {CANARY}.", tool_calls=[("c1", "canned", "{}")])), stream(message(END))]),
    Say("a citation", [stream(message(CITED, citations=[CITATION]))]),
    Say("a failure in the stream", [stream(message(END, finish_reason="ERROR").replace(
        b'"finish_reason":"ERROR"', f'"finish_reason":"ERROR","error":"{CANARY}","error_type":"{CANARY}"'.encode()
    ))]),
    Say("a finish reason", [stream(message(END, finish_reason=CANARY))]),
    Say("usage", [stream(message(END, usage={"billed_units": {CANARY: 1}, "api_version": CANARY}))]),
    _event("an unknown event", kind=CANARY, data={CANARY: CANARY}),
    _event("the prompt", kind="debug", prompt=f"system: {CANARY}"),
    _chunks("a malformed frame", b"data: {" + CANARY.encode() + b"\n\n" + message(END)),
    _chunks("a comment", b": " + CANARY.encode() + b"\n\n" + message(END)),
]  # fmt: skip

# -- what tools do, and what a model says of them ------------------------------------------------------

CALLS = [
    *(_call(f"a tool that {tool}", tool) for tool in ("returns", "raises", "prints", "dies")),
    _call("a tool that looks", "environment"),
    _call("a canned reply", "canned"),
    _call("a tool of that name", CANARY),
    _call("an unknown tool with it", "unknown", json.dumps({"key": CANARY})),
    _call("an argument", "returns", json.dumps({"key": CANARY, CANARY: [CANARY]})),
    _call("an argument that is no JSON", "canned", f'{{"key": "{CANARY}'),
    _call("an argument in JSON escapes", "canned", f'{{"key": "{ESCAPED}"}}'),
    _call("the id of a call", "canned", call_id=CANARY),
]

SAYS = [*SERVERS, *CALLS]
BY_NAME = {say.name: say.replies for say in SAYS}
