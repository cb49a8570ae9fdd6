"""What a child process sees of the environment: all but the keys to the chat API.

Withheld are CO_API_KEY, COHERE_API_KEY, the names given as secrets, and any other variable that holds the value of
one of those, be it within a header or a URL, backwards or in base64. A tool's own keys stay: its code was approved, and
it could not work without them.
"""

from __future__ import annotations

from collections.abc import Mapping, Set

from workbench.secrets.keys import KEY_VARIABLES, holding


def scrubbed(environ: Mapping[str, str], secrets: Set[str] = frozenset()) -> dict[str, str]:
    """A copy of `environ` without the keys, and with Python's output unbuffered."""
    withheld = holding(environ, {*KEY_VARIABLES, *secrets})
    return {**{name: value for name, value in environ.items() if name not in withheld}, "PYTHONUNBUFFERED": "1"}
