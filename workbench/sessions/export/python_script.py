"""A session as a Python script that sends each of its requests again, with Cohere's own client.

Owns how a body is written as the arguments of `chat_stream`, so that the client makes the same body of them: what it
has no parameter for goes along as an additional one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from workbench.safe_text import safe_line
from workbench.sessions.export.exported import Exported, ExportedTurn, refusal
from workbench.sessions.export.python_literal import literal
from workbench.wire.sdk_model import PARAMETERS

_REQUIRED: Final = ("model", "messages")
_KEY: Final = 'os.environ.get("CO_API_KEY") or sys.exit("set CO_API_KEY to your API key")'
_ANY_KEY: Final = 'os.environ.get("CO_API_KEY") or "none"'
_HEAD: Final = '''\
"""{what}

The key comes from CO_API_KEY, and the server from CO_API_URL where that is set.
"""

import os
import sys

import cohere

KEY = {key}


def client(base_url):
    return cohere.ClientV2(api_key=KEY, base_url=os.environ.get("CO_API_URL") or base_url)


def show(events):
    """Print what comes: text on standard output, what is around it on standard error."""
    for event in events:
        message = getattr(getattr(event, "delta", None), "message", None)
        if event.type in ("content-start", "content-delta") and message:
            content = message.content
            print(getattr(content, "text", None) or "", end="", flush=True)
            print(getattr(content, "thinking", None) or "", end="", file=sys.stderr, flush=True)
        elif event.type == "tool-plan-delta" and message:
            print(message.tool_plan or "", end="", file=sys.stderr, flush=True)
        elif event.type in ("tool-call-start", "tool-call-delta") and message and message.tool_calls:
            function = message.tool_calls.function
            name = getattr(function, "name", None)
            print(f"\\n{{name}} " if name else "", end="", file=sys.stderr)
            print(getattr(function, "arguments", None) or "", end="", file=sys.stderr, flush=True)
        elif event.type == "citation-start" and message:
            cited = message.citations
            ids = [getattr(source, "id", None) for source in cited.sources or []]
            print(f"\\n[{{cited.start}}:{{cited.end}}] {{cited.text!r}} {{ids}}", file=sys.stderr)
        elif event.type == "message-end":
            print(f"\\n{{event.delta.finish_reason}}", file=sys.stderr)
    print(flush=True)


for stream in (sys.stdout, sys.stderr):
    stream.reconfigure(errors="backslashreplace")
'''


def python_script(session: Exported) -> Iterator[str]:
    """The text of the script, in pieces. Raises ConfigurationError for a request that the SDK cannot send."""
    key = _KEY if any(turn.wants_key for turn in session.turns) else _ANY_KEY
    what = safe_line(f"The requests of {session.id}, as they were sent.").replace("\\", "/").replace('"', "'")
    yield _HEAD.format(what=what, key=key)
    for turn in session.turns:
        requests = turn.requests()
        if not requests:
            yield f"\n# turn {turn.turn.number} sent no request\n"
        for number, body in requests:
            yield f"\n# turn {turn.turn.number}, step {number}\n"
            yield _call(turn, body, number)


def _call(turn: ExportedTurn, body: Mapping[str, Any], step: int) -> str:
    if missing := [name for name in _REQUIRED if name not in body]:
        place = f"step {step} of turn {turn.turn.number}"
        raise refusal(f"{place} has no {missing[0]}, without which the SDK sends nothing", "export it for curl")
    known = [name for name in PARAMETERS if name in body and _is_taken(name, body[name])]
    arguments = [f"    {name}={literal(body[name], 4)}," for name in known]
    more = {name: value for name, value in body.items() if name not in known and name != "stream"}
    if more:
        options = literal({"additional_body_parameters": more}, 4)
        arguments.append(f"    request_options={options},")
    return "\n".join([f"show(client({literal(turn.base_url)}).chat_stream(", *arguments, "))", ""])


def _is_taken(name: str, value: Any) -> bool:
    """Whether the SDK takes the value of a parameter; it looks into `response_format`."""
    return name != "response_format" or isinstance(value, dict)
