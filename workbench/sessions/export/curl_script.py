"""A session as a script for any shell that sends each of its requests again, with curl.

Owns that nothing of a body means anything to the shell: it stands in a here-document whose end is quoted, and no line
of JSON is that end. The key comes from the environment, and reaches curl by no argument that other users could see.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from workbench.printable_json import printable_json
from workbench.safe_text import safe_line
from workbench.sessions.export.exported import Exported, ExportedTurn

_END: Final = "END_OF_BODY"
_HEAD: Final = """\
#!/bin/sh
# {what}
# The key comes from CO_API_KEY, and the server from CO_API_URL where that is set.
set -eu

"""
_SEND: Final = """\
send() {  # the body on standard input, to the server whose address is the first argument
  url="${CO_API_URL:-$1}"
  curl --no-progress-meter --no-buffer --fail-with-body --request POST "${url%/}/v2/chat" \\
    --header 'Content-Type: application/json' --data-binary @- --header @/dev/fd/3 3<<END_OF_HEADER
Authorization: Bearer ${CO_API_KEY:-none}
END_OF_HEADER
}
"""
_NEEDS_KEY: Final = ': "${CO_API_KEY:?set it to your API key}"\n\n'


def curl_script(session: Exported) -> Iterator[str]:
    """The text of the script, in pieces."""
    yield _HEAD.format(what=safe_line(f"The requests of {session.id}, as they were sent."))
    if any(turn.wants_key for turn in session.turns):
        yield _NEEDS_KEY
    yield _SEND
    for turn in session.turns:
        requests = turn.requests()
        if not requests:
            yield f"\n# turn {turn.turn.number} sent no request\n"
        for number, body in requests:
            yield f"\n# turn {turn.turn.number}, step {number}\n"
            yield from _request(turn, body)


def _request(turn: ExportedTurn, body: dict[str, Any]) -> Iterator[str]:
    yield f"send '{turn.base_url}' <<'{_END}'\n"
    yield f"{printable_json(body, indent=2)}\n{_END}\necho\n"
