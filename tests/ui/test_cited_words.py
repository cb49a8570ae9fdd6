"""The words that are cited, and no others, are marked on the screen: in the answer, and in the passage after Enter."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

import pytest
from rich.style import Style
from textual.selection import Selection
from textual.strip import Strip
from textual.widget import Widget

from tests.cited_cases import CitedTurn, planned_turn, recorded_turns, turns
from tests.core.streams import RECORDINGS
from tests.loopback import message, stream
from tests.ui.harness import AppPilot, ask, in_focus, screen_text, served, settled, workbench_app
from tests.ui.test_snapshots import cited
from workbench.conversation.turn import Turn
from workbench.documents.passages import DocumentSet, Passage, RetrievalSpec
from workbench.documents.retrieval import Library
from workbench.documents.why_found import places_in_question
from workbench.ui.app import WorkbenchApp
from workbench.ui.restoring import Restoring
from workbench.ui.themes.named_styles import NamedStyles
from workbench.ui.widgets.line_painter import CITED_BAR, STYLES
from workbench.ui.widgets.rows import BAR

SIZES = ((120, 40), (80, 24))
COUNT = 200
SHOWN_SECONDS = 0.3  # behind a key; what a pane has gathered is shown by then
MARKERS = re.compile(r"(?:\[\d+\])+\Z")
STAND_INS = str.maketrans("", "", "·")  # what is shown for a soft hyphen


async def brought_back(app: WorkbenchApp, pilot: AppPilot, shown: Iterable[Turn]) -> None:
    """The turns as of a session that goes on, the chat having the focus and standing at its beginning."""
    app.conversation.turns.extend(shown)
    await Restoring(app.conversation.turns, "").show(app.stage)
    await settled(pilot)
    await pilot.press("f2", "home")
    await settled(pilot)


def screen(app: WorkbenchApp) -> list[Strip]:
    """The rows of the screen, as they are painted."""
    return app.screen._compositor.render_strips()


def part(rows: Sequence[Strip], widget: Widget) -> list[Strip]:
    """Those of a widget."""
    x, y, width, height = widget.content_region
    return [row.crop(x, x + width) for row in rows[y : y + height]]


def text_of(rows: Iterable[Strip], counts: Callable[[Style], bool]) -> str:
    """The characters of cells whose style counts, without white space."""
    found = (each.text for row in rows for each in row if each.style is not None and counts(each.style))
    return "".join("".join(found).split())


def in_answer(app: WorkbenchApp, rows: Sequence[Strip]) -> str:
    """The words of the selected citation, as the chat shows them."""
    view = app.chat.view
    ground = NamedStyles(view, STYLES).rich("selected").bgcolor
    own_ground = ground is not None and ground != view.rich_style.bgcolor

    def is_selected(style: Style) -> bool:
        return bool(style.reverse) or (own_ground and style.bgcolor == ground)

    return MARKERS.sub("", text_of(part(rows, view), is_selected))


def in_passage(app: WorkbenchApp, rows: Sequence[Strip]) -> tuple[str, str]:
    """(the first line of the selected source that is in view, what is marked of its passage)."""
    own = [row for row in part(rows, app.sources.rows) if row.text.startswith(BAR)]
    return own[0].text if own else "", text_of(own, lambda style: bool(style.underline)).translate(STAND_INS)


async def walked(app: WorkbenchApp, pilot: AppPilot, cited: Iterable[CitedTurn]) -> list[str]:
    """What is not marked as it should be, on the way through all citations."""
    wrong = []
    for number, (turn, case) in enumerate((each.turn, case) for each in cited for case in each.cases):
        by_keys = number % 20 == 19  # the walk opens the passage, and Enter goes there: keys take longer to press
        if by_keys:
            await pilot.press("right_square_bracket", "enter")
            await settled(pilot)
            assert in_focus(app) is app.sources.rows
        else:
            app.chat.view.next_citation()
            await pilot.pause(SHOWN_SECONDS)
        assert app.chat.view.selected_citation == (turn.number, case.ordinal)
        rows = screen(app)
        answer, (head, passage) = in_answer(app, rows), in_passage(app, rows)
        if answer != case.words:
            wrong.append(f"{case.name}: the answer has {answer!r} for {case.words!r}")
        if passage != (case.words if case.passage is None else case.passage):
            wrong.append(f"{case.name}: the passage has {passage!r} for {case.words!r}")
        if f"[{turn.citations[case.ordinal].numbers[0]}]" not in head:
            wrong.append(f"{case.name}: the head of the row is out of view, {head!r} is there")
        if by_keys:
            await pilot.press("enter")
            assert in_focus(app) is app.chat.view
    return wrong


async def led_back(app: WorkbenchApp, pilot: AppPilot, cited: Iterable[CitedTurn]) -> list[str]:
    """What does not stand out as it should, on the way from each source to the answer, and to the question."""
    wrong = []
    for each in cited:
        turn = each.turn
        app.navigation.show_beside(turn)
        sources = {entry.number: entry for entry in turn.ledger.entries() if entry.number is not None}
        for case in each.cases:
            entry = sources[turn.citations[case.ordinal].numbers[0]]
            assert app.sources.rows.show(entry.key)
            app.commands.perform("next-citing")
            await pilot.pause(SHOWN_SECONDS)
            rows = screen(app)
            passage = case.words if case.passage is None else case.passage
            if app.chat.view.selected_citation != (turn.number, case.ordinal) or in_answer(app, rows) != case.words:
                wrong.append(f"{case.name}: the source leads to {in_answer(app, rows)!r} for {case.words!r}")
            if in_passage(app, rows)[1] != passage:
                wrong.append(f"{case.name}: its passage has {in_passage(app, rows)[1]!r} for {case.words!r}")
            if not entry.matched:
                continue
            asked = "".join(turn.prompt[start:end] for start, end in places_in_question(entry.matched, turn.prompt))
            app.commands.perform("question-words")
            await pilot.pause(SHOWN_SECONDS)
            if (found := in_answer(app, screen(app))) != "".join(asked.split()) or not found:
                wrong.append(f"{case.name}: found by {entry.matched}, and the question has {found!r}")
    return wrong


@pytest.mark.parametrize("size", SIZES)
async def test_marked_cells_are_the_cited_words_in_answers_and_passages(size: tuple[int, int]) -> None:
    """There and back: from the answer to the passages, and from each of them to the answer, and to the question."""
    app = workbench_app(documents=False)
    cited = list(turns(COUNT))
    assert sum(len(each.cases) for each in cited) == COUNT
    async with app.run_test(size=size) as pilot:
        await brought_back(app, pilot, [each.turn for each in cited])
        wrong = await walked(app, pilot, cited)
        wrong += await led_back(app, pilot, cited)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("size", SIZES)
async def test_much_cited_code_has_a_bar_beside_each_line_and_its_words_are_marked_on_the_walk(
    size: tuple[int, int],
) -> None:
    """Before one walks there, the lines with the bar are those of the code, and nothing of them is underlined."""
    code = "\n".join(f"set the_{number} = {number}" for number in range(9))
    text = f"As they say:\n\n```\n{code}\n```\n\nThat is all."
    app = workbench_app(documents=False)
    async with (
        app.run_test(size=size) as pilot,
        served(app, [stream(message(text, citations=[cited(code, "d1", at=text)]))]),
    ):
        await ask(pilot, "?")
        await pilot.press("f2", "home")
        await settled(pilot)
        rows = part(screen(app), app.chat.view)
        barred = [row.text.strip() for row in rows if CITED_BAR in row.text]
        assert "\n".join(line.removeprefix(CITED_BAR).strip() for line in barred) == f"{code}[1]"
        assert text_of(rows, lambda style: bool(style.underline)) == ""
        await pilot.press("right_square_bracket")
        assert in_answer(app, screen(app)) == "".join(code.split())
        shown = app.chat.view.get_selection(Selection(None, None))
        assert shown is not None and CITED_BAR not in shown[0]


async def test_the_passage_that_opens_below_does_not_push_the_citation_out_of_view() -> None:
    words = "the last of many lines"
    text = "".join(f"Line {number}.\n\n" for number in range(20)) + words
    passage = "\n\n".join([words, *(f"paragraph {number}" for number in range(9))])
    document = Passage(id="long", set="town", title="Long", text=passage, data={"text": passage})
    source = {"type": "document", "id": "long", "document": {"id": "long", "text": passage}}
    start = text.index(words)
    citation = {"start": start, "end": len(text), "text": words, "sources": [source], "type": "TEXT_CONTENT"}
    app = workbench_app(documents=False)
    async with (
        app.run_test(size=(80, 24)) as pilot,
        served(app, [stream(message(text, citations=[citation]))]),
    ):
        app.conversation.library = Library([DocumentSet("town", (document,), RetrievalSpec(mode="all"))])
        await ask(pilot, "?")
        rows = app.chat.view.size.height
        await pilot.press("f2", "right_square_bracket")
        await settled(pilot)
        assert app.chat.view.size.height < rows
        assert in_answer(app, screen(app)) == "".join(words.split())


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the shared recordings are not here")
async def test_marked_cells_are_the_cited_words_of_recordings(size: tuple[int, int]) -> None:
    app = workbench_app(documents=False)
    cited = list(recorded_turns(1))
    assert cited
    async with app.run_test(size=size) as pilot:
        await brought_back(app, pilot, [each.turn for each in cited])
        wrong = await walked(app, pilot, cited)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("size", SIZES)
async def test_the_cited_words_of_a_plan_are_marked_in_the_trace_and_in_the_passage(size: tuple[int, int]) -> None:
    app = workbench_app(documents=False)
    plan = "First the opening hours, then the trains."
    turn = planned_turn(1, plan, ["opening hours", "the trains."])
    async with app.run_test(size=size) as pilot:
        await brought_back(app, pilot, [turn])
        await pilot.press("f3")
        assert app.tools.rows.show("plan 1", unfold=True)
        await settled(pilot)
        lines = part(screen(app), app.tools.rows)
        # Its first line, which may be cut, and below it the whole plan.
        assert text_of(lines, lambda style: bool(style.underline)).endswith("openinghoursthetrains.")
        shown = "".join(line.text for line in lines).replace(BAR, "")
        assert "Firsttheopeninghours[1],thenthetrains.[1]" in "".join(shown.split())
        await pilot.press("f4", "space")
        await settled(pilot)
        assert in_passage(app, screen(app))[1] == "openinghoursthetrains."


@pytest.mark.parametrize("size", SIZES)
async def test_enter_on_a_source_shows_its_passage_with_all_its_cited_words_then_goes_back(
    size: tuple[int, int],
) -> None:
    app = workbench_app(documents=False)
    plan = "First the opening hours, then the trains."
    async with app.run_test(size=size) as pilot:
        await brought_back(app, pilot, [planned_turn(1, plan, ["opening hours", "the trains."])])
        await pilot.press("f4", "enter")
        await settled(pilot)
        assert app.sources.rows._open
        head, marked = in_passage(app, screen(app))
        assert head.startswith(f"{BAR}[1] Plan") and marked == "openinghoursthetrains."
        assert in_focus(app) is app.sources.rows
        await pilot.press("enter")
        assert in_focus(app) is app.chat.view


async def test_thinking_that_is_cited_is_unfolded_when_one_walks_there() -> None:
    app = workbench_app(documents=False)
    cited = next(iter(turns(8, each=8)))
    async with app.run_test(size=SIZES[0]) as pilot:
        await brought_back(app, pilot, [cited.turn])
        assert "I read that" not in screen_text(app)
        await pilot.press("right_square_bracket")
        assert "I read that" in screen_text(app)
        assert app.chat.view.selected_citation == (1, 3)


async def test_a_passage_that_a_walk_opened_folds_when_it_goes_on_and_one_that_a_person_opened_does_not() -> None:
    app = workbench_app()
    async with app.run_test(size=SIZES[0]) as pilot:
        await ask(pilot, "When do the doors open on Saturdays, and what does a day ticket cost?")
        rows = app.sources.rows
        cited = [key for key in rows.keys if key.startswith("document:guide/")]
        await pilot.press("f2", "right_square_bracket")
        first = rows.cursor_key
        assert rows._open == {first}
        await pilot.press("f4", "end", "space")
        last = rows.cursor_key
        assert last in cited and rows._open == {first, last}
        await pilot.press("f2", "right_square_bracket")
        assert rows.cursor_key not in (first, last)
        assert rows._open == {rows.cursor_key, last}
