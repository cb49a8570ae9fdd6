"""Writing to standard output: owns what becomes of characters that a terminal would act on or hide, or that the
stream's encoding lacks, and the error when nothing can be written.

Refuses no text: every character is either itself or a visible stand-in, without state, so text may come in pieces.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import io
import os
import unicodedata
from collections.abc import Iterator
from typing import Final, TextIO

from workbench.errors import OutputError
from workbench.safe_text import shows_nothing

CLOSED: Final = "standard output is closed for writing: what was asked for can go nowhere"

# Controls, formats (bidi, zero-width, tags), lone surrogates, line and paragraph separators. That is more than the
# screen hides: a joiner, which an emoji needs there, is escaped, for here nobody knows what will read it.
_UNSAFE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def printable(text: str) -> str:
    """`text` on one line, with `\\x1b` or `<U+202E>` for whatever is not plainly visible."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_visible, text))


def make_lossless(stream: TextIO, *, encoding: str | None = None) -> None:
    """Have `stream` write `\\xe9` for what its encoding cannot hold; `encoding` None leaves it the one it has."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(encoding=encoding, errors="backslashreplace")


def refuse_closed(out: TextIO) -> None:
    """Raises OutputError when nothing can be written to `out`, before any work is done for it."""
    with contextlib.suppress(OSError, ValueError):  # no file of the system
        if fcntl.fcntl(out.fileno(), fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY:
            raise OutputError(CLOSED)


@contextlib.contextmanager
def writing() -> Iterator[None]:
    """Raises OutputError for what cannot be written; a reader that has gone is BrokenPipeError, as ever."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        reason = CLOSED if error.errno == errno.EBADF else f"the output cannot be written: {error.strerror or error}"
        raise OutputError(reason) from error


def _visible(character: str) -> str:
    if unicodedata.category(character) not in _UNSAFE_CATEGORIES and not shows_nothing(character):
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"<U+{code:04X}>"
