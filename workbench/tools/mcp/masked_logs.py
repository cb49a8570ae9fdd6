"""What the package and its HTTP client log of a server: kept free of the secrets that were filled in for it.

A URL with a key in it is logged with every request, so a log file would hold what is shown nowhere else. Owns which
loggers these are. Refuses nothing: a line is logged, with what is secret taken out.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from workbench.secrets.redactor import Redactor

_PACKAGES: Final = ("mcp", "httpx2", "httpcore2", "client")
# Those that are made when a request is first sent.
_LATE: Final = tuple(f"httpcore2.{part}" for part in ("connection", "http11", "http2", "proxy", "socks"))


class Masking(logging.Filter):
    """Takes what `redactor` knows out of each record; an exception's trace that holds some of it is left out."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor

    def filter(self, record: logging.LogRecord) -> bool:
        """True: every record is logged."""
        said = record.getMessage()
        masked = self._redactor.text(said)
        if masked != said:
            record.msg, record.args = masked, ()
        if record.exc_info:
            trace = logging.Formatter().formatException(record.exc_info)
            if self._redactor.text(trace) != trace:
                record.exc_info = record.exc_text = None
        return True


@contextmanager
def masked_logs(redactor: Redactor) -> Iterator[None]:
    """No log has what `redactor` knows, for as long as this is open."""
    if not redactor:
        yield
        return
    masking = Masking(redactor)
    known = [name for name in logging.root.manager.loggerDict if name.partition(".")[0] in _PACKAGES]
    loggers = [logging.getLogger(name) for name in dict.fromkeys((*known, *_LATE))]
    for logger in loggers:
        logger.addFilter(masking)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeFilter(masking)
