"""A server of tools that does as it is told, good or bad: JSON lines over its pipes, by hand, without any package.

`python mcp_server.py [MANNER]...`; the manners are the functions of MANNERS, and what it does at a call is said by the
tool's name. It imports nothing that takes long.
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

FORM = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "title": "Your name", "minLength": 2},
        "age": {"type": "integer", "minimum": 0},
        "colour": {"type": "string", "enum": ["red", "green"], "default": "green"},
    },
    "required": ["name"],
}
TOOLS = [
    "say", "fail", "objects", "structured", "resources", "progress", "logs", "ask", "url", "wait", "die", "huge",
    "print", "environment", "sample", "grow", "two.words",
]  # fmt: skip


class Server:
    """What it has told, and what it waits for."""

    def __init__(self, manners: set[str]) -> None:
        self.manners = manners
        self.tools = list(TOOLS)
        self.cancelled = threading.Event()
        self.answers: dict[str, Any] = {}
        self.answered = threading.Condition()
        self.lock = threading.Lock()
        self.numbers = itertools.count()

    def send(self, **message: Any) -> None:
        with self.lock:
            sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
            sys.stdout.flush()

    def ask(self, method: str, params: dict[str, Any]) -> Any:
        """A request to the client, and its answer."""
        key = f"asked-{next(self.numbers)}"
        self.send(id=key, method=method, params=params)
        with self.answered:
            self.answered.wait_for(lambda: key in self.answers)
        return self.answers[key]

    def note(self, method: str, params: dict[str, Any] | None = None) -> None:
        self.send(method=f"notifications/{method}", **({"params": params} if params is not None else {}))

    # -- requests ----------------------------------------------------------------------------------------

    def listed(self, cursor: str | None) -> dict[str, Any]:
        names = [f"tool_{number}" for number in range(300)] if "many" in self.manners else self.tools
        first = int(cursor or 0)
        page = [
            {"name": each, "description": f"{each} does it", "inputSchema": {"type": "object"},
             "annotations": {"readOnlyHint": True}}
            for each in names[first : first + 50]
        ]  # fmt: skip
        more = {"nextCursor": str(first + 50)} if first + 50 < len(names) else {}
        return {"tools": page, **more}

    def call(self, name: str, arguments: dict[str, Any], meta: dict[str, Any]) -> dict[str, Any] | None:
        """What the method of the tool's name gives; of a tool without one, what it was called with."""
        method = getattr(self, f"do_{name}", None)
        if method is None:
            return texts(json.dumps({"tool": name, "arguments": arguments}))
        found: dict[str, Any] | None = method(arguments, meta)
        return found

    def do_fail(self, arguments: dict[str, Any], meta: dict[str, Any]) -> dict[str, Any]:
        return {"content": [{"type": "text", "text": "no such thing"}], "isError": True}

    def do_objects(self, arguments: dict[str, Any], meta: dict[str, Any]) -> dict[str, Any]:
        return texts(*(json.dumps({"n": number}) for number in range(2)))

    def do_structured(self, arguments: dict[str, Any], meta: dict[str, Any]) -> dict[str, Any]:
        return {**texts("{}"), "structuredContent": {"degrees": 21}}

    def do_resources(self, arguments: dict[str, Any], meta: dict[str, Any]) -> dict[str, Any]:
        return {
            "content": [
                {"type": "text", "text": "see"},
                {"type": "resource", "resource": {"uri": "x://1", "mimeType": "text/plain", "text": "words"}},
                {"type": "resource_link", "uri": "x://2", "name": "two"},
                {"type": "image", "data": "AAAA", "mimeType": "image/png"},
            ]
        }

    def do_progress(self, arguments: dict[str, Any], meta: dict[str, Any]) -> dict[str, Any]:
        for done in range(1, 4):
            told = {"progressToken": meta.get("progressToken"), "progress": done, "total": 3, "message": f"at {done}"}
            self.note("progress", told)
        return texts("done")

    def do_logs(self, arguments: dict[str, Any], meta: dict[str, Any]) -> dict[str, Any]:
        self.note("message", {"level": "warning", "logger": "disk", "data": "nearly full"})
        return texts("done")

    def do_ask(self, arguments: dict[str, Any], meta: dict[str, Any]) -> dict[str, Any]:
        asked = {"message": "Who are you?", "requestedSchema": FORM, "mode": "form"}
        return texts(json.dumps(self.ask("elicitation/create", asked)))

    def do_url(self, arguments: dict[str, Any], meta: dict[str, Any]) -> dict[str, Any]:
        asked = {"message": "Sign in", "mode": "url", "url": "https://example.org/in", "elicitationId": "1"}
        return texts(json.dumps(self.ask("elicitation/create", asked)))

    def do_sample(self, arguments: dict[str, Any], meta: dict[str, Any]) -> dict[str, Any]:
        return texts(json.dumps(self.ask("sampling/createMessage", {"messages": [], "maxTokens": 1})))

    def do_wait(self, arguments: dict[str, Any], meta: dict[str, Any]) -> None:
        Path(f"{arguments['file']}.begun").touch()
        self.cancelled.wait()
        Path(arguments["file"]).write_text("cancelled", encoding="utf-8")

    def do_die(self, arguments: dict[str, Any], meta: dict[str, Any]) -> None:
        say(sys.stderr, "the disk is gone")
        os._exit(3)

    def do_huge(self, arguments: dict[str, Any], meta: dict[str, Any]) -> dict[str, Any]:
        say(sys.stdout, "x" * 17_000_000)
        return texts("never")

    def do_print(self, arguments: dict[str, Any], meta: dict[str, Any]) -> dict[str, Any]:
        say(sys.stderr, "working on it")
        say(sys.stdout, "not JSON at all")
        return texts("done")

    def do_environment(self, arguments: dict[str, Any], meta: dict[str, Any]) -> dict[str, Any]:
        return texts(json.dumps({"seen": {key: os.environ.get(key) for key in arguments["names"]}}))

    def do_grow(self, arguments: dict[str, Any], meta: dict[str, Any]) -> dict[str, Any]:
        self.tools.append("grown")
        self.note("tools/list_changed")
        return texts("done")

    def request(self, method: str, params: dict[str, Any], number: Any) -> None:
        if method == "initialize":
            abilities = {"tools": {"listChanged": True}, "logging": {}}
            info = {"name": "by hand", "version": "1"}
            self.send(
                id=number, result={"protocolVersion": "2025-06-18", "capabilities": abilities, "serverInfo": info}
            )
        elif method == "tools/list":
            self.send(id=number, result=self.listed(params.get("cursor")))
        elif method == "tools/call":
            found = self.call(params["name"], params.get("arguments") or {}, params.get("_meta") or {})
            if found is not None:
                self.send(id=number, result=found)
        elif method in ("ping", "logging/setLevel"):
            self.send(id=number, result={})
        else:
            self.send(id=number, error={"code": -32601, "message": "Method not found"})

    def run(self) -> None:
        for line in sys.stdin:
            message = json.loads(line)
            if "method" not in message:
                with self.answered:
                    self.answers[message["id"]] = message.get("result", message.get("error"))
                    self.answered.notify_all()
            elif "id" in message:
                given = (message["method"], message.get("params") or {}, message["id"])
                threading.Thread(target=self.request, args=given, daemon=True).start()
            elif message["method"] == "notifications/cancelled":
                self.cancelled.set()


def say(stream: TextIO, line: str) -> None:
    stream.write(f"{line}\n")
    stream.flush()


def texts(*found: str) -> dict[str, Any]:
    return {"content": [{"type": "text", "text": text} for text in found]}


def silent() -> None:
    """It starts, and says nothing, ever."""
    time.sleep(1_000)


def rubbish() -> None:
    """It greets people where only messages belong."""
    say(sys.stdout, "Welcome! \x1b[31mserver\x1b[0m ready")


def floods() -> None:
    """It writes lines without end, and reads nothing."""
    while True:
        sys.stdout.write("y\n" * 30_000)


def refuses() -> None:
    """It cannot start."""
    say(sys.stderr, "no configuration found")
    sys.exit(2)


def family() -> None:
    """It has a child, which goes to a session of its own and holds its output open."""
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"], start_new_session=True)


MANNERS: dict[str, Callable[[], None]] = {
    "silent": silent, "rubbish": rubbish, "refuses": refuses, "floods": floods, "family": family,
}  # fmt: skip


if __name__ == "__main__":
    for manner in sys.argv[1:]:
        MANNERS.get(manner, lambda: None)()
    Server(set(sys.argv[1:])).run()
