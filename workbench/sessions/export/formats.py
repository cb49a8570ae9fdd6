"""The forms in which a session is exported, a row each, and what makes its text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from workbench.secrets.redactor import Redactor
from workbench.sessions.export.curl_script import curl_script
from workbench.sessions.export.exported import EventLine, Exported, read_exported
from workbench.sessions.export.html_page import html_page
from workbench.sessions.export.markdown_page import markdown_page
from workbench.sessions.export.python_script import python_script
from workbench.sessions.export.recording_file import recording_file
from workbench.sessions.export.whole_object import whole_object


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be exported: the session in `path`, or its turn `number` alone. `event_line` is an event as JSON."""

    path: Path
    number: int | None
    redactor: Redactor
    event_line: EventLine

    def read(self) -> Exported:
        """The turns. Raises RecordingError and ConfigurationError."""
        return read_exported(self.path, self.redactor, self.number)


WRITTEN: Mapping[str, Callable[[Exported, EventLine], Iterator[str]]] = MappingProxyType(
    {
        "markdown": lambda exported, _: markdown_page(exported),
        "html": html_page,
        "json": whole_object,
        "python": lambda exported, _: python_script(exported),
        "curl": lambda exported, _: curl_script(exported),
    }
)
"""The forms that are made of turns as they were, whether they come from a file or from a conversation."""


def _from_turns(form: str) -> Callable[[Wanted], Iterator[str]]:
    return lambda wanted: WRITTEN[form](wanted.read(), wanted.event_line)


FORMATS: Mapping[str, Callable[[Wanted], Iterator[str]]] = MappingProxyType(
    {
        "md": _from_turns("markdown"),
        "html": _from_turns("html"),
        "json": _from_turns("json"),
        "recording": lambda wanted: recording_file(wanted.path, wanted.redactor, wanted.number),
        "python": _from_turns("python"),
        "curl": _from_turns("curl"),
    }
)
"""By the names of the command line."""


def exported_text(wanted: Wanted, form: str) -> Iterator[str]:
    """The text of the export, in pieces, none of which holds a key that its redactor knows.

    Raises RecordingError for what cannot be read, ConfigurationError for what is not there, before the first piece.
    """
    for piece in FORMATS[form](wanted):
        yield wanted.redactor.text(piece)
