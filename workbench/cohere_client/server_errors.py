"""Error responses of a server: the text of each status, and what the server itself said.

Owns the words: what happened, whose fault it likely is, what to do. Refuses to pass on more of a server's
text than a few lines, or to pass it on with line breaks or the API key in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from workbench.cohere_client.waits import asked_in_words, asked_wait
from workbench.errors import HttpError
from workbench.secrets.keys import KEY_VARIABLES, ApiKey
from workbench.secrets.redactor import Redactor

LONGEST_QUOTE: Final = 500
MOST_SAID: Final = 5  # of a list of faults
MOST_STEPS: Final = 20  # of the way to a field
LONGEST_STEP: Final = 60  # characters
_LONGEST_HEAD: Final = 10_000
_TITLE: Final = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_TOO_MANY: Final = "the key's limit of requests is used up"
_SERVER_SIDE: Final = "the fault is on the server's side; try again in a moment"
_OF_A_FAILURE: Final = frozenset(
    {"error", "errors", "detail", "message", "msg", "id", "type", "code", "status", "object", "param", "request_id"}
)
"""Keys of an object that tells of nothing but a failure."""
_ADVICE: Final[Mapping[int, str]] = {
    400: "the request has a mistake in it; look at its parameters and messages",
    402: "the account's billing or its limit stops it; look at its billing page",
    403: "the key may not use this model or this address; check its rights",
    405: "the base URL leads to something else than the v2 chat API; check it",
    408: "the server stopped waiting for the request; try again",
    409: "it is in conflict with another request; try again",
    410: "what was asked for is gone",
    413: "the request is too large; send fewer or shorter documents, or a shorter conversation",
    422: "the server understood the request and cannot do it; change the request as it says",
    498: "the request or the answer holds a token that the server does not allow; change the prompt",
    499: "the server saw the request as cancelled; send it again",
    501: "this server does not offer what the request asks for",
    504: f"the server, or one behind it, took too long; {_SERVER_SIDE}",
    529: "the server is overloaded; try again in a while",
}


@dataclass(frozen=True, slots=True)
class ErrorTexts:
    """Makes the error of an error response of the server `name`; `key` is what was sent to it, and `redactor` keeps
    it, and others, out of every text.

    `base_url` is None when nothing is reached over a network.
    """

    name: str
    base_url: str | None
    key: ApiKey | None
    redactor: Redactor

    def error(
        self, status: int | None, headers: Mapping[str, str], body: Any, *, model: str = "", now: datetime | None = None
    ) -> HttpError:
        """`body` is the response's, as parsed JSON or as text. `now` is what a `Retry-After` date is measured from."""
        # Before anything is cut: half a key would not be found any more.
        headers = {name: self.redactor.text(value) for name, value in headers.items()}
        try:
            body = self.redactor.value(body)
            said = shortened(said_in(body))
        except RecursionError:
            body, said = None, "(an error body that is nested too deeply)"
        now = now or datetime.now(UTC)
        retry_after = asked_wait(headers, now)
        what = f"{self.name} answered with HTTP {status}" if status else f"{self.name} failed"
        advice = self._advice(status, headers, model, retry_after)
        if retry_after:
            advice += f"; {asked_in_words(retry_after, now)}"
        text = f"{what}: {said}" if said else what
        joint = "" if text.endswith((".", "!", "?")) else "."
        message = f"{text}{joint} {advice[:1].upper()}{advice[1:]}."
        return HttpError(self.redactor.text(message), status=status, body=body, retry_after=retry_after)

    def _advice(self, status: int | None, headers: Mapping[str, str], model: str, retry_after: float | None) -> str:
        match status:
            case 401:
                return self._unauthorized()
            case 404:
                return self._not_found(model)
            case 429:
                return _TOO_MANY if retry_after else f"{_TOO_MANY}; wait a moment (trial keys have low limits)"
            case int() if 300 <= status < 400 and "location" in headers:
                return f"it redirects to {shortened(headers['location'])}; set the base URL to where the API really is"
            case int() if status >= 500:
                return _ADVICE.get(status, _SERVER_SIDE)
            case _:
                return _ADVICE.get(status or 0, "the server did not take the request")

    def _unauthorized(self) -> str:
        if self.key is None:
            return f"no API key was found; set {KEY_VARIABLES[0]}"
        return f"it does not accept the API key that was read from {self.key.source}; check that variable"

    def _not_found(self, model: str) -> str:
        named = f"the model {shortened(model)!r}" if model else "the model"
        if self.base_url is None:
            return f"it does not know {named}"
        url = f"{self.base_url}/v2/chat"
        return f"either {named} is not known there, or {url} is the wrong address; check model and base URL"


def said_in(body: Any) -> str:
    """The server's own words in an error body: JSON of the usual shapes, the title of a page, or plain text."""
    if isinstance(body, str):
        title = _TITLE.search(body[:_LONGEST_HEAD])
        return title[1] if title else body
    if isinstance(body, Mapping):
        if (where := _where(body.get("loc"))) and body.get("msg"):
            return f"{where}: {said_in(body['msg'])}"
        for name in ("message", "error", "detail", "errors", "msg"):
            if body.get(name):
                return said_in(body[name])
    if isinstance(body, list) and body and isinstance(body[0], str | Mapping):
        more = len(body) - MOST_SAID
        return "; ".join([*(said_in(item) for item in body[:MOST_SAID]), *([f"and {more} more"] if more > 0 else [])])
    return "" if body is None or body == "" else json.dumps(body, ensure_ascii=False, default=str)


def failure_in(body: str) -> str:
    """What a body says that tells of a failure though the status does not; "" when it tells of none."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(told, Mapping) or not told.keys() & {"error", "errors", "detail", "message"}:
        return ""
    if told.keys() - _OF_A_FAILURE or isinstance(told.get("message"), Mapping):
        return ""
    return said_in(told)


def _where(place: Any) -> str:
    """The field of a request that a `loc` of FastAPI's leads to, such as `messages.0.content`; "" for none."""
    steps = place if isinstance(place, list) else [place]
    if not all(isinstance(step, str | int) for step in steps):
        return ""
    if steps[:1] == ["body"]:  # where else a chat request may be wrong is nothing to say
        steps = steps[1:]
    return ".".join(str(step)[:LONGEST_STEP] for step in steps[:MOST_STEPS])


def shortened(text: str) -> str:
    """`text` on one line, cut to `LONGEST_QUOTE` characters."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_QUOTE else f"{line[: LONGEST_QUOTE - 1]}…"
