"""The least that a Textual program with a prompt can be: what Workbench's start is compared with."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import Input


class BareApp(App[None]):
    """An empty screen with a prompt."""

    def compose(self) -> ComposeResult:
        yield Input(placeholder="ask something")


if __name__ == "__main__":
    BareApp().run()
