"""Spans of time in a turn. Imports nothing of ours: the screen is painted before there is a turn."""

from __future__ import annotations

from collections.abc import Iterable

Span = tuple[float, float]
"""When something began and ended, in seconds since the turn began."""


def joined(spans: Iterable[Span]) -> list[Span]:
    """The spans in order, those that overlap as one."""
    whole: list[Span] = []
    for began, ended in sorted(spans):
        if whole and began <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(whole[-1][1], ended))
        else:
            whole.append((began, ended))
    return whole
