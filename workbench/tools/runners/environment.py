"""What a child process sees of the environment: all but the keys to the chat API.

Withheld are CO_API_KEY, COHERE_API_KEY, the names given as secrets, and any other variable that holds the value of
one of those, be it within a header or a URL. A tool's own keys stay: its code was approved, and it could not work
without them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

_KEY_NAMES = frozenset({"CO_API_KEY", "COHERE_API_KEY"})
# A shorter value is no key, and withholding by it would take away every `DEBUG=1`.
_SHORTEST_KEY = 8


def scrubbed(environ: Mapping[str, str], secrets: Set[str] = frozenset()) -> dict[str, str]:
    """A copy of `environ` without the keys, and with Python's output unbuffered."""
    names = _KEY_NAMES | secrets
    keys = [key for name in names if len(key := environ.get(name, "").strip()) >= _SHORTEST_KEY]
    kept = {name: value for name, value in environ.items() if name not in names and not _holds(value, keys)}
    return {**kept, "PYTHONUNBUFFERED": "1"}


def _holds(value: str, keys: Sequence[str]) -> bool:
    return any(key in value for key in keys)
