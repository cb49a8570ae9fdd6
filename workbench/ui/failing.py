"""An app whose own faults are never drawn: Textual would print a traceback with the values of all variables.

Owns ending the app after an exception that nobody caught, as at any other end: the terminal is restored, files are
closed. Whoever ran the app finds the exception in `fault`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from rich.console import RenderableType
from textual.css.query import NoMatches
from textual.widget import MountError
from textual.worker import WorkerFailed

from workbench.ui.terminal.textual_inside import close_now, exception_of
from workbench.ui.themes.themed_app import ThemedApp

Result = TypeVar("Result")
_LOGGER = logging.getLogger(__name__)


def _in_words(error: BaseException) -> str:
    return f"a fault of this program: {type(error).__name__}: {error}"


class FailingApp(ThemedApp[Result], Generic[Result]):
    """Ends with return code 1 at the first exception that nobody caught.

    `report` says in a line what failed when the app goes on all the same; it may keep a report first.
    """

    report: Callable[[BaseException], str] = staticmethod(_in_words)

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.error_console.quiet = True  # whatever Textual would say at the end
        self._ends = False
        self._first: Exception | None = None

    @property
    def fault(self) -> BaseException | None:
        """The exception that ended the app, that of a worker itself."""
        error = self._first or exception_of(self)
        return error.error if isinstance(error, WorkerFailed) else error

    def exit(self, result: Result | None = None, return_code: int = 0, message: RenderableType | None = None) -> None:
        """End the app with `result`; from now on, a widget that is missed is no fault."""
        self._ends = True
        super().exit(result, return_code, message)

    def fail(self, error: Exception) -> None:
        """Nobody caught `error`: end the app with it. Once the app was told to end, a missing widget is no fault."""
        cause = error.error if isinstance(error, WorkerFailed) else error
        if self._ends and isinstance(cause, NoMatches | MountError):
            _LOGGER.info("a widget was missed at the end: %s", cause)
            close_now(self)  # the one who missed it may be the one who would hear of the end
        else:
            self._first = self._first or error
            super().fail(error)

    def panic(self, *renderables: RenderableType) -> None:
        """End the app without printing what Textual has to say of a fault."""
        close_now(self)

    def describe_fault(self) -> None:
        """End the app without printing a traceback: that would show the values of all variables."""
        close_now(self)
