"""A request that is not sent: as JSON lines for scripts, or as the body that a person can read, and send."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TextIO

from workbench import surrogates
from workbench.events import Request
from workbench.plural import plural
from workbench.printable_json import printable_json
from workbench.printing.json_lines import JsonLines
from workbench.printing.streams import say
from workbench.safe_text import safe_line


def print_lines(request: Request, server: str, out: TextIO) -> None:
    """The event of the request, and in place of the turn's end a line that says how large it is and for whom."""
    JsonLines(out).event(request)
    line = {"event": "dry-run", "t": request.t, "server": server, **_size(request.body)}
    out.write(f"{json.dumps(line)}\n")
    out.flush()


def print_body(request: Request, server: str, out: TextIO, notes: TextIO) -> None:
    """The body as it would be sent, on `out`; on `notes`, how large it is and for whom."""
    out.write(f"{printable_json(_sent(request.body), indent=2)}\n")
    out.flush()
    size = _size(request.body)
    counted = ", ".join(plural(size[name], name[:-1]) for name in ("messages", "documents", "tools"))
    say(safe_line(f"workbench: nothing was sent: {size['bytes']:,} bytes for {server}; {counted}"), notes)


def _sent(body: Mapping[str, Any]) -> dict[str, Any]:
    return {**body, "stream": True}


def _size(body: Mapping[str, Any]) -> dict[str, int]:
    """How many bytes the body has as it is sent, and how many of what is in it."""
    text = json.dumps(_sent(body), ensure_ascii=False, separators=(",", ":"), default=dict)
    counts = {name: len(body.get(name) or ()) for name in ("messages", "documents", "tools")}
    return {"bytes": len(surrogates.sendable(text).encode()), **counts}
