"""The forms in which a session is exported, a row each, and what makes its text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

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


FORMATS: dict[str, Callable[[Wanted], Iterator[str]]] = {
    "md": lambda wanted: markdown_page(wanted.read()),
    "html": lambda wanted: html_page(wanted.read(), wanted.event_line),
    "json": lambda wanted: whole_object(wanted.read(), wanted.event_line),
    "recording": lambda wanted: recording_file(wanted.path, wanted.redactor, wanted.number),
    "python": lambda wanted: python_script(wanted.read()),
    "curl": lambda wanted: curl_script(wanted.read()),
}


def exported_text(wanted: Wanted, form: str) -> Iterator[str]:
    """The text of the export, in pieces, none of which holds a key that its redactor knows.

    Raises RecordingError for what cannot be read, ConfigurationError for what is not there, before the first piece.
    """
    for piece in FORMATS[form](wanted):
        yield wanted.redactor.text(piece)
