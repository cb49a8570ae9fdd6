"""A slow terminal is one that is late again and again."""

from __future__ import annotations

from workbench.ui.terminal.lateness import LATE_SECONDS, MANY, WITHIN_SECONDS, Lateness


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def wait(lateness: Lateness, clock: Clock, seconds: float) -> bool:
    """A frame that has to wait for so long; whether the terminal is then called slow."""
    lateness.frame_waits()
    clock.now += seconds / 2
    lateness.frame_waits()
    clock.now += seconds / 2
    return lateness.caught_up()


def test_late_again_and_again_is_slow() -> None:
    clock = Clock()
    lateness = Lateness(clock)
    assert [wait(lateness, clock, LATE_SECONDS * 1.1) for _ in range(MANY)] == [False] * (MANY - 1) + [True]


def test_late_once_however_long_is_not() -> None:
    clock = Clock()
    lateness = Lateness(clock)
    assert not wait(lateness, clock, 10_000.0)
    assert not lateness.caught_up()


def test_a_little_late_is_not() -> None:
    clock = Clock()
    lateness = Lateness(clock)
    assert not any(wait(lateness, clock, LATE_SECONDS * 0.9) for _ in range(10 * MANY))


def test_late_now_and_then_is_not() -> None:
    clock = Clock()
    lateness = Lateness(clock)
    for _ in range(3 * MANY):
        assert not wait(lateness, clock, LATE_SECONDS * 1.1)
        clock.now += WITHIN_SECONDS / (MANY - 1)
