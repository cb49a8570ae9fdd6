"""A process that reads files for an index: files to read in on standard input, rows out on standard output.

It ends when its parent does, in whatever it is doing: whoever has the other end of standard input is gone then.
"""

from __future__ import annotations

import gc
import os
import pickle
import queue
import signal
import sys
import threading
from typing import BinaryIO, Final

_GARBAGE: Final = 50_000  # more objects, after which Python looks for those that only hold each other: hardly any


def main() -> None:
    """Read a split specification, then files, until there are no more of them."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    gc.set_threshold(_GARBAGE)
    asked: queue.SimpleQueue[object] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, asked), daemon=True).start()
    from workbench.documents.converting import Converting
    from workbench.documents.index.reading import RowReader
    from workbench.documents.one_file import FileToRead
    from workbench.documents.passages import SplitSpec

    spec = asked.get()
    assert isinstance(spec, SplitSpec)
    out = sys.stdout.buffer
    with Converting() as convert:
        reader = RowReader(spec, convert)
        while isinstance(wanted := asked.get(), FileToRead):
            pickle.dump(reader.file(wanted), out, protocol=5)
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
