"""The ways along a chain of evidence that begin at a source, or at what has none.

From a source to the sentences of the answer that cite it, and to the words of the question that it was found by; in the
answer from one sentence that nothing cites to the next. Owns where these ways lead and what is said of it.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.conversation.turn import Turn
    from workbench.ui.navigation import Navigation
    from workbench.ui.stage import Stage

NOT_IN_CHAT = "the chat does not show that turn"


class EvidenceWalk:
    """Leads there; what cannot be done is said in the last row."""

    def __init__(self, stage: Stage, navigation: Navigation) -> None:
        self._stage = stage
        self._navigation = navigation

    # -- from a source -----------------------------------------------------------------------------------

    def to_sentence(self, by: int) -> None:
        """Let the words stand out in the chat by which the answer cites the source that one stands on, those `by`
        places behind the ones before, and open its passage at them. The focus stays."""
        turn, found = self._stage.sources.shown, self._stage.sources.citing_here(by)
        entry = self._stage.sources.entry_here
        if turn is None or entry is None or found is None:
            self._stage.say("the answer does not cite this source", severity="warning", passing=True)
            return
        cited, place, count = found
        self._stage.sources.open_source(turn, entry.number or 0, cited)
        self._stage.chat.view.select_citation(turn.number, cited.ordinal)
        if self._stage.chat.view.selected_citation != (turn.number, cited.ordinal):
            self._stage.say(NOT_IN_CHAT, severity="warning", passing=True)
        else:
            self._stage.say(f"{place} of {count} that cite [{entry.number}]", passing=True)

    def back_to_chat(self) -> None:
        """Go to the words that cite the source that one stands on, those its passage is open at; for one that nothing
        cites, to the chat as it stands."""
        if self._stage.sources.citing_here(0) is not None:
            self.to_sentence(0)
        self._navigation.show("chat")

    def to_question(self) -> None:
        """Let the words of the question stand out by which the source was found that one stands on."""
        from workbench.documents.why_found import places_in_question

        turn, entry, view = self._stage.sources.shown, self._stage.sources.entry_here, self._stage.chat.view
        if turn is None or entry is None or not entry.matched:
            self._stage.say("no word of the question is in this source", severity="warning", passing=True)
            return
        places = places_in_question(entry.matched, turn.prompt)
        told = f"found by {', '.join(entry.matched)}"
        if not places:
            self._stage.say(f"{told}: words that were searched for, and are not in this question", passing=True)
        elif not view.show_in_question(turn.number, places):
            self._stage.say(f"{told}; {NOT_IN_CHAT}", passing=True)
        else:
            self._stage.say(told, passing=True)

    # -- what nothing cites ------------------------------------------------------------------------------

    def to_uncited(self, by: int) -> None:
        """Let the next sentence stand out that nothing cites in the answer that is read, or the one before."""
        turn = self._navigation.turn_read()
        if turn is None:
            self._stage.say("no answer yet", severity="warning", passing=True)
            return
        spans = turn.uncited
        if not spans:
            self._stage.say("no sentence of this answer is uncited", passing=True)
            return
        at = self._beside(turn, spans, by)
        self._navigation.look_beside(turn)
        if self._stage.chat.view.show_span(turn.number, *spans[at]):
            self._stage.say(f"uncited: {at + 1} of {len(spans)}", passing=True)
        else:
            self._stage.say(NOT_IN_CHAT, severity="warning", passing=True)

    def _beside(self, turn: Turn, spans: list[tuple[int, int]], by: int) -> int:
        """Which of the spans is next, from the one that stands out, or from where one reads; around the ends."""
        view = self._stage.chat.view
        shown, citation = view.span_shown, view.citation_in_view
        if shown is not None and shown[0] == turn.number:
            here = shown[1][0]
        elif citation is not None and citation[0] == turn.number and turn.citations[citation[1]].start is not None:
            here = turn.citations[citation[1]].start or 0
        else:
            here = view.read_from(turn.number) - (by > 0)
        at = bisect_left(spans, (here + (by > 0), 0)) - (by < 0)
        return at % len(spans)
