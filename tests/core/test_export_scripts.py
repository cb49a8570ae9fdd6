"""Scripts that send a session's requests again: the very bodies that were sent, whatever is in them."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import io
import json
import os
import re
import shutil
import subprocess
import sys
from asyncio.subprocess import PIPE
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import cohere
import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.exporting import of_bodies, session_of, turn_of
from tests.loopback import LoopbackServer, message, stream
from workbench.cohere_client.transports.body import Body
from workbench.errors import ConfigurationError
from workbench.events import Request
from workbench.sessions.export.curl_script import curl_script
from workbench.sessions.export.exported import Exported
from workbench.sessions.export.python_script import python_script
from workbench.wire.sdk_model import PARAMETERS

ODD = (
    "say \"twice\" & 'once' $HOME `id` $(id) ${x} \\ % ! ü🌈\n", "END_OF_BODY\nEND_OF_BODY", "'''\"\"\"",
    "\\n\\u0041\\", "{x!r} {{}} %s", "\x00\x1b[2J\x7f\x9b\u202e\u2028\u2029\x85\x0c", "\ud800", "\udc00\ud800",
    "\ud83c\udf08", "a\r\nb\rc\n\n", "\ufeff", "-e", "#!", "𝒳" * 3, "",
)  # fmt: skip
TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}
WHOLE: Mapping[str, Any] = {
    "model": "command-a", "messages": [
        {"role": "system", "content": ODD[0]},
        {"role": "user", "content": [
            {"type": "text", "text": ODD[5]}, {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA//"}},
        ]},
        {"role": "assistant", "tool_plan": "", "tool_calls": [
            {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{\"a\": \"\\n\"}"}},
        ]},
        {"role": "tool", "tool_call_id": "1", "content": [{"type": "document", "document": {"data": {"x": None}}}]},
    ],
    "documents": ["plain", {"id": "d", "data": {"text": "\n".join(ODD[:5]), "n": 1.5e-9}}], "tools": [TOOL],
    "strict_tools": True, "citation_options": {"mode": "ACCURATE"}, "safety_mode": "STRICT", "max_tokens": 99,
    "stop_sequences": ["END", "\n"], "temperature": 0.0, "seed": 2**63, "frequency_penalty": 0.1,
    "presence_penalty": 0.2, "k": 0, "p": 1, "logprobs": False, "tool_choice": "NONE", "priority": 1,
    "response_format": {"type": "json_object", "json_schema": {"type": "object"}},
    "thinking": {"type": "enabled", "token_budget": 5}, "not_yet_known": {"a": [None, True, -0.0]}, "raw prompting": [],
}  # fmt: skip

texts = st.one_of(st.text(st.characters(), max_size=30), st.sampled_from(ODD))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda held: st.lists(held, max_size=4) | st.dictionaries(texts, held, max_size=4),
    max_leaves=20,
)
bodies = st.builds(
    lambda given, known, unknown: {**unknown, **known, **given},
    st.fixed_dictionaries(
        {"model": texts, "messages": st.lists(st.dictionaries(texts, values, max_size=3), max_size=3)}
    ),
    st.dictionaries(st.sampled_from(PARAMETERS[2:]), values, max_size=4),
    st.dictionaries(texts.filter(lambda name: name != "stream"), values, max_size=2),
)


def sent(body: Mapping[str, Any]) -> Any:
    """What the program itself sends for a body."""
    return json.loads(Body.of(body).content)


@contextlib.contextmanager
def answering(bodies: list[Any]) -> Iterator[None]:
    """The SDK's own client, beneath which a transport notes the body of each request."""

    def answered(request: httpx.Request) -> httpx.Response:
        assert request.url == "http://127.0.0.1:1/v2/chat"
        bodies.append(json.loads(request.content))
        return httpx.Response(200, headers={"content-type": "text/event-stream"}, content=message("Nine o'clock."))

    def made(**given: Any) -> cohere.ClientV2:
        return real(**given, httpx_client=httpx.Client(transport=httpx.MockTransport(answered)))

    real = cohere.ClientV2
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cohere, "ClientV2", made)
        patch.setenv("CO_API_KEY", "a-key-for-the-script")
        yield


def run_here(session: Exported) -> tuple[list[Any], str]:
    """The bodies that the Python script sends, run in this process, and what it prints."""
    got: list[Any] = []
    out, notes = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    with answering(got), contextlib.redirect_stdout(out), contextlib.redirect_stderr(notes):
        exec(compile("".join(python_script(session)), "script", "exec"), {"__name__": "__main__"})
    out.flush()
    return got, out.buffer.getvalue().decode()


def program_for(form: str) -> str:
    """What runs the script; without curl its test is left out."""
    if form == "curl" and shutil.which("curl") is None:
        pytest.skip("curl is not there: its script is not run")
    return sys.executable if form == "python" else "sh"


def here_documents(script: str) -> list[Any]:
    """What a shell gives to each command of the script: the lines up to the one that is the end."""
    found = re.findall(r"^send '[^']*' <<'END_OF_BODY'\n(.*?)^END_OF_BODY$", script, re.DOTALL | re.MULTILINE)
    return [json.loads(text) for text in found]


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(bodies)
def test_any_body_is_the_same_behind_both_scripts(body: Mapping[str, Any]) -> None:
    session = of_bodies(body)
    script = "".join(curl_script(session))
    assert all(character.isprintable() or character == "\n" for character in script)
    assert here_documents(script) == [sent(body)]
    assert run_here(session)[0] == [sent(body)]


@pytest.mark.parametrize("levels", [30, 60, 150])
def test_what_is_nested_deeply_goes_along(levels: int) -> None:
    value: Any = "\n'"
    for _ in range(levels):
        value = [{"a": value}] if levels % 2 else {"a": value}
    body = {"model": "m", "messages": [], "documents": [value]}
    assert run_here(of_bodies(body))[0] == [sent(body)]
    assert here_documents("".join(curl_script(of_bodies(body)))) == [sent(body)]


def test_every_parameter_of_the_sdk_is_given_as_one_and_no_other() -> None:
    known = set(inspect.signature(cohere.ClientV2.chat_stream).parameters) - {"self", "request_options"}
    assert set(PARAMETERS) == known
    script = "".join(python_script(of_bodies(WHOLE)))
    assert all(f"\n    {name}=" in script for name in PARAMETERS)
    assert re.search(r"request_options=.\s*'additional_body_parameters': .'not_yet_known'", script)
    got, printed = run_here(of_bodies(WHOLE))
    assert got == [sent(WHOLE)]
    assert printed == "Nine o'clock.\n"


def test_all_requests_of_all_turns_are_sent_in_their_order() -> None:
    asked = [{"model": "m", "messages": [{"role": "user", "content": str(number)}]} for number in range(3)]
    first = turn_of([Request(step=1, body=asked[0]), Request(step=2, body=asked[1])])
    session = session_of(first, turn_of([], number=2), turn_of([Request(step=1, body=asked[2])], number=3))
    assert run_here(session)[0] == [sent(body) for body in asked]
    script = "".join(curl_script(session))
    assert here_documents(script) == [sent(body) for body in asked]
    assert "# turn 2 sent no request" in script
    assert "# turn 3, step 1" in script


def test_a_request_that_the_sdk_cannot_send_is_told() -> None:
    with pytest.raises(ConfigurationError, match="step 1 of turn 1 has no model"):
        "".join(python_script(of_bodies({"messages": []})))
    assert here_documents("".join(curl_script(of_bodies({"messages": []})))) == [{"messages": [], "stream": True}]


@pytest.mark.parametrize(
    "body", [WHOLE, {"model": ODD[1], "messages": [{"role": "user", "content": text} for text in ODD]}]
)
@pytest.mark.parametrize("form", ["python", "curl"])
async def test_a_real_script_sends_the_body_to_the_server_of_the_variable(
    form: str, body: Mapping[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "script"
    make = python_script if form == "python" else curl_script
    path.write_text("".join(make(of_bodies(body, body))), encoding="utf-8")
    async with LoopbackServer([stream(message("Nine ü."))] * 2) as server:
        environ = {**os.environ, "CO_API_URL": server.url, "CO_API_KEY": "a-key-for-the-script"}
        done = await asyncio.create_subprocess_exec(program_for(form), path, env=environ, stdout=PIPE, stderr=PIPE)
        printed, said = await done.communicate()
        assert done.returncode == 0, said
        assert [each.body for each in server.received] == [sent(body)] * 2
        assert {each.path for each in server.received} == {"/v2/chat"}
        assert {each.headers["authorization"] for each in server.received} == {"Bearer a-key-for-the-script"}
    assert ("ü." if form == "python" else "message-end") in printed.decode()


@pytest.mark.parametrize("form", ["python", "curl"])
@pytest.mark.parametrize("source", ["127.0.0.1:1", "127.0.0.1:1 (no key)"])
def test_a_key_is_wanted_where_one_was(form: str, source: str, tmp_path: Path) -> None:
    turn = turn_of([Request(step=1, body={"model": "m", "messages": []})])
    make = python_script if form == "python" else curl_script
    path = tmp_path / "script"
    path.write_text("".join(make(session_of(turn, source=source))), encoding="utf-8")
    done = subprocess.run([program_for(form), path], capture_output=True, text=True, timeout=60)
    assert done.returncode != 0  # nobody listens there
    assert ("set CO_API_KEY" in done.stderr or "CO_API_KEY: set it" in done.stderr) == (source == "127.0.0.1:1")
