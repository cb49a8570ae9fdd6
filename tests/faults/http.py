"""Error responses, connections that break, odd HTTP, and silence."""

from __future__ import annotations

import gzip
import json

from tests.core.streams import frame
from tests.faults.fault import PARTIAL, SAID, SHORT, WHOLE, Fault, whole
from tests.loopback import EVENT_STREAM, Action, Chunk, Close, Hang, Head, Raw, Reply, Reset, error, stream

# -- error responses ---------------------------------------------------------------------------------


def _status(status: int, says: str, *, retries: int = 0) -> Fault:
    body = {"message": "the server's own words"}
    return Fault(f"status {status}", [error(status, body)], "failed", "http", status, says=says, retries=retries)


def _body(name: str, data: bytes, says: str, kind: str = "application/json") -> Fault:
    reply: Reply = [Head(400, {"content-type": kind, "content-length": str(len(data))}), Chunk(data)]
    return Fault(f"error body: {name}", [reply], "failed", "http", 400, says=says)


_DETAIL = json.dumps(
    {
        "detail": [
            {"type": "missing", "loc": ["body", "messages", 0, "content"], "msg": "field required", "input": {}},
            {"loc": ["body", "temperature"], "msg": "too hot", "type": "value_error"},
        ]
    }
).encode()

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
        says="asks to wait 2 h; ask again then",
    ),
    Fault("503 once", [error(503, {"message": "busy"}), stream(WHOLE)], "complete", text=SAID, retries=1),
    Fault("429 twice", [error(429), error(429), stream(WHOLE)], "complete", text=SAID, retries=2),
    _body("JSON", b'{"message": "no such field"}', "no such field"),
    _body("nested JSON", b'{"error": {"message": "inner words"}}', "inner words"),
    _body("HTML", b"<html><title>Bad Gateway</title></html>", "Bad Gateway", "text/html"),
    _body("empty", b"", "HTTP 400."),
    _body("FastAPI's", _DETAIL, "messages.0.content: field required; temperature: too hot."),
    _body("FastAPI's, in a word", b'{"detail": "Not this model"}', "Not this model"),
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


def _broken(name: str, *reply: Action, says: str = "", text: str = "", retries: int = 0, odd: str = "") -> Fault:
    return Fault(name, [list(reply)], "failed", "connection", says=says, text=text, retries=retries, odd=odd)


def _not_a_stream(name: str, kind: str | None, data: bytes, says: str) -> Fault:
    headers = {"content-length": str(len(data)), **({"content-type": kind} if kind else {})}
    return Fault(name, [[Head(200, headers), Chunk(data)]], "failed", "not-a-stream", 200, says=says)


def _whole_answer(name: str, data: bytes, kind: str = "application/json", text: str = SAID) -> Fault:
    headers = {"content-type": kind, "content-length": str(len(data))}
    return Fault(name, [[Head(200, headers), Chunk(data)]], "complete", text=text, odd="unknown")


ANSWER = {
    "id": "m",
    "finish_reason": "COMPLETE",
    "message": {"role": "assistant", "content": [{"type": "text", "text": SAID}]},
    "usage": {"tokens": {"input_tokens": 5, "output_tokens": 7}},
}
ANSWER_JSON = json.dumps(ANSWER).encode()
V1 = b'{"text": "The tide turns", "generation_id": "g", "finish_reason": "COMPLETE", "chat_history": []}'
OLLAMA = b'{"model": "m", "message": {"role": "assistant", "content": "The tide turns"}, "done": true}'
OPENAI = b'{"choices": [{"message": {"role": "assistant", "content": "The tide"}, "finish_reason": "stop"}]}'

HTTP = [
    _whole_answer("a whole answer", ANSWER_JSON),
    _whole_answer("a whole answer with a charset", ANSWER_JSON, "Application/JSON; charset=utf-8"),
    _whole_answer("a whole answer behind a byte order mark", b"\xef\xbb\xbf\n " + ANSWER_JSON + b"\n"),
    _whole_answer(
        "a whole answer that is one text",
        json.dumps(ANSWER | {"message": {"content": "Nine 🌈"}}).encode(),
        text="Nine 🌈",
    ),
    _whole_answer("a whole answer of nothing", b'{"message": {}, "finish_reason": "COMPLETE"}', text=""),
    Fault(
        "a whole answer that failed",
        [
            [
                Head(200, {"content-type": "application/json"}),
                Chunk(b'{"message": {}, "finish_reason": "ERROR", "error": "no luck"}'),
            ]
        ],
        "failed",
        "stream",
        says="no luck",
        odd="unknown",
    ),
    Fault(
        "a whole answer whose call is lost",
        [
            [
                Head(200, {"content-type": "application/json"}),
                Chunk(b'{"message": {"tool_calls": ["hours"]}, "finish_reason": "TOOL_CALL"}'),
            ]
        ],
        "incomplete",
        "stream",
        says="cannot be read",
        odd="malformed",
    ),
    _whole_answer("a whole answer called plain text", ANSWER_JSON, "text/plain; charset=utf-8"),
    _whole_answer("a whole answer called bytes", ANSWER_JSON, "application/octet-stream"),
    _whole_answer(
        "a long answer called plain text",
        json.dumps(ANSWER | {"message": {"content": "x" * 100_000}}).encode(),
        "text/plain",
        text="x" * 100_000,
    ),
    _whole_answer("a whole answer called a stream", ANSWER_JSON, "text/event-stream"),
    Fault(
        "a whole answer called a stream, in pieces",
        [[Head(), Chunk(b"\n "), *(Chunk(ANSWER_JSON[at : at + 7]) for at in range(0, len(ANSWER_JSON), 7))]],
        "complete",
        text=SAID,
        odd="unknown",
    ),
    Fault(
        "a whole answer called a stream that is cut",
        [[Head(), Chunk(ANSWER_JSON[:40]), Reset()]],
        "failed",
        "connection",
        retries=3,
    ),
    Fault(
        "half a whole answer called a stream",
        [[Head(), Chunk(ANSWER_JSON[:40])]],
        "failed",
        "stream",
        says="finish_reason",
        odd="malformed",
    ),
    _not_a_stream("text that begins like an answer", "text/plain", b"{ not JSON " * 1_000, "{ not JSON"),
    *(
        _not_a_stream(f"a failure told with status 200: {what}", "application/json", data, says)
        for what, data, says in (
            ("OpenAI's", b'{"error": {"message": "overloaded", "type": "x"}}', "HTTP 200: overloaded. The server"),
            ("one text", b'{"error": "overloaded"}', "HTTP 200: overloaded. The server"),
            ("Cohere's", b'{"message": "overloaded", "id": "x"}', "HTTP 200: overloaded. The server"),
            (
                "FastAPI's",
                b'{"detail": [{"loc": ["body", "model"], "msg": "gone"}]}',
                "HTTP 200: model: gone. The server",
            ),
        )
    ),
    _not_a_stream("a whole answer of version 1", "application/json", V1, "generation_id"),
    _not_a_stream("a whole answer of another API", "application/json", OLLAMA, "done"),
    _not_a_stream("a whole answer of a third API", "application/json", OPENAI, "choices"),
    _not_a_stream("half a whole answer", "application/json", ANSWER_JSON[:-5], "finish_reason"),
    _not_a_stream("a whole answer that is a page", "text/html", ANSWER_JSON, "finish_reason"),
    _not_a_stream("JSON that is too deep for an answer", "application/json", b"[" * 50_000, "[[["),
    _broken(
        "a whole answer that breaks off",
        Head(200, {"content-type": "application/json", "content-length": str(len(ANSWER_JSON) + 9)}),
        Chunk(ANSWER_JSON),
        Close(),
        says="broke",
        retries=3,
    ),
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
    whole(
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
    whole("an encoding nobody knows", Head(200, {**EVENT_STREAM, "content-encoding": "sparkle"}), Chunk(WHOLE)),
    whole("100 first", Raw(b"HTTP/1.1 100 Continue\r\n\r\n"), Head(), Chunk(WHOLE)),
    whole("103 first", Raw(b"HTTP/1.1 103 Early Hints\r\nlink: <a>\r\n\r\n"), Head(), Chunk(WHOLE)),
    _broken("100 and no more", Raw(b"HTTP/1.1 100 Continue\r\n\r\n"), Close(), retries=3),
    _broken("101", Raw(b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n"), Close(), retries=3),
    whole("HTTP/1.0", Raw(b"HTTP/1.0 200 OK\r\ncontent-type: text/event-stream\r\n\r\n" + WHOLE), Close()),
    _not_a_stream("JSON in place of a stream", "application/json", b'{"hello": 1}', "hello"),
    _not_a_stream("a page in place of a stream", "text/html", b"<html>log in</html>", "log in"),
    _not_a_stream("a stream of a wrong content type", "text/plain", WHOLE, "text/plain"),
    _not_a_stream("no content type", None, WHOLE, "no content type"),
    _not_a_stream("an empty page", "text/html", b"", "(empty)"),
    whole("a content type in other letters", Head(200, {"content-type": "Text/Event-Stream; x=y"}), Chunk(WHOLE)),
]

# -- silence ---------------------------------------------------------------------------------------------


def _silent(name: str, *reply: Action, says: str, text: str = "") -> Fault:
    return Fault(name, [list(reply)], "timeout", "timeout", text=text, says=says, flags=SHORT)


def _kept_alive(name: str, *reply: Action, says: str, text: str = "") -> Fault:
    """Only the limit on what is no answer can end it, however late the program is."""
    flags = ("--timeout", "30", "--first-byte-timeout", "0.3")
    return Fault(name, [list(reply)], "timeout", "timeout", text=text, says=says, flags=flags)


def _silence(name: str, *reply: Action, says: str, text: str = "") -> Fault:
    return Fault(name, [list(reply)], "timeout", "timeout", text=text, says=says, flags=("--timeout", "0.5"))


SILENCE = [
    _silent("no answer at all", Hang(), says="--first-byte-timeout"),
    _silent("headers only", Head(), Hang(), says="--first-byte-timeout"),
    _silence("silence, with --timeout alone", Hang(), says="no byte of an answer within 0.5 s"),
    _silence("silence behind the head, with --timeout alone", Head(), Hang(), says="--timeout sets"),
    _silence("half a head, with --timeout alone", Raw(b"HTTP/1.1 200 OK\r\ncontent-ty"), Hang(), says="--timeout sets"),
    _silence("a head that dribbles", Raw(b"HTTP/1.1 200 OK\r\nx: "), Hang(b"y", raw=True), says="--timeout sets"),
    _silence("103 for ever", Hang(b"HTTP/1.1 103 Early Hints\r\n\r\n", raw=True), says="--timeout sets"),
    _silence("half a size of a chunk", Head(), Raw(b"1"), Hang(), says="--timeout sets"),
    _silence("a comment and silence", Head(), Chunk(b": hold on\n\n"), Hang(), says="nothing came for 0.5 s"),
    _silence("half a frame and silence", Head(), Chunk(PARTIAL + b'data: {"ty'), Hang(), says="0.5 s", text=SAID),
    _silence("a frame that dribbles", Head(), Chunk(PARTIAL + b"data:"), Hang(b"x", 0.05), says="0.5 s", text=SAID),
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
    _kept_alive("comments for ever", Head(), Hang(b": hold on\n\n"), says="without an event"),
    _kept_alive("comments for ever in the answer", Head(), Chunk(PARTIAL), Hang(b":\n\n"), says="without", text=SAID),
    _kept_alive("pings for ever", Head(), Hang(b"event: ping\ndata: {}\n\n"), says="without an event"),
    _kept_alive("a line for ever", Head(), Hang(b"data: x"), says="without an event"),
    Fault(
        "a turn over its time",
        [[Head(), Chunk(PARTIAL), Hang(frame("content-delta", index=0, delta={"message": {"content": {"text": ""}}}))]],
        "timeout",
        "timeout",
        text=SAID,
        says="--max-time",
        flags=("--max-time", "2"),
    ),
    whole("nothing behind the end", Head(), Chunk(WHOLE), Hang()),
    whole("comments for ever behind the end", Head(), Chunk(WHOLE), Hang(b": still here\n\n")),
]
