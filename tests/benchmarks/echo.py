"""How soon a typed character is on the screen while an answer streams."""

from __future__ import annotations

from itertools import cycle, islice

from tests.benchmarks.figures import Figures, compare, percentile
from tests.benchmarks.programs import STOCK, Program
from tests.benchmarks.screen import echo_seconds
from tests.benchmarks.session import BACKSPACE, Session, warm_session
from tests.benchmarks.text import UNUSED_LETTERS, Order

RATES = (50, 200)  # tokens a second
BETWEEN_KEYS = 0.19  # seconds; no multiple of a frame, so that keys fall anywhere in one


def type_while_streaming(running: Session, rate: int, keys: int) -> list[float]:
    """Press keys evenly from a second after the answer began; returns the seconds that each took to be shown."""
    order = Order("prose", int((1 + (keys + 3) * BETWEEN_KEYS) * rate), rate, seed=2)
    typed = "".join(islice(cycle(UNUSED_LETTERS), keys))
    running.painted()
    running.ask(order)
    running.recorder.read_for(1.0)
    pressed: list[float] = []
    for key in typed:
        pressed.append(running.recorder.send(key.encode()))
        running.recorder.read_for(BETWEEN_KEYS)
    running.wait_until_sent(order)
    running.settle()
    echoes = echo_seconds(running.painted(), typed, pressed)
    if len(echoes) < keys / 2:
        raise running.failed(f"showed {len(echoes)} of {keys} keys")
    running.recorder.send(BACKSPACE * keys)
    running.settle()
    return echoes


def measure(program: Program, keys: int) -> Figures:
    figures: dict[str, float | str] = {}
    with warm_session(program) as running:
        for rate in RATES:
            echoes = type_while_streaming(running, rate, keys)
            for percent in (50, 95):
                figures[f"{rate} tokens/s: p{percent} ms"] = percentile(echoes, percent) * 1000
    return figures


def table(*, quick: bool) -> str:
    runs, keys = (1, 20) if quick else (2, 40)
    return compare("key echo at 120x40", runs, lambda program: measure(program, keys), reference=STOCK)
