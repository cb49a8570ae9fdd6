"""An app whose own faults are never drawn: Textual would print a traceback with the values of all variables.

Owns ending the app after an exception that nobody caught, as at any other end: the terminal is restored, files are
closed. Whoever ran the app finds the exception in `fault`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Generic, TypeVar

from rich.console import RenderableType
from textual.css.query import NoMatches
from textual.widget import MountError
from textual.worker import WorkerFailed

from workbench.ui.terminal.display import ChangedCellsApp

Result = TypeVar("Result")
_LOGGER = logging.getLogger(__name__)


def _in_words(error: BaseException) -> str:
    return f"a fault of this program: {type(error).__name__}: {error}"


class FailingApp(ChangedCellsApp[Result], Generic[Result]):
    """Ends with return code 1 at the first exception that nobody caught.

    `report` says in a line what failed when the app goes on all the same; it may keep a report first.
    """

    report: Callable[[BaseException], str] = staticmethod(_in_words)

    @property
    def fault(self) -> BaseException | None:
        """The exception that ended the app, that of a worker itself."""
        return self._exception.error if isinstance(self._exception, WorkerFailed) else self._exception

    def _handle_exception(self, error: Exception) -> None:
        """Whoever misses a widget once the app was told to end is at no fault: it is taken down, or never built."""
        cause = error.error if isinstance(error, WorkerFailed) else error
        if self._exit and isinstance(cause, NoMatches | MountError):
            _LOGGER.info("a widget was missed at the end: %s", cause)
            self._close_messages_no_wait()  # the one who missed it may be the one who would hear of the end
        else:
            super()._handle_exception(error)

    def panic(self, *renderables: RenderableType) -> None:
        self._close_messages_no_wait()

    def _fatal_error(self) -> None:
        self._close_messages_no_wait()

    def _print_error_renderables(self) -> None:
        self._exit_renderables.clear()
