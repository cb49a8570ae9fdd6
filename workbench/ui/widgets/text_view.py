"""A view of text that is searched, and of which some is selected with keys: one of both at a time has the keys.

Owns which of them that is.
"""

from __future__ import annotations

from workbench.ui.widgets.searching import Place, SearchingView
from workbench.ui.widgets.selecting import SelectingView


class TextView(SearchingView[Place], SelectingView):
    """What is looked for gets the keys first, while it is typed: `SearchingView` comes before `SelectingView`."""

    def action_search(self) -> None:
        """Begin to type what is looked for; nothing is selected any more."""
        self.leave()
        super().action_search()
