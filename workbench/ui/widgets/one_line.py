"""A field of one line that takes a paste of several: their text follows one another in it, and nothing is left out.

Owns what becomes of a paste. Where the text goes when it is sent is for whoever shows the field.
"""

from __future__ import annotations

from textual import events
from textual.widgets import Input


class OneLine(Input):
    """Textual's field, without its dropping of all lines of a paste but the first."""

    def on_paste(self, event: events.Paste) -> None:
        """Put the whole paste at the cursor, or in the place of what is selected, a blank for each end of a line."""
        event.stop()
        event.prevent_default()
        self.replace(" ".join(event.text.splitlines()), *self.selection)
