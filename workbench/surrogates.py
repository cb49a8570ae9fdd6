"""Halves of a surrogate pair, which Python keeps in a text and UTF-8 cannot carry.

A stream can cut a character in two; a tool and a damaged file can give half of one.
"""

from __future__ import annotations

import re

_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")


def joined(text: str) -> str:
    """`text` with two halves that meet, as two deltas can carry them, as the one character that they are.

    Whoever reads the text back from JSON gets it so, and counts it so. A half that is alone stays.
    """
    return text if _is_whole(text) else text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def sendable(text: str) -> str:
    """As `joined`, and with U+FFFD for a half that is alone: what UTF-8 can carry."""
    return text if _is_whole(text) else text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def ends_of_pairs(text: str) -> list[int]:
    """Where each two halves that meet end: `joined` makes the text one character shorter there."""
    return [] if _is_whole(text) else [found.end() for found in _PAIR.finditer(text)]


def _is_whole(text: str) -> bool:
    """Whether no character of it is half of a pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
