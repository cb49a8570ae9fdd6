"""A file's bytes as text: size limit, byte order marks, encodings, line ends.

Owns what counts as text. Refuses files over 20 MB, binary files and those that are mostly not UTF-8; a few bad
bytes are replaced, and reported.
"""

from __future__ import annotations

import codecs
from pathlib import Path

from workbench.documents.source_lines import Flaw
from workbench.paths import reason_of

MAX_BYTES = 20 * 1024 * 1024
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


def read_text(path: Path, file: str) -> tuple[str | None, list[Flaw]]:
    """The text of `path` with line feeds only, or None; problems name the file as `file`. Raises nothing."""
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            return None, [_whole(file, f"is too large with {size / 1e6:.0f} MB; the limit is 20 MB", "split the file")]
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        return None, [_whole(file, f"cannot be read: {reason_of(error)}")]
    if len(data) > MAX_BYTES:
        return None, [_whole(file, "grew over the limit of 20 MB while it was read", "split the file")]
    return _decoded(data, file)


def _decoded(data: bytes, file: str) -> tuple[str | None, list[Flaw]]:
    if kind := next((kind for sign, kind in _SIGNS if data.startswith(sign)), ""):
        return None, [_not_text(file, f" but {kind}")]
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    problems: list[Flaw] = []
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        text = data.decode(encoding, errors="replace")
        if _looks_binary(text) or (encoding == "utf-8" and b"\0" in data):
            return None, [_not_text(file)]
        before = _with_line_feeds(data[: error.start].decode(encoding, errors="replace"))
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        message = f"{text.count(chr(0xFFFD))} characters are not valid {encoding}"
        hint, outcome = "save the file as UTF-8", "they are replaced by �"
        problems.append(Flaw(file, line, column, message, hint, outcome))
    if _looks_binary(text):
        return None, [_not_text(file)]
    return _with_line_feeds(text), problems


def _looks_binary(text: str) -> bool:
    return text.count("\0") + text.count("�") > _TOLERATED * len(text)


def _with_line_feeds(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _whole(file: str, message: str, hint: str = "") -> Flaw:
    return Flaw(file, 0, 0, message, hint, "the file is left out")


def _not_text(file: str, what: str = "") -> Flaw:
    return _whole(file, f"is not text{what}", "convert it to UTF-8 text or Markdown, or leave it out of the pattern")
