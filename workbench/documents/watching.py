"""Folders and files that are watched: when something in them changes, it is told once a burst of changes is over.

Owns the package that watches, which is an extra: who does not ask for it need not have it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Final

from workbench.errors import WorkbenchError

BURST: Final = 500  # milliseconds for which changes are gathered
NOT_INSTALLED: Final = "`watch: true` needs pip install 'cohere-workbench[watch]'; until then /docs reload reads again"


class CannotWatch(WorkbenchError):
    """What is to be watched cannot be; the text says why."""


async def changes(paths: Sequence[Path]) -> AsyncIterator[None]:
    """Yields whenever something at or below one of `paths` has changed, until it is closed. Raises CannotWatch.

    What is not there when it begins is not watched.
    """
    try:
        from watchfiles import awatch
    except ImportError as error:
        raise CannotWatch(NOT_INSTALLED) from error
    there = [path for path in paths if path.exists()]
    if not there:
        return
    try:
        async for _ in awatch(*there, debounce=BURST, ignore_permission_denied=True):
            yield
    except (OSError, RuntimeError) as error:  # too many folders for the system, or one that went away
        raise CannotWatch(f"the documents are watched no more: {error}") from error
