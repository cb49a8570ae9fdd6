"""Twenty turns whose exported scripts are run: each sends again what was sent, and knows no key."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
from asyncio.subprocess import PIPE
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.core.keeping import KEY, kept, session, toolbox
from tests.loopback import LoopbackServer, Received, Reply, message, stream
from workbench.cli import run
from workbench.conversation import Options
from workbench.documents.passages import DocumentSet, Passage, RetrievalSpec
from workbench.documents.retrieval import Library
from workbench.recordings.recording import Reading, RecordingWriter

PICTURE = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9"
SCHEMA = {"type": "object", "properties": {"place": {"type": "string", "description": 'it\'s a "place"'}}}

ASKED: Sequence[tuple[str, Mapping[str, Any]]] = (
    ("When does it open?", {}),
    ("-rf / --help", {"temperature": 0.0}),
    ("$(touch ran) `touch ran` ${HOME} $HOME", {"temperature": 1.25, "seed": 2**53 + 1}),
    ("'; touch ran; '\" && touch ran #", {"stop_sequences": ["'", '"', "\n", "$(touch ran)"]}),
    ("line one\nline two\r\nline three\n\n", {"max_tokens": 7, "k": 0, "p": 0.99}),
    ("END_OF_BODY\nEND_OF_HEADER\nEOF\n", {"safety_mode": "STRICT"}),
    ("naïve Straße 日本語 ü🌈 e\u0301 \u202eright\u202c \ufeff", {"citation_options": {"mode": "ACCURATE"}}),
    ("\x00 \x01 \x1b[2J \x7f \x9b \u2028 \u2029 \\0 \\x00 \\u0000", {"frequency_penalty": 0.5}),
    ("\\ \\\\ \\n \\' %s %n {x!r} {{}} !! ~ * ? [a]", {"presence_penalty": 0.25, "logprobs": True}),
    ("<script>alert(1)</script> & \"quoted\" 'single' '''\"\"\"", {"response_format": {"type": "json_object"}}),
    ("\t tab and blanks   ", {"thinking": {"type": "enabled", "token_budget": 512}, "priority": 2}),
    ("\ud83d half a pair \udc00", {"strict_tools": True, "tool_choice": "NONE"}),
)  # fmt: skip

# What other programs send, and this one does not.
ELSEWHERE: Sequence[Mapping[str, Any]] = (
    {"messages": [{"role": "user", "content": [
        {"type": "text", "text": "what's on \"it\"?"}, {"type": "image_url", "image_url": {"url": PICTURE}}]}]},
    {"messages": [{"role": "user", "content": [
        {"type": "image_url", "image_url": {"url": "https://e.invalid/$(touch ran).png", "detail": "low"}}]}]},
    {"messages": [{"role": "user", "content": "q"}], "documents": ["a plain one", {"id": "'", "data": {"`": "$x\n"}}]},
    {"messages": [{"role": "user", "content": "q"}], "not_yet_known": {"-": [None, True, -0.0, 1e300, {"": ""}]}},
    {"messages": [{"role": "system", "content": "\n"}, {"role": "user", "content": ""}], "raw_prompting": False},
    {"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "tool_plan": "'", "tool_calls": [
        {"id": "$1", "type": "function", "function": {"name": "f", "arguments": "{\"a\": \"\\n`touch ran`\"}"}}]},
        {"role": "tool", "tool_call_id": "$1", "content": [{"type": "document", "document": {"data": "{\"x\":null}"}}]},
    ], "tools": [{"type": "function", "function": {"name": "f", "description": "d\n", "parameters": SCHEMA}}]},
    {"messages": [{"role": "user", "content": "a" * 200_000 + "'\n"}]},
    {"messages": [{"role": "user", "content": "q"}], "response_format": {"type": "json_object", "json_schema": SCHEMA}},
)  # fmt: skip


def library() -> Library:
    texts = ('It opens at 9 o\'clock.\n"Nine", $(touch ran).', "Ein Ticket kostet 4 €; Kinder zahlen nichts. 🎟")
    passages = [
        Passage(id=f"guide.md#{number}", set="town", title=f"Part `{number}`", text=text, data={"text": text})
        for number, text in enumerate(texts)
    ]
    return Library([DocumentSet("town", tuple(passages), RetrievalSpec(mode="all"))])


def answering(received: Received) -> Reply:
    """A call of a tool for the first question, an answer for all else."""
    last = received.body["messages"][-1]
    if last["role"] == "user" and last["content"] == ASKED[0][0]:
        calls = [("c1", "hours", '{"place": "it\'s \\"here\\""}'), ("c2", "hours", "{}")]
        return stream(message(plan="I will look.", tool_calls=calls, finish_reason="TOOL_CALL"))
    return stream(message("At nine."))


async def asked_here() -> tuple[Path, list[Any]]:
    """A session with tools and documents, and the bodies that it sent."""
    bodies: list[Any] = []

    def noted(received: Received) -> Reply:
        bodies.append(received.body)
        return answering(received)

    tools = toolbox(hours={"opens": "09:00", "note": "it's `nine`\n$(touch ran)"})
    async with kept(noted, tools=tools, library=library()) as (asked, _):
        for prompt, parameters in ASKED:
            asked.options = replace(Options(), system='Say "it\'s" $(so).\n', parameters=parameters)
            await asked.run(prompt)
    assert len(asked.turns) == len(ASKED) and all(turn.status == "complete" for turn in asked.turns)
    return session(), bodies


def asked_elsewhere(path: Path) -> list[Any]:
    """A recording of another program, without turns of its own, and the bodies in it."""
    bodies = [{"model": "command-a-03-2025", **body, "stream": True} for body in ELSEWHERE]
    writer = RecordingWriter.create(path, {"source": "api.cohere.com"})
    for number, body in enumerate(bodies, 1):
        writer.append("request", {"request": number, "body": body})
        headers = [["content-type", "text/event-stream"]]
        writer.append("response", {"request": number, "at": 0.1, "status": 200, "headers": headers})
        writer.append("frames", {"request": number, "at": 0.2, "frames": [message("yes").decode()]})
        writer.append("end", {"request": number, "at": 0.3, "outcome": "complete"})
    writer.close()
    assert len(list(Reading(path))) == 4 * len(bodies) + 1
    return bodies


async def run_script(form: str, script: Path, folder: Path) -> tuple[list[Received], str]:
    """What the loopback server got of the script, and what was printed on both streams."""
    async with LoopbackServer(lambda _: stream(message("At nine."))) as server:
        environ = {**os.environ, "CO_API_URL": server.url, "CO_API_KEY": KEY}
        program = sys.executable if form == "python" else "sh"
        done = await asyncio.create_subprocess_exec(
            program, script, env=environ, cwd=folder, stdout=PIPE, stderr=PIPE
        )  # fmt: skip
        printed, said = await done.communicate()
        assert done.returncode == 0, said
        return server.received, (printed + said).decode()


@pytest.mark.parametrize("form", ["python", "curl"])
async def test_the_scripts_of_twenty_turns_send_what_was_sent(
    form: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    if form == "curl" and shutil.which("curl") is None:
        pytest.skip("curl is not there: its script is not run")
    path, bodies = await asked_here()
    other = tmp_path / "elsewhere.jsonl"
    sessions = ((path.stem, bodies), (str(other), asked_elsewhere(other)))
    assert len(ASKED) + len(ELSEWHERE) == 20
    (folder := tmp_path / "run here").mkdir()
    for number, (name, sent) in enumerate(sessions):
        script = tmp_path / f"script {number}"
        argv = ["sessions", "export", name, "--format", form, "--output", str(script)]
        assert run(argv, {**os.environ, "CO_API_KEY": KEY}) == 0, capsys.readouterr().err
        assert KEY not in script.read_text()
        received, printed = await run_script(form, script, folder)
        assert [each.body for each in received] == json.loads(json.dumps(sent))
        assert {each.headers["authorization"] for each in received} == {f"Bearer {KEY}"}
        assert KEY not in printed
        assert list(folder.iterdir()) == []  # nothing in a body was run
