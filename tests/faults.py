"""What a server can do wrong, case by case, and the one outcome that each has.

One table for the command and for the app: a question that is the name of a fault is answered with it, and every other
question with `NEXT`.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.core.streams import frame
from tests.loopback import EVENT_STREAM, Chunk, Close, Hang, Head, Raw, Received, Reply, Reset, error, message, stream

NEXT = "All is well."
SAID = "The tide turns"
WHOLE = message(SAID)
PARTIAL = message(SAID, done=False).split(b"event: content-end")[0]
START = frame("message-start", id="m")
SHORT = ("--timeout", "0.3", "--first-byte-timeout", "0.3")
CALL = ("c1", "hours", '{"place": "library"}')


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault and its outcome. The last of `replies` is given again for as long as the turn asks.

    `status`, `kind`, `http`, `says` are of the last line; `text` is what must have been kept. `retries` counts the
    requests that were sent again, `results` the tool calls that were run. `odd` must be among the lines' kinds.
    """

    name: str
    replies: Sequence[Reply]
    status: str
    kind: str | None = None
    http: int | None = None
    text: str = ""
    says: str = ""
    retries: int = 0
    results: int = 0
    odd: str = ""
    flags: Sequence[str] = ()

    @property
    def code(self) -> int:
        return 0 if self.status == "complete" else 1


def script(faults: Sequence[Fault]) -> Callable[[Received], Reply]:
    """Answers each fault's name with its replies, in order, and anything else with `NEXT`."""
    by_name = {fault.name: fault for fault in faults}
    asked: dict[str, int] = {}

    def reply(received: Received) -> Reply:
        prompt = [each["content"] for each in received.body["messages"] if each["role"] == "user"][-1]
        if prompt not in by_name:
            return stream(message(NEXT))
        number = asked.get(prompt, 0)
        asked[prompt] = number + 1
        replies = by_name[prompt].replies
        return replies[min(number, len(replies) - 1)]

    return reply


# -- error responses ---------------------------------------------------------------------------------


def _status(status: int, says: str, *, retries: int = 0) -> Fault:
    body = {"message": "the server's own words"}
    return Fault(f"status {status}", [error(status, body)], "failed", "http", status, says=says, retries=retries)


def _body(name: str, data: bytes, says: str, kind: str = "application/json") -> Fault:
    reply = [Head(400, {"content-type": kind, "content-length": str(len(data))}), Chunk(data)]
    return Fault(f"error body: {name}", [reply], "failed", "http", 400, says=says)


STATUSES = [
    _status(400, "mistake"),
    _status(401, "read from CO_API_KEY"),
    _status(402, "billing"),
    _status(403, "rights"),
    _status(404, "check model and base URL"),
    _status(405, "base URL"),
    _status(406, "did not take"),
    _status(408, "try again", retries=3),
    _status(409, "try again"),
    _status(410, "gone"),
    _status(413, "shorter"),
    _status(422, "change the request"),
    _status(429, "limit", retries=3),
    _status(498, "does not allow"),
    _status(499, "cancelled"),
    _status(500, "server's side", retries=3),
    _status(501, "does not offer"),
    _status(502, "server's side", retries=3),
    _status(503, "server's side", retries=3),
    _status(504, "too long", retries=3),
    _status(505, "server's side"),
    _status(529, "overloaded", retries=3),
    *(
        Fault(
            f"status {status}",
            [error(status, "", {"location": "https://elsewhere.example/v2/chat"})],
            "failed",
            "http",
            status,
            says="elsewhere.example",
        )
        for status in (301, 302, 307, 308)
    ),
    Fault("status 304", [[Head(304, {"content-length": "0"})]], "failed", "http", 304, says="did not take"),
    Fault(
        "429 that says when",
        [error(429, {"message": "quota"}, {"retry-after": "7200"})],
        "failed",
        "http",
        429,
        says="in 120 min",
    ),
    Fault("503 once", [error(503, {"message": "busy"}), stream(WHOLE)], "complete", text=SAID, retries=1),
    Fault("429 twice", [error(429), error(429), stream(WHOLE)], "complete", text=SAID, retries=2),
    _body("JSON", b'{"message": "no such field"}', "no such field"),
    _body("nested JSON", b'{"error": {"message": "inner words"}}', "inner words"),
    _body("HTML", b"<html><title>Bad Gateway</title></html>", "Bad Gateway", "text/html"),
    _body("empty", b"", "HTTP 400."),
    _body("text", b"upstream is down", "upstream is down", "text/plain"),
    _body("half a JSON", b'{"message": "half', "half"),
    _body("bytes that are no text", b"\xff\xfe\x00 no text", "no text"),
    _body("deep JSON", b"[" * 50_000, "HTTP 400"),
    _body("null", b"null", "HTTP 400."),
    _body("escape sequences", b'{"message": "\\u001b]52;c;x\\u0007"}', "HTTP 400"),
    Fault(
        "an error body without end",
        [[Head(400, {"content-type": "text/plain"}), Chunk(b"x" * 2_000_000), Hang()]],
        "failed",
        "http",
        400,
        says="xxx",
    ),
    Fault(
        "an error body that never comes",
        [[Head(400, {"content-type": "text/plain", "content-length": "5"}), Hang()]],
        "failed",
        "http",
        400,
        says="mistake",
    ),
    Fault(
        "an error body that breaks off",
        [[Head(400, {"content-type": "text/plain", "content-length": "50"}), Chunk(b"sorry, "), Close()]],
        "failed",
        "http",
        400,
        says="sorry",
    ),
]

# -- connections and HTTP --------------------------------------------------------------------------------


def _broken(name: str, *reply: Any, says: str = "", text: str = "", retries: int = 0, **fields: Any) -> Fault:
    return Fault(name, [list(reply)], "failed", "connection", says=says, text=text, retries=retries, **fields)


def _whole(name: str, *reply: Any, text: str = SAID, **fields: Any) -> Fault:
    return Fault(name, [list(reply)], "complete", text=text, **fields)


def _not_a_stream(name: str, kind: str | None, data: bytes, says: str) -> Fault:
    headers = {"content-length": str(len(data)), **({"content-type": kind} if kind else {})}
    return Fault(name, [[Head(200, headers), Chunk(data)]], "failed", "not-a-stream", 200, says=says)


HTTP = [
    _broken("reset at once", Reset(), says="before it answered", retries=3),
    _broken("closed at once", Close(), says="before it answered", retries=3),
    _broken("no HTTP", Raw(b"SSH-2.0-OpenSSH_9.6\r\n\r\n"), Close(), says="before it answered", retries=3),
    _broken("half a head", Raw(b"HTTP/1.1 200 OK\r\ncontent-ty"), Close(), says="before it answered", retries=3),
    _broken("a head without end", Raw(b"HTTP/1.1 200 OK\r\nx: " + b"y" * 200_000), Close(), retries=3),
    _broken("reset behind the head", Head(), Reset(), says="in the middle", retries=3),
    _broken("cut in the answer", Head(), Chunk(PARTIAL), Close(), says="in the middle", text=SAID),
    _broken("cut in a frame", Head(), Chunk(PARTIAL + b'data: {"type":'), Close(), text=SAID, odd="malformed"),
    _broken("garbage for a chunk", Head(), Chunk(PARTIAL), Raw(b"zzz\r\n"), says="in the middle", text=SAID),
    _broken(
        "a content-length that is too long",
        Head(200, {**EVENT_STREAM, "content-length": str(len(PARTIAL) + 9)}),
        Chunk(PARTIAL),
        Close(),
        text=SAID,
    ),
    Fault(
        "a content-length that is too short",
        [[Head(200, {**EVENT_STREAM, "content-length": str(len(PARTIAL))}), Chunk(WHOLE), Close()]],
        "incomplete",
        "stream",
        text=SAID,
        says="message-end",
    ),
    _broken(
        "plain text called gzip",
        Head(200, {**EVENT_STREAM, "content-encoding": "gzip"}),
        Chunk(WHOLE),
        says="content-encoding",
    ),
    _whole(
        "gzip although identity was asked for",
        Head(200, {**EVENT_STREAM, "content-encoding": "gzip"}),
        Chunk(gzip.compress(WHOLE)),
    ),
    Fault(
        "gzip that breaks off",
        [
            [
                Head(200, {**EVENT_STREAM, "content-encoding": "gzip"}),
                Chunk(gzip.compress(PARTIAL)[:-9]),
            ]
        ],
        "incomplete",
        "stream",
        text=SAID,
    ),
    _whole("an encoding nobody knows", Head(200, {**EVENT_STREAM, "content-encoding": "sparkle"}), Chunk(WHOLE)),
    _whole("100 first", Raw(b"HTTP/1.1 100 Continue\r\n\r\n"), Head(), Chunk(WHOLE)),
    _whole("103 first", Raw(b"HTTP/1.1 103 Early Hints\r\nlink: <a>\r\n\r\n"), Head(), Chunk(WHOLE)),
    _broken("100 and no more", Raw(b"HTTP/1.1 100 Continue\r\n\r\n"), Close(), retries=3),
    _broken("101", Raw(b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n"), Close(), retries=3),
    _whole("HTTP/1.0", Raw(b"HTTP/1.0 200 OK\r\ncontent-type: text/event-stream\r\n\r\n" + WHOLE), Close()),
    _not_a_stream("JSON in place of a stream", "application/json", b'{"hello": 1}', "hello"),
    _not_a_stream("a page in place of a stream", "text/html", b"<html>log in</html>", "log in"),
    _not_a_stream("a stream of a wrong content type", "text/plain", WHOLE, "text/plain"),
    _not_a_stream("no content type", None, WHOLE, "no content type"),
    _not_a_stream("an empty page", "text/html", b"", "(empty)"),
    _whole("a content type in other letters", Head(200, {"content-type": "Text/Event-Stream; x=y"}), Chunk(WHOLE)),
]

# -- silence ---------------------------------------------------------------------------------------------


def _silent(name: str, *reply: Any, says: str, text: str = "") -> Fault:
    return Fault(name, [list(reply)], "timeout", "timeout", text=text, says=says, flags=SHORT)


SILENCE = [
    _silent("no answer at all", Hang(), says="--first-byte-timeout"),
    _silent("headers only", Head(), Hang(), says="--first-byte-timeout"),
    Fault(
        "silence in the answer",
        [[Head(), Chunk(PARTIAL), Hang()]],
        "timeout",
        "timeout",
        text=SAID,
        says="--timeout",
        flags=("--timeout", "0.3"),
    ),
    _silent("silence in a frame", Head(), Chunk(PARTIAL + b'data: {"ty'), Hang(), says="-timeout", text=SAID),
    _silent("comments for ever", Head(), Hang(b": hold on\n\n"), says="without an event"),
    _silent("comments for ever in the answer", Head(), Chunk(PARTIAL), Hang(b":\n\n"), says="without", text=SAID),
    _silent("pings for ever", Head(), Hang(b"event: ping\ndata: {}\n\n"), says="without an event"),
    _silent("a line for ever", Head(), Hang(b"data: x"), says="without an event"),
    Fault(
        "a turn over its time",
        [[Head(), Chunk(PARTIAL), Hang(frame("content-delta", index=0, delta={"message": {"content": {"text": ""}}}))]],
        "timeout",
        "timeout",
        text=SAID,
        says="--max-time",
        flags=("--max-time", "0.5"),
    ),
    _whole("nothing behind the end", Head(), Chunk(WHOLE), Hang()),
    _whole("comments for ever behind the end", Head(), Chunk(WHOLE), Hang(b": still here\n\n")),
]

# -- frames ----------------------------------------------------------------------------------------------


def _streamed(name: str, *chunks: bytes, status: str = "complete", text: str = SAID, **fields: Any) -> Fault:
    return Fault(name, [stream(*chunks)], status, text=text, **fields)


def _failed(name: str, *chunks: bytes, says: str, text: str = SAID) -> Fault:
    return _streamed(name, *chunks, status="failed", kind="stream", says=says, text=text)


def _delta(text: str, **fields: Any) -> bytes:
    return frame("content-delta", index=0, delta={"message": {"content": {"text": text}}}, **fields)


def _end(reason: Any = "COMPLETE", **fields: Any) -> bytes:
    return frame("message-end", delta={"finish_reason": reason, **fields})


def _data(value: Any) -> bytes:
    return f"data: {json.dumps(value)}\n\n".encode()


def _bytes(data: bytes) -> list[bytes]:
    return [data[i : i + 1] for i in range(len(data))]


RAINBOW = (
    message("20 °C 🌈 ends", done=True).replace(b"\\u00b0", "°".encode()).replace(b"\\ud83c\\udf08", "🌈".encode())
)
BURST = b"".join([START, *(_delta(f"w{n} ") for n in range(5000)), _end()])
WORDS = "".join(f"w{n} " for n in range(5000))
HEAD, TAIL = PARTIAL, WHOLE[len(PARTIAL) :]

FRAMES = [
    _streamed("an empty body", b"", status="incomplete", kind="stream", text="", says="before anything"),
    _streamed("only [DONE]", b"data: [DONE]\n\n", status="incomplete", kind="stream", text="", says="its log"),
    _streamed("only a message-start", START, status="incomplete", kind="stream", text=""),
    _streamed("no message-end", PARTIAL, status="incomplete", kind="stream", says="what had come is kept"),
    _streamed("[DONE] in place of a message-end", PARTIAL, b"data: [DONE]\n\n", status="incomplete", kind="stream"),
    _streamed("quoted [DONE]", message(SAID, done=False), b'data: "[DONE]"\n\n'),
    _streamed("a frame that is no JSON", HEAD, b'data: {"type":"content-del\n\n', TAIL, odd="malformed"),
    _streamed(
        "a last frame that is no JSON", HEAD, b"data: {oops\n\n", status="failed", kind="stream", says="not JSON"
    ),
    _streamed(
        "an error object", HEAD, _data({"message": "overloaded"}), status="failed", kind="stream", says="overloaded"
    ),
    _streamed(
        "an error event", HEAD, frame("error", error={"message": "cuda"}), status="failed", kind="stream", says="cuda"
    ),
    _streamed(
        "an error object at once",
        _data({"error": "no model"}),
        status="failed",
        kind="stream",
        text="",
        says="no model",
    ),
    _failed("a proxy's words", HEAD, b"upstream connect error\n", says="connect error"),
    _streamed("unknown events", HEAD, frame("sparkle", glitter=1), frame("", x=1), TAIL, odd="unknown"),
    _streamed("an event of version 1", HEAD, _data({"event_type": "text-generation"}), TAIL, odd="malformed"),
    _streamed("a list for an event", HEAD, _data([1]), _data(None), _data(7), TAIL, odd="malformed"),
    _streamed("a shape that is wrong", HEAD, frame("content-delta", delta=[1, 2]), TAIL, odd="malformed"),
    _streamed("JSON that is too deep", HEAD, b"data: " + b"[" * 9000 + b"\n\n", TAIL, odd="malformed"),
    _streamed("text without its start", _delta(SAID), _end()),
    _streamed("the end before the text", _end(), _delta(SAID), b"data: [DONE]\n\n"),
    _streamed("two ends", WHOLE, _end()),
    _streamed("a second message-start", HEAD, frame("message-start", id="again"), TAIL),
    _streamed(
        "a body that goes on behind [DONE]", WHOLE, frame("sparkle"), b"data: [DONE]\n\n", b": bye\n\n", odd="unknown"
    ),
    _streamed("ends of nothing", frame("content-end", index=9), frame("tool-call-end"), frame("citation-end"), WHOLE),
    _streamed("one byte at a time", *_bytes(WHOLE)),
    _streamed("characters that are split", *_bytes(RAINBOW), text="20 °C 🌈 ends"),
    _streamed("bytes that are no UTF-8", HEAD, b'data: {"type":"sparkle\xff\xfe"}\n\n', TAIL, odd="unknown"),
    _streamed("CRLF", WHOLE.replace(b"\n", b"\r\n")),
    _streamed("CR", WHOLE.replace(b"\n", b"\r")),
    _streamed("a byte order mark", b"\xef\xbb\xbf" + WHOLE),
    _streamed("no blank line at the end", message(SAID, done=False).rstrip(b"\n")),
    _streamed("comments between", HEAD, b": keep-alive\n\n:\n\n", TAIL),
    _streamed("5,000 events in one chunk", BURST, text=WORDS),
    _streamed("a frame of a megabyte", START, _delta("x" * 1_000_000), _end(), text="x" * 1_000_000),
    _streamed("a line over the limit", HEAD, b"data: " + b"y" * (17 * 2**20), b"\n\n", TAIL, odd="malformed"),
    _streamed("lines over the limit", HEAD, (b"data: " + b"y" * 999_994 + b"\n") * 18, b"\n", TAIL, odd="malformed"),
    _streamed("NUL and control characters", START, _delta("a\x00b\x1b[31m"), _end(), text="a\x00b\x1b[31m"),
    _streamed("numbers that are none", HEAD, _end(usage={"tokens": {"output_tokens": float("nan")}})),
    _failed("ERROR", HEAD, _end("ERROR", error="no luck"), says="no luck"),
    _failed("ERROR without a word", HEAD, _end("ERROR"), says="no reason"),
    _failed("TIMEOUT", HEAD, _end("TIMEOUT"), says="ran out of time"),
    _streamed("a reason nobody knows", HEAD, _end("SPARKLE")),
    _streamed("no reason", HEAD, _end(None)),
    _streamed("cut short", HEAD, _end("MAX_TOKENS")),
    _streamed("no text at all", START, _end(), text=""),
]

# -- tool calls --------------------------------------------------------------------------------------------


def _called(name: str, *calls: tuple[str, str, str], results: int) -> Fault:
    """Calls that are answered in a second step."""
    return Fault(name, [stream(message(tool_calls=calls)), stream(WHOLE)], "complete", text=SAID, results=results)


def _calls(call: dict[str, Any]) -> dict[str, Any]:
    return {"message": {"tool_calls": call}}


INTERLEAVED = b"".join(
    [
        START,
        *(
            frame(
                "tool-call-start",
                index=n,
                delta={"message": {"tool_calls": {"id": f"c{n}", "function": {"name": "hours"}}}},
            )
            for n in (0, 1)
        ),
        *(
            frame("tool-call-delta", index=n, delta=_calls({"function": {"arguments": part}}))
            for part in ('{"place":', ' "x"}')
            for n in (0, 1)
        ),
        _end("TOOL_CALL"),
    ]
)

TOOLS = [
    _called("duplicate call ids", CALL, CALL, results=2),
    _called("a call without id and name", ("", "", "{}"), results=1),
    _called("arguments that break off", ("c1", "hours", '{"place": "lib'), results=1),
    _called("arguments that are a list", ("c1", "hours", "[1]"), results=1),
    _called("no arguments", ("c1", "hours", ""), results=1),
    _called("an unknown tool", ("c1", "sparkle", "{}"), results=1),
    Fault("interleaved calls", [stream(INTERLEAVED), stream(WHOLE)], "complete", text=SAID, results=2),
    Fault(
        "ERROR behind a finished call",
        [stream(message(tool_calls=[CALL], finish_reason="ERROR"))],
        "failed",
        "stream",
        says="ERROR",
    ),
    Fault(
        "a stream that ends behind a finished call",
        [stream(message(tool_calls=[CALL], done=False).split(b"event: message-end")[0])],
        "incomplete",
        "stream",
    ),
    Fault("the same calls again", [stream(message(tool_calls=[CALL]))], "max-steps", "max-steps", results=1),
    Fault(
        "a second step that fails",
        [stream(message("First.", tool_calls=[CALL])), error(400, {"message": "tool ids"})],
        "failed",
        "http",
        400,
        text="First.",
        says="tool ids",
        results=1,
    ),
    Fault(
        "a second step that is sent again",
        [stream(message(tool_calls=[CALL])), error(503), stream(WHOLE)],
        "complete",
        text=SAID,
        results=1,
        retries=1,
    ),
]

FAULTS = [*STATUSES, *HTTP, *SILENCE, *FRAMES, *TOOLS]
