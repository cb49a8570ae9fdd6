"""Keys that work on every screen: a modal screen hides the bindings of the app beneath it."""

from __future__ import annotations

from textual.binding import Binding

EVERYWHERE: tuple[Binding, ...] = (
    Binding("ctrl+q", "app.quit", "Quit", priority=True),
    Binding("ctrl+c", "app.interrupt", "Cancel, clear, quit", priority=True),
    Binding("ctrl+z", "app.suspend_process", "Stop, until fg", priority=True),
)
