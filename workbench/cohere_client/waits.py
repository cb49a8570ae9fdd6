"""How long a server asks to wait: read from the headers of an error response, and said to a person.

Owns every form that such a header has: seconds, milliseconds, dates, several of them. Refuses what is none of these,
and to decide whether so long is waited.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_tz
from typing import Final

from workbench.errors import LONGEST_ASKED

# An amount, as long as it likes to be: a wait of a thousand digits is a long one, and not none.
_NUMBER: Final = re.compile(r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
# Several headers of a name are joined by commas, and a date has one behind its weekday.
_ONE_OF_SEVERAL: Final = re.compile(r"\s*(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,[^,]+|[^,]+")
_LONGEST_DATE: Final = 100  # characters
_LAST_YEAR: Final = 9999  # that a date can have here
_UNITS: Final = ((365 * 86_400, "year"), (86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))
_MOST_YEARS: Final = 100


def asked_wait(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds to wait, as `retry-after` and `retry-after-ms` have it: the longest of them. None when neither says."""
    waits = [each for part in _parts(headers, "retry-after") if (each := _wait(part, now)) is not None]
    waits += [each / 1000 for part in _parts(headers, "retry-after-ms") if (each := _number(part)) is not None]
    return max(waits, default=None)


def asked_in_words(seconds: float, now: datetime) -> str:
    """What the server asks for, and of a wait that is left to a person, when it is over."""
    asked = f"the server asks to wait {_in_words(seconds)}"
    return asked if seconds <= LONGEST_ASKED else f"{asked}; ask again then{_over_at(seconds, now)}"


def _in_words(seconds: float) -> str:
    """A wait as a person reads it: `40 s`, `3 h 12 min`, rounded up."""
    if seconds > _MOST_YEARS * _UNITS[0][0]:
        return f"more than {_MOST_YEARS} years"
    left = math.ceil(seconds) if seconds <= 3_600 else math.ceil(seconds / 60) * 60
    parts = []
    for length, unit in _UNITS:
        count, left = divmod(left, length)
        if count:
            parts.append(f"{count} {unit}s" if unit == "year" and count > 1 else f"{count} {unit}")
    return " ".join(parts[:2]) or "0 s"


def _over_at(seconds: float, now: datetime) -> str:
    """When a long wait is over, in brackets; "" where there is no such date."""
    try:
        moment = now + timedelta(seconds=seconds)
    except OverflowError:
        return ""
    if seconds > _MOST_YEARS * _UNITS[0][0]:
        return ""
    day = "" if seconds <= 86_400 else f" on {moment:%d %B}" if seconds < _UNITS[0][0] else f" on {moment:%d %B %Y}"
    return f" ({moment:%H:%M} UTC{day})"


def _parts(headers: Mapping[str, str], name: str) -> list[str]:
    return [part.strip() for part in _ONE_OF_SEVERAL.findall(headers.get(name, ""))]


def _wait(text: str, now: datetime) -> float | None:
    number = _number(text)
    return _until(text, now) if number is None else number


def _number(text: str) -> float | None:
    return float(text) if _NUMBER.fullmatch(text) else None


def _until(text: str, now: datetime) -> float | None:
    """Seconds until a date of HTTP, in any of its three forms; 0 for one that has passed."""
    if len(text) > _LONGEST_DATE or not text[:1].isalpha():
        return None
    try:
        parsed = parsedate_tz(text)
        if parsed is None:
            return None
        year, month, day, hour, minute, second = parsed[:6]
        moment = datetime(min(year, _LAST_YEAR), month, day, hour, minute, second, tzinfo=UTC)
        if year > _LAST_YEAR:
            return math.inf
        moment -= timedelta(seconds=parsed[9] or 0)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
    return max(0.0, (moment - now).total_seconds())
