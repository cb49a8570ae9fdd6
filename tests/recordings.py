"""Damaged recordings whose checksums are right: as a program would write them that is not quite ours.

`recording_outcome` gives one to everything that opens a recording, and tells what must hold for each. The same number
is always the same damage.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import random
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NoReturn

from workbench.cohere_client import ClientOptions, connect
from workbench.commands.replay import Replay
from workbench.conversation import Conversation, Options
from workbench.errors import ChatError, RecordingError
from workbench.events import Event
from workbench.printing.answer import Printer
from workbench.printing.json_lines import JsonLines
from workbench.recordings.exchanges import frames_of
from workbench.sessions.folder import sessions_folder
from workbench.sessions.marks import STATUSES
from workbench.sessions.playback import recorded_turns
from workbench.startup.keeping import Keeping
from workbench.ui.app import WorkbenchApp

CASSETTES = Path(__file__).resolve().parent / "cassettes"
KEY: Final = "a-key-of-these-mutations"
FAULT: Final = "a fault of this program"
Value = Any  # JSON, with texts of JSON in it that no value of Python has


class Text(str):
    """JSON that is written as it is."""


class Pairs(tuple[tuple[str, Value], ...]):
    """An object whose keys may repeat."""


STRANGE: Final[tuple[Value, ...]] = (
    None, True, False, 0, 1, -1, 2, 7, 999, 1.5, -0.25, 10**18, "", "x", "0", "request", "turn-end",
    "text/event-stream", [], {}, [[]], [{}], [None], ["x"], ["x", "y"], [["x"]], [1, 2], [1, 99], [0, 0], {"x": 1},
    {"role": "system"}, {"role": "user", "content": 5}, [{"role": "user", "content": [{"text": {}}]}],
    {"kind": "http", "message": "m"},
    {"kind": [], "message": "m"}, "\ud83d", "\udc80", "\x1b[2J", "é" * 9, "x" * 70_000, Text("1e400"), Text("-1e400"),
    Text("NaN"), Text("Infinity"), Text("-Infinity"), Text("9" * 5000), Text("1" + "0" * 400), Text('"\\ud83d"'),
    Text("[" * 150 + "]" * 150), Text("[" * 900 + "]" * 900), Text('{"a":' * 900 + "1" + "}" * 900),
    Text("[" * 100_000 + "]" * 100_000), Text('{"role":"system","content":' * 300 + "1" + "}" * 300),
)  # fmt: skip
KINDS: Final = (
    "header", "request", "response", "frames", "end", "turn-start", "step", "sources", "retry", "tool-start",
    "person-asked", "person-answered", "tool-result", "turn-end", "forget", "clear", "resume", "unheard-of",
    "go-to", "name-branch", "prune", "unprune",
)  # fmt: skip


# -- what is damaged ---------------------------------------------------------------------------------------------------


def _exchange(number: int, body: Mapping[str, Any], name: str, **more: Value) -> Iterator[dict[str, Value]]:
    data = (CASSETTES / f"{name}.sse").read_bytes()
    half = len(data) // 2
    headers = [["content-type", "text/event-stream"], ["x-trace", "t"]]
    yield {"kind": "request", "request": number, "body": dict(body), **more}
    yield {"kind": "response", "request": number, "at": 0.1, "status": 200, "headers": headers}
    yield {"kind": "frames", "request": number, "at": 0.1, "frames": frames_of(data[:half])}
    yield {"kind": "frames", "request": number, "at": 0.2, "frames": frames_of(data[half:])}
    yield {"kind": "end", "request": number, "at": 0.3, "outcome": "complete"}


def _end(turn: int, status: str, error: Value = None) -> dict[str, Value]:
    return {"kind": "turn-end", "turn": turn, "status": status, "error": error, "seconds": 1.25}


def _marked() -> list[dict[str, Value]]:
    """A session with tools, documents, a retry, a turn that was cancelled, and two that were taken back."""
    tools = [{"type": "function", "function": {"name": "opening_hours", "parameters": {"type": "object"}}}]
    documents = [{"id": "a#1", "data": {"text": "It opens at 9.", "title": "Hours"}}]
    asked, brief = {"role": "user", "content": "When?"}, {"role": "system", "content": "Brief."}
    base = {"model": "m", "temperature": 0.5, "tools": tools, "documents": documents, "stream": True}
    call = {"turn": 1, "step": 1, "call": 0, "id": "train_status_b", "name": "train_status", "arguments": {"n": 1}}
    again = {"role": "assistant", "content": "At nine."}
    refused = {"kind": "http", "status": 503, "message": "busy", "body": {"message": "busy"}}
    edited = {"turn": 1, "step": 1, "arguments": {}, "results": {"train_status_b": 1}, "sets": ["x"], "tools": []}
    source = {"id": "a#1", "title": "Hours", "path": "a.md", "lines": [1, 2], "score": 0.5}
    return [
        {"kind": "turn-start", "turn": 1, "prompt": "When?"},
        {"kind": "sources", "turn": 1, "sources": [source]},
        {"kind": "step", "turn": 1, "step": 1},
        {"kind": "request", "request": 1, "body": {**base, "messages": [brief, asked]}},
        {"kind": "response", "request": 1, "at": 0.1, "status": 503, "headers": [["content-type", "text/plain"]]},
        {"kind": "end", "request": 1, "at": 0.3, "outcome": "failed", "error": ["ReadError", "broke"]},
        {"kind": "retry", "turn": 1, "step": 1, "attempt": 1, "most": 3, "wait": 0.5, "error": refused},
        *_exchange(2, {**base, "messages": []}, "tool_plan_and_parallel_calls", after=[1, 2]),
        {"kind": "tool-start", **call},
        {"kind": "person-asked", **call},
        {"kind": "person-answered", **call, "seconds": 0.5},
        {"kind": "tool-result", **call, "seconds": 0.1, "result": {"open": [9, 17]}},
        {"kind": "tool-result", **call, "call": 1, "seconds": 0.1, "error": "no", "error_kind": "failed"},
        {"kind": "step", "turn": 1, "step": 2},
        *_exchange(3, {**base, "messages": [{"role": "tool", "tool_call_id": "a", "content": []}]}, "citations_fast",
                   after=[2, 2]),
        _end(1, "complete"),
        {"kind": "turn-start", "turn": 2, "prompt": "And?"},
        _end(2, "cancelled"),
        {"kind": "forget", "turn": 2},
        {"kind": "resume", "source": "offline engine", "model": "m"},
        {"kind": "turn-start", "turn": 3, "prompt": "Again?"},
        {"kind": "step", "turn": 3, "step": 1},
        *list(_exchange(4, {**base, "messages": [asked, again]}, "thinking_then_text"))[:3],
        _end(3, "timeout", {"kind": "timeout", "status": None, "message": "too long"}),
        {"kind": "clear"},
        {"kind": "turn-start", "turn": 4, "prompt": "New?"},
        {"kind": "step", "turn": 4, "step": 1},
        *_exchange(5, {**base, "messages": [asked]}, "no_message_end"),
        {"kind": "turn-start", "turn": 5, "prompt": "When?", "parent": None, "from": edited},
        {"kind": "turn-start", "turn": 6, "prompt": "Beside?", "parent": 4, "from": {"turn": 4, "beside": True}},
        {"kind": "step", "turn": 6, "step": 1},
        {"kind": "step", "turn": 5, "step": 2},
        *_exchange(6, {**base, "messages": [asked]}, "plain_text", turn=5),
        *_exchange(7, {**base, "messages": [asked]}, "plain_text", turn=6),
        _end(6, "complete"),
        _end(5, "complete"),
        {"kind": "name-branch", "turn": 5, "text": "edited"},
        {"kind": "prune", "turn": 6},
        {"kind": "unprune", "turn": 6},
        {"kind": "go-to", "turn": 4},
    ]  # fmt: skip


def _unmarked() -> list[dict[str, Value]]:
    """What a client alone records."""
    asked = [{"role": "user", "content": [{"type": "text", "text": "When?"}]}]
    result = {"role": "tool", "tool_call_id": "train_status_b", "content": [{"document": {"data": {"ok": 1}}}]}
    return [
        *_exchange(1, {"model": "m", "messages": asked}, "tool_plan_and_parallel_calls"),
        *_exchange(2, {"model": "m", "messages": [result]}, "plain_text", after=[1, 1]),
        *_exchange(3, {"model": "m", "messages": asked}, "error_object"),
    ]


HEADER: Final = {"kind": "header", "format": 1, "workbench": "0", "source": "s", "model": "m", "began": 1.7e9}


def damaged_recording(luck: random.Random) -> bytes:
    """A recording after one to four accidents, with right checksums and mostly right numbers."""
    lines: list[dict[str, Value] | Pairs] = [dict(HEADER), *luck.choice((_marked, _marked, _unmarked))()]
    for number, line in enumerate(lines):
        assert isinstance(line, dict)
        line["t"] = number / 100
    for _ in range(luck.choice((1, 1, 1, 2, 4))):
        _accident(lines, luck)
    misnumbered = luck.random() < 0.02
    encoded = [_line(line, luck.randint(0, 9) if misnumbered else number) for number, line in enumerate(lines)]
    if luck.random() < 0.05:
        encoded[-1] = encoded[-1][: luck.randrange(len(encoded[-1]))]
    return b"".join(encoded)


def encoded(*lines: Mapping[str, Value]) -> bytes:
    """A recording of these lines behind a header, whole and in order."""
    numbered = enumerate([HEADER, *lines])
    return b"".join(_line({"t": number / 100, **line}, number) for number, line in numbered)


def _accident(lines: list[Any], luck: random.Random) -> None:
    # Not the header most of the time, or little else would be seen.
    at = luck.randrange(0 if luck.random() < 0.05 else min(1, len(lines) - 1), len(lines))
    match luck.randrange(9):
        case 0:
            del lines[at]
            lines[:] = lines or [dict(HEADER)]
        case 1:
            lines.insert(at + 1, lines[at])
        case 2:
            other = luck.randrange(len(lines))
            lines[at], lines[other] = lines[other], lines[at]
        case 3 if isinstance(lines[at], dict):
            lines[at] = {**lines[at], "kind": luck.choice(KINDS)}
        case 4:
            del lines[at + 1 :]
        case 5 if isinstance(lines[at], dict):
            lines[at] = Pairs([*lines[at].items(), (luck.choice(list(lines[at])), luck.choice(STRANGE))])
        case _:
            lines[at] = _changed(lines[at], luck)


def _changed(value: Value, luck: random.Random) -> Value:
    """`value` with one thing in it, at any depth, taken out or replaced."""
    if isinstance(value, dict) and value and luck.random() < 0.85:
        key = luck.choice(list(value))
        if luck.random() < 0.15:
            return {name: each for name, each in value.items() if name != key}
        if luck.random() < 0.03:
            return {("\ud83d" if name == key else name): each for name, each in value.items()}
        return {**value, key: _changed(value[key], luck)}
    if isinstance(value, list) and value and luck.random() < 0.75:
        at = luck.randrange(len(value))
        if luck.random() < 0.2:
            return [*value[:at], *value[at + 1 :]]
        return [*value[:at], _changed(value[at], luck), *value[at + 1 :]]
    return luck.choice(STRANGE)


def _line(line: Value, seq: int) -> bytes:
    pairs = line if isinstance(line, Pairs) else line.items() if isinstance(line, dict) else None
    text = _json(line) if pairs is None else _json(Pairs([("seq", seq), *pairs]))
    return f'{text[:-1]},"sum":"{zlib.crc32(text.encode()):08x}"}}\n'.encode()


def _json(value: Value) -> str:
    if isinstance(value, Text):
        return str(value)
    if isinstance(value, dict | Pairs):
        pairs = value if isinstance(value, Pairs) else value.items()
        return "{" + ",".join(f"{json.dumps(name)}:{_json(each)}" for name, each in pairs) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_json, value)) + "]"
    return json.dumps(value)


# -- what must hold ----------------------------------------------------------------------------------------------------


def _no_constant(name: str) -> NoReturn:
    raise AssertionError(f"{name} is no JSON")


async def recording_outcome(seed: int, environ: Mapping[str, str]) -> str:
    """How number `seed` ends: "refused" or "read". Raises when something does not hold. `environ` has a home."""
    luck = random.Random(seed)
    folder = sessions_folder(environ)
    assert folder is not None
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "20260101-101010-aaaaaa.jsonl"
    path.write_bytes(damaged_recording(luck))
    environ = {**environ, "CO_API_KEY": KEY} if luck.random() < 0.5 else environ
    ends = [await each(path, environ) for each in (_replays, _resumes, _plays)]
    _lists(environ)
    return "refused" if "refused" in ends else "read"


def _said(error: RecordingError, path: Path) -> str:
    assert str(error).startswith(f"{path}:"), error
    assert len(str(error)) < 1000, error
    return "refused"


async def _replays(path: Path, environ: Mapping[str, str]) -> str:
    client = connect(ClientOptions(offline=True), environ)
    try:
        replay = Replay(recorded_turns(path), name="a replay", speed=0, redactor=client.redactor)
    except RecordingError as error:
        return _said(error, path)
    out = io.StringIO()
    printers = (JsonLines(out), Printer(io.StringIO(), io.StringIO()))

    def take(event: Event) -> None:
        for printer in printers:
            printer.event(event)

    for prompt in replay.prompts:
        async with asyncio.timeout(60):
            turn = await replay.run(prompt, on_event=take)
        printers[1].finish(turn)
        assert turn.status in STATUSES, turn.status
        assert FAULT not in str(turn.error), turn.error
        assert turn.status == "complete" or turn.status == "cancelled" or str(turn.error), turn.status
    await replay.aclose()
    lines = [json.loads(line, parse_constant=_no_constant) for line in out.getvalue().splitlines()]
    assert sum(line["event"] == "turn-end" for line in lines) == len(replay.prompts)
    return "read"


async def _resumes(path: Path, environ: Mapping[str, str]) -> str:
    """Goes on with a copy, asks there, and reads it again."""
    copy = path.with_name("copy.txt")
    copy.write_bytes(path.read_bytes())
    client = connect(ClientOptions(offline=True), environ)
    conversation = Conversation(client, Options(model="m"))
    told: list[str] = []
    keeping = Keeping(conversation, client, told.append)
    try:
        resumed = keeping.resume_session(copy)
    except RecordingError as error:
        return _said(error, copy)
    keeping.changes(resumed)
    keeping.note_resumed()
    for each in resumed.turns:
        assert each.turn.status in STATUSES
        printers = (JsonLines(io.StringIO()), Printer(io.StringIO(), io.StringIO()))
        for event in each.events:
            for printer in printers:
                printer.event(event)
        printers[1].finish(each.turn)
    turn = await conversation.run("And now?")
    assert turn.status == "complete" or FAULT not in str(turn.error), turn.error
    await client.aclose()
    await keeping.aclose()
    assert told == []
    plain = connect(ClientOptions(offline=True), environ)
    again = Keeping(Conversation(plain), plain, told.append).resume_session(copy, keep=False)
    assert [each.turn.prompt for each in again.turns][-1] == "And now?"
    assert len(again.turns) == len(resumed.turns) + 1
    return "read"


async def _plays(path: Path, environ: Mapping[str, str]) -> str:
    try:
        client = connect(ClientOptions(replay=path, speed=0), environ)
    except RecordingError as error:
        return _said(error, path)
    try:
        while True:
            async with client.stream({"model": "m", "messages": []}) as chunks:
                async for chunk in chunks:
                    assert isinstance(chunk, bytes)
    except ChatError:
        return "read"
    finally:
        await client.aclose()


async def app_outcome(seed: int, environ: Mapping[str, str]) -> str:
    """How number `seed` ends in the app, played and gone on with. As `recording_outcome`."""
    from workbench import cli
    from workbench.commands import replay
    from workbench.commands.app import screen
    from workbench.config.settings_model import Settings
    from workbench.startup.setup import read_plan

    luck = random.Random(seed)
    folder = sessions_folder(environ)
    assert folder is not None
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "20260101-101010-aaaaaa.jsonl"
    path.write_bytes(damaged_recording(luck))
    environ = {**environ, "CO_API_KEY": KEY} if luck.random() < 0.5 else environ
    ends = []
    try:
        played = replay.Replay(recorded_turns(path), name="a replay", speed=0)
        app = replay.screen(played, Settings(), environ)
        await _run_app(app, lambda: not (app.loading or app.busy or played._left))
        assert app.return_code in (None, 0), app.return_value
        ends.append("read")
    except RecordingError as error:
        ends.append(_said(error, path))
    app = screen(read_plan(cli.parse(["--offline", "--model", "m", "--resume", str(path)]), environ), environ)
    await _run_app(app, lambda: app.return_code is not None or not app.loading)
    if app.return_code == 2:
        assert str(app.return_value).count(f"--resume: {path}:") or "--resume" in str(app.return_value)
        ends.append("refused")
    return "refused" if "refused" in ends else "read"


async def _run_app(app: WorkbenchApp, over: Callable[[], bool]) -> None:
    """Until `over`, then every pane is looked at. Raises what ended the app."""
    async with app.run_test(size=(110, 36)) as pilot, asyncio.timeout(60):
        while not over() and app.fault is None:
            await pilot.pause(0.02)
        if app.return_code is None:
            for key in ("f2", "f3", "f4", "f5", "f6"):
                await pilot.press(key)
                await pilot.press("j", "space", "k")
            await pilot.pause()
            assert not [note.text for note in app.stage.said if FAULT in note.text]
    if app.fault is not None:
        raise app.fault


def _lists(environ: Mapping[str, str]) -> None:
    """Every command that reads sessions takes this one, or says in a line what is wrong with it."""
    from workbench import cli

    for argv in (["list"], ["list", "--json"], ["show", "last"], ["show", "last", "--json"], ["search", "a"]):
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = cli.run(["sessions", *argv], environ)
        said = err.getvalue()
        assert code in ((0,) if argv[0] == "list" else (0, 1, 2)), said
        assert "workbench: " not in said or argv[0] == "search", said
        assert len(said.splitlines()) == (code != 0), said
        assert argv[0] != "list" or len(out.getvalue().splitlines()) == 1
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(err := io.StringIO()):
        assert cli.run(["compare", "last:1", "last", "--json"], environ) in (0, 2), err.getvalue()
