"""The process that converts files: a `FileToConvert` after another on standard input, what came of each out.

It ends when its parent does, in whatever it is doing: whoever has the other end of standard input is gone then.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import resource
import signal
import sys
import threading
from typing import BinaryIO, Final

_MEMORY: Final = 4 << 30  # bytes of address space


def main() -> None:
    """Convert files until there are no more, in so many seconds each as the argument says.

    Where a package is missing, what is out is what it reads, and the extra that brings it.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    with contextlib.suppress(OSError, ValueError):  # macOS has no such limit
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))
    asked: queue.SimpleQueue[object] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, asked), daemon=True).start()
    # A converter that prints would write into what the parent reads.
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as out:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        _convert_all(asked, out, float(sys.argv[1]))


def _convert_all(asked: queue.SimpleQueue[object], out: BinaryIO, longest: float) -> None:
    from workbench.documents.converting import converted_here
    from workbench.documents.source_lines import FileToConvert, MissingExtra

    while isinstance(wanted := asked.get(), FileToConvert):
        signal.setitimer(signal.ITIMER_PROF, longest)  # what runs out of it ends, whatever code it is in
        try:
            found: object = converted_here(wanted)
        except MissingExtra as missing:
            found = (missing.what, missing.extra)
        signal.setitimer(signal.ITIMER_PROF, 0)
        pickle.dump(found, out, protocol=5)
        out.flush()


def _listen(stream: BinaryIO, asked: queue.SimpleQueue[object]) -> None:
    """Hand on what the parent asks for; end this process at once when it is gone."""
    try:
        while True:
            asked.put(pickle.load(stream))
    except (EOFError, OSError, pickle.UnpicklingError):
        os._exit(0)


if __name__ == "__main__":
    main()
