"""Sources by what became of them, and the ways from them: to the answer, to the question, and past what is uncited."""

from __future__ import annotations

import pytest

from tests.cited_cases import finish
from tests.ui.harness import in_focus, screen_text, settled, workbench_app
from tests.ui.test_cited_words import brought_back, in_answer, in_passage, part, screen, text_of
from workbench.conversation.turn import Turn
from workbench.documents.passages import Passage
from workbench.events import CitationStart, ContentDelta, ContentEnd, ContentStart, Event, Request
from workbench.ui.panes.source_row import RELEVANT_BAR

QUESTION = "When does the library open on Saturdays?"
HOURS = "The library opens at nine.\n\nIt is warm inside.\n\nOn Saturdays it opens at ten."
ANSWER = """The documents say:

- It opens at nine.
- Nobody is cold.
- Saturdays it opens at ten.

It is quiet. It is warm inside."""
SPANS = ((0, 26, 0.91), (47, 76, 0.5))


def cited_turn() -> Turn:
    """A turn with a source of every state; its first is cited three times, once outside of what is relevant."""
    turn = Turn(1, QUESTION)
    turn.apply(Request(body={"model": "m"}))
    turn.keep(Request(body={"model": "m"}))
    sent = turn.ledger.sent
    sent(Passage("hours", "town", "Hours", HOURS, path="hours.md", lines=(1, 5)), 7.41, 1,
         spans=SPANS, matched=("library", "open", "Saturdays"))  # fmt: skip
    sent(Passage("shop", "town", "Shop", "The shop opens at one.", path="shop.md", lines=(1, 1)), 2.5, 2,
         spans=((0, 22, 0.4),), matched=("open",))  # fmt: skip
    sent(Passage("fish", "town", "Fish", "Fish is sold.", path="fish.md", lines=(1, 1)), None, 3)
    events: list[Event] = [ContentStart(index=0, type="text"), ContentDelta(index=0, text=ANSWER), ContentEnd(index=0)]
    for words in ("opens at nine", "Saturdays it opens at ten", "It is warm inside."):
        start = ANSWER.index(words)
        source = {"type": "document", "id": "hours", "document": {"id": "hours"}}
        events.append(CitationStart(start=start, end=start + len(words), text=words, sources=(source,)))
    finish(turn, events)
    return turn


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_from_a_source_to_its_sentences_and_words_and_past_what_nothing_cites(size: tuple[int, int]) -> None:
    app = workbench_app(documents=False)
    async with app.run_test(size=size) as pilot:
        await brought_back(app, pilot, [cited_turn()])
        await pilot.press("f4", "z")  # as high as it needs
        await settled(pilot)
        text = screen_text(app)
        for words in ("○ sent, not cited · 1", "· unused, no word of the question · 1", "#1 7.41 ×3", "#2 2.5",
                      "! relevant but not cited", "! cited outside any relevant span"):  # fmt: skip
            assert words in text, text
        await pilot.press("space")
        await settled(pilot)
        assert "found by library, open, Saturdays" in screen_text(app)
        rows = part(screen(app), app.sources.rows)
        barred = [row.text for row in rows if RELEVANT_BAR in row.text]
        assert [line.partition(f"{RELEVANT_BAR} ")[2].strip() for line in barred] == [
            "relevant to the question: 0.91, 0.5", "The library opens at nine.", "On Saturdays it opens at ten.",
        ]  # fmt: skip
        bold = text_of([row for row in rows if RELEVANT_BAR in row.text], lambda style: bool(style.bold))
        assert bold == "libraryopensSaturdaysopens"
        await pilot.press("space", "z", "g")
        await settled(pilot)

        seen = []
        for key in ("]", "]", "]", "]", "[", "["):
            await pilot.press("right_square_bracket" if key == "]" else "left_square_bracket")
            await settled(pilot)
            assert in_focus(app) is app.sources.rows
            place = next(line for line in screen_text(app).split("\n") if "that cite [1]" in line).strip()[0]
            seen.append((place, in_answer(app, screen(app)), in_passage(app, screen(app))[1]))
        first, second = ("1", "opensatnine", "opensatnine"), ("2", "Saturdaysitopensatten", "Saturdaysitopensatten")
        third = ("3", "Itiswarminside.", "Itiswarminside.")
        assert seen == [first, second, third, first, third, second]
        await pilot.press("w")
        await settled(pilot)
        assert in_answer(app, screen(app)) == "libraryopenSaturdays"
        assert in_focus(app) is app.sources.rows
        await pilot.press("enter")
        await settled(pilot)
        assert in_focus(app) is app.chat.view
        assert in_answer(app, screen(app)) == "Saturdaysitopensatten"

        walked = []
        for key in ("}", "}", "{", "{"):
            await pilot.press("right_curly_bracket" if key == "}" else "left_curly_bracket")
            await settled(pilot)
            walked.append(in_answer(app, screen(app)))
            assert "of 2" in screen_text(app)
        assert walked == ["Itisquiet.", "Nobodyiscold.", "Itisquiet.", "Nobodyiscold."]
        summary = app.conversation.turns[0].summary().as_json()
        assert summary["coverage"] == {"cited": 3, "sentences": 5}
        assert summary["uncited"] == [
            {"start": start, "end": start + len(words), "text": words}
            for words in ("Nobody is cold.", "It is quiet.")
            for start in (ANSWER.index(words),)
        ]
        await pilot.press("f4", "j", "right_square_bracket")
        await settled(pilot)
        assert "the answer does not cite this source" in screen_text(app)
        await pilot.press("f")
        await settled(pilot)
        assert "1 of 3 · cited" in screen_text(app)
        await pilot.press("f", "f")
        await settled(pilot)
        assert "1 of 3 · unused" in screen_text(app)


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_what_was_not_sent_is_counted_below_all_else_and_opened_by_a_key(size: tuple[int, int]) -> None:
    turn = cited_turn()
    for rank in range(4, 10):
        turn.ledger.found(
            Passage(f"far{rank}", "town", f"Far {rank}", f"Room {rank} opens late.", path=f"far{rank}.md"),
            1 / rank,
            rank,
            spans=((0, 6, 0.5),),
            matched=("open",),
        )
    turn.ledger.found(Passage("gone", "town", "Gone", ""), 0.1, 10)
    app = workbench_app(documents=False)
    async with app.run_test(size=size) as pilot:
        await brought_back(app, pilot, [turn])
        await pilot.press("f4", "z")
        await settled(pilot)
        text = screen_text(app)
        assert "1 cited of 3" in text, text
        await pilot.press("G")
        await settled(pilot)
        text = screen_text(app)
        assert "◌ retrieved, not sent · 7  space shows them" in text.replace("Space", "space"), text
        assert "Far 4" not in text
        await pilot.press("space")
        await settled(pilot)
        text = screen_text(app)
        assert "◌ retrieved, not sent · 7" in text and "shows them" not in text
        assert "Far 4" in text and "#4 0.25" in text and "found by open" in text, text
        assert text.count("relevant but not cited") <= 1, "the one that was sent"
        assert app.sources.rows.cursor_key == "not sent"
        await pilot.press("j", "space")
        await settled(pilot)
        assert "Room 4 opens late." in screen_text(app)
        await pilot.press("z", "w")
        await settled(pilot)
        assert in_answer(app, screen(app)) == "open"
        await pilot.press("z", "G", "space")
        await settled(pilot)
        assert "Its text is not kept" in screen_text(app)
        app.sources.rows.show("not sent")
        await pilot.press("space")
        await settled(pilot)
        assert app.sources.rows.keys[-1] == "not sent" and "Far 4" not in screen_text(app)

        await pilot.press("slash", *"late", "enter")
        await settled(pilot)
        assert "Room 4 opens late." in screen_text(app), "what is folded away is found"
        await pilot.press("escape")
        await pilot.press(*"ffff")
        await settled(pilot)
        text = screen_text(app)
        assert "7 of 10 · not sent" in text and "Far 9" in text, text


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_an_answer_in_which_nothing_is_cited_is_stepped_through(size: tuple[int, int]) -> None:
    turn = Turn(1, QUESTION)
    turn.apply(Request(body={"model": "m"}))
    turn.keep(Request(body={"model": "m"}))
    turn.ledger.sent(Passage("hours", "town", "Hours", HOURS, path="hours.md", lines=(1, 5)), 7.41, 1)
    finish(turn, [ContentStart(index=0, type="text"), ContentDelta(index=0, text=ANSWER), ContentEnd(index=0)])
    app = workbench_app(documents=False)
    async with app.run_test(size=size) as pilot:
        await brought_back(app, pilot, [turn])
        seen = []
        for _ in range(6):
            await pilot.press("right_curly_bracket")
            await settled(pilot)
            seen.append(in_answer(app, screen(app)))
        assert len(set(seen)) == 5 and seen[0] == seen[5] == "Itopensatnine.", seen
        assert app.prompt.text == ""
