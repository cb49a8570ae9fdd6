"""A configuration file's bytes, as text: owns reading, decoding and the place of a character.

Refuses what no editor would show as text (invalid UTF-8, UTF-16, control characters) and files over
`MAX_BYTES`, each with a located problem instead of an exception.
"""

from __future__ import annotations

import codecs
import os
import re
import stat
from bisect import bisect_right
from pathlib import Path

from workbench.config.findings import Findings
from workbench.paths import reason_of
from workbench.safe_text import name_of

MAX_BYTES = 5 * 1024 * 1024

_LINE_BREAK = re.compile(r"\r\n?")
_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]")
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class ConfigText:
    """Decoded text whose line breaks are all `\\n`; `place(index)` is its line and column, from 1."""

    __slots__ = ("_starts", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def place(self, index: int) -> tuple[int, int]:
        """The line and column, both from 1, of the character at `index`, which counts code points from 0."""
        line = bisect_right(self._starts, index)
        return line, index - self._starts[line - 1] + 1


def read_bytes(path: Path, findings: Findings) -> bytes | None:
    """The file's bytes, or None with a problem that says what to do."""
    try:
        data = _read(path)
    except FileNotFoundError:
        findings.file_problem("there is no such file", "check the path; it is relative to the current folder")
    except IsADirectoryError:
        findings.file_problem("this is a folder, not a file", "name a YAML or JSON file in it")
    except PermissionError:
        findings.file_problem("no permission to read this file", "make it readable: chmod u+r")
    except (OSError, ValueError) as error:
        findings.file_problem(f"cannot be read: {reason_of(error)}")
    else:
        if data is None:
            findings.file_problem("this is a pipe that nothing is written to", "write to it first, or name a file")
            return None
        if len(data) <= MAX_BYTES:
            return data
        findings.file_problem(
            f"the file is larger than {MAX_BYTES // 2**20} MB",
            "keep large collections in files of their own and list them under `files:`",
        )
    return None


def _read(path: Path) -> bytes | None:
    """The file's bytes, as far as `MAX_BYTES` and a little more; None for a pipe without a writer.

    That would be waited for. A pipe that has one, such as a shell's `<(command)`, is read to its end.
    """
    with open(path, "rb", opener=_open_at_once) as file:
        is_pipe = stat.S_ISFIFO(os.fstat(file.fileno()).st_mode)
        first = file.read(1) if is_pipe else b""
        if is_pipe and first == b"":
            return None
        os.set_blocking(file.fileno(), True)
        return (first or b"") + file.read(MAX_BYTES + 1)


def _open_at_once(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)


def decode(data: bytes, findings: Findings) -> ConfigText | None:
    """UTF-8 bytes, with or without a byte order mark, as text; None with a located problem if they are not."""
    if data.startswith(_UTF16):
        findings.file_problem("the file is UTF-16", "save it as UTF-8")
        return None
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = ConfigText(_unify(data[: error.start].decode("utf-8")))
        findings.at(
            *before.place(len(before.text)), f"byte 0x{data[error.start]:02X} is not UTF-8", "save the file as UTF-8"
        )
        return None
    source = ConfigText(_unify(text))
    if found := _NOT_TEXT.search(source.text):
        findings.at(
            *source.place(found.start()),
            f"character {name_of(found.group())} is not allowed in a text file",
            'remove it, or write it as an escape in double quotes, such as "\\x1b"',
        )
        return None
    return source


def _unify(text: str) -> str:
    return _LINE_BREAK.sub("\n", text) if "\r" in text else text
