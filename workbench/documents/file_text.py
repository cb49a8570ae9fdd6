"""A file's bytes as text: size limit, byte order marks, encodings, line ends.

Owns what counts as text. Refuses files over 20 MB, those that are no text over 100 MB, and binary files where text is
wanted. A few bad bytes are replaced, and reported; so is an encoding that is guessed.
"""

from __future__ import annotations

import codecs
import errno
import hashlib
import os
import stat
from pathlib import Path
from typing import BinaryIO

from workbench.documents import encodings
from workbench.documents.source_lines import LEFT_OUT, Flaw
from workbench.paths import no_file, reason_of

MAX_BYTES = 20 * 1024 * 1024
MAX_BINARY = 100 * 1024 * 1024  # pictures take most of such a file
_PIECE = 1024 * 1024
_MARKS = (  # UTF-32 first: its mark begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SIGNS = (  # of what can look like text, or nearly so
    (b"%PDF-", "a PDF document"),
    (b"PK\x03\x04", "an archive or an office document"),
    (b"{\\rtf", "a rich text document"),
)
_TOLERATED = 0.1  # the share of bad characters above which a file is not taken for text


def read_text(path: Path, file: str, *, is_page: bool = False) -> tuple[str | None, list[Flaw]]:
    """The text of `path` with line feeds only, or None; problems name the file as `file`. Raises nothing.

    `is_page` says that the file is HTML or XML, which may name its own encoding.
    """
    data, flaws = read_bytes(path, file, MAX_BYTES)
    return (None, flaws) if data is None else _decoded(data, file, is_page=is_page)


def read_bytes(path: Path, file: str, most: int = MAX_BINARY) -> tuple[bytes | None, list[Flaw]]:
    """The bytes of `path`, `most` of them, or None; problems name the file as `file`. Raises nothing."""
    limit = most // (1024 * 1024)
    try:
        size = path.stat().st_size
        if size > most:
            message = f"is too large with {size / 1e6:.0f} MB; the limit is {limit} MB"
            return None, [_whole(file, message, "split the file")]
        with open_file(path) as stream:
            data = stream.read(most + 1)
    except (OSError, ValueError) as error:
        return None, [_whole(file, f"cannot be read: {reason_of(error)}")]
    if len(data) > most:
        return None, [_whole(file, f"grew over the limit of {limit} MB while it was read", "split the file")]
    return data, []


def digest_of(path: Path) -> bytes:
    """What tells a file's bytes from others, as far as they are ever read. Raises OSError or ValueError."""
    digest, rest = hashlib.blake2b(digest_size=16), MAX_BINARY + 1
    with open_file(path) as stream:
        while rest > 0 and (piece := stream.read(min(rest, _PIECE))):
            digest.update(piece)
            rest -= len(piece)
    return digest.digest()


def open_file(path: Path) -> BinaryIO:
    """The file at `path`, open for reading. Never waits, as opening a pipe would. Raises OSError, also for no file."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    raise OSError(errno.EINVAL, f"it is {no_file(path)} by now")


def decoded_page(data: bytes) -> str:
    """The text of a page of HTML or XML, whatever it holds."""
    text, _ = _decoded(data, "", is_page=True)
    return data.decode("utf-8", errors="replace") if text is None else text


def _decoded(data: bytes, file: str, *, is_page: bool) -> tuple[str | None, list[Flaw]]:
    if kind := next((kind for sign, kind in _SIGNS if data.startswith(sign)), ""):
        return None, [_not_text(file, f" but {kind}")]
    mark = next((name for mark, name in _MARKS if data.startswith(mark)), None)
    if mark is None and is_page and (text := _as_it_says(data)) is not None:
        return _with_line_feeds(text), []
    if mark is None and (found := encodings.unmarked(data)) is not None:
        return _as_found(*found, file)
    encoding = mark or "utf-8"
    problems: list[Flaw] = []
    data = _without_tail(data) if mark is None else data
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        text = data.decode(encoding, errors="replace")
        if mark is None and b"\0" in data:
            return None, [_not_text(file)]
        if mark is None and (guess := _guessed(data, text)) is not None:
            return _as_found(*guess, file)
        if _looks_binary(text):
            return None, [_not_text(file)]
        before = _with_line_feeds(data[: error.start].decode(encoding, errors="replace"))
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        message = f"{text.count(chr(0xFFFD))} characters are not valid {encoding}"
        hint, outcome = "save the file as UTF-8", "they are replaced by �"
        problems.append(Flaw(file, line, column, message, hint, outcome))
    if _looks_binary(text):
        return None, [_not_text(file)]
    return _with_line_feeds(text), problems


def _without_tail(data: bytes) -> bytes:
    """The lines without the noughts behind them, as a machine that lost its power leaves a log."""
    lines = data.rstrip(b"\0")
    return lines if lines.endswith(b"\n") else data


def _as_found(text: str, encoding: str, file: str) -> tuple[str, list[Flaw]]:
    """The text in the encoding that it is in by all appearance, and that this is so."""
    message, hint = f"is not UTF-8; it is read as {encoding}", "save it as UTF-8 if letters are wrong"
    return _with_line_feeds(text), [Flaw(file, 0, 0, message, hint, harmless=True)]


def _as_it_says(data: bytes) -> str | None:
    """The text of a page in the encoding that it names; None where it names none, or is not in that."""
    encoding = encodings.declared(data)
    if encoding is None or encoding == "utf-8" or (not data.isascii() and _is_utf_8(data)):
        return None  # pages that are UTF-8 often name what they were in before
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _is_utf_8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _guessed(data: bytes, replaced: str) -> tuple[str, str] | None:
    """As `encodings.guessed`; None for UTF-8 that is damaged: more of its characters are good than bad."""
    bad = replaced.count("\ufffd")
    good = sum(map(len, replaced.split("\ufffd"))) - len(replaced.encode("ascii", "ignore"))
    return None if good >= bad else encodings.guessed(data)


def _looks_binary(text: str) -> bool:
    return text.count("\0") + text.count("�") > _TOLERATED * len(text)


def _with_line_feeds(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _whole(file: str, message: str, hint: str = "") -> Flaw:
    return Flaw(file, 0, 0, message, hint, LEFT_OUT)


def _not_text(file: str, what: str = "") -> Flaw:
    return _whole(file, f"is not text{what}", "convert it to UTF-8 text or Markdown, or leave it out of the pattern")
