"""A body that is no event stream as it should be, and tool calls that are none."""

from __future__ import annotations

import json
from typing import Any

from tests.core.streams import frame
from tests.faults.fault import CALL, PARTIAL, SAID, START, WHOLE, Fault
from tests.loopback import error, message, stream

# -- frames ----------------------------------------------------------------------------------------------


def _streamed(name: str, *chunks: bytes, status: str = "complete", text: str = SAID, **fields: Any) -> Fault:
    return Fault(name, [stream(*chunks)], status, text=text, **fields)


def _failed(name: str, *chunks: bytes, says: str, text: str = SAID) -> Fault:
    return _streamed(name, *chunks, status="failed", kind="stream", says=says, text=text)


def _over(name: str, *chunks: bytes) -> Fault:
    return _streamed(name, *chunks, status="limit", kind="limit", says="max_line_mb", odd="malformed")


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
    _over("a line over the limit", HEAD, b"data: " + b"y" * (17 * 2**20), b"\n\n", TAIL),
    _over("lines over the limit", HEAD, (b"data: " + b"y" * 999_994 + b"\n") * 18, b"\n", TAIL),
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


def _calls(call: Any) -> dict[str, Any]:
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


def _opened(arguments: Any, **call: Any) -> bytes:
    return frame(
        "tool-call-start",
        index=0,
        delta=_calls({"id": "c1", "type": "function", "function": {"name": "hours", "arguments": arguments}} | call),
    )


def _object(name: str, *chunks: bytes) -> Fault:
    """A call whose arguments are no text, which is run all the same."""
    body = stream(START, *chunks, frame("tool-call-end", index=0), _end("TOOL_CALL"))
    return Fault(name, [body, stream(WHOLE)], "complete", text=SAID, results=1)


def _lost(name: str, *chunks: bytes, says: str = "", odd: str = "") -> Fault:
    """A call that did not come, or not whole: nothing is run, and the turn is not complete."""
    body = stream(START, *chunks, _end("TOOL_CALL"))
    return Fault(name, [body, stream(WHOLE)], "incomplete", "stream", says=says or "cannot be read", odd=odd)


PLACE = {"place": "library"}
MORE = frame("tool-call-delta", index=0, delta=_calls({"function": {"arguments": json.dumps(PLACE)}}))
MORE_AS_OBJECT = frame("tool-call-delta", index=0, delta=_calls({"function": {"arguments": PLACE}}))

TOOLS = [
    _object("arguments as an object", _opened(PLACE)),
    _object("arguments as an object in a delta", _opened(""), MORE_AS_OBJECT),
    _object("arguments as an object behind none", _opened(None), MORE_AS_OBJECT),
    _object("an empty object ahead of the arguments", _opened({}), MORE),
    _object("arguments as a list that is none", _opened([1])),
    _object("an id that is a number", _opened(PLACE, id=7)),
    _lost("a call that never came", says="no call came"),
    _lost("a plan and no call", frame("tool-plan-delta", delta={"message": {"tool_plan": "I"}}), says="no call came"),
    _lost("a call that is a text", frame("tool-call-start", index=0, delta=_calls("hours")), odd="malformed"),
    _lost("a call of two in one", frame("tool-call-start", index=0, delta=_calls([{}, {}])), odd="malformed"),
    _lost("a function that is a text", _opened("", function="hours"), MORE, odd="malformed"),
    _lost("a name that is a number", _opened("", function={"name": 7}), odd="malformed"),
    _lost("a call that is no JSON", b'event: tool-call-start\ndata: {"index": 0, \n\n', odd="malformed"),
    _lost("a call that is no JSON and has no name", b'data: {"type":"tool-call-start","in\n\n', odd="malformed"),
    _lost(
        "one call of two that is lost",
        _opened(PLACE),
        frame("tool-call-end", index=0),
        frame("tool-call-start", index=1, delta=_calls({"id": "c2", "function": [1]})),
        odd="malformed",
    ),
    _lost(
        "a piece of the arguments that is lost",
        _opened('{"place": "lib'),
        frame("tool-call-delta", index=0, delta=[1, 2]),
        frame("tool-call-delta", index=0, delta=_calls({"function": {"arguments": 'rary"}'}})),
        odd="malformed",
    ),
    _lost("a call without a type", _data({"index": 0, "delta": _calls({"id": "c1"})}), odd="malformed"),
    _called("duplicate call ids", CALL, CALL, results=2),
    _called("a call without id and name", ("", "", "{}"), results=1),
    _called("arguments that break off", ("c1", "hours", '{"place": "lib'), results=1),
    _called("arguments that are a list", ("c1", "hours", "[1]"), results=1),
    _called("no arguments", ("c1", "hours", ""), results=1),
    _called("an unknown tool", ("c1", "sparkle", "{}"), results=1),
    Fault("interleaved calls", [stream(INTERLEAVED), stream(WHOLE)], "complete", text=SAID, results=2),
    *(
        Fault(
            f"calls that end with {reason}",
            [stream(message(tool_calls=[CALL], finish_reason=reason)), stream(WHOLE)],
            "complete",
            text=SAID,
            results=1,
        )
        for reason in ("tool_call", "tool_calls", "TOOL-CALL", "tool_use")
    ),
    *(
        Fault(
            f"a call behind which {reason} comes",
            [stream(message(tool_calls=[CALL], finish_reason=reason))],
            "incomplete",
            "stream",
            says=f"stopped with {reason}",
        )
        for reason in ("COMPLETE", "stop", "MAX_TOKENS", "SPARKLE")
    ),
    Fault(
        "error, in small letters",
        [stream(message("So far", finish_reason="error"))],
        "failed",
        "stream",
        text="So far",
        says="error",
    ),
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
