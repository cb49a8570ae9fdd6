"""From the command to the first paint, and to the first typed character on the screen."""

from __future__ import annotations

from tests.benchmarks import processes
from tests.benchmarks.figures import Figures, compare
from tests.benchmarks.programs import BARE, WORKBENCH, Program
from tests.benchmarks.screen import first_seen, first_text
from tests.benchmarks.session import session
from tests.benchmarks.text import UNUSED_LETTERS

SDK = "pydantic_core"  # the compiled library of the SDK's models: nothing else that is measured loads it
ECHO_LIMIT = 10.0
KEY = UNUSED_LETTERS[0]


def measure(program: Program) -> Figures:
    """Usable is when a character is shown that was typed as soon as the prompt was."""
    with session(program) as running:
        recorder = running.recorder
        running.wait_until_ready()
        sdk_when_painted = processes.has_loaded(recorder.pid, SDK)
        first = len(recorder.reads)
        recorder.send(KEY.encode())
        echoed = recorder.read_until(lambda: any(KEY.encode() in r.data for r in recorder.reads[first:]), ECHO_LIMIT)
        sdk_when_usable = processes.has_loaded(recorder.pid, SDK)
        running.settle()
        painted = running.painted()
        paint, usable = first_text(painted), first_seen(painted, [KEY]).get(KEY)
        if not echoed or paint is None or usable is None:
            raise running.failed("did not show what was typed")
        return {
            "first paint, ms": (paint - recorder.started) * 1000,
            "usable, ms": (usable - recorder.started) * 1000,
            "SDK imported at the first paint": "yes" if sdk_when_painted else "no",
            "SDK imported when usable": "yes" if sdk_when_usable else "no",
        }


def table(*, quick: bool) -> str:
    for program in (WORKBENCH, BARE):  # the first start ever reads and compiles what later ones find in memory
        measure(program)
    return compare("start at 120x40", 3 if quick else 9, measure, reference=BARE)
