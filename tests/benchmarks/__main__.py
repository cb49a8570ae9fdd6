"""Measure what things cost and print Markdown tables: `python -m tests.benchmarks [NAME ...] [--quick]`.

All but `answers`, `fold`, `pieces`, `pathological`, `kept`, `sessions`, `event_rows` and `documents` run Workbench
beside another program, in turn, in a real terminal, and need Linux's /proc. A ratio is Workbench's figure over the
other's: below 1, Workbench costs less.
"""

from __future__ import annotations

import argparse
import importlib
import signal
import sys
import time

from tests.benchmarks import answers, fold, pieces

IN_PROCESS = {"answers": answers.table, "fold": fold.table, "pieces": pieces.table}
BY_ITSELF = ("pathological", "conversation", "kept", "sessions", "event_rows", "documents")
IN_A_TERMINAL = ("start", "stream", "echo", "scrolling", "growth", "blocks")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    names = (*IN_PROCESS, *BY_ITSELF, *IN_A_TERMINAL)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(names)}; all without one")
    parser.add_argument("--quick", action="store_true", help="fewer runs and shorter inputs")
    given = parser.parse_args()
    if unknown := sorted(set(given.names) - set(names)):
        parser.error(f"there is no benchmark {', '.join(unknown)}")
    if not sys.platform.startswith("linux") and set(given.names or names) & set(IN_A_TERMINAL):
        parser.error(
            f"{', '.join(IN_A_TERMINAL)} read Linux's /proc; only {', '.join((*IN_PROCESS, *BY_ITSELF))} run here"
        )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is ended
    try:
        return max([_run(name, quick=given.quick) for name in given.names or names])
    except KeyboardInterrupt:
        return 130


def _table(name: str, *, quick: bool) -> str:
    if name in IN_PROCESS:
        return IN_PROCESS[name]()
    table: str = importlib.import_module(f"tests.benchmarks.{name}").table(quick=quick)
    return table


def _run(name: str, *, quick: bool) -> int:
    """Print one table, or why there is none."""
    began = time.monotonic()
    try:
        table = _table(name, quick=quick)
    except Exception as error:  # noqa: BLE001 - the others are still of use
        print(f"{name}: {type(error).__name__}: {error}", file=sys.stderr)
        return 1
    print(f"{table}\n", flush=True)
    print(f"{name}: {time.monotonic() - began:.0f} s", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
