"""Where the words come from that a set is searched by: the question, those before it, or what a model wrote.

Owns the choice, by what the set says. What narrows the question narrows all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from workbench.documents.passages import RetrievalSpec
from workbench.documents.queries import Query, of_words

MOST_BEFORE: Final = 2  # questions whose words count, too


@dataclass(frozen=True, slots=True)
class Queries:
    """What one question may be searched by.

    `asked` is the question itself, `query` what stands in for one without words of its own; `history` has the questions
    before, oldest first, and `rewrite` what a model wrote, "" where none did.
    """

    asked: Query
    query: Query
    history: tuple[str, ...] = ()
    rewrite: str = ""

    @property
    def latest(self) -> tuple[str, ...]:
        """The last questions before this one."""
        return self.history[-MOST_BEFORE:]

    def of(self, spec: RetrievalSpec) -> Query:
        """What a set is searched by that is retrieved so."""
        if spec.rewrite and self.rewrite:
            return of_words(self.rewrite).narrowed_as(self.asked)
        if spec.query == "turns" and self.latest:
            before = of_words("\n".join(self.latest))
            text = f"{before.text}\n{self.asked.text}"
            return replace(self.asked, text=text, words=(*self.asked.words, *before.words))
        return self.query

    def without_phrases(self) -> Queries:
        """The same words, wherever they stand."""
        return replace(self, asked=self.asked.without_phrases(), query=self.query.without_phrases())
